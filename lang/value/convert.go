package value

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

// ToInt is Python's int(v), or int(v, base) unless base is Missing.
func ToInt(v, base Value) (Value, error) {
	if !base.IsMissing() {
		if v.kind != KindString {
			return Null, typeErrorf("int() can't convert non-string with explicit base")
		}
		if !base.isIntegral() {
			return Null, typeErrorf("'%s' object cannot be interpreted as an integer", base.kind)
		}
		b, wide := base.integer()
		if wide != nil || b != 0 && (b < 2 || b > 36) {
			return Null, valueErrorf("int() base must be >= 2 and <= 36, or 0")
		}
		return parseInt(v.str(), int(b))
	}
	switch v.kind {
	case KindBool, KindInt:
		return intOf(v), nil
	case KindFloat:
		return floatToInt(v.float())
	case KindDecimal:
		return v.decimal().toInt()
	case KindString:
		return parseInt(v.str(), 10)
	}
	return Null, typeErrorf("int() argument must be a string, a bytes-like object or a real number, not '%s'", v.kind)
}

// parseInt reads what int(text, base) reads; base 0 goes by the prefix.
func parseInt(text string, base int) (Value, error) {
	bad := func() (Value, error) {
		return Null, valueErrorf("invalid literal for int() with base %d: %s", base, quoteForError(text))
	}
	s, ok := asciiDigits(trimNumber(text))
	if !ok || s == "" {
		return bad()
	}
	neg := s[0] == '-'
	if neg || s[0] == '+' {
		s = s[1:]
	}
	radix, prefixed := base, false
	if len(s) >= 2 && s[0] == '0' {
		of := map[byte]int{'x': 16, 'o': 8, 'b': 2}[s[1]|0x20]
		if of != 0 && (base == 0 || base == of) {
			radix, prefixed = of, true
			s = s[2:]
			s = strings.TrimPrefix(s, "_")
		}
	}
	if radix == 0 {
		radix = 10
	}
	digits, ok := withoutUnderscores(s)
	if !ok || digits == "" {
		return bad()
	}
	for i := range len(digits) {
		if digitOf(digits[i]) >= radix {
			return bad()
		}
	}
	if base == 0 && !prefixed && digits[0] == '0' && strings.Trim(digits, "0") != "" {
		return bad() // 010 is no literal
	}
	if radix&(radix-1) != 0 && len(digits) > MaxIntDigits {
		return Null, valueErrorf("Exceeds the limit (%d digits) for integer string conversion: value has %d digits", MaxIntDigits, len(digits))
	}
	if len(digits) > MaxIntBits {
		return Null, errIntTooLarge(int64(len(digits)))
	}
	if len(digits) < 13 { // fits whatever the base
		i, err := strconv.ParseInt(digits, radix, 64)
		if err != nil {
			return bad()
		}
		if neg {
			i = -i
		}
		return Int(i), nil
	}
	i, ok := new(big.Int).SetString(digits, radix)
	if !ok {
		return bad()
	}
	if neg {
		i.Neg(i)
	}
	return sizedInt(i)
}

func digitOf(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return int(c|0x20-'a') + 10
	}
	return 99
}

// withoutUnderscores removes single underscores between other characters, and
// refuses any other.
func withoutUnderscores(s string) (string, bool) {
	if strings.IndexByte(s, '_') < 0 {
		return s, true
	}
	if s[0] == '_' || s[len(s)-1] == '_' || strings.Contains(s, "__") {
		return s, false
	}
	return strings.ReplaceAll(s, "_", ""), true
}

// trimSpace removes what Python takes for white space at both ends.
func trimSpace(s string) string { return strings.TrimFunc(s, isSpace) }

// trimNumber is trimSpace for int() and float(), which take the separators 0x1c
// to 0x1f for white space only when there is something beyond ASCII.
func trimNumber(s string) string {
	if isASCII(s) {
		return strings.Trim(s, " \t\n\v\f\r")
	}
	return trimSpace(s)
}

// isSpace is str.isspace of one code point.
func isSpace(r rune) bool {
	switch {
	case r >= '\t' && r <= '\r', r >= 0x1c && r <= 0x20, r == 0x85, r == 0xa0:
		return true
	}
	return r > 0xff && unicode.IsSpace(r)
}

// asciiDigits replaces decimal digits of any script by 0…9. It reports false
// when something else is not ASCII.
func asciiDigits(s string) (string, bool) {
	if isASCII(s) {
		return s, true
	}
	var b strings.Builder
	for _, r := range s {
		if r >= 0x80 {
			d := decimalDigit(r)
			if d < 0 {
				return s, false
			}
			r = '0' + rune(d)
		}
		b.WriteByte(byte(r))
	}
	return b.String(), true
}

// decimalDigit is the value of a decimal digit of any script, or -1. Unicode
// keeps digits in runs of ten that begin with zero.
func decimalDigit(r rune) int {
	if r < 0x80 {
		if r < '0' || r > '9' {
			return -1
		}
		return int(r - '0')
	}
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	return -1
}

