package value

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"time"
	"unsafe"
)

// TestExplosionsAreRefused gives operations whose result would not fit anywhere;
// each has to be refused at once.
func TestExplosionsAreRefused(t *testing.T) {
	huge := Int(1_000_000_000)
	wide := BigInt(new(big.Int).Lsh(big.NewInt(1), 1000))
	maxInt := BigInt(new(big.Int).Lsh(big.NewInt(1), MaxIntBits-1))
	half := String(strings.Repeat("x", MaxStringBytes/2+1))
	long := Value{tag: tag{kind: KindList}, p: unsafe.Pointer(&sequence{items: make([]Value, MaxItems/2+1)})} // List would touch all the memory
	call := func(name string, args ...Value) question {
		return question{"method", append([]Value{String(name)}, args...)}
	}
	for _, q := range []question{
		{"mul", []Value{String("a"), huge}},
		{"mul", []Value{huge, String("abc")}},
		{"mul", []Value{List([]Value{Null}), huge}},
		{"mul", []Value{maxInt, maxInt}},
		{"add", []Value{half, half}},
		{"add", []Value{long, long}},
		{"add", []Value{maxInt, maxInt}},
		{"pow", []Value{Int(10), Int(10_000_000)}},
		{"pow", []Value{Int(10), huge}},
		{"pow", []Value{Int(2), wide}},
		{"pow", []Value{Int(2), Int(math.MaxInt64)}},
		{"pow", []Value{maxInt, Int(2)}},
		{"powmod", []Value{maxInt, maxInt, maxInt}},
		{"format", []Value{Int(1), String("1000000000d")}},
		{"format", []Value{Int(1), String("99999999999999999999d")}},
		{"format", []Value{Float(1), String(".999999999f")}},
		{"format", []Value{String(""), String("é>60000000")}},
		{"format", []Value{mustDecimal("1E+900000000"), String("f")}},
		{"format", []Value{mustDecimal("1E-900000000"), String("f")}},
		{"format", []Value{mustDecimal("1E+900000000"), String(",f")}},
		{"int", []Value{mustDecimal("1E+999999999999")}},
		{"round", []Value{mustDecimal("1E+999999999999")}},
		{"decimal", []Value{maxInt}},
		{"decimal", []Value{String(strings.Repeat("9", 5000))}},
		{"add", []Value{maxInt, mustDecimal("1")}},
		{"list", []Value{Range(0, math.MaxInt64, 1)}},
		{"list", []Value{Range(math.MaxInt64, math.MinInt64, -1)}},
		{"dumps", []Value{Range(0, math.MaxInt64, 1)}},
		call("center", String("a"), huge),
		call("ljust", String("a"), huge, String("é")),
		call("zfill", String("a"), huge),
		call("zfill", String("a"), Int(math.MaxInt64)),
		call("replace", half, String("x"), String("yyy")),
		call("join", half, List([]Value{half, half, half})),
		call("split", half, String("x")),
		call("format", String("{0}{0}{0}"), half),
		{"repr", []Value{String(strings.Repeat("\x00", MaxStringBytes/3))}},
		call("format", String("{:>{}}"), Int(1), huge),
	} {
		start := time.Now()
		got, err := q.run()
		if !Is(err, LimitError) {
			t.Errorf("%s: got %s of %d bytes, %v, want a LimitError", q, got.Kind(), got.Size(), err)
		}
		if d := time.Since(start); d > time.Minute {
			t.Errorf("%s took %v", q, d)
		}
	}
}

// TestWideCounts: a count beyond 64 bits is no matter of limits, whatever its
// sign: it is refused as CPython does.
func TestWideCounts(t *testing.T) {
	wide := BigInt(new(big.Int).Lsh(big.NewInt(1), 1000))
	less := BigInt(new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 1000)))
	for _, q := range []question{
		{"mul", []Value{String("a"), wide}},
		{"mul", []Value{Tuple([]Value{Null}), wide}},
		{"mul", []Value{List(nil), wide}},
		{"mul", []Value{String("a"), less}},
	} {
		if got, err := q.run(); !Is(err, OverflowError) {
			t.Errorf("%s: got %s, %v, want an OverflowError", q, got.Kind(), err)
		}
	}
}

