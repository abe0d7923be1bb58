package ast

import (
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expand"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// repeat types the nodes of `{for: x, in: EXPR, nodes: […]}` once for each item.
func (b *builder) repeat(nodes []*Node, c *expand.Composed, item *syntax.Node, scope *expand.Scope, inst string, limit int) []*Node {
	name, list := item.Get("for").Deref(), item.Get("nodes").Deref()
	if name == nil || name.Kind != syntax.Scalar || list == nil || list.Kind != syntax.Sequence {
		return nodes // reported by the schema
	}
	if !expr.IsIdentifier(name.Value) {
		b.ds.Add(diag.New(diag.BadRepetition, b.at(name), "%q cannot be written in a template", name.Value).
			WithHelp("use letters, digits and underscores"))
		return nodes
	}
	items, ok := b.repetition(item.Get("in").Deref())
	if !ok {
		return nodes
	}
	build := b.build
	for _, v := range items {
		if b.stop(limit) {
			break
		}
		inner := expand.NewScope(scope)
		inner.Bind(expand.Binding{Name: name.Value, Loc: b.at(name), Value: v})
		b.build = c.Document(list, inner, false, &b.ds)
		nodes = b.bodyNodes(nodes, c, list.Items, inner, inst, limit)
		b.env = append(b.env, b.build.Env.Uses()...)
	}
	b.build = build
	return nodes
}

// repetition is the list that a repetition goes over; ok is false if there is
// none, which was reported or, in a generic body, is not known.
func (b *builder) repetition(n *syntax.Node) (items []value.Value, ok bool) {
	if n == nil {
		return nil, false
	}
	n = b.build.EvaluateNode(n, true).Deref()
	if n == nil || b.build.Failed(n) {
		return nil, false
	}
	fail := func(loc source.Location, help, format string, args ...any) ([]value.Value, bool) {
		if !b.generic {
			b.ds.Add(diag.New(diag.BadRepetition, loc, format, args...).WithHelp("%s", help))
		}
		return nil, false
	}
	var v value.Value
	switch {
	case n.Kind == syntax.Sequence:
		for _, x := range n.Items {
			v, _, ok := b.build.Value(x)
			if !ok {
				return nil, false
			}
			items = append(items, v)
		}
		return items, true
	case n.Kind != syntax.Scalar:
		return nil, false // reported by the schema
	case n.Built != syntax.Written || expr.IsTemplate(n.Value):
		if v, _, ok = b.build.Value(n); !ok {
			if expr.IsTemplate(n.Value) && b.generic {
				return nil, false
			}
			return nil, false
		}
	default:
		text := expr.Text{Src: n.Value, File: b.tree.FileOf(n), Map: b.tree.TextMap(n)}
		tree, ds := expr.Parse(text)
		if diag.HasErrors(ds) {
			b.ds.Append(ds)
			return nil, false
		}
		for _, r := range expr.Refs(tree) {
			if bound := b.bound(r.Head); r.Namespace || bound == nil || bound.Open {
				return fail(text.Loc(r.HeadSpan), "a repetition is made when the manifest is built, so it may read parameters that have a value then; at run time, use a composite_node",
					"%q is not known when the manifest is built", r.Head)
			}
		}
		out, errs := expr.Build(expr.NewListOf(tree), b.build.Known())
		if v, ok = expr.Constant(out); !ok {
			help, msg := "give a list", "the list cannot be computed"
			if len(errs) > 0 {
				msg = errs[0].Msg
			}
			return fail(b.at(n), help, "%s", msg)
		}
	}
	if v.IsNull() || v.IsMissing() {
		return nil, true
	}
	if _, text := v.AsString(); text {
		return fail(b.at(n), "write an expression, or a template that gives a list", "a text is no list to go over")
	}
	items, err := value.Iterate(v)
	if err != nil {
		return fail(b.at(n), "give a list", "%s is nothing to go over", kindOf(v))
	}
	return items, true
}

// bound is what a name of the body is bound to, nil for nothing.
func (b *builder) bound(name string) *expand.Binding { return b.build.Bound(name) }
