package syntax

import (
	"hexdag.dev/hexdag/lang/diag"
)

// opener is an open bracket.
type opener struct {
	at    int
	close byte
}

// flowCollection parses the `[…]` or `{…}` at pos. Its lines stand right of
// column n; a line that does not, and that looks like a part of the block
// structure, ends it as unclosed.
func (p *parser) flowCollection(n int, pr *properties) *Node {
	start := p.pos
	kind, closer := Sequence, byte(']')
	if p.src[start] == '{' {
		kind, closer = Mapping, '}'
	}
	m := p.mark()
	node := p.node(kind, Flow, start, start+1, pr)
	p.pos++
	if !p.enter(start) {
		node.Broken = true
		return node
	}
	p.open(pr)
	outermost := len(p.flow) == 0
	if outermost {
		p.suspect = 0
	}
	p.flow = append(p.flow, opener{start, closer})
	items, pairs := len(p.items), len(p.pairs)
	end := p.flowEntries(n, kind, closer, node)
	if outermost && p.flowLost && p.suspect > 0 && p.rescan(start) {
		p.flowLost, p.flowLimit = false, p.suspect
		p.items, p.pairs = p.items[:items], p.pairs[:pairs]
		p.reset(m)
		p.pos++
		end = p.flowEntries(n, kind, closer, node)
		p.flowLimit = 0
	}
	p.flow = p.flow[:len(p.flow)-1]
	if outermost {
		p.flowLost = false
	}
	p.leave()
	node.Span.End = int32(end)
	if kind == Sequence {
		p.closeSequence(node, items)
	} else {
		p.closeMapping(node, pairs)
	}
	p.define(node, pr)
	return node
}

// rescan reports whether the brackets that start at start, which turned out to
// be unclosed, may be read again, up to the first line that looks like block
// structure. All that is read twice is bounded by the size of the file.
func (p *parser) rescan(start int) bool {
	if p.stopped || p.rescanned > 2*len(p.src) {
		return false
	}
	p.rescanned += p.pos - start
	return true
}

// suspicious notes that the content at pos, in a place inside brackets where it
// is not expected, looks like block structure.
func (p *parser) suspicious() {
	if p.suspect == 0 && p.fresh() && p.structural(p.pos) {
		p.suspect = p.pos
	}
}

// flowEntries parses the entries of the innermost open bracket up to its end,
// and returns the end.
func (p *parser) flowEntries(n int, kind Kind, closer byte, node *Node) (end int) {
	end = p.pos
	comma := true // an entry may follow
	count := 0
	for {
		if !p.flowSkip(n) && !(comma && p.flowGoesOn(n)) {
			p.unclosed(node, end)
			return end
		}
		ch := p.src[p.pos]
		switch {
		case ch == closer:
			p.pos++
			return p.pos
		case ch == ']' || ch == '}':
			if p.opensFurtherOut(ch) {
				p.unclosed(node, end)
				return end
			}
			node.Broken = true
			if !p.quiet() {
				p.report(diag.New(diag.StrayBracket, p.at(p.pos, p.pos+1), "`%c` where `%c` would close the bracket", ch, closer).
					WithRelated(p.at(int(node.Span.Start), int(node.Span.Start)+1), "the bracket").
					WithHelp("close a bracket with its own kind").
					WithFix("replace with `"+string(closer)+"`", false, p.edit(p.pos, p.pos+1, string(closer))))
			}
			p.pos++
			return p.pos
		case ch == ',':
			if comma && !p.quiet() {
				p.report(diag.New(diag.MissingValue, p.at(p.pos, p.pos+1), "nothing stands before this comma").
					WithHelp("remove the comma, or write the value").
					WithFix("remove the comma", false, p.edit(p.pos, p.pos+1, "")))
			}
			comma = true
			p.pos++
			end = p.pos
			continue
		case !comma:
			p.suspicious()
			if !p.quiet() {
				p.report(diag.New(diag.MissingComma, p.at(end, end), "a comma is missing between two entries").
					WithHelp("separate the entries inside brackets with `,`").
					WithFix("insert a comma", false, p.edit(end, end, ",")))
			}
		}
		comma = false
		before := p.pos
		if kind == Sequence {
			item := p.flowItem(n)
			p.items = append(p.items, item)
			end = max(end, outerEnd(item))
		} else {
			p.flowPair(n)
			end = max(end, int(p.pairs[len(p.pairs)-1].Span.End))
			if count++; count > p.budget.Keys {
				p.tooManyKeys()
			}
		}
		if p.pos == before && !p.flowLost && !p.stopped {
			p.report(diag.New(diag.UnexpectedText, p.at(before, before+1), "unexpected `%c` inside brackets", p.src[before]))
			p.pos++
			end = p.pos
		}
		if p.flowLost || p.stopped {
			node.Broken = true
			return end
		}
	}
}

