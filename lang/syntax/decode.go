package syntax

import (
	"strings"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/source"
)

// decoder builds the value of a scalar from pieces of the source. With mapped
// set it also notes where each piece comes from.
type decoder struct {
	src    string
	buf    []byte
	mapped bool
	segs   []source.Segment
	end    int // file offset behind the last piece
	// bad is told the span of each escape that does not exist; may be nil.
	bad func(start, end int)
}

// exact adds src[from:to] as it is.
func (d *decoder) exact(from, to int) {
	if from >= to {
		return
	}
	if d.mapped {
		if k := len(d.segs); k == 0 || !d.segs[k-1].Exact || d.end != from {
			d.segs = append(d.segs, source.Segment{Text: int32(len(d.buf)), File: int32(from), Exact: true})
		}
		d.end = to
	}
	d.buf = append(d.buf, d.src[from:to]...)
}

// replace adds text, which src[from:to] stands for.
func (d *decoder) replace(from, to int, text string) {
	if text == "" {
		return
	}
	if d.mapped {
		d.segs = append(d.segs, source.Segment{Text: int32(len(d.buf)), File: int32(from)})
		d.end = to
	}
	d.buf = append(d.buf, text...)
}

func (d *decoder) textMap() source.TextMap {
	return source.TextMap{Segments: d.segs, TextEnd: int32(len(d.buf)), FileEnd: int32(d.end)}
}

func newDecoder(src string, size int, d *decoder) *decoder {
	if d == nil {
		d = &decoder{}
	}
	d.src = src
	d.buf = make([]byte, 0, size)
	return d
}

// newlines is n line feeds.
func newlines(n int) string {
	const some = "\n\n\n\n\n\n\n\n"
	if n <= len(some) {
		return some[:n]
	}
	return strings.Repeat("\n", n)
}

func breakAfter(src string, i int) int {
	if src[i] == '\r' && i+1 < len(src) && src[i+1] == '\n' {
		return i + 2
	}
	return i + 1
}

func blanksAfter(src string, i, end int) int {
	for i < end && isSpace(src[i]) {
		i++
	}
	return i
}

// fold handles the line break at i, where the text since from, minus the blanks
// at its end, ends: one break is a space, more are one line feed less. It
// returns where the text goes on.
func (d *decoder) fold(from, i, end int) int {
	e := i
	for e > from && isSpace(d.src[e-1]) {
		e--
	}
	d.exact(from, e)
	next, breaks := d.breaks(i, end)
	if breaks == 0 {
		d.replace(e, next, " ")
	} else {
		d.replace(e, next, newlines(breaks))
	}
	return next
}

// breaks counts the empty lines behind the line break at i, and returns where
// the next text starts.
func (d *decoder) breaks(i, end int) (next, empty int) {
	next = blanksAfter(d.src, breakAfter(d.src, i), end)
	for next < end && isNewline(d.src[next]) {
		empty++
		next = blanksAfter(d.src, breakAfter(d.src, next), end)
	}
	return next, empty
}

// decodePlain folds the plain scalar src[start:end].
func decodePlain(src string, start, end int, d *decoder) string {
	d = newDecoder(src, end-start, d)
	from := start
	for i := start; i < end; {
		if isNewline(src[i]) {
			from = d.fold(from, i, end)
			i = from
		} else {
			i++
		}
	}
	d.exact(from, end)
	return string(d.buf)
}

// decodeSingle decodes the single-quoted scalar src[start:end], quotes
// included; the closing one may be missing.
func decodeSingle(src string, start, end int, d *decoder) string {
	d = newDecoder(src, end-start, d)
	d.end = start + 1
	from := start + 1
	i := from
	for i < end {
		switch src[i] {
		case '\'':
			if i+1 >= end || src[i+1] != '\'' {
				end = i
				continue
			}
			d.exact(from, i)
			d.replace(i, i+2, "'")
			i += 2
			from = i
		case '\n', '\r':
			from = d.fold(from, i, end)
			i = from
		default:
			i++
		}
	}
	d.exact(from, end)
	return string(d.buf)
}

// decodeDouble does the same for a double-quoted one. An escape that does not
// exist stands for itself.
func decodeDouble(src string, start, end int, d *decoder) string {
	d = newDecoder(src, end-start, d)
	d.end = start + 1
	from := start + 1
	i := from
	for i < end {
		switch src[i] {
		case '"':
			end = i
		case '\n', '\r':
			from = d.fold(from, i, end)
			i = from
		case '\\':
			d.exact(from, i)
			if i+1 < end && isNewline(src[i+1]) {
				next, empty := d.breaks(i+1, end)
				d.replace(i, next, newlines(empty))
				from, i = next, next
				continue
			}
			text, next, ok := escape(src, i, end)
			if !ok {
				if d.bad != nil {
					d.bad(i, next)
				}
				from, i = i, next
				continue
			}
			d.replace(i, next, text)
			from, i = next, next
		default:
			i++
		}
	}
	d.exact(from, end)
	return string(d.buf)
}

// escape decodes the escape sequence at i; next is the offset behind it.
func escape(src string, i, end int) (text string, next int, ok bool) {
	if i+1 >= end {
		return "", end, false
	}
	next = i + 2
	digits := 0
	switch c := src[i+1]; c {
	case '0':
		return "\x00", next, true
	case 'a':
		return "\a", next, true
	case 'b':
		return "\b", next, true
	case 't', '\t':
		return "\t", next, true
	case 'n':
		return "\n", next, true
	case 'v':
		return "\v", next, true
	case 'f':
		return "\f", next, true
	case 'r':
		return "\r", next, true
	case 'e':
		return "\x1b", next, true
	case ' ', '"', '/', '\\':
		return src[i+1 : next], next, true
	case 'N':
		return "\u0085", next, true
	case '_':
		return "\u00a0", next, true
	case 'L':
		return "\u2028", next, true
	case 'P':
		return "\u2029", next, true
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		_, size := utf8.DecodeRuneInString(src[i+1 : end])
		return "", i + 1 + size, false
	}
	r, next, ok := hex(src, next, end, digits)
	if !ok {
		return "", next, false
	}
	if r >= 0xD800 && r < 0xDC00 && digits == 4 && next+1 < end && src[next] == '\\' && src[next+1] == 'u' {
		// JSON writes characters outside the basic plane as two escapes.
		if low, after, ok := hex(src, next+2, end, 4); ok && low >= 0xDC00 && low < 0xE000 {
			return string(0x10000 + (r-0xD800)<<10 + (low - 0xDC00)), after, true
		}
	}
	if !utf8.ValidRune(r) {
		return "", next, false
	}
	return string(r), next, true
}

func hex(src string, i, end, digits int) (r rune, next int, ok bool) {
	for k := range digits {
		if i+k >= end {
			return 0, end, false
		}
		c := src[i+k]
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, i + k, false
		}
		if r > utf8.MaxRune {
			return 0, min(i+digits, end), false
		}
	}
	return r, i + digits, true
}

// quoteEscaped writes s in double quotes with escapes.
func quoteEscaped(s string) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' || r >= 0x7F && r < 0xA0:
			b.WriteString(`\x`)
			b.WriteByte(digits[r>>4&15])
			b.WriteByte(digits[r&15])
		case r == 0x2028 || r == 0x2029 || r == 0xFEFF:
			b.WriteString(`\u`)
			for shift := 12; shift >= 0; shift -= 4 {
				b.WriteByte(digits[r>>shift&15])
			}
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	b.WriteByte('"')
	return b.String()
}
