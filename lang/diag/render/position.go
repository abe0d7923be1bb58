package render

import (
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/source"
)

// locator translates offsets. It remembers the last place of each file, so that
// sorted findings on one very long line do not count its columns again and
// again. It is not safe for concurrent use.
type locator struct {
	last map[*source.File]source.Position
}

func newLocator() *locator { return &locator{last: map[*source.File]source.Position{}} }

func (l *locator) position(f *source.File, offset int) source.Position {
	p, ok := l.last[f]
	const bom = 3 // it is no column, so counting must not cross it
	line := f.LineSpan(max(0, p.Line-1))
	switch {
	case !ok || p.Offset < bom || offset < bom || offset < int(line.Start) || offset > int(line.End):
		p = f.Position(offset)
	case offset >= p.Offset:
		p.Column += utf8.RuneCountInString(f.Text()[p.Offset:offset])
		p.Offset = offset
	default:
		p.Column -= utf8.RuneCountInString(f.Text()[offset:p.Offset])
		p.Offset = offset
	}
	l.last[f] = p
	return p
}

// start is the position of a location's first byte; ok is false for no place.
func (l *locator) start(loc source.Location) (p source.Position, ok bool) {
	if loc.File == nil {
		return p, false
	}
	return l.position(loc.File, int(loc.Span.Start)), true
}

func (l *locator) span(loc source.Location) (start, end source.Position) {
	start = l.position(loc.File, int(loc.Span.Start))
	end = start
	if loc.Span.End > loc.Span.Start {
		end = l.position(loc.File, int(loc.Span.End))
	}
	return start, end
}
