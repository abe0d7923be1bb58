package ide

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/expr"
)

// hintArguments adds the names of arguments whose place alone says what they
// are: constants behind the first argument of a call.
func hintArguments(info *check.Info, add func(Hint)) {
	docs := map[string]expr.FuncDoc{}
	for _, f := range expr.Functions() {
		docs[f.Name] = f
	}
	info.EachExpr(func(e *ast.Expr) {
		if e.Tree == nil {
			return
		}
		expr.Walk(e.Tree, func(n expr.Node) bool {
			call, ok := n.(*expr.Call)
			if !ok || call.X != nil || len(call.Args) < 2 {
				return true
			}
			f, ok := docs[call.Func]
			if !ok {
				return true
			}
			for i, arg := range call.Args {
				if i == 0 || i >= len(f.Params) || f.Params[i].Variadic || f.Params[0].Variadic {
					continue
				}
				if _, constant := arg.(*expr.Literal); constant {
					at := e.Text.Loc(arg.Span())
					add(Hint{Offset: int(at.Span.Start), Label: f.Params[i].Name + ":", Kind: HintParameter})
				}
			}
			return true
		})
	})
}
