package ast

import (
	"strconv"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expand"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/schema"
)

// source types a value that may hold expressions: kind says what its texts are.
// It returns nil for a value that was reported as malformed.
func (b *builder) source(n *syntax.Node, role Role, field string, kind schema.Text) *Expr {
	if n == nil {
		return nil
	}
	n = n.Deref()
	if n == nil {
		return nil
	}
	e := &Expr{Role: role, Field: field, Loc: b.at(n), Node: n}
	switch n.Kind {
	case syntax.Scalar:
		b.scalarSource(e, n, kind)
	case syntax.Sequence:
		e.Mode = List
		for i, item := range n.Items {
			if x := b.source(item, role, field+"["+strconv.Itoa(i)+"]", kind); x != nil {
				e.Items = append(e.Items, x)
			}
		}
		e.fold()
	case syntax.Mapping:
		e.Mode = Object
		for k, v := range n.Entries() {
			if x := b.source(v, role, field+"."+k.Value, kind); x != nil {
				e.Keys = append(e.Keys, b.keyIdent(k))
				e.Items = append(e.Items, x)
			}
		}
		e.fold()
	default:
		return nil
	}
	return e
}

// fold turns a structure without expressions into a constant.
func (e *Expr) fold() {
	for _, x := range e.Items {
		if x.Mode != Const {
			return
		}
	}
	if e.Mode == List {
		items := make([]value.Value, len(e.Items))
		for i, x := range e.Items {
			items[i] = x.Const
		}
		e.Const = value.List(items)
	} else {
		o := value.NewObject(len(e.Items))
		for i, x := range e.Items {
			o.Set(e.Keys[i].Name, x.Const)
		}
		e.Const = o.Value()
	}
	e.Mode, e.Keys, e.Items = Const, nil, nil
}

func (b *builder) scalarSource(e *Expr, n *syntax.Node, kind schema.Text) {
	v, isText := scalarValue(n)
	if isText && b.readsBuilt(n, e.Role, kind) {
		b.builtExpression(e, n, kind)
		return
	}
	if !isText || n.Built != syntax.Written {
		e.Mode, e.Const = Const, v
		return
	}
	template := expr.IsTemplate(n.Value)
	e.Text = expr.Text{Src: n.Value, File: b.tree.FileOf(n), Map: b.tree.TextMap(n)}
	switch {
	case n.Broken && !template:
		e.Mode, e.Const = Const, value.Null
	case template:
		e.Mode = Template
		t, ds := expr.ParseTemplateWith(e.Text, b.names)
		if t != nil {
			e.Tree = t
		}
		e.Faulty = diag.HasErrors(ds)
		b.ds.Append(ds)
	case kind == schema.Expression || kind == schema.Condition:
		e.Mode = Expression
		x, ds := b.operands(n, e.Text, false, func(t expr.Text) (expr.Node, []diag.Diagnostic) { return expr.ParseWith(t, b.names) })
		e.Tree = x
		e.Faulty = diag.HasErrors(ds)
		b.ds.Append(ds)
	case kind == schema.Mapping:
		e.Mode = Mapping
		x, ds := b.operands(n, e.Text, true, expr.ParseMapping)
		e.Tree = x
		e.Faulty = diag.HasErrors(ds)
		b.ds.Append(ds)
	default:
		e.Mode, e.Const = Const, v
		if strings.Contains(n.Value, "${") {
			e.Const = b.data(n)
		}
	}
	if e.Tree != nil && strings.Contains(n.Value, "${") {
		e.Tree = b.build.Env.ExpandTree(n, e.Tree, kind == schema.Mapping || e.Mode == Template)
	}
	if e.Tree != nil && !e.Faulty {
		e.Tree = b.build.Fold(n, e.Tree, false)
		b.absent(e)
	}
	if e.Mode != Const && e.Tree == nil {
		e.Mode, e.Const = Const, value.Null // reported above
	}
}

// operands parses an expression, in which references to the environment stand
// for constants, with secrets also to what the run keeps secret.
func (b *builder) operands(n *syntax.Node, t expr.Text, secrets bool, parse func(expr.Text) (expr.Node, []diag.Diagnostic)) (expr.Node, []diag.Diagnostic) {
	masked, refs := expand.MaskOperands(t.Src)
	t.Src = masked
	x, ds := parse(t)
	if x != nil {
		x = b.build.Env.FillOperands(n, x, refs, secrets)
	}
	return x, ds
}

// Value is the constant that a node of the tree stands for: plain data as JSON
// would have it, with YAML 1.2's scalars.
func Value(n *syntax.Node) value.Value {
	n = n.Deref()
	if n == nil {
		return value.Null
	}
	switch n.Kind {
	case syntax.Scalar:
		v, _ := scalarValue(n)
		return v
	case syntax.Sequence:
		items := make([]value.Value, len(n.Items))
		for i, x := range n.Items {
			items[i] = Value(x)
		}
		return value.List(items)
	case syntax.Mapping:
		o := value.NewObject(len(n.Pairs))
		for k, v := range n.Entries() {
			o.Set(k.Value, Value(v))
		}
		return o.Value()
	}
	return value.Null
}

// Walk calls f for e and every expression in it.
func (e *Expr) Walk(f func(*Expr)) {
	if e == nil {
		return
	}
	f(e)
	for _, x := range e.Items {
		x.Walk(f)
	}
}
