package value

import (
	"bufio"
	"bytes"
	stdcontext "context" // the package has a context of decimals
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The oracle is testdata/oracle.py under python3. Values travel as tagged JSON of
// this file's own, so that the package's encoders are not part of the comparison.

// ask runs python3 over the questions and returns its answers.
func ask(t *testing.T, questions []question) []answer {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed: no oracle to compare with")
	}
	if out, err := exec.Command(python, "-c", "import sys; print(sys.version_info >= (3, 11))").Output(); err != nil || !bytes.HasPrefix(out, []byte("True")) {
		t.Skip("python3 is older than 3.11: its answers differ from the reference's")
	}
	ctx, cancel := stdcontext.WithTimeout(t.Context(), 5*time.Minute) // then it is killed
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-X", "utf8", "testdata/oracle.py")
	var in bytes.Buffer
	for _, q := range questions {
		line := []any{q.op}
		for _, a := range q.args {
			line = append(line, tagged(a))
		}
		data, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(data, '\n'))
	}
	cmd.Stdin = &in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("oracle: %v\n%s", err, stderr.Bytes())
	}
	if stderr.Len() > 0 {
		t.Logf("oracle: %s", stderr.Bytes())
	}
	answers := make([]answer, 0, len(questions))
	sc := bufio.NewScanner(bytes.NewReader(out))
	sc.Buffer(nil, 1<<28)
	for sc.Scan() {
		var raw []json.RawMessage
		if err := json.Unmarshal(sc.Bytes(), &raw); err != nil {
			t.Fatal(err)
		}
		var a answer
		if string(raw[0]) == `"ok"` {
			a.v = untagged(t, raw[1])
		} else {
			a.failed = true
			json.Unmarshal(raw[1], &a.class)
			json.Unmarshal(raw[2], &a.classes)
			json.Unmarshal(raw[3], &a.msg)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(questions) {
		t.Fatalf("oracle: %d answers to %d questions", len(answers), len(questions))
	}
	return answers
}

type question struct {
	op   string
	args []Value
}

func (q question) String() string {
	parts := make([]string, len(q.args))
	for i, a := range q.args {
		parts[i] = Repr(a)
		if len(parts[i]) > 300 {
			parts[i] = parts[i][:300] + "…"
		}
	}
	return q.op + "(" + strings.Join(parts, ", ") + ")"
}

type answer struct {
	v       Value
	failed  bool
	class   string
	classes []string // with all base classes
	msg     string
}

// run is our answer to a question.
func (q question) run() (Value, error) {
	a := append(append([]Value(nil), q.args...), Missing, Missing, Missing, Missing)
	x, y, z := a[0], a[1], a[2]
	b := func(ok bool, err error) (Value, error) { return Bool(ok), err }
	s := func(text string, err error) (Value, error) { return String(text), err }
	switch q.op {
	case "add":
		return Add(x, y)
	case "sub":
		return Sub(x, y)
	case "mul":
		return Mul(x, y)
	case "div":
		return Div(x, y)
	case "floordiv":
		return FloorDiv(x, y)
	case "mod":
		return Mod(x, y)
	case "pow":
		return Pow(x, y)
	case "powmod":
		return PowMod(x, y, z)
	case "neg":
		return Neg(x)
	case "pos":
		return Pos(x)
	case "abs":
		return Abs(x)
	case "eq":
		return Bool(Equal(x, y)), nil
	case "lt":
		return b(Less(x, y))
	case "le":
		return b(LessEqual(x, y))
	case "gt":
		return b(Greater(x, y))
	case "ge":
		return b(GreaterEqual(x, y))
	case "in":
		return b(Contains(x, y))
	case "samekey":
		// Above smallKeys keys, so that the hash index is what answers.
		o := NewObject(0)
		for i := range smallKeys {
			o.Set("filler "+strconv.Itoa(i), Null)
		}
		if err := o.SetKey(x, Int(0)); err != nil {
			return Null, err
		}
		err := o.SetKey(y, Int(1))
		return Bool(o.Len() == smallKeys+1), err
	case "index":
		return Index(x, y)
	case "slice":
		return Slice(x, y, z, a[3])
	case "str":
		return ToStr(x)
	case "repr":
		return ToRepr(x)
	case "bool":
		return Bool(Truthy(x)), nil
	case "len":
		n, ok := x.Len()
		if !ok {
			return Null, typeErrorf("no length")
		}
		return Int(int64(n)), nil
	case "format":
		return s(Format(x, y.strOr("")))
	case "round":
		return Round(x, Missing)
	case "roundn":
		return Round(x, y)
	case "int":
		return ToInt(x, y)
	case "float":
		return ToFloat(x)
	case "decimal":
		return ToDecimal(x)
	case "list":
		items, err := Iterate(x)
		return List(items), err
	case "set":
		items, err := Iterate(x)
		if err != nil {
			return Null, err
		}
		return Set(items)
	case "sorted", "sortedrev":
		items, err := Iterate(x)
		if err != nil {
			return Null, err
		}
		items = append([]Value(nil), items...)
		err = Sort(items, q.op == "sortedrev")
		return List(items), err
	case "range":
		return RangeOf(q.args)
	case "method":
		m, ok := LookupMethod(y.kind, x.str())
		if !ok {
			return Null, typeErrorf("no method %s", x.str())
		}
		return m(y, q.args[2:], nil)
	case "loads":
		return ParseJSON([]byte(x.str()), JSONLimits{})
	case "dumps":
		out, err := AppendJSON(nil, x)
		return String(string(out)), err
	case "characters":
		return characters(rune(x.w), rune(y.w)), nil
	case "indent":
		out, err := AppendJSONIndent(nil, x, "", "  ")
		return String(string(out)), err
	}
	panic("no operation " + q.op)
}

// compare reports how our answer differs from the oracle's, or "".
func compare(q question, got Value, err error, want answer) string {
	if Is(err, LimitError) {
		return "" // a bound that Python doesn't have
	}
	if err != nil && !want.failed {
		return fmt.Sprintf("%s: got error %v, want %s", q, err, Repr(want.v))
	}
	if want.failed {
		if want.class == "InvalidOperation" && (q.op == "eq" || q.op == "in" || q.op == "method") {
			return "" // a signaling NaN: see TestDifferences
		}
		if err == nil {
			return fmt.Sprintf("%s: got %s, want %s: %s", q, Repr(got), want.class, want.msg)
		}
		kind := err.(*Error).Kind
		if want.msg == "complex exponentiation" && kind == ValueError {
			return "" // see TestDifferences
		}
		for _, class := range append(want.classes, aliases[want.class]) {
			if class == kind.String() {
				return ""
			}
		}
		return fmt.Sprintf("%s: got error %v, want %s: %s", q, err, want.class, want.msg)
	}
	if q.op == "pow" && got.kind == KindFloat && want.v.kind == KindFloat {
		// C's pow is not always correctly rounded; TestPowerIsCorrectlyRounded
		// asserts that ours is.
		if x := want.v.float(); got.float() == math.Nextafter(x, math.Inf(1)) || got.float() == math.Nextafter(x, math.Inf(-1)) {
			return ""
		}
	}
	if q.op == "in" && strings.Contains(strings.ToLower(q.String()), "nan") {
		return "" // the identity of NaN: see TestDifferences
	}
	if !same(got, want.v) {
		return fmt.Sprintf("%s:\n got %s\nwant %s", q, Repr(got), Repr(want.v))
	}
	return ""
}

// aliases are Python's classes whose counterpart here has another name.
var aliases = map[string]string{
	"Complex":          "ValueError",
	"Exception":        "TypeError", // a type that is not in the language: see TestDifferences
	"Overflow":         "OverflowError",
	"AttributeError":   "TypeError",
	"DivisionByZero":   "ZeroDivisionError",
	"RecursionError":   "LimitError",
	"MemoryError":      "LimitError",
	"UnicodeError":     "ValueError",
	"InvalidOperation": "InvalidOperation",
}

// same is identity of type and text, so that 1, 1.0, True, 0.0 and -0.0 differ.
func same(a, b Value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case KindFloat:
		return a.w == b.w || math.IsNaN(a.float()) && math.IsNaN(b.float())
	case KindDecimal:
		return a.decimal().String() == b.decimal().String()
	case KindList, KindTuple:
		x, y := a.Items(), b.Items()
		if len(x) != len(y) {
			return false
		}
		for i := range x {
			if !same(x[i], y[i]) {
				return false
			}
		}
		return true
	case KindSet:
		return a.setBody().hasAll(b.setBody()) && b.setBody().hasAll(a.setBody())
	case KindObject:
		x, y := a.object(), b.object()
		return same(List(x.keys), List(y.keys)) && same(List(x.vals), List(y.vals))
	case KindRange:
		return *a.span() == *b.span()
	}
	return Equal(a, b)
}

