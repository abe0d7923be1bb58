package lower

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

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
	case "go", "python", "exec", "http":
	case "mcp":
		l.mcpServer(f)
	case "star", "py":
		code, ok := l.program.Code[f]
		if !ok {
			return out // reported by package check
		}
		out.Name = code.Func
		lang := "starlark"
		if f.Scheme == "py" {
			lang = "python"
		}
		hash := digest(code.Text)
		i, known := l.code[lang+hash]
		if !known {
			i = len(l.prog.Code)
			l.code[lang+hash] = i
			file := code.File
			if file == "" {
				file = f.Loc.File.Name()
			}
			l.prog.Code = append(l.prog.Code, ir.Code{Lang: lang, File: file, Text: code.Text, Hash: hash})
		}
		out.Code = i
	default:
		l.unbuildable(f.Loc, f.Scheme+" functions")
	}
	return out
}

// mcpServer lowers the server of an MCP tool, once, as a port of its own under
// ir.MCPPort, unless it is a port that the program declares.
func (l *lowerer) mcpServer(f *ast.Function) {
	server, _, _ := strings.Cut(f.Name, "/")
	key := ir.MCPPort(server)
	if _, ok := l.portOf[key]; ok {
		return
	}
	for _, t := range l.config.Tools {
		if t.Name.Name != server || t.Server == nil {
			continue
		}
		needs := "exec"
		if u := t.Server.Get("url"); u != nil && !u.Null {
			needs = "http"
		}
		l.portOf[key] = len(l.prog.Ports)
		l.prog.Ports = append(l.prog.Ports, ir.Port{
			Name: key, Type: "tool_router", Adapter: "mcp", Config: t.ServerConfig, Cap: "tool:" + server,
			Requires: []string{needs}, Origin: l.place(t.Loc),
		})
		return
	}
	if p := l.config.Ports.Named(server); p != nil {
		l.port(p)
	}
}
