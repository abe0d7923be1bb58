package value

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPowerIsCorrectlyRounded compares x ** y with 130 digits of it. CPython's
// own result is C's, which is an ulp off in rare cases.
func TestPowerIsCorrectlyRounded(t *testing.T) {
	g := &generator{rand.New(rand.NewPCG(3, 4))}
	var questions []question
	for len(questions) < 1000 {
		x, y := math.Abs(g.float().float()), g.float().float()
		switch g.IntN(5) {
		case 0: // near 1, where results crowd around the middle between floats
			x = 1 + float64(g.IntN(41)-20)*0x1p-52
			y = float64(g.IntN(80)-40) / 4
		case 1: // subnormal results
			x, y = g.Float64(), 1000+g.Float64()*100
		case 2: // whole powers that end exactly between two floats
			x, y = float64(g.IntN(300_000)), float64(3+g.IntN(5))
		case 3:
			x, y = float64(g.IntN(100_000)+1), float64(g.IntN(40))/8-2
			x *= x
		}
		r := math.Pow(x, y)
		if x == 0 || x == 1 || y == 0 || math.IsNaN(r) || math.IsInf(r, 0) || r == 0 || math.IsInf(x, 0) || math.IsInf(y, 0) {
			continue
		}
		questions = append(questions, question{"truepow", []Value{Float(x), Float(y)}})
	}
	for i, want := range ask(t, questions) {
		x, y := questions[i].args[0].float(), questions[i].args[1].float()
		got, err := Pow(Float(x), Float(y))
		if err != nil && math.IsInf(want.v.float(), 0) {
			continue
		}
		if err != nil || !same(got, want.v) {
			t.Errorf("%v ** %v: got %s, %v, want %s", Repr(Float(x)), Repr(Float(y)), Repr(got), err, Repr(want.v))
		}
	}
}

func BenchmarkPowFloat(b *testing.B) {
	for b.Loop() {
		pow(2.5, 3.7)
	}
}
