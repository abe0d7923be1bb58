package expr

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

func (p *parser) badLiteral(s source.Span, help, format string, args ...any) *Bad {
	p.lastErr = s.Start
	p.report(diag.ExprBadLiteral, s, help, format, args...)
	return &Bad{at: at{s}}
}

// number is the value of a number literal.
func (p *parser) number(t token) Node {
	s := t.span()
	// letters directly behind a number belong to it, so that `10px` is one fault
	if p.tok.kind == tokName && !p.tok.spaced && !operatorWord(p.word()) {
		s.End = p.tok.end
		p.next()
		return p.badLiteral(s, "a name cannot begin with a digit; a text needs quotes", "`%s` is no number", p.src(s))
	}
	text := p.src(s)
	if t.kind == tokImaginary {
		return p.badLiteral(s, "", "complex numbers do not exist here")
	}
	digits := text
	if len(text) > 1 && text[0] == '0' && strings.ContainsRune("xXoObB", rune(text[1])) {
		digits = strings.TrimPrefix(text[2:], "_")
	}
	if badUnderscores(digits) {
		return p.badLiteral(s, "write 1_000, with digits on both sides of each _", "`%s` is no number: an underscore stands in the wrong place", text)
	}
	plain := strings.ReplaceAll(text, "_", "")
	if t.kind == tokFloat {
		f, err := strconv.ParseFloat(plain, 64)
		if err != nil && f == 0 {
			return p.badLiteral(s, "", "`%s` is no number", text)
		}
		return literal(s, value.Float(f)) // beyond the range it is infinite, as in Python
	}
	base := 10
	if len(plain) > 1 && plain[0] == '0' {
		switch plain[1] {
		case 'x', 'X':
			base = 16
		case 'o', 'O':
			base = 8
		case 'b', 'B':
			base = 2
		default:
			if strings.Trim(plain, "0") != "" {
				return p.badLiteral(s, "remove the leading zeros, or put quotes around a code such as '007'", "`%s` has leading zeros", text)
			}
		}
		if base != 10 {
			plain = plain[2:]
		}
	}
	if i, err := strconv.ParseInt(plain, base, 64); err == nil && plain != "" && plain[0] != '-' && plain[0] != '+' {
		return literal(s, value.Int(i))
	}
	if base == 10 && len(plain) > value.MaxIntDigits {
		return p.badLiteral(s, "", "the number has more than %d digits", value.MaxIntDigits)
	}
	if plain == "" || len(plain) > value.MaxIntBits/4 {
		return p.badLiteral(s, "", "`%s` is no number", abbreviate(text))
	}
	i, ok := new(big.Int).SetString(plain, base)
	if !ok {
		return p.badLiteral(s, "", "`%s` is no number in base %d", text, base)
	}
	return literal(s, value.BigInt(i))
}

func badUnderscores(digits string) bool {
	for i := range len(digits) {
		if digits[i] == '_' && (i == 0 || i+1 == len(digits) || !isHexDigit(digits[i-1]) || !isHexDigit(digits[i+1])) {
			return true
		}
	}
	return false
}

func abbreviate(s string) string {
	if len(s) <= 40 {
		return s
	}
	cut := 37
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// strings reads adjacent string literals, which are one text.
func (p *parser) strings() Node {
	start := p.tok.start
	var b strings.Builder
	bad := false
	for p.tok.kind == tokString {
		t := p.tok
		p.next()
		s, ok := p.text1(t)
		bad = bad || !ok
		b.WriteString(s)
	}
	p.height = 1
	span := p.from(start)
	if bad {
		return &Bad{at: at{span}}
	}
	return literal(span, value.String(b.String()))
}

// text1 is the text of one string literal.
func (p *parser) text1(t token) (string, bool) {
	span := t.span()
	src := p.src(span)
	quote := strings.IndexAny(src, `'"`)
	prefix := strings.ToLower(src[:quote])
	switch {
	case strings.Contains(prefix, "f"):
		p.unsupported(span, "join with +, or write format(x, '.2f'); in a template write {{ x }}", "f-strings do not exist here")
		return "", false
	case strings.Contains(prefix, "b"):
		p.unsupported(span, "remove the `b`", "bytes do not exist here")
		return "", false
	}
	body, q := src[quote:], src[quote:quote+1]
	n := 1
	if strings.HasPrefix(body, strings.Repeat(q, 3)) {
		n = 3
	}
	if len(body) < 2*n || !strings.HasSuffix(body, strings.Repeat(q, n)) || !closes(body, n) {
		help := "add the closing " + q
		if n == 1 {
			help += " on the same line"
		}
		p.badLiteral(span, help, "the text is not closed")
		return "", false
	}
	inner := body[n : len(body)-n]
	if strings.Contains(prefix, "r") || !strings.Contains(inner, `\`) {
		return inner, true
	}
	return p.unescape(inner, span.Start+int32(quote+n))
}

// closes reports whether the last quote of body is not an escaped one.
func closes(body string, n int) bool {
	i := n
	for i < len(body)-n {
		if body[i] == '\\' {
			i++
		}
		i++
	}
	return i == len(body)-n
}

// unescape decodes the escapes of a string that stands at offset in the text.
func (p *parser) unescape(s string, offset int32) (string, bool) {
	var b strings.Builder
	ok := true
	bad := func(i, n int, help, format string, args ...any) {
		at := source.Span{Start: offset + int32(i), End: offset + int32(min(i+n, len(s)))}
		p.report(diag.ExprBadLiteral, at, help, format, args...)
		ok = false
	}
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			i++
			continue
		}
		c := s[i+1]
		switch c {
		case '\n':
		case '\\', '\'', '"':
			b.WriteByte(c)
		case 'a':
			b.WriteByte('\a')
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'v':
			b.WriteByte('\v')
		case 'N':
			bad(i, 2, `write the character itself, or \u and its number`, `\N{…} does not exist here`)
		case 'x', 'u', 'U':
			n := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
			r, valid := hexRune(s[i+2:min(i+2+n, len(s))], n)
			if !valid {
				bad(i, 2+n, "", `\%c needs %d hexadecimal digits of a character`, c, n)
			} else {
				b.WriteRune(r)
				i += n
			}
		case '0', '1', '2', '3', '4', '5', '6', '7':
			n := 1
			r := rune(c - '0')
			for n < 3 && i+1+n < len(s) && s[i+1+n] >= '0' && s[i+1+n] <= '7' {
				r = r*8 + rune(s[i+1+n]-'0')
				n++
			}
			b.WriteRune(r)
			i += n - 1
		default:
			b.WriteByte('\\') // an unknown escape stays as it is, as in Python
			i++
			continue
		}
		i += 2
	}
	return b.String(), ok
}

// hexRune is the character of n hexadecimal digits; halves of surrogate pairs
// are not characters.
func hexRune(s string, n int) (rune, bool) {
	if len(s) != n {
		return 0, false
	}
	u, err := strconv.ParseUint(s, 16, 32)
	if err != nil || u > utf8.MaxRune || u >= 0xD800 && u < 0xE000 {
		return 0, false
	}
	return rune(u), true
}
