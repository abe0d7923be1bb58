package expr

import (
	"strings"
	"unicode"
)

// pieceKind is what a piece of a template is.
type pieceKind uint8

const (
	pieceText    pieceKind = iota
	pieceRaw               // the inside of {% raw %}
	pieceOutput            // {{ … }}
	pieceTag               // {% … %}
	pieceComment           // {# … #}
)

// piece is src[start:end]; lo and hi delimit the inside.
type piece struct {
	kind       pieceKind
	start, end int
	lo, hi     int
	trimLeft   bool // {{- or {%-: white space before it goes
	trimRight  bool // -}} or -%}: white space behind it goes
	unclosed   bool
	opener     [2]int // of pieceRaw: where {% raw %} stands, for the message when it is not closed
}

// IsTemplate reports whether s has anything that a template would act on.
func IsTemplate(s string) bool {
	for i := strings.IndexByte(s, '{'); i >= 0 && i+1 < len(s); {
		switch s[i+1] {
		case '{', '%', '#':
			return true
		}
		j := strings.IndexByte(s[i+1:], '{')
		if j < 0 {
			return false
		}
		i += 1 + j
	}
	return false
}

// nextTag is the offset of the next {{, {% or {# at or after i, or -1.
func nextTag(s string, i int) int {
	for {
		j := strings.IndexByte(s[i:], '{')
		if j < 0 || i+j+1 >= len(s) {
			return -1
		}
		i += j
		switch s[i+1] {
		case '{', '%', '#':
			return i
		}
		i++
	}
}

// cut divides a template into its pieces. It is linear: an unclosed tag ends at
// its line's end, and the text goes on behind it.
func cut(s string) []piece {
	out := make([]piece, 0, 2*(strings.Count(s, "{{")+strings.Count(s, "{%"))+1)
	text := func(from, to int) {
		if from < to {
			out = append(out, piece{kind: pieceText, start: from, end: to, lo: from, hi: to})
		}
	}
	noComment := false // no #} is left, so that looking again would be quadratic
	for pos := 0; ; {
		i := nextTag(s, pos)
		if i < 0 {
			text(pos, len(s))
			return out
		}
		text(pos, i)
		p := piece{start: i, lo: i + 2}
		switch s[i+1] {
		case '#':
			p.kind = pieceComment
			if p.lo < len(s) && (s[p.lo] == '-' || s[p.lo] == '+') {
				p.trimLeft = s[p.lo] == '-'
				p.lo++
			}
			j := -1
			if !noComment {
				j = strings.Index(s[p.lo:], "#}")
			}
			if j < 0 {
				noComment = true
				p.unclosed, p.hi, p.end = true, p.lo, p.lo
			} else {
				p.hi, p.end = p.lo+j, p.lo+j+2
				if p.hi > p.lo && (s[p.hi-1] == '-' || s[p.hi-1] == '+') {
					p.trimRight = s[p.hi-1] == '-'
					p.hi--
				}
			}
		default:
			p.kind = pieceOutput
			closer := "}}"
			if s[i+1] == '%' {
				p.kind, closer = pieceTag, "%}"
			}
			if p.lo < len(s) && (s[p.lo] == '-' || s[p.lo] == '+') {
				p.trimLeft = s[p.lo] == '-'
				p.lo++
			}
			p.hi, p.unclosed = tagEnd(s, p.lo, closer)
			p.end = p.hi
			if !p.unclosed {
				p.end += 2
				if c := s[p.hi-1]; p.hi > p.lo && (c == '-' || c == '+' && p.kind == pieceTag) {
					p.trimRight = c == '-'
					p.hi--
				}
			}
		}
		pos = p.end
		if p.kind == pieceTag && strings.TrimSpace(s[p.lo:p.hi]) == "raw" {
			pos = cutRaw(s, p, &out)
			continue
		}
		out = append(out, p)
	}
}

