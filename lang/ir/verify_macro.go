package ir

// macro checks what only an invocation of a macro has. Its outputs are
// expressions of the scope of its body.
func (v *verifier) macro(where string, c *Composite) {
	for i, exit := range c.Exits {
		if exit < 0 || exit >= len(c.Body.Nodes) || i > 0 && exit <= c.Exits[i-1] {
			v.failf(where, "has node %d of %d as its exit number %d", exit, len(c.Body.Nodes), i)
			return
		}
	}
	if len(v.scope) > maxScopes {
		return // v.inner reports it
	}
	v.scope, v.nodes = append(v.scope, c.Body), append(v.nodes, &Node{})
	v.bindings(where, c.Outputs)
	v.scope, v.nodes = v.scope[:len(v.scope)-1], v.nodes[:len(v.nodes)-1]
}

// export checks that a node stands for one inside an invocation before it.
func (v *verifier) export(where string, n *Node) {
	b, x := v.scope[len(v.scope)-1], n.Export
	if x.Owner < 0 || x.Owner >= len(b.Nodes) || len(n.Edges) != 1 || n.Edges[0].Node != x.Owner || n.Edges[0].Class != EdgeData {
		v.failf(where, "stands for a node inside of node %d, on which alone it must depend", x.Owner)
		return
	}
	c := b.Nodes[x.Owner].Composite
	if c == nil || c.Mode != ModeMacro || c.Body == nil || x.Node < 0 || x.Node >= len(c.Body.Nodes) {
		v.failf(where, "stands for a node that is not there")
	}
}
