package render

import "strings"

//go:generate go run ../../../internal/theme

// style is what a piece of text looks like in a terminal: an index of theme.
type style uint8

// paint colours a piece of text. Whether to colour at all is decided by whoever
// writes the report, who knows where it goes.
func (s style) paint(text string) string {
	return theme[s].on + text + theme[s].off
}

// painter collects the text of a report, one coloured piece after the other.
type painter struct {
	out    strings.Builder
	pieces []piece
	color  bool
	severe style // of the finding that is drawn
}

type piece struct {
	style style
	text  string
}

// of is the colour of a mark.
func (p *painter) of(m *lineMark) style {
	switch {
	case m == nil:
		return plain
	case m.primary:
		return p.severe
	}
	return blue
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
		if !p.color || c.style == plain || strings.TrimSpace(c.text) == "" {
			p.out.WriteString(c.text)
		} else {
			p.out.WriteString(c.style.paint(c.text))
		}
	}
	p.pieces = p.pieces[:0]
	p.out.WriteByte('\n')
}
