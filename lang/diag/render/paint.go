package render

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// style colours a piece of text; nil leaves it as it is.
type style *ansi.Style

// painter collects the text of a report, one coloured piece after the other. It
// uses the sixteen colours that every terminal theme adapts, so there is nothing
// to find out about the terminal.
type painter struct {
	out     strings.Builder
	pieces  []piece
	color   bool
	severe  style // of the finding that is drawn
	frame   style // line numbers and lines
	other   style // marks of related places
	bold    style
	removed style
	added   style
}

type piece struct {
	style style
	text  string
}

func newPainter(color bool) *painter {
	p := &painter{color: color}
	if color {
		p.frame = paint(ansi.BrightBlue)
		p.other = paint(ansi.BrightBlue)
		bold := ansi.NewStyle(ansi.AttrBold)
		p.bold = &bold
		p.removed = paint(ansi.Red)
		p.added = paint(ansi.Green)
	}
	return p
}

func paint(c ansi.BasicColor) style {
	s := ansi.NewStyle(ansi.AttrBold).ForegroundColor(c)
	return &s
}

// of is the colour of a mark.
func (p *painter) of(m *lineMark) style {
	switch {
	case m == nil:
		return nil
	case m.primary:
		return p.severe
	}
	return p.other
}

// add appends text, which must have no line break, to the current line.
func (p *painter) add(s style, text string) {
	if text != "" {
		p.pieces = append(p.pieces, piece{s, text})
	}
}

// line ends the current line. Blanks at its end are dropped.
func (p *painter) line() {
	for n := len(p.pieces); n > 0; n-- {
		last := &p.pieces[n-1]
		last.text = strings.TrimRight(last.text, " \t")
		if last.text != "" {
			break
		}
		p.pieces = p.pieces[:n-1]
	}
	for _, c := range p.pieces {
		if c.style == nil || strings.TrimSpace(c.text) == "" {
			p.out.WriteString(c.text)
		} else {
			p.out.WriteString((*ansi.Style)(c.style).Styled(c.text))
		}
	}
	p.pieces = p.pieces[:0]
	p.out.WriteByte('\n')
}
