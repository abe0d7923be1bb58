package value

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

func TestValueIsSmallAndZeroIsNull(t *testing.T) {
	var zero Value
	if !zero.IsNull() || !Equal(zero, Null) {
		t.Error("the zero Value is not None")
	}
	if n := unsafe.Sizeof(zero); n != 24 {
		t.Errorf("a Value takes %d bytes", n)
	}
}

func TestHotPathsAllocateNothing(t *testing.T) {
	o := NewObject(0)
	for _, k := range strings.Fields("id name status result score owner tags created updated parent children") {
		o.Set(k, Int(int64(len(k))))
	}
	small := NewObject(0)
	small.Set("result", Int(1))
	v, w := o.Value(), o.Value()
	a, b := List([]Value{Int(1), String("x"), Null}), List([]Value{Int(1), String("x"), Null})
	var sink Value
	var yes bool
	for name, f := range map[string]func(){
		"Get":          func() { sink, yes = o.Get("parent") },
		"Get small":    func() { sink, yes = small.Get("result") },
		"Get absent":   func() { sink, yes = o.Get("absent") },
		"Index":        func() { sink, _ = Index(v, String("score")) },
		"Equal":        func() { yes = Equal(a, b) && Equal(v, w) && Equal(Int(1), Float(1)) },
		"Less":         func() { yes, _ = Less(Int(1), Float(1.5)) },
		"Add":          func() { sink, _ = Add(Int(3), Int(4)) },
		"Mul":          func() { sink, _ = Mul(Int(3), Int(4)) },
		"Sub floats":   func() { sink, _ = Sub(Float(3), Int(4)) },
		"Truthy":       func() { yes = Truthy(a) && Truthy(v) && Truthy(String("x")) },
		"Contains":     func() { yes, _ = Contains(v, String("tags")) },
		"String":       func() { sink = String("constant") },
		"Size":         func() { yes = v.Size() > 0 },
		"Len":          func() { _, yes = v.Len() },
		"character":    func() { sink, _ = Index(String("constant"), Int(-2)) },
		"LookupMethod": func() { _, yes = LookupMethod(KindString, "upper") },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
	_, _ = sink, yes
}

func TestStringIsAlwaysUTF8(t *testing.T) {
	for in, want := range map[string]string{
		"a\xffb":           "a\ufffdb",
		"\xed\xa0\x80":     "\ufffd\ufffd\ufffd", // a surrogate
		"aaaaaaaaaaaa\xc3": "aaaaaaaaaaaa\ufffd",
		"é":                "é",
	} {
		if s, _ := String(in).AsString(); s != want {
			t.Errorf("%q became %q, want %q", in, s, want)
		}
	}
}

func TestEqualNumbersAreOneKey(t *testing.T) {
	for _, same := range [][]Value{
		{Int(1), Float(1), True, mustDecimal("1"), mustDecimal("1.000"), mustDecimal("0.1E+1")},
		{Int(0), Float(0), Float(math.Copysign(0, -1)), False, mustDecimal("-0"), mustDecimal("0E+99")},
		{Float(0.5), mustDecimal("0.5"), mustDecimal("0.500")},
		{Float(-1.0 / 1024), mustDecimal("-0.0009765625")},
		{Float(1e22), mustDecimal("1E+22"), BigInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(22), nil))},
		{Float(-(1 << 63)), Int(math.MinInt64), mustDecimal("-9223372036854775808")},
		{Float(0.1), mustDecimal("0.1000000000000000055511151231257827021181583404541015625")},
		{Float(math.Inf(1)), mustDecimal("Infinity")},
		{Tuple([]Value{Int(1)}), Tuple([]Value{True})},
		{Range(0, 3, 2), Range(0, 4, 2)}, {Range(5, 0, 1), Range(0, 0, 1)},
	} {
		for _, v := range same[1:] {
			a, _ := Hash(same[0])
			b, _ := Hash(v)
			if !Equal(same[0], v) || a != b {
				t.Errorf("%s and %s: equal %v, hashes %x and %x", Repr(same[0]), Repr(v), Equal(same[0], v), a, b)
			}
		}
	}
	if Equal(Float(0.1), mustDecimal("0.1")) {
		t.Error("0.1 and Decimal('0.1') are equal")
	}
}

