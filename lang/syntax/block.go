package syntax

import "hexdag.dev/hexdag/lang/diag"

// place says what may stand behind an indicator.
type place uint8

const (
	// indentless: a sequence may stand at the column of the mapping whose value
	// it is.
	indentless place = 1 << iota
	// compact: a block collection may start on the indicator's own line.
	compact
)

// blockNode parses the value behind an indicator that ends at at. The value
// stands right of column n; if there is none, it is Empty.
func (p *parser) blockNode(n int, pl place, at int) *Node {
	p.pos = at
	p.skip()
	if p.pos >= len(p.src) || p.stopped || p.fresh() && !p.holds(n, pl) {
		return p.empty(at, nil)
	}
	return p.content(n, pl)
}

// holds reports whether the content at pos, the first on its line, belongs to a
// collection that stands right of column n.
func (p *parser) holds(n int, pl place) bool {
	if p.ended() {
		return false
	}
	return p.col > n || pl&indentless != 0 && p.col == n && p.dash(p.pos)
}

// dash, question and colon report whether that block indicator stands at i.
func (p *parser) dash(i int) bool     { return p.indicator(i, '-') }
func (p *parser) question(i int) bool { return p.indicator(i, '?') }
func (p *parser) colon(i int) bool    { return p.indicator(i, ':') }

func (p *parser) indicator(i int, c byte) bool {
	return i < len(p.src) && p.src[i] == c && p.blankAt(i+1)
}

// content parses the node at pos, which stands right of column n.
func (p *parser) content(n int, pl place) *Node {
	// Properties on the lines above belong to the collection that starts below
	// them, those on the line of its first key to the key.
	var outer, inner properties
	start := p.pos
	mark := p.mark()
	for isPropertyStart(p.src[p.pos]) {
		p.property(&inner, false)
		p.skip()
		if p.pos >= len(p.src) {
			p.mergeProperties(&outer, &inner)
			return p.empty(p.pos, &outer)
		}
		if p.fresh() {
			p.mergeProperties(&outer, &inner)
			inner = properties{}
			start = p.pos
			mark = p.mark()
			if !p.holds(n, pl) {
				return p.empty(p.pos, &outer)
			}
		}
	}

	onLine := start != p.first // behind an indicator
	c := p.col                 // column of a block collection that starts here
	if onLine {
		c = start - p.line
	}
	allowed := !onLine || pl&compact != 0

	switch p.src[p.pos] {
	case '-':
		if !p.dash(p.pos) {
			break
		}
		if inner.set {
			p.report(diag.New(diag.MisplacedCollection, p.at(inner.start, inner.end), "a tag or an anchor can't stand on the line of a sequence's first entry").
				WithHelp("put it on the line above, or behind the `-` if it is meant for the entry"))
			c = p.pos - p.line
		} else if !allowed {
			blanks := p.backOverBlanks(p.pos)
			p.report(diag.New(diag.MisplacedCollection, p.at(p.pos, p.pos+1), "a sequence can't start on the line of its key").
				WithHelp("put it on a line of its own").
				WithFix("move it to the next line", false, p.edit(blanks, p.pos, "\n"+spaces(max(n, 0)+2))))
		}
		p.tabBefore(mark, start, onLine)
		p.mergeProperties(&outer, &inner)
		return p.sequenceOr(onLine, c, n, &outer)
	case '?':
		if !p.question(p.pos) {
			break
		}
		if !allowed || inner.set {
			p.report(diag.New(diag.MisplacedCollection, p.at(p.pos, p.pos+1), "a mapping can't start on this line").
				WithHelp("put it on a line of its own, or quote the text if it is meant to start with `?`"))
			c = p.pos - p.line
		}
		p.tabBefore(mark, start, onLine)
		p.mergeProperties(&outer, &inner)
		return p.mappingOr(onLine, c, n, pl, &outer, p.pos, nil)
	case ':':
		if !p.colon(p.pos) {
			break
		}
		if !allowed {
			p.mergeProperties(&outer, &inner)
			return p.nestedMapping(n, p.pos, &outer)
		}
		p.tabBefore(mark, start, onLine)
		return p.mappingOr(onLine, c, n, pl, &outer, start, p.empty(p.pos, &inner))
	case '|', '>':
		p.mergeProperties(&outer, &inner)
		return p.blockScalar(n, &outer)
	}

	if !onLine && p.tab && p.indent <= n {
		p.tabFault()
	}
	if !allowed { // no key can stand here, so all properties are the value's
		p.mergeProperties(&outer, &inner)
		inner, outer = outer, properties{}
	}
	p.open(&outer)
	var node *Node
	switch ch := p.src[p.pos]; ch {
	case '[', '{':
		if t, ok := p.templateAhead(p.pos, allowed); ok {
			node = p.templateScalar(n, t, &inner)
		} else {
			node = p.flowCollection(n, &inner)
		}
	case '"', '\'':
		node = p.quoted(n, ch, &inner)
	case '*':
		node = p.alias(&inner)
	default:
		end, stop := p.plainStart(p.pos, false)
		if stop == ':' {
			if !allowed {
				return p.nestedMapping(n, p.blanks(end), &inner)
			}
			node = p.scalar(Plain, p.pos, end, p.src[p.pos:end], &inner)
			p.pos = end
			break
		}
		text := p.plainLines(n, end, stop, false, true)
		if allowed && text.key {
			// The text runs into a line with a key: its first line is a key whose
			// colon is missing.
			p.reset(mark)
			return p.mappingOr(onLine, c, n, pl, &outer, start, nil)
		}
		node = p.plain(text, &inner)
		node.Broken = p.src[node.Span.Start] == ']' || p.src[node.Span.Start] == '}'
	}

	if i := p.blanks(p.pos); p.colon(i) && !p.fresh() {
		if allowed {
			if p.line > start {
				p.multiLineKey(node)
			}
			p.pos = i
			p.tabBefore(mark, start, onLine)
			return p.mappingOr(onLine, c, n, pl, &outer, start, node)
		}
		p.nestedBehind(node, i)
	}
	if allowed && (node.Kind != Mapping && node.Kind != Sequence) && p.keyBelow(n) {
		p.reset(mark)
		return p.mappingOr(onLine, c, n, pl, &outer, start, nil)
	}
	p.adopt(node, &outer, &inner)
	return node
}

