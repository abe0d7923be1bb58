package check

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/schema"
)

// An invocation of a macro is a node with a body that runs once. Its arguments
// that are templates read the caller's scope, so that they are edges of the
// invocation; in the body their names come before all others. The body sees
// nothing else of the caller's nodes. What stands outside reads a node inside
// through an export: a node of the caller's scope, behind the invocation, that
// depends on it alone.

// opaque reports whether nothing is known about what an invocation contains.
func (n *Info) opaque() bool { return n.Node.Macro == nil || n.Node.Macro.Body == nil }

// LocalName is the node's name without that of the invocation it is in.
func (n *Info) LocalName() string {
	if n.Scope.Owner == nil || n.Scope.Owner.Node.Macro == nil {
		return n.Name()
	}
	if local, ok := strings.CutPrefix(n.Name(), n.Scope.Owner.Name()+"_"); ok && local != "" {
		return local
	}
	return n.Name()
}

func (n *Info) macroBody() []*ast.Body {
	if b := n.Node.Macro.Body; b != nil && n.Bodies[b] != nil {
		return []*ast.Body{b}
	}
	return nil
}

// declareMacro makes the scope of an invocation's body, in which nodes have their
// local names too, and the exports beside the invocation.
func (c *checker) declareMacro(s *Scope, info *Info) {
	inv := info.Node.Macro
	if inv == nil || inv.Body == nil {
		return
	}
	body := c.declare(inv.Body.Nodes, info, inv.Body)
	info.Bodies = map[*ast.Body]*Scope{inv.Body: body}
	for _, in := range body.Nodes {
		if local := in.LocalName(); local != "" && body.names[local] == nil {
			body.names[local] = in
		}
	}
	if inv.Outputs != nil {
		tail := &ast.Node{Kind: info.Node.Kind, Name: info.Node.Name, Loc: info.Node.Loc, Obj: &shape.Object{}, Tree: info.Node.Tree}
		for _, o := range inv.Outputs {
			tail.Texts = append(tail.Texts, o.Expr)
		}
		info.Tail = &Info{Node: tail, Scope: body, Index: len(body.Nodes), Slots: map[*ast.Expr][]Slot{}, trees: map[*ast.Expr]expr.Node{}}
	}
	for _, in := range body.Nodes {
		if in.Name() == "" || body.names[in.Name()] != in {
			continue
		}
		if first := s.names[in.Name()]; first != nil {
			c.add(diag.New(diag.DuplicateNode, in.Node.Name.Loc, "duplicate node name %q", in.Name()).
				WithHelp("the nodes of %q are named behind it; give one of the two another name", info.Name()).
				WithRelated(first.Node.Name.Loc, "%q is declared here first", in.Name()))
			continue
		}
		export := &Info{
			Node:  &ast.Node{Kind: "export", Name: in.Node.Name, Loc: in.Node.Loc, KindText: in.Node.KindText, Obj: &shape.Object{}, Tree: in.Node.Tree},
			Scope: s, Index: len(s.Nodes), Export: in,
		}
		s.Nodes = append(s.Nodes, export)
		s.names[in.Name()] = export
		c.edge(export, info, Data, "reference", info.Node.Name.Loc)
	}
}

// readOutputs reads the outputs of an invocation, when its body has been read.
func (c *checker) readOutputs(info *Info) {
	if info.Tail == nil {
		return
	}
	for _, t := range info.Tail.Node.Texts {
		t.Walk(func(e *ast.Expr) { c.readExpr(info.Tail, e) })
	}
}

// argument is the meaning of a parameter of the macro around a node that has no
// value at build: an argument of the invocation, computed in the caller's scope.
func argument(info *Info, head string) (Slot, bool) {
	for at, up := info, 1; at.Scope.Owner != nil; at, up = at.Scope.Owner, up+1 {
		owner := at.Scope.Owner.Node
		if owner.Macro == nil {
			continue
		}
		if i := owner.Macro.Arg(head); i >= 0 {
			return Slot{Head: head, Kind: SlotTarget, Up: up, Index: len(owner.Mapping) + i}, true
		}
		break
	}
	return Slot{}, false
}

