package value

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decimalSpec is the mini-language as the decimal module reads it: no '#', no
// '_', and an alignment excludes zero padding.
type decimalSpec struct {
	formatSpec
	zeroPad bool
}

func errDecimalFormat(spec string) error {
	return valueErrorf("invalid format string '%s' for object of type 'decimal.Decimal'", clip(spec))
}

func parseDecimalSpec(spec string) (decimalSpec, error) {
	f := decimalSpec{formatSpec: formatSpec{object: "decimal.Decimal", fill: ' ', align: '>', precision: -1}}
	s := spec
	hasAlign := false
	if r, n := utf8.DecodeRuneInString(s); len(s) > n && isAlign(s[n]) {
		f.fill, f.align, hasAlign = r, s[n], true
		s = s[n+1:]
	} else if s != "" && isAlign(s[0]) {
		f.align, hasAlign = s[0], true
		s = s[1:]
	}
	next := func(set string) byte {
		if s == "" || strings.IndexByte(set, s[0]) < 0 {
			return 0
		}
		c := s[0]
		s = s[1:]
		return c
	}
	f.sign = next(" +-")
	f.noNegZero = next("z") != 0
	if next("0") != 0 {
		if hasAlign {
			return f, errDecimalFormat(spec)
		}
		f.zeroPad, f.groupZeros = true, true
		f.fill, f.align = '0', '='
	}
	var err error
	if s != "" && s[0] == '0' {
		return f, errDecimalFormat(spec)
	}
	if digitPrefix(s) != "" { // ASCII digits only, unlike other types
		if f.width, s, err = formatNumber(s, 0); err != nil {
			return f, err
		}
	}
	f.grouping = next(",")
	if next(".") != 0 {
		if digitPrefix(s) == "" {
			return f, errDecimalFormat(spec)
		}
		if f.precision, s, err = formatNumber(s, -1); err != nil {
			return f, err
		}
	}
	f.kind = next("eEfFgG%n")
	if s != "" || f.kind == 'n' && f.grouping != 0 {
		return f, errDecimalFormat(spec)
	}
	switch f.kind {
	case 0:
		f.kind = 'G'
	case 'n':
		f.kind = 'g'
	}
	return f, nil
}

func formatDecimal(d *decimal, spec string) (string, error) {
	f, err := parseDecimalSpec(spec)
	if err != nil {
		return "", err
	}
	if d.form != finite {
		if f.zeroPad {
			f.fill, f.align = ' ', '>'
		}
		body := strings.TrimPrefix(d.String(), "-")
		if f.kind == '%' {
			body += "%"
		}
		return f.pad(signText(d.neg, f.sign), body)
	}
	if d, err = f.round(d); err != nil {
		return "", err
	}
	digits := d.coef.String()
	n := int64(len(digits))
	left := d.exp + n
	point := int64(1)
	switch f.kind {
	case 'e', 'E':
		if d.isZero() && f.precision >= 0 {
			point = int64(1 - f.precision)
		}
	case 'f', 'F', '%':
		point = left
	default:
		if d.exp <= 0 && left > -6 {
			point = left
		}
	}
	if point > MaxStringBytes || point < -MaxStringBytes {
		return "", errStringTooLong(magnitude(point))
	}
	neg := d.neg && !(f.noNegZero && d.isZero())
	p := numberParts{prefix: signText(neg, f.sign)}
	var frac string
	switch {
	case point <= 0:
		p.digits, frac = "0", strings.Repeat("0", int(-point))+digits
	case point > n:
		p.digits = digits + strings.Repeat("0", int(point-n))
	default:
		p.digits, frac = digits[:point], digits[point:]
	}
	if frac != "" {
		p.rest = "." + frac
	}
	if exp := left - point; exp != 0 || f.kind|0x20 == 'e' {
		p.rest += f.exponentLetter() + signedText(exp)
	}
	if f.kind == '%' {
		p.rest += "%"
	}
	return f.assemble(p)
}

func signedText(n int64) string {
	if n >= 0 {
		return "+" + strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10)
}

// round applies the precision; the percent type is two digits up.
func (f *decimalSpec) round(d *decimal) (*decimal, error) {
	fixed := f.kind == 'f' || f.kind == 'F' || f.kind == '%'
	if f.kind == '%' {
		d = &decimal{neg: d.neg, exp: d.exp + 2, coef: d.coef}
	}
	var err error
	if f.precision >= 0 {
		switch {
		case fixed:
			d, err = d.rescale(int64(-f.precision))
		case f.kind == 'e' || f.kind == 'E':
			d, err = d.significant(int64(f.precision) + 1)
		case digitCount(d.coef) > max(f.precision, 1):
			d, err = d.significant(int64(max(f.precision, 1)))
		}
	}
	if err == nil && fixed && d.isZero() && d.exp > 0 {
		d, err = d.rescale(0)
	}
	return d, err
}

// rescale is d rounded half-even, or padded with zeros, to the exponent,
// whatever the context's precision.
func (d *decimal) rescale(exp int64) (*decimal, error) {
	out := &decimal{neg: d.neg, exp: exp, coef: d.coef}
	switch {
	case d.isZero():
	case d.exp < exp:
		out.coef = roundHalfEven(d.coef, exp-d.exp)
	case d.exp > exp:
		if d.exp-exp > MaxIntBits {
			return nil, limitErrorf("the formatted Decimal would have %d more digits; the limit is %d", d.exp-exp, MaxIntBits)
		}
		out.coef = new(big.Int).Mul(d.coef, pow10(d.exp-exp))
	}
	return out, nil
}

// significant is d with that many significant digits.
func (d *decimal) significant(places int64) (*decimal, error) {
	if d.isZero() {
		return d, nil
	}
	out, err := d.rescale(d.adjusted() + 1 - places)
	if err == nil && out.adjusted() != d.adjusted() {
		out, err = out.rescale(out.adjusted() + 1 - places)
	}
	return out, err
}

func (f *decimalSpec) exponentLetter() string {
	if f.kind == 'E' || f.kind == 'G' {
		return "E"
	}
	return "e"
}
