package faultseed

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// exprs calls f for every expression and template of the checked pipelines that
// stands in the file as it was written, with what its heads mean.
func (p *Program) exprs(f func(*ast.Expr, []check.Slot)) {
	seen := map[source.Span]bool{}
	p.infos(func(n *check.Info) {
		for e, slots := range n.Slots {
			if e.Tree != nil && !e.Faulty && e.Text.File == p.analysis.Source && !seen[e.Loc.Span] {
				seen[e.Loc.Span] = true
				f(e, slots)
			}
		}
	})
}

// sorted is exprs in the order of the file.
func (pl *planter) sorted(f func(*ast.Expr, []check.Slot)) {
	type one struct {
		e     *ast.Expr
		slots []check.Slot
	}
	at := map[int32]one{}
	top := int32(0)
	pl.exprs(func(e *ast.Expr, slots []check.Slot) {
		at[e.Loc.Span.Start] = one{e, slots}
		top = max(top, e.Loc.Span.Start)
	})
	for i := range top + 1 {
		if x, ok := at[i]; ok {
			f(x.e, x.slots)
		}
	}
}

// place is the part of the file that a span of an expression's text is, if it
// reads the same there.
func (pl *planter) place(e *ast.Expr, s source.Span) (source.Span, bool) {
	l := e.Text.Loc(s)
	if l.File != pl.analysis.Source || int(l.Span.End) > len(pl.text) {
		return l.Span, false
	}
	return l.Span, pl.text[l.Span.Start:l.Span.End] == e.Text.Src[s.Start:s.End]
}

// refs calls f for every name that is read for certain, with its slot.
func (pl *planter) refs(f func(e *ast.Expr, r *expr.Ref, s check.Slot)) {
	pl.sorted(func(e *ast.Expr, slots []check.Slot) {
		refs := expr.Refs(e.Tree)
		for i := range refs {
			r := &refs[i]
			if r.Guarded {
				continue
			}
			for _, s := range slots {
				if s.Head == r.Head && s.Namespace == r.Namespace {
					f(e, r, s)
					break
				}
			}
		}
	})
}

func (pl *planter) respell(e *ast.Expr, s source.Span, name string, known func(string) bool) {
	span, ok := pl.place(e, s)
	if !ok {
		return
	}
	wrong := misspell(name, int(span.Start), func(s string) bool { return expr.IsIdentifier(s) && !known(s) })
	if wrong == "" {
		return
	}
	seed := pl.add(near(name), change{span, wrong})
	pl.about(seed, span)
}

// head misspells names of nodes where a field of them is read. A bare name alone
// may be a field of the run's input, so it is no fault.
func (pl *planter) head() {
	pl.refs(func(e *ast.Expr, r *expr.Ref, s check.Slot) {
		if s.Kind != check.SlotNode || r.Namespace || len(r.Path) == 0 || s.Node == nil || s.Node.Export != nil || s.Node.Node.Macro != nil {
			return
		}
		name, _, whole := strings.Cut(r.Head, ".")
		if whole || e.Mode == ast.Template && len(name) < 4 {
			return // of a template's short name nobody knows what it was meant to be
		}
		pl.respell(e, r.HeadSpan, r.Head, func(s string) bool { return pl.nodes[s] })
	})
}

// member misspells a field where the type of what has it is closed.
func (pl *planter) member() {
	pl.refs(func(e *ast.Expr, r *expr.Ref, s check.Slot) {
		if len(r.Path) == 0 || r.Path[0].Index {
			return
		}
		name := r.Path[0].Name
		switch s.Kind {
		case check.SlotNode:
			if s.Whole || s.Node == nil {
				return
			}
			t := s.Node.Result
			if t == nil || t.Kind != expr.TypeObject || t.Open || len(t.Fields) == 0 {
				return
			}
			known := map[string]bool{}
			for _, f := range t.Fields {
				known[f.Name] = true
			}
			if known[name] {
				pl.respell(e, r.Path[0].Span, name, func(s string) bool { return known[s] })
			}
		case check.SlotCtx:
			pl.respell(e, r.Path[0].Span, name, func(string) bool { return false })
		case check.SlotInput:
			if r.Namespace && pl.declares(e, name) {
				pl.respell(e, r.Path[0].Span, name, func(s string) bool { return pl.declares(e, s) })
			}
		}
	})
}