// opensFurtherOut reports whether closer closes a bracket outside the innermost.
func (p *parser) opensFurtherOut(closer byte) bool {
	for i := len(p.flow) - 2; i >= 0; i-- {
		if p.flow[i].close == closer {
			return true
		}
	}
	return false
}

// unclosed reports the innermost open bracket, whose content ends at end.
func (p *parser) unclosed(node *Node, end int) {
	node.Broken = true
	if p.stopped || p.flowLost {
		return
	}
	closers := string(p.flow[len(p.flow)-1].close)
	if p.pos >= len(p.src) || p.ended() || p.fresh() {
		// The brackets outside end here too.
		p.flowLost = true
		closers = ""
		for i := len(p.flow) - 1; i >= 0 && len(closers) < 1000; i-- {
			closers += string(p.flow[i].close)
		}
		if p.quoteFault > int(node.Span.Start) {
			return // the unclosed quote took the bracket
		}
	}
	if p.quiet() {
		return
	}
	start := int(node.Span.Start)
	p.report(diag.New(diag.UnclosedBracket, p.at(start, start+1), "`%c` is not closed", p.src[start]).
		WithHelp("close it with `%s`", closers[:1]).
		WithFix("insert `"+closers+"`", false, p.edit(end, end, closers)))
}

// flowSkip moves to the next content inside brackets whose lines stand right of
// column n; false means that the brackets end here without being closed.
func (p *parser) flowSkip(n int) bool {
	p.skip()
	for p.pos < len(p.src) && p.src[p.pos] == '#' && !p.stopped {
		p.commentSpace()
		p.skip()
	}
	if p.ended() || p.flowLimit > 0 && p.pos >= p.flowLimit {
		return false
	}
	if p.fresh() && p.dash(p.pos) {
		return false // no text inside brackets starts like this
	}
	if p.fresh() && p.indent <= n {
		switch ch := p.src[p.pos]; {
		case ch == ']' || ch == '}':
			// `]` at its key's column: everyone writes it, everyone accepts it.
		case p.structural(p.pos):
			return false
		case p.tab:
			p.tabFault()
		default:
			p.flowLeft(n)
		}
	}
	return true
}

// flowLeft reports the line at pos, inside brackets and not right of column n.
func (p *parser) flowLeft(n int) {
	if p.flowFault == p.line+1 || p.quiet() {
		return
	}
	p.flowFault = p.line + 1
	p.report(diag.New(diag.BadIndentation, p.at(p.line, max(p.pos, p.line+1)), "this line inside brackets stands too far left").
		As(diag.Warning). // YAML forbids it, but every parser accepts it
		WithHelp("indent it further than the key of the brackets").
		WithFix("indent it", false, p.edit(p.line, p.pos, spaces(n+2))))
}

// flowGoesOn reports whether the line at pos, where an entry may stand but too
// far left for one, is an entry all the same: it ends in a comma or an opening
// bracket, or a closing bracket follows.
func (p *parser) flowGoesOn(n int) bool {
	if !p.fresh() || p.ended() || p.tab || p.dash(p.pos) || p.flowLimit > 0 && p.pos >= p.flowLimit {
		return false
	}
	end := p.textEnd(p.pos)
	switch p.src[end-1] {
	case ',', '[', '{':
		p.flowLeft(n)
		return true
	}
	i := p.lineEnd(end)
	for i < len(p.src) && isNewline(p.src[i]) {
		i = p.blanks(p.afterBreak(i))
	}
	if i < len(p.src) && (p.src[i] == ']' || p.src[i] == '}') {
		p.flowLeft(n)
		return true
	}
	return false
}

// flowIndicator reports whether the indicator c, and not a plain scalar, is at
// pos.
func (p *parser) flowIndicator(c byte) bool {
	return p.pos < len(p.src) && p.src[p.pos] == c &&
		(p.blankAt(p.pos+1) || class[p.src[p.pos+1]]&flowInd != 0)
}

// flowColon reports whether the colon behind key is at i. Behind a key in
// quotes or brackets no blank need follow it.
func (p *parser) flowColon(i int, key *Node) bool {
	if i >= len(p.src) || p.src[i] != ':' {
		return false
	}
	switch key.Style {
	case SingleQuoted, DoubleQuoted, Flow:
		return true
	}
	return p.blankAt(i+1) || class[p.src[i+1]]&flowInd != 0
}

// flowItem parses an entry of `[…]`: a node, or a mapping of one pair.
func (p *parser) flowItem(n int) *Node {
	start := p.pos
	base := len(p.pairs)
	switch {
	case p.flowIndicator('?') || p.flowIndicator(':'):
		p.flowPair(n)
	default:
		node := p.flowNode(n, false)
		i := p.blanks(p.pos)
		if p.flowLost || p.stopped || !p.flowColon(i, node) {
			return node
		}
		if p.line > start {
			p.multiLineKey(node)
		}
		p.pos = i
		p.flowValue(n, node, start)
	}
	m := p.node(Mapping, Flow, int(p.pairs[base].Span.Start), int(p.pairs[base].Span.End), nil)
	p.closeMapping(m, base)
	return m
}

