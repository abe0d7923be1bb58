package check

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
)

// bareUse is a head that nothing binds statically: it is judged when the types
// of the single dependencies are known.
type bareUse struct {
	info *Info
	expr *ast.Expr
	ref  expr.Ref
}

// readScope finds what every expression of a scope and its bodies reads, makes
// the edges that this needs, and records the meaning of each head.
func (c *checker) readScope(s *Scope) {
	for _, info := range s.Nodes {
		n := info.Node
		n.When.Walk(func(e *ast.Expr) { c.readExpr(info, e) })
		for _, b := range n.Mapping {
			b.Expr.Walk(func(e *ast.Expr) { c.readExpr(info, e) })
		}
		for _, t := range n.Texts {
			t.Walk(func(e *ast.Expr) { c.readExpr(info, e) })
		}
		c.collisions(info)
		c.readOutputs(info)
		for _, b := range info.bodies() {
			c.readScope(info.Bodies[b])
		}
	}
}

func (c *checker) readExpr(info *Info, e *ast.Expr) {
	if e.Tree == nil {
		return
	}
	slots := c.slots[:0]
	refs := expr.AppendRefs(c.refs[:0], e.Tree)
	for _, r := range refs {
		var slot Slot
		ok := true
		if r.Namespace {
			slot, ok = c.namespace(info, e, r)
		} else {
			slot, ok = c.static(info, e, r)
			if !ok {
				slot, ok = Slot{Head: r.Head, Kind: SlotBare}, true
				c.bare = append(c.bare, bareUse{info, e, r})
			}
		}
		if !ok {
			continue
		}
		if !hasHead(slots, r.Head, r.Namespace) {
			slots = append(slots, slot)
		}
	}
	c.refs, c.slots = refs, slots
	if len(slots) > 0 {
		info.Slots[e] = append([]Slot(nil), slots...)
	}
}

// hasHead reports whether one of slots is of the head; a text has few.
func hasHead(slots []Slot, head string, namespace bool) bool {
	for i := range slots {
		if slots[i].Head == head && slots[i].Namespace == namespace {
			return true
		}
	}
	return false
}

// static resolves what does not depend on run-time data: earlier variables,
// mapping targets, nodes, loop variables, from the innermost scope outward.
// Reading a node makes the edge.
func (c *checker) static(info *Info, e *ast.Expr, r expr.Ref) (Slot, bool) {
	slot := Slot{Head: r.Head}
	loc := e.Text.Loc(r.HeadSpan)
	if slot, ok := argument(info, r.Head); ok {
		return slot, true
	}
	if e.Role == ast.RoleVariable {
		for i := 0; i < e.Var; i++ {
			if v := info.Node.Expression.Vars[i]; v.Name.Name == r.Head {
				slot.Kind, slot.Index = SlotVar, i
				return slot, true
			}
		}
	}
	if e.Role != ast.RoleMapping {
		if i, ok := target(info, r.Head); ok {
			slot.Kind, slot.Index = SlotTarget, i
			return slot, true
		}
	}
	if info.Node.Agent != nil && e.Role == ast.RoleText && agentNames[r.Head] {
		slot.Kind = SlotAgent
		return slot, true
	}
	if e.Role == ast.RoleCondition || e.Role == ast.RoleState {
		if name, ok := loopName(info, r.Head); ok && (name == "state" || name == "iteration") {
			slot.Kind, slot.Loop = SlotLoop, name
			return slot, true
		}
	}
	var macro *Info // whose body the name has been looked for in
	for at, up := info, 0; ; up++ {
		if dep := at.Scope.find(r.Head, at); dep != nil && macro != nil {
			if dep.Export == nil || dep.Edges[0].From != macro {
				c.outerNode(macro, dep, e, r)
			}
			return Slot{Head: r.Head, Kind: SlotBare}, true
		} else if dep != nil {
			c.foreignInner(dep, r, loc)
			c.edge(at, dep, Data, "reference", loc)
			slot.Kind, slot.Up, slot.Node = SlotNode, up, dep
			return slot, true
		}
		owner := at.Scope.Owner
		if owner == nil {
			return Slot{}, false
		}
		if name, ok := loopName(owner, r.Head); ok {
			slot.Kind, slot.Up, slot.Loop = SlotLoop, up+1, name
			return slot, true
		}
		if i, ok := target(owner, r.Head); ok {
			slot.Kind, slot.Up, slot.Index = SlotTarget, up+1, i
			return slot, true
		}
		if owner.Node.Macro != nil {
			macro = owner
		}
		at = owner
	}
}

