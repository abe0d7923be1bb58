package node

import (
	"context"
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// Invoke makes one call of a port, a service or a foreign node. target is what
// serves it, and ctx must carry step.
func Invoke(ctx context.Context, target port.Adapter, step *port.Step, call port.Call, req *machine.InvokeRequest) (out machine.Outcome) {
	defer func() {
		if p := recover(); p != nil {
			out = machine.Outcome{Failure: Failure(port.PanicError(fmt.Sprintf("what serves node %q", call.Node), p)), Usage: requested(step)}
		}
	}()
	v, err := invoke(ctx, target, call, req)
	if err != nil {
		return machine.Outcome{Failure: Failure(err), Usage: requested(step)}
	}
	if v.IsMissing() {
		v = value.Null
	}
	return machine.Outcome{Value: v, Usage: requested(step)}
}

// requested is what requests to models, made from inside of a call, consumed.
func requested(step *port.Step) machine.Usage {
	requests, u := step.Used()
	if requests == 0 {
		return machine.Usage{Known: true}
	}
	return machine.Usage{Known: u.Known, LLMCalls: requests, InputTokens: u.InputTokens, OutputTokens: u.OutputTokens, CostMicro: u.CostMicro}
}

func invoke(ctx context.Context, target port.Adapter, call port.Call, req *machine.InvokeRequest) (value.Value, error) {
	switch t := target.(type) {
	case port.ToolRouter:
		if req.Method == "call_tool" {
			args := req.Args
			if _, ok := args.Object(); !ok {
				args = value.NewObject(0).Value()
			}
			return t.CallTool(ctx, call, req.Name, args)
		}
	case port.HTTPClient:
		if req.Method == "request" {
			return request(ctx, t, call, req.Args)
		}
	case port.Invoker:
		return t.Invoke(ctx, call, req.Method, req.Args)
	}
	return value.Null, port.Errorf(port.ClassInvalidInput, "node %q calls %q of the port %q, whose adapter cannot do that", call.Node, req.Method, call.Port)
}

// request makes the HTTP request of an api_call_node. Its result is the body of
// the response; a status of 400 or over is an error.
func request(ctx context.Context, client port.HTTPClient, call port.Call, args value.Value) (value.Value, error) {
	o, _ := args.Object()
	get := func(name string) value.Value {
		v, _ := o.Get(name)
		if v.IsMissing() {
			return value.Null
		}
		return v
	}
	req := &port.HTTPRequest{Call: call, Method: "GET", Body: value.Missing}
	if s, ok := get("method").AsString(); ok && s != "" {
		req.Method = strings.ToUpper(s)
	}
	switch req.Method {
	case "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD":
	default:
		return value.Null, port.Errorf(port.ClassInvalidInput, "node %q has the method %.20q, which is none of HTTP's", call.Node, req.Method)
	}
	if req.URL = value.Str(get("url")); req.URL == "" {
		return value.Null, port.Errorf(port.ClassInvalidInput, "node %q has an empty url", call.Node)
	}
	var err error
	if req.Header, err = texts(call, "headers", get("headers")); err != nil {
		return value.Null, err
	}
	if req.Query, err = texts(call, "params", get("params")); err != nil {
		return value.Null, err
	}
	if _, given := o.Get("json_body"); given {
		req.Body = get("json_body")
	}
	resp, err := client.Do(ctx, req)
	if err != nil {
		return value.Null, err
	}
	if resp.Status < 400 {
		return resp.Body, nil
	}
	e := &port.Error{
		Class: port.ClassProvider, Retryable: resp.Status >= 500 || resp.Status == 408 || resp.Status == 429,
		Message: fmt.Sprintf("the server answered with status %d: %s", resp.Status, port.OneLine(value.Str(resp.Body))),
	}
	e.Definite = resp.Status < 500
	if resp.Status == 429 {
		e.Class = port.ClassRateLimit
		if d, err := port.ParseDuration(value.String(resp.Header["Retry-After"])); err == nil {
			e.RetryAfter = d
		}
	}
	return value.Null, e
}

// texts are the fields of an object as texts; nulls are left out.
func texts(call port.Call, name string, v value.Value) (map[string]string, error) {
	if v.IsNull() {
		return nil, nil
	}
	o, ok := v.Object()
	if !ok {
		return nil, port.Errorf(port.ClassInvalidInput, "%s of node %q is a %s, not an object", name, call.Node, v.TypeName())
	}
	out := make(map[string]string, o.Len())
	for i := range o.Len() {
		k, x := o.At(i)
		if x.IsNull() {
			continue
		}
		out[value.Str(k)] = value.Str(x)
	}
	return out, nil
}
