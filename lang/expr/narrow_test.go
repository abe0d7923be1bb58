package expr

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/value"
)

// narrowSchema is of names that conditions say something of, and narrowValues
// are some of the values of each.
const narrowSchema = `{"m": "int?", "s": "str?", "e": {"enum": ["a", "b", "", 0, 1, null]}, "o": {"type": "object", "properties": {"f": {"type": "string"}, "g": {"type": ["integer", "null"]}}, "additionalProperties": false}, "u": "str | int | list[int]", "l": "list[int?]", "b": "bool"}`

var narrowValues = map[string][]string{
	"m": {"null", "0", "5"}, "s": {"null", `""`, `"x"`}, "e": {`"a"`, `"b"`, `""`, "0", "1", "null"},
	"o": {`{}`, `{"f": "t"}`, `{"f": "", "g": null}`, `{"g": 3}`}, "u": {`"a"`, "7", "[1]"}, "l": {"[]", "[1, null]"}, "b": {"true", "false"},
}

// TestNarrowingIsSound evaluates random conditions and what stands behind them
// for many values of the types: the value must be of the type that was inferred,
// and what was called an error must fail every time.
func TestNarrowingIsSound(t *testing.T) {
	scopeType, err := TypeFromSchema(tagged(t, []byte(narrowSchema)), nil)
	if err != nil {
		t.Fatal(err)
	}
	var docs []value.Value
	r := rand.New(rand.NewPCG(7, 8))
	for range 60 {
		var fields []string
		for _, name := range []string{"m", "s", "e", "o", "u", "l", "b"} {
			v := narrowValues[name]
			fields = append(fields, fmt.Sprintf("%q: %s", name, v[r.IntN(len(v))]))
		}
		docs = append(docs, tagged(t, []byte("{"+strings.Join(fields, ",")+"}")))
	}
	pick := func(options ...string) string { return options[r.IntN(len(options))] }
	path := func() string { return pick("m", "s", "e", "o.f", "o.g", "u", "b", "o['f']", "l[0]") }
	var cond func(depth int, template bool) string
	cond = func(depth int, template bool) string {
		if depth > 0 && r.IntN(2) == 0 {
			x, y := cond(depth-1, template), cond(depth-1, template)
			return pick("("+x+" and "+y+")", "("+x+" or "+y+")", "not "+x, "(not ("+x+") or "+y+")")
		}
		p := path()
		if template && r.IntN(3) == 0 {
			return p + " is " + pick("none", "not none", "defined", "undefined", "string", "number", "not string", "mapping", "integer", "boolean", "float")
		}
		if !template && r.IntN(10) == 0 {
			return p + pick(" is 0", " is not 'a'")
		}
		return pick(p, "not "+p, p+" is not None", p+" is None", p+" == None", p+" != None", p+" == 'a'", p+" != 'a'", "'b' == "+p, p+" > 1", "0 <= "+p+" < 9", p+" in ['a', 1, None]", p+" not in ('b', '')", "1 in "+p, "isnone("+p+")", "not isempty("+p+")", "bool("+p+")", p+" == 0")
	}
	body := func() string {
		p := path()
		return pick(p, p+" + 1", p+" + 'x'", p+".upper()", "len("+p+")", p+" * 2", "["+p+"]", "-"+p, p+" == 'b'", p+" < 3", "str("+p+")")
	}
	errors := 0
	for i := range 2400 {
		template := i%3 == 0
		var src string
		c, x, y := cond(2, template), body(), body()
		switch i % 6 {
		case 0:
			src = "{{ " + x + " if " + c + " else " + y + " }}"
		case 3:
			src = "{% if " + c + " %}{{ " + x + " }}{% elif " + cond(1, true) + " %}{{ " + body() + " }}{% else %}{{ " + y + " }}{% endif %}"
		case 1:
			src = x + " if " + c + " else " + y
		case 2:
			src = c + " and " + x
		case 4:
			src = c + " or " + x
		case 5:
			src = "[" + x + " for b in [b] if " + c + "]"
		}
		var n Node
		var ds []diag.Diagnostic
		if template {
			n, ds = ParseTemplate(Text{Src: src})
		} else {
			n, ds = Parse(Text{Src: src})
		}
		if len(ds) > 0 {
			t.Fatalf("%s: %s", src, ds[0].Message)
		}
		typ, ds := Infer(n, Text{Src: src}, typeScope{scopeType})
		wrong := diag.HasErrors(ds)
		if wrong {
			errors++
		}
		for _, doc := range docs {
			v, err := evaluated(n, doc)
			switch {
			case err != nil:
			case wrong:
				t.Fatalf("%s: evaluates to %s with %s, but: %s", src, value.Repr(v), value.Repr(doc), ds[0].Message)
			default:
				if faults := typ.Check(v); len(faults) > 0 {
					t.Fatalf("%s is %s with %s, not of the type %s", src, value.Repr(v), value.Repr(doc), typ)
				}
			}
		}
	}
	t.Logf("2400 expressions, %d of them errors", errors)
}

// TestNarrowingIsLinear: each operand of a chain is looked at once.
func TestNarrowingIsLinear(t *testing.T) {
	measure := func(n int) float64 {
		src := "a.b == 1" + strings.Repeat(" and a.b.c is not None", n)
		tree := parsed(t, src)
		began := cpuTime()
		for range 20 {
			Infer(tree, Text{Src: src}, nil)
		}
		return (cpuTime() - began).Seconds()
	}
	measure(300)
	small, large := measure(40), min(measure(320), measure(320))
	if large > 30*small+0.2 {
		t.Errorf("40 operands take %v s, 320 take %v s", small, large)
	}
}
