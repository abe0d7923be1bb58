package value

import (
	"math"
	"math/big"
	"strings"
	"sync"
	"unsafe"
)

// Python's default decimal context.
const (
	decimalPrec = 28
	decimalEmax = 999999
	decimalEmin = -999999
	// decimalEtiny is the least exponent of a subnormal result.
	decimalEtiny = decimalEmin - (decimalPrec - 1)
)

// Bounds of literals, which no context rounds.
const (
	literalEmax  = 999999999999999999
	literalEtiny = -1999999999999999997
)

type decimalForm uint8

const (
	finite decimalForm = iota
	infinite
	quietNaN
	signalingNaN
)

// decimal is ±coef × 10^exp, infinity, or NaN whose payload is coef. Immutable.
type decimal struct {
	form decimalForm
	neg  bool
	exp  int64
	coef *big.Int // never negative
}

func decimalValue(d *decimal) Value { return Value{tag: tag{kind: KindDecimal}, p: unsafe.Pointer(d)} }

// decimalOf is an int, a bool, a float or a Decimal as a decimal, exactly.
func decimalOf(v Value) *decimal {
	switch v.kind {
	case KindDecimal:
		return v.decimal()
	case KindFloat:
		return floatToDecimal(v.float())
	}
	i := v.toBig()
	return &decimal{neg: i.Sign() < 0, coef: new(big.Int).Abs(i)}
}

// floatToDecimal is exact: a float is a whole number of 2^-k, and 2^-k = 5^k ×
// 10^-k.
func floatToDecimal(f float64) *decimal {
	d := &decimal{neg: math.Signbit(f), coef: new(big.Int)}
	switch {
	case math.IsNaN(f):
		d.form = quietNaN
		return d
	case math.IsInf(f, 0):
		d.form = infinite
		return d
	case f == 0:
		return d
	}
	frac, exp := math.Frexp(math.Abs(f))
	d.coef.SetInt64(int64(frac * (1 << 53)))
	exp -= 53
	for exp < 0 && d.coef.Bit(0) == 0 {
		d.coef.Rsh(d.coef, 1)
		exp++
	}
	if exp >= 0 {
		d.coef.Lsh(d.coef, uint(exp))
		return d
	}
	d.coef.Mul(d.coef, new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(-exp)), nil))
	d.exp = int64(exp)
	return d
}

func (d *decimal) isZero() bool { return d.form == finite && d.coef.Sign() == 0 }
func (d *decimal) isNaN() bool  { return d.form >= quietNaN }

func (d *decimal) bytes() int64 { return 64 + int64(len(d.coef.Bits()))*8 }

// adjusted is the exponent of the first digit.
func (d *decimal) adjusted() int64 { return d.exp + int64(digitCount(d.coef)) - 1 }

// isInteger reports whether a finite d is a whole number.
func (d *decimal) isInteger() bool {
	if d.exp >= 0 || d.coef.Sign() == 0 {
		return true
	}
	if -d.exp >= int64(digitCount(d.coef)) {
		return false
	}
	return new(big.Int).Rem(d.coef, pow10(-d.exp)).Sign() == 0
}

func (d *decimal) negated() *decimal {
	return &decimal{form: d.form, neg: !d.neg, exp: d.exp, coef: d.coef}
}

var smallPow10 = sync.OnceValue(func() *[64]*big.Int {
	var t [64]*big.Int
	t[0] = big.NewInt(1)
	for i := 1; i < len(t); i++ {
		t[i] = new(big.Int).Mul(t[i-1], big.NewInt(10))
	}
	return &t
})

// pow10 is 10^n; shared, don't change it.
func pow10(n int64) *big.Int {
	if t := smallPow10(); n < int64(len(t)) {
		return t[n]
	}
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil)
}

const log10of2 = 0.30102999566398119521

// digitCount is the number of decimal digits of a non-negative number; 0 has
// one.
func digitCount(x *big.Int) int {
	n := x.BitLen()
	if n == 0 {
		return 1
	}
	low := int(float64(n-1) * log10of2)
	if low == int(float64(n)*log10of2) {
		return low + 1
	}
	if x.Cmp(pow10(int64(low+1))) >= 0 {
		return low + 2
	}
	return low + 1
}

// ParseDecimal reads what Python's Decimal(text) reads: digits of any script
// with point and exponent, underscores, surrounding space, Infinity, NaN. A
// text that is none is an InvalidOperation.
func ParseDecimal(s string) (Value, error) {
	d, err := parseDecimal(s)
	if err != nil {
		return Null, err
	}
	return decimalValue(d), nil
}

