package syntax

import "sync"

// arena hands out nodes, and exact slices of items and pairs, from slabs.
type arena struct {
	nodes []Node
	items []*Node
	pairs []Pair
	chunk int
	first *slab // what nodes and pairs began with
}

// slab is the memory that an arena begins with. Those of trees that were released
// are used again: fresh memory costs more than all the rest of parsing a small
// file.
type slab struct {
	nodes []Node
	items []*Node
	pairs []Pair
}

var slabs = sync.Pool{New: func() any { return new(slab) }}

// begin prepares the arena for a file of size bytes.
func (a *arena) begin(size int) {
	a.chunk = min(size/16+8, 512)
	a.first = slabs.Get().(*slab)
	if len(a.first.nodes) < a.chunk {
		a.first.nodes = make([]Node, a.chunk)
		a.first.items = make([]*Node, a.chunk/4)
		a.first.pairs = make([]Pair, a.chunk/2)
	}
	a.nodes, a.items, a.pairs = a.first.nodes, a.first.items, a.first.pairs
}

// Release gives the memory of the tree to later calls of Parse. Neither the tree
// nor one of its nodes may be used afterwards, nor a tree that was composed of
// it; strings and spans that were taken from it stay valid. It is for those who
// read very many files and keep none; it must not be called twice at the same
// time.
func (t *Tree) Release() {
	s := t.slab
	if s == nil {
		return
	}
	*t = Tree{}
	clear(s.nodes)
	clear(s.items)
	clear(s.pairs)
	slabs.Put(s)
}

func (a *arena) node() *Node {
	if len(a.nodes) == 0 {
		a.chunk = min(max(2*a.chunk, 32), 4096)
		a.nodes = make([]Node, a.chunk)
	}
	n := &a.nodes[0]
	a.nodes = a.nodes[1:]
	return n
}

func (a *arena) itemList(from []*Node) []*Node {
	n := len(from)
	if n > len(a.items) {
		if n >= 64 {
			return append(make([]*Node, 0, n), from...)
		}
		a.items = make([]*Node, max(n, min(2*a.chunk, 256)))
	}
	list := a.items[:n:n]
	a.items = a.items[n:]
	copy(list, from)
	return list
}

func (a *arena) pairList(from []Pair) []Pair {
	n := len(from)
	if n > len(a.pairs) {
		if n >= 64 {
			return append(make([]Pair, 0, n), from...)
		}
		a.pairs = make([]Pair, max(n, min(a.chunk, 256)))
	}
	list := a.pairs[:n:n]
	a.pairs = a.pairs[n:]
	copy(list, from)
	return list
}
