package format

import (
	"strings"

	"github.com/clipperhouse/displaywidth"

	"hexdag.dev/hexdag/lang/syntax"
)

// maxBlockIndent is the column up to which brackets become blocks, and get a
// line for each entry. Beyond it they stay on one line, which only comments and
// line breaks in texts can break, so that the indentation of deep nesting does
// not cost quadratic space.
const maxBlockIndent = 60

// flow prints a collection in brackets behind an indicator of a collection at
// column k. Below says that a line at the column of its own has been started
// for it; compact is as for value.
func (p *printer) flow(n *syntax.Node, k, limit int, below, compact bool) {
	end := int(n.Span.End)
	if !p.before(end) {
		if text, ok := p.flatBrackets(n, Width-p.width()-1); ok {
			p.space()
			p.write(text)
			p.trailing(end, limit)
			return
		}
	}
	inside := k + step
	if inside > maxBlockIndent && !p.before(end) {
		var b strings.Builder
		if p.flattenBrackets(&b, n, len(p.src)*2) {
			p.space()
			p.write(b.String())
			p.trailing(end, limit)
			return
		}
	}
	switch {
	case len(n.Items)+len(n.Pairs) == 0: // with a comment between the brackets
		p.space()
		p.write(p.brackets(n))
		p.trailing(int(n.Span.Start), end)
		p.flush(end, k) // below it, where they belong to what it belongs to
		p.trailing(end, limit)
	case n.Parent == nil:
		p.space()
		p.broken(n, 0)
		p.trailing(end, limit)
	case inside > maxBlockIndent || below:
		if !below {
			p.begin(inside, -1)
		}
		p.broken(n, inside)
		p.trailing(end, limit)
	default:
		p.opening(n)
		p.collection(n, inside, end, compact && p.lines[len(p.lines)-1].comment == "")
		// What stood behind the closing bracket goes below the last entry.
		for p.before(limit) && !p.tree.Comments[p.next].Own && p.tree.File.Line(int(p.tree.Comments[p.next].Span.Start)) == p.tree.File.Line(end) {
			p.ownLine(inside)
		}
	}
}

// opening puts the comment behind an opening bracket behind the current line.
func (p *printer) opening(n *syntax.Node) {
	first := int(n.Span.End)
	if len(n.Items) > 0 {
		first = outerStart(n.Items[0])
	} else if len(n.Pairs) > 0 {
		first = int(n.Pairs[0].Span.Start)
	}
	p.trailing(int(n.Span.Start), first)
	p.last = -1 // the comment below it is about the first entry
}

func (p *printer) brackets(n *syntax.Node) string {
	if n.Kind == syntax.Mapping {
		return "{}"
	}
	return "[]"
}

// bare reports whether n is a mapping of one pair without braces, as an entry of
// a sequence in brackets may be.
func (p *printer) bare(n *syntax.Node) bool {
	return n.Kind == syntax.Mapping && n.Style == syntax.Flow && p.src[n.Span.Start] != '{'
}

// broken prints a collection in brackets over several lines: one entry on each,
// the closing bracket at column k.
func (p *printer) broken(n *syntax.Node, k int) {
	inside := k
	if k < maxBlockIndent {
		inside += step
	}
	brackets := p.brackets(n)
	count := len(n.Items) + len(n.Pairs)
	start := func(i int) int {
		switch {
		case i >= count:
			return int(n.Span.End)
		case n.Kind == syntax.Mapping:
			return int(n.Pairs[i].Span.Start)
		}
		return outerStart(n.Items[i])
	}
	p.write(brackets[:1])
	p.opening(n)
	for i := range count {
		if k >= maxBlockIndent && i > 0 && !p.before(start(i)) && p.lines[len(p.lines)-1].comment == "" {
			p.write(" ")
		} else {
			p.flush(start(i), inside)
			p.begin(inside, start(i))
		}
		var last *syntax.Node
		if n.Kind == syntax.Mapping {
			last = n.Pairs[i].Value
			p.brokenPair(&n.Pairs[i], inside)
		} else {
			last = n.Items[i]
			p.brokenValue(last, inside)
		}
		if i < count-1 {
			p.write(",")
		}
		p.trailing(outerEnd(last), start(i+1))
	}
	p.flush(int(n.Span.End), inside)
	p.begin(k, -1)
	p.write(brackets[1:])
}

// brokenPair prints a pair in brackets; comments inside it go above it.
func (p *printer) brokenPair(pair *syntax.Pair, k int) {
	end := outerEnd(pair.Key)
	if p.before(end) {
		p.hoist(end, k)
	}
	key, ok := p.flat(pair.Key, len(p.src)*2)
	switch {
	case !ok:
		// It has line breaks.
		p.write("? ")
		if props := properties(p.src, pair.Key); props != "" {
			p.write(props + " ")
		}
		p.textLines(pair.Key, k)
		p.begin(k, -1)
	case runes(key) > maxKey:
		key = "? " + key
	}
	if pair.Key.Kind == syntax.Alias {
		key += " "
	}
	if pair.Value.Style == syntax.Empty && properties(p.src, pair.Value) == "" {
		if !ok || key == "" || strings.HasSuffix(key, " ") {
			key += ":"
		}
		p.write(key)
		return
	}
	p.write(key + ":")
	if p.before(outerStart(pair.Value)) {
		p.hoist(outerStart(pair.Value), k)
	}
	p.write(" ")
	p.brokenValue(pair.Value, k)
}