func TestObjectKeepsOrderAndFirstKey(t *testing.T) {
	for _, fillers := range []int{0, 20} { // without and with an index
		o := NewObject(0)
		for i := range fillers {
			o.Set("filler"+Repr(Int(int64(i))), Null)
		}
		o.SetKey(Int(1), String("int"))
		o.Set("b", Int(1))
		o.SetKey(True, String("bool"))
		o.Set("b", Int(2))
		k, v := o.At(fillers)
		if o.Len() != fillers+2 || !same(k, Int(1)) || !same(v, String("bool")) {
			t.Errorf("got %s", Repr(o.Value()))
		}
		if v, _ := o.Get("b"); !same(v, Int(2)) {
			t.Errorf("b is %s", Repr(v))
		}
		if err := o.SetKey(List(nil), Null); !Is(err, TypeError) {
			t.Errorf("a list as key: %v", err)
		}
		c := o.Clone()
		c.Set("c", Null)
		if _, ok := o.Get("c"); ok || c.Len() != o.Len()+1 {
			t.Error("a change of the clone shows in the original")
		}
	}
}

func TestSortIsStable(t *testing.T) {
	const n = 1000
	for _, reverse := range []bool{false, true} {
		items, keys := make([]Value, n), make([]Value, n)
		for i := range items {
			items[i], keys[i] = Int(int64(i)), Int(int64(i*7919%10))
		}
		if err := SortBy(items, keys, reverse); err != nil {
			t.Fatal(err)
		}
		for i := 1; i < n; i++ {
			c, _ := Compare(keys[i-1], keys[i])
			if reverse {
				c = -c
			}
			if before, _ := Less(items[i-1], items[i]); c > 0 || c == 0 && !before {
				t.Fatalf("reverse %v: item %s with key %s stands before %s with %s", reverse, Repr(items[i-1]), Repr(keys[i-1]), Repr(items[i]), Repr(keys[i]))
			}
		}
	}
}

