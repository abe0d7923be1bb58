package syntax

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
)

// entry parses the entry of a block mapping at pos, the first content on its
// line; its value stands right of column c. It reports whether its colon is
// missing; again says that this was so of the entry before and need not be
// reported again: it is probably prose.
func (p *parser) entry(c int, again bool) (colonless bool) {
	start := p.pos
	switch {
	case p.question(start):
		p.explicit(c)
		return false
	case p.colon(start):
		value := p.blockNode(c, indentless|compact, start+1)
		p.push(p.emptyAt(start), value, start)
		return false
	}
	var pr properties
	for isPropertyStart(p.src[p.pos]) {
		p.property(&pr, false)
		if p.pos = p.blanks(p.pos); p.pos >= len(p.src) || isNewline(p.src[p.pos]) {
			key := p.empty(p.pos, &pr)
			p.missingColon(key, again)
			p.colonlessValue(c, key, start)
			return true
		}
	}
	key := p.blockKey(c, &pr)
	if i := p.blanks(p.pos); p.colon(i) && !p.fresh() {
		if p.line > start {
			p.multiLineKey(key)
		}
		p.pos = i
		p.value(c, key, start)
		return false
	}
	if key.Kind == Scalar && key.Style == Plain && !key.Broken && p.spaceless(c, key, start) {
		return false
	}
	p.missingColon(key, again || key.Broken)
	p.colonlessValue(c, key, start)
	return true
}

// explicit parses the entry at pos, which starts with `? `.
func (p *parser) explicit(c int) {
	start := p.pos
	key := p.blockNode(c, indentless|compact, start+1)
	for p.skip(); !p.fresh() && !p.ended(); p.skip() {
		p.trailing(key)
	}
	if p.ended() || p.col != c || !p.colon(p.pos) {
		p.push(key, p.emptyAt(max(outerEnd(key), start+1)), start)
		return
	}
	if p.tab {
		p.tabFault()
	}
	p.push(key, p.blockNode(c, indentless|compact, p.pos+1), start)
}

// blockKey parses the key at pos.
func (p *parser) blockKey(c int, pr *properties) *Node {
	switch ch := p.src[p.pos]; ch {
	case '"', '\'':
		return p.quoted(c, ch, pr)
	case '*':
		return p.alias(pr)
	case ':':
		if p.colon(p.pos) {
			return p.empty(p.pos, pr)
		}
	case '[', '{':
		t, ok := p.templateAhead(p.pos, true)
		if !ok {
			return p.flowCollection(c, pr)
		}
		key := p.templateScalar(c, t, pr)
		key.Broken = !t.key
		return key
	}
	return p.plainKey(pr)
}

func (p *parser) emptyAt(at int) *Node { return p.empty(at, nil) }

// plainKey parses the plain text at pos up to a colon or the end of the line.
func (p *parser) plainKey(pr *properties) *Node {
	start := p.pos
	broken := len(p.tree.Diags)
	end, _ := p.plainStart(start, false)
	key := p.scalar(Plain, start, end, p.src[start:end], pr)
	key.Broken = len(p.tree.Diags) > broken
	p.pos = end
	return key
}

// value parses what stands behind the colon at pos.
func (p *parser) value(c int, key *Node, start int) {
	p.push(key, p.blockNode(c, indentless, p.pos+1), start)
}

// missingColon notes that key is not followed by a colon, and reports it unless
// known is set.
func (p *parser) missingColon(key *Node, known bool) {
	key.Broken = true
	if known || p.quiet() {
		return
	}
	at := outerEnd(key)
	help := "an entry of a mapping is written `key: value`"
	if strings.Count(key.Value, " ") > 1 {
		help += "; a text of several lines starts with `|` behind its key"
	}
	p.report(diag.New(diag.MissingColon, p.at(outerStart(key), at), "expected `:` behind the key %s", describe(p.src[outerStart(key):at])).
		WithHelp("%s", help).
		WithFix("insert `:`", false, p.edit(at, at, ":")))
}

// colonlessValue completes the entry of a key without colon: if the lines below
// are indented, they are its value.
func (p *parser) colonlessValue(c int, key *Node, start int) {
	key.Broken = true
	at := outerEnd(key)
	p.skip()
	if p.fresh() && p.holds(c, indentless) && p.structural(p.pos) {
		p.push(key, p.content(c, indentless), start)
		return
	}
	p.push(key, p.emptyAt(at), start)
}

// spaceless handles `key:value`: what stands in front of the colon looks like a
// key, and nothing but a key can stand here.
func (p *parser) spaceless(c int, key *Node, start int) bool {
	colon := strings.IndexByte(key.Value, ':')
	if colon <= 0 || strings.HasPrefix(key.Value[colon:], "://") || !isWord(key.Value[:colon]) {
		return false
	}
	at := int(key.Span.Start) + colon + 1
	p.missingSpace(at)
	key.Value = key.Value[:colon]
	key.Span.End = int32(at - 1)
	p.push(key, p.blockNode(c, indentless, at), start)
	return true
}

func (p *parser) missingSpace(at int) {
	if p.quiet() {
		return
	}
	p.report(diag.New(diag.MissingSpace, p.at(at-1, at), "a blank is missing behind `:`").
		WithHelp("an entry of a mapping is written `key: value`").
		WithFix("insert a blank", true, p.edit(at, at, " ")))
}

// isWord reports whether s could be a field's name.
func isWord(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c|0x20 < 'a' || c|0x20 > 'z' {
			if (c < '0' || c > '9') && c != '_' && c != '-' && c != '.' {
				return false
			}
		}
	}
	return s != ""
}
