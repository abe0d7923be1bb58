package format

import (
	"bytes"
	"strings"

	"hexdag.dev/hexdag/lang/syntax"
)

// step is the indentation of one level.
const step = 2

// stream prints the documents of the file.
func (p *printer) stream() {
	for _, d := range p.tree.Docs {
		p.document(d)
	}
	p.flush(len(p.src)+1, 0)
}

func (p *printer) document(d *syntax.Document) {
	limit := int(d.Span.End)
	started := d.Start.Len() > 0
	if started {
		p.directives(int(d.Span.Start), int(d.Start.Start))
		p.flush(int(d.Start.Start), 0)
		p.begin(0, int(d.Start.Start))
		p.write("---")
	}
	if d.Root == nil {
		if started {
			p.trailing(int(d.Start.End), limit)
		}
	} else {
		from := int(d.Start.End)
		if !started {
			from = outerStart(d.Root)
			p.flush(from, 0)
			if !blockCollection(d.Root) || properties(p.src, d.Root) != "" {
				p.begin(rootIndent(p.src, d.Root), from)
			}
		}
		p.root(d.Root, from, limit, started)
	}
	p.flush(limit, 0)
	if d.End.Len() > 0 {
		p.flush(int(d.End.Start), 0)
		p.begin(0, int(d.End.Start))
		p.write("...")
		p.trailing(int(d.End.End), len(p.src)+1)
	}
}

// root prints a document's value. Behind `---` it stays on that line only if it
// stood there: a block collection can't, and what stands below is easier to read
// there.
func (p *printer) root(n *syntax.Node, from, limit int, marker bool) {
	if !marker {
		p.value(n, -step, from, limit, true)
		return
	}
	if start := outerStart(n); n.Style != syntax.Empty && strings.ContainsAny(p.src[from:start], "\r\n") {
		p.trailing(from, start)
		p.flush(start, 0)
		if !blockCollection(n) || properties(p.src, n) != "" {
			p.begin(rootIndent(p.src, n), start)
		}
		p.value(n, -step, start, limit, true)
		return
	}
	p.value(n, -step, from, limit, true)
}

// rootIndent is the column of a document's value: a text that would be taken for
// a marker between documents can't stand at the first one.
func rootIndent(src string, n *syntax.Node) int {
	if text := src[outerStart(n):]; strings.HasPrefix(text, "---") || strings.HasPrefix(text, "...") {
		return step
	}
	return 0
}

// directives prints the `%` lines between two offsets.
func (p *printer) directives(from, to int) {
	for at := from; at < to; {
		end := at + strings.IndexAny(p.src[at:to], "\r\n")
		if end < at {
			end = to
		}
		if text := p.src[at:end]; strings.HasPrefix(text, "%") {
			p.flush(at, 0)
			p.begin(0, at)
			if i := strings.Index(text, " #"); i >= 0 && p.before(end) {
				text = text[:i]
			}
			p.write(strings.Join(strings.Fields(text), " "))
			p.trailing(at, end)
		}
		at = end + 1
	}
}

// value prints n behind an indicator (`key:`, `-`, `?`, `---`) that ends at the
// offset from and belongs to a collection at column k. Everything up to limit,
// where the next thing starts, may hold comments of n. Compact says that a block
// collection may start on the line of the indicator.
func (p *printer) value(n *syntax.Node, k, from, limit int, compact bool) {
	props := properties(p.src, n)
	if props != "" {
		p.space()
		p.write(props)
	}
	if n.Style == syntax.Empty {
		p.trailing(max(from, outerEnd(n)), limit)
		return
	}
	start := int(n.Span.Start)
	inside := k + step
	// Comments between the indicator and the value.
	below := p.before(start)
	if below {
		p.trailing(from, start)
		p.flush(start, inside)
	}
	switch {
	case blockCollection(n):
		inline := compact && !below && props == ""
		p.collection(n, inside, limit, inline)
		return
	case n.Style == syntax.Flow:
		if below {
			p.begin(inside, start)
		}
		p.flow(n, k, limit, below, compact && !below && props == "")
		return
	}
	if below {
		p.begin(inside, start)
	} else {
		p.space()
	}
	switch n.Style {
	case syntax.Literal, syntax.Folded:
		p.blockScalar(n, k, limit)
		return
	}
	text := p.scalar(n)
	for i, l := range text {
		if i > 0 {
			indent := max(inside, step)
			if l == "" {
				indent = 0
			}
			p.begin(indent, -1)
		}
		p.write(l)
	}
	p.trailing(int(n.Span.End), limit)
}

// space separates from what stands on the current line.
func (p *printer) space() {
	if n := len(p.lines); n > 0 && len(bytes.TrimLeft(p.lines[n-1].text, " ")) > 0 {
		p.write(" ")
	}
}

// collection prints a block collection with its entries at column k. Inline says
// that the first one continues the current line, behind an indicator.
func (p *printer) collection(n *syntax.Node, k, limit int, inline bool) {
	inline = inline && len(p.lines) > 0 && k > 0
	if inline {
		p.space()
	}
	if n.Kind == syntax.Mapping {
		p.mapping(n, k, limit, inline)
	} else {
		p.sequence(n, k, limit, inline)
	}
}

