package value

import (
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

var seed = flag.Uint64("seed", 1, "seed of the generated differential cases")

// TestLikeCPython compares generated operations on generated values with
// CPython's results: 6,000 cases, or as many as HEXDAG_VALUE_CASES says.
func TestLikeCPython(t *testing.T) {
	n := 6000
	if s := os.Getenv("HEXDAG_VALUE_CASES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	g := &generator{rand.New(rand.NewPCG(*seed, 2))}
	const batch = 50_000
	failures := map[string]int{}
	for done := 0; done < n; done += batch {
		questions := make([]question, min(batch, n-done))
		for i := range questions {
			questions[i] = g.question()
		}
		for i, want := range ask(t, questions) {
			q := questions[i]
			got, err := q.run()
			if diff := compare(q, got, err, want); diff != "" {
				if failures[q.op]++; failures[q.op] <= 6 {
					t.Error(diff)
				}
			}
		}
	}
	if len(failures) > 0 {
		t.Errorf("differences by operation: %v (seed %d)", failures, *seed)
	}
}

var stringCalls = []struct {
	name string
	args string // s text, i index, t tuple of texts, l list of texts, n count, c one character; ? optional from there
}{
	{"upper", ""}, {"lower", ""}, {"title", ""}, {"capitalize", ""}, {"swapcase", ""}, {"casefold", ""},
	{"isalnum", ""}, {"isalpha", ""}, {"isascii", ""}, {"isdecimal", ""}, {"isdigit", ""}, {"isnumeric", ""}, {"islower", ""}, {"isupper", ""}, {"istitle", ""}, {"isspace", ""}, {"isprintable", ""},
	{"strip", "?s"}, {"lstrip", "?s"}, {"rstrip", "?s"}, {"split", "?sn"}, {"rsplit", "?sn"}, {"splitlines", "?n"}, {"partition", "s"}, {"rpartition", "s"},
	{"join", "l"}, {"replace", "ss?n"}, {"removeprefix", "s"}, {"removesuffix", "s"},
	{"startswith", "s?ii"}, {"startswith", "t"}, {"endswith", "s?ii"}, {"find", "s?ii"}, {"rfind", "s?ii"}, {"index", "s?ii"}, {"rindex", "s?ii"}, {"count", "s?ii"},
	{"center", "w?c"}, {"ljust", "w?c"}, {"rjust", "w?c"}, {"zfill", "w"},
}

func (g *generator) stringCall() question {
	call := pick(g, stringCalls...)
	recv := g.text()
	args := []Value{String(call.name), recv}
	part := func() Value {
		if s := []rune(recv.str()); len(s) > 0 && g.IntN(3) > 0 {
			i := g.IntN(len(s))
			return String(string(s[i:min(len(s), i+1+g.IntN(2))]))
		}
		return g.text()
	}
	optional := false
	for _, c := range call.args {
		if optional && g.IntN(2) == 0 {
			break
		}
		switch c {
		case '?':
			optional = true
		case 's':
			args = append(args, part())
		case 'i':
			args = append(args, g.index())
		case 'n':
			args = append(args, Int(int64(g.IntN(5)-1)))
		case 'w':
			args = append(args, Int(int64(g.IntN(20))))
		case 'c':
			args = append(args, String(pick(g, "*", "é", "ab", "😀")))
		case 't':
			args = append(args, Tuple([]Value{part(), part()}))
		case 'l':
			items := []Value{g.text(), part()}
			if g.IntN(6) == 0 {
				items = append(items, Int(1))
			}
			args = append(args, pick(g, List(items), Tuple(items), g.text()))
		}
	}
	if g.IntN(40) == 0 {
		args = append(args, g.value(1))
	}
	return question{"method", args}
}

func (g *generator) formatCall() question {
	recv := ""
	for range 1 + g.IntN(3) {
		recv += pick(g, "", "x", "{{", "}}", "é")
		if g.IntN(10) == 0 {
			recv += pick(g, "{", "}", "{!}", "{:", "{a.b", "{0[", "{0[]}", "{0!x}", "{0!rr}", "{ 0}", "{0[a]b}")
			continue
		}
		recv += "{" + pick(g, "", "", "0", "1", "0[0]", "0[a]", "1[b]", "2", "zz")
		recv += pick(g, "", "", "!r", "!s", "!a")
		if g.IntN(2) == 0 {
			recv += ":" + pick(g, "", ">5", "{}", "{1}", ">{1}", "5", "d", "{0[0]}", "٣")
		}
		recv += "}"
	}
	return question{"method", []Value{String("format"), String(recv), g.printable(g.value(1)), pick(g, Int(3), g.text(), Float(float64(g.IntN(2000))/8), mustDecimal("12.50"))}}
}

func (g *generator) jsonText() string {
	if g.IntN(3) == 0 {
		return pick(g, `{"a": 1, "a": 2}`, `[1,]`, `[01]`, `"\ud83d\ude00"`, `"\u00e9\n"`, `-0`, `-0.0`, `1e5`, `-`, `1.`, `.5`, `+1`, `nul`, `"a`, "\"\t\"", `{"a" 1}`, `{a:1}`, `[1 2]`, ``, ` [ ] `, `NaN`, `Infinity`, `1 1`, `{"a":}`, `"\x"`, `"\u12"`, `123456789012345678901234567890`, `1.5e-7`, `[[[[]]]]`, `{"a":{"b":[1,2.0,null,true]}}`, `1e16`, `-9223372036854775808`, `9223372036854775808`, `0e1`, "\ufeff1", "\"\x7f\"")
	}
	out, err := AppendJSON(nil, g.jsonValue(3))
	if err != nil {
		panic(err)
	}
	return string(out)
}

// jsonValue has nothing that Python's json refuses.
func (g *generator) jsonValue(depth int) Value {
	n := 7
	if depth <= 0 {
		n = 5
	}
	switch g.IntN(n) {
	case 0:
		return pick(g, Null, True, False)
	case 1:
		return g.int()
	case 2:
		if f := g.float(); !math.IsNaN(f.float()) && !math.IsInf(f.float(), 0) {
			return f
		}
		return Float(1)
	case 3, 4:
		return g.text()
	case 5:
		items := make([]Value, g.IntN(4))
		for i := range items {
			items[i] = g.jsonValue(depth - 1)
		}
		return List(items)
	}
	o := NewObject(0)
	for range g.IntN(5) {
		o.Set(g.text().str(), g.jsonValue(depth-1))
	}
	return o.Value()
}

// smallPower keeps a ** b within what both sides can print.
func (g *generator) power() question {
	a, b := g.number(), g.number()
	if a.isIntegral() && b.isIntegral() {
		if n, ok := b.AsInt(); !ok || n > 200 || n < -200 {
			b = Int(int64(g.IntN(60) - 10))
		}
	}
	if g.IntN(3) == 0 {
		b = pick(g, Float(0.5), Float(2), Float(-1), Float(0.1), Float(1.5), Int(2), Int(3), Int(-2), mustDecimal("0.5"), mustDecimal("-1.5"), Float(float64(g.IntN(40))/4))
	}
	return question{"pow", []Value{a, b}}
}

func (g *generator) question() question {
	q := g.anyQuestion()
	if (q.op == "int" || q.op == "round" || q.op == "roundn" && q.args[1].IsNull()) && q.args[0].kind == KindDecimal && q.args[0].decimal().exp > 1000 {
		q.op, q.args = "bool", q.args[:1] // Python would really compute the million digits
	}
	if q.op == "format" && q.args[0].kind == KindDecimal {
		if spec := q.args[1].str(); strings.Contains(spec, "z") && strings.Contains(spec, "F") {
			q.args[1] = String(strings.ReplaceAll(spec, "F", "f")) // see TestDifferences
		}
	}
	return q
}

func (g *generator) anyQuestion() question {
	switch g.IntN(26) {
	case 0, 1, 2, 3, 4, 5:
		a, b := g.number(), g.number()
		op := pick(g, "add", "sub", "mul", "div", "floordiv", "mod")
		if g.IntN(6) == 0 {
			a, b = g.pair()
			if op == "mul" { // Python would really make the gigabytes
				a, b = pick(g, a, b), Int(int64(g.IntN(8)-2))
			}
		}
		if op == "mod" && a.kind == KindString {
			a = Null // see TestDifferences
		}
		return question{op, []Value{a, b}}
	case 6:
		return g.power()
	case 7:
		return question{pick(g, "neg", "pos", "abs", "bool", "len", "round"), []Value{pick(g, g.number(), g.value(2))}}
	case 8, 9:
		a, b := g.pair()
		return question{pick(g, "eq", "lt", "le", "gt", "ge"), []Value{a, b}}
	case 10:
		a, b := g.pair()
		return question{"samekey", []Value{a, b}}
	case 11:
		c := g.value(2)
		x := g.hashable()
		if items, err := Iterate(c); err == nil && len(items) > 0 && g.IntN(2) == 0 {
			x = pick(g, items...)
		}
		return question{"in", []Value{c, x}}
	case 12:
		return question{"index", []Value{g.value(2), pick(g, g.index(), g.hashable())}}
	case 13:
		return question{"slice", []Value{pick(g, g.text(), g.rangeValue(), g.value(1), List(g.values(1, 8))), g.index(), g.index(), g.index()}}
	case 14:
		return question{pick(g, "str", "repr"), []Value{g.printable(g.value(3))}}
	case 15, 16, 17:
		return question{"format", []Value{g.printable(pick(g, g.number(), g.number(), g.float(), g.text(), g.value(1))), String(g.formatSpec())}}
	case 18:
		n := pick(g, Int(int64(g.IntN(25)-8)), Int(int64(g.IntN(700)-350)), g.index())
		x := g.number()
		if x.isIntegral() && (n.p != nil || int64(n.w) < -1000) {
			n = Int(-40) // Python would really compute 10 ** 2 ** 63
		}
		return question{"roundn", []Value{x, n}}
	case 19:
		return pick(g, question{"int", []Value{g.value(1)}}, question{"float", []Value{g.value(1)}}, question{"decimal", []Value{pick(g, g.number(), g.text(), g.value(0))}}, question{"int", []Value{g.text(), Int(int64(pick(g, 0, 2, 8, 10, 16, 36, 37, 1)))}})
	case 20, 21:
		return g.stringCall()
	case 22:
		return g.formatCall()
	case 23:
		return pick(g,
			question{"list", []Value{g.printable(g.value(2))}}, question{"set", []Value{List(g.keys(8))}},
			question{pick(g, "sorted", "sortedrev"), []Value{List(g.sortable())}},
			question{"powmod", []Value{g.int(), pick(g, g.int(), Int(int64(g.IntN(200)-20))), g.int()}},
			question{"range", []Value{Int(int64(g.IntN(10))), Int(int64(g.IntN(10))), Int(int64(g.IntN(5) - 2))}})
	case 24:
		switch g.IntN(3) {
		case 0:
			return question{"format", []Value{g.datetime(), String(g.strftime())}}
		case 1:
			return question{"method", []Value{String("isoformat"), g.datetime()}}
		}
		return g.containerCall()
	}
	switch g.IntN(3) {
	case 0:
		return question{"loads", []Value{String(g.jsonText())}}
	case 1:
		return question{"dumps", []Value{g.jsonValue(3)}}
	}
	return question{"indent", []Value{g.jsonValue(3)}}
}

func (g *generator) containerCall() question {
	switch g.IntN(4) {
	case 0:
		return question{"method", []Value{String(pick(g, "index", "count")), List(g.values(1, 6)), g.hashable()}}
	case 1:
		return question{"method", []Value{String("index"), List(g.keys(6)), g.hashable(), pick(g, Int(int64(g.IntN(7)-3))), Int(int64(g.IntN(9) - 4))}}
	case 2:
		r := g.rangeValue()
		return question{"method", []Value{String(pick(g, "index", "count")), r, pick(g, g.int(), g.hashable(), Int(int64(g.IntN(20)-10)))}}
	}
	o := NewObject(0)
	for _, k := range g.keys(6) {
		o.put(k, g.hashable())
	}
	if g.IntN(2) == 0 {
		return question{"method", []Value{String("get"), o.Value(), g.hashable(), g.hashable()}}
	}
	return question{"method", []Value{String(pick(g, "keys", "values", "items", "copy")), o.Value()}}
}

// printable replaces sets of more than one element, whose order is not Python's.
func (g *generator) printable(v Value) Value {
	switch v.kind {
	case KindSet:
		if len(v.Items()) > 1 {
			s, _ := Set(v.Items()[:1])
			return s
		}
	case KindList, KindTuple:
		items := make([]Value, len(v.Items()))
		for i, it := range v.Items() {
			items[i] = g.printable(it)
		}
		if v.kind == KindTuple {
			return Tuple(items)
		}
		return List(items)
	case KindObject:
		o := NewObject(0)
		for i := range v.object().Len() {
			k, x := v.object().At(i)
			o.put(k, g.printable(x))
		}
		return o.Value()
	}
	return v
}

// sortable is a list of which most can be sorted, without NaN.
func (g *generator) sortable() []Value {
	out := make([]Value, g.IntN(20))
	kind := g.IntN(4)
	for i := range out {
		switch kind {
		case 0:
			out[i] = g.text()
		case 1:
			out[i] = Int(int64(g.IntN(5)))
		case 2:
			out[i] = Tuple([]Value{Int(int64(g.IntN(3))), String(pick(g, "a", "b"))})
		default:
			out[i] = pick(g, Int(int64(g.IntN(4))), Float(float64(g.IntN(8))/2), True, mustDecimal("1.50"))
			if g.IntN(60) == 0 {
				out[i] = String("x")
			}
		}
	}
	return out
}
