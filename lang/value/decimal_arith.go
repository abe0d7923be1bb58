package value

import "math/big"

func errDecimalOverflow() error {
	return errorf(OverflowError, "the Decimal result is larger than 10**%d", decimalEmax+1)
}

// context is a precision to round to, with the exponent bounds of Python's
// default context (or none, for intermediate results).
type context struct {
	prec    int64
	bounded bool
}

var defaultContext = context{prec: decimalPrec, bounded: true}

// rounded is ±coef × 10^exp rounded half-even to the context. coef is not
// changed.
func (c context) rounded(neg bool, coef *big.Int, exp int64) (*decimal, error) {
	d := &decimal{neg: neg, coef: coef, exp: exp}
	if coef.Sign() == 0 {
		if c.bounded {
			d.exp = min(max(exp, decimalEtiny), decimalEmax)
		}
		return d, nil
	}
	digits := int64(digitCount(coef))
	least := exp + digits - c.prec // the exponent of the last digit kept
	if c.bounded {
		if exp+digits-1 > decimalEmax {
			return nil, errDecimalOverflow()
		}
		least = max(least, decimalEtiny)
	}
	if exp >= least {
		return d, nil
	}
	d.coef = roundHalfEven(coef, least-exp)
	d.exp = least
	if int64(digitCount(d.coef)) > c.prec {
		// 9.99… became 10.0…: the last digit is a zero.
		d.coef = new(big.Int).Quo(d.coef, pow10(1))
		d.exp++
		if c.bounded && d.adjusted() > decimalEmax {
			return nil, errDecimalOverflow()
		}
	}
	return d, nil
}

// roundHalfEven is coef / 10^drop, rounded half to even.
func roundHalfEven(coef *big.Int, drop int64) *big.Int {
	if drop > int64(digitCount(coef)) {
		return new(big.Int) // less than 0.1
	}
	unit := pow10(drop)
	q, r := new(big.Int).QuoRem(coef, unit, new(big.Int))
	switch r.Lsh(r, 1).Cmp(unit) {
	case 1:
		q.Add(q, big.NewInt(1))
	case 0:
		if q.Bit(0) == 1 {
			q.Add(q, big.NewInt(1))
		}
	}
	return q
}

// round is +d: d in the default context.
func (d *decimal) round() (*decimal, error) {
	if d.isNaN() {
		return nanResult(d, d)
	}
	if d.form == infinite {
		return d, nil
	}
	return defaultContext.rounded(d.neg && d.coef.Sign() != 0, d.coef, d.exp)
}

// nanResult is the result of an operation of which at least one operand is NaN:
// the first one, with its payload cut to the precision.
func nanResult(a, b *decimal) (*decimal, error) {
	if a.form == signalingNaN || b.form == signalingNaN {
		return nil, errorf(InvalidOperation, "operation on a signaling NaN")
	}
	if !a.isNaN() {
		a = b
	}
	if digitCount(a.coef) > decimalPrec {
		cut := new(big.Int).Rem(a.coef, pow10(decimalPrec))
		a = &decimal{form: quietNaN, neg: a.neg, coef: cut}
	}
	return a, nil
}

func addDecimals(a, b *decimal) (*decimal, error) { return defaultContext.add(a, b) }

func (c context) add(a, b *decimal) (*decimal, error) {
	switch {
	case a.isNaN() || b.isNaN():
		return nanResult(a, b)
	case a.form == infinite && b.form == infinite:
		if a.neg != b.neg {
			return nil, errorf(InvalidOperation, "Infinity - Infinity")
		}
		return a, nil
	case a.form == infinite:
		return a, nil
	case b.form == infinite:
		return b, nil
	}
	if a.isZero() && b.isZero() {
		return c.rounded(a.neg && b.neg, a.coef, min(a.exp, b.exp))
	}
	// An operand far below the other's last digit only matters as "a little".
	a, b = c.clip(a, b), c.clip(b, a)
	x, y, exp := align(a, b)
	if a.neg == b.neg {
		return c.rounded(a.neg, new(big.Int).Add(x, y), exp)
	}
	diff := new(big.Int).Sub(x, y)
	neg := a.neg
	if diff.Sign() < 0 {
		neg = b.neg
		diff.Neg(diff)
	} else if diff.Sign() == 0 {
		neg = false
	}
	return c.rounded(neg, diff, exp)
}

// clip is d, made cheap to align with o without a change to the rounded sum:
// zeros take an exponent close to the result's last digit, and what is smaller
// than any digit that rounding looks at becomes 1 far below.
func (c context) clip(d, o *decimal) *decimal {
	if d.isZero() {
		if o.isZero() {
			return d
		}
		exp := max(d.exp, o.exp-c.prec-1)
		if exp > o.exp {
			exp = o.exp
		}
		return &decimal{neg: d.neg, exp: exp, coef: d.coef}
	}
	if o.isZero() || d.exp >= o.exp {
		return d
	}
	below := o.exp + min(-1, int64(digitCount(o.coef))-c.prec-2)
	if d.adjusted() < below {
		return &decimal{neg: d.neg, exp: below, coef: big.NewInt(1)}
	}
	return d
}

func mulDecimals(a, b *decimal) (*decimal, error) { return defaultContext.mul(a, b) }

func (c context) mul(a, b *decimal) (*decimal, error) {
	neg := a.neg != b.neg
	switch {
	case a.isNaN() || b.isNaN():
		return nanResult(a, b)
	case a.form == infinite || b.form == infinite:
		if a.isZero() || b.isZero() {
			return nil, errorf(InvalidOperation, "0 * Infinity")
		}
		return &decimal{form: infinite, neg: neg, coef: new(big.Int)}, nil
	}
	return c.rounded(neg, new(big.Int).Mul(a.coef, b.coef), a.exp+b.exp)
}

