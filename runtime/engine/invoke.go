package engine

import (
	"context"
	"errors"
	"strconv"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/node"
	"hexdag.dev/hexdag/runtime/port"
)

// TargetKey names what a call reaches, in Config.Targets: a port of the program
// by its number, of the host by its name; a service, a foreign kind.
func TargetKey(target ir.CallTarget, use *ir.PortUse, name string) string {
	switch {
	case target == ir.CallService:
		return "service " + name
	case target == ir.CallExternal:
		return "kind " + name
	case use.Port >= 0:
		return "port " + strconv.Itoa(use.Port)
	}
	return "host port " + use.Name
}

// invoke carries out a call of a port, a service or a foreign node.
func (r *run) invoke(ctx context.Context, f *flight) *machine.Outcome {
	req := *f.cmd.Invoke
	began := r.Clock.Now()
	o := r.hookedCall(ctx, f, &req, func(args value.Value) machine.Outcome {
		args, err := r.Secrets.Substitute(ctx, args)
		if err != nil {
			return machine.Outcome{Failure: node.Failure(err), Usage: machine.Usage{Known: true, Unsent: true}}
		}
		own := req
		own.Args = args
		return node.Invoke(ctx, f.target, f.step, f.call, &own)
	})
	if o.Failure == nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		o = machine.Outcome{Usage: o.Usage, Failure: &machine.Failure{Place: ir.Place{File: -1}}}
	}
	r.invoked(f, &o, r.Clock.Now().Sub(began))
	return &o
}

// invoked publishes such a call.
func (r *run) invoked(f *flight, o *machine.Outcome, took time.Duration) {
	req := f.cmd.Invoke
	d := fields{value.NewObject(6)}
	switch req.Target {
	case ir.CallService:
		d.text("port_type", "service")
		d.text("port", req.Name)
	case ir.CallExternal:
		d.text("port_type", "node")
		d.text("port", req.Name)
	default:
		d.text("port", req.Port.Name)
	}
	kind := event.PortCall
	if req.Method == "call_tool" {
		kind = event.ToolRouterCall
	}
	r.called(f, kind, req.Name, req.Method, req.Args, o, d, took)
}

// called publishes a call, without secrets in it. args are those with handles in
// place of secrets.
func (r *run) called(f *flight, kind, name, method string, args value.Value, o *machine.Outcome, d fields, took time.Duration) {
	if r.Bus.Empty() {
		return
	}
	d.text("node_name", f.call.Node)
	d.number("attempt", int64(f.cmd.Try))
	d.millis("duration_ms", int64(took))
	if kind == event.ToolRouterCall {
		d.text("tool_name", name)
		d.Set("params", r.Secrets.Redact(args))
	} else {
		d.text("method", method)
	}
	if o.Failure != nil {
		d.text("error", r.Secrets.RedactText(o.Failure.Message))
	} else {
		d.Set("result", r.Secrets.Redact(o.Value))
	}
	r.tell(f, kind, d.Object)
}

// toolbox is what an agent's call needs to know about its tools; nil for calls
// that are no agent's.
func (r *run) toolbox(f *flight) *node.Toolbox {
	req := f.cmd.LLM.Agent
	if req == nil {
		return nil
	}
	b := &node.Toolbox{Functions: make(map[string]port.Function, len(req.Tools))}
	for i := range req.Tools {
		if t := &req.Tools[i]; t.Function != nil {
			b.Functions[t.Name] = r.Functions[t.Function]
		}
	}
	if req.Router != nil {
		b.Router, _ = r.target(f.cmd.Process, TargetKey(ir.CallPort, req.Router, "")).(port.ToolRouter)
	}
	return b
}
