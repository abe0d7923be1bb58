package check

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/value"
)

// bareNames judges the heads that nothing binds statically: they are fields of
// the single dependency or of the run's input, the bare spellings of
// namespaces, or mistakes.
func (c *checker) bareNames() {
	for _, u := range c.bare {
		c.bareName(u)
	}
}

func (c *checker) bareName(u bareUse) {
	head := u.ref.Head
	loc := u.expr.Text.Loc(u.ref.HeadSpan)
	fromDep, unknown := u.info.singleField(head)
	if fromDep {
		return
	}
	if u.info.Node.Agent != nil && strings.HasPrefix(u.expr.Field, "continuation_prompts.") {
		unknown = true // change_phase may have carried it along
	}
	declared, closed := c.declared()
	inSchema := false
	for _, d := range declared {
		inSchema = inSchema || d == head
	}
	if inSchema {
		c.use(head, loc, !u.ref.Guarded, unknown)
		return
	}
	switch head {
	case "input":
		c.inputField(u.expr, u.ref)
		return
	case "ctx":
		c.contextField(u.expr, u.ref)
		return
	case "state":
		c.add(diag.New(diag.LoopNameOutside, loc, "state is used where there is no loop").
			WithHelp("it exists in the conditions and the body of a composite_node with mode while; a field of the run's input is $input.state"))
		return
	}
	template := u.expr.Mode == ast.Template
	dotted := len(u.ref.Path) > 0
	scope := u.info.Scope
	// The body's nodes see what is outside too.
	var names []string
	for at := scope; at != nil; {
		names = append(names, at.nodeNames()...)
		if at.Owner == nil || at.Owner.Node.Macro != nil {
			break // a macro's body does not see the caller's nodes
		}
		at = at.Owner.Scope
	}
	names = remove(names, u.info.Name())
	local := u.localNames()
	if c.innerNode(u, loc) || c.doc.Kind == "Macro" {
		return
	}
	if c.doc.Open() {
		if !template && dotted && !u.ref.Guarded && !closedOut(u.info) {
			c.outer(loc, head)
		}
		return
	}
	switch {
	case !template && dotted && !u.ref.Guarded && !closedOut(u.info):
		c.unknownReference(u, loc, names)
		return
	case template:
		if best := suggest.Best(head, names); best != "" && near(head, best) {
			c.add(diag.New(diag.MisspeltTemplateName, loc, "%q is no node; it is read from the run's input", head).
				WithHelp("did you mean the node %q?", best).
				WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: loc, NewText: best}))
		}
	}
	c.use(head, loc, !u.ref.Guarded, unknown)
	if closed && !u.ref.Guarded {
		d := diag.New(diag.UndeclaredName, loc, "%q is not in the input_schema", head)
		if best := suggest.Best(head, append(append(local, declared...), names...)); best != "" {
			d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: loc, NewText: best})
		} else {
			d = d.WithHelp("declare it in spec.input_schema")
		}
		if !unknown {
			c.add(d.WithRelated(c.doc.Pipeline.Input.Loc, "the input is declared here"))
		}
	}
	c.ambiguous(u, loc)
}

// localNames are the names that only this node binds: mapping targets, earlier
// variables, the names of loops around it.
func (u bareUse) localNames() []string {
	var out []string
	for _, b := range u.info.Node.Mapping {
		out = append(out, b.Name.Name)
	}
	if u.expr.Role == ast.RoleVariable {
		for _, v := range u.info.Node.Expression.Vars[:u.expr.Var] {
			out = append(out, v.Name.Name)
		}
	}
	for at := u.info.Scope.Owner; at != nil; at = at.Scope.Owner {
		co := at.Node.Composite
		if co == nil {
			continue // a macro
		}
		switch co.Mode.Name {
		case "for-each", "times":
			out = append(out, co.ItemVar.Name, co.IndexVar.Name)
		case "while":
			out = append(out, "state", "iteration")
		}
	}
	return out
}

// closedOut is a place where a bare dotted head needs no binding: inside a
// foreign node's own texts nothing is known about the names.
func closedOut(info *Info) bool { return info.Node.Foreign }

func near(a, b string) bool {
	n := max(len(a), len(b))
	return n >= 4 && suggest.Distance(a, b)*5 <= n
}

func remove(names []string, name string) []string {
	out := names[:0:0]
	for _, n := range names {
		if n != name {
			out = append(out, n)
		}
	}
	return out
}

func (c *checker) unknownReference(u bareUse, loc source.Location, names []string) {
	head := u.ref.Head
	d := diag.New(diag.UnknownReference, loc, "unknown reference %q in %s", head, u.expr.Field)
	candidates := append(append([]string(nil), names...), u.localNames()...)
	if declared, _ := c.declared(); len(declared) > 0 {
		candidates = append(candidates, declared...)
	}
	if best := suggest.Best(head, candidates); best != "" {
		d = d.WithHelp("did you mean %q? a field of the run's input is written $input.%s", best, head).
			WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: loc, NewText: best})
		if n := u.info.Scope.names[best]; n != nil {
			d = d.WithRelated(n.Node.Name.Loc, "%q is declared here", best)
		}
	} else {
		d = d.WithHelp("no node, mapping target or declared input field has this name; a field of the run's input is written $input.%s", head)
	}
	c.add(d.WithFix("read the run's input: \"$input."+head+"\"", false, diag.Edit{Loc: loc, NewText: "$input." + head}))
}