func divDecimals(a, b *decimal) (*decimal, error) { return defaultContext.div(a, b) }

func (c context) div(a, b *decimal) (*decimal, error) {
	neg := a.neg != b.neg
	switch {
	case a.isNaN() || b.isNaN():
		return nanResult(a, b)
	case a.form == infinite && b.form == infinite:
		return nil, errorf(InvalidOperation, "Infinity / Infinity")
	case a.form == infinite:
		return &decimal{form: infinite, neg: neg, coef: a.coef}, nil
	case b.form == infinite:
		return c.rounded(neg, new(big.Int), decimalEtiny)
	case b.isZero():
		if a.isZero() {
			return nil, errorf(InvalidOperation, "0 / 0")
		}
		return nil, errorf(ZeroDivisionError, "Decimal division by zero")
	case a.isZero():
		return c.rounded(neg, a.coef, a.exp-b.exp)
	}
	shift := int64(digitCount(b.coef)) - int64(digitCount(a.coef)) + c.prec + 1
	exp := a.exp - b.exp - shift
	x, y := a.coef, b.coef
	if shift >= 0 {
		x = new(big.Int).Mul(x, pow10(shift))
	} else {
		y = new(big.Int).Mul(y, pow10(-shift))
	}
	q, r := new(big.Int).QuoRem(x, y, new(big.Int))
	if r.Sign() == 0 {
		q, exp = stripZeros(q, exp, a.exp-b.exp)
	} else if new(big.Int).Rem(q, big.NewInt(5)).Sign() == 0 {
		// Inexact: a last digit of 0 or 5 must not look like an exact tie.
		q.Add(q, big.NewInt(1))
	}
	return c.rounded(neg, q, exp)
}

// divModDecimals is the quotient truncated towards zero, and the remainder with
// the sign of the dividend.
func divModDecimals(a, b *decimal, op string) (quo, rem *decimal, err error) {
	neg := a.neg != b.neg
	switch {
	case a.isNaN() || b.isNaN():
		d, err := nanResult(a, b)
		return d, d, err
	case a.form == infinite:
		if b.form == infinite || op != "//" {
			return nil, nil, errorf(InvalidOperation, "Infinity %s a Decimal", op)
		}
		return &decimal{form: infinite, neg: neg, coef: a.coef}, nil, nil
	case b.isZero():
		if op == "//" && !a.isZero() {
			return nil, nil, errorf(ZeroDivisionError, "Decimal division by zero")
		}
		return nil, nil, errorf(InvalidOperation, "a Decimal %s 0", op)
	}
	// The remainder may be out of the context's range although the quotient is not:
	// it is only rounded when it is asked for.
	remainder := func(quo, coef *big.Int, exp int64) (*decimal, *decimal, error) {
		q := &decimal{neg: neg, coef: quo}
		if op == "//" {
			return q, nil, nil
		}
		rem, err := defaultContext.rounded(a.neg, coef, exp)
		return q, rem, err
	}
	zero := new(big.Int)
	exp := min(a.exp, b.exp)
	diff := int64(0)
	switch {
	case b.form == infinite:
		return remainder(zero, a.coef, a.exp)
	case a.isZero():
		return remainder(zero, a.coef, exp)
	default:
		diff = a.adjusted() - b.adjusted()
	}
	if diff <= -2 {
		if op == "//" {
			return remainder(zero, nil, 0)
		}
		// a has more digits than its exponent is above b's.
		return remainder(zero, new(big.Int).Mul(a.coef, pow10(a.exp-exp)), exp)
	}
	if diff <= decimalPrec {
		x, y, _ := align(a, b)
		q, r := new(big.Int).QuoRem(x, y, new(big.Int))
		if digitCount(q) <= decimalPrec {
			return remainder(q, r, exp)
		}
	}
	return nil, nil, errorf(InvalidOperation, "quotient of %s has more than %d digits", op, decimalPrec)
}

// quantize is d rounded half-even to the exponent.
func (d *decimal) quantize(exp int64) (*decimal, error) {
	switch {
	case d.isNaN():
		return nanResult(d, d)
	case d.form == infinite:
		return nil, errorf(InvalidOperation, "quantize with one Infinity")
	case exp < decimalEtiny || exp > decimalEmax:
		return nil, errorf(InvalidOperation, "cannot round a Decimal to exponent %d", exp)
	}
	out := &decimal{neg: d.neg, exp: exp, coef: d.coef}
	switch {
	case d.isZero():
	case d.exp < exp:
		out.coef = roundHalfEven(d.coef, exp-d.exp)
	case d.exp > exp:
		if d.adjusted()-exp+1 > decimalPrec {
			return nil, errorf(InvalidOperation, "the rounded Decimal has more than %d digits", decimalPrec)
		}
		out.coef = new(big.Int).Mul(d.coef, pow10(d.exp-exp))
	}
	if digitCount(out.coef) > decimalPrec || out.coef.Sign() != 0 && out.adjusted() > decimalEmax {
		return nil, errorf(InvalidOperation, "the rounded Decimal has more than %d digits", decimalPrec)
	}
	return out, nil
}

// roundToInt is round(d).
func (d *decimal) roundToInt() (Value, error) {
	if d.form != finite || d.exp >= 0 {
		return d.toInt()
	}
	whole := &decimal{neg: d.neg, coef: roundHalfEven(d.coef, -d.exp)}
	return whole.toInt()
}
