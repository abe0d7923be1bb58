package syntax

import (
	"hexdag.dev/hexdag/lang/diag"
)

// chomping says what becomes of the line breaks at a block scalar's end.
type chomping byte

const (
	clip  chomping = 0   // one stays
	strip chomping = '-' // none stays
	keep  chomping = '+' // all stay
)

// blockHeader reads the header at i, without reporting faults: its end, the
// indentation that it states (0: none) and the chomping.
func blockHeader(src string, i int) (end, indent int, chomp chomping) {
	for i++; i < len(src); i++ {
		switch c := src[i]; {
		case (c == '+' || c == '-') && chomp == clip:
			chomp = chomping(c)
		case c >= '1' && c <= '9' && indent == 0:
			indent = int(c - '0')
		default:
			return i, indent, chomp
		}
	}
	return i, indent, chomp
}

// blockScalar parses the literal or folded scalar at pos, whose lines stand
// right of column n.
func (p *parser) blockScalar(n int, pr *properties) *Node {
	start := p.pos
	end, indent, _ := blockHeader(p.src, start)
	broken := p.headerRest(start, end)
	if indent > 0 {
		indent += max(n, 0)
	}
	style := Literal
	if p.src[start] == '>' {
		style = Folded
	}

	body := p.lineEnd(end)
	if body < len(p.src) {
		body = p.afterBreak(body)
	}
	if indent == 0 {
		indent = p.blockIndent(n, body)
	}
	last := end    // end of the last line of content
	line := p.line // and its start
	if indent > 0 || n < 0 {
		for i := body; i < len(p.src); {
			begin := i
			for i < len(p.src) && i-begin < indent && p.src[i] == ' ' {
				i++
			}
			if i >= len(p.src) {
				break
			}
			if isNewline(p.src[i]) {
				i = p.afterBreak(i)
				continue
			}
			if begin == i && p.marker(i) {
				break
			}
			if col := i - begin; col < indent {
				if p.src[i] == '\t' && p.blankLine(i) {
					p.report(diag.New(diag.TabIndentation, p.at(i, p.blanks(i)), "a tab is used for indentation").
						WithHelp("YAML indents with spaces only").
						WithFix("empty the line", true, p.edit(begin, p.blanks(i), "")))
					i = p.lineEnd(i)
					continue
				}
				if p.src[i] == '#' || col <= n && !p.insideText(i, indent) {
					break
				}
				if !broken {
					broken = true
					p.report(diag.New(diag.BadIndentation, p.at(begin, max(i, begin+1)), "this line stands further left than the first line of the text (column %d, not %d)", col+1, indent+1).
						WithHelp("indent it like the first line").
						WithFix("indent it", false, p.edit(begin, i, spaces(indent))))
				}
			}
			last, line = p.lineEnd(i), begin
			i = last
			if i < len(p.src) {
				i = p.afterBreak(i)
			}
		}
	}
	p.pos, p.line = max(last, p.lineEnd(end)), line
	value := decodeBlock(p.src, start, last, indent, nil)
	node := p.scalar(style, start, last, value, pr)
	node.indent = int32(indent)
	node.Broken = broken
	return node
}

// insideText reports whether the line with the text at i, which stands left of
// everything that could hold a block scalar, is a broken line of the scalar
// rather than its end: it is part of no block structure, and the next line is
// indented like the scalar.
func (p *parser) insideText(i, indent int) bool {
	if p.structural(i) || p.loneWord(i) {
		return false
	}
	const most = 50 // lines that are looked at
	for range most {
		if i = p.lineEnd(i); i >= len(p.src) {
			return false
		}
		line := p.afterBreak(i)
		if i = p.blanks(line); i < len(p.src) && !isNewline(p.src[i]) {
			return i-line >= indent
		}
	}
	return false
}

func (p *parser) blankLine(i int) bool {
	i = p.blanks(i)
	return i >= len(p.src) || isNewline(p.src[i])
}

