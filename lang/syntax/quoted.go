package syntax

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
)

// quoted parses the quoted scalar at pos; q is its quote. Its lines stand right
// of column n.
//
// A quote that is not closed must not swallow the rest of the file: it ends
// before the first line below that looks like a part of the block structure, or
// that belongs to somebody further out, or at the end of the document.
func (p *parser) quoted(n int, q byte, pr *properties) *Node {
	start := p.pos
	p.leftLine, p.leftText = -1, 0
	end, line, plain, closed := p.quoteEnd(n, q)
	if closed && line != p.line && p.closedByAccident(start, end, q) {
		closed = false
	}
	style := SingleQuoted
	if q == '"' {
		style = DoubleQuoted
	}
	if !closed {
		return p.unclosedQuote(start, end, style, pr)
	}
	if p.leftLine >= 0 {
		p.leftOfQuote(n)
	}
	p.pos = end
	p.line = line
	var value string
	switch {
	case plain:
		value = p.src[start+1 : end-1]
	case q == '"':
		value = decodeDouble(p.src, start, end, &decoder{bad: p.badEscape})
	default:
		value = decodeSingle(p.src, start, end, nil)
	}
	return p.scalar(style, start, end, value, pr)
}

// quoteEnd finds the end of the quoted scalar at pos. plain says that it has
// neither escapes nor line breaks, line is the start of its last line. If it is
// not closed, end is the end of the region where it could have been.
func (p *parser) quoteEnd(n int, q byte) (end, line int, plain, closed bool) {
	src := p.src
	plain, line = true, p.line
	i := p.pos + 1
	for i < len(src) {
		c := src[i]
		switch {
		case c == q:
			if q == '\'' && i+1 < len(src) && src[i+1] == q {
				plain = false
				i += 2
				continue
			}
			return i + 1, line, plain, true
		case c == '\\' && q == '"':
			plain = false
			if i++; i < len(src) && !isNewline(src[i]) {
				i++
			}
		case isNewline(c):
			plain = false
			last := i
			for i < len(src) && isNewline(src[i]) {
				line = p.afterBreak(i)
				i = p.blanks(line)
			}
			if i >= len(src) || i == line && p.marker(i) || !p.continues(n, line, i, q) {
				return last, line, false, false
			}
		default:
			i++
		}
	}
	return len(src), line, plain, false
}

// continues reports whether the text at i, the first on its line, can go on a
// quoted scalar whose lines stand right of column n.
func (p *parser) continues(n, line, i int, q byte) bool {
	indent := line
	for indent < i && p.src[indent] == ' ' {
		indent++
	}
	if indent-line > n {
		return true
	}
	if p.src[i] != q && p.structural(i) {
		return false
	}
	if p.leftLine < 0 {
		p.leftLine, p.leftText = line, i
	}
	return true
}

// leftOfQuote reports the first line of a quoted text that does not stand right
// of column n.
func (p *parser) leftOfQuote(n int) {
	line, text := p.leftLine, p.leftText
	if strings.IndexByte(p.src[line:text], '\t') >= 0 {
		p.tabIn(line, text, n+2)
		return
	}
	p.report(diag.New(diag.BadIndentation, p.at(line, max(text, line+1)), "this line of a quoted text stands too far left").
		As(diag.Warning). // YAML forbids it, but every parser accepts it
		WithHelp("indent it further than the key").
		WithFix("indent it", false, p.edit(line, text, spaces(n+2))))
}

// closedByAccident reports whether the text of several lines that starts at
// start was closed at end by what is rather the opening quote of another text:
// text follows it at once, and a line on the way looks like block structure.
func (p *parser) closedByAccident(start, end int, q byte) bool {
	if p.blankAt(end) {
		return false
	}
	switch c := p.src[end]; {
	case c == ':' || c == '#' || class[c]&flowInd != 0:
		return false
	}
	_, found := p.structuralLine(start, end)
	return found
}

// structuralLine finds the first line below the one at start and before end
// that looks like block structure, and returns the end of the text before it.
func (p *parser) structuralLine(start, end int) (before int, found bool) {
	i := p.lineEnd(start)
	for i < end {
		before = i
		for i < end && isNewline(p.src[i]) {
			i = p.blanks(p.afterBreak(i))
		}
		if i >= end {
			break
		}
		if p.structural(i) {
			return before, true
		}
		i = p.lineEnd(i)
	}
	return 0, false
}

// unclosedQuote reports the quote at start, which nothing closes before end.
func (p *parser) unclosedQuote(start, end int, style Style, pr *properties) *Node {
	if before, found := p.structuralLine(start, end); found {
		end = before
	}
	for end > start+1 && class[p.src[end-1]]&(space|newline) != 0 {
		end--
	}
	q := p.src[start]
	if !p.quiet() {
		p.report(diag.New(diag.UnclosedQuote, p.at(start, start+1), "the quote is not closed").
			WithHelp("close it with `%c`", q).
			WithFix("close the quote", false, p.edit(end, end, string(q))))
	}
	p.pos = end
	if i := strings.LastIndexAny(p.src[start:end], "\r\n"); i >= 0 {
		p.line = start + i + 1
	}
	p.quoteFault = end
	var value string
	if q == '"' {
		value = decodeDouble(p.src, start, end, nil)
	} else {
		value = decodeSingle(p.src, start, end, nil)
	}
	n := p.scalar(style, start, end, value, pr)
	n.Broken = true
	return n
}

func (p *parser) badEscape(start, end int) {
	if p.quiet() {
		return
	}
	p.report(diag.New(diag.BadEscape, p.at(start, end), "unknown escape %s", describe(p.src[start:end])).
		WithHelp("write `\\\\` for a backslash, or put the text in single quotes, where a backslash is a backslash").
		WithFix("double the backslash", false, p.edit(start, start, `\`)))
}
