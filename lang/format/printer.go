package format

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"

	"hexdag.dev/hexdag/lang/syntax"
)

// printer walks a tree and collects the lines of the result. Comments are taken
// from the tree's list in order: whoever prints something that begins at an
// offset first prints the comments before it, so that none is lost or moved past
// another.
type printer struct {
	tree  *syntax.Tree
	src   string
	lines []line
	next  int // the next comment

	// noBlank suppresses the empty line before the next one: the blank lines
	// there belong to a block scalar, or the file begins there.
	noBlank bool
	last    int // source line of the last comment that stands behind text; -1: none
}

// line is one line of the result.
type line struct {
	text    []byte
	width   int    // of text, in columns
	comment string // behind text, or alone if text is empty
	// column is where the comment stood in the source, in display columns.
	column int
	// glued is a comment alone on its line that goes on with the one behind the
	// text above it.
	glued bool
	// own is a comment alone on its line, not glued.
	own bool
	// raw is a line of a block scalar: a comment behind it would be its text.
	raw bool
}

func newPrinter(t *syntax.Tree) *printer {
	return &printer{tree: t, src: t.File.Text(), noBlank: true, last: -1}
}

// lineStart is the offset of the first byte of the line that offset is on.
func (p *printer) lineStart(offset int) int {
	f := p.tree.File
	start := int(f.LineSpan(f.Line(offset)).Start)
	if start == 0 && strings.HasPrefix(p.src, bom) {
		start = min(len(bom), offset)
	}
	return start
}

const bom = "\ufeff"

// column is the column of offset in its line, in bytes.
func (p *printer) column(offset int) int { return offset - p.lineStart(offset) }

// blankAbove reports whether the line above the one that offset is on is blank,
// and offset is the first content on its line.
func (p *printer) blankAbove(offset int) bool {
	start := p.lineStart(offset)
	if start == 0 || strings.Trim(p.src[start:offset], " \t") != "" {
		return false
	}
	above := start - 1
	if above > 0 && p.src[above] == '\n' && p.src[above-1] == '\r' {
		above--
	}
	i := above
	for i > 0 && (p.src[i-1] == ' ' || p.src[i-1] == '\t') {
		i--
	}
	return i == 0 || p.src[i-1] == '\n' || p.src[i-1] == '\r'
}

// begin starts a line at column indent for what stands at offset at in the
// source; an empty line is kept if there is one above it. at < 0 stands for no
// place.
func (p *printer) begin(indent, at int) {
	if at >= 0 && !p.noBlank && p.blankAbove(at) {
		p.lines = append(p.lines, line{})
	}
	p.noBlank = false
	indent = max(indent, 0)
	p.lines = append(p.lines, line{text: bytes.Repeat([]byte(" "), indent), width: indent})
}

// write appends to the current line.
func (p *printer) write(text string) {
	l := &p.lines[len(p.lines)-1]
	l.text = append(l.text, text...)
	l.width += displaywidth.String(text)
}

// width is the width of the current line in columns.
func (p *printer) width() int { return p.lines[len(p.lines)-1].width }

// raw adds a line of a block scalar.
func (p *printer) raw(text string) { p.lines = append(p.lines, line{text: []byte(text), raw: true}) }

// before reports whether a comment comes before offset.
func (p *printer) before(offset int) bool {
	return p.next < len(p.tree.Comments) && int(p.tree.Comments[p.next].Span.Start) < offset
}

// trailing puts the comment that stands on the line of offset end, before
// limit, behind the current line.
func (p *printer) trailing(end, limit int) {
	if !p.before(limit) {
		return
	}
	c := p.tree.Comments[p.next]
	current := &p.lines[len(p.lines)-1]
	if c.Own || current.comment != "" || current.raw || current.own || p.tree.File.Line(end) != p.tree.File.Line(int(c.Span.Start)) {
		return
	}
	p.next++
	current.comment = comment(p.tree, c)
	current.column = p.displayColumn(int(c.Span.Start))
	p.last = p.tree.File.Line(int(c.Span.Start))
}

func (p *printer) displayColumn(offset int) int {
	return displaywidth.String(p.src[p.lineStart(offset):offset])
}

// flush prints the comments before offset, each on a line of its own at column
// indent.
func (p *printer) flush(offset, indent int) {
	for p.before(offset) {
		p.ownLine(indent)
	}
}

// ownLine prints the next comment on a line of its own.
func (p *printer) ownLine(indent int) {
	c := p.tree.Comments[p.next]
	p.next++
	at := int(c.Span.Start)
	if n := len(p.lines); c.Own && n > 0 && p.lines[n-1].comment != "" && p.tree.File.Line(at) == p.last+1 {
		if column := p.displayColumn(at); column == p.lines[n-1].column {
			p.lines = append(p.lines, line{comment: comment(p.tree, c), column: column, glued: true})
			p.last++
			return
		}
	}
	p.begin(indent, at)
	p.write(comment(p.tree, c))
	p.lines[len(p.lines)-1].own = true
}

// String puts the lines together.
func (p *printer) String() string {
	p.align()
	var b strings.Builder
	b.Grow(len(p.src) + len(p.src)/8)
	// A text that begins with the character of the mark would lose it without one.
	if strings.HasPrefix(p.src, bom) || len(p.lines) > 0 && bytes.HasPrefix(p.lines[0].text, []byte(bom)) {
		b.WriteString(bom)
	}
	end := lineBreak(p.src)
	for _, l := range p.lines {
		b.Write(l.text)
		b.WriteString(end)
	}
	return b.String()
}

// align puts comments behind their lines: those of neighbouring lines that stood
// in one column, and what is glued to them, in one column again.
func (p *printer) align() {
	for i := 0; i < len(p.lines); {
		if p.lines[i].comment == "" {
			i++
			continue
		}
		j, widest := i, 0
		for j < len(p.lines) && p.lines[j].comment != "" && (j == i || p.lines[j].glued || p.lines[j].column == p.lines[i].column) {
			if !p.lines[j].glued {
				widest = max(widest, p.lines[j].width)
			}
			j++
		}
		for ; i < j; i++ {
			l := &p.lines[i]
			l.text = append(append(l.text, strings.Repeat(" ", widest+2-l.width)...), l.comment...)
		}
	}
}

// runes is the number of characters of s; it bounds implicit keys.
func runes(s string) int { return utf8.RuneCountInString(s) }