// argumentType is the type of what argument found.
func (n *Info) argumentType(slot Slot) *expr.Type {
	at := n
	for up := slot.Up; up > 0 && at != nil; up-- {
		at = at.Scope.Owner
	}
	if at == nil || at.Node.Macro == nil {
		return expr.Any
	}
	if i := slot.Index - len(at.Node.Mapping); i >= 0 && i < len(at.argTypes) {
		return at.argTypes[i]
	}
	return expr.Any
}

// elsewhere reports whether a node that a list names need not be in the scope.
func (c *checker) elsewhere(s *Scope, id ast.Ident) bool {
	if s.Owner != nil && s.Owner.Node.Macro != nil {
		if s.Owner.Node.Macro.Generic {
			return true // the call may list it
		}
		// what the invocation waits for, all of its nodes do
		for _, d := range append(append([]ast.Ident(nil), s.Owner.Node.Deps...), s.Owner.Node.WaitFor...) {
			if d.Name == id.Name {
				return true
			}
		}
		for _, n := range s.Nodes {
			if n.Name() == "" {
				return true // a name that depends on parameters
			}
		}
		return false
	}
	if c.doc.Open() {
		c.outer(id.Loc, id.Name)
		return true // the including file may have it
	}
	return false
}

// outerNode reports that the body of a macro reads a node of its caller.
func (c *checker) outerNode(macro, dep *Info, e *ast.Expr, r expr.Ref) {
	c.add(diag.New(diag.OuterNode, e.Text.Loc(r.HeadSpan), "the body of macro %q reads %q, which is a node of its caller", macro.Node.Macro.Name.Name, r.Head).
		WithHelp("pass it as an argument: declare a parameter, and give `{{ %s }}` for it", r.Head).
		WithRelated(dep.Node.Name.Loc, "%q is declared here", r.Head))
}

// agentStep reports whether a name is that of a step of the built-in reasoning
// agent, as it once had one node for each. It means the agent's result now.
func (n *Info) agentStep(head string) bool {
	inv := n.Node.Macro
	if inv == nil || inv.Body == nil || inv.Macro == nil || inv.Macro.Name.Name != "core:reasoning_agent" {
		return false
	}
	step, ok := strings.CutPrefix(head, n.Name()+"_step_")
	return ok && step != "" && '0' <= step[0] && step[0] <= '9'
}

// foreignInner warns about a name that can only be a node inside of a foreign
// macro.
func (c *checker) foreignInner(dep *Info, r expr.Ref, loc source.Location) {
	if dep.Export != nil && dep.Name() != r.Head {
		if owner := dep.Edges[0].From; owner.agentStep(r.Head) {
			c.add(diag.New(diag.DeprecatedName, loc, "%q is a deprecated name for %q", r.Head, dep.Name()).
				WithHelp("an agent is one node: its steps have no results of their own").
				WithFix("replace with \""+dep.Name()+"\"", false, diag.Edit{Loc: loc, NewText: dep.Name()}))
		}
	}
	if inv := dep.Node.Macro; inv != nil && inv.Foreign && r.Head != dep.Name() {
		c.add(diag.New(diag.ForeignInnerNode, loc, "%q is taken for a node inside of %q, about which nothing is known", r.Head, dep.Name()).
			WithHelp("read %q itself, or use a macro that is declared in a manifest", dep.Name()))
	}
}

// innerNode reports a bare name that begins like the nodes of an invocation but is
// none of them.
func (c *checker) innerNode(u bareUse, loc source.Location) bool {
	for at := u.info.Scope; at != nil; at = at.Owner.Scope {
		for _, n := range at.Nodes {
			if n.Node.Macro == nil || n.opaque() || n.Name() == "" || !strings.HasPrefix(u.ref.Head, n.Name()+"_") {
				continue
			}
			body := n.Bodies[n.Node.Macro.Body]
			var known []string
			for _, in := range body.Nodes {
				known = append(known, in.Name())
			}
			d := diag.New(diag.UnknownInnerNode, loc, "%q has no node %q", n.Name(), u.ref.Head)
			if best := suggest.Best(u.ref.Head, known); best != "" {
				d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: loc, NewText: best})
			} else {
				d = d.WithHelp("it has %s; a field of the run's input is written $input.%s", strings.Join(known, ", "), u.ref.Head)
			}
			c.add(d.WithRelated(n.Node.Name.Loc, "the macro is called here"))
			return true
		}
		if at.Owner == nil || at.Owner.Node.Macro != nil {
			break
		}
	}
	return false
}

