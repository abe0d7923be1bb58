package value

import (
	"math"
	"math/big"
	"strconv"
)

// toFloat is a bool, int or float as a float.
func toFloat(v Value) (float64, error) {
	if v.kind == KindFloat {
		return v.float(), nil
	}
	return intToFloat(v)
}

func floatArithmetic(op byte, x, y float64) (Value, error) {
	switch op {
	case '+':
		return Float(x + y), nil
	case '-':
		return Float(x - y), nil
	case '*':
		return Float(x * y), nil
	case 'p':
		return powFloats(x, y)
	}
	if y == 0 {
		switch op {
		case '/':
			return Null, errorf(ZeroDivisionError, "float division by zero")
		case 'f':
			return Null, errorf(ZeroDivisionError, "float floor division by zero")
		}
		return Null, errorf(ZeroDivisionError, "float modulo")
	}
	switch op {
	case '/':
		return Float(x / y), nil
	case 'f':
		q, _ := floatDivMod(x, y)
		return Float(q), nil
	}
	_, m := floatDivMod(x, y)
	return Float(m), nil
}

// floatDivMod is the quotient rounded down and the remainder with y's sign, as
// CPython computes them.
func floatDivMod(x, y float64) (quo, mod float64) {
	mod = math.Mod(x, y)
	quo = (x - mod) / y
	if mod != 0 {
		if (y < 0) != (mod < 0) {
			mod += y
			quo--
		}
	} else {
		mod = math.Copysign(0, y)
	}
	if quo == 0 {
		return math.Copysign(0, x/y), mod
	}
	whole := math.Floor(quo)
	if quo-whole > 0.5 {
		whole++
	}
	return whole, mod
}

// powFloats is x ** y, correctly rounded.
func powFloats(x, y float64) (Value, error) {
	if x == 0 && y < 0 && !math.IsInf(y, -1) {
		return Null, errorf(ZeroDivisionError, "0.0 cannot be raised to a negative power")
	}
	if x < 0 && !math.IsInf(x, 0) && !math.IsInf(y, 0) && !math.IsNaN(y) && y != math.Trunc(y) {
		return Null, valueErrorf("a negative number to a power that is not whole would be complex")
	}
	r := pow(x, y)
	if math.IsInf(r, 0) && !math.IsInf(x, 0) && !math.IsInf(y, 0) {
		return Null, errorf(OverflowError, "(34, 'Numerical result out of range')")
	}
	return Float(r), nil
}

// appendFloat appends repr(f): the shortest digits that read back as f, with an
// exponent below 1e-4 and from 1e16.
func appendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	case f == 0:
		if math.Signbit(f) {
			dst = append(dst, '-')
		}
		return append(dst, "0.0"...)
	}
	if a := math.Abs(f); a >= 1e-4 && a < 1e16 {
		start := len(dst)
		dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
		for _, c := range dst[start:] {
			if c == '.' {
				return dst
			}
		}
		return append(dst, ".0"...)
	}
	return strconv.AppendFloat(dst, f, 'e', -1, 64)
}

// Round is round(v) when digits is None or Missing, else round(v, digits): half
// to even. Without digits the result is an int.
func Round(v, digits Value) (Value, error) {
	if !v.isNumber() {
		return Null, typeErrorf("type %s doesn't define __round__ method", v.kind)
	}
	if digits.IsNull() || digits.IsMissing() {
		switch v.kind {
		case KindFloat:
			return floatToInt(math.RoundToEven(v.float()))
		case KindDecimal:
			return v.decimal().roundToInt()
		}
		return intOf(v), nil
	}
	if !digits.isIntegral() {
		return Null, typeErrorf("'%s' object cannot be interpreted as an integer", digits.kind)
	}
	n, wide := digits.integer()
	if wide != nil {
		if v.kind == KindDecimal {
			return Null, errorf(OverflowError, "Python int too large to convert to C ssize_t")
		}
		n = int64(wide.Sign()) * 1e18
	}
	n = min(max(n, -1e18), 1e18)
	switch v.kind {
	case KindFloat:
		return roundFloat(v.float(), n)
	case KindDecimal:
		d, err := v.decimal().quantize(-n)
		if err != nil {
			return Null, err
		}
		return decimalValue(d), nil
	}
	if n >= 0 {
		return intOf(v), nil
	}
	return roundInt(v, -n), nil
}

// roundFloat rounds the exact value of f half to even at the n-th digit after
// the point and gives the float nearest to that.
func roundFloat(f float64, n int64) (Value, error) {
	if n > 323 || f == 0 || math.IsNaN(f) || math.IsInf(f, 0) {
		return Float(f), nil
	}
	if n < -308 {
		return Float(math.Copysign(0, f)), nil
	}
	var text string
	if n >= 0 {
		text = strconv.FormatFloat(f, 'f', int(n), 64)
	} else {
		whole, frac := math.Modf(f)
		i, _ := new(big.Float).SetFloat64(math.Abs(whole)).Int(nil)
		// Digits after the point make a tie no tie.
		i.Lsh(i, 1)
		if frac != 0 {
			i.SetBit(i, 0, 1)
		}
		unit := new(big.Int).Lsh(pow10(-n), 1)
		q, r := i.QuoRem(i, unit, new(big.Int))
		if c := r.Lsh(r, 1).Cmp(unit); c > 0 || c == 0 && q.Bit(0) == 1 {
			q.Add(q, big.NewInt(1))
		}
		text = q.Mul(q, pow10(-n)).String()
		if f < 0 {
			text = "-" + text
		}
	}
	r, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return Null, errorf(OverflowError, "rounded value too large to represent")
	}
	return Float(r), nil
}

// floatToInt is int(f).
func floatToInt(f float64) (Value, error) {
	switch {
	case math.IsNaN(f):
		return Null, valueErrorf("cannot convert float NaN to integer")
	case math.IsInf(f, 0):
		return Null, errorf(OverflowError, "cannot convert float infinity to integer")
	case math.Abs(f) < 1<<63:
		return Int(int64(f)), nil
	}
	i, _ := new(big.Float).SetFloat64(f).Int(nil)
	return BigInt(i), nil
}