func parseDecimal(text string) (*decimal, error) {
	bad := func() error {
		return errorf(InvalidOperation, "invalid literal for Decimal: %s", quoteForError(text))
	}
	s, ok := asciiDigits(trimSpace(text))
	if !ok {
		return nil, bad()
	}
	s = strings.ReplaceAll(s, "_", "")
	d := &decimal{coef: new(big.Int)}
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.neg = s[0] == '-'
		s = s[1:]
	}
	if rest, ok := cutFold(s, "inf"); ok {
		if rest != "" && !strings.EqualFold(rest, "inity") {
			return nil, bad()
		}
		d.form = infinite
		return d, nil
	}
	rest, isNaN := cutFold(s, "nan")
	if isNaN {
		d.form = quietNaN
	} else if rest, isNaN = cutFold(s, "snan"); isNaN {
		d.form = signalingNaN
	}
	if isNaN {
		if !allDigits(rest) {
			return nil, bad()
		}
		return d, d.setDigits(rest)
	}
	whole := digitPrefix(s)
	s = s[len(whole):]
	var frac string
	if strings.HasPrefix(s, ".") {
		frac = digitPrefix(s[1:])
		s = s[1+len(frac):]
	}
	if whole == "" && frac == "" {
		return nil, bad()
	}
	if s != "" {
		if s[0] != 'e' && s[0] != 'E' {
			return nil, bad()
		}
		if d.exp, ok = parseExponent(s[1:]); !ok {
			return nil, bad()
		}
	}
	if err := d.setDigits(whole + frac); err != nil {
		return nil, err
	}
	d.exp -= int64(len(frac))
	if d.coef.Sign() == 0 {
		d.exp = max(min(d.exp, literalEmax), literalEtiny)
		return d, nil
	}
	if d.adjusted() > literalEmax || d.exp < literalEtiny {
		return nil, errorf(InvalidOperation, "exponent out of range in Decimal: %s", quoteForError(text))
	}
	return d, nil
}

// setDigits sets the coefficient.
func (d *decimal) setDigits(s string) error {
	s = strings.TrimLeft(s, "0")
	if len(s) > MaxDecimalDigits {
		return limitErrorf("Decimal has %d digits; the limit is %d", len(s), MaxDecimalDigits)
	}
	if s != "" {
		d.coef.SetString(s, 10)
	}
	return nil
}

// parseExponent reads [sign] digits; huge ones are cut at ±4e18, which is out
// of every bound and still leaves room for adding.
func parseExponent(s string) (int64, bool) {
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg = s[0] == '-'
		s = s[1:]
	}
	if s == "" || !allDigits(s) {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		if n = n*10 + int64(s[i]-'0'); n > 4e17*10 {
			n = 4e18
			break
		}
	}
	if neg {
		n = -n
	}
	return n, true
}

func digitPrefix(s string) string {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return s[:n]
}

func allDigits(s string) bool { return len(digitPrefix(s)) == len(s) }

func cutFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// String is str() of the decimal.
func (d *decimal) String() string {
	sgn := ""
	if d.neg {
		sgn = "-"
	}
	switch d.form {
	case infinite:
		return sgn + "Infinity"
	case quietNaN, signalingNaN:
		sgn += map[decimalForm]string{quietNaN: "NaN", signalingNaN: "sNaN"}[d.form]
		if d.coef.Sign() != 0 {
			sgn += d.coef.String()
		}
		return sgn
	}
	digits := d.coef.String()
	point := int64(1)
	if left := d.exp + int64(len(digits)); d.exp <= 0 && left > -6 {
		point = left
	}
	return sgn + placePoint(digits, d.exp, point, "E", 1)
}

// placePoint writes digits × 10^exp with the point after `point` digits and,
// when that is not where the point is, an exponent of at least minExp digits.
func placePoint(digits string, exp, point int64, e string, minExp int) string {
	var b strings.Builder
	n := int64(len(digits))
	switch {
	case point <= 0:
		b.WriteString("0.")
		b.WriteString(strings.Repeat("0", int(-point)))
		b.WriteString(digits)
	case point >= n:
		b.WriteString(digits)
		b.WriteString(strings.Repeat("0", int(point-n)))
	default:
		b.WriteString(digits[:point])
		b.WriteByte('.')
		b.WriteString(digits[point:])
	}
	if at := exp + n - point; at != 0 {
		b.WriteString(e)
		b.WriteString(exponentText(at, minExp))
	}
	return b.String()
}

