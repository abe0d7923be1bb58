package engine

import (
	"context"
	"errors"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/hook"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/node"
	"hexdag.dev/hexdag/runtime/port"
)

// hookRun is the effect as hooks see it.
func (r *run) hookRun(f *flight) hook.Run {
	process, _ := r.split(&f.cmd)
	return hook.Run{
		RunID: r.id, Program: r.program.Name, Process: process, Node: f.call.Node, NodeID: f.call.NodeID,
		Kind: f.cmd.Node.Kind, Path: f.cmd.Path, Attempt: f.cmd.Try, Key: f.cmd.Key,
	}
}

// hooked carries out an effect with the node hooks around it. It runs on the
// effect's own goroutine, and never on the run's loop.
func (r *run) hooked(ctx context.Context, f *flight) *machine.Outcome {
	if r.Hooks == nil || len(r.Hooks.Nodes) == 0 {
		return r.work(ctx, f)
	}
	c := &hook.NodeCall{Run: r.hookRun(f), Input: r.Secrets.Redact(f.input()), Output: value.Null}
	given := c.Input
	var out *machine.Outcome
	var failed *port.Error
	r.Hooks.AroundNode(ctx, c, func() {
		if !value.Equal(given, c.Input) {
			if fail := f.changeInput(c.Input); fail != nil {
				c.Err = fail
				return
			}
		}
		if out = r.work(ctx, f); out == nil {
			return
		}
		c.Output = r.Secrets.Redact(out.Value)
		if out.Failure != nil {
			failed = r.asError(ctx, out.Failure)
			c.Err = failed
		}
	})
	if out == nil { // a hook answered, or refused
		out = &machine.Outcome{Value: value.Null, Usage: machine.Usage{Known: true, Unsent: true}}
	}
	switch {
	case c.Err == nil:
		out.Value, out.Failure = c.Output, nil
		if out.Value.IsMissing() {
			out.Value = value.Null
		}
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			out.Value, out.Failure = value.Null, &machine.Failure{Place: ir.Place{File: -1}} // the hooks took too long
		}
	case c.Err != failed:
		out.Value, out.Failure = value.Null, node.Failure(c.Err)
	}
	return out
}

// asError is a failure as hooks see it.
func (r *run) asError(ctx context.Context, f *machine.Failure) *port.Error {
	if f.Message == "" && ctx.Err() != nil {
		return port.AsError(ctx.Err())
	}
	return &port.Error{
		Class: f.Class, Message: r.Secrets.RedactText(f.Message), Help: r.Secrets.RedactText(f.Help), Retryable: f.Retryable, Definite: f.Definite,
	}
}

// input is what the effect gets, with handles in place of secrets.
func (f *flight) input() value.Value {
	switch {
	case f.cmd.Function != nil:
		return f.cmd.Function.Input
	case f.cmd.Invoke != nil:
		return f.cmd.Invoke.Args
	case f.cmd.LLM != nil:
		list := make([]value.Value, len(f.cmd.LLM.Messages))
		for i, m := range f.cmd.LLM.Messages {
			d := fields{value.NewObject(2)}
			d.text("role", m.Role)
			d.text("content", m.Content)
			list[i] = d.Value()
		}
		o := value.NewObject(1)
		o.Set("messages", value.List(list))
		return o.Value()
	}
	return value.Null
}

// changeInput takes over what a hook made of the input.
func (f *flight) changeInput(v value.Value) *port.Error {
	switch {
	case f.cmd.Function != nil:
		req := *f.cmd.Function
		req.Input = v
		f.cmd.Function = &req
	case f.cmd.Invoke != nil:
		if _, ok := v.Object(); !ok {
			return port.Errorf(port.ClassInvalidInput, "a hook gave node %q a %s for its arguments, not an object", f.call.Node, v.TypeName())
		}
		req := *f.cmd.Invoke
		req.Args = v
		f.cmd.Invoke = &req
	case f.cmd.LLM != nil:
		req := *f.cmd.LLM
		o, _ := v.Object()
		var list value.Value
		if o != nil {
			list, _ = o.Get("messages")
		}
		if list.Items() == nil {
			return port.Errorf(port.ClassInvalidInput, "a hook gave node %q no list of messages", f.call.Node)
		}
		old := req.Messages
		req.Messages = make([]machine.Message, 0, len(list.Items()))
		for i, item := range list.Items() {
			m, ok := item.Object()
			if !ok {
				return port.Errorf(port.ClassInvalidInput, "a hook gave node %q a message that is a %s, not an object", f.call.Node, item.TypeName())
			}
			role, _ := m.Get("role")
			content, _ := m.Get("content")
			x := machine.Message{}
			if x.Role, ok = role.AsString(); !ok || x.Role == "" {
				return port.Errorf(port.ClassInvalidInput, "a hook gave node %q a message without a role", f.call.Node)
			}
			x.Content, _ = content.AsString()
			if i < len(old) && old[i].Role == x.Role { // calls of tools stay with their message
				x.ToolCalls, x.ToolCallID, x.Name = old[i].ToolCalls, old[i].ToolCallID, old[i].Name
			}
			req.Messages = append(req.Messages, x)
			f.longer += int64(len(x.Content))
		}
		for i := range old {
			f.longer -= int64(len(old[i].Content))
		}
		f.longer += messageOverhead * int64(len(req.Messages)-len(old))
		f.cmd.LLM = &req
	}
	return nil
}

