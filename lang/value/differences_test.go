package value

import (
	"math"
	"testing"
	"time"
)

// differences is every known difference from CPython, next to LimitError: what
// we do and why. The generated comparisons leave these out.
var differences = []struct {
	name   string
	q      question
	want   Value // or Missing for an error of the kind
	kind   ErrorKind
	reason string
}{
	{"complex results", question{"pow", []Value{Int(-8), Float(0.5)}}, Missing, ValueError, "there are no complex numbers"},
	{"formatting with %", question{"mod", []Value{String("%s"), Int(1)}}, Missing, TypeError, "text is formatted with format() or a template"},
	{"difference of datetimes", question{"sub", []Value{Datetime(time.Unix(9, 0)), Datetime(time.Unix(0, 0))}}, Missing, TypeError, "there are no time spans; timestamp() gives seconds"},
	{"NaN in containers", question{"eq", []Value{List([]Value{Float(math.NaN())}), List([]Value{Float(math.NaN())})}}, False, 0, "values have no identity; Python finds one NaN object equal to itself"},
	{"membership of NaN", question{"in", []Value{List([]Value{Float(math.NaN())}), Float(math.NaN())}}, False, 0, "as above"},
	{"signaling NaN under ==", question{"eq", []Value{mustDecimal("sNaN"), Int(1)}}, False, 0, "== has no errors"},
	{"views of a dict", question{"method", []Value{String("keys"), dict("a", Int(1))}}, List([]Value{String("a")}), 0, "keys, values and items are lists"},
	{"order of sets", question{"str", []Value{mustSet(Int(3), Int(1), Int(2))}}, String("{3, 1, 2}"), 0, "order of insertion, so that runs can be reproduced"},
	{"Decimal('-0.01') as z.1F", question{"format", []Value{mustDecimal("-0.01"), String("z.1F")}}, String("0.0"), 0, "CPython 3.11 forgets z for F, though not for f"},
	{"Decimal of a tuple", question{"decimal", []Value{Tuple([]Value{Int(0), Tuple([]Value{Int(1)}), Int(0)})}}, Missing, TypeError, "a constructor for programs, not for data"},
	{"JSON number beyond floats", question{"loads", []Value{String("1E400")}}, Missing, ValueError, "infinity has no JSON text to come back as"},
	{"JSON with a key twice", question{"loads", []Value{String(`{"a":1,"a":2}`)}}, Missing, ValueError, "the first value would be lost silently"},
	{"half a surrogate pair", question{"loads", []Value{String(`"\ud83d"`)}}, Missing, ValueError, "text is Unicode; see JSONLimits"},
	{"a surrogate as %c", question{"format", []Value{Int(0xd800), String("c")}}, Missing, ValueError, "as above"},
	{"attributes in str.format", question{"method", []Value{String("format"), String("{0.real}"), Int(1)}}, Missing, ValueError, "no attribute walks"},
	{"float ** float", question{"pow", []Value{Int(1<<54 - 2), Float(1.5)}}, Float(2.417851639229258e24), 0, "correctly rounded; C's pow is an ulp off in rare cases"},
}

func dict(pairs ...any) Value {
	o := NewObject(len(pairs) / 2)
	for i := 0; i < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1].(Value))
	}
	return o.Value()
}

func mustSet(items ...Value) Value {
	s, err := Set(items)
	if err != nil {
		panic(err)
	}
	return s
}

func TestDifferences(t *testing.T) {
	for _, d := range differences {
		t.Run(d.name, func(t *testing.T) {
			got, err := d.q.run()
			switch {
			case d.want.IsMissing():
				if !Is(err, d.kind) {
					t.Errorf("%s: got %s, %v, want a %s: %s", d.q, Repr(got), err, d.kind, d.reason)
				}
			case err != nil || !same(got, d.want):
				t.Errorf("%s: got %s, %v, want %s: %s", d.q, Repr(got), err, Repr(d.want), d.reason)
			}
		})
	}
}