func tagged(v Value) any {
	many := func(items []Value) []any {
		out := make([]any, len(items))
		for i, it := range items {
			out[i] = tagged(it)
		}
		return out
	}
	switch v.kind {
	case KindNull:
		return []any{"n"}
	case KindBool:
		return []any{"b", v.w}
	case KindInt:
		return []any{"i", v.toBig().Text(16)}
	case KindFloat:
		f := v.float()
		switch {
		case math.IsNaN(f):
			return []any{"f", "nan"}
		case math.IsInf(f, 0):
			return []any{"f", strconv.FormatFloat(f, 'g', -1, 64)}
		}
		return []any{"f", strconv.FormatFloat(f, 'x', -1, 64)}
	case KindDecimal:
		return []any{"d", v.decimal().String()}
	case KindString:
		return []any{"s", v.str()}
	case KindList:
		return []any{"l", many(v.Items())}
	case KindTuple:
		return []any{"t", many(v.Items())}
	case KindSet:
		return []any{"S", many(v.Items())}
	case KindObject:
		entries := []any{}
		for i := range v.object().Len() {
			k, x := v.object().At(i)
			entries = append(entries, []any{tagged(k), tagged(x)})
		}
		return []any{"o", entries}
	case KindRange:
		r := v.span()
		return []any{"r", []any{r.start, r.stop, r.step}}
	case KindDatetime:
		t := v.moment().t
		parts := []int{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond() / 1000}
		if !v.IsAware() {
			return []any{"D", parts, nil}
		}
		_, offset := t.Zone()
		return []any{"D", parts, offset}
	}
	panic("no tag for " + v.kind.String())
}

