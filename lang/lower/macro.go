package lower

import (
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/source"
)

// macro lowers an invocation: its body once, the arguments that are computed in
// the caller's scope, and what it gives.
func (l *lowerer) macro(out *ir.Node, info *check.Info, prefix string) {
	inv := info.Node.Macro
	out.Kind = "macro_invocation"
	for _, a := range inv.Args {
		out.Args = append(out.Args, ir.Binding{Name: a.Param.Name.Name, Expr: l.exprValue(info, a.Expr), At: l.place(a.Expr.Loc)})
	}
	scope := info.Bodies[inv.Body]
	body := l.body(scope, prefix+info.LocalName()+"/")
	c := &ir.Composite{Mode: ir.ModeMacro, Body: &body}
	for _, exit := range scope.Exits {
		c.Exits = append(c.Exits, exit.Index)
	}
	if info.Tail != nil {
		c.Outputs = []ir.Binding{}
		c.Outputs = append(c.Outputs, l.bindings(info.Tail, inv.Outputs)...)
	}
	out.Composite = c
}

// export lowers a node that stands for one inside of an invocation.
func (l *lowerer) export(out *ir.Node, info *check.Info) {
	out.Export = &ir.Export{Owner: info.Edges[0].From.Index, Node: info.Export.Index}
	at := info
	for at.Export != nil {
		at = at.Export
	}
	out.Kind = at.Node.Kind
}

// via is the chain of calls that lead to a file.
func (l *lowerer) via(f *source.File) []ir.Place {
	var out []ir.Place
	for _, at := range f.Via() {
		out = append(out, l.place(at))
	}
	return out
}
