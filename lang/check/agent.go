package check

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/suggest"
)

// agentNames are what an agent's prompts can read about the agent itself.
var agentNames = map[string]bool{
	"reasoning_so_far": true, "phase_context": true, "phase_reason": true, "phase_target": true, "current_phase": true,
}

// builtInTools are the tools that every agent has, and those for entities.
var builtInTools = map[string]bool{
	"tool_end": true, "change_phase": true, "atransition": true, "aget_state": true, "aget_history": true, "aregister_entity": true,
}

// nodes checks what the kinds of nodes name beside other nodes: tools, services,
// entities and states.
func (c *checker) nodes(p *Program) {
	p.Guards = map[*ast.Expr][]Slot{}
	for _, m := range c.doc.Pipeline.Machines {
		c.stateMachine(p, m)
		c.reachable(m, nil)
	}
	p.Scope.Each(func(info *Info) {
		n := info.Node
		switch {
		case n.Agent != nil:
			c.agent(info)
		case n.Kind == "service_call_node":
			c.service(info)
		case n.Transition != nil:
			c.transition(info)
		}
	})
}

// agent finds the tools of an agent: its own, those of spec.tools that it
// names, and those of the tool_router port.
func (c *checker) agent(info *Info) {
	a := info.Node.Agent
	known := map[string]*ast.Tool{}
	var names []string
	for _, t := range c.tools() {
		known[t.Name.Name] = t
		names = append(names, t.Name.Name)
	}
	router := c.portOf(info.Node, "tool_router") != nil
	seen := map[string]bool{}
	add := func(t *ast.Tool) {
		name := t.Name.Name
		switch {
		case builtInTools[name]:
			c.add(diag.New(diag.ReservedTool, t.Name.Loc, "%q is the name of a tool that agents have anyway", name).
				WithHelp("give the tool another name"))
		case !seen[name]:
			seen[name] = true
			info.Tools = append(info.Tools, t)
		}
	}
	switch {
	case !a.Listed:
		for _, t := range c.tools() {
			add(t)
		}
		info.Router = router
	default:
		for _, t := range a.Own {
			add(t)
		}
		info.Router = a.All && router
		for _, id := range a.Names {
			if t := known[id.Name]; t != nil {
				add(t)
				continue
			}
			if builtInTools[id.Name] || seen[id.Name] {
				continue // named for completeness
			}
			seen[id.Name] = true
			info.Router = true
			info.RouterTools = append(info.RouterTools, id.Name)
			if router || c.doc.Open() {
				continue
			}
			d := diag.New(diag.UnknownTool, id.Loc, "no tool %q is declared, and there is no tool_router port that could have it", id.Name)
			if best := suggest.Best(id.Name, names); best != "" {
				d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: id.Loc, NewText: best})
			} else {
				d = d.WithHelp("declare it under spec.tools, declare a tool_router port, or let the host supply one")
			}
			c.add(d)
		}
	}
	for _, id := range a.Entities {
		c.entity(id)
	}
}

// tools are those that an agent can name: the pipeline's and those of the layers
// around it.
func (c *checker) tools() []*ast.Tool { return c.opt.Effective.Tools }

// defaultAnswer is the type of an agent's result without an output_schema.
var defaultAnswer = closed(field("output", expr.Str))

// service checks that a service is declared.
func (c *checker) service(info *Info) {
	id := info.Node.Call.Service
	if id.Name == "" || c.doc.Open() {
		return
	}
	var names []string
	for _, s := range c.opt.Effective.Services {
		if s.Name.Name == id.Name {
			return
		}
		names = append(names, s.Name.Name)
	}
	d := diag.New(diag.UnknownService, id.Loc, "there is no service %q", id.Name)
	switch best := suggest.Best(id.Name, names); {
	case best != "":
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: id.Loc, NewText: best})
	case len(names) > 0:
		d = d.WithHelp("declare it under spec.services: {%s: {class: …}}", id.Name)
	default:
		d = d.As(diag.Warning).WithHelp("declare it under spec.services: {%s: {class: …}}, or let the host supply it", id.Name)
	}
	c.add(d)
}
