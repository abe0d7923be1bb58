package value

import (
	"math"
	"math/big"
)

// powDecimals is a ** b.
//
// Whole exponents are computed by squaring with a few digits to spare, so that
// exact results keep their exponent (1.10 ** 2 is 1.2100). Others are
// exp(b × ln a) in fixed point with 256 bits after the point, which rounds
// correctly unless more than forty digits after the last one are all 0 or 9.
func powDecimals(a, b *decimal) (*decimal, error) {
	if a.isNaN() || b.isNaN() {
		return nanResult(a, b)
	}
	whole := b.form == finite && b.isInteger()
	neg := a.neg && whole && b.isOdd()
	number := func(n, exp int64) (*decimal, error) {
		return &decimal{neg: neg, exp: exp, coef: big.NewInt(n)}, nil
	}
	infinity := func() (*decimal, error) {
		return &decimal{form: infinite, neg: neg, coef: new(big.Int)}, nil
	}
	one := &decimal{coef: big.NewInt(1)}
	switch {
	case a.isZero():
		switch {
		case b.isZero():
			return nil, errorf(InvalidOperation, "0 ** 0")
		case b.neg:
			return infinity()
		}
		return number(0, 0)
	case a.neg && !whole:
		return nil, errorf(InvalidOperation, "negative Decimal raised to a power that is not a whole number")
	case b.form == infinite:
		c := 1
		if a.form == finite {
			c = a.cmpAbs(one)
		}
		switch {
		case c == 0:
			return paddedOne(neg, decimalPrec-1), nil
		case (c > 0) == b.neg:
			return number(0, 0)
		}
		return infinity()
	case a.form == infinite:
		switch {
		case b.isZero():
			return number(1, 0)
		case b.neg:
			return number(0, 0)
		}
		return infinity()
	case b.isZero():
		return number(1, 0)
	case a.cmpAbs(one) == 0:
		return powOfOne(a, b, neg, whole), nil
	}
	size, grows := powerSize(a, b)
	switch {
	case size > 6.31 && grows: // beyond 10 ** ±2_000_000
		return nil, errDecimalOverflow()
	case size > 6.31:
		return number(0, decimalEtiny)
	case whole:
		return powWhole(a, b, neg)
	case size < -40:
		return paddedOne(false, decimalPrec-1), nil
	}
	return powReal(a, b)
}

// isOdd is for whole numbers.
func (d *decimal) isOdd() bool {
	if d.exp > 0 {
		return false
	}
	if d.exp < 0 {
		if -d.exp > int64(digitCount(d.coef)) {
			return false // zero
		}
		return new(big.Int).Quo(d.coef, pow10(-d.exp)).Bit(0) == 1
	}
	return d.coef.Bit(0) == 1
}

// paddedOne is ±1 with that many zeros after the point.
func paddedOne(neg bool, zeros int64) *decimal {
	return &decimal{neg: neg, exp: -zeros, coef: pow10(zeros)}
}

// powOfOne is ±1 ** b: 1.0 ** 3 is 1.000.
func powOfOne(a, b *decimal, neg, whole bool) *decimal {
	switch {
	case !whole:
		return paddedOne(false, decimalPrec-1)
	case b.neg:
		return paddedOne(neg, 0)
	}
	zeros := int64(decimalPrec - 1)
	if b.adjusted() < 3 {
		n, _ := b.toInt()
		zeros = min(zeros, -a.exp*int64(n.w))
	} else if a.exp == 0 {
		zeros = 0
	}
	return paddedOne(neg, zeros)
}

// powerSize is about log10 |log10 (|a| ** b)|, and whether the power is greater
// than 1. a is neither 0 nor ±1.
func powerSize(a, b *decimal) (size float64, grows bool) {
	above := a.cmpAbs(&decimal{coef: big.NewInt(1)}) > 0
	log := log10Abs(a)
	size = math.Log10(math.Abs(log))
	if math.Abs(log) < 1e-3 {
		// ln(1+d) is about d, and d may be far below what a float holds.
		x, y, exp := align(&decimal{coef: a.coef, exp: a.exp}, &decimal{coef: big.NewInt(1)})
		d := &decimal{coef: new(big.Int).Abs(new(big.Int).Sub(x, y)), exp: exp}
		size = log10Abs(d) + math.Log10(math.Log10E)
	}
	return size + log10Abs(b), above != b.neg
}