// ToFloat is Python's float(v).
func ToFloat(v Value) (Value, error) {
	switch v.kind {
	case KindFloat:
		return v, nil
	case KindBool, KindInt:
		f, err := intToFloat(v)
		return Float(f), err
	case KindDecimal:
		if v.decimal().form == signalingNaN {
			return Null, valueErrorf("cannot convert signaling NaN to float")
		}
		f, err := strconv.ParseFloat(v.decimal().floatText(), 64)
		if err != nil && !isRange(err) {
			return Null, valueErrorf("could not convert Decimal to float")
		}
		return Float(f), nil
	case KindString:
		return parseFloat(v.str())
	}
	return Null, typeErrorf("float() argument must be a string or a real number, not '%s'", v.kind)
}

func isRange(err error) bool {
	e, ok := err.(*strconv.NumError)
	return ok && e.Err == strconv.ErrRange
}

// floatText is d for ParseFloat, which knows no NaN with a payload.
func (d *decimal) floatText() string {
	if d.isNaN() {
		return "NaN"
	}
	if d.form == finite {
		s := d.coef.String() + "e" + strconv.FormatInt(d.exp, 10)
		if d.neg {
			s = "-" + s
		}
		return s
	}
	return d.String()
}

func parseFloat(text string) (Value, error) {
	bad := func() (Value, error) {
		return Null, valueErrorf("could not convert string to float: %s", quoteForError(text))
	}
	s, ok := asciiDigits(trimNumber(text))
	if !ok || s == "" {
		return bad()
	}
	// Underscores stand between digits only; ParseFloat also takes hexadecimal.
	for i := range len(s) {
		switch c := s[i]; {
		case c == '_':
			if i == 0 || i == len(s)-1 || !isDigit(s[i-1]) || !isDigit(s[i+1]) {
				return bad()
			}
		case c|0x20 == 'x', c|0x20 == 'p':
			return bad()
		}
	}
	s = strings.ReplaceAll(s, "_", "")
	if strings.EqualFold(strings.TrimLeft(s, "+-"), "nan") && len(s) <= 4 {
		return Float(math.NaN()), nil // ParseFloat takes no sign here
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !isRange(err) {
		return bad()
	}
	return Float(f), nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// ToDecimal is Python's Decimal(v): exact for ints and floats.
func ToDecimal(v Value) (Value, error) {
	switch v.kind {
	case KindDecimal:
		return v, nil
	case KindString:
		return ParseDecimal(v.str())
	case KindInt, KindBool, KindFloat:
		if v.kind == KindInt && v.p != nil && checkDigits(v) != nil {
			return Null, limitErrorf("an int of %d bits as Decimal; the limit is %d digits", v.bigBody().BitLen(), MaxDecimalDigits)
		}
		return decimalValue(decimalOf(v)), nil
	}
	return Null, typeErrorf("conversion from %s to Decimal is not supported", v.kind)
}

// RangeOf is Python's range(stop) or range(start, stop[, step]). Numbers beyond
// 64 bits are a LimitError.
func RangeOf(args []Value) (Value, error) {
	if len(args) < 1 {
		return Null, typeErrorf("range expected at least 1 argument, got 0")
	}
	if len(args) > 3 {
		return Null, typeErrorf("range expected at most 3 arguments, got %d", len(args))
	}
	part := [3]int64{0, 0, 1}
	for i, a := range args {
		if !a.isIntegral() {
			return Null, typeErrorf("'%s' object cannot be interpreted as an integer", a.kind)
		}
		n, wide := a.integer()
		if wide != nil {
			return Null, limitErrorf("range() takes integers of at most 64 bits")
		}
		part[i] = n
	}
	if len(args) == 1 {
		part[0], part[1] = 0, part[0]
	}
	if part[2] == 0 {
		return Null, valueErrorf("range() arg 3 must not be zero")
	}
	return Range(part[0], part[1], part[2]), nil
}

// Iterate lists what Python's `for` sees: elements, an object's keys, the code
// points of a string, the numbers of a range (at most MaxItems). The slice may
// be shared: don't change it.
func Iterate(v Value) ([]Value, error) {
	switch v.kind {
	case KindList, KindTuple, KindSet:
		return v.Items(), nil
	case KindObject:
		return v.object().keys, nil
	case KindString:
		s := v.str()
		n := v.strLen()
		if n > MaxItems {
			return nil, errTooManyItems(uint64(n))
		}
		out := make([]Value, 0, n)
		for i, r := range s {
			if r < 0x80 {
				out = append(out, asciiString(s[i:i+1]))
			} else {
				out = append(out, utf8String(s[i:i+runeLen(s[i])]))
			}
		}
		return out, nil
	case KindRange:
		r := v.span()
		n := r.count()
		if n > MaxItems {
			return nil, errTooManyItems(n)
		}
		out := make([]Value, n)
		for i := range out {
			out[i] = Int(r.at(uint64(i)))
		}
		return out, nil
	}
	return nil, typeErrorf("'%s' object is not iterable", v.kind)
}

// runeLen is the length of the code point that begins with byte c of valid
// UTF-8.
func runeLen(c byte) int {
	switch {
	case c < 0xc0:
		return 1
	case c < 0xe0:
		return 2
	case c < 0xf0:
		return 3
	}
	return 4
}
