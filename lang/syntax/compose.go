package syntax

import "hexdag.dev/hexdag/lang/source"

// Compose is t with other roots for its documents, parts of which come from
// other files. roots are in the order of t.Docs; a nil keeps what is there. files
// says from which file each root of an included tree comes, that is, each node
// without Parent that is no root of t's own file.
//
// The result has t's tokens, comments and findings, which are about t's file as
// it is written; PathAt is for t only. FileOf, TextMap and what stands on them
// work for every node of the result.
func (t *Tree) Compose(roots []*Node, files map[*Node]*source.File) *Tree {
	c := *t
	c.parts, c.slab = files, nil
	c.Docs = make([]*Document, len(t.Docs))
	for i, d := range t.Docs {
		if i < len(roots) && roots[i] != nil && roots[i] != d.Root {
			copied := *d
			copied.Root = roots[i]
			d = &copied
		}
		c.Docs[i] = d
	}
	return &c
}

// FileOf is the file that n's spans are about. It costs nothing for a tree of one
// file, else a walk to the root.
func (t *Tree) FileOf(n *Node) *source.File {
	if len(t.parts) == 0 || n == nil {
		return t.File
	}
	for n.Parent != nil {
		n = n.Parent
	}
	if f := t.parts[n]; f != nil {
		return f
	}
	return t.File
}

// Adopt says that n, which has no Parent, comes from the file of another node.
func (t *Tree) Adopt(n, from *Node) {
	if n.Parent != nil || len(t.parts) == 0 || t.parts[n] != nil {
		return
	}
	if f := t.FileOf(from); f != t.File {
		t.parts[n] = f
	}
}

// Borrow lets t know the files of another tree's nodes, of which parts are to
// stand among its own. It is for whoever makes t, before others see it.
func (t *Tree) Borrow(from *Tree) {
	if t.parts == nil {
		t.parts = map[*Node]*source.File{}
	}
	for n, f := range from.parts {
		t.parts[n] = f
	}
	for _, d := range from.Docs {
		if d.Root != nil {
			t.parts[d.Root] = from.FileOf(d.Root)
		}
	}
}

// WithItems is a copy of the sequence n with other items. It keeps its place and
// its Parent; items keep theirs, so that each still leads to its own file.
func (n *Node) WithItems(items []*Node) *Node {
	c := *n
	c.Items = items
	return &c
}

// WithPairs is a copy of the mapping n with other entries, see WithItems. Merge
// keys take effect anew; of duplicates the first counts.
func (n *Node) WithPairs(pairs []Pair) *Node {
	c := *n
	c.Pairs = pairs
	c.index = nil
	merges := false
	for i := range pairs {
		merges = merges || pairs[i].isMerge()
	}
	switch {
	case merges:
		c.mergeEntries(func(*Node) {})
	case len(pairs) >= indexFrom:
		c.index = &mappingIndex{first: make(map[string]int32, len(pairs))}
		for i := range pairs {
			if id, ok := pairs[i].identity(); ok {
				if _, dup := c.index.first[id]; !dup {
					c.index.first[id] = int32(i)
				}
			}
		}
	}
	return &c
}

// WithTarget is a copy of the alias n that means another node.
func (n *Node) WithTarget(target *Node) *Node {
	c := *n
	c.Target = target
	return &c
}

// IsMerge reports whether the pair's key is the merge key `<<`.
func (p *Pair) IsMerge() bool { return p.isMerge() }

// NewScalar is a scalar that the build made, in the place of at. A Plain one is
// read by YAML's rules for numbers, booleans and null, a DoubleQuoted one is a
// text.
func NewScalar(at *Node, built Built, style Style, text string) *Node {
	return &Node{Kind: Scalar, Style: style, Built: built, Span: at.Span, Parent: at.Parent, Value: text}
}

// NewSequence is a list that the build made, in the place of at. The items' are
// made with the result as their place.
func NewSequence(at *Node) *Node {
	return &Node{Kind: Sequence, Style: Flow, Built: BuiltValue, Span: at.Span, Parent: at.Parent}
}

// NewMapping is a mapping that the build made, in the place of at; add its Pairs
// with WithPairs.
func NewMapping(at *Node) *Node {
	return &Node{Kind: Mapping, Style: Flow, Built: BuiltValue, Span: at.Span, Parent: at.Parent}
}

// As is the tree as one of another File of the same text: places of nodes that
// come from the tree's own file are in f.
func (t *Tree) As(f *source.File) *Tree {
	c := *t
	c.File = f
	return &c
}
