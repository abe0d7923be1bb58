// Package node is what the bodies of nodes do in the world: it carries out one
// effect that the machine asked for.
//
// Input: the request of a machine.StartEffect, and the adapter or function that
// it goes to. Output: the machine.Outcome that settles it.
//
// Invariants: every way to fail, a panic in foreign code included, becomes an
// outcome with a class, a message of one line and what was consumed; nothing
// here decides about retries, limits or capabilities.
//
// The three hardest cases: usage of a call that failed half-way; a schema that
// an adapter cannot enforce by itself and has to be asked for in the prompt; the
// difference between "it did not happen" and "nobody knows".
package node

import (
	"context"
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// Pricer tells what a model costs, in micro-dollars for one million tokens; ok
// is false if it is not known.
type Pricer func(port, model string) (input, output int64, ok bool)

// LLM makes one call of a language model. llm must be guarded (port.Guard), and
// ctx must carry step. tools describes the tools of an agent's call. stream takes parts of the answer, nil for none.
func LLM(ctx context.Context, llm port.LLM, step *port.Step, call port.Call, req *machine.LLMRequest, stream func(string), prices Pricer, tools *Toolbox) (machine.Outcome, *port.LLMResponse) {
	out, err := llmRequest(llm, call, req)
	if err != nil {
		return machine.Outcome{Failure: Failure(err), Usage: machine.Usage{Unsent: true, Known: true}}, nil
	}
	if req.Agent != nil {
		if tools == nil {
			tools = &Toolbox{}
		}
		offers, err := tools.offers(ctx, req.Agent)
		if err != nil {
			return machine.Outcome{Failure: Failure(err), Usage: machine.Usage{Unsent: true, Known: true}}, nil
		}
		askWithTools(llm, out, offers, req.Agent)
	}
	if req.Stream {
		out.Stream = stream
	}
	resp, err := llm.Generate(ctx, out)
	usage := used(step)
	if err != nil {
		return machine.Outcome{Failure: Failure(err), Usage: usage}, nil
	}
	if usage.CostMicro == 0 && prices != nil {
		if in, outPrice, ok := prices(call.Port, resp.Model); ok {
			usage.CostMicro = cost(usage.InputTokens, in) + cost(usage.OutputTokens, outPrice)
		}
	}
	v := resp.Structured
	if !resp.IsObject {
		v = value.String(resp.Text)
	}
	if req.Agent != nil {
		v = agentAnswer(resp)
	}
	return machine.Outcome{Value: v, Usage: usage}, resp
}

// cost rounds up, so that limits are never overshot by fractions.
func cost(tokens, perMillion int64) int64 {
	if tokens <= 0 || perMillion <= 0 {
		return 0
	}
	whole, rest := tokens/1_000_000, tokens%1_000_000
	return whole*perMillion + (rest*perMillion+999_999)/1_000_000
}

func used(step *port.Step) machine.Usage {
	requests, u := step.Used()
	if requests == 0 {
		return machine.Usage{Known: true, Unsent: true}
	}
	return machine.Usage{
		Known: u.Known, LLMCalls: requests - 1,
		InputTokens: u.InputTokens, OutputTokens: u.OutputTokens, CostMicro: u.CostMicro,
	}
}

func llmRequest(llm port.LLM, call port.Call, req *machine.LLMRequest) (*port.LLMRequest, error) {
	out := &port.LLMRequest{Call: call, Schema: req.Schema, MaxTokens: req.MaxTokens}
	for _, m := range req.Messages {
		x := port.Message{Role: m.Role, Content: m.Content, ToolCallID: m.ToolCallID}
		for _, c := range m.ToolCalls {
			x.ToolCalls = append(x.ToolCalls, port.ToolCall{ID: c.ID, Name: c.Name, Arguments: c.Arguments})
		}
		out.Messages = append(out.Messages, x)
	}
	if !req.Schema.IsNull() && !port.IsStructured(llm) {
		if err := askForSchema(out); err != nil {
			return nil, err
		}
	}
	bad := func(name string, v value.Value, want string) error {
		return port.Errorf(port.ClassInvalidInput, "%s of node %q is a %s, not %s", name, call.Node, v.TypeName(), want)
	}
	given := func(v value.Value) bool { return !v.IsMissing() && !v.IsNull() }
	if given(req.Model) {
		s, ok := req.Model.AsString()
		if !ok || s == "" {
			return nil, bad("model", req.Model, "a name")
		}
		out.Model = s
	}
	for _, x := range []struct {
		name string
		v    value.Value
		dst  **float64
	}{{"temperature", req.Temperature, &out.Temperature}, {"top_p", req.TopP, &out.TopP}} {
		if !given(x.v) {
			continue
		}
		f, err := value.ToFloat(x.v)
		n, ok := f.AsFloat()
		if err != nil || !ok || x.v.Kind() == value.KindString || x.v.Kind() == value.KindBool {
			return nil, bad(x.name, x.v, "a number")
		}
		*x.dst = &n
	}
	if given(req.Seed) {
		n, ok := req.Seed.AsInt()
		if !ok {
			return nil, bad("seed", req.Seed, "an int")
		}
		out.Seed = &n
	}
	if given(req.Stop) {
		items := req.Stop.Items()
		if s, ok := req.Stop.AsString(); ok {
			items = []value.Value{value.String(s)}
		} else if items == nil {
			return nil, bad("stop", req.Stop, "text or a list of texts")
		}
		for _, item := range items {
			s, ok := item.AsString()
			if !ok {
				return nil, bad("an item of stop", item, "text")
			}
			out.Stop = append(out.Stop, s)
		}
	}
	return out, nil
}

// askForSchema puts the schema into the last message, for models that have no
// structured output of their own.
func askForSchema(req *port.LLMRequest) error {
	text, err := value.AppendJSON(nil, req.Schema)
	if err != nil {
		return port.Errorf(port.ClassInvalidInput, "the schema of node %q has no JSON: %s", req.Call.Node, err)
	}
	const ask = "Answer with one JSON value that fits this JSON Schema, and with nothing else:\n"
	for i := len(req.Messages) - 1; i >= 0; i-- {
		if m := &req.Messages[i]; m.Role == "user" {
			m.Content = strings.TrimRight(m.Content, "\n") + "\n\n" + ask + string(text)
			return nil
		}
	}
	req.Messages = append(req.Messages, port.Message{Role: "user", Content: ask + string(text)})
	return nil
}

// Function makes one call of a function.
func Function(ctx context.Context, f port.Function, call port.Call, req *machine.FunctionRequest) machine.Outcome {
	v, err := port.CallFunction(ctx, f, call, req.Input)
	if err != nil {
		return machine.Outcome{Failure: Failure(err), Usage: machine.Usage{Known: true}}
	}
	if v.IsMissing() {
		v = value.Null
	}
	return machine.Outcome{Value: v, Usage: machine.Usage{Known: true}}
}

// Failure is an error of an adapter or function as the machine takes it.
func Failure(err error) *machine.Failure {
	e := port.AsError(err)
	f := &machine.Failure{
		Class: e.Class, Message: port.OneLine(e.Message), Help: e.Help, Retryable: e.Retryable,
		Definite: e.Definite, RetryAfter: int64(e.RetryAfter), Place: ir.Place{File: -1},
	}
	if f.Class == "" {
		f.Class = machine.ClassProvider
	}
	switch f.Class {
	case machine.ClassLimit:
		f.Code = diag.RunLimit
	case machine.ClassCapDenied:
		f.Code = diag.RunCapDenied
	}
	return f
}

// Timeout is the failure of an attempt that took longer than it may.
func Timeout(call port.Call, after fmt.Stringer) *machine.Failure {
	return &machine.Failure{
		Code: diag.RunTimeout, Class: machine.ClassTimeout, Retryable: true, Place: ir.Place{File: -1},
		Message: fmt.Sprintf("node %q took longer than its timeout of %s", call.Node, after),
		Help:    "raise the timeout, or give the node more attempts",
	}
}
