package value

import (
	"math"
	"strconv"
	"strings"
)

func (f *formatSpec) formatFloat(x float64) (string, error) {
	kind, precision := f.kind, f.precision
	suffix := ""
	switch kind {
	case 0:
		switch {
		case precision < 0:
			kind, precision = 'r', 0
		default:
			kind = 'p' // as g, but with a digit after the point
		}
	case 'n':
		kind = 'g'
	case '%':
		kind, suffix = 'f', "%"
		x *= 100
	case 'e', 'E', 'f', 'F', 'g', 'G':
	default:
		return "", f.unknownCode(rune(kind))
	}
	if precision < 0 {
		precision = 6
	}
	upper := kind == 'E' || kind == 'F' || kind == 'G'
	body := floatBody(math.Abs(x), kind|0x20, precision, f.alternate)
	if upper {
		body = strings.ToUpper(body)
	}
	neg := math.Signbit(x) && !math.IsNaN(x)
	if f.noNegZero && neg && isZeroText(body) {
		neg = false
	}
	p := numberParts{prefix: signText(neg, f.sign)}
	p.digits = digitPrefix(body)
	p.rest = body[len(p.digits):] + suffix
	if f.grouping != 0 && (f.kind == 'b' || f.kind == 'o') {
		return "", f.unknownCode(rune(f.kind))
	}
	return f.assemble(p)
}

// isZeroText reports whether all digits before an exponent are 0.
func isZeroText(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c == 'e' || c == 'E':
			return true
		case c != '0' && c != '.':
			return false
		}
	}
	return true
}

// floatBody is the text of x ≥ 0, as PyOS_double_to_string writes it: kind is e,
// f, g, r (repr) or p (g that keeps ".0").
func floatBody(x float64, kind byte, precision int, alternate bool) string {
	switch {
	case math.IsInf(x, 0):
		return "inf"
	case math.IsNaN(x):
		return "nan"
	}
	switch kind {
	case 'r':
		body := string(appendFloat(nil, x))
		if alternate {
			body = withPoint(body)
		}
		return body
	case 'e', 'f':
		body := strconv.FormatFloat(x, kind, precision, 64)
		if alternate {
			body = withPoint(body)
		}
		return body
	}
	precision = max(precision, 1)
	// Digits and decimal exponent, rounded to the precision.
	text := strconv.FormatFloat(x, 'e', precision-1, 64)
	mantissa, exponent, _ := strings.Cut(text, "e")
	exp, _ := strconv.Atoi(exponent)
	digits := strings.Replace(mantissa, ".", "", 1)
	point := exp + 1 // digits before the point
	if !alternate {
		digits = strings.TrimRight(digits, "0")
		if digits == "" {
			digits = "0"
		}
	}
	limit := precision
	if kind == 'p' {
		limit--
	}
	if x == 0 {
		point = 1
	}
	if point <= -4 || point > limit {
		body := digits[:1]
		if len(digits) > 1 {
			body += "." + digits[1:]
		} else if alternate {
			body += "."
		}
		return body + "e" + exponentText(int64(point-1), 2)
	}
	var body string
	switch {
	case point <= 0:
		body = "0." + strings.Repeat("0", -point) + digits
	case point >= len(digits):
		body = digits + strings.Repeat("0", point-len(digits))
		if kind == 'p' {
			body += ".0"
		} else if alternate {
			body += "."
		}
	default:
		body = digits[:point] + "." + digits[point:]
	}
	return body
}

// withPoint adds the point that the alternate form always has.
func withPoint(s string) string {
	if strings.IndexByte(s, '.') >= 0 {
		return s
	}
	if i := strings.IndexByte(s, 'e'); i >= 0 {
		return s[:i] + "." + s[i:]
	}
	return s + "."
}
