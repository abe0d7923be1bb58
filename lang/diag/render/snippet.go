package render

import (
	"fmt"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/source"
)

// mark is a span to be shown in an excerpt, with what is said about it.
type mark struct {
	span    source.Span
	label   string
	primary bool
}

// lineMark is a mark with its lines (0-based) worked out. A span that ends with
// a line break ends at the end of that line.
type lineMark struct {
	mark
	first, last int
	end         int // file offset, not past the end of line last
}

// multi reports whether the mark covers several lines.
func (m *lineMark) multi() bool { return m.last > m.first }

// shownInside is how many lines of a long mark are shown at each end.
const shownInside = 2

// snippet is an excerpt of one file with marks in it.
type snippet struct {
	file  *source.File
	marks []lineMark
}

func newSnippet(file *source.File, marks []mark) snippet {
	s := snippet{file: file}
	size := int32(len(file.Content()))
	for _, m := range marks {
		m.span.Start = max(0, min(m.span.Start, size))
		m.span.End = max(m.span.Start, min(m.span.End, size))
		lm := lineMark{mark: m, first: max(0, file.Line(int(m.span.Start))), end: int(m.span.End)}
		lm.last = lm.first
		if m.span.End > m.span.Start {
			lm.last = max(lm.first, file.Line(int(m.span.End)-1))
		}
		lm.end = max(int(m.span.Start), min(lm.end, int(file.LineSpan(lm.last).End)))
		s.marks = append(s.marks, lm)
	}
	slices.SortStableFunc(s.marks, func(a, b lineMark) int {
		if a.span.Start != b.span.Start {
			return int(a.span.Start) - int(b.span.Start)
		}
		return b.end - a.end
	})
	return s
}

// lastLine is the greatest 1-based line number of the excerpt.
func (s *snippet) lastLine() int {
	n := 0
	for i := range s.marks {
		n = max(n, s.marks[i].last+1)
	}
	return n
}

// lines are the 0-based lines to show, ascending.
func (s *snippet) lines() []int {
	var lines []int
	for i := range s.marks {
		m := &s.marks[i]
		for l := m.first; l <= m.last; l++ {
			if l >= m.first+shownInside && l <= m.last-shownInside {
				l = m.last - shownInside + 1
			}
			lines = append(lines, l)
		}
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	// A gap of one line is not worth a mark for the gap.
	for i := 0; i+1 < len(lines); i++ {
		if lines[i+1] == lines[i]+2 {
			lines = slices.Insert(lines, i+1, lines[i]+1)
		}
	}
	return lines
}

// write draws the excerpt. gutter is the width of the line numbers, width that
// of the source text.
func (s *snippet) write(p *painter, gutter, width int) {
	var multi []*lineMark
	for i := range s.marks {
		if s.marks[i].multi() {
			multi = append(multi, &s.marks[i])
		}
	}
	c := &canvas{painter: p, gutter: gutter, multi: multi, active: make([]bool, len(multi))}
	p.add(blue, strings.Repeat(" ", gutter+1)+"|")
	p.line()
	previous := -1
	for _, n := range s.lines() {
		if previous >= 0 && n > previous+1 {
			p.add(blue, fmt.Sprintf("%-*s", gutter+3, "..."))
			c.margin()
			p.line()
		}
		previous = n
		s.writeLine(c, n, width)
	}
}

// writeLine draws source line n and what is marked in it.
func (s *snippet) writeLine(c *canvas, n, width int) {
	p := c.painter
	span := s.file.LineSpan(n)
	if n == 0 && strings.HasPrefix(s.file.Text(), "\ufeff") {
		span.Start = 3
	}
	r := layout(s.file.Slice(span), int(span.Start), s.focus(n), width)

	p.add(blue, fmt.Sprintf("%*d | ", c.gutter, n+1))
	for k, m := range c.multi {
		switch {
		case c.active[k]:
			p.add(p.of(m), "| ")
		case m.first == n && s.startsLine(m, span):
			p.add(p.of(m), "/ ")
			c.active[k] = true
		default:
			p.add(plain, "  ")
		}
	}
	p.add(plain, r.text)
	p.line()

	var single []placed
	var cut []string // what is said about places that the row does not show
	for i := range s.marks {
		m := &s.marks[i]
		if m.multi() || m.first != n {
			continue
		}
		if !r.shows(int(m.span.Start)) {
			where := "later"
			if int(m.span.Start) < r.starts[0] {
				where = "earlier"
			}
			if m.label != "" {
				cut = append(cut, where+" on this line: "+m.label)
			}
			continue
		}
		from := r.column(int(m.span.Start))
		single = append(single, placed{m, from, max(from+1, r.columnEnd(m.end))})
	}
	c.underline(single)
	for _, text := range cut {
		c.note(text)
	}
	for k, m := range c.multi {
		if m.first == n && !c.active[k] {
			c.bracket(k, r.column(int(m.span.Start)), "")
			c.active[k] = true
		}
	}
	for k := len(c.multi) - 1; k >= 0; k-- {
		if m := c.multi[k]; m.last == n {
			c.bracket(k, max(0, r.columnEnd(m.end)-1), m.label)
			c.active[k] = false
		}
	}
}

// startsLine reports whether only blanks stand before m on its first line.
func (s *snippet) startsLine(m *lineMark, line source.Span) bool {
	const limit = 1 << 10 // further to the right it makes no difference
	before := source.Span{Start: line.Start, End: max(line.Start, m.span.Start)}
	return before.Len() < limit && strings.Trim(s.file.Slice(before), " \t") == ""
}

// focus is the file offset of line n that must be seen if the line is cut: the
// primary mark's, else the first mark's.
func (s *snippet) focus(n int) int {
	at := int(s.file.LineSpan(n).Start)
	found := false
	for i := range s.marks {
		m := &s.marks[i]
		offset := int(m.span.Start)
		switch {
		case m.first == n:
		case m.multi() && m.last == n:
			offset = m.end
		default:
			continue
		}
		if m.primary {
			return offset
		}
		if !found {
			at, found = offset, true
		}
	}
	return at
}
