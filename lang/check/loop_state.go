package check

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/expr"
)

// stateType is the type of a loop's state. It has the keys of initial_state and
// those that state_update adds, which are missing in the first iteration, and no
// others. Only what is never updated keeps the type of its initial value: an
// update may give anything.
func (c *checker) stateType(env *typeScope) *expr.Type {
	co := env.info.Node.Composite
	if co.Mode.Name != "while" {
		return expr.Any
	}
	updated := map[string]bool{}
	for _, u := range co.Update {
		updated[u.Name.Name] = true
	}
	fields := make([]expr.Field, 0, len(co.Initial)+len(co.Update))
	for _, b := range co.Initial {
		t := c.inferExpr(env, b.Expr)
		if updated[b.Name.Name] {
			t = expr.Any
			delete(updated, b.Name.Name)
		}
		fields = append(fields, field(b.Name.Name, t))
	}
	for _, u := range co.Update {
		if updated[u.Name.Name] {
			fields = append(fields, expr.Field{Name: u.Name.Name, Type: expr.Any, Optional: true})
		}
	}
	return closed(fields...)
}

// stateUpdate infers what state_update computes, after the body, whose result it
// reads as $body.
func (c *checker) stateUpdate(env *typeScope) {
	co := env.info.Node.Composite
	if co.Body != nil && co.Body.Nodes != nil {
		env.info.bodyType = lastResult(env.info.Bodies[co.Body])
	}
	for _, u := range co.Update {
		c.inferExpr(env, u.Expr)
	}
}

// isStateText reports whether e belongs to initial_state or state_update, which
// have their own turns.
func isStateText(co *ast.Composite, e *ast.Expr) bool {
	for _, list := range [][]*ast.Binding{co.Initial, co.Update} {
		for _, b := range list {
			if b.Expr == e {
				return true
			}
		}
	}
	return false
}

// outward is the node that is up bodies outward of n; nil if there is none.
func (n *Info) outward(up int) *Info {
	for ; up > 0 && n != nil; up-- {
		n = n.Scope.Owner
	}
	return n
}