// textLines prints a scalar of several lines inside brackets.
func (p *printer) textLines(n *syntax.Node, k int) {
	for i, l := range p.scalar(n) {
		if i > 0 {
			indent := k + step
			if l == "" {
				indent = 0
			}
			p.begin(indent, -1)
		}
		p.write(l)
	}
}

// hoist moves the comments before offset, which stand where no line can end,
// above the current line.
func (p *printer) hoist(offset, indent int) {
	current := p.lines[len(p.lines)-1]
	p.lines = p.lines[:len(p.lines)-1]
	p.flush(offset, indent)
	p.lines = append(p.lines, current)
}

// brokenValue prints a value inside brackets that are broken into lines.
func (p *printer) brokenValue(n *syntax.Node, k int) {
	if props := properties(p.src, n); props != "" && n.Style != syntax.Empty {
		if p.before(int(n.Span.Start)) {
			p.hoist(int(n.Span.Start), k)
		}
	}
	if !p.before(int(n.Span.End)) {
		if text, ok := p.flat(n, Width-p.width()-1); ok {
			p.write(text)
			return
		}
	}
	if props := properties(p.src, n); props != "" {
		p.write(props + " ")
	}
	switch {
	case p.bare(n):
		p.brokenPair(&n.Pairs[0], k)
	case n.Style == syntax.Flow:
		p.broken(n, k)
	default:
		p.textLines(n, k)
	}
}

// flat is n on one line, if it takes at most room columns and its text has no
// line breaks.
func (p *printer) flat(n *syntax.Node, room int) (string, bool) {
	var b strings.Builder
	ok := p.flatten(&b, n, max(room, 0)*maxBytes)
	return b.String(), ok && displaywidth.String(b.String()) <= room
}

// flatBrackets is flat for a collection in brackets, without its properties.
func (p *printer) flatBrackets(n *syntax.Node, room int) (string, bool) {
	var b strings.Builder
	ok := p.flattenBrackets(&b, n, max(room, 0)*maxBytes)
	return b.String(), ok && displaywidth.String(b.String()) <= room
}

// maxBytes is about how many bytes a column may take.
const maxBytes = 4

// flatten writes n on one line and gives up after limit bytes.
func (p *printer) flatten(b *strings.Builder, n *syntax.Node, limit int) bool {
	if props := properties(p.src, n); props != "" {
		b.WriteString(props)
		if n.Style != syntax.Empty {
			b.WriteByte(' ')
		}
	}
	switch {
	case b.Len() > limit:
		return false
	case n.Style == syntax.Empty:
		return true
	case n.Style == syntax.Flow:
		return p.flattenBrackets(b, n, limit)
	case n.Span.Len() > limit || n.Style == syntax.Literal || n.Style == syntax.Folded || n.Style == syntax.Block:
		return false
	}
	if text := p.scalar(n); len(text) == 1 {
		b.WriteString(text[0])
	} else if n.Style == syntax.Plain && !strings.Contains(n.Value, "\n") {
		b.WriteString(n.Value) // the lines folded
	} else {
		return false
	}
	return b.Len() <= limit
}

func (p *printer) flattenBrackets(b *strings.Builder, n *syntax.Node, limit int) bool {
	brackets := p.brackets(n)
	bare := p.bare(n) && n.Pairs[0].Value.Style != syntax.Empty
	pad := ""
	if len(n.Pairs) > 0 && n.Pairs[0].Key.Kind == syntax.Mapping && properties(p.src, n.Pairs[0].Key) == "" {
		pad = " " // `{{` would be taken for a template
	}
	if !bare {
		b.WriteString(brackets[:1] + pad)
	}
	for i, item := range n.Items {
		if i > 0 {
			b.WriteString(", ")
		}
		if !p.flatten(b, item, limit) {
			return false
		}
	}
	for i := range n.Pairs {
		key, value := n.Pairs[i].Key, n.Pairs[i].Value
		if i > 0 {
			b.WriteString(", ")
		}
		if !p.flatten(b, key, limit) {
			return false
		}
		bareValue := value.Style == syntax.Empty && properties(p.src, value) == ""
		name := key.Kind == syntax.Alias || key.Style == syntax.Empty
		if bareValue && !name {
			continue // `{a}` has the key a without a value
		}
		if name {
			b.WriteByte(' ')
		}
		b.WriteString(": ")
		if !p.flatten(b, value, limit) {
			return false
		}
	}
	if !bare {
		b.WriteString(pad + brackets[1:])
	}
	return b.Len() <= limit
}