// TestExtremesAreQuick gives operations that a careless implementation would
// compute by expanding an exponent or by a quadratic algorithm.
func TestExtremesAreQuick(t *testing.T) {
	far := mustDecimal("1E+999999999999999999")
	near := mustDecimal("1E-999999999999999999")
	maxInt := BigInt(new(big.Int).Lsh(big.NewInt(1), MaxIntBits-1))
	digits := String(strings.Repeat("7", MaxIntDigits))
	for _, q := range []question{
		{"eq", []Value{far, Int(1)}}, {"lt", []Value{near, far}}, {"eq", []Value{maxInt, far}}, {"lt", []Value{maxInt, mustDecimal("1E+300000")}},
		{"samekey", []Value{far, maxInt}}, {"samekey", []Value{near, Float(0)}},
		{"add", []Value{far, Int(1)}}, {"sub", []Value{near, Int(1)}}, {"mul", []Value{near, near}}, {"div", []Value{near, far}},
		{"mod", []Value{far, Int(7)}}, {"floordiv", []Value{far, near}}, {"floordiv", []Value{near, far}}, {"mod", []Value{near, Int(3)}},
		{"pow", []Value{mustDecimal("1.000000000000000000000000001"), far}}, {"pow", []Value{far, near}}, {"pow", []Value{mustDecimal("0.1"), near}},
		{"pow", []Value{mustDecimal("1." + strings.Repeat("0", 4000) + "1"), mustDecimal("1.5")}},
		{"str", []Value{far}}, {"float", []Value{far}}, {"float", []Value{near}}, {"int", []Value{near}}, {"roundn", []Value{near, Int(2)}},
		{"roundn", []Value{far, Int(2)}}, {"format", []Value{near, String(".2f")}}, {"format", []Value{far, String(".2e")}}, {"bool", []Value{far}},
		{"int", []Value{digits}}, {"int", []Value{String(strings.Repeat("f", 200_000)), Int(16)}}, {"float", []Value{String(strings.Repeat("9", 1_000_000))}},
		{"roundn", []Value{maxInt, Int(math.MinInt64)}}, {"roundn", []Value{Float(1e300), Int(-300)}}, {"div", []Value{maxInt, Int(3)}}, {"str", []Value{maxInt}},
		{"slice", []Value{Range(0, math.MaxInt64, 1), Int(5), Null, Int(math.MaxInt64)}},
		{"in", []Value{Range(math.MinInt64, math.MaxInt64, 3), Int(math.MaxInt64)}}, {"in", []Value{Range(0, 10, 1), far}}, {"len", []Value{Range(math.MinInt64, math.MaxInt64, 1)}},
		{"method", []Value{String("lower"), String(strings.Repeat("Σ", 100_000))}},
		{"method", []Value{String("lower"), String("Σ" + strings.Repeat("\u0301", 300_000))}},
		{"method", []Value{String("lower"), String(strings.Repeat("Σ\u0301", 300_000))}},
		{"method", []Value{String("strip"), String(strings.Repeat("ab", 1_000_000)), String(strings.Repeat("xyz日本ab", 100_000))}},
	} {
		start := time.Now()
		q.run()
		if d := time.Since(start); d > time.Minute {
			t.Errorf("%s took %v", q, d)
		}
	}
}

// TestManyKeys builds objects and sets of a size where a quadratic index shows.
func TestManyKeys(t *testing.T) {
	const n = 100_000
	o := NewObject(0)
	for i := range int64(n) {
		if err := o.SetKey(Int(i), Int(i)); err != nil {
			t.Fatal(err)
		}
		o.Set("key"+Repr(Int(i)), Int(i))
	}
	for i := range int64(n) {
		if v, ok := o.GetKey(Float(float64(i))); !ok || !same(v, Int(i)) {
			t.Fatalf("key %d: %s, %v", i, Repr(v), ok)
		}
	}
	if v, ok := o.Get("key77777"); !ok || !same(v, Int(77777)) {
		t.Errorf("string key: %s, %v", Repr(v), ok)
	}
	if _, ok := o.Get("no key"); ok {
		t.Error("a key that was never set is there")
	}
}

// TestManyNaNKeys: NaN equals nothing, so every NaN is a key of its own; they must
// not be looked through one by one.
func TestManyNaNKeys(t *testing.T) {
	o := NewObject(0)
	const n = 200_000
	for range n {
		o.SetKey(Float(math.NaN()), Null)
		o.SetKey(Tuple([]Value{Int(1), mustDecimal("NaN")}), Null)
	}
	if o.Len() != 2*n {
		t.Errorf("%d keys, want %d", o.Len(), 2*n)
	}
}

// TestSharedPartsAreMeasured asserts that a value whose text is astronomic, though
// it takes little memory, is refused by whatever would walk through it.
func TestSharedPartsAreMeasured(t *testing.T) {
	v := List([]Value{String("x")})
	for range 60 {
		v = List([]Value{v, v})
	}
	if v.Size() < 1<<60 || v.Depth() != 61 {
		t.Errorf("size %d, depth %d", v.Size(), v.Depth())
	}
	for name, f := range map[string]func() error{
		"str":  func() error { _, err := ToStr(v); return err },
		"json": func() error { _, err := AppendJSON(nil, v); return err },
		"cbor": func() error { _, err := AppendCBOR(nil, v); return err },
	} {
		if err := f(); !Is(err, LimitError) {
			t.Errorf("%s: got %v, want a LimitError", name, err)
		}
	}
	if !Equal(v, v) {
		t.Error("a value is not equal to itself")
	}
}

// TestDeepValues asserts that what nests deeper than encoders go is an error
// there and no stack overflow elsewhere.
func TestDeepValues(t *testing.T) {
	a, b := List(nil), List(nil)
	for range 50_000 {
		a, b = List([]Value{a}), List([]Value{b})
	}
	if !Equal(a, b) {
		t.Error("equal lists are not equal")
	}
	if s := Str(a); len(s) != 100_002 {
		t.Errorf("text of %d bytes", len(s))
	}
	Digest(a)
	if _, err := AppendJSON(nil, a); !Is(err, LimitError) {
		t.Errorf("JSON: %v", err)
	}
	if _, err := AppendCBOR(nil, a); !Is(err, LimitError) {
		t.Errorf("CBOR: %v", err)
	}
}

// TestSizeIsMonotonic asserts what budgets rely on: containers are larger than
// what they hold, however they were made.
func TestSizeIsMonotonic(t *testing.T) {
	text := String(strings.Repeat("x", 1000))
	o := NewObject(1)
	o.Set("a", text)
	o.Set("a", List([]Value{text, text}))
	o.Set("a", text)
	for _, v := range []Value{List([]Value{text}), Tuple([]Value{Null, text}), mustSet(text), o.Value(), List([]Value{o.Value()})} {
		if n := v.Size(); n <= text.Size() || n > text.Size()+300 {
			t.Errorf("%s of a text of %d bytes has size %d", v.Kind(), text.Size(), n)
		}
	}
}
