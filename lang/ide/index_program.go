package ide

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// program notes what the expressions of a checked pipeline read.
func (x *indexer) program(d *compile.Checked) {
	p := d.Program
	p.Scope.Each(func(info *check.Info) {
		x.nodeSymbol(info)
		for _, b := range info.Node.Mapping {
			x.declare(SymbolTarget, b.Name)
		}
		x.fields(info)
		if co := info.Node.Composite; co != nil {
			for _, id := range []ast.Ident{co.ItemVar, co.IndexVar} {
				if !id.Loc.IsZero() {
					x.declare(SymbolLoop, id)
				}
			}
		}
	})
	if in := d.Doc.Pipeline.Input; in != nil {
		for _, k := range schemaKeys(in.Node) {
			sym := x.declare(SymbolInput, x.identIn(in.Loc.File, k))
			if in.Type != nil {
				if f, ok := in.Type.Field(k.Value); ok {
					sym.Type, sym.Detail = f.Type, f.Doc
				}
			}
		}
	}
	p.Scope.Each(func(info *check.Info) {
		info.EachExpr(func(e *ast.Expr) { x.expression(info, e) })
	})
	for _, o := range p.Output {
		path := o.Entry.Path
		x.note(path[0].Loc, x.nodeSymbol(o.Node), false, false)
		x.path(o.Node, path[1:], false)
	}
}

// nodeSymbol is the symbol of a node.
func (x *indexer) nodeSymbol(info *check.Info) *Symbol {
	id := info.Node.Name
	if id.Loc.IsZero() {
		return nil
	}
	// A node in the expansion of a macro is called as the macro calls it.
	name := info.LocalName()
	if info.Export != nil {
		name = info.Export.LocalName()
	}
	if id.Loc.File.Derived() {
		return nil // written by a template
	}
	sym := x.symbol(SymbolNode, name, locate(x.snap, id.Loc))
	if sym.Info == nil {
		sym.Info, sym.Type = info, info.Result
		x.note(id.Loc, sym, true, false)
	}
	return sym
}

func (x *indexer) identIn(f *source.File, n *syntax.Node) ast.Ident {
	return ast.Ident{Name: n.Value, Loc: source.Location{File: f, Span: n.Span}, Node: n}
}

// schemaKeys are the keys that declare the fields of a schema: of the flat form,
// or of the `properties` of a JSON Schema.
func schemaKeys(n *syntax.Node) []*syntax.Node {
	n = properties(n)
	if n == nil {
		return nil
	}
	var out []*syntax.Node
	for k := range n.Entries() {
		if k.Kind == syntax.Scalar {
			out = append(out, k)
		}
	}
	return out
}

// properties is the mapping from fields to types in a schema; nil if there is
// none.
func properties(n *syntax.Node) *syntax.Node {
	n = n.Deref()
	if n == nil || n.Kind != syntax.Mapping {
		return nil
	}
	if p := n.Get("properties").Deref(); p != nil && p.Kind == syntax.Mapping {
		return p
	}
	if t := n.Get("type").Deref(); t != nil && t.Kind == syntax.Scalar && (n.Get("$defs") != nil || n.Get("items") != nil || n.Get("additionalProperties") != nil) {
		return nil // a JSON Schema without properties
	}
	return n
}

// fields declares the fields of a node's result.
func (x *indexer) fields(info *check.Info) {
	declare := func(id ast.Ident) {
		if id.Loc.IsZero() {
			return
		}
		sym := x.declare(SymbolField, id)
		sym.Info = info
		if info.Result != nil {
			if f, ok := info.Result.Field(id.Name); ok {
				sym.Type, sym.Detail = f.Type, f.Doc
			}
		}
		if program := x.checked(); sym.Type == nil && info.Node.Expression != nil {
			if v, ok := program.Find(check.Place{Info: info, Role: ast.RoleVariable, Var: len(info.Node.Expression.Vars)}, id.Name, false); ok {
				sym.Type = v.Type
			}
		}
	}
	switch n := info.Node; {
	case n.Expression != nil:
		for _, v := range n.Expression.Vars {
			declare(v.Name)
		}
		for _, f := range n.Expression.Fields {
			for _, v := range n.Expression.Vars {
				if v.Name.Name == f.Name {
					x.note(f.Loc, x.symbol(SymbolField, f.Name, locate(x.snap, v.Name.Loc)), false, false)
				}
			}
		}
	case n.Data != nil:
		for _, o := range n.Data.Output {
			declare(o.Name)
		}
	case n.Output != nil:
		for _, k := range schemaKeys(n.Output.Node) {
			declare(x.identIn(n.Output.Loc.File, k))
		}
	}
}

