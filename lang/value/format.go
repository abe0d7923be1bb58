package value

import (
	"math/big"
	"strings"
	"unicode/utf8"
)

// Format is Python's format(v, spec): the whole format mini-language for
// strings, ints, bools, floats and Decimals, strftime for datetimes. Other types
// take an empty spec only. The locale of `n` is C's.
func Format(v Value, spec string) (string, error) {
	s, err := format(v, spec)
	if err == nil && len(s) > MaxStringBytes {
		return "", errStringTooLong(uint64(len(s)))
	}
	return s, err
}

func format(v Value, spec string) (string, error) {
	if spec == "" {
		s, err := ToStr(v)
		return s.strOr(""), err
	}
	switch v.kind {
	case KindString:
		f, err := parseFormatSpec(spec, "str", '<', 's')
		if err != nil {
			return "", err
		}
		return f.formatString(v.str())
	case KindBool, KindInt:
		f, err := parseFormatSpec(spec, v.kind.String(), '>', 'd')
		if err != nil {
			return "", err
		}
		return f.formatInt(v)
	case KindFloat:
		f, err := parseFormatSpec(spec, "float", '>', 0)
		if err != nil {
			return "", err
		}
		return f.formatFloat(v.float())
	case KindDecimal:
		return formatDecimal(v.decimal(), spec)
	case KindDatetime:
		return v.moment().strftime(spec)
	}
	return "", typeErrorf("unsupported format string passed to %s.__format__", v.kind)
}

func (v Value) strOr(s string) string {
	if v.kind == KindString {
		return v.str()
	}
	return s
}

// formatSpec is [[fill]align][sign][z][#][0][width][grouping][.precision][type].
type formatSpec struct {
	object    string // the type that is formatted, for messages
	fill      rune
	align     byte // < > = ^
	sign      byte // + - space, 0 when absent
	noNegZero bool
	alternate bool
	width     int
	grouping  byte // , _ or 0
	precision int  // -1 when absent
	kind      byte // the type letter, or the default
	// groupZeros: the zeros that pad the number are grouped with its digits.
	groupZeros bool
}

func isAlign(c byte) bool { return c == '<' || c == '>' || c == '=' || c == '^' }

