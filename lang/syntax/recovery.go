package syntax

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
)

// mark is a place to which the parser can go back. Nodes made since then are
// lost.
type mark struct {
	pos, line, first, col, indent  int
	tab                            bool
	comments, diags, defined       int
	expanded, aliased              int
	aliasOver                      bool
	tabLine, flowFault, quoteFault int
}

func (p *parser) mark() mark {
	return mark{
		pos: p.pos, line: p.line, first: p.first, col: p.col, indent: p.indent, tab: p.tab,
		comments: len(p.tree.Comments), diags: len(p.tree.Diags), defined: len(p.defined),
		expanded: p.expanded, aliased: p.aliased, aliasOver: p.aliasOver,
		tabLine: p.tabLine, flowFault: p.flowFault, quoteFault: p.quoteFault,
	}
}

func (p *parser) reset(m mark) {
	p.pos, p.line, p.first, p.col, p.indent, p.tab = m.pos, m.line, m.first, m.col, m.indent, m.tab
	p.tree.Comments, p.tree.Diags = p.tree.Comments[:m.comments], p.tree.Diags[:m.diags]
	p.undefine(m.defined)
	p.expanded, p.aliased, p.aliasOver = m.expanded, m.aliased, m.aliasOver
	p.tabLine, p.flowFault, p.quoteFault = m.tabLine, m.flowFault, m.quoteFault
}

// structural reports whether the line at i looks like a part of the block
// structure: an entry of a sequence, or a key with its colon.
func (p *parser) structural(i int) bool {
	if p.dash(i) || p.question(i) || p.colon(i) {
		return true
	}
	switch q := p.src[i]; q {
	case '"', '\'':
		for j := i + 1; j < len(p.src) && !isNewline(p.src[j]); j++ {
			switch {
			case q == '"' && p.src[j] == '\\':
				j++
			case p.src[j] == q && q == '\'' && j+1 < len(p.src) && p.src[j+1] == q:
				j++
			case p.src[j] == q:
				return p.colon(p.blanks(j + 1))
			}
		}
		return false
	case '#', '%', '[', ']', '{', '}', ',', '|', '>', '@', '`':
		return false
	}
	end, stop := p.plainLine(i, false)
	return stop == ':' && end > i
}

// textEnd is the end of the text at i on its line, without a comment behind it.
func (p *parser) textEnd(i int) int {
	end := i
	for j := i; j < len(p.src) && !isNewline(p.src[j]); j++ {
		switch {
		case isSpace(p.src[j]):
		case p.src[j] == '#' && j > i && isSpace(p.src[j-1]):
			return end
		default:
			end = j + 1
		}
	}
	return end
}

func (p *parser) backOverBlanks(i int) int {
	for i > p.line && isSpace(p.src[i-1]) {
		i--
	}
	return i
}

const manySpaces = "                                                                "

func spaces(n int) string {
	if n <= len(manySpaces) {
		return manySpaces[:max(n, 0)]
	}
	return strings.Repeat(" ", n)
}

// tabFault reports the tab in the indentation of the content at pos.
func (p *parser) tabFault() { p.tabIn(p.line, p.pos, p.col) }

// tabIn reports the tab between the start of a line and its content, which
// should stand at column col.
func (p *parser) tabIn(line, content, col int) {
	if p.tabLine == line+1 {
		return
	}
	p.tabLine = line + 1
	if p.quiet() {
		return
	}
	start := line
	for p.src[start] != '\t' {
		start++
	}
	end := start
	for end < content && p.src[end] == '\t' {
		end++
	}
	p.report(diag.New(diag.TabIndentation, p.at(start, end), "a tab is used for indentation").
		WithHelp("YAML indents with spaces only").
		WithFix("indent with spaces", true, p.edit(line, content, spaces(col))))
}

// tabBefore reports a tab in front of a block collection that starts at start,
// on the line of m.
func (p *parser) tabBefore(m mark, start int, onLine bool) {
	if !onLine {
		if m.tab {
			p.tabIn(m.line, m.first, m.col)
		}
		return
	}
	blanks := p.backOverBlanks(start)
	if i := strings.IndexByte(p.src[blanks:start], '\t'); i >= 0 {
		p.report(diag.New(diag.TabIndentation, p.at(blanks+i, blanks+i+1), "a tab stands between an indicator and a nested collection, where it would be indentation").
			WithHelp("use a space").
			WithFix("use a space", true, p.edit(blanks, start, " ")))
	}
}