// keyBelow reports whether one of the next lines that stand right of column n
// has a key: then the scalar above can only be a key whose colon is missing.
func (p *parser) keyBelow(n int) bool {
	p.skip()
	if !p.fresh() || p.ended() || p.col <= n {
		return false
	}
	const most = 1_000 // lines that are looked at
	line, i := p.line, p.pos
	for range most {
		if i < len(p.src) && !isNewline(p.src[i]) {
			if i-line <= n || i == line && p.marker(i) {
				return false
			}
			if !p.dash(i) && p.structural(i) {
				return true
			}
		}
		if i = p.lineEnd(i); i >= len(p.src) {
			return false
		}
		line = p.afterBreak(i)
		i = p.blanks(line)
	}
	return false
}

// mappingOr is mapping, but for entries of a sequence that follow left of the
// mapping's: the `- ` of the first one is missing then. A mapping on the line of
// an indicator has its own.
func (p *parser) mappingOr(onLine bool, c, n int, pl place, pr *properties, start int, key *Node) *Node {
	node := p.mapping(c, n, pr, start, key)
	if onLine || !p.fresh() || p.col >= c || !p.holds(n, pl) || !p.dash(p.pos) || p.col == n && !p.sharesKey(node) {
		return node
	}
	node.Broken = true
	p.report(diag.New(diag.MisplacedCollection, p.at(start, p.textEnd(start)), "these entries stand above a sequence, but in none of its entries").
		WithRelated(p.at(p.pos, p.pos+1), "the sequence").
		WithHelp("put `- ` in front of %s", describe(p.src[start:p.textEnd(start)])))
	return p.sequence(p.col, n, &properties{}, node)
}

// sharesKey reports whether the entry of a sequence at pos is a mapping that has
// a key in common with the mapping m, as items of one list have.
func (p *parser) sharesKey(m *Node) bool {
	const most = 50 // lines that are looked at
	i := p.blanks(p.pos + 1)
	column := i - p.line
	for range most {
		if i >= len(p.src) {
			return false
		}
		if end, stop := p.plainLine(i, false); stop == ':' && m.PairOf(p.src[i:end]) != nil {
			return true
		}
		for {
			if i = p.lineEnd(i); i >= len(p.src) {
				return false
			}
			line := p.afterBreak(i)
			if i = p.blanks(line); i-line == column {
				break
			}
			if i < len(p.src) && !isNewline(p.src[i]) && p.src[i] != '#' && i-line < column {
				return false
			}
		}
	}
	return false
}

// sequenceOr is sequence, but for entries of a mapping that follow left of the
// sequence's: the key of the sequence is missing then.
func (p *parser) sequenceOr(onLine bool, c, n int, pr *properties) *Node {
	node := p.sequence(c, n, pr, nil)
	if onLine || !p.fresh() || p.ended() || p.col <= n || p.col >= c || p.dash(p.pos) {
		return node
	}
	start := outerStart(node)
	p.report(diag.New(diag.MisplacedCollection, p.at(start, start+1), "this sequence stands above the entries of a mapping, but has no key").
		WithRelated(p.at(p.pos, p.textEnd(p.pos)), "the entries").
		WithHelp("put `key:` on the line above"))
	key := p.emptyAt(start)
	key.Broken, node.Broken = true, true
	return p.mappingAfter(p.col, n, key, node)
}