// checked is the document's program, or the body of a macro.
func (x *indexer) checked() *check.Program {
	if x.doc.Program != nil {
		return x.doc.Program
	}
	return x.doc.Generic
}

// fieldDef is where a field of a node's result is declared.
func (x *indexer) fieldDef(info *check.Info, name string) (ast.Ident, bool) {
	switch n := info.Node; {
	case n.Expression != nil:
		for _, v := range n.Expression.Vars {
			if v.Name.Name == name {
				return v.Name, true
			}
		}
	case n.Data != nil:
		for _, o := range n.Data.Output {
			if o.Name.Name == name {
				return o.Name, true
			}
		}
	case n.Output != nil:
		for _, k := range schemaKeys(n.Output.Node) {
			if k.Value == name {
				return x.identIn(n.Output.Loc.File, k), true
			}
		}
	}
	return ast.Ident{}, false
}

// path notes the first field of a path below a node's result.
func (x *indexer) path(info *check.Info, path []ast.Ident, text bool) {
	if len(path) > 1 && path[0].Name == "output" {
		if _, ok := x.fieldDef(info, "output"); !ok {
			path = path[1:]
		}
	}
	if len(path) == 0 {
		return
	}
	if def, ok := x.fieldDef(info, path[0].Name); ok {
		x.note(path[0].Loc, x.symbol(SymbolField, def.Name, locate(x.snap, def.Loc)), false, text)
	}
}

// expression notes the names that an expression reads.
func (x *indexer) expression(info *check.Info, e *ast.Expr) {
	if e.Tree == nil {
		return
	}
	free := map[source.Span]bool{}
	for _, r := range expr.Refs(e.Tree) {
		free[r.HeadSpan] = true
		x.ref(info, e, r)
	}
	x.locals(e, free)
}

func (x *indexer) ref(info *check.Info, e *ast.Expr, r expr.Ref) {
	var slot check.Slot
	found := false
	for _, s := range info.Slots[e] {
		if s.Head == r.Head && s.Namespace == r.Namespace {
			slot, found = s, true
			break
		}
	}
	if !found {
		return
	}
	head := e.Text.Loc(r.HeadSpan)
	path := make([]ast.Ident, 0, len(r.Path))
	for _, seg := range r.Path {
		path = append(path, ast.Ident{Name: seg.Name, Loc: e.Text.Loc(seg.Span)})
	}
	up := info
	for i := 0; i < slot.Up && up.Scope.Owner != nil; i++ {
		up = up.Scope.Owner
	}
	switch slot.Kind {
	case check.SlotNode:
		if in := slot.Node.Export; in != nil {
			// INVOCATION_NODE: two names in one.
			inv := in.Scope.Owner
			cut := r.HeadSpan.Start + int32(len(inv.Name()))
			if !strings.HasPrefix(r.Head, inv.Name()+"_") || cut >= r.HeadSpan.End {
				return
			}
			x.note(e.Text.Loc(source.Span{Start: r.HeadSpan.Start, End: cut}), x.nodeSymbol(inv), false, true)
			x.note(e.Text.Loc(source.Span{Start: cut + 1, End: r.HeadSpan.End}), x.nodeSymbol(slot.Node), false, true)
			x.path(in, path, true)
			return
		}
		name := slot.Node.LocalName()
		if name != r.Head { // a node inside of a macro's invocation
			if !strings.HasPrefix(r.Head, name+"_") {
				return
			}
			head = e.Text.Loc(source.Span{Start: r.HeadSpan.Start, End: r.HeadSpan.Start + int32(len(name))})
			x.note(head, x.nodeSymbol(slot.Node), false, true)
			return
		}
		x.note(head, x.nodeSymbol(slot.Node), false, true)
		x.path(slot.Node, path, true)
	case check.SlotVar:
		if ex := info.Node.Expression; ex != nil && slot.Index < len(ex.Vars) {
			x.note(head, x.symbol(SymbolField, r.Head, locate(x.snap, ex.Vars[slot.Index].Name.Loc)), false, true)
		}
	case check.SlotTarget:
		if sym := x.argument(up, slot); sym != nil {
			x.note(head, sym, false, true)
		} else if slot.Index < len(up.Node.Mapping) {
			x.note(head, x.symbol(SymbolTarget, r.Head, locate(x.snap, up.Node.Mapping[slot.Index].Name.Loc)), false, true)
		}
	case check.SlotLoop:
		if r.Namespace || up.Node.Composite == nil {
			return
		}
		for _, id := range []ast.Ident{up.Node.Composite.ItemVar, up.Node.Composite.IndexVar} {
			if id.Name == r.Head && !id.Loc.IsZero() {
				x.note(head, x.symbol(SymbolLoop, r.Head, locate(x.snap, id.Loc)), false, true)
			}
		}
	case check.SlotInput:
		if len(path) > 0 && !r.Path[0].Index {
			x.note(path[0].Loc, x.input(path[0].Name), false, true)
		}
	case check.SlotBare:
		for at := info; at != nil; at = at.Scope.Owner {
			if at.Single == nil {
				continue
			}
			if def, ok := x.fieldDef(at.Single, r.Head); ok {
				x.note(head, x.symbol(SymbolField, r.Head, locate(x.snap, def.Loc)), false, true)
				return
			}
		}
		if r.Head == "input" && len(path) > 0 {
			x.note(path[0].Loc, x.input(path[0].Name), false, true)
			return
		}
		x.note(head, x.input(r.Head), false, true)
	}
}

