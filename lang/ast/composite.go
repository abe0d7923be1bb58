package ast

import (
	"strconv"

	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

func (b *builder) composite(n *Node) {
	c := &Composite{}
	n.Composite = c
	s := n.Spec
	c.Mode = b.ident(s.Get("mode"))
	c.ItemVar = b.ident(s.Get("item_var"))
	if c.ItemVar.Name == "" {
		c.ItemVar.Name = "item"
	}
	c.IndexVar = b.ident(s.Get("index_var"))
	if c.IndexVar.Name == "" {
		c.IndexVar.Name = "index"
	}
	c.Condition = b.expression(n, s.Get("condition"), RoleCondition, "condition")
	c.Items = b.expression(n, s.Get("items"), RoleItems, "items")
	c.Count = b.expression(n, s.Get("count"), RoleItems, "count")
	c.Body = b.body(s.Get("body"), "body")
	if f := s.Get("body_pipeline"); f != nil {
		if id := b.ident(f); id.Name != "" {
			c.Pipeline = &id
		}
	}
	if f := s.Get("branches"); f != nil && !f.Null {
		for i, v := range f.Items {
			if v.Object == nil {
				continue
			}
			label := "branch " + strconv.Itoa(i)
			br := &Branch{Loc: b.at(v.Value), Action: b.ident(v.Object.Get("action"))}
			br.Condition = b.expression(n, v.Object.Get("condition"), RoleCondition, "branches["+strconv.Itoa(i)+"].condition")
			br.Body = b.body(v.Object.Get("body"), label)
			c.Branches = append(c.Branches, br)
		}
	}
	action, body := s.Get("else_action"), s.Get("else_body")
	if action != nil || body != nil {
		c.Else = &Branch{Action: b.ident(action), Body: b.body(body, "else")}
		if action != nil {
			c.Else.Loc = b.at(action.Value)
		} else {
			c.Else.Loc = b.at(body.Value)
		}
	}
	c.Initial = b.bindings(s.Get("initial_state"), RoleItems, "initial_state", schema.Template)
	for _, x := range c.Initial {
		n.addText(x.Expr)
	}
	c.Update = b.bindings(s.Get("state_update"), RoleState, "state_update", schema.Expression)
	for _, x := range c.Update {
		n.addText(x.Expr)
	}
	c.MaxIterations = b.number(s.Get("max_iterations"))
	c.Concurrency = b.number(s.Get("concurrency"))
	c.MaxConcurrentNodes = b.number(s.Get("max_concurrent_nodes"))
	c.Timeout = b.duration(s.Get("default_node_timeout"))
	c.Collect = b.ident(s.Get("collect"))
	c.KeyField = b.ident(s.Get("key_field"))
	c.Reducer = b.function(s.Get("reducer"))
	c.ErrorHandling = b.ident(s.Get("error_handling"))
	c.RouteDownstream = b.boolean(s.Get("route_downstream"))
}

// body types a composite's body: a list of nodes or a function.
func (b *builder) body(f *shape.Field, label string) *Body {
	if f == nil || f.Null || f.Value == nil || !f.OK {
		return nil
	}
	body := &Body{Label: label, Loc: b.at(f.Value)}
	if f.Value.Kind == syntax.Scalar {
		body.Func = b.function(f)
		if body.Func == nil {
			return nil
		}
		return body
	}
	body.Nodes = []*Node{}
	for _, v := range f.Items {
		if n := b.node(v.Object); n != nil {
			body.Nodes = append(body.Nodes, n)
		}
	}
	return body
}