// sequence parses the block sequence whose first `-` is at pos and column c,
// and that stands right of column n (or at it, as a mapping's value). first is
// an entry before that, or nil.
func (p *parser) sequence(c, n int, pr *properties, first *Node) *Node {
	start := p.pos
	if first != nil {
		start = outerStart(first)
	}
	node := p.node(Sequence, Block, start, p.pos+1, pr)
	if !p.enter(p.pos) {
		node.Broken = true
		return node
	}
	p.open(pr)
	p.columns = append(p.columns, c)
	base := len(p.items)
	if first != nil {
		p.items = append(p.items, first)
	}
	level := c <= n // of one column with the mapping whose value it is
	if level {
		n = c - 1
	}
	k := c
	stray, lone := false, false // the last line was at a wrong column, or not an entry
	for {
		item := p.blockNode(k, compact, p.pos+1)
		p.items = append(p.items, item)
	next:
		p.skip()
		if p.ended() {
			break
		}
		if !p.fresh() {
			p.trailing(item)
			goto next
		}
		k = p.col
		if k < c && p.intruder(n) {
			p.intrusion(item)
			goto next
		}
		if k <= n || level && k == c && !p.dash(p.pos) {
			break
		}
		if k < c && !p.dash(p.pos) && p.structural(p.pos) {
			break // see sequenceOr
		}
		if p.tab {
			p.tabFault()
		}
		if k == c {
			stray = false
		} else if !stray {
			stray = true
			p.badIndentation(c)
		}
		switch {
		case p.dash(p.pos):
			// the next entry
		case p.src[p.pos] == '-' && k == c && !p.marker(p.pos):
			p.report(diag.New(diag.MissingSpace, p.at(p.pos, p.pos+1), "a blank is missing behind `-`").
				WithHelp("the entry of a sequence is written `- value`").
				WithFix("insert a blank", true, p.edit(p.pos+1, p.pos+1, " ")))
		default:
			if k == c && !lone && !p.quiet() {
				p.report(diag.New(diag.MisplacedCollection, p.at(p.pos, p.textEnd(p.pos)), "expected `- ` and an entry of the sequence, found %s", describe(p.src[p.pos:p.textEnd(p.pos)])).
					WithHelp("put `- ` in front of a new entry, or indent the line if it belongs to the entry above"))
			}
			item = p.content(max(k, c), 0)
			item.Broken = true
			p.items = append(p.items, item)
			lone = true
			goto next
		}
		lone = false
	}
	p.columns = p.columns[:len(p.columns)-1]
	p.leave()
	node.Span.End = int32(outerEnd(p.items[len(p.items)-1]))
	node.Span.End = max(node.Span.End, node.Span.Start+1)
	p.closeSequence(node, base)
	p.define(node, pr)
	return node
}

// mapping parses the block mapping whose entries stand at column c, right of
// column n. Its first entry starts at start; if its key has been parsed, it is
// key and the colon is at pos, else the entry is at pos.
func (p *parser) mapping(c, n int, pr *properties, start int, key *Node) *Node {
	node := p.node(Mapping, Block, start, start, pr)
	if !p.enter(start) {
		node.Broken = true
		return node
	}
	p.open(pr)
	base := len(p.pairs)
	p.columns = append(p.columns, c)
	colonless := false
	if key != nil {
		p.value(c, key, start)
	} else {
		colonless = p.entry(c, false)
	}
	p.entries(c, n, node, base, colonless)
	p.define(node, pr)
	return node
}

// mappingAfter parses the block mapping whose first entry, key and value, has
// been parsed, and whose others stand at column c, right of column n.
func (p *parser) mappingAfter(c, n int, key, value *Node) *Node {
	start := outerStart(key)
	node := p.node(Mapping, Block, start, start, nil)
	if !p.enter(start) {
		node.Broken = true
		return node
	}
	base := len(p.pairs)
	p.columns = append(p.columns, c)
	p.push(key, value, start)
	p.entries(c, n, node, base, false)
	return node
}

// entries parses the entries of the block mapping node that follow the first,
// and completes it; colonless says that the first had no colon.
func (p *parser) entries(c, n int, node *Node, base int, colonless bool) {
	stray := false // the last line was at a wrong column
	for {
		p.skip()
		if p.ended() {
			break
		}
		last := p.pairs[len(p.pairs)-1].Value
		if !p.fresh() {
			p.trailing(last)
			continue
		}
		k := p.col
		if k < c && p.intruder(n) {
			p.intrusion(last)
			continue
		}
		if k <= n {
			break
		}
		if p.tab {
			p.tabFault()
		}
		if p.dash(p.pos) {
			if k < c {
				break // see mappingOr
			}
			p.strayItems(c, k)
			continue
		}
		if k == c {
			stray = false
		} else if p.structural(p.pos) || k < c {
			// A line right of a broken value may well belong to that.
			if !stray && (k < c || !last.Broken) {
				p.badIndentation(c)
			}
			stray = true
		} else {
			p.garbage(c, last)
			continue
		}
		colonless = p.entry(k, colonless)
		if len(p.pairs)-base > p.budget.Keys {
			p.tooManyKeys()
		}
	}
	p.columns = p.columns[:len(p.columns)-1]
	p.leave()
	node.Span.End = p.pairs[len(p.pairs)-1].Span.End
	p.closeMapping(node, base)
}

func (p *parser) tooManyKeys() {
	p.stop(diag.TooManyKeys, int(p.pairs[len(p.pairs)-1].Span.Start), "split the mapping; what follows was not read",
		"a mapping has more than %d entries", p.budget.Keys)
}