// compareDecimals compares two numbers, at least one of them a Decimal.
func compareDecimals(a, b Value) (int, bool) {
	x, y := decimalOf(a), decimalOf(b)
	if x.isNaN() || y.isNaN() {
		return 0, false
	}
	return x.cmp(y), true
}

// cmp compares decimals that are no NaN.
func (d *decimal) cmp(o *decimal) int {
	ds, os := d.signum(), o.signum()
	switch {
	case ds < os:
		return -1
	case ds > os:
		return 1
	case ds == 0:
		return 0
	}
	return ds * d.cmpAbs(o)
}

func (d *decimal) signum() int {
	switch {
	case d.isZero():
		return 0
	case d.neg:
		return -1
	}
	return 1
}

// cmpAbs compares the magnitudes of decimals that are neither NaN nor zero.
func (d *decimal) cmpAbs(o *decimal) int {
	switch {
	case d.form == infinite && o.form == infinite:
		return 0
	case d.form == infinite:
		return 1
	case o.form == infinite:
		return -1
	}
	if a, b := d.adjusted(), o.adjusted(); a != b {
		if a < b {
			return -1
		}
		return 1
	}
	// The exponents now differ by no more than the digits.
	x, y, _ := align(d, o)
	return x.Cmp(y)
}

// align is both coefficients at the smaller exponent.
func align(a, b *decimal) (x, y *big.Int, exp int64) {
	x, y = a.coef, b.coef
	switch {
	case a.exp > b.exp:
		x = new(big.Int).Mul(x, pow10(a.exp-b.exp))
	case b.exp > a.exp:
		y = new(big.Int).Mul(y, pow10(b.exp-a.exp))
	}
	return x, y, min(a.exp, b.exp)
}

// hash agrees with the hashes of the int and the float that equal d.
func (d *decimal) hash() uint64 {
	switch d.form {
	case infinite:
		return hashSign(d.neg)
	case quietNaN, signalingNaN:
		return 1
	}
	if d.coef.Sign() == 0 {
		return hashInt(0)
	}
	coef, exp := stripZeros(d.coef, d.exp, 4*literalEmax)
	if exp >= 0 && exp+int64(digitCount(coef)) <= MaxIntBits/3 {
		coef = new(big.Int).Mul(coef, pow10(exp))
		exp = 0
	}
	if d.neg {
		coef = new(big.Int).Neg(coef)
	}
	if exp == 0 {
		return hashInteger(coef)
	}
	if k := -exp; k > 0 && k <= int64(coef.BitLen()) {
		five := new(big.Int).Exp(big.NewInt(5), big.NewInt(k), nil)
		if q, r := five.QuoRem(coef, five, new(big.Int)); r.Sign() == 0 {
			return hashDyadic(q, int(k))
		}
	}
	return mix(hashInteger(coef), uint64(exp))
}

// stripZeros removes trailing zeros of a coefficient until the exponent is
// limit.
func stripZeros(coef *big.Int, exp, limit int64) (*big.Int, int64) {
	if coef.Sign() == 0 || exp >= limit {
		return coef, exp
	}
	s := coef.String()
	n := int64(len(s) - len(strings.TrimRight(s, "0")))
	n = min(n, limit-exp)
	if n == 0 {
		return coef, exp
	}
	return new(big.Int).Quo(coef, pow10(n)), exp + n
}

// toInt truncates d.
func (d *decimal) toInt() (Value, error) {
	switch d.form {
	case infinite:
		return Null, errorf(OverflowError, "cannot convert Infinity to integer")
	case quietNaN, signalingNaN:
		return Null, valueErrorf("cannot convert NaN to integer")
	}
	return d.wholeInt(new(big.Int).Set(d.coef))
}

// wholeInt is ±coef × 10^exp as an int; with a negative exponent the rest is
// dropped.
func (d *decimal) wholeInt(coef *big.Int) (Value, error) {
	switch {
	case coef.Sign() == 0:
		return Int(0), nil
	case d.exp > 0:
		if float64(d.exp)/log10of2+float64(coef.BitLen()) > MaxIntBits {
			return Null, limitErrorf("the Decimal has %d digits before the point; integers are limited to %d bits", d.adjusted()+1, MaxIntBits)
		}
		coef.Mul(coef, pow10(d.exp))
	case d.exp < 0:
		if -d.exp > int64(digitCount(coef)) {
			return Int(0), nil
		}
		coef.Quo(coef, pow10(-d.exp))
	}
	if d.neg {
		coef.Neg(coef)
	}
	return BigInt(coef), nil
}