// declares reports whether the input_schema of the document that an expression
// stands in has a field.
func (pl *planter) declares(e *ast.Expr, name string) bool {
	for _, o := range pl.docs {
		f := o.Object("spec").Get("input_schema")
		if f == nil || e.Loc.Span.Start < o.Node.Span.Start || e.Loc.Span.Start >= o.Node.Span.End {
			continue
		}
		m := f.Value
		if props := m.Get("properties"); props != nil {
			m = props
		}
		return m.Get(name) != nil
	}
	return false
}

func (pl *planter) namespace() {
	pl.refs(func(e *ast.Expr, r *expr.Ref, s check.Slot) {
		if !r.Namespace || !strings.HasPrefix(e.Text.Src[r.HeadSpan.Start:], "$") {
			return
		}
		inner := source.Span{Start: r.HeadSpan.Start + 1, End: r.HeadSpan.End}
		pl.respell(e, inner, r.Head, func(s string) bool {
			for _, n := range expr.Namespaces() {
				if n.Name == s {
					return true
				}
			}
			return false
		})
	})
}

func (pl *planter) parts(f func(e *ast.Expr, n expr.Node)) {
	pl.sorted(func(e *ast.Expr, _ []check.Slot) {
		expr.Walk(e.Tree, func(n expr.Node) bool {
			f(e, n)
			return true
		})
	})
}

func (pl *planter) function() {
	pl.parts(func(e *ast.Expr, n expr.Node) {
		if c, ok := n.(*expr.Call); ok && c.X == nil {
			pl.respell(e, c.FuncSpan, c.Func, expr.IsFunction)
		}
	})
}

func (pl *planter) method() {
	pl.parts(func(e *ast.Expr, n expr.Node) {
		if c, ok := n.(*expr.Call); ok && c.X != nil {
			pl.respell(e, c.FuncSpan, c.Func, func(s string) bool { return strings.HasSuffix(s, "strip") })
		}
	})
}

func (pl *planter) filter() {
	known := map[string]bool{}
	for _, f := range expr.Filters() {
		known[f.Name] = true
	}
	pl.parts(func(e *ast.Expr, n expr.Node) {
		if c, ok := n.(*expr.Filter); ok {
			pl.respell(e, c.NameSpan, c.Name, func(s string) bool { return known[s] })
		}
	})
}

func (pl *planter) arity() {
	pl.parts(func(e *ast.Expr, n expr.Node) {
		c, ok := n.(*expr.Call)
		if !ok || c.X != nil || len(c.Args) == 0 || len(c.Keywords) > 0 || e.Node.Style == syntax.Plain && inFlow(e.Node) {
			return
		}
		switch c.Func {
		case "len", "abs", "int", "float", "bool", "lower", "upper", "sorted", "sum":
		default:
			return
		}
		span, ok := pl.place(e, c.Span())
		if ok && pl.text[span.End-1] == ')' {
			s := pl.add("", change{source.Span{Start: span.End - 1, End: span.End - 1}, ", 1, 2, 3, 4, 5"})
			pl.about(s, span)
		}
	})
}

// whole calls f for the place of every text that is an expression.
func (pl *planter) whole(f func(span source.Span)) {
	pl.sorted(func(e *ast.Expr, _ []check.Slot) {
		if e.Mode != ast.Expression {
			return
		}
		if span, ok := pl.place(e, source.Span{End: int32(len(e.Text.Src))}); ok && span.Start < span.End {
			f(span)
		}
	})
}

func (pl *planter) operand() {
	pl.whole(func(s source.Span) {
		pl.about(pl.add("", change{source.Span{Start: s.Start, End: s.Start}, "(1 - null) and "}), s)
	})
}

func (pl *planter) endsEarly() {
	pl.whole(func(s source.Span) {
		pl.about(pl.add("", change{source.Span{Start: s.End, End: s.End}, " +"}), s)
	})
}

func (pl *planter) unclosedParenthesis() {
	pl.whole(func(s source.Span) {
		pl.about(pl.add("", change{source.Span{Start: s.Start, End: s.Start}, "("}), s)
	})
}

func (pl *planter) unclosedTemplate() {
	pl.parts(func(e *ast.Expr, n expr.Node) {
		o, ok := n.(*expr.Output)
		if !ok {
			return
		}
		s := o.Span()
		span, ok := pl.place(e, s)
		if ok && strings.HasSuffix(pl.text[span.Start:span.End], "}}") {
			pl.about(pl.add("", change{source.Span{Start: span.End - 2, End: span.End}, ""}), span)
		}
	})
}