// badIndentation reports the line at pos, whose column is no one's; those of
// the nearest collection stand at column c.
func (p *parser) badIndentation(c int) {
	if p.quiet() {
		return
	}
	end := p.textEnd(p.pos)
	side := "further right"
	if p.col < c {
		side = "further left"
	}
	p.report(diag.New(diag.BadIndentation, p.at(p.line, max(p.pos, p.line+1)), "%s stands %s than the entries above it (column %d, not %d)",
		describe(p.src[p.pos:end]), side, p.col+1, c+1).
		WithHelp("indent it like the entries that it belongs to").
		WithFix("indent it like the entry above", false, p.edit(p.line, p.pos, spaces(c))))
}

// strayItems reports and keeps entries of a sequence at column k among the
// entries of a mapping at column c: as the value of a key that is not there.
func (p *parser) strayItems(c, k int) {
	if !p.quiet() {
		p.report(diag.New(diag.MisplacedCollection, p.at(p.pos, p.pos+1), "an entry of a sequence among the entries of a mapping").
			WithHelp("give the sequence a key (`key:` on the line above), or indent it under the key that it belongs to"))
	}
	start := p.pos
	key := p.empty(start, nil)
	key.Broken = true
	value := p.sequence(k, k, &properties{}, nil)
	value.Broken = true
	p.push(key, value, start)
}

// garbage reports the text at pos, right of the entries at column c, and skips
// it with the lines below that stand there too, up to one further left that has
// a key.
func (p *parser) garbage(c int, last *Node) {
	last.Broken = true
	if !p.quiet() {
		end := p.textEnd(p.pos)
		p.report(diag.New(diag.UnexpectedText, p.at(p.pos, end), "unexpected text %s behind a complete value", describe(p.src[p.pos:end])).
			WithHelp("a text of several lines starts with `|`, or stands in quotes; a comment starts with `#`"))
	}
	column := p.col
	for !p.ended() && p.fresh() && p.col > c && (p.col >= column || !p.structural(p.pos)) {
		p.pos = p.textEnd(p.pos)
		p.skip()
		if !p.fresh() && !p.ended() { // a `#` that is no comment
			p.pos = p.lineEnd(p.pos)
			p.skip()
		}
	}
}

// intruder reports whether the line at pos, left of the entries of a collection
// that stands right of column n, is part of no block structure, while the lines
// below go on with entries right of n: then it is a broken line inside the
// collection and not its end.
func (p *parser) intruder(n int) bool {
	if p.structural(p.pos) || isWord(p.src[p.pos:p.pos+1]) && p.loneWord(p.pos) {
		return false
	}
	const most = 50 // lines that are looked at
	i := p.lineEnd(p.pos)
	for range most {
		if i >= len(p.src) {
			return false
		}
		line := p.afterBreak(i)
		i = p.blanks(line)
		if i < len(p.src) && !isNewline(p.src[i]) && p.src[i] != '#' {
			if i == line && p.marker(i) {
				return false
			}
			if p.structural(i) {
				return i-line > n
			}
		}
		i = p.lineEnd(i)
	}
	return false
}

// loneWord reports whether the line at i is one word: a half-typed key.
func (p *parser) loneWord(i int) bool { return isWord(p.src[i:p.textEnd(i)]) }

// intrusion reports and skips the line at pos, see intruder.
func (p *parser) intrusion(last *Node) {
	end := p.textEnd(p.pos)
	if !last.Broken && !p.quiet() {
		p.report(diag.New(diag.UnexpectedText, p.at(p.pos, end), "%s is neither an entry nor part of a text", describe(p.src[p.pos:end])).
			WithHelp("remove the line, indent it like the text that it belongs to, or make it `key: value`"))
	}
	last.Broken = true
	p.pos = end
}

