package ide

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/compile"
)

// macroBody notes what the expressions in the body of a macro read, whoever
// invokes it: what is known of the body when its parameters have no values. An
// invocation knows more about types, but it has no trace of a parameter whose
// argument is a constant.
func (x *indexer) macroBody(d *compile.Checked) {
	x.doc = d
	d.Generic.Scope.Each(func(info *check.Info) {
		if info.Node.Macro == nil || !info.Node.Macro.Generic {
			x.nodeSymbol(info)
			x.fields(info)
		}
		for _, b := range info.Node.Mapping {
			x.declare(SymbolTarget, b.Name)
		}
		if co := info.Node.Composite; co != nil {
			for _, id := range []ast.Ident{co.ItemVar, co.IndexVar} {
				if !id.Loc.IsZero() {
					x.declare(SymbolLoop, id)
				}
			}
		}
	})
	d.Generic.Scope.Each(func(info *check.Info) {
		info.EachExpr(func(e *ast.Expr) { x.expression(info, e) })
		if info.Tail != nil {
			info.Tail.EachExpr(func(e *ast.Expr) { x.expression(info.Tail, e) })
		}
	})
}

// argument notes a parameter that is read in the body of an invocation: slot is
// one of its arguments.
func (x *indexer) argument(owner *check.Info, slot check.Slot) *Symbol {
	inv := owner.Node.Macro
	i := slot.Index - len(owner.Node.Mapping)
	if inv == nil || i < 0 || i >= len(inv.Args) {
		return nil
	}
	id := inv.Args[i].Param.Name
	if id.Loc.IsZero() || id.Loc.File.Derived() {
		return nil
	}
	return x.symbol(SymbolParameter, id.Name, locate(x.snap, id.Loc))
}
