package check

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
)

// secretText reports a secret in a text that the run itself reads, or gives to a
// model: a prompt, the key of a wait, the name of a state. t is the type of e.
func (c *checker) secretText(n *ast.Node, e *ast.Expr, t *expr.Type) {
	if t.Kind != expr.TypeSecret || e.Faulty {
		return
	}
	what := ""
	switch {
	case n.LLM != nil || n.Agent != nil:
		what = "a prompt"
	case n.Wait != nil && e == n.Wait.Key:
		what = "the key of a wait"
	case n.Transition != nil && e == n.Transition.ToState:
		what = "the name of a state"
	default:
		return
	}
	c.add(diag.New(diag.SecretInText, e.Loc, "a secret cannot stand in %s", what).
		WithHelp("a secret goes to the configuration of a port, to a field of an api_call_node, or to a function by its input_mapping"))
}

// namesSecret is the first expression of a node that names a secret, nil if none
// does: a call that sends it needs the capability `secret`.
func namesSecret(n *ast.Node) *ast.Expr {
	lists := [][]*ast.Binding{n.Mapping}
	if n.Call != nil {
		lists = append(lists, n.Call.Args)
	}
	if n.Data != nil {
		lists = append(lists, n.Data.Output)
	}
	var found *ast.Expr
	for _, list := range lists {
		for _, b := range list {
			b.Expr.Walk(func(e *ast.Expr) {
				if found == nil && holdsSecret(e) {
					found = e
				}
			})
		}
	}
	return found
}

func holdsSecret(e *ast.Expr) bool {
	if e.Mode == ast.Const || e.Tree == nil {
		return expr.HoldsSecret(e.Const)
	}
	found := false
	expr.Walk(e.Tree, func(n expr.Node) bool {
		if l, ok := n.(*expr.Literal); ok {
			found = found || expr.HoldsSecret(l.Value)
		}
		return !found
	})
	return found
}

// secrets reports a node that names a secret where the capabilities forbid it.
func (c *checker) secrets(info *Info) {
	if c.opt.Effective.Caps.Allows("secret") {
		return
	}
	e := namesSecret(info.Node)
	if e == nil {
		return
	}
	d := diag.New(diag.CapForbids, e.Loc, "%q reads a secret, which needs capability %q; it is not allowed here", info.Name(), "secret").
		WithHelp("add %q to caps, or put the secret into the configuration of the port", "secret")
	if loc, why := c.opt.Effective.Caps.Why("secret"); !loc.IsZero() {
		d = d.WithRelated(loc, "%s", why)
	}
	if info.conditional() || info.Node.Data != nil { // data is only refused where it is sent
		d = d.As(diag.Warning)
	}
	c.add(d)
}
