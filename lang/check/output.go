package check

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/syntax"
)

// output resolves the declared result. It makes no edges: the output is read
// when the run has ended.
func (c *checker) output(p *Program) {
	for _, o := range c.doc.Pipeline.Output {
		if len(o.Path) == 0 {
			continue
		}
		head := o.Path[0]
		if d, bad := notAPath(o, p.Scope); bad {
			c.add(d)
			continue
		}
		n := p.Scope.find(head.Name, nil)
		if n == nil {
			c.add(suggestNode(diag.New(diag.UnknownOutput, head.Loc, "output %q reads unknown node %q", o.Name.Name, head.Name), p.Scope, head))
			continue
		}
		out := Output{Entry: o, Node: n}
		for _, f := range o.Path[1:] {
			out.Path = append(out.Path, f.Name)
		}
		p.Output = append(p.Output, out)
	}
}

// notAPath is the finding where an entry holds a template, a namespace or an
// expression: the commonest mistakes, since other fields take them.
func notAPath(o *ast.OutputEntry, s *Scope) (diag.Diagnostic, bool) {
	parts := make([]string, len(o.Path))
	for i, f := range o.Path {
		parts[i] = f.Name
	}
	text := strings.Join(parts, ".")
	at := o.Path[0].Loc
	at.Span = at.Span.Join(o.Path[len(o.Path)-1].Loc.Span)
	inner, template := strings.CutPrefix(strings.TrimSpace(text), "{{")
	inner, closed := strings.CutSuffix(inner, "}}")
	const way = "an entry is NODE or NODE.FIELD; compute other values in a data_node or an expression_node"
	switch {
	case template && closed && isPath(strings.TrimSpace(inner)):
		inner = strings.TrimSpace(inner)
		head, _, _ := strings.Cut(inner, ".")
		return diag.New(diag.UnknownOutput, at, "output %q is a template, but it takes the path of a result", o.Name.Name).
			WithHelp("write %s", inner).WithFix("take the braces away", s.find(head, nil) != nil, diag.Edit{Loc: at, NewText: inner}), true
	case strings.HasPrefix(text, "$"):
		return diag.New(diag.UnknownOutput, at, "output %q reads %q, but it takes the path of a node's result", o.Name.Name, text).WithHelp(way), true
	case !isPath(text):
		return diag.New(diag.UnknownOutput, at, "output %q is not the path of a result: %q", o.Name.Name, text).WithHelp(way), true
	}
	return diag.Diagnostic{}, false
}

// isPath reports whether text is made of names and dots. Names of nodes may have
// hyphens.
func isPath(text string) bool {
	for part := range strings.SplitSeq(text, ".") {
		if part == "" || strings.ContainsAny(part, " \t\n{}()[]+*/%|&<>=!?,:;'\"$") {
			return false
		}
	}
	return true
}

// outputTypes reports paths below a result that its closed type does not have.
func (c *checker) outputTypes(p *Program) {
	for i := range p.Output {
		o := &p.Output[i]
		t := o.Node.Result
		path := o.Entry.Path[1:]
		// NODE.output means the whole result where there is no such field
		if len(path) > 0 && path[0].Name == "output" && !o.Node.hasOutput() && closedResult(o.Node) {
			o.Path, path = o.Path[1:], path[1:]
		}
		for _, f := range path {
			if t == nil || t.IsAny() {
				break
			}
			next, ok := t.Field(f.Name)
			if !ok {
				d := diag.New(diag.ExprUnknownField, f.Loc, "%s has no field %q", t, f.Name)
				if best := suggest.Best(f.Name, t.FieldNames()); best != "" {
					d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: f.Loc, NewText: best})
				}
				c.add(d)
				break
			}
			t = next.Type
		}
	}
}

// closedResult reports whether the fields of the node's result are known.
func closedResult(n *Info) bool {
	if n.Result == nil || n.Result.IsAny() {
		return false
	}
	_, open := n.Result.Field("output")
	return !open
}

// hasOutput reports whether the node's result surely has a field "output", so
// that `NODE.output` means the field and not the whole result.
func (n *Info) hasOutput() bool {
	if n.Result == nil || n.Result.IsAny() {
		return false
	}
	f, ok := n.Result.Field("output")
	return ok && !f.Optional
}

// whole rewrites `NODE.output` to one name where it may mean the node's whole
// result: always, if its type is known and has no such field; at run time, if
// the type is unknown and the result turns out to have none.
func (n *Info) whole(e *ast.Expr) {
	slots := n.Slots[e]
	var free map[source.Span]bool
	tree := expr.Rewrite(e.Tree, func(x expr.Node) expr.Node {
		a, ok := x.(*expr.Attr)
		if !ok || a.Name != "output" {
			return x
		}
		head, ok := a.X.(*expr.Name)
		if !ok {
			return x
		}
		if free == nil {
			free = map[source.Span]bool{}
			for _, r := range expr.Refs(e.Tree) {
				free[r.HeadSpan] = true
			}
		}
		for _, s := range slots {
			if s.Kind != SlotNode || s.Head != head.Ident || s.Whole || !free[head.Span()] || s.Node.hasOutput() {
				continue
			}
			name := head.Ident + ".output"
			known := false
			for _, t := range n.Slots[e] {
				known = known || t.Head == name
			}
			if !known {
				s.Head, s.Whole = name, true
				n.Slots[e] = append(n.Slots[e], s)
			}
			return expr.NewName(name, a.Span())
		}
		return x
	})
	if tree != e.Tree {
		n.trees[e] = tree
	}
}

// Tree is the tree of an expression with the meaning of `NODE.output` settled.
func (n *Info) Tree(e *ast.Expr) expr.Node {
	if t, ok := n.trees[e]; ok {
		return t
	}
	return e.Tree
}

func (c *checker) loc(info *Info, n *syntax.Node) source.Location {
	if n == nil {
		return info.Node.Name.Loc
	}
	return c.doc.File.Loc(n)
}

// addToList attaches the fix that adds a name to the node's dependencies.
func addToList(d diag.Diagnostic, info *Info, at source.Location, name string) diag.Diagnostic {
	list := info.Node.DepsAt
	if list == nil || list.Kind != syntax.Sequence || list.Style != syntax.Flow {
		return d
	}
	end := int(list.Span.End) - 1
	if end <= int(list.Span.Start) || at.File.Text()[end] != ']' {
		return d
	}
	text := name
	if len(list.Items) > 0 {
		last := list.Items[len(list.Items)-1]
		end = int(last.Span.End)
		text = ", " + name
	}
	edit := source.Location{File: at.File, Span: source.Span{Start: int32(end), End: int32(end)}}
	return d.WithFix("add \""+name+"\" to the dependencies", true, diag.Edit{Loc: edit, NewText: text})
}

// EachExpr calls f for every expression of a node.
func (n *Info) EachExpr(f func(*ast.Expr)) {
	n.Node.When.Walk(f)
	for _, b := range n.Node.Mapping {
		b.Expr.Walk(f)
	}
	for _, t := range n.Node.Texts {
		t.Walk(f)
	}
}
