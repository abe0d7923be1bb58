package ast

import (
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// outputSource types an output of a macro: a template, or a path as text. A text
// that the build put together, as `{{name}}_last.field`, is a path too.
func (b *builder) outputSource(n *syntax.Node, field string) *Expr {
	if n.Built == syntax.Written && expr.IsTemplate(n.Value) {
		return b.source(n, RoleText, field, schema.Template)
	}
	if _, isText := scalarValue(n); !isText {
		return b.source(n, RoleText, field, schema.Template)
	}
	e := &Expr{Role: RoleText, Field: field, Loc: b.at(n), Node: n}
	b.builtExpression(e, n, schema.Expression)
	return e
}

// builtExpression reads a text as the expression that its place wants. In the
// body of a macro the build may have put the text together: names of nodes are
// written as `{{name}}_step.field`.
func (b *builder) builtExpression(e *Expr, n *syntax.Node, kind schema.Text) {
	e.Text = expr.Text{Src: n.Value, File: b.tree.FileOf(n), Map: b.tree.TextMap(n)}
	var ds []diag.Diagnostic
	if kind == schema.Mapping {
		e.Mode = Mapping
		e.Tree, ds = expr.ParseMapping(e.Text)
	} else {
		e.Mode = Expression
		e.Tree, ds = expr.Parse(e.Text)
	}
	e.Faulty = diag.HasErrors(ds)
	b.ds.Append(ds)
	if !e.Faulty {
		e.Tree = b.build.Fold(n, e.Tree, false)
	}
}

// readsBuilt reports whether a text that the build made is an expression where it
// stands. What a parameter gives as a whole is a value, except in a condition,
// where a text means nothing.
func (b *builder) readsBuilt(n *syntax.Node, role Role, kind schema.Text) bool {
	if len(b.open) == 0 {
		return false
	}
	switch kind {
	case schema.Expression, schema.Condition, schema.Mapping:
		return n.Built == syntax.BuiltText || n.Built == syntax.BuiltValue && (role == RoleWhen || role == RoleCondition)
	}
	return false
}
