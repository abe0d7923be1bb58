package node

import (
	"context"
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// Toolbox is what an agent's call needs to know about tools from outside of the
// program.
type Toolbox struct {
	// Router is the tool_router port, nil for none.
	Router port.ToolRouter
	// Functions are the program's tools by name.
	Functions map[string]port.Function
}

// offers are the tools that a call offers to its model, described as well as they
// can be.
func (b *Toolbox) offers(ctx context.Context, req *machine.AgentRequest) ([]port.Tool, error) {
	var list []port.Tool
	seen := map[string]bool{}
	add := func(t port.Tool) {
		if seen[t.Name] {
			return
		}
		seen[t.Name] = true
		if _, ok := t.Parameters.Object(); !ok {
			o := value.NewObject(1)
			o.Set("type", value.String("object"))
			t.Parameters = o.Value()
		}
		list = append(list, t)
	}
	for i := range req.Tools {
		t := &req.Tools[i]
		out := port.Tool{Name: t.Name, Description: t.Description, Parameters: t.Parameters}
		if d, ok := b.Functions[t.Name].(port.Described); ok && t.Function != nil {
			description, parameters := d.Describe()
			if out.Description == "" {
				out.Description = description
			}
			if out.Parameters.IsNull() || out.Parameters.IsMissing() {
				out.Parameters = parameters
			}
		}
		add(out)
	}
	if req.Router == nil || b.Router == nil {
		return list, nil
	}
	tools, err := b.Router.Tools(ctx)
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, name := range req.RouterTools {
		wanted[name] = true
	}
	for _, t := range tools {
		if req.RouterTools == nil || wanted[t.Name] {
			add(t)
		}
	}
	return list, nil
}

// askWithTools lets a model call tools: by its own tool calling, or by the text
// protocol, whose rules then stand in the prompt.
func askWithTools(llm port.LLM, out *port.LLMRequest, tools []port.Tool, req *machine.AgentRequest) {
	if port.IsToolCalling(llm) {
		out.Tools = tools
		return
	}
	rules := toolRules(tools, req.Style)
	// The prompt ends where the conversation begins.
	end := len(out.Messages)
	for i, m := range out.Messages {
		if m.Role == "assistant" || m.Role == "tool" {
			end = i
			break
		}
	}
	for i := end - 1; i >= 0; i-- {
		if out.Messages[i].Role == "user" {
			out.Messages[i].Content = strings.TrimRight(out.Messages[i].Content, "\n") + "\n\n" + rules
			return
		}
	}
	out.Messages = append(out.Messages[:end:end], append([]port.Message{{Role: "user", Content: rules}}, out.Messages[end:]...)...)
}

// toolRules words the text protocol for a model.
func toolRules(tools []port.Tool, style string) string {
	var b strings.Builder
	b.WriteString("## Available Tools\n")
	for _, t := range tools {
		fmt.Fprintf(&b, "- %s(%s)", t.Name, strings.Join(parameterNames(t.Parameters), ", "))
		if t.Description != "" {
			b.WriteString(": " + t.Description)
		}
		b.WriteByte('\n')
	}
	b.WriteString("\n## Usage Guidelines\n- Call a tool by a line of this form:\n")
	if style != "json" {
		b.WriteString("  INVOKE_TOOL: tool_name(param='value')\n")
	}
	if style != "function_call" {
		b.WriteString("  INVOKE_TOOL: {\"tool\": \"tool_name\", \"params\": {\"param\": \"value\"}}\n")
	}
	b.WriteString("- Wait for the result before you go on.\n- Give the final answer with tool_end:\n")
	fields := []string{"output"}
	for _, t := range tools {
		if t.Name == "tool_end" {
			fields = parameterNames(t.Parameters)
		}
	}
	if style == "json" {
		for i, f := range fields {
			fields[i] = fmt.Sprintf("%q: …", f)
		}
		b.WriteString("  INVOKE_TOOL: {\"tool\": \"tool_end\", \"params\": {" + strings.Join(fields, ", ") + "}}\n")
		return b.String()
	}
	for i, f := range fields {
		fields[i] = f + "=…"
	}
	b.WriteString("  INVOKE_TOOL: tool_end(" + strings.Join(fields, ", ") + ")\n")
	return b.String()
}

// parameterNames are the properties of a JSON Schema.
func parameterNames(schema value.Value) []string {
	o, ok := schema.Object()
	if !ok {
		return nil
	}
	p, _ := o.Get("properties")
	properties, ok := p.Object()
	if !ok {
		return nil
	}
	return properties.Keys()
}

// agentAnswer is an answer as the machine takes it.
func agentAnswer(resp *port.LLMResponse) value.Value {
	o := value.NewObject(2)
	text := value.String(resp.Text)
	if resp.IsObject {
		text = resp.Structured
	}
	o.Set("content", text)
	var calls []value.Value
	for _, c := range resp.ToolCalls {
		x := value.NewObject(3)
		x.Set("id", value.String(c.ID))
		x.Set("name", value.String(c.Name))
		args := c.Arguments
		if args.IsMissing() {
			args = value.Null
		}
		x.Set("arguments", args)
		calls = append(calls, x.Value())
	}
	o.Set("tool_calls", value.List(calls))
	return o.Value()
}
