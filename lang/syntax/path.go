package syntax

import (
	"sort"
)

// PathAt is the way from a document's root to the innermost node at a byte
// offset; nil where no document is. A cursor right behind a node is on it. A
// value that is not there yet is found where it would stand: on the line of its
// key or `-`, and on empty lines below that are indented further. On an empty
// line the cursor's column says to which collection it belongs.
func (t *Tree) PathAt(offset int) []*Node {
	offset = max(0, min(offset, len(t.File.Text())))
	i := sort.Search(len(t.Docs), func(i int) bool { return int(t.Docs[i].Span.Start) > offset }) - 1
	if i < 0 {
		if len(t.Docs) == 0 {
			return nil
		}
		i = 0 // blank lines before the first document
	}
	doc := t.Docs[i]
	if doc.Root == nil || offset > int(doc.Span.End) || offset < int(doc.Start.End) {
		return nil
	}
	c := cursor{src: t.File.Text(), offset: offset}
	c.measure()
	return c.descend(nil, doc.Root)
}

// cursor is the place that PathAt looks for.
type cursor struct {
	src    string
	offset int
	line   int // start of its line
	column int // its column, or that of the line's content if that is left of it
}

func (c *cursor) measure() {
	c.line = c.lineStart(c.offset)
	i := c.line
	for i < c.offset && isSpace(c.src[i]) {
		i++
	}
	c.column = i - c.line
}

func (c *cursor) lineStart(i int) int {
	for i > 0 && !isNewline(c.src[i-1]) {
		i--
	}
	return i
}

// columnOf is the column of the block entry that starts at i.
func (c *cursor) columnOf(i int) int {
	start := c.lineStart(i)
	if start == 0 && len(c.src) >= len(bom) && c.src[:len(bom)] == bom {
		start = len(bom)
	}
	return i - start
}

// descend appends n and what of n the cursor is on.
func (c *cursor) descend(path []*Node, n *Node) []*Node {
	path = append(path, n)
	switch {
	case n.Kind == Mapping && len(n.Pairs) > 0:
		i := sort.Search(len(n.Pairs), func(i int) bool { return int(n.Pairs[i].Span.Start) > c.offset }) - 1
		if i < 0 {
			return path
		}
		pair := &n.Pairs[i]
		if c.offset <= outerEnd(pair.Key) && c.offset >= outerStart(pair.Key) {
			return c.descend(path, pair.Key)
		}
		if c.onValue(n, pair.Value, int(pair.Span.Start), outerEnd(pair.Key)) {
			return c.descend(path, pair.Value)
		}
	case n.Kind == Sequence && len(n.Items) > 0:
		i := sort.Search(len(n.Items), func(i int) bool { return outerStart(n.Items[i]) > c.offset }) - 1
		if i+1 < len(n.Items) {
			if at := c.entryStart(n, i+1); at <= c.offset {
				i++
			}
		}
		if i >= 0 && c.onValue(n, n.Items[i], c.entryStart(n, i), c.entryStart(n, i)) {
			return c.descend(path, n.Items[i])
		}
	}
	return path
}

// onValue reports whether the cursor, which is behind the key or `-` that ends
// at end, is on the value of the entry of n that starts at start.
func (c *cursor) onValue(n, value *Node, start, end int) bool {
	from, to := outerStart(value), outerEnd(value)
	if from <= c.offset && c.offset <= to {
		return true
	}
	if n.Style == Flow {
		// Up to the comma or bracket, and not before the colon.
		if c.offset > int(n.Span.End) || c.offset == int(n.Span.End) && !n.Broken {
			return false
		}
		if c.offset < from {
			return c.offset > end && c.colonBefore(end, c.offset)
		}
		for i := to; i < c.offset; i++ {
			if !isSpace(c.src[i]) && !isNewline(c.src[i]) {
				return false
			}
		}
		return value.Kind == Scalar && value.Style == Empty && c.colonBefore(end, c.offset)
	}
	if c.offset < from && c.line == c.lineStart(from) {
		return true
	}
	if c.offset >= to && c.line <= to {
		return true // behind the value, on its last line
	}
	column := c.columnOf(start)
	return c.column > column
}

// colonBefore reports whether a colon stands between the offsets from and to,
// among blanks.
func (c *cursor) colonBefore(from, to int) bool {
	for i := from; i < to; i++ {
		if c.src[i] == ':' {
			return true
		}
	}
	return false
}

// entryStart is where the i-th entry of a sequence starts: at its `-` in a block
// sequence.
func (c *cursor) entryStart(n *Node, i int) int {
	item := n.Items[i]
	if n.Style != Block {
		return outerStart(item)
	}
	from := int(n.Span.Start)
	if i > 0 {
		from = outerEnd(n.Items[i-1])
	}
	for j := from; j < outerStart(item); j++ {
		switch {
		case c.src[j] == '#' && (j == 0 || isSpace(c.src[j-1]) || isNewline(c.src[j-1])):
			for j < outerStart(item) && !isNewline(c.src[j]) {
				j++
			}
		case c.src[j] == '-' && (j+1 == len(c.src) || isSpace(c.src[j+1]) || isNewline(c.src[j+1]) || n.Items[i].Broken):
			return j
		}
	}
	return outerStart(item)
}
