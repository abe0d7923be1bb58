package value

import (
	"math"
	"math/big"
)

// sizedInt is i as a value, if it is within the bound.
func sizedInt(i *big.Int) (Value, error) {
	if n := i.BitLen(); n > MaxIntBits {
		return Null, errIntTooLarge(int64(n))
	}
	return BigInt(i), nil
}

func errIntTooLarge(bits int64) error {
	return limitErrorf("the integer would have %d bits; the limit is %d", bits, MaxIntBits)
}

func mulInts(a, b Value) (Value, error) {
	x, y := a.toBig(), b.toBig()
	if n := x.BitLen() + y.BitLen(); n > MaxIntBits+1 {
		return Null, errIntTooLarge(int64(n))
	}
	return sizedInt(new(big.Int).Mul(x, y))
}

// divModInts rounds the quotient down; the remainder has the divisor's sign.
func divModInts(a, b Value, zero string) (quo, mod Value, err error) {
	x, xb := a.integer()
	y, yb := b.integer()
	if yb == nil && y == 0 {
		return Null, Null, errorf(ZeroDivisionError, "%s", zero)
	}
	if xb == nil && yb == nil && (x != math.MinInt64 || y != -1) {
		q, r := x/y, x%y
		if r != 0 && (r < 0) != (y < 0) {
			q--
			r += y
		}
		return Int(q), Int(r), nil
	}
	d := b.toBig()
	q, r := new(big.Int).QuoRem(a.toBig(), d, new(big.Int))
	if r.Sign() != 0 && r.Sign() != d.Sign() {
		q.Sub(q, big.NewInt(1))
		r.Add(r, d)
	}
	return BigInt(q), BigInt(r), nil
}

