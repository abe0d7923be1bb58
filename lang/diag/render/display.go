package render

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// tabStop is the number of columns between tab stops in excerpts.
const tabStop = 4

// visible is s with what a terminal would obey or hide made visible: control
// characters, bidirectional overrides (with which text can be made to look like
// other text), invisible characters and invalid bytes. Line breaks and tabs stay.
func visible(s string) string {
	return replaceHidden(s, func(r rune) bool { return r == '\n' || r == '\t' })
}

// oneLine is visible for text that has to stay in one line.
func oneLine(s string) string {
	return replaceHidden(s, func(rune) bool { return false })
}

func replaceHidden(s string, keep func(rune) bool) string {
	clean := true
	for _, r := range s {
		if r == utf8.RuneError || hidden(r) && !keep(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case keep(r):
			b.WriteRune(r)
		// A joiner inside an emoji is part of its picture.
		case r == '\u200d' && i > 0 && i+3 < len(s):
			b.WriteRune(r)
		case r == utf8.RuneError || hidden(r):
			b.WriteString(shown(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden reports whether r is obeyed or swallowed by terminals.
func hidden(r rune) bool {
	if r < 0x20 || r == 0x7f {
		return true
	}
	if r < 0x80 {
		return false
	}
	switch {
	case r < 0xa0, r == 0xad, r == 0x61c, r == 0xfeff,
		r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true
	}
	return unicode.Is(unicode.Cc, r)
}

// shown is the visible form of a hidden character.
func shown(r rune) string {
	switch {
	case r == utf8.RuneError:
		return "\ufffd"
	case r < 0x20:
		return string(rune(0x2400) + r) // ␀ … ␟
	case r == 0x7f:
		return "␡"
	}
	const digits = "0123456789ABCDEF"
	hex := []byte{digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15]}
	return "<U+" + string(hex) + ">"
}

// row is one source line, or the part of it around what matters, as a terminal
// shows it.
type row struct {
	text string
	// starts and columns belong together: the byte offsets in the file at which
	// the cells of the row start, and the display columns where they do. The last
	// entry is the end of the row.
	starts, columns []int
	// cutLeft and cutRight say that the row shows a part of the line.
	cutLeft, cutRight bool
}

// column is the display column of a file offset; an offset inside a cell gives
// the cell's start. Offsets outside are clamped.
func (r *row) column(offset int) int {
	i := sort.SearchInts(r.starts, offset)
	if i == len(r.starts) {
		return r.columns[len(r.columns)-1]
	}
	if r.starts[i] > offset && i > 0 {
		i--
	}
	return r.columns[i]
}

// columnEnd is column for the end of a span: an offset inside a cell gives the
// cell's end.
func (r *row) columnEnd(offset int) int {
	i := sort.SearchInts(r.starts, offset)
	if i == len(r.starts) {
		i--
	}
	return r.columns[i]
}

// shows reports whether offset lies in the part of the line that the row shows.
func (r *row) shows(offset int) bool {
	return (!r.cutLeft || offset >= r.starts[0]) && (!r.cutRight || offset <= r.starts[len(r.starts)-1])
}

const ellipsis = "…"

// layout lays line out, which starts at the file offset base, in at most width
// columns. If it does not fit, the part around the file offset focus is shown.
func layout(line string, base, focus, width int) row {
	focus = max(base, min(focus, base+len(line)))
	cutLeft, cutRight := false, false
	// Look only at as much text as can matter: four bytes a column on each side.
	reach := 4 * width
	if from := focus - base - reach; from > 0 {
		for from < len(line) && !utf8.RuneStart(line[from]) {
			from++
		}
		line, base, cutLeft = line[from:], base+from, true
	}
	if to := focus - base + reach; to < len(line) {
		for to > 0 && !utf8.RuneStart(line[to]) {
			to--
		}
		line, cutRight = line[:to], true
	}

	cells, r := cellsOf(line, base)
	total := r.columns[len(r.columns)-1]
	r.cutLeft, r.cutRight = cutLeft, cutRight
	if total <= width && !cutLeft && !cutRight {
		r.text = strings.Join(cells, "")
		return r
	}
	// Keep the line's start if the focus is near it, else a third of the width
	// before the focus.
	at := r.column(focus)
	left := 0
	if cutLeft || at > width*2/3 {
		left = max(0, at-width/3)
	}
	first := sort.SearchInts(r.columns[:len(cells)], left)
	room := width
	if cutLeft || first > 0 {
		room--
	}
	last := first
	for last < len(cells) && r.columns[last+1]-r.columns[first] <= room {
		last++
	}
	if last < len(cells) || cutRight {
		for last > first && r.columns[last]-r.columns[first] > room-1 {
			last--
		}
	}
	out := row{
		starts:  r.starts[first : last+1],
		columns: make([]int, 0, last+1-first),
		cutLeft: cutLeft || first > 0, cutRight: cutRight || last < len(cells),
	}
	shift := -r.columns[first]
	text := ""
	if out.cutLeft {
		text, shift = ellipsis, shift+1
	}
	for _, c := range r.columns[first : last+1] {
		out.columns = append(out.columns, c+shift)
	}
	out.text = text + strings.Join(cells[first:last], "")
	if out.cutRight {
		out.text += ellipsis
	}
	return out
}

// cellsOf splits a line into what a terminal shows as one unit each.
func cellsOf(line string, base int) ([]string, row) {
	cells := make([]string, 0, len(line))
	r := row{starts: make([]int, 0, len(line)+1), columns: make([]int, 0, len(line)+1)}
	column, at := 0, 0
	cell := func(text string, bytes, width int) {
		cells = append(cells, text)
		r.starts, r.columns = append(r.starts, base+at), append(r.columns, column)
		at, column = at+bytes, column+width
	}
	g := displaywidth.StringGraphemes(line)
	for g.Next() {
		text := g.Value()
		switch first, n := utf8.DecodeRuneInString(text); {
		case text == "\t":
			w := tabStop - column%tabStop
			cell(strings.Repeat(" ", w), 1, w)
		case n == len(text) && (hidden(first) || first == utf8.RuneError && n == 1):
			s := shown(first)
			cell(s, n, displaywidth.String(s))
		default:
			// A cluster may hide a control character (CR LF is one) or an invalid byte.
			s := oneLine(text)
			w := g.Width()
			if s != text {
				w = displaywidth.String(s)
			}
			cell(s, len(text), w)
		}
	}
	r.starts, r.columns = append(r.starts, base+at), append(r.columns, column)
	return cells, r
}
