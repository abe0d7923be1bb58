package syntax

import (
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/diag"
)

const bom = "\ufeff"

// Classes of bytes; an ordinary byte of a plain scalar has none.
const (
	space   = 1 << iota // blank or tab
	newline             // CR or LF
	flowInd             // ,[]{}
	special             // ends or may end plain text: all of these, and : and #
)

var class = func() (t [256]uint8) {
	for _, c := range " \t" {
		t[c] = space | special
	}
	for _, c := range "\r\n" {
		t[c] = newline | special
	}
	for _, c := range ",[]{}" {
		t[c] = flowInd | special
	}
	t[':'], t['#'] = special, special
	return t
}()

func isSpace(c byte) bool   { return c == ' ' || c == '\t' }
func isNewline(c byte) bool { return c == '\n' || c == '\r' }

// blankAt reports whether a blank, a line break or the end of the file is at i.
func (p *parser) blankAt(i int) bool {
	return i >= len(p.src) || class[p.src[i]]&(space|newline) != 0
}

// afterBreak is the offset behind the line break at i.
func (p *parser) afterBreak(i int) int {
	if p.src[i] == '\r' && i+1 < len(p.src) && p.src[i+1] == '\n' {
		return i + 2
	}
	return i + 1
}

// lineEnd is the offset of the line break, or the end of the file, at or behind i.
func (p *parser) lineEnd(i int) int {
	for i < len(p.src) && !isNewline(p.src[i]) {
		i++
	}
	return i
}

// blanks is the offset behind the blanks and tabs at i.
func (p *parser) blanks(i int) int {
	for i < len(p.src) && isSpace(p.src[i]) {
		i++
	}
	return i
}

// skip moves over blanks, comments and line breaks to the next content.
func (p *parser) skip() {
	crossed := false
	src := p.src
	i := p.pos
loop:
	for i < len(src) {
		switch src[i] {
		case ' ', '\t':
			i++
		case '\n', '\r':
			i = p.afterBreak(i)
			p.line = i
			crossed = true
		case '#':
			if i > p.line && !isSpace(src[i-1]) {
				break loop
			}
			i = p.comment(i)
		default:
			break loop
		}
	}
	p.pos = i
	if crossed {
		p.measure()
	}
}

// comment records the comment at i and returns its end.
func (p *parser) comment(i int) int {
	end := p.lineEnd(i)
	start := i
	for start > p.line && isSpace(p.src[start-1]) {
		start--
	}
	p.tree.Comments = append(p.tree.Comments, Comment{Span: span(i, end), Own: start == p.line})
	return end
}

// measure notes the column of the content at pos, the first on its line.
func (p *parser) measure() {
	p.first = p.pos
	i := p.line
	for i < p.pos && p.src[i] == ' ' {
		i++
	}
	p.indent = i - p.line
	p.col, p.tab = p.indent, i < p.pos
	if p.tab {
		p.col = p.tabColumn(i)
	}
}

// tabColumn guesses which column was meant by a line with tabs in its
// indentation: with tabs of 2, 4 or 8 columns one at which an open collection
// stands, else tabs of 2 columns.
func (p *parser) tabColumn(i int) int {
	column := func(width int) int {
		col := p.indent
		for _, c := range []byte(p.src[i:p.pos]) {
			if c == '\t' {
				col += width
			} else {
				col++
			}
		}
		return col
	}
	for _, width := range []int{2, 4, 8} {
		col := column(width)
		for _, open := range p.columns {
			if open == col {
				return col
			}
		}
	}
	return column(2)
}

// fresh reports whether the content at pos is the first on its line.
func (p *parser) fresh() bool { return p.pos == p.first }

// marker reports whether a document marker, `---` or `...`, stands at i, which
// is the start of a line.
func (p *parser) marker(i int) bool {
	if i+3 > len(p.src) {
		return false
	}
	m := p.src[i : i+3]
	return (m == "---" || m == "...") && p.blankAt(i+3)
}

// ended reports whether the document ends at pos, the next content.
func (p *parser) ended() bool {
	return p.pos >= len(p.src) || p.stopped || p.pos == p.line && p.marker(p.pos)
}

// checkText reports bytes that no YAML file may hold.
func (p *parser) checkText() {
	src := p.src
	for i := 0; i < len(src); {
		c := src[i]
		switch {
		case c >= ' ' && c < 0x7F || c == '\n' || c == '\t':
			i++
		case c < utf8.RuneSelf:
			if c != '\r' {
				p.controlCharacter(i, i+1, rune(c))
			}
			i++
		default:
			r, size := utf8.DecodeRuneInString(src[i:])
			switch {
			case r == utf8.RuneError && size == 1:
				i = p.invalidBytes(i)
				continue
			case r < 0xA0 && r != 0x85 || r == 0xFFFE || r == 0xFFFF:
				p.controlCharacter(i, i+size, r)
			}
			i += size
		}
	}
}

// invalidBytes reports the run of bytes at i that are not UTF-8.
func (p *parser) invalidBytes(i int) int {
	start := i
	for i < len(p.src) && p.src[i] >= utf8.RuneSelf {
		if r, size := utf8.DecodeRuneInString(p.src[i:]); r != utf8.RuneError || size != 1 {
			break
		}
		i++
	}
	if p.quiet() {
		return i
	}
	d := diag.New(diag.InvalidUTF8, p.at(start, i), "the file is not valid UTF-8 here (byte 0x%02x)", p.src[start])
	if start == 0 && (p.src[0] == 0xFF || p.src[0] == 0xFE) {
		d = d.WithHelp("it looks like UTF-16: save it as UTF-8")
	} else {
		d = d.WithHelp("save the file as UTF-8, or write the character as an escape in a double-quoted string")
	}
	p.report(d)
	return i
}

func (p *parser) controlCharacter(start, end int, r rune) {
	if p.quiet() {
		return
	}
	help := "remove it, or write it as an escape in a double-quoted string"
	p.report(diag.New(diag.ControlCharacter, p.at(start, end), "control character U+%04X is not allowed in a manifest", r).
		WithHelp("%s", help).WithFix("remove it", false, p.edit(start, end, "")))
}
