package runtime

import (
	"context"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/engine"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// system makes what the processes of a System call. Ports that a process shares
// with its System are made once, whoever needs them first.
func (x *preparation) system(ctx context.Context) {
	for i := range x.program.Body.Nodes {
		n := &x.program.Body.Nodes[i]
		inner := x.program.Instance(n)
		y := &preparation{
			runner: x.runner, program: inner, mocked: x.mocked, parent: x, process: n.Name,
			equipment: &equipment{
				ports: make([]port.LLM, len(inner.Ports)), hostPorts: x.hostPorts,
				functions: x.functions, targets: map[string]port.Adapter{}, secrets: x.secrets,
			},
		}
		y.nodeLayers(&inner.Body)
		y.body(ctx, &inner.Body)
		x.closers = append(x.closers, y.closers...)
		x.prices = append(x.prices, y.prices...)
		for _, p := range y.problems {
			x.add(p)
		}
		x.processes = append(x.processes, engine.Process{Name: n.Name, Program: inner, Ports: y.ports, Targets: y.targets})
	}
}

// shared is a port of the System for one of its processes.
func (x *preparation) shared(ctx context.Context, n *ir.Node, i int, y *preparation) port.LLM {
	x.port(ctx, n, ir.PortUse{Port: i, Name: x.program.Ports[i].Name})
	llm := x.ports[i]
	if llm == nil {
		return nil
	}
	// The mock costs nothing: in the processes that have it, and only there.
	for _, p := range x.prices {
		if p.Port == "@/"+x.program.Ports[i].Name {
			y.prices = append(y.prices, machine.Price{Port: y.priceName(x.program.Ports[i].Name)})
			break
		}
	}
	return llm
}

// priceName is the name under which a port's price is known. A System's own ports
// cost something only in its processes.
func (x *preparation) priceName(name string) string {
	if x.parent != nil || x.program.Kind == ir.KindSystem {
		return machine.ProcessPort(x.process, name)
	}
	return name
}

// processDocuments are the runs of a System's processes, each in the shape of a
// run.
func processDocuments(p *Program, res *machine.Result, now time.Time) value.Value {
	out := value.NewObject(len(res.Nodes))
	for i := range res.Nodes {
		out.Set(res.Nodes[i].Name, processDocument(p.IR(), &p.IR().Body.Nodes[i], &res.Nodes[i], now))
	}
	return out.Value()
}

func processDocument(p *ir.Program, n *ir.Node, r *machine.NodeResult, now time.Time) value.Value {
	inner := p.Instance(n)
	d := value.NewObject(10)
	child := r.Child
	if child == nil {
		child = &machine.Result{Output: value.Null}
		d.Set("run_id", value.Null)
	} else {
		d.Set("run_id", value.String(child.RunID))
	}
	program := value.NewObject(3)
	program.Set("kind", value.String(inner.Kind))
	program.Set("name", value.String(inner.Name))
	program.Set("hash", value.String(ir.FullHash(inner)))
	d.Set("program", program.Value())
	status := r.Status.String()
	if !r.Status.Final() {
		status = "pending"
	}
	d.Set("status", value.String(status))
	d.Set("output", value.Shown(r.Output))
	failure, why := value.Null, value.Null
	switch {
	case r.Error != nil && r.Error.Cause != nil:
		failure = engine.FailureDocument(p, r.Error.Cause)
	case r.Error != nil:
		failure = engine.FailureDocument(p, r.Error)
	}
	if r.Status == machine.Skipped || r.Status == machine.Aborted {
		why = value.String(r.Why)
	}
	d.Set("error", failure)
	d.Set("skip_reason", why)
	d.Set("nodes", nodeDocuments(inner, child))
	d.Set("usage", usageDocument(&child.Usage))
	ended := child.Ended
	if ended == 0 && child.Started != 0 {
		ended = now.UnixNano()
	}
	d.Set("duration_ms", millis(child.Started, ended))
	return d.Value()
}
