//go:build !front

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/diag/render"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/cassette"
	"hexdag.dev/hexdag/runtime/engine"
	"hexdag.dev/hexdag/runtime/machine"
)

// dryRun shows what a run would begin with. Nothing is called.
func dryRun(ctx context.Context, a *cli.App, p *runtime.Program, input value.Value, over runtime.Overrides) error {
	r, err := runtime.New(runtime.Options{Registry: registry()})
	if err != nil {
		return err
	}
	plan, err := r.Plan(ctx, p, input, over)
	var start *runtime.StartError
	if errors.As(err, &start) {
		return startProblems(a, start)
	}
	if err != nil {
		return err
	}
	if a.Format == "json" {
		err = writeValue(a, planDocument(a, p, plan, input), false)
	} else {
		err = writePlan(a, plan, input)
	}
	if err == nil && len(plan.Failures) > 0 {
		if a.Format != "json" {
			return planFailures(a, plan)
		}
		return cli.Status(cli.Findings)
	}
	return err
}

// planFailures shows why the run would fail before its first call.
func planFailures(a *cli.App, plan *runtime.Plan) error {
	var findings []diag.Diagnostic
	for _, f := range plan.Failures {
		findings = append(findings, failure(a, plan.Program, f))
	}
	if err := render.Write(a.Err, render.Human, findings, render.Options{Color: a.Colors(a.Err)}); err != nil {
		return err
	}
	return cli.Status(cli.Findings)
}

func planDocument(a *cli.App, p *runtime.Program, plan *runtime.Plan, input value.Value) value.Value {
	list := func(n int, item func(i int, o *value.Object)) value.Value {
		items := make([]value.Value, n)
		for i := range items {
			o := value.NewObject(4)
			item(i, o)
			items[i] = o.Value()
		}
		return value.List(items)
	}
	d := value.NewObject(8)
	d.Set("version", value.Int(1))
	d.Set("dry_run", value.Bool(true))
	program := value.NewObject(3)
	program.Set("kind", value.String(p.Kind()))
	program.Set("name", value.String(p.Name()))
	program.Set("hash", value.String(p.Hash()))
	d.Set("program", program.Value())
	d.Set("inputs", list(len(plan.Program.Inputs), func(i int, o *value.Object) {
		in := &plan.Program.Inputs[i]
		o.Set("name", value.String(in.Name))
		o.Set("required", value.Bool(in.Required && !in.Supplied))
		o.Set("given", value.Bool(given(input, in.Name)))
	}))
	d.Set("ports", list(len(plan.Program.Ports), func(i int, o *value.Object) {
		port := &plan.Program.Ports[i]
		o.Set("name", value.String(port.Name))
		o.Set("type", value.String(port.Type))
		o.Set("adapter", value.String(adapterName(port)))
	}))
	nodes := value.NewObject(len(plan.Nodes))
	for i := range plan.Nodes {
		n := &plan.Nodes[i]
		o := value.NewObject(3)
		o.Set("kind", value.String(nodeKind(plan.Program, i)))
		o.Set("status", value.String(planStatus(n)))
		if n.Why != "" {
			o.Set("reason", value.String(n.Why))
		}
		nodes.Set(n.Name, o.Value())
	}
	d.Set("nodes", nodes.Value())
	d.Set("first_calls", list(len(plan.Calls), func(i int, o *value.Object) {
		o.Set("call", value.String(plan.Calls[i].Path))
		o.Set("request", cassette.Plain(plan.Calls[i].Request))
	}))
	failed := value.Null
	if plan.Error != nil {
		failed = engine.FailureDocument(plan.Program, plan.Error)
	}
	d.Set("error", failed)
	return d.Value()
}

func given(input value.Value, name string) bool {
	o, ok := input.Object()
	if !ok {
		return false
	}
	_, ok = o.Get(name)
	return ok
}

func adapterName(p *ir.Port) string {
	if len(p.Pool) == 0 {
		return p.Adapter
	}
	names := make([]string, len(p.Pool))
	for i := range p.Pool {
		names[i] = p.Pool[i].Adapter
	}
	return strings.Join(names, ", ")
}

func nodeKind(p *ir.Program, i int) string {
	if i < len(p.Body.Nodes) {
		return p.Body.Nodes[i].Kind
	}
	return ""
}

// planStatus is what would have become of a node before the first call returned.
func planStatus(n *machine.NodeResult) string {
	if n.Status.Final() {
		return n.Status.String()
	}
	return "pending"
}

func writePlan(a *cli.App, plan *runtime.Plan, input value.Value) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q would run; nothing was called\n", strings.ToLower(plan.Program.Kind), plan.Program.Name)
	if len(plan.Program.Inputs) > 0 {
		b.WriteString("\ninput\n")
	}
	for i := range plan.Program.Inputs {
		in := &plan.Program.Inputs[i]
		state := "optional"
		switch {
		case given(input, in.Name):
			state = "given"
		case in.Required && !in.Supplied:
			state = "missing"
		}
		fmt.Fprintf(&b, "  %-24s %s\n", in.Name, state)
	}
	if len(plan.Program.Ports) > 0 {
		b.WriteString("\nports\n")
	}
	for i := range plan.Program.Ports {
		fmt.Fprintf(&b, "  %-24s %s\n", plan.Program.Ports[i].Name, adapterName(&plan.Program.Ports[i]))
	}
	b.WriteString("\nnodes\n")
	for i := range plan.Nodes {
		n := &plan.Nodes[i]
		fmt.Fprintf(&b, "  %-24s %-16s %s", n.Name, nodeKind(plan.Program, i), planStatus(n))
		if n.Why != "" {
			b.WriteString(": " + n.Why)
		}
		b.WriteByte('\n')
	}
	if len(plan.Calls) > 0 {
		b.WriteString("\nfirst calls\n")
	}
	for i := range plan.Calls {
		fmt.Fprintf(&b, "  %s\n", plan.Calls[i].Path)
	}
	text := b.String()
	if len(plan.Failures) > 0 {
		text = strings.Replace(text, " would run; nothing", " would fail before its first call; nothing", 1)
	}
	_, err := a.Out.Write([]byte(text))
	return err
}
