package check

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
)

// inputEnforced are the kinds whose input_schema the runtime enforces, and
// outputEnforced those whose output_schema it does.
var (
	inputEnforced  = map[string]bool{"function_node": true}
	outputEnforced = map[string]bool{
		"function_node": true, "llm_node": true, "agent_node": true, "api_call_node": true, "service_call_node": true, "wait_node": true,
	}
)

// withoutEffect reports fields that every node can have and that do nothing where
// they stand, so that nobody relies on them.
func (c *checker) withoutEffect(s *Scope) {
	s.Each(func(info *Info) {
		n := info.Node
		if n.Macro != nil || info.Export != nil || n.Obj == nil {
			return // an invocation has no such fields
		}
		kind := kindName(n)
		if n.Input != nil && !inputEnforced[n.Kind] {
			c.add(diag.New(diag.FieldWithoutEffect, n.Input.Loc, "input_schema has no effect on a node of kind %s", kind).
				WithHelp("only a function's input is checked; name what must be there under `required_inputs`, or remove the field"))
		}
		if n.Output != nil && !outputEnforced[n.Kind] && !n.Foreign {
			c.add(diag.New(diag.FieldWithoutEffect, n.Output.Loc, "output_schema has no effect on a node of kind %s", kind).
				WithHelp("the compiler knows the type of its result without it; remove the field"))
		}
		uses := portsOfNode(info)
		for _, p := range n.Ports {
			if p.Name.Name == "" || slices.Contains(uses, p.Name.Name) {
				continue
			}
			d := diag.New(diag.FieldWithoutEffect, p.Name.Loc, "node %q calls no port %q, so its own has no effect", n.Name.Name, p.Name.Name)
			switch {
			case n.Composite != nil:
				d = d.WithHelp("a composite calls no port itself: declare the port at the nodes of its body, or under spec.ports")
			case len(uses) > 0:
				d = d.WithHelp("it calls %s", strings.Join(uses, ", "))
			default:
				d = d.WithHelp("a node of kind %s calls none; remove the entry", kind)
			}
			c.add(d)
		}
	})
	c.observers(&c.doc.Pipeline.Configuration)
}

// observers reports those that a manifest names: what listens to runs is part of
// the host.
func (c *checker) observers(conf *ast.Configuration) {
	for _, id := range conf.Observers {
		if id.Name == "" {
			continue
		}
		d := diag.New(diag.FieldWithoutEffect, id.Loc, "the observer %q is not started: what listens to the events of a run is the host's", id.Name)
		if strings.Contains(strings.ToLower(id.Name), "log") {
			d = d.WithHelp("for logs write `logging: {level: …}`; all events: `hexc run --events FILE`")
		} else {
			d = d.WithHelp("a Go program that embeds the runtime passes observers in its options; all events: `hexc run --events FILE`")
		}
		c.add(d)
	}
}

// portsOfNode are the names of the ports that a node calls.
func portsOfNode(info *Info) []string {
	n := info.Node
	var out []string
	if p := n.Port(); p != "" {
		out = append(out, p)
	}
	switch {
	case n.Agent != nil:
		out = append(out, "tool_router")
	case n.Kind == "api_call_node" && n.Call != nil:
		out = []string{n.Call.Port.Name}
	case n.Transition != nil:
		out = append(out, "entity_state")
	}
	return out
}