func (p *printer) mapping(n *syntax.Node, k, limit int, inline bool) {
	for i := range n.Pairs {
		pair := &n.Pairs[i]
		start := int(pair.Span.Start)
		if i > 0 || !inline {
			p.flush(start, k)
			p.begin(k, start)
		}
		next := limit
		if i+1 < len(n.Pairs) {
			next = int(n.Pairs[i+1].Span.Start)
		}
		p.pair(pair, k, next)
	}
	p.close(n, k, limit)
}

// pair prints one entry of a mapping, of which the line has been started.
func (p *printer) pair(pair *syntax.Pair, k, limit int) {
	key, value := pair.Key, pair.Value
	if text, ok := p.key(key); ok {
		p.write(text + ":")
		p.value(value, k, max(outerEnd(key), int(pair.Span.Start)), limit, false)
		return
	}
	valueStart := outerStart(value)
	p.write("?")
	p.value(key, k, int(pair.Span.Start)+1, valueStart, true)
	p.flush(p.colonBefore(outerEnd(key), valueStart), k)
	p.begin(k, -1)
	p.write(":")
	p.value(value, k, valueStart, limit, true)
}

// colonBefore is the offset of the `:` between two offsets, or the latter.
func (p *printer) colonBefore(from, to int) int {
	return p.indicator(':', from, to)
}

// indicator is the offset of the first c between from and to that is not in a
// comment, or to.
func (p *printer) indicator(c byte, from, to int) int {
	for i := from; i < to; i++ {
		switch p.src[i] {
		case c:
			return i
		case '#':
			for i < to && p.src[i] != '\n' && p.src[i] != '\r' {
				i++
			}
		}
	}
	return to
}

// maxKey is the number of characters up to which a key may stand before its
// colon without `?`.
const maxKey = 1000

// key is the text of a key that can stand before its colon on one line.
func (p *printer) key(n *syntax.Node) (string, bool) {
	if blockCollection(n) || n.Style == syntax.Literal || n.Style == syntax.Folded {
		return "", false
	}
	text, ok := p.flat(n, maxKey)
	if !ok || runes(text) > maxKey {
		return "", false
	}
	if n.Kind == syntax.Alias || n.Style == syntax.Empty && text != "" {
		text += " " // a colon could be a part of the name
	}
	return text, true
}

func (p *printer) sequence(n *syntax.Node, k, limit int, inline bool) {
	from := int(n.Span.Start)
	dashes := n.Style == syntax.Block
	place := func(i, from int) int {
		if dashes {
			return p.indicator('-', from, outerStart(n.Items[i])+1)
		}
		return outerStart(n.Items[i])
	}
	at := from
	if len(n.Items) > 0 {
		at = place(0, from)
	}
	for i, item := range n.Items {
		if i > 0 || !inline {
			p.flush(at, k)
			p.begin(k, at)
		}
		p.write("-")
		next := limit
		if i+1 < len(n.Items) {
			next = place(i+1, outerEnd(item))
		}
		after := at
		if dashes {
			after++
		}
		p.value(item, k, after, next, true)
		at = next
	}
	p.close(n, k, limit)
}

// close prints the comments behind the last entry of a collection at column k
// that belong to it: those that are not further left than it is, up to limit.
func (p *printer) close(n *syntax.Node, k, limit int) {
	if n.Style == syntax.Flow {
		p.flush(int(n.Span.End), k)
		return
	}
	column := p.column(int(n.Span.Start))
	if parent := n.Parent; n.Kind == syntax.Sequence && parent != nil && parent.Kind == syntax.Mapping && parent.Style == syntax.Block &&
		p.column(int(parent.Span.Start)) >= column {
		column++ // of one column with its key: what stands there is the key's
	}
	for p.before(limit) && p.column(int(p.tree.Comments[p.next].Span.Start)) >= column {
		p.ownLine(k)
	}
}

func blockCollection(n *syntax.Node) bool { return n.Style == syntax.Block }

// properties are a node's tag and anchor as written, in their order.
func properties(src string, n *syntax.Node) string {
	tag, anchor := src[n.TagSpan.Start:n.TagSpan.End], src[n.AnchorSpan.Start:n.AnchorSpan.End]
	switch {
	case tag == "":
		return anchor
	case anchor == "":
		return tag
	case n.TagSpan.Start < n.AnchorSpan.Start:
		return tag + " " + anchor
	}
	return anchor + " " + tag
}

// outerStart and outerEnd are the ends of a node with its properties.
func outerStart(n *syntax.Node) int {
	start := n.Span.Start
	if n.TagSpan.Len() > 0 {
		start = min(start, n.TagSpan.Start)
	}
	if n.AnchorSpan.Len() > 0 {
		start = min(start, n.AnchorSpan.Start)
	}
	return int(start)
}

func outerEnd(n *syntax.Node) int {
	return int(max(n.Span.End, n.TagSpan.End, n.AnchorSpan.End))
}
