package value

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestDecimalContextLikeCPython compares arithmetic around the bounds of the
// context (28 digits, exponents ±999999, subnormal results) and powers with
// exponents that are not whole.
func TestDecimalContextLikeCPython(t *testing.T) {
	g := &generator{rand.New(rand.NewPCG(*seed, 8))}
	number := func() Value {
		digits := strings.TrimLeft(strings.Repeat(strconv.FormatUint(g.Uint64(), 10), 40)[:1+g.IntN(36)], "0") + pick(g, "", "", "0", "000", "5", "50", "49999", "50001")
		if digits == "" {
			digits = "0"
		}
		return mustDecimal(pick(g, "", "-") + digits + "E" + strconv.Itoa(pick(g, 0, 0, -3, 20, -40, 999960, 999999, 1000010, -999990, -1000020, -1000040, 500000, -500000, 3000000, -3000000)))
	}
	var questions []question
	for range 2500 {
		a, b := number(), number()
		switch g.IntN(4) {
		case 0:
			questions = append(questions, question{pick(g, "neg", "pos", "abs", "str", "float"), []Value{a}})
		case 1:
			a, _ = Abs(pick(g, g.decimal(), mustDecimal(strconv.Itoa(1+g.IntN(1000))+"E-"+strconv.Itoa(g.IntN(5)))))
			b = pick(g, g.decimal(), mustDecimal(strconv.Itoa(g.IntN(20001)-10000)+"E-"+strconv.Itoa(g.IntN(6))), mustDecimal("0.5"), mustDecimal("-2.5"))
			if a.IsNull() {
				continue
			}
			questions = append(questions, question{"pow", []Value{a, b}})
		case 2:
			questions = append(questions, question{"roundn", []Value{a, Int(int64(pick(g, g.IntN(80)-40, 1000026, 1000027, 999999, -999999, -1000000)))}})
		default:
			questions = append(questions, question{pick(g, "add", "sub", "mul", "div", "floordiv", "mod", "lt", "eq"), []Value{a, b}})
		}
	}
	bad := 0
	for i, want := range ask(t, questions) {
		got, err := questions[i].run()
		if diff := compare(questions[i], got, err, want); diff != "" {
			if bad++; bad <= 12 {
				t.Error(diff)
			}
		}
	}
	if bad > 0 {
		t.Errorf("%d differences", bad)
	}
}

func TestDecimalText(t *testing.T) {
	for in, want := range map[string]string{
		" 1_0.5_0\n": "10.50", "+.5": "0.5", "5.": "5", "1e5": "1E+5", "١٢.٥": "12.5", "00012": "12", "-0.000000": "-0.000000", "0.0000000": "0E-7",
		"1E-7": "1E-7", "123E-8": "0.00000123", "12E-9": "1.2E-8", "inf": "Infinity", "-INFINITY": "-Infinity", "nAn007": "NaN7", "-snan": "-sNaN", "0E+1000000000000000000": "0E+999999999999999999",
	} {
		if v, err := ParseDecimal(in); err != nil || Str(v) != want {
			t.Errorf("%q: got %s, %v, want %s", in, Str(v), err, want)
		}
	}
	for _, in := range []string{"", " ", ".", "e5", "1e", "1e+", "1 2", "--1", "0x1", "infin", "nanx", "1.2.3", "½", "1E+1000000000000000000", "1E-1999999999999999998"} {
		if v, err := ParseDecimal(in); !Is(err, InvalidOperation) {
			t.Errorf("%q: got %s, %v", in, Str(v), err)
		}
	}
}
