package sim

import (
	"fmt"

	"hexdag.dev/hexdag/lang/ir"
)

// macro makes n an invocation of a macro: arguments that its nodes read, and
// sometimes outputs.
func (g *generator) macro(depth int, n *Node, read func() string) {
	n.Mode, n.Collect, n.Errors, n.Parallel, n.MaxInBody, n.Reducer = ir.ModeMacro, "", "", 0, 0, ""
	n.Args = []Pair{{n.Name + "_arg", "{{ " + read() + " }}"}}
	g.count++
	n.Body = g.body(depth+1, fmt.Sprintf("m%d_", g.count)) // the checks know nodes by name, so paths must have it
	for i := range n.Body {
		b := &n.Body[i]
		if len(b.Expr) > 0 && g.IntN(2) == 0 {
			b.Expr = append(b.Expr, Pair{"arg", fmt.Sprintf("coalesce(%s_arg, 8)", n.Name)})
		}
	}
	if g.IntN(2) == 0 {
		n.Outputs = []Pair{{"v", present(n.Body[g.IntN(len(n.Body))].Name)}}
		if g.IntN(4) == 0 {
			n.Outputs = append(n.Outputs, Pair{"w", "7 // (" + n.Name + "_arg % 3)"}) // may divide by zero
		}
	}
}

// present tells of a result only whether there is one: what a composite gives
// holds times.
func present(name string) string { return fmt.Sprintf("(1 if %s is None else 2)", name) }

// exports are nodes beside an invocation that stand for some of those inside.
func (g *generator) exports(n Node) []Node {
	var out []Node
	for i := range n.Body {
		if g.IntN(2) == 0 {
			out = append(out, Node{Name: "x_" + n.Body[i].Name, Of: n.Name, Inner: n.Body[i].Name})
		}
	}
	return out
}
