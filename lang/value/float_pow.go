package value

import (
	"math"
	"math/big"
	"math/bits"
)

// double is an unevaluated sum hi + lo with |lo| ≤ ulp(hi)/2: about 106 bits.
type double struct{ hi, lo float64 }

func twoSum(a, b float64) double {
	s := a + b
	t := s - a
	return double{s, (a - (s - t)) + (b - t)}
}

func quickSum(a, b float64) double { // |a| ≥ |b|
	s := a + b
	return double{s, b - (s - a)}
}

func twoProd(a, b float64) double {
	p := a * b
	return double{p, math.FMA(a, b, -p)}
}

func (a double) add(b double) double {
	s, t := twoSum(a.hi, b.hi), twoSum(a.lo, b.lo)
	s = quickSum(s.hi, s.lo+t.hi)
	return quickSum(s.hi, s.lo+t.lo)
}

func (a double) mul(b double) double {
	p := twoProd(a.hi, b.hi)
	return quickSum(p.hi, p.lo+(a.hi*b.lo+a.lo*b.hi))
}

func (a double) scale(f float64) double { return double{a.hi * f, a.lo * f} } // f a power of two

func (a double) neg() double { return double{-a.hi, -a.lo} }

var (
	doubleLn2 = double{math.Ln2, 2.3190468138462996e-17}
	// 1/n! for n = 3…8
	doubleInvFact = [...]double{
		{0.16666666666666666, 9.25185853854297e-18},
		{0.041666666666666664, 2.3129646346357427e-18},
		{0.008333333333333333, 1.1564823173178714e-19},
		{0.001388888888888889, -5.300543954373577e-20},
		{0.0001984126984126984, 1.7209558293420705e-22},
		{2.48015873015873e-05, 2.1511947866775882e-23},
	}
)

// expDouble is e^x as r × 2^exp with r between 0.7 and 1.5.
func expDouble(x double) (r double, exp int) {
	k := math.Round(x.hi / math.Ln2)
	x = x.add(doubleLn2.mul(double{k, 0}).neg())
	const halvings = 9
	x = x.scale(1.0 / (1 << halvings))
	// e^x - 1 by its series; squared as (1+s)² - 1 = 2s + s² to keep the digits.
	sq := x.mul(x)
	s := x.add(sq.scale(0.5))
	term := sq.mul(x)
	for _, c := range doubleInvFact {
		s = s.add(term.mul(c))
		term = term.mul(x)
	}
	for range halvings {
		s = s.scale(2).add(s.mul(s))
	}
	return s.add(double{1, 0}), int(k)
}

// logDouble is ln x for a positive normal x.
func logDouble(x float64) double {
	frac, exp := math.Frexp(x)
	if frac < math.Sqrt2/2 {
		frac *= 2
		exp--
	}
	// One Newton step doubles the digits of the logarithm: y + frac×e^-y - 1.
	y := math.Log(frac)
	e, k := expDouble(double{-y, 0})
	p := e.scale(math.Ldexp(1, k)).mul(double{frac, 0}).add(double{-1, 0})
	// (1+p) = e^(ln frac - y), so ln frac = y + ln(1+p) = y + p - p²/2.
	p = p.add(p.mul(p).scale(-0.5))
	return doubleLn2.mul(double{float64(exp), 0}).add(double{y, 0}).add(p)
}

// pow is x ** y, correctly rounded: about 90 bits, and many more when these are
// too close to the middle between two floats to tell. The standard library's is
// an ulp or more off. Special cases are the library's.
func pow(x, y float64) float64 {
	special := math.Pow(x, y)
	a := math.Abs(x)
	switch {
	case a == 0 || y == 0 || a == 1 || math.IsNaN(special) || math.IsInf(x, 0) || math.IsInf(y, 0):
		return special
	case y == 1:
		return x
	case y == 2:
		return x * x
	case y == -1:
		return 1 / x
	case y == 0.5:
		return math.Sqrt(x)
	}
	if r, ok := powExact(x, y); ok {
		return r
	}
	sgn := 1.0
	if math.Signbit(special) {
		sgn = -1
	}
	scaled, adjust := a, 0.0
	if a < 0x1p-1000 { // subnormal numbers have no 53 bits
		scaled, adjust = a*0x1p64, -64
	}
	log := logDouble(scaled).add(doubleLn2.mul(double{adjust, 0}))
	switch t := log.hi * y; {
	case t > 710:
		return sgn * math.Inf(1)
	case t < -746:
		return sgn * 0
	}
	t := log.mul(double{y, 0})
	r, k := expDouble(t)
	const doubt = 0x1p-85
	low, high := ldexpDouble(double{r.hi, r.lo - doubt}, k), ldexpDouble(double{r.hi, r.lo + doubt}, k)
	if low != high {
		return sgn * powFixed(a, y)
	}
	return sgn * low
}

// powFixed is x ** y for x > 0 by way of 400 bits after the point. What is still
// within 2^-130 of the middle between two floats is the middle.
func powFixed(x, y float64) float64 {
	const prec = 400
	fixed := func(f float64, exp int) *big.Int {
		i, _ := new(big.Float).SetMantExp(big.NewFloat(f), exp).Int(nil)
		return i
	}
	frac, exp := math.Frexp(x)
	ln := fixedLn(fixed(frac, prec+1), prec) // of 1 ≤ 2×frac < 2
	ln2 := fixedLn(fixed(2, prec), prec)
	ln.Add(ln, new(big.Int).Mul(ln2, big.NewInt(int64(exp-1))))
	yfrac, yexp := math.Frexp(y)
	ln.Mul(ln, fixed(yfrac, 53))
	if yexp -= 53; yexp >= 0 {
		ln.Lsh(ln, uint(yexp))
	} else {
		ln.Rsh(ln, uint(-yexp))
	}
	k, r := new(big.Int).DivMod(ln, ln2, new(big.Int))
	m := fixedExp(r, prec)
	const kept = 200
	half := new(big.Int).Lsh(big.NewInt(1), prec-kept-1)
	m.Add(m, half).Rsh(m, prec-kept)
	return roundToFloat(m, false, int(k.Int64())-kept)
}

// ldexpDouble is (hi+lo) × 2^k rounded once.
func ldexpDouble(r double, k int) float64 {
	if k > -1000 {
		return math.Ldexp(r.hi+r.lo, k)
	}
	// The result may be subnormal: what is below its last bit must not be rounded
	// before.
	m, _ := new(big.Float).SetMantExp(big.NewFloat(r.hi), 200).Int(nil)
	l, _ := new(big.Float).SetMantExp(big.NewFloat(r.lo), 200).Int(nil)
	return roundToFloat(m.Add(m, l), false, k-200)
}

// powExact computes small whole powers of floats with few bits in integers: only
// they can lie exactly between two floats, where an approximation can't tell up
// from down.
func powExact(x, y float64) (float64, bool) {
	if y != math.Trunc(y) || y < 3 || y > 40 {
		return 0, false
	}
	frac, exp := math.Frexp(math.Abs(x))
	m := uint64(frac * (1 << 53))
	zeros := bits.TrailingZeros64(m)
	m >>= zeros
	exp += zeros - 53
	n := int(y)
	if bits.Len64(m)*n > 64 || exp*n < -1000 || exp*n > 900 {
		return 0, false
	}
	r := uint64(1)
	for range n {
		r *= m
	}
	f := math.Ldexp(float64(r), exp*n)
	if x < 0 && n%2 == 1 {
		f = -f
	}
	return f, true
}