// input is the symbol of a field of the run's input.
func (x *indexer) input(name string) *Symbol {
	if p := x.doc.Doc.Pipeline; p != nil && p.Input != nil { // a macro has none
		in := p.Input
		for _, k := range schemaKeys(in.Node) {
			if k.Value == name {
				return x.symbol(SymbolInput, name, locate(x.snap, source.Location{File: in.Loc.File, Span: k.Span}))
			}
		}
	}
	return x.undeclared(SymbolInput, name)
}

// locals notes the names that an expression binds itself.
func (x *indexer) locals(e *ast.Expr, free map[source.Span]bool) {
	type scope struct {
		span  source.Span
		names []expr.Name
	}
	var scopes []scope
	expr.Walk(e.Tree, func(n expr.Node) bool {
		switch n := n.(type) {
		case *expr.Comp:
			s := scope{span: n.Span()}
			for _, c := range n.Clauses {
				s.names = append(s.names, c.Targets...)
			}
			scopes = append(scopes, s)
		case *expr.For:
			scopes = append(scopes, scope{n.Span(), n.Targets})
		case *expr.Assign:
			// A second `set` of a name is the same name again.
			whole := source.Span{Start: n.Target.Span().Start, End: e.Tree.Span().End}
			known := false
			for _, s := range scopes {
				for _, t := range s.names {
					known = known || t.Ident == n.Target.Ident && s.span.End == whole.End
				}
			}
			if !known {
				scopes = append(scopes, scope{whole, []expr.Name{n.Target}})
			}
		}
		return true
	})
	if len(scopes) == 0 {
		return
	}
	use := func(name string, span source.Span, def bool) {
		for i := len(scopes) - 1; i >= 0; i-- {
			s := scopes[i]
			if !s.span.Encloses(span) {
				continue
			}
			for _, t := range s.names {
				if t.Ident == name {
					sym := x.symbol(SymbolLocal, name, locate(x.snap, e.Text.Loc(t.Span())))
					x.note(e.Text.Loc(span), sym, def || span == t.Span(), true)
					return
				}
			}
		}
	}
	for _, s := range scopes {
		for _, t := range s.names {
			use(t.Ident, t.Span(), true)
		}
	}
	expr.Walk(e.Tree, func(n expr.Node) bool {
		switch n := n.(type) {
		case *expr.Name:
			if !free[n.Span()] {
				use(n.Ident, n.Span(), false)
			}
		case *expr.Assign:
			use(n.Target.Ident, n.Target.Span(), false)
		}
		return true
	})
}