// messageOverhead is the machine's bound on what a message costs beside its text.
const messageOverhead = 16

// hookedModel is a model with the port hooks around it, outside of its middleware.
type hookedModel struct {
	port.LLM
	r *run
	f *flight
}

// model wraps the flight's model if there are hooks for it.
func (r *run) hookedModel(f *flight) port.LLM {
	if r.Hooks == nil || len(r.Hooks.Ports) == 0 && f.longer == 0 {
		return f.llm
	}
	return hookedModel{f.llm, r, f}
}

func (m hookedModel) Structured() bool  { return port.IsStructured(m.LLM) }
func (m hookedModel) ToolCalling() bool { return port.IsToolCalling(m.LLM) }

// Generate makes a call with the hooks around it.
func (m hookedModel) Generate(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	own := *req
	own.Messages = append([]port.Message(nil), req.Messages...)
	c := &hook.PortCall{Run: m.r.hookRun(m.f), Port: m.f.call.Port, Method: "generate", Request: &own, Args: value.Null, Result: value.Null}
	m.r.Hooks.AroundPort(ctx, c, func() {
		next := own
		if c.Request != nil {
			next = *c.Request
		}
		next.Call = req.Call // who asks is no hook's business
		if fail := m.within(req, &next); fail != nil {
			c.Err = fail
			return
		}
		resp, err := m.LLM.Generate(ctx, &next)
		if c.Err = port.AsError(err); err == nil && resp != nil {
			clean := *resp
			clean.Text, clean.Structured = m.r.Secrets.RedactText(resp.Text), m.r.Secrets.Redact(resp.Structured)
			c.Response = &clean
		}
	})
	if c.Err != nil {
		return nil, c.Err
	}
	if c.Response == nil {
		return nil, port.Errorf(port.ClassInvalidOutput, "a hook of port %q ended the call without an answer", m.f.call.Port)
	}
	return c.Response, nil
}

// within keeps a request inside of what was reserved for it: what hooks made longer
// is taken from the answer.
func (m hookedModel) within(was, next *port.LLMRequest) *port.Error {
	grant := m.f.cmd.Grant
	if grant.CostMicro > 0 && next.Model != was.Model {
		return port.Errorf(port.ClassLimit, "a hook chose another model for node %q, for which nothing was reserved under max_cost_usd", m.f.call.Node)
	}
	if grant.Tokens <= 0 {
		return nil
	}
	if next.MaxTokens <= 0 || next.MaxTokens > was.MaxTokens {
		next.MaxTokens = was.MaxTokens
	}
	longer := m.f.longer + requestSize(next) - requestSize(was)
	if longer <= 0 {
		return nil
	}
	if room := was.MaxTokens - longer; room < next.MaxTokens {
		next.MaxTokens = room
	}
	if next.MaxTokens < 1 {
		return port.Errorf(port.ClassLimit, "hooks made the request of node %q longer than what was reserved for it", m.f.call.Node)
	}
	return nil
}

// requestSize bounds the tokens of a prompt from above: a token is at least a byte.
func requestSize(req *port.LLMRequest) int64 {
	n := int64(0)
	for i := range req.Messages {
		x := &req.Messages[i]
		n += int64(len(x.Content)) + messageOverhead
		for _, p := range x.Parts {
			n += int64(len(p.Text)+len(p.URL)+len(p.Data)) + messageOverhead
		}
		for _, c := range x.ToolCalls {
			n += int64(len(c.Name)) + c.Arguments.Size() + messageOverhead
		}
	}
	for i := range req.Tools {
		t := &req.Tools[i]
		n += int64(len(t.Name)+len(t.Description)) + t.Parameters.Size() + messageOverhead
	}
	if !req.Schema.IsNull() {
		n += req.Schema.Size() + messageOverhead
	}
	return n
}

// hookedCall makes a call of a port that is no model's with the hooks around it.
// args hold handles in place of secrets.
func (r *run) hookedCall(ctx context.Context, f *flight, req *machine.InvokeRequest, call func(value.Value) machine.Outcome) machine.Outcome {
	if r.Hooks == nil || len(r.Hooks.Ports) == 0 {
		return call(req.Args)
	}
	c := &hook.PortCall{Run: r.hookRun(f), Port: f.call.Port, Method: req.Method, Args: req.Args, Result: value.Null}
	out := machine.Outcome{Value: value.Null, Usage: machine.Usage{Known: true, Unsent: true}}
	var failed *port.Error
	r.Hooks.AroundPort(ctx, c, func() {
		if _, ok := c.Args.Object(); !ok {
			c.Err = port.Errorf(port.ClassInvalidInput, "a hook gave the call of node %q a %s for its arguments, not an object", f.call.Node, c.Args.TypeName())
			return
		}
		out = call(c.Args)
		c.Result = r.Secrets.Redact(out.Value)
		if out.Failure != nil {
			failed = r.asError(ctx, out.Failure)
			c.Err = failed
		}
	})
	switch {
	case c.Err == nil:
		out.Value, out.Failure = c.Result, nil
	case c.Err != failed:
		out.Value, out.Failure = value.Null, node.Failure(c.Err)
	}
	return out
}