// find is the node of the scope that a head means, seen from a node that is not
// to find itself. A head that starts with the name of an invocation of a foreign
// macro means a node inside of it.
func (s *Scope) find(head string, from *Info) *Info {
	if n, ok := s.names[head]; ok && n != from {
		return n
	}
	var best *Info
	for _, n := range s.Nodes {
		if step := n.agentStep(head); step && n != from {
			return s.names[n.Name()+"_final"]
		}
		if n != from && n.Node.Kind == "macro_invocation" && n.opaque() && n.Name() != "" && strings.HasPrefix(head, n.Name()+"_") {
			if best == nil || len(n.Name()) > len(best.Name()) {
				best = n
			}
		}
	}
	return best
}

func target(info *Info, name string) (int, bool) {
	for i, b := range info.Node.Mapping {
		if b.Name.Name == name {
			return i, true
		}
	}
	return 0, false
}

// loopName is the canonical name of a loop variable that a composite gives to
// its body under this bare name.
func loopName(composite *Info, name string) (string, bool) {
	co := composite.Node.Composite
	if co == nil {
		return "", false
	}
	switch co.Mode.Name {
	case "for-each", "times":
		switch name {
		case co.ItemVar.Name:
			return "item", true
		case co.IndexVar.Name:
			return "index", true
		}
	case "while":
		switch name {
		case "state", "iteration":
			return name, true
		}
	}
	return "", false
}

// namespaces are the heads with a dollar sign.
var namespaces = func() (names []string) {
	for _, n := range expr.Namespaces() {
		names = append(names, n.Name)
	}
	return names
}()

func (c *checker) namespace(info *Info, e *ast.Expr, r expr.Ref) (Slot, bool) {
	slot := Slot{Head: r.Head, Namespace: true}
	loc := e.Text.Loc(r.HeadSpan)
	switch r.Head {
	case "input":
		slot.Kind = SlotInput
		c.inputField(e, r)
	case "ctx":
		slot.Kind = SlotCtx
		c.contextField(e, r)
	case "error", "errors":
		slot.Kind = SlotError
		if r.Head == "errors" {
			slot.Kind = SlotErrors
		}
		at := info
		for up := 0; at != nil; up++ {
			if at.handles() {
				slot.Up = up
				return slot, true
			}
			at = at.Scope.Owner
		}
		c.add(diag.New(diag.UnknownErrorName, loc, "$%s is used in a node that handles no failure", r.Head).
			WithHelp("name this node in another node's on_error, or read something else"))
	case "item", "index", "total", "is_first", "is_last", "state", "body":
		slot.Kind, slot.Loop = SlotLoop, r.Head
		if r.Head == "body" {
			slot.Kind = SlotBody
		}
		up, ok := loopOf(info, e, r.Head)
		if !ok {
			c.add(diag.New(diag.LoopNameOutside, loc, "$%s is used where there is no loop", r.Head).
				WithHelp("it exists in the conditions and the body of a composite_node; a field of the run's input is $input.%s", r.Head))
		}
		slot.Up = up
	default:
		d := diag.New(diag.UnknownNamespace, loc, "there is no namespace $%s", r.Head)
		if best := suggest.Best(r.Head, namespaces); best != "" {
			d = d.WithHelp("did you mean \"$%s\"?", best).
				WithFix("replace with \"$"+best+"\"", false, diag.Edit{Loc: loc, NewText: "$" + best})
		} else {
			d = d.WithHelp("the namespaces are $%s", strings.Join(namespaces, ", $"))
		}
		c.add(d)
		return slot, false
	}
	return slot, true
}