// flowPair parses an entry of `{…}`.
func (p *parser) flowPair(n int) {
	start := p.pos
	explicit := p.flowIndicator('?')
	if explicit {
		p.pos++
		if !p.flowSkip(n) || p.flowEnd() {
			p.push(p.emptyAt(start+1), p.emptyAt(start+1), start)
			return
		}
	}
	var key *Node
	if p.flowIndicator(':') {
		key = p.emptyAt(p.pos)
	} else {
		key = p.flowNode(n, true)
	}
	end := outerEnd(key)
	if !p.flowLost && !p.stopped && p.flowSkip(n) && p.flowColon(p.pos, key) {
		p.flowValue(n, key, start)
		return
	}
	if !explicit && key.Style == Plain && key.Kind == Scalar {
		p.spacelessFlow(key)
	}
	p.push(key, p.emptyAt(end), start)
}

// spacelessFlow warns of `{key:value}`: it is a key without a value.
func (p *parser) spacelessFlow(key *Node) {
	for i := 0; i < len(key.Value); i++ {
		if key.Value[i] != ':' {
			continue
		}
		at := int(key.Span.Start) + i + 1
		if i > 0 && isWord(key.Value[:i]) && key.Value[i+1:] != "" && key.Value[i+1] != '/' && key.Value[i+1] != ':' {
			p.report(diag.New(diag.MissingSpace, p.at(at-1, at), "%s is one key without a value", describe(key.Value)).
				As(diag.Warning).
				WithHelp("put a blank behind the `:`, or quote the key if it is meant so").
				WithFix("insert a blank", true, p.edit(at, at, " ")))
		}
		return
	}
}

// flowEnd reports whether the entry ends at pos.
func (p *parser) flowEnd() bool {
	switch p.src[p.pos] {
	case ',', ']', '}':
		return true
	}
	return false
}

// flowValue parses what stands behind the colon at pos.
func (p *parser) flowValue(n int, key *Node, start int) {
	at := p.pos + 1
	p.pos = at
	if !p.flowSkip(n) || p.flowEnd() {
		p.push(key, p.emptyAt(at), start)
		return
	}
	p.suspicious()
	value := p.flowNode(n, false)
	p.push(key, value, start)
	if p.flowLost || p.stopped {
		return
	}
	if i := p.blanks(p.pos); p.flowColon(i, value) {
		p.report(diag.New(diag.NestedMapping, p.at(i, i+1), "a second `:` in one entry").
			WithHelp("quote the value if the colon belongs to it, put braces around an inner mapping, or separate entries with `,`"))
		value.Broken = true
		p.pos = i + 1
		if p.flowSkip(n) && !p.flowEnd() {
			p.flowNode(n, false) // not in the tree
		}
	}
}

// flowNode parses a node inside brackets. key says that it may be a key of
// several lines.
func (p *parser) flowNode(n int, key bool) *Node {
	var pr properties
	for p.pos < len(p.src) && isPropertyStart(p.src[p.pos]) {
		p.property(&pr, true)
		if !p.flowSkip(n) || p.flowEnd() || p.flowIndicator(':') {
			return p.empty(p.pos, &pr)
		}
	}
	switch ch := p.src[p.pos]; ch {
	case '{', '[':
		if t, ok := p.flowTemplateAhead(p.pos); ok {
			return p.templateScalar(n, t, &pr)
		}
		return p.flowCollection(n, &pr)
	case '"', '\'':
		return p.quoted(n, ch, &pr)
	case '*':
		return p.alias(&pr)
	case '-':
		if p.dash(p.pos) && !isNewline(p.charAt(p.pos+1)) {
			at := p.pos
			p.report(diag.New(diag.MisplacedCollection, p.at(at, at+1), "`- ` can't stand inside brackets").
				WithHelp("separate the entries with `,`").WithFix("remove it", false, p.edit(at, p.blanks(at+1), "")))
			p.pos++
			if !p.flowSkip(n) || p.flowEnd() {
				return p.empty(at+1, &pr)
			}
			if p.dash(p.pos) {
				return p.empty(at+1, &pr)
			}
			return p.flowNode(n, key)
		}
	}
	start := p.pos
	end, stop := p.plainStart(start, true)
	if end == start {
		return p.empty(start, &pr)
	}
	t := p.plainLines(n, end, stop, true, !key)
	return p.plain(t, &pr)
}

func (p *parser) charAt(i int) byte {
	if i < len(p.src) {
		return p.src[i]
	}
	return '\n'
}