// macroPorts checks that the pipeline has the ports that a macro needs.
func (c *checker) macroPorts(info *Info) {
	inv := info.Node.Macro
	if inv == nil || inv.Macro == nil || c.doc.Fragment {
		return
	}
	for _, p := range inv.Macro.Ports {
		if have := c.portOf(info.Node, p.Name.Name); have != nil {
			if is := PortType(have, c.opt.Adapters); p.Type.Name != "" && is != "" && !strings.EqualFold(is, p.Type.Name) {
				if _, known := schema.PortCap(strings.ToLower(p.Type.Name)); known {
					c.add(diag.New(diag.MacroPort, inv.Name.Loc, "macro %q requires that port %q is of the type %s, and it is of the type %s", inv.Name.Name, p.Name.Name, p.Type.Name, is).
						WithHelp("bind the port to another adapter").
						WithRelated(p.Type.Loc, "the macro requires it here"))
				}
			}
			continue
		}
		if p.Optional {
			continue
		}
		c.add(diag.New(diag.MacroPort, inv.Name.Loc, "macro %q requires port %q, which spec.ports does not declare", inv.Name.Name, p.Name.Name).
			WithHelp("declare it under spec.ports").
			WithRelated(p.Name.Loc, "the macro requires it here"))
	}
}

// inferInvocation types an invocation and its body.
func (c *checker) inferInvocation(env *typeScope) *expr.Type {
	info := env.info
	inv := info.Node.Macro
	for _, a := range inv.Args {
		t := orAny(a.Param.Type)
		if a.Expr != nil {
			t = c.inferExpr(env, a.Expr)
		}
		info.argTypes = append(info.argTypes, t)
	}
	body := info.Bodies[inv.Body]
	c.infer(body)
	body.Exits = exits(body)
	skip := len(body.Exits) > 0
	for _, n := range body.Exits {
		skip = skip && n.maySkip
	}
	info.maySkip = info.maySkip || skip
	if info.Tail != nil {
		tail := &typeScope{c: c, info: info.Tail}
		var fields []expr.Field
		for _, o := range inv.Outputs {
			fields = append(fields, field(o.Name.Name, c.inferExpr(tail, o.Expr)))
		}
		return closed(fields...)
	}
	result := func(n *Info) *expr.Type {
		if n.maySkip || n.Node.OnError != nil {
			return expr.Nullable(orAny(n.Result))
		}
		return orAny(n.Result)
	}
	if len(body.Exits) == 1 {
		if n := body.Exits[0]; n.Node.OnError == nil {
			return orAny(n.Result) // if it is skipped, so is the invocation
		}
		return result(body.Exits[0])
	}
	var fields []expr.Field
	for _, n := range body.Exits {
		fields = append(fields, field(n.LocalName(), result(n)))
	}
	return closed(fields...)
}

// exits are the nodes of a body that nothing in it but a handler depends on.
// Handlers are none, unless there is nothing else.
func exits(s *Scope) []*Info {
	read := map[*Info]bool{}
	for i := len(s.Nodes) - 1; i >= 0; i-- { // an export stands behind its invocation
		n := s.Nodes[i]
		if n.Export != nil && !read[n] {
			continue
		}
		for _, e := range n.Edges {
			if e.Class != OnError {
				read[e.From] = true
			}
		}
	}
	var out, all []*Info
	for _, n := range s.Nodes {
		if n.Export != nil || read[n] {
			continue
		}
		all = append(all, n)
		if !n.handles() {
			out = append(out, n)
		}
	}
	if out == nil {
		return all
	}
	return out
}

func orAny(t *expr.Type) *expr.Type {
	if t == nil {
		return expr.Any
	}
	return t
}

// IsArgument reports whether a slot of the node means an argument of the macro
// that the node is in.
func (n *Info) IsArgument(s Slot) bool {
	at := n
	for up := s.Up; up > 0 && at != nil; up-- {
		at = at.Scope.Owner
	}
	return s.Kind == SlotTarget && at != nil && at.Node.Macro != nil && s.Index >= len(at.Node.Mapping)
}
