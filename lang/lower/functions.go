package lower

import (
	"crypto/sha256"
	"encoding/hex"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
)

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// function lowers a reference to code; nil stays nil.
func (l *lowerer) function(f *ast.Function, n *ast.Node) *ir.Function {
	if f == nil {
		return nil
	}
	out := &ir.Function{Scheme: f.Scheme, Name: f.Name, Code: -1, Unpack: f.Unpack, At: l.place(f.Loc)}
	if n.Function == f {
		if n.Input != nil && n.Input.Type != nil {
			out.Input = expr.EncodeType(n.Input.Type)
		}
		if n.Output != nil && n.Output.Type != nil {
			out.Output = expr.EncodeType(n.Output.Type)
		}
	}
	switch f.Scheme {
	case "go":
	case "star":
		code, ok := l.program.Code[f]
		if !ok {
			return out // reported by package check
		}
		out.Name = code.Func
		hash := digest(code.Text)
		i, known := l.code[hash]
		if !known {
			i = len(l.prog.Code)
			l.code[hash] = i
			file := code.File
			if file == "" {
				file = f.Loc.File.Name()
			}
			l.prog.Code = append(l.prog.Code, ir.Code{Lang: "starlark", File: file, Text: code.Text, Hash: hash})
		}
		out.Code = i
	default:
		what := f.Scheme + " functions"
		if f.Scheme == "py" {
			what = "!py blocks"
		}
		l.unbuildable(f.Loc, what)
	}
	return out
}