// divInts is the float nearest to a/b.
func divInts(a, b Value) (Value, error) {
	x, xb := a.integer()
	y, yb := b.integer()
	if yb == nil && y == 0 {
		return Null, errorf(ZeroDivisionError, "division by zero")
	}
	if xb == nil && yb == nil && magnitude(x) <= 1<<53 && magnitude(y) <= 1<<53 {
		return Float(float64(x) / float64(y)), nil
	}
	num, den := new(big.Int).Abs(a.toBig()), new(big.Int).Abs(b.toBig())
	neg := (a.toBig().Sign() < 0) != (b.toBig().Sign() < 0)
	if num.Sign() == 0 {
		return Float(math.Copysign(0, float64(1-2*btoi(neg)))), nil
	}
	// A quotient of at least 66 bits, whose last bit says whether there is more:
	// rounding that once to a float's 53 bits, or fewer below 2^-1022, is right.
	shift := 66 - (num.BitLen() - den.BitLen())
	if shift < -1100 {
		return Null, errorf(OverflowError, "integer division result too large for a float")
	}
	if shift > 1200 {
		return Float(math.Copysign(0, float64(1-2*btoi(neg)))), nil
	}
	if shift >= 0 {
		num.Lsh(num, uint(shift))
	} else {
		den.Lsh(den, uint(-shift))
	}
	q, r := num.QuoRem(num, den, new(big.Int))
	f := roundToFloat(q, r.Sign() != 0, -shift)
	if math.IsInf(f, 0) {
		return Null, errorf(OverflowError, "integer division result too large for a float")
	}
	if neg {
		f = -f
	}
	return Float(f), nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// roundToFloat is the float nearest to (m + a bit more, if sticky) × 2^exp, for
// m ≥ 0; +Inf when it is too large.
func roundToFloat(m *big.Int, sticky bool, exp int) float64 {
	n := m.BitLen()
	if n == 0 {
		return 0
	}
	// The exponent of the last bit that the float has.
	last := max(n+exp-53, -1074)
	drop := last - exp
	if drop <= 0 {
		f, _ := new(big.Float).SetInt(m).Float64()
		return math.Ldexp(f, exp)
	}
	if drop > n+1 {
		return 0
	}
	kept := new(big.Int).Rsh(m, uint(drop)).Uint64()
	half := m.Bit(drop-1) == 1
	sticky = sticky || m.TrailingZeroBits() < uint(drop-1)
	if half && (sticky || kept&1 == 1) {
		kept++
	}
	return math.Ldexp(float64(kept), last)
}

// intToFloat is float(i), rounded half to even.
func intToFloat(v Value) (float64, error) {
	i, wide := v.integer()
	if wide == nil {
		return float64(i), nil
	}
	if wide.BitLen() <= 1025 {
		if f := roundToFloat(new(big.Int).Abs(wide), false, 0); !math.IsInf(f, 0) {
			if wide.Sign() < 0 {
				f = -f
			}
			return f, nil
		}
	}
	return 0, errorf(OverflowError, "int too large to convert to float")
}

func powInts(a, b Value) (Value, error) {
	e, wide := b.integer()
	if wide != nil && wide.Sign() < 0 || wide == nil && e < 0 {
		x, err := intToFloat(a)
		if err != nil {
			return Null, err
		}
		y, err := intToFloat(b)
		if err != nil {
			return Null, err
		}
		return powFloats(x, y)
	}
	base := a.toBig()
	n := base.BitLen()
	switch {
	case wide == nil && e == 0:
		return Int(1), nil
	case n == 0:
		return Int(0), nil
	case n == 1: // ±1
		if base.Sign() > 0 || b.toBig().Bit(0) == 0 {
			return Int(1), nil
		}
		return Int(-1), nil
	case wide != nil || e > MaxIntBits || int64(n-1)*e > MaxIntBits:
		return Null, limitErrorf("an integer of %d bits to the power %s is too large; the limit is %d bits", n, shortInt(b), MaxIntBits)
	}
	return sizedInt(new(big.Int).Exp(base, big.NewInt(e), nil))
}

// shortInt is an integer for a message.
func shortInt(v Value) string {
	if v.toBig().BitLen() > 256 {
		return "of more than 256 bits"
	}
	return Repr(v)
}

// PowMod is Python's pow(a, b, m) for ints: a ** b % m without the big number
// in between; a negative b needs an inverse.
func PowMod(a, b, m Value) (Value, error) {
	if !a.isIntegral() || !b.isIntegral() || !m.isIntegral() {
		if a.isNumber() && b.isNumber() && m.isNumber() {
			return Null, typeErrorf("pow() 3rd argument not allowed unless all arguments are integers")
		}
		return Null, typeErrorf("unsupported operand type(s) for ** or pow(): '%s', '%s', '%s'", a.kind, b.kind, m.kind)
	}
	base, exp, mod := a.toBig(), b.toBig(), m.toBig()
	if mod.Sign() == 0 {
		return Null, valueErrorf("pow() 3rd argument cannot be 0")
	}
	// Cubic in the size: 16,384 bits are about a second.
	for _, i := range [...]*big.Int{base, exp, mod} {
		if i.BitLen() > 1<<13 {
			return Null, limitErrorf("pow() with three arguments takes integers of at most %d bits", 1<<13)
		}
	}
	abs := new(big.Int).Abs(mod)
	if exp.Sign() < 0 {
		inverse := new(big.Int).ModInverse(new(big.Int).Mod(base, abs), abs)
		if inverse == nil && abs.BitLen() > 1 {
			return Null, valueErrorf("base is not invertible for the given modulus")
		}
		if inverse == nil {
			return Int(0), nil // everything is 0 modulo 1
		}
		base, exp = inverse, new(big.Int).Neg(exp)
	}
	r := new(big.Int).Exp(base, exp, abs)
	if r.Sign() != 0 && mod.Sign() < 0 {
		r.Add(r, mod)
	}
	return BigInt(r), nil
}

// roundInt is round(i, -places), half to even, for places > 0.
func roundInt(v Value, places int64) Value {
	i := v.toBig()
	if places > int64(digitCount(new(big.Int).Abs(i))) {
		return Int(0)
	}
	q := roundHalfEven(new(big.Int).Abs(i), places)
	q.Mul(q, pow10(places))
	if i.Sign() < 0 {
		q.Neg(q)
	}
	return BigInt(q)
}
