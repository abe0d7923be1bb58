package lower

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
)

// messages lowers a prompt.
func (l *lowerer) messages(info *check.Info, in []ast.Message) []ir.Message {
	var out []ir.Message
	for _, m := range in {
		x := ir.Message{Role: m.Role, Text: l.exprValue(info, m.Text), List: m.List}
		for _, more := range m.More {
			x.More = append(x.More, l.exprValue(info, more))
		}
		out = append(out, x)
	}
	return out
}

func (l *lowerer) agent(out *ir.Node, info *check.Info) {
	n, a := info.Node, info.Node.Agent
	x := &ir.Agent{Port: l.portUse(info, "llm"), System: l.messages(info, a.System), MaxSteps: 20, Style: "mixed"}
	out.Agent = x
	out.Ports = []ir.PortUse{x.Port}
	for _, p := range a.Phases {
		x.Phases = append(x.Phases, ir.Phase{Name: p.Name.Name, Messages: l.messages(info, p.Messages)})
	}
	if n.Output != nil && n.Output.Type != nil {
		x.Schema = expr.EncodeType(n.Output.Type)
	}
	if a.MaxSteps != nil {
		x.MaxSteps = max(1, int(a.MaxSteps.Int))
	}
	if a.Style.Name != "" {
		x.Style = a.Style.Name
	}
	for _, t := range info.Tools {
		x.Tools = append(x.Tools, l.tool(t))
	}
	if info.Router {
		use := l.portUse(info, "tool_router")
		x.Router, x.RouterTools = &use, info.RouterTools
		out.Ports = append(out.Ports, use)
	}
	for _, e := range a.Entities {
		x.Entities = append(x.Entities, e.Name)
	}
	set := func(name string) *ir.Expr { return l.expr(info, a.Overrides[name]) }
	x.Model, x.Temperature, x.TopP = set("model"), set("temperature"), set("top_p")
	x.MaxTokens, x.Seed, x.Stop = set("max_tokens"), set("seed"), set("stop")
}

// tool lowers a tool: its function gets the model's arguments as its input.
func (l *lowerer) tool(t *ast.Tool) ir.Tool {
	out := ir.Tool{Name: t.Name.Name, Description: t.Description, Cap: "tool:" + t.Name.Name, At: l.place(t.Loc)}
	if t.Function == nil {
		l.unbuildable(t.Loc, "an MCP server as a tool; name one of its tools, `mcp:"+t.Name.Name+"/TOOL`,")
		out.Function = &ir.Function{Code: -1}
		return out
	}
	f := l.function(t.Function, &ast.Node{})
	f.Unpack = true
	if t.Input != nil && t.Input.Type != nil {
		f.Input = expr.EncodeType(t.Input.Type)
	}
	if t.Output != nil && t.Output.Type != nil {
		f.Output = expr.EncodeType(t.Output.Type)
	}
	if t.Timeout != nil {
		out.Timeout = t.Timeout.Nanos
	}
	out.Function = f
	return out
}
