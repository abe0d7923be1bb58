package lower

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/source"
)

// expr lowers an expression of a node; nil stays nil.
func (l *lowerer) expr(info *check.Info, e *ast.Expr) *ir.Expr {
	if e == nil {
		return nil
	}
	x := l.exprValue(info, e)
	return &x
}

func (l *lowerer) exprValue(info *check.Info, e *ast.Expr) ir.Expr {
	out := ir.Expr{At: l.place(e.Loc)}
	switch e.Mode {
	case ast.Const:
		out.Mode, out.Const = ir.ModeConst, e.Const
		return out
	case ast.List:
		out.Mode = ir.ModeList
		for _, x := range e.Items {
			out.Items = append(out.Items, l.exprValue(info, x))
		}
		return out
	case ast.Object:
		out.Mode = ir.ModeObject
		for i, x := range e.Items {
			out.Keys = append(out.Keys, e.Keys[i].Name)
			out.Items = append(out.Items, l.exprValue(info, x))
		}
		return out
	case ast.Expression:
		out.Mode = ir.ModeExpr
	case ast.Template:
		out.Mode = ir.ModeTemplate
	case ast.Mapping:
		out.Mode = ir.ModeMapping
	}
	out.Text = e.Text.Src
	tree, slots := info.Tree(e), info.Slots[e]
	out.Tree = expr.Encode(tree)
	for _, r := range expr.Refs(tree) {
		out.Slots = l.slot(out.Slots, slots, r)
	}
	out.Map = l.marks(e.Text)
	return out
}

// slot adds the slot of a reference unless it is there.
func (l *lowerer) slot(out []ir.Slot, slots []check.Slot, r expr.Ref) []ir.Slot {
	for _, s := range out {
		if s.Head == r.Head && s.Namespace == r.Namespace {
			return out
		}
	}
	for _, s := range slots {
		if s.Namespace != r.Namespace || s.Head != r.Head {
			continue
		}
		x := ir.Slot{Head: r.Head, Namespace: s.Namespace, Kind: ir.SlotKind(s.Kind), Up: s.Up, Index: s.Index, Loop: s.Loop, Whole: s.Whole}
		if s.Node != nil {
			x.Index = s.Node.Index
		}
		return append(out, x)
	}
	return out
}

// marks writes a text's map down as lines and columns.
func (l *lowerer) marks(t expr.Text) []ir.Mark {
	if t.File == nil {
		return nil
	}
	var out []ir.Mark
	for _, s := range t.Map.Segments {
		at := source.Location{File: t.File, Span: source.Span{Start: s.File, End: s.File}}.Written()
		p := at.File.Position(int(at.Span.Start))
		out = append(out, ir.Mark{Text: int(s.Text), Line: p.Line, Column: p.Column, Offset: p.Offset, Exact: s.Exact && !t.File.Derived()})
	}
	return out
}

func (l *lowerer) bindings(info *check.Info, in []*ast.Binding) []ir.Binding {
	var out []ir.Binding
	for _, b := range in {
		out = append(out, ir.Binding{Name: b.Name.Name, Expr: l.exprValue(info, b.Expr), At: l.place(b.Name.Loc)})
	}
	return out
}