func untagged(t *testing.T, raw json.RawMessage) Value {
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	var tag, text string
	json.Unmarshal(parts[0], &tag)
	if len(parts) > 1 {
		json.Unmarshal(parts[1], &text)
	}
	many := func() []Value {
		var raws []json.RawMessage
		json.Unmarshal(parts[1], &raws)
		out := make([]Value, len(raws))
		for i, r := range raws {
			out[i] = untagged(t, r)
		}
		return out
	}
	switch tag {
	case "n":
		return Null
	case "b":
		return Bool(string(parts[1]) == "1")
	case "i":
		i, ok := new(big.Int).SetString(text, 0)
		if !ok {
			t.Fatalf("integer %s", text)
		}
		return BigInt(i)
	case "f":
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return Float(f)
	case "d":
		d, err := ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	case "s":
		return String(text)
	case "l":
		return List(many())
	case "t":
		return Tuple(many())
	case "S":
		s, err := Set(many())
		if err != nil {
			t.Fatal(err)
		}
		return s
	case "o":
		var entries [][2]json.RawMessage
		json.Unmarshal(parts[1], &entries)
		o := NewObject(0)
		for _, e := range entries {
			o.put(untagged(t, e[0]), untagged(t, e[1]))
		}
		return o.Value()
	case "r":
		var n [3]int64
		if err := json.Unmarshal(parts[1], &n); err != nil {
			return Missing // beyond 64 bits: a LimitError here
		}
		return Range(n[0], n[1], n[2])
	case "D":
		var n [7]int
		var offset *int
		json.Unmarshal(parts[1], &n)
		json.Unmarshal(parts[2], &offset)
		loc := time.UTC
		if offset != nil {
			loc = time.FixedZone("", *offset)
		}
		at := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], n[6]*1000, loc)
		if offset != nil {
			return AwareDatetime(at)
		}
		return Datetime(at)
	}
	t.Fatalf("tag %s", tag)
	return Null
}