func TestSecretsAreHandles(t *testing.T) {
	s := Secret("API_KEY")
	if name, ok := s.AsSecret(); !ok || name != "API_KEY" {
		t.Errorf("name %q, %v", name, ok)
	}
	if _, ok := s.AsString(); ok || Equal(s, String("API_KEY")) {
		t.Error("a secret is taken for its name's text")
	}
	if got := Str(List([]Value{s})); got != "[<secret API_KEY>]" {
		t.Errorf("text %s", got)
	}
	for name, err := range map[string]error{
		"concatenation": second(Add(String("Bearer "), s)),
		"index":         second(Index(s, Int(0))),
		"format":        second(Format(s, ">5")),
		"iteration":     second(Iterate(s)),
		"contains":      second(Contains(s, String("A"))),
	} {
		if !Is(err, TypeError) {
			t.Errorf("%s of a secret: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestMissingIsNoOperand(t *testing.T) {
	for name, err := range map[string]error{
		"add":     second(Add(Missing, Int(1))),
		"neg":     second(Neg(Missing)),
		"order":   second(Less(Missing, Int(1))),
		"index":   second(Index(Missing, Int(1))),
		"int":     second(ToInt(Missing, Missing)),
		"key":     NewObject(0).SetKey(Missing, Null),
		"element": second(Set([]Value{Missing})),
	} {
		if !Is(err, TypeError) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if Equal(Missing, Null) || Truthy(Missing) {
		t.Error("Missing is None or true")
	}
}

func TestIdentical(t *testing.T) {
	l := List([]Value{Int(1)})
	for _, c := range []struct {
		a, b Value
		want bool
	}{
		{Null, Null, true}, {Null, False, false}, {True, True, true}, {True, Int(1), false}, {Int(1), Float(1), false}, {Int(7), Int(7), true},
		{String("a"), String("a"), true}, {l, l, true}, {l, List([]Value{Int(1)}), false},
	} {
		if got := Identical(c.a, c.b); got != c.want {
			t.Errorf("%s is %s: got %v", Repr(c.a), Repr(c.b), got)
		}
	}
}

type level string

type node struct {
	Z    int               `json:"z"`
	A    []float32         `json:"a"`
	Skip string            `json:"-"`
	M    map[string]*node  `json:"m,omitempty"`
	Raw  json.RawMessage   `json:"raw"`
	Tags map[string]string `json:"tags"`
}

func TestFromGo(t *testing.T) {
	at := time.Date(2024, 1, 2, 3, 4, 5, 6000, time.FixedZone("x", -7200))
	n := 5
	for _, c := range []struct {
		in   any
		want string
	}{
		{nil, "None"}, {true, "True"}, {int8(-3), "-3"}, {uint64(math.MaxUint64), "18446744073709551615"}, {float32(0.5), "0.5"}, {level("high"), "'high'"},
		{&n, "5"}, {(*int)(nil), "None"}, {(*Object)(nil), "None"}, {(*big.Int)(nil), "None"}, {new(big.Int).Lsh(big.NewInt(1), 70), "1180591620717411303424"},
		{json.Number("12"), "12"}, {json.Number("1.0"), "1.0"}, {Decimal("1.10"), "Decimal('1.10')"}, {SecretName("K"), "<secret K>"}, {Bounds{0, 5, 2}, "range(0, 5, 2)"},
		{map[string]any{"b": 1, "a": []any{nil, "x"}}, "{'a': [None, 'x'], 'b': 1}"}, {map[level]int{"z": 1, "a": 2}, "{'a': 2, 'z': 1}"},
		{[]Entry{{"b", 1}, {2, []string{"x"}}}, "{'b': 1, 2: ['x']}"}, {[2]bool{true, false}, "[True, False]"},
		{at, "datetime.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=79200)))"},
		{node{Z: 1, A: []float32{2}, Skip: "s", Raw: json.RawMessage(`{"k":1e2}`)}, "{'z': 1, 'a': [2], 'raw': {'k': 100.0}, 'tags': None}"},
		{[]any{Int(3), List(nil)}, "[3, []]"},
	} {
		v, err := FromGo(c.in)
		if err != nil || Repr(v) != c.want {
			t.Errorf("%#v: got %s, %v, want %s", c.in, Repr(v), err, c.want)
		}
	}
	cyclic := map[string]any{}
	cyclic["self"] = cyclic
	for name, c := range map[string]struct {
		in   any
		kind ErrorKind
	}{
		"bytes":       {[]byte("x"), TypeError},
		"function":    {func() {}, TypeError},
		"channel":     {struct{ C chan int }{}, TypeError},
		"int keys":    {map[int]string{1: "a"}, TypeError},
		"bad decimal": {Decimal("x"), InvalidOperation},
		"bad number":  {json.Number("x"), ValueError},
		"cycle":       {cyclic, LimitError},
		"year":        {time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), ValueError},
		"bad range":   {Bounds{}, ValueError},
	} {
		if v, err := FromGo(c.in); !Is(err, c.kind) {
			t.Errorf("%s: got %s, %v, want a %s", name, Repr(v), err, c.kind)
		}
	}
}

func TestGoRoundTrip(t *testing.T) {
	for _, v := range generated(9, 500) {
		back, err := FromGo(ToGo(v))
		if err != nil {
			t.Fatalf("%s: %v", Repr(v), err)
		}
		if !Equal(plain(v), plain(back)) && !strings.Contains(Repr(v), "nan") {
			t.Fatalf("%s came back as %s", Repr(v), Repr(back))
		}
	}
	if diff := cmp.Diff(map[string]any{"a": []any{int64(1), 0.5, nil, Decimal("1.0")}}, ToGo(dict("a", Tuple([]Value{Int(1), Float(0.5), Missing, mustDecimal("1.0")})))); diff != "" {
		t.Error(diff)
	}
}

// plain is v with what Go data doesn't tell apart made the same: tuples and sets
// as lists, naive datetimes as aware ones, NaN as null.
func plain(v Value) Value {
	switch v.kind {
	case KindList, KindTuple, KindSet:
		items := make([]Value, len(v.Items()))
		for i, it := range v.Items() {
			items[i] = plain(it)
		}
		return List(items)
	case KindObject:
		entries := make([]Value, 0, v.object().Len())
		for i := range v.object().Len() {
			k, x := v.object().At(i)
			entries = append(entries, List([]Value{plain(k), plain(x)}))
		}
		// A Go map has no order.
		SortBy(entries, texts(entries), false)
		return List(entries)
	case KindDatetime:
		return AwareDatetime(v.moment().t)
	case KindDecimal:
		return String(v.decimal().String())
	}
	return v
}

func texts(items []Value) []Value {
	out := make([]Value, len(items))
	for i, it := range items {
		out[i] = String(Repr(it))
	}
	return out
}

func TestTimestamp(t *testing.T) {
	loc := time.FixedZone("", 7200)
	at := time.Date(2024, 1, 1, 2, 0, 0, 500_000_000, loc)
	for _, v := range []Value{Datetime(at), AwareDatetime(at), AwareDatetime(at.UTC())} {
		got, err := Timestamp(v, loc)
		if err != nil || !same(got, Float(1704067200.5)) {
			t.Errorf("%s: got %s, %v", Str(v), Repr(got), err)
		}
	}
	if got, _ := Timestamp(Datetime(at), time.UTC); !same(got, Float(1704074400.5)) {
		t.Errorf("naive in UTC: got %s", Repr(got))
	}
}

func TestYearsArePythons(t *testing.T) {
	for year, want := range map[int]string{-5: "0001-01-01 00:00:00", 12024: "9999-12-31 23:59:59.999999", 2024: "2024-05-06 00:00:00"} {
		at := time.Date(year, 5, 6, 0, 0, 0, 0, time.UTC)
		if got := Str(Datetime(at)); got != want {
			t.Errorf("year %d: got %s", year, got)
		}
		v := AwareDatetime(at)
		data, _ := AppendCBOR(nil, v)
		if back, err := DecodeCBOR(data); err != nil || !same(v, back) {
			t.Errorf("year %d: came back as %s, %v", year, Str(back), err)
		}
	}
}

func TestMethodArguments(t *testing.T) {
	call := func(v Value, name string, args []Value, kw ...Keyword) error {
		m, ok := LookupMethod(v.Kind(), name)
		if !ok {
			t.Fatalf("no method %s", name)
		}
		return second(m(v, args, kw))
	}
	s := String("a b")
	for want, err := range map[string]error{
		"TypeError: upper() takes no arguments (1 given)":                   call(s, "upper", []Value{Null}),
		"TypeError: join() takes at least 1 argument (0 given)":             call(s, "join", nil),
		"TypeError: split() takes at most 2 arguments (3 given)":            call(s, "split", []Value{s, s, s}),
		"TypeError: split() got an unexpected keyword argument 'by'":        call(s, "split", nil, Keyword{"by", s}),
		"TypeError: split() got multiple values for argument 'sep'":         call(s, "split", []Value{s}, Keyword{"sep", s}),
		"TypeError: unhashable type: 'list'":                                call(dict(), "get", []Value{List(nil)}),
		"TypeError: sequence item 0: expected str instance, NoneType found": call(s, "join", []Value{List([]Value{Null})}),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := call(s, "split", nil, Keyword{"maxsplit", Int(1)}); err != nil {
		t.Error(err)
	}
	if names := strings.Join(MethodNames(KindObject), " "); names != "copy get items keys values" {
		t.Errorf("methods of dict: %s", names)
	}
}

func BenchmarkGet(b *testing.B) {
	small, large := NewObject(0), NewObject(0)
	for i := range 40 {
		if i < 6 {
			small.Set("field_"+Repr(Int(int64(i))), Null)
		}
		large.Set("field_"+Repr(Int(int64(i))), Null)
	}
	b.Run("6", func(b *testing.B) {
		for b.Loop() {
			small.Get("field_4")
		}
	})
	b.Run("40", func(b *testing.B) {
		for b.Loop() {
			large.Get("field_31")
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	for b.Loop() {
		Add(Int(3), Int(4))
	}
}

func BenchmarkEqual(b *testing.B) {
	x, y := dict("a", Int(1), "b", String("text")), dict("a", Int(1), "b", String("text"))
	for b.Loop() {
		Equal(x, y)
	}
}

func BenchmarkDecimal(b *testing.B) {
	x, y := mustDecimal("1234.56"), mustDecimal("0.07")
	b.Run("mul", func(b *testing.B) {
		for b.Loop() {
			Mul(x, y)
		}
	})
	b.Run("div", func(b *testing.B) {
		for b.Loop() {
			Div(x, y)
		}
	})
}

func BenchmarkCodecs(b *testing.B) {
	rows := make([]Value, 200)
	for i := range rows {
		rows[i] = dict("id", Int(int64(i)), "name", String("somebody or other"), "score", Float(0.25*float64(i)), "tags", List([]Value{String("x"), String("y")}), "ok", True)
	}
	v := List(rows)
	text, _ := AppendJSON(nil, v)
	data, _ := AppendCBOR(nil, v)
	b.Run("ParseJSON", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			ParseJSON(text, JSONLimits{})
		}
	})
	b.Run("AppendJSON", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			AppendJSON(text[:0:0], v)
		}
	})
	b.Run("DecodeCBOR", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			DecodeCBOR(data)
		}
	})
	b.Run("AppendCBOR", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			AppendCBOR(data[:0:0], v)
		}
	})
	b.Run("Digest", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			Digest(v)
		}
	})
}
