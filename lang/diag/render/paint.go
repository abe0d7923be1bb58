package render

import "strings"

// style is what selects a colour in a terminal: the parameters of the sequence
// "select graphic rendition". "" leaves text as it is.
//
// The sequences stand here and not in a library, because those that offer colours
// find out about the terminal when they are linked, at every start of a program,
// coloured or not. The sixteen colours used here work everywhere, and terminal
// themes adapt them.
type style string

// The styles, all bold where the colour alone could be too faint.
const (
	plain  style = ""
	bold   style = "1"
	red    style = "1;31"
	green  style = "1;32"
	severe style = "1;91"
	warned style = "1;93"
	noted  style = "1;96"
	blue   style = "1;94"
)

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
			p.out.WriteString("\x1b[" + string(c.style) + "m" + c.text + "\x1b[m")
		}
	}
	p.pieces = p.pieces[:0]
	p.out.WriteByte('\n')
}
