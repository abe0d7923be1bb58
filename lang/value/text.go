package value

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Str is Python's str(v). A secret is `<secret NAME>`, Missing is `missing`. It
// prints whatever it is given; ToStr checks the bounds first.
func Str(v Value) string {
	if v.kind == KindString {
		return v.str()
	}
	dst, _ := (&printer{}).str(nil, v)
	return string(dst)
}

// Repr is Python's repr(v), and the text of v inside a container.
func Repr(v Value) string {
	dst, _ := (&printer{}).repr(nil, v)
	return string(dst)
}

// ToStr is str(v) in the language: a text beyond MaxStringBytes is a LimitError,
// an int of more than MaxIntDigits digits a ValueError as in CPython.
func ToStr(v Value) (Value, error) {
	if v.kind == KindString {
		return v, nil
	}
	return bounded((&printer{bounded: true}).str(nil, v))
}

// ToRepr is repr(v) in the language, with the bounds of ToStr.
func ToRepr(v Value) (Value, error) {
	return bounded((&printer{bounded: true}).repr(nil, v))
}

func bounded(text []byte, err error) (Value, error) {
	if err != nil {
		return Null, err
	}
	return boundedString(string(text))
}

// printer writes Python text.
type printer struct {
	bounded bool
}

func (p *printer) str(dst []byte, v Value) ([]byte, error) {
	switch v.kind {
	case KindString:
		return append(dst, v.str()...), nil
	case KindDecimal:
		return append(dst, v.decimal().String()...), nil
	case KindDatetime:
		return append(dst, v.moment().iso(" ")...), nil
	}
	return p.repr(dst, v)
}

func (p *printer) repr(dst []byte, v Value) ([]byte, error) {
	if p.bounded && len(dst) > MaxStringBytes {
		return nil, errStringTooLong(uint64(len(dst)))
	}
	switch v.kind {
	case KindNull:
		return append(dst, "None"...), nil
	case KindMissing:
		return append(dst, "missing"...), nil
	case KindBool:
		if v.w != 0 {
			return append(dst, "True"...), nil
		}
		return append(dst, "False"...), nil
	case KindInt:
		if v.p == nil {
			return strconv.AppendInt(dst, int64(v.w), 10), nil
		}
		if p.bounded {
			if err := checkDigits(v); err != nil {
				return nil, err
			}
		}
		return v.bigBody().Append(dst, 10), nil
	case KindFloat:
		return appendFloat(dst, v.float()), nil
	case KindDecimal:
		dst = append(dst, "Decimal('"...)
		dst = append(dst, v.decimal().String()...)
		return append(dst, "')"...), nil
	case KindString:
		return appendQuoted(dst, v.str(), false), nil
	case KindDatetime:
		return append(dst, v.moment().repr()...), nil
	case KindRange:
		r := v.span()
		dst = append(dst, "range("...)
		dst = strconv.AppendInt(dst, r.start, 10)
		dst = append(dst, ", "...)
		dst = strconv.AppendInt(dst, r.stop, 10)
		if r.step != 1 {
			dst = append(dst, ", "...)
			dst = strconv.AppendInt(dst, r.step, 10)
		}
		return append(dst, ')'), nil
	case KindSecret:
		return appendSecret(dst, v), nil
	case KindList:
		return p.items(dst, '[', v.sequence().items, "]")
	case KindTuple:
		items := v.sequence().items
		if len(items) == 1 {
			return p.items(dst, '(', items, ",)")
		}
		return p.items(dst, '(', items, ")")
	case KindSet:
		if keys := v.setBody().keys; len(keys) > 0 {
			return p.items(dst, '{', keys, "}")
		}
		return append(dst, "set()"...), nil
	}
	return p.object(dst, v.object())
}

func (p *printer) items(dst []byte, open byte, items []Value, closing string) (_ []byte, err error) {
	dst = append(dst, open)
	for i, it := range items {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if dst, err = p.repr(dst, it); err != nil {
			return nil, err
		}
	}
	return append(dst, closing...), nil
}

func (p *printer) object(dst []byte, o *Object) (_ []byte, err error) {
	dst = append(dst, '{')
	for i, k := range o.keys {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if dst, err = p.repr(dst, k); err != nil {
			return nil, err
		}
		dst = append(dst, ": "...)
		if dst, err = p.repr(dst, o.vals[i]); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

// checkDigits refuses an integer whose decimal text would be too long.
func checkDigits(v Value) error {
	if v.p == nil {
		return nil
	}
	// 4,300 digits are 14,281 to 14,284 bits: only those need counting.
	n := v.bigBody().BitLen()
	if n > 14290 || n > 14280 && len(v.bigBody().Append(nil, 10))-btoi(v.bigBody().Sign() < 0) > MaxIntDigits {
		return valueErrorf("Exceeds the limit (%d digits) for integer string conversion", MaxIntDigits)
	}
	return nil
}

// appendQuoted appends repr of a string, or its ascii().
func appendQuoted(dst []byte, s string, asciiOnly bool) []byte {
	quote := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	dst = append(dst, quote)
	for _, r := range s {
		switch {
		case r == rune(quote) || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\t':
			dst = append(dst, `\t`...)
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r >= ' ' && r < 0x7f:
			dst = append(dst, byte(r))
		case r >= 0x80 && !asciiOnly && unicode.IsPrint(r):
			dst = utf8.AppendRune(dst, r)
		case r <= 0xff:
			dst = appendHex(append(dst, `\x`...), r, 2)
		case r <= 0xffff:
			dst = appendHex(append(dst, `\u`...), r, 4)
		default:
			dst = appendHex(append(dst, `\U`...), r, 8)
		}
	}
	return append(dst, quote)
}

func appendHex(dst []byte, r rune, width int) []byte {
	for i := width - 1; i >= 0; i-- {
		dst = append(dst, "0123456789abcdef"[r>>(4*i)&15])
	}
	return dst
}

// quoteForError is a text for a message, cut when it is long.
func quoteForError(s string) string {
	const limit = 80
	if len(s) > limit {
		cut := limit
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		return string(appendQuoted(nil, s[:cut], false)) + "…"
	}
	return string(appendQuoted(nil, s, false))
}

// reprForError is a value for a message: a key, an element.
func reprForError(v Value) string {
	switch {
	case v.kind == KindString:
		return quoteForError(v.str())
	case v.Size() > 200:
		return "a " + v.kind.String()
	}
	return Repr(v)
}

// exponentText is a signed exponent of at least that many digits.
func exponentText(exp int64, minDigits int) string {
	sgn := "+"
	if exp < 0 {
		sgn, exp = "-", -exp
	}
	s := strconv.FormatInt(exp, 10)
	if n := minDigits - len(s); n > 0 {
		s = strings.Repeat("0", n) + s
	}
	return sgn + s
}