// log10Abs is log10 |d| for a finite d that is not zero.
func log10Abs(d *decimal) float64 {
	n := int64(digitCount(d.coef))
	lead := d.coef
	if n > 17 {
		lead = new(big.Int).Quo(d.coef, pow10(n-17))
	}
	f, _ := new(big.Float).SetInt(lead).Float64()
	return math.Log10(f) + float64(d.exp+max(n-17, 0))
}

func powWhole(a, b *decimal, neg bool) (*decimal, error) {
	if b.adjusted() > 100 {
		return nil, limitErrorf("the exponent of ** has %d digits; the limit is 100", b.adjusted()+1)
	}
	n := new(big.Int)
	if b.exp >= 0 {
		n.Mul(b.coef, pow10(b.exp))
	} else {
		n.Quo(b.coef, pow10(-b.exp))
	}
	work := context{prec: decimalPrec + b.adjusted() + 1 + 2}
	base := &decimal{exp: a.exp, coef: a.coef}
	if b.neg {
		work.prec++
		var err error
		if base, err = work.div(&decimal{coef: big.NewInt(1)}, base); err != nil {
			return nil, err
		}
	}
	result := base
	for i := n.BitLen() - 2; i >= 0; i-- {
		result, _ = work.mul(result, result)
		if n.Bit(i) == 1 {
			result, _ = work.mul(result, base)
		}
	}
	return defaultContext.rounded(neg, result.coef, result.exp)
}

// powReal is a ** b for positive a and a b that is no whole number.
func powReal(a, b *decimal) (*decimal, error) {
	prec := uint(256)
	if adj := b.adjusted() + 1; adj > 0 {
		prec += uint(float64(adj)/log10of2) + 1
	}
	// y = b × ln a, as y / 2^prec.
	lead := new(big.Int).Lsh(a.coef, prec)
	lead.Quo(lead, pow10(int64(digitCount(a.coef)-1)))
	ln10 := fixedLn(new(big.Int).Lsh(big.NewInt(10), prec), prec)
	y := new(big.Int).Mul(ln10, big.NewInt(a.adjusted()))
	y.Add(y, fixedLn(lead, prec))
	y.Mul(y, b.coef)
	if b.exp >= 0 {
		y.Mul(y, pow10(b.exp))
	} else {
		y.Quo(y, pow10(-b.exp))
	}
	if b.neg {
		y.Neg(y)
	}
	// e^y = 10^k × e^r, 0 ≤ r < ln 10.
	k, r := new(big.Int).DivMod(y, ln10, new(big.Int))
	const digits = 60
	coef := fixedExp(r, prec)
	coef.Mul(coef, pow10(digits)).Rsh(coef, prec)
	return defaultContext.rounded(false, coef, k.Int64()-digits)
}

// fixedExp is e^x for a fixed-point x with prec bits after the point, |x| < 4.
func fixedExp(x *big.Int, prec uint) *big.Int {
	halvings := uint(math.Sqrt(float64(prec))) + 2
	work := prec + 2*halvings + 16
	t := new(big.Int).Lsh(x, work-prec)
	t.Rsh(t, halvings)
	sum := new(big.Int).Lsh(big.NewInt(1), work)
	term := new(big.Int).Set(sum)
	for i := int64(1); ; i++ {
		term.Mul(term, t).Rsh(term, work)
		term.Quo(term, big.NewInt(i))
		// An arithmetic shift leaves -1 of a small negative term.
		if term.BitLen() <= 1 {
			break
		}
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum).Rsh(sum, work)
	}
	return sum.Rsh(sum, work-prec)
}

// fixedLn is ln x for a fixed-point x with prec bits after the point, 1 ≤ x ≤ 10.
func fixedLn(x *big.Int, prec uint) *big.Int {
	work := prec + 32
	x = new(big.Int).Lsh(x, work-prec)
	f, _ := new(big.Float).SetMantExp(new(big.Float).SetInt(x), -int(work)).Float64()
	y, _ := new(big.Float).SetMantExp(big.NewFloat(math.Log(f)), int(work)).Int(nil)
	// Halley's iteration triples the digits that are right.
	for bits := uint(48); bits < work; bits *= 3 {
		e := fixedExp(y, work)
		num := new(big.Int).Sub(x, e)
		num.Lsh(num, work+1)
		y.Add(y, num.Quo(num, e.Add(e, x)))
	}
	return y.Rsh(y, work-prec)
}