// handles reports whether another node of the scope names this one in on_error.
func (n *Info) handles() bool { return len(n.Guards) > 0 }

// loopOf finds how many levels out the composite is that has the loop name.
func loopOf(info *Info, e *ast.Expr, name string) (int, bool) {
	has := func(n *Info) bool {
		if n.Node.Composite == nil {
			return false
		}
		if n.Node.Composite == nil {
			return false
		}
		switch n.Node.Composite.Mode.Name {
		case "for-each", "times":
			return name != "state"
		case "while":
			return name == "state" || name == "body" || name == "index"
		}
		return false
	}
	if (e.Role == ast.RoleCondition || e.Role == ast.RoleState) && info.Node.Composite != nil && has(info) {
		return 0, true
	}
	up := 1
	for at := info.Scope.Owner; at != nil; at = at.Scope.Owner {
		if has(at) {
			return up, true
		}
		up++
	}
	return 0, false
}

var contextFields = []string{"run_id", "pipeline_name", "node_name", "parent_run_id", "services"}

func (c *checker) contextField(e *ast.Expr, r expr.Ref) {
	if len(r.Path) == 0 || r.Path[0].Index || r.Path[0].Name == "" {
		return
	}
	if e.Mode == ast.Template && !r.Namespace {
		return // it may be a field of the input that is called so
	}
	f := r.Path[0]
	for _, known := range contextFields {
		if f.Name == known {
			return
		}
	}
	loc := e.Text.Loc(f.Span)
	d := diag.New(diag.UnknownContextField, loc, "ctx has no field %q", f.Name)
	if best := suggest.Best(f.Name, contextFields); best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: loc, NewText: best})
	} else {
		d = d.WithHelp("it has %s", strings.Join(contextFields, ", "))
	}
	c.add(d)
}

// inputField notes a read of the run's input and checks it against the schema.
func (c *checker) inputField(e *ast.Expr, r expr.Ref) {
	if len(r.Path) == 0 || r.Path[0].Index || r.Path[0].Name == "" {
		return
	}
	f := r.Path[0]
	loc := e.Text.Loc(f.Span)
	// below $input a missing field is null, but not in a template's text
	c.use(f.Name, loc, e.Mode == ast.Template && !r.Guarded, false)
	declared, closed := c.declared()
	if !closed {
		return
	}
	for _, name := range declared {
		if name == f.Name {
			return
		}
	}
	d := diag.New(diag.UndeclaredInput, loc, "the input has no field %q", f.Name)
	if best := suggest.Best(f.Name, declared); best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: loc, NewText: best})
	} else {
		d = d.WithHelp("input_schema declares %s", strings.Join(declared, ", "))
	}
	c.add(d.WithRelated(c.doc.Pipeline.Input.Loc, "the input is declared here"))
}

// declared is the declared input fields, and whether the input is declared at
// all.
func (c *checker) declared() ([]string, bool) {
	in := c.doc.Pipeline.Input
	if in == nil || in.Type == nil {
		return nil, false
	}
	if c.fields == nil {
		c.fields = in.Type.FieldNames()
	}
	return c.fields, len(c.fields) > 0
}

// optional reports whether the input schema says that a field may be absent.
func (c *checker) optional(name string) bool {
	in := c.doc.Pipeline.Input
	if in == nil || in.Type == nil {
		return false
	}
	f, ok := in.Type.Field(name)
	return ok && f.Optional
}

// use notes that an input field is read.
func (c *checker) use(name string, loc source.Location, required, supplied bool) {
	in := c.inputs[name]
	if in == nil {
		in = &Input{Name: name, Supplied: true}
		if names, ok := c.declared(); ok {
			for _, n := range names {
				in.Declared = in.Declared || n == name
			}
		}
		c.inputs[name] = in
		c.order = append(c.order, in)
	}
	in.Required = in.Required || in.Declared && !c.optional(name) || !in.Declared && required
	in.Supplied = in.Supplied && supplied
	in.Uses = append(in.Uses, loc)
}