// singleField reports whether a bare name is a field of the single dependency
// of the node or of a composite around it (found), or may be one (unknown).
func (n *Info) singleField(name string) (found, unknown bool) {
	for at := n; at != nil; at = at.Scope.Owner {
		if at.Single == nil {
			continue
		}
		f, ok := at.Single.Result.Field(name)
		switch {
		case ok && !f.Optional:
			return true, false
		case ok:
			unknown = true
		}
	}
	return false, unknown
}

// ambiguous warns where a bare name would have been a field of a dependency if
// the node had only that one.
func (c *checker) ambiguous(u bareUse, loc source.Location) {
	if u.info.Single != nil {
		return
	}
	for _, e := range u.info.Edges {
		if e.Class != Data && e.Class != Chained {
			continue
		}
		t := e.From.Result
		if t == nil || t.IsAny() {
			continue
		}
		if _, ok := t.Field(u.ref.Head); !ok {
			continue
		}
		name := e.From.Name()
		c.add(diag.New(diag.AmbiguousName, loc, "%q is a field of %q, but with several dependencies a bare name is read from the run's input", u.ref.Head, name).
			WithHelp("write %s.%s, or $input.%s if the input is meant", name, u.ref.Head, u.ref.Head).
			WithFix("write "+name+"."+u.ref.Head, false, diag.Edit{Loc: loc, NewText: name + "." + u.ref.Head}))
		return
	}
}

// collisions reports names that would mean two things inside one node.
func (c *checker) collisions(info *Info) {
	n := info.Node
	clash := func(id ast.Ident, format string, args ...any) {
		c.add(diag.New(diag.NameCollision, id.Loc, format, args...).WithHelp("choose another name"))
	}
	for _, b := range n.Mapping {
		if other := info.Scope.names[b.Name.Name]; other != nil {
			// a target named like a node is plain when it only renames it
			if isName(b.Expr, b.Name.Name) {
				continue
			}
			clash(b.Name, "mapping target %q has the name of a node", b.Name.Name)
		}
	}
	if n.Expression == nil {
		return
	}
	for _, v := range n.Expression.Vars {
		name := v.Name.Name
		switch {
		case info.Scope.names[name] != nil && info.Scope.names[name] != info:
			clash(v.Name, "variable %q has the name of a node", name)
		case expr.IsFunction(name):
			clash(v.Name, "variable %q has the name of a built-in function", name)
		default:
			if _, ok := target(info, name); ok {
				clash(v.Name, "variable %q has the name of a mapping target", name)
			}
		}
	}
}

// isName reports whether an expression is nothing but the name.
func isName(e *ast.Expr, name string) bool {
	n, ok := e.Tree.(*expr.Name)
	return ok && n.Ident == name
}

// unreachable reports nodes that can never run: their condition is constantly
// false, or everything that they wait for can never run.
func (c *checker) unreachable(s *Scope) {
	dead := map[*Info]bool{}
	var visit func(*Info) bool
	visited := map[*Info]bool{}
	visit = func(n *Info) bool {
		if visited[n] {
			return dead[n]
		}
		visited[n] = true
		if constFalse(n.Node.When) {
			dead[n] = true
			return true
		}
		data, gone := 0, 0
		for _, e := range n.Edges {
			if e.Class == Data || e.Class == Chained || e.Class == RouteEdge {
				data++
				if visit(e.From) {
					gone++
				}
			}
		}
		dead[n] = data > 0 && data == gone
		return dead[n]
	}
	for _, n := range s.Nodes {
		if n.Export != nil {
			continue // said of the invocation
		}
		if !visit(n) {
			for _, b := range n.bodies() {
				c.unreachable(n.Bodies[b])
			}
			continue
		}
		loc, why := n.Node.Name.Loc, "everything that it waits for can never run"
		if constFalse(n.Node.When) {
			loc, why = n.Node.When.Loc, "its condition is always false"
		}
		c.add(diag.New(diag.UnreachableNode, loc, "node %q can never run: %s", n.Name(), why).
			WithHelp("remove the node, or correct the condition"))
	}
}

func constFalse(e *ast.Expr) bool {
	if e == nil {
		return false
	}
	if e.Mode == ast.Const {
		return !value.Truthy(e.Const)
	}
	l, ok := e.Tree.(*expr.Literal)
	return ok && !value.Truthy(l.Value)
}

// shadowed warns about input fields that have the name of a node.
func (c *checker) shadowed(s *Scope) {
	declared, _ := c.declared()
	for _, name := range declared {
		if n := s.names[name]; n != nil {
			loc := c.doc.Pipeline.Input.Loc
			if in := c.doc.Pipeline.Input.Node; in != nil {
				if p := in.PairOf(name); p != nil {
					loc.Span = p.Key.Span
				} else if props := in.Get("properties"); props != nil && props.PairOf(name) != nil {
					loc.Span = props.PairOf(name).Key.Span
				}
			}
			c.add(diag.New(diag.ShadowedInput, loc, "input field %q has the name of a node, which wins", name).
				WithHelp("rename one of them; the field is reachable as $input.%s", name).
				WithRelated(n.Node.Name.Loc, "the node is declared here"))
		}
	}
}