func parseFormatSpec(spec, object string, align, kind byte) (formatSpec, error) {
	f := formatSpec{object: object, fill: ' ', align: align, precision: -1, kind: kind}
	s := spec
	hasFill, hasAlign := false, false
	if r, n := utf8.DecodeRuneInString(s); len(s) > n && isAlign(s[n]) {
		f.fill, f.align = r, s[n]
		hasFill, hasAlign = true, true
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
	f.alternate = next("#") != 0
	if !hasFill && next("0") != 0 {
		f.fill = '0'
		if !hasAlign && align == '>' {
			f.align = '='
		}
	}
	f.groupZeros = f.fill == '0' && f.align == '='
	var err error
	if f.width, s, err = formatNumber(s, 0); err != nil {
		return f, err
	}
	f.grouping = next(",")
	if c := next("_"); c != 0 {
		if f.grouping != 0 {
			return f, valueErrorf("Cannot specify both ',' and '_'.")
		}
		f.grouping = c
	}
	if c := next(","); c != 0 {
		if f.grouping == '_' {
			return f, valueErrorf("Cannot specify both ',' and '_'.")
		}
		return f, valueErrorf("Cannot specify ',' with ','.")
	}
	if next(".") != 0 {
		if f.precision, s, err = formatNumber(s, -1); err != nil {
			return f, err
		}
		if f.precision < 0 {
			return f, valueErrorf("Format specifier missing precision")
		}
	}
	if r, n := utf8.DecodeRuneInString(s); n < len(s) {
		return f, valueErrorf("Invalid format specifier '%s' for object of type '%s'", clip(spec), object)
	} else if n > 1 {
		return f, f.unknownCode(r)
	} else if n == 1 {
		f.kind = s[0]
	}
	if f.grouping != 0 {
		switch f.kind {
		case 'd', 'e', 'f', 'g', 'E', 'G', '%', 'F', 0:
		case 'b', 'o', 'x', 'X':
			if f.grouping == ',' {
				return f, valueErrorf("Cannot specify ',' with '%c'.", f.kind)
			}
		default:
			return f, valueErrorf("Cannot specify '%c' with '%c'.", f.grouping, f.kind)
		}
	}
	return f, nil
}

// clip is a format string for a message.
func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

// formatNumber reads the digits, of any script, of a width or precision; absent
// when there are none.
func formatNumber(s string, absent int) (n int, rest string, err error) {
	end := 0
	for i, r := range s {
		d := decimalDigit(r)
		if d < 0 {
			break
		}
		end = i + utf8.RuneLen(r)
		if n = n*10 + d; n > MaxStringBytes {
			return 0, "", limitErrorf("the format asks for more than %d characters", MaxStringBytes)
		}
	}
	if end == 0 {
		return absent, s, nil
	}
	return n, s[end:], nil
}

func (f *formatSpec) unknownCode(r rune) error {
	return valueErrorf("Unknown format code '%c' for object of type '%s'", r, f.object)
}

// pad puts a text with prefix (sign, 0x) in its field.
func (f *formatSpec) pad(prefix, body string) (string, error) {
	n := f.width - utf8.RuneCountInString(prefix) - utf8.RuneCountInString(body)
	if n <= 0 {
		return prefix + body, nil
	}
	if total := n*utf8.RuneLen(f.fill) + len(prefix) + len(body); total > MaxStringBytes {
		return "", errStringTooLong(uint64(total))
	}
	fill := func(n int) string { return strings.Repeat(string(f.fill), n) }
	switch f.align {
	case '<':
		return prefix + body + fill(n), nil
	case '=':
		return prefix + fill(n) + body, nil
	case '^':
		return fill(n/2) + prefix + body + fill(n-n/2), nil
	}
	return fill(n) + prefix + body, nil
}

func (f *formatSpec) formatString(s string) (string, error) {
	switch {
	case f.sign != 0:
		return "", valueErrorf("Sign not allowed in string format specifier")
	case f.noNegZero:
		return "", valueErrorf("Negative zero coercion (z) not allowed in string format specifier")
	case f.alternate:
		return "", valueErrorf("Alternate form (#) not allowed in string format specifier")
	case f.align == '=':
		return "", valueErrorf("'=' alignment not allowed in string format specifier")
	case f.kind != 's':
		return "", f.unknownCode(rune(f.kind))
	}
	if f.precision >= 0 {
		s = s[:runeOffset(s, f.precision)]
	}
	return f.pad("", s)
}

// numberParts is a number before grouping and padding.
type numberParts struct {
	prefix string // sign and base
	digits string // before the point
	rest   string // point, fraction, exponent, percent sign
}

// assemble groups the digits and pads.
func (f *formatSpec) assemble(p numberParts) (string, error) {
	if f.grouping != 0 && p.digits != "" { // inf and nan have no groups
		group := 3
		switch f.kind {
		case 'b', 'o', 'x', 'X':
			group = 4
		}
		least := 0
		if f.groupZeros {
			least = f.width - len(p.prefix) - len(p.rest)
		}
		p.digits = groupDigits(p.digits, string(f.grouping), group, least)
	}
	return f.pad(p.prefix, p.digits+p.rest)
}

// groupDigits puts sep between groups of n digits, adding zeros in front until
// the text has at least that many characters.
func groupDigits(digits, sep string, n, least int) string {
	count := len(digits)
	if width := count + max(count-1, 0)/n; width < least {
		// The fewest digits d with d + (d-1)/n ≥ least.
		count = max(count, (least-1)*n/(n+1)+1)
		for count > 1 && count-1 >= len(digits) && count-1+(count-2)/n >= least {
			count--
		}
		for count+(count-1)/n < least {
			count++
		}
		digits = strings.Repeat("0", count-len(digits)) + digits
	}
	if count <= n {
		return digits
	}
	var b strings.Builder
	b.Grow(count + count/n)
	head := (count-1)%n + 1
	b.WriteString(digits[:head])
	for i := head; i < count; i += n {
		b.WriteString(sep)
		b.WriteString(digits[i : i+n])
	}
	return b.String()
}

// signText is the sign of a number.
func signText(neg bool, sign byte) string {
	switch {
	case neg:
		return "-"
	case sign == '+', sign == ' ':
		return string(rune(sign))
	}
	return ""
}

func (f *formatSpec) formatInt(v Value) (string, error) {
	switch f.kind {
	case 'e', 'E', 'f', 'F', 'g', 'G', '%':
		x, err := intToFloat(v)
		if err != nil {
			return "", err
		}
		return f.formatFloat(x)
	}
	base := map[byte]int{'b': 2, 'o': 8, 'd': 10, 'n': 10, 'x': 16, 'X': 16}[f.kind]
	switch {
	case base == 0 && f.kind != 'c':
		return "", f.unknownCode(rune(f.kind))
	case f.precision >= 0:
		return "", valueErrorf("Precision not allowed in integer format specifier")
	case f.noNegZero:
		return "", valueErrorf("Negative zero coercion (z) not allowed in integer format specifier")
	case f.kind == 'c':
		return f.formatRune(v)
	}
	if base == 10 {
		if err := checkDigits(v); err != nil {
			return "", err
		}
	}
	i := v.toBig()
	p := numberParts{prefix: signText(i.Sign() < 0, f.sign), digits: new(big.Int).Abs(i).Text(base)}
	if f.kind == 'X' {
		p.digits = strings.ToUpper(p.digits)
	}
	if f.alternate && base != 10 {
		p.prefix += "0" + string(rune(f.kind))
	}
	return f.assemble(p)
}

func (f *formatSpec) formatRune(v Value) (string, error) {
	switch {
	case f.sign != 0:
		return "", valueErrorf("Sign not allowed with integer format specifier 'c'")
	case f.alternate:
		return "", valueErrorf("Alternate form (#) not allowed with integer format specifier 'c'")
	}
	i, wide := v.integer()
	if wide != nil || i < 0 || i > utf8.MaxRune {
		return "", errorf(OverflowError, "%%c arg not in range(0x110000)")
	}
	if !utf8.ValidRune(rune(i)) {
		return "", valueErrorf("%%c arg is half of a surrogate pair, which is no text")
	}
	return f.pad("", string(rune(i)))
}
