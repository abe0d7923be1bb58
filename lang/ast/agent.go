package ast

import (
	"strings"

	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// Agent is an agent_node's spec.
type Agent struct {
	System []Message
	// Phases are the prompts: the main one, then those of continuation_prompts.
	Phases   []Phase
	MaxSteps *Number
	Style    Ident
	// Listed: `tools` was given. Names are tools by name, Own those with a
	// function of their own; All tells a mapping, beside which the tools of the
	// tool_router port stay.
	Listed bool
	Names  []Ident
	Own    []*Tool
	All    bool

	Entities  []Ident
	Overrides map[string]*Expr
}

// Phase is one prompt of an agent.
type Phase struct {
	Name     Ident
	Messages []Message
}

// Tool is a function that agents can call by name.
type Tool struct {
	Name        Ident
	Description string
	Function    *Function // nil for an MCP server
	Input       *Schema
	Output      *Schema
	Timeout     *Duration
	// Server tells that the entry is an MCP server; its tools are
	// `mcp:NAME/tool`.
	Server *shape.Object
	// ServerConfig are the server's settings: an object, with secrets as handles.
	ServerConfig value.Value
	Loc          source.Location
}

func (b *builder) agent(n *Node) {
	a := &Agent{Overrides: b.overrides(n)}
	n.Agent = a
	s := n.Spec
	if system := b.template(n, s.Get("system_message"), "system_message"); system != nil {
		a.System = []Message{{Role: "system", Text: system}}
	}
	if f := s.Get("main_prompt"); f != nil {
		a.phase(Ident{Name: "main"}, b.prompt(n, f, "main_prompt"))
	}
	if f := s.Get("continuation_prompts"); f != nil && !f.Null {
		for i := range f.Entries {
			e := &f.Entries[i]
			a.phase(b.keyIdent(e.Key), b.promptView(n, &e.View, "continuation_prompts."+e.Key.Value))
		}
	}
	a.MaxSteps = b.number(s.Get("max_steps"))
	a.Style = b.ident(s.Get("tool_call_style"))
	a.Entities = b.idents(s.Get("entities"))
	f := s.Get("tools")
	if f == nil || f.Null || !f.OK {
		return
	}
	a.Listed = true
	if f.Value.Kind == syntax.Mapping {
		a.All = true
		a.Own = b.tools(f)
		return
	}
	for _, v := range f.Items {
		id := b.identOf(v)
		if id.Name == "" || !strings.ContainsAny(id.Name, ".:/") || isQualifiedTool(id.Name) {
			if id.Name != "" {
				a.Names = append(a.Names, id)
			}
			continue
		}
		// a function by its own name: the tool is called as its last part
		if fn := b.function(&shape.Field{View: *v}); fn != nil {
			name := id
			name.Name = id.Name[strings.LastIndexAny(id.Name, ".:/#")+1:]
			a.Own = append(a.Own, &Tool{Name: name, Function: fn, Loc: id.Loc})
		}
	}
}

// isQualifiedTool reports whether a name is `NAMESPACE:TOOL`, the name of a tool of
// the tool_router port, and not a function of some scheme.
func isQualifiedTool(name string) bool {
	space, tool, ok := strings.Cut(name, ":")
	if !ok || !isPythonName(space) || !isPythonName(tool) {
		return false
	}
	switch space {
	case "go", "python", "py", "star", "mcp", "exec", "http", "https":
		return false
	}
	return true
}

// phase adds a prompt; a system message in it stands before the others.
func (a *Agent) phase(name Ident, messages []Message) {
	if len(messages) > 0 {
		a.Phases = append(a.Phases, Phase{name, messages})
	}
}

// tools types a mapping of tools.
func (b *builder) tools(f *shape.Field) []*Tool {
	if f == nil || f.Null || !f.OK {
		return nil
	}
	var out []*Tool
	for i := range f.Entries {
		e := &f.Entries[i]
		t := &Tool{Name: b.keyIdent(e.Key), Loc: b.at(e.Key)}
		if e.Object == nil {
			t.Function = b.function(&shape.Field{View: e.View})
		} else {
			o := e.Object
			t.Description = b.text(o.Get("description"))
			t.Input, t.Output = b.schema(o.Get("input_schema")), b.schema(o.Get("output_schema"))
			t.Timeout = b.duration(o.Get("timeout"))
			if t.Server = o.Object("mcp"); t.Server != nil {
				t.ServerConfig = b.config(o.Get("mcp"))
			}
			t.Function = b.function(o.Get("fn"))
		}
		if t.Function == nil && t.Server == nil {
			continue // reported
		}
		out = append(out, t)
	}
	return out
}