// cutRaw adds what stands between {% raw %}, the piece p, and {% endraw %}, and
// the two tags as comments, which keeps their white space control.
func cutRaw(s string, p piece, out *[]piece) (pos int) {
	open := p
	open.kind = pieceComment
	*out = append(*out, open)
	raw := piece{kind: pieceRaw, start: p.end, lo: p.end, opener: [2]int{p.start, p.end}}
	for i := p.end; ; {
		j := strings.Index(s[i:], "{%")
		if j < 0 {
			raw.end, raw.hi, raw.unclosed = len(s), len(s), true
			*out = append(*out, raw)
			return len(s)
		}
		i += j
		if end, left, right := endRaw(s, i); end > 0 {
			raw.end, raw.hi = i, i
			*out = append(*out, raw, piece{
				kind: pieceComment, start: i, end: end, lo: i + 2, hi: end - 2, trimLeft: left, trimRight: right,
			})
			return end
		}
		i += 2
	}
}

// endRaw is the offset behind {% endraw %} if it stands at i, else 0; and
// whether it takes the white space around it.
func endRaw(s string, i int) (end int, left, right bool) {
	i += 2
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		left = s[i] == '-'
		i++
	}
	space := func() {
		for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r') {
			i++
		}
	}
	space()
	if !strings.HasPrefix(s[i:], "endraw") {
		return 0, false, false
	}
	i += len("endraw")
	space()
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		right = s[i] == '-'
		i++
	}
	if !strings.HasPrefix(s[i:], "%}") {
		return 0, false, false
	}
	return i + 2, left, right
}

// tagEnd finds where the inside of a tag that begins at lo ends. Strings are
// skipped and braces counted, so that `{{ {'a': {'b': 1}} }}` and
// `{{ '}}' }}` are whole. Brackets that do not match do not hide the end. A tag
// that is still open where another one begins, or at the end, is unclosed: its
// inside ends with its line.
func tagEnd(s string, lo int, closer string) (hi int, unclosed bool) {
	var stack []byte
	i := lo
	// a quote without its partner is an ordinary character, and so are those
	// behind it; looking for the partner of each would not be linear
	var alone [2]bool
scan:
	for i < len(s) {
		switch c := s[i]; c {
		case '\'', '"':
			k := 0
			if c == '"' {
				k = 1
			}
			if alone[k] {
				break
			}
			if j := stringEnd(s, i); j > 0 {
				i = j
				continue
			}
			alone[k] = true
		case '(', '[':
			stack = append(stack, c)
		case '{':
			if i+1 < len(s) && (s[i+1] == '{' || s[i+1] == '%') {
				break scan
			}
			stack = append(stack, c)
		case ')', ']':
			if n := len(stack); n > 0 && stack[n-1] != '{' {
				stack = stack[:n-1]
			}
		case '}':
			for len(stack) > 0 && stack[len(stack)-1] != '{' {
				stack = stack[:len(stack)-1] // `(` that is not closed
			}
			if n := len(stack); n > 0 {
				stack = stack[:n-1]
			} else if closer == "}}" && i+1 < len(s) && s[i+1] == '}' {
				return i, false
			}
		case '%':
			if closer == "%}" && i+1 < len(s) && s[i+1] == '}' {
				return i, false
			}
		}
		i++
	}
	if j := strings.IndexByte(s[lo:i], '\n'); j >= 0 {
		i = lo + j
	}
	// `{{ {'a': 1 }}` leaves the brace open; the tag ends at the last closer
	if j := strings.LastIndex(s[lo:i], closer); j >= 0 {
		return lo + j, false
	}
	return i, true
}

// stringEnd is the offset behind the string literal that begins at i, or -1 if
// it does not end on its line.
func stringEnd(s string, i int) int {
	q := s[i]
	if i+2 < len(s) && s[i+1] == q && s[i+2] == q {
		if j := strings.Index(s[i+3:], s[i:i+3]); j >= 0 {
			return i + 3 + j + 3
		}
	}
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case '\n':
			return -1
		case q:
			return j + 1
		}
	}
	return -1
}

// trimmed is the text of a piece after the white space control of its
// neighbours.
func trimmed(s string, pieces []piece, i int) string {
	t := s[pieces[i].lo:pieces[i].hi]
	if i > 0 && pieces[i-1].trimRight {
		t = strings.TrimLeftFunc(t, unicode.IsSpace)
	}
	if i+1 < len(pieces) && pieces[i+1].trimLeft {
		t = strings.TrimRightFunc(t, unicode.IsSpace)
	}
	return t
}
