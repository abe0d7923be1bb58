package sim

import (
	"fmt"

	"hexdag.dev/hexdag/lang/ir"
)

// macro builds the invocation of a macro: a body that runs once, its exits, and
// outputs in the scope of the body.
func (b *builder) macro(n *ir.Node, d *Node) error {
	c := &ir.Composite{Mode: ir.ModeMacro}
	n.Composite = c
	var err error
	if c.Body, err = b.body(d.Body, n.ID+"/"); err != nil {
		return err
	}
	c.Exits = exits(c.Body)
	if d.Outputs == nil {
		return nil
	}
	b.levels = append(b.levels, level{nodes: append(d.Body[:len(d.Body):len(d.Body)], Node{}), body: c.Body, at: len(d.Body)})
	c.Body.Nodes = append(c.Body.Nodes, ir.Node{})
	for _, p := range d.Outputs {
		c.Outputs = append(c.Outputs, ir.Binding{Name: p.Name, Expr: b.expr(p.Text, ir.ModeExpr, &ir.Node{}, nil, false)})
	}
	c.Body.Nodes = c.Body.Nodes[:len(d.Body)]
	b.levels = b.levels[:len(b.levels)-1]
	return nil
}

// exits are the nodes that no other but a handler depends on.
func exits(b *ir.Body) []int {
	read := make([]bool, len(b.Nodes))
	for i := len(b.Nodes) - 1; i >= 0; i-- { // an export stands behind what it stands for
		if b.Nodes[i].Export != nil && !read[i] {
			continue
		}
		for _, e := range b.Nodes[i].Edges {
			read[e.Node] = read[e.Node] || e.Class != ir.EdgeOnError
		}
	}
	var out, all []int
	for i := range b.Nodes {
		if b.Nodes[i].Export != nil || read[i] {
			continue
		}
		all = append(all, i)
		if _, _, handler := dependencies(&b.Nodes[i]); !handler {
			out = append(out, i)
		}
	}
	if out == nil {
		return all
	}
	return out
}

// export builds a node that stands for one inside of an earlier invocation.
func (b *builder) export(n *ir.Node, d *Node) error {
	l := b.levels[len(b.levels)-1]
	owner := indexOf(l.nodes, d.Of)
	if owner < 0 || l.body.Nodes[owner].Composite == nil {
		return fmt.Errorf("no invocation %q", d.Of)
	}
	inner := indexOf(l.nodes[owner].Body, d.Inner)
	if inner < 0 {
		return fmt.Errorf("no node %q in %q", d.Inner, d.Of)
	}
	n.Kind = l.body.Nodes[owner].Composite.Body.Nodes[inner].Kind
	n.Export = &ir.Export{Owner: owner, Node: inner}
	addEdge(n, owner, ir.EdgeData, "reference")
	return nil
}