// trailing reports and skips the text at pos, on one line with the complete
// value last.
func (p *parser) trailing(last *Node) {
	start, end := p.pos, p.textEnd(p.pos)
	if p.src[start] == '#' {
		p.commentSpace()
		return
	}
	last.Broken = true
	p.pos = end
	if p.quiet() {
		return
	}
	switch p.src[start] {
	case ']', '}':
		p.report(diag.New(diag.StrayBracket, p.at(start, start+1), "`%c` closes nothing", p.src[start]).
			WithHelp("remove it, or open it with `%c`", opening(p.src[start])).
			WithFix("remove it", false, p.edit(start, start+1, "")))
	default:
		d := diag.New(diag.UnexpectedText, p.at(start, end), "unexpected text %s behind a complete value", describe(p.src[start:end]))
		if from := int(last.Span.Start); last.Kind == Scalar && last.Style != Empty && last.Span.Len() > 0 && int(last.Span.Start) >= p.line {
			d = d.WithHelp("quote the whole value if the text belongs to it").
				WithFix("quote the whole value", false, p.edit(from, end, requote(p.src[from:end], last.Span.Len(), last.Style)))
		} else {
			d = d.WithHelp("remove it, or put it on a line of its own")
		}
		p.report(d)
	}
}

// requote puts quotes around text, which starts with a quoted scalar of the
// given length. If text goes on without a blank and ends in the same quote, the
// outer quotes are the author's: `'it's'`.
func requote(text string, length int, style Style) string {
	if style == SingleQuoted || style == DoubleQuoted {
		q := text[0]
		if len(text) > length && text[len(text)-1] == q && !isSpace(text[length]) {
			return Quote(text[1 : len(text)-1])
		}
	}
	return Quote(text)
}

// commentSpace reports the `#` at pos and reads it as a comment.
func (p *parser) commentSpace() {
	start := p.pos
	if !p.quiet() {
		p.report(diag.New(diag.CommentSpace, p.at(start, start+1), "a comment needs a blank before its `#`").
			WithHelp("insert a blank").WithFix("insert a blank", true, p.edit(start, start, " ")))
	}
	p.pos = p.comment(start)
}

func opening(c byte) byte {
	if c == ']' {
		return '['
	}
	return '{'
}

// multiLineKey reports a key that does not end on the line where it starts.
func (p *parser) multiLineKey(key *Node) {
	key.Broken = true
	p.report(diag.New(diag.MultiLineKey, p.at(int(key.Span.Start), int(key.Span.End)), "a key must stand on one line").
		WithHelp("write it on one line, or put `? ` in front of it and its `:` on a line of its own"))
}

// nestedMapping reports the colon at colon behind `key: text`, and reads all of
// the text as the value, so that later phases still see it.
func (p *parser) nestedMapping(n, colon int, pr *properties) *Node {
	start := p.pos
	end := p.textEnd(start)
	text := p.plainLines(n, end, p.lineStop(end), false, true)
	if !p.quiet() {
		p.report(diag.New(diag.NestedMapping, p.at(colon, colon+1), "`: ` inside an unquoted value").
			WithHelp("quote the value if the colon belongs to it, or put the inner mapping on a line of its own").
			WithFix("quote the value", false, p.edit(start, text.end, quoteRaw(p.src[start:text.end]))))
	}
	node := p.plain(text, pr)
	node.Broken = true
	return node
}

// lineStop is what plainLine reports for a text that ends at end because of the
// end of the line, or a comment.
func (p *parser) lineStop(end int) byte {
	if i := p.blanks(end); i < len(p.src) {
		if isNewline(p.src[i]) {
			return '\n'
		}
		return '#'
	}
	return 0
}

// nestedBehind reports the colon at colon behind the complete value node, and
// skips the rest of the line.
func (p *parser) nestedBehind(node *Node, colon int) {
	end := p.textEnd(colon)
	node.Broken = true
	p.pos = end
	if p.quiet() {
		return
	}
	d := diag.New(diag.NestedMapping, p.at(colon, colon+1), "a second `:` in one entry")
	if from := int(node.Span.Start); from >= p.line {
		d = d.WithFix("quote the value", false, p.edit(from, end, Quote(p.src[from:end])))
	}
	p.report(d.WithHelp("quote the whole value if the colon belongs to it, or put the inner mapping on a line of its own"))
}
