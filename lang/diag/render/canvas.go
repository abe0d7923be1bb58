package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// canvas draws the rows under a source line: underlines, the connectors of
// labels, and the brackets of marks over several lines, which run down a margin
// between line numbers and text, two columns for each such mark.
type canvas struct {
	*painter
	gutter int
	multi  []*lineMark
	active []bool // the bracket of multi[k] runs past the current row
}

// placed is a mark with the display columns that it covers.
type placed struct {
	*lineMark
	from, to int
}

// margin draws the brackets that run past a row.
func (c *canvas) margin() {
	for k, m := range c.multi {
		if c.active[k] {
			c.add(c.of(m), "| ")
		} else {
			c.add(plain, "  ")
		}
	}
}

// begin starts a row without line number, up to the text.
func (c *canvas) begin() {
	c.add(blue, strings.Repeat(" ", c.gutter+1)+"| ")
	c.margin()
}

func (c *canvas) note(text string) {
	c.add(blue, strings.Repeat(" ", c.gutter+1)+"= ")
	c.add(bold, "note")
	c.add(plain, ": "+oneLine(text))
	c.line()
}

// underline draws the marks of one line. The label of the rightmost mark stands
// behind it, the others hang below theirs, right to left, so that connectors
// never cross a label.
func (c *canvas) underline(marks []placed) {
	if len(marks) == 0 {
		return
	}
	slices.SortStableFunc(marks, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	end := 0
	for _, m := range marks {
		end = max(end, m.to)
	}
	// The narrower of two marks is drawn over the wider one, the primary over
	// another of its width.
	over := slices.Clone(marks)
	slices.SortStableFunc(over, func(a, b placed) int {
		if d := cmp.Compare(b.to-b.from, a.to-a.from); d != 0 {
			return d
		}
		return btoi(a.primary) - btoi(b.primary)
	})
	owner := make([]*lineMark, end)
	for _, m := range over {
		for i := m.from; i < m.to; i++ {
			owner[i] = m.lineMark
		}
	}
	c.begin()
	for i := 0; i < end; {
		j := i
		for j < end && owner[j] == owner[i] {
			j++
		}
		char := " "
		if owner[i] != nil {
			char = owner[i].char()
		}
		c.add(c.of(owner[i]), strings.Repeat(char, j-i))
		i = j
	}
	labelled := slices.DeleteFunc(marks, func(m placed) bool { return m.label == "" })
	if n := len(labelled); n > 0 && labelled[n-1].to == end {
		c.add(c.of(labelled[n-1].lineMark), " "+oneLine(labelled[n-1].label))
		labelled = labelled[:n-1]
	}
	c.line()
	if len(labelled) == 0 {
		return
	}
	c.connectors(labelled)
	c.line()
	for n := len(labelled) - 1; n >= 0; n-- {
		column := c.connectors(labelled[:n])
		m := labelled[n]
		if column > m.from { // two marks start in one column
			c.line()
			column = c.connectors(nil)
		}
		c.add(plain, strings.Repeat(" ", m.from-column))
		c.add(c.of(m.lineMark), oneLine(m.label))
		c.line()
	}
}

// connectors starts a row with a stroke under the start of each mark, and gives
// the column that it reached.
func (c *canvas) connectors(marks []placed) int {
	c.begin()
	column := 0
	for _, m := range marks {
		if m.from < column {
			continue
		}
		c.add(plain, strings.Repeat(" ", m.from-column))
		c.add(c.of(m.lineMark), "|")
		column = m.from + 1
	}
	return column
}

// bracket draws the row that leads from margin column k to a text column: the
// start of a mark over several lines, or its end.
func (c *canvas) bracket(k, column int, label string) {
	c.add(blue, strings.Repeat(" ", c.gutter+1)+"| ")
	style := c.of(c.multi[k])
	for i, m := range c.multi {
		switch {
		case i < k && c.active[i]:
			c.add(c.of(m), "| ")
		case i < k:
			c.add(plain, "  ")
		case i == k && c.active[k]:
			c.add(style, "|_")
		case i == k:
			c.add(style, " _")
		default:
			c.add(style, "__")
		}
	}
	c.add(style, strings.Repeat("_", column)+c.multi[k].char())
	if label != "" {
		c.add(style, " "+oneLine(label))
	}
	c.line()
}

func (m *lineMark) char() string {
	if m.primary {
		return "^"
	}
	return "-"
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// header is "error[HX0301]: message" with the message on one line.
func (p *painter) header(severity style, name, code, message string) {
	p.add(severity, fmt.Sprintf("%s[%s]", name, code))
	p.add(bold, ": "+oneLine(message))
	p.line()
}
