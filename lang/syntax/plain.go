package syntax

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
)

// plainLine finds where the plain text at i ends on its line, without blanks
// behind it, and what ends it: ':', '#', a line break as '\n', in flow context
// one of ",[]{}", or 0 for the end of the file.
func (p *parser) plainLine(i int, flow bool) (end int, stop byte) {
	src := p.src
	start := i
	end = i
	for i < len(src) {
		c := src[i]
		k := class[c]
		if k == 0 {
			i++
			for i < len(src) && class[src[i]] == 0 {
				i++
			}
			end = i
			continue
		}
		switch {
		case k&space != 0:
			i++
			continue
		case k&newline != 0:
			return end, '\n'
		case c == ':':
			if p.blankAt(i+1) || flow && class[src[i+1]]&flowInd != 0 {
				return end, ':'
			}
		case c == '#':
			if i > start && isSpace(src[i-1]) {
				return end, '#'
			}
		case flow:
			return end, c
		}
		i++
		end = i
	}
	return end, 0
}

// plainStart is plainLine for the first line of a plain scalar: it reports a
// character that can't start one.
func (p *parser) plainStart(i int, flow bool) (end int, stop byte) {
	if i >= len(p.src) {
		return i, 0
	}
	switch c := p.src[i]; c {
	case '@', '`', '%', ',', ']', '}', '#', '|', '>', '&', '!':
		return p.reserved(i, flow)
	case '-', '?', ':':
		next := i + 1
		if p.blankAt(next) || flow && class[p.src[next]]&flowInd != 0 {
			return p.reserved(i, flow)
		}
		// Not an indicator here, so not the end of the text either.
		end, stop = p.plainLine(next, flow)
		return max(end, next), stop
	}
	return p.plainLine(i, flow)
}

// reserved reports the character at i, which can't start a plain scalar, and
// takes the text up to the end of the line for the value.
func (p *parser) reserved(i int, flow bool) (end int, stop byte) {
	c := p.src[i]
	if flow {
		end, stop = p.plainLine(i+1, true)
		end = max(end, i+1)
	} else {
		end = p.textEnd(i)
		stop = p.lineStop(end)
		if j, s := p.plainLine(i+1, false); s == ':' && j < end {
			end, stop = max(j, i+1), ':'
		}
	}
	if p.quiet() {
		return end, stop
	}
	if c == ']' || c == '}' {
		p.report(diag.New(diag.StrayBracket, p.at(i, i+1), "`%c` closes nothing", c).
			WithHelp("remove it, or open it with `%c`", opening(c)))
		return end, stop
	}
	d := diag.New(diag.ReservedCharacter, p.at(i, i+1), "an unquoted text can't start with `%c` here", c)
	p.report(d.WithHelp("quote the text").
		WithFix("quote the text", false, p.edit(i, end, Quote(p.src[i:end]))))
	return end, stop
}

// plainText is the extent of a plain scalar.
type plainText struct {
	start, end int
	line       int  // start of the line that end is on
	multi      bool // it has several lines
	key        bool // it was ended by a line that has a key
}

// plainLines extends the plain text at pos, whose first line ends at end
// because of stop, over the lines below that stand right of column n. A line
// with a key ends it, in flow context only if split is set.
func (p *parser) plainLines(n, end int, stop byte, flow, split bool) plainText {
	t := plainText{start: p.pos, end: end, line: p.line}
	for stop == '\n' {
		i := p.blanks(t.end)
		line := 0
		for i < len(p.src) && isNewline(p.src[i]) {
			line = p.afterBreak(i)
			i = p.blanks(line)
		}
		if i >= len(p.src) || p.src[i] == '#' {
			break
		}
		indent := line
		for p.src[indent] == ' ' {
			indent++
		}
		if indent-line <= n || i == line && p.marker(i) {
			break
		}
		end, stop = p.plainLine(i, flow)
		if stop == ':' && (!flow || split) {
			t.key = !flow || end > i
			break
		}
		if end == i {
			break
		}
		t.end, t.line, t.multi = end, line, true
	}
	return t
}

// plain makes the scalar of t.
func (p *parser) plain(t plainText, pr *properties) *Node {
	p.pos, p.line = t.end, t.line
	value := p.src[t.start:t.end]
	if t.multi {
		value = decodePlain(p.src, t.start, t.end, nil)
	}
	return p.scalar(Plain, t.start, t.end, value, pr)
}

// Quote writes s as a YAML scalar in quotes, on one line: in double quotes
// where nothing needs an escape, else in single quotes, else in double quotes
// with escapes.
func Quote(s string) string {
	simple, printable := true, true
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			simple = false
		case r < ' ' || r >= 0x7F && r < 0xA0 || r == 0x2028 || r == 0x2029 || r == 0xFEFF || r == 0xFFFD:
			printable = false
		}
	}
	switch {
	case printable && simple:
		return `"` + s + `"`
	case printable:
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return quoteEscaped(s)
}
