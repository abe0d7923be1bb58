package expr

// Walk calls f for n and what is below it, in the order of the fields, until f
// returns false for a node, whose children are then left out. Names that are
// bound (targets of loops and of set) are not visited.
func Walk(n Node, f func(Node) bool) {
	if n == nil || !f(n) {
		return
	}
	all := func(list []Node) {
		for _, m := range list {
			Walk(m, f)
		}
	}
	keywords := func(list []Keyword) {
		for _, k := range list {
			Walk(k.Value, f)
		}
	}
	template := func(t *Template) {
		if t != nil {
			Walk(t, f)
		}
	}
	switch n := n.(type) {
	case *Attr:
		Walk(n.X, f)
	case *Index:
		Walk(n.X, f)
		Walk(n.Key, f)
	case *Slice:
		all([]Node{n.X, n.Lo, n.Hi, n.Step})
	case *Call:
		Walk(n.X, f)
		all(n.Args)
		keywords(n.Keywords)
	case *Unary:
		Walk(n.X, f)
	case *Binary:
		Walk(n.X, f)
		Walk(n.Y, f)
	case *Compare:
		Walk(n.First, f)
		all(n.Rest)
	case *Cond:
		all([]Node{n.Then, n.Test, n.Else})
	case *List:
		all(n.Items)
	case *Tuple:
		all(n.Items)
	case *Dict:
		for i := range n.Keys {
			Walk(n.Keys[i], f)
			Walk(n.Values[i], f)
		}
	case *Comp:
		Walk(n.Key, f)
		Walk(n.Value, f)
		for _, c := range n.Clauses {
			Walk(c.Iter, f)
			all(c.Ifs)
		}
	case *Filter:
		Walk(n.X, f)
		all(n.Args)
		keywords(n.Keywords)
	case *Is:
		Walk(n.X, f)
		all(n.Args)
	case *Bad:
		Walk(n.X, f)
	case *Template:
		all(n.Parts)
	case *Output:
		Walk(n.X, f)
	case *If:
		for i := range n.Tests {
			Walk(n.Tests[i], f)
			template(n.Bodies[i])
		}
		template(n.Else)
	case *For:
		Walk(n.Iter, f)
		Walk(n.Filter, f)
		template(n.Body)
		template(n.Else)
	case *Assign:
		Walk(n.X, f)
	}
}

// At is the nodes of n that hold the byte offset of the text, from n down to the
// innermost. The end of a node counts as inside, so that a cursor right behind a
// name is on it; of two nodes that touch there, the first one wins.
func At(n Node, offset int) []Node {
	var path []Node
	for n != nil && n.Span().Contains(offset) {
		path = append(path, n)
		var next Node
		Walk(n, func(m Node) bool {
			if m == n {
				return true
			}
			if next == nil && m.Span().Contains(offset) {
				next = m
			}
			return false
		})
		n = next
	}
	return path
}