// headerRest checks what follows the header of a block scalar on its line, and
// records a comment there. It reports whether there was a fault.
func (p *parser) headerRest(start, end int) (broken bool) {
	i := p.blanks(end)
	if i < len(p.src) && p.src[i] == '#' && i > end {
		p.comment(i)
		return false
	}
	if i >= len(p.src) || isNewline(p.src[i]) {
		return false
	}
	stop := p.textEnd(i)
	if p.src[i] == '#' {
		stop = p.lineEnd(i)
	} else if c := p.blanks(stop); c < len(p.src) && p.src[c] == '#' {
		p.comment(c)
	}
	text := p.src[i:stop]
	d := diag.New(diag.BadBlockHeader, p.at(i, stop), "unexpected %s behind `%s`", describe(text), p.src[start:end])
	switch {
	case text[0] == '0':
		d = d.WithHelp("the indentation of a block scalar is a digit from 1 to 9; leave it out to have it detected")
	case text[0] == '#':
		d = d.WithHelp("a comment needs a blank before its `#`").WithFix("insert a blank", true, p.edit(i, i, " "))
	default:
		d = d.WithHelp("the text of a block scalar starts on the next line; behind `|` or `>` may stand `-` or `+` and the indentation")
	}
	p.report(d)
	return true
}

// blockIndent finds the indentation of the block scalar whose lines start at
// body: that of its first line that is not blank.
func (p *parser) blockIndent(n, body int) int {
	blank, blankAt := 0, 0 // the longest line of nothing but spaces
	for i := body; i < len(p.src); {
		begin := i
		for i < len(p.src) && p.src[i] == ' ' {
			i++
		}
		col := i - begin
		if i < len(p.src) && !isNewline(p.src[i]) {
			if col <= n || col == 0 && p.marker(begin) {
				break
			}
			if blank > col {
				p.report(diag.New(diag.BadIndentation, p.at(blankAt, blankAt+blank), "a blank line before the text is longer than the indentation of the text").
					WithHelp("remove the spaces, or state the indentation behind the `|` or `>`").
					WithFix("empty the line", true, p.edit(blankAt, blankAt+blank, "")))
			}
			return col
		}
		if col > blank {
			blank, blankAt = col, begin
		}
		if i < len(p.src) {
			i = p.afterBreak(i)
		}
	}
	return max(blank, n+1)
}

// decodeBlock decodes the block scalar whose header is at start and whose last
// line of content ends at end; indent columns of every line are not content.
func decodeBlock(src string, start, end, indent int, d *decoder) string {
	d = newDecoder(src, max(end-start, 8), d)
	folded := src[start] == '>'
	i, _, chomp := blockHeader(src, start)
	for i < len(src) && !isNewline(src[i]) {
		i++
	}
	d.end = i
	if i >= len(src) {
		return ""
	}
	i = breakAfter(src, i)

	// pending are the line breaks since the last line of content, which are not
	// in buf yet: from its end, at from, on.
	pending, from := 0, i
	first, more := true, false
	flush := func(to int, fold bool) {
		if pending == 1 && fold {
			d.replace(from, to, " ")
			pending = 0
		}
		for i := from; pending > 0; pending-- {
			for !isNewline(src[i]) {
				i++
			}
			next := breakAfter(src, i)
			switch {
			case fold: // the first of several line breaks is lost
			case src[i] == '\n':
				d.exact(i, next)
			default:
				d.replace(i, next, "\n")
			}
			fold = false
			i = next
		}
	}
	for i < end {
		begin := i
		for i < len(src) && i-begin < indent && src[i] == ' ' {
			i++
		}
		if !isNewline(src[i]) && !(i-begin < indent && src[i] == '\t' && onlyBlanks(src, i)) {
			wide := isSpace(src[i]) // more indented
			flush(i, folded && !first && !more && !wide)
			first, more = false, wide
			text := i
			for i < len(src) && !isNewline(src[i]) {
				i++
			}
			d.exact(text, i)
			from = i
		}
		for i < len(src) && !isNewline(src[i]) {
			i++
		}
		if i < len(src) {
			pending++
			i = breakAfter(src, i)
		}
	}
	// What follows the last line of content: blank lines, for keep.
	if chomp == keep || first {
		for i < len(src) {
			begin := i
			for i < len(src) && i-begin < indent && src[i] == ' ' {
				i++
			}
			if i >= len(src) || !isNewline(src[i]) {
				i = begin
				break
			}
			pending++
			i = breakAfter(src, i)
		}
	}
	switch chomp {
	case keep:
		flush(i, false)
	case clip:
		if !first && pending > 0 {
			pending = 1
			flush(breakAfter(src, from), false)
		}
	}
	return string(d.buf)
}

func onlyBlanks(src string, i int) bool {
	i = blanksAfter(src, i, len(src))
	return i >= len(src) || isNewline(src[i])
}
