package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/machine/sim"
)

// scenario is one run of a program on the virtual engine.
type scenario struct {
	name    string
	program sim.Program
	input   string // JSON; "" is {}
	world   sim.World
	// want are lines "NODE STATUS [REASON] [OUTPUT]" for every top-level node in
	// order; output "…" is not compared.
	want   []string
	status machine.RunStatus // zero: completed
	output string            // JSON, "" is not compared
	// fails is part of the run's error, "" for none.
	fails string
}

func (s scenario) run(t *testing.T) (*sim.Engine, machine.Result) {
	t.Helper()
	return runProgram(t, s.program, s.input, s.world)
}

func runProgram(t *testing.T, program sim.Program, input string, world sim.World) (*sim.Engine, machine.Result) {
	t.Helper()
	e := engineFor(t, program, world)
	if input == "" {
		input = "{}"
	}
	r := e.Run(machine.Start{RunID: "run", Input: parse(t, input), Seed: 7})
	return e, r
}

func engineFor(t *testing.T, program sim.Program, world sim.World) *sim.Engine {
	t.Helper()
	p, err := sim.Build(program)
	if err != nil {
		t.Fatal(err)
	}
	prog, err := machine.Load(p)
	if err != nil {
		t.Fatal(err)
	}
	if world == nil {
		world = echo
	}
	return sim.NewEngine(prog, machine.Options{KeepOutputs: true}, world)
}

func (s scenario) check(t *testing.T) {
	t.Helper()
	e, r := s.run(t)
	if e.Finish == nil {
		t.Fatalf("the run did not finish: %s", describe(r))
	}
	if s.status == machine.RunRunning {
		s.status = machine.RunCompleted
	}
	if r.Status != s.status {
		t.Errorf("the run is %s, want %s; error: %v", r.Status, s.status, r.Error)
	}
	if got := describe(r); s.want != nil && !sameLines(got, s.want) {
		t.Errorf("nodes:\n%s\nwant:\n%s", got, strings.Join(s.want, "\n"))
	}
	if s.output != "" && text(r.Output) != s.output {
		t.Errorf("output %s, want %s", text(r.Output), s.output)
	}
	switch {
	case s.fails == "" && r.Error != nil:
		t.Errorf("the run has the error %v", r.Error)
	case s.fails != "" && (r.Error == nil || !strings.Contains(string(r.Error.Code)+" "+r.Error.Error(), s.fails)):
		t.Errorf("the run's error is %v, want one with %q", r.Error, s.fails)
	}
}

func sameLines(got string, want []string) bool {
	lines := strings.Split(got, "\n")
	if len(lines) != len(want) {
		return false
	}
	for i := range want {
		g, w := lines[i], want[i]
		if head, ok := strings.CutSuffix(w, " …"); ok {
			if !strings.HasPrefix(g, head) {
				return false
			}
		} else if g != w {
			return false
		}
	}
	return true
}

func describe(r machine.Result) string {
	var b strings.Builder
	for i, n := range r.Nodes {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(n.Name + " " + n.Status.String())
		if n.Why != "" {
			b.WriteString(" " + n.Why)
		}
		switch {
		case n.Status == machine.Completed:
			b.WriteString(" " + text(n.Output))
		case n.Error != nil:
			b.WriteString(" " + n.Error.Class)
		}
	}
	return b.String()
}

// echo answers functions with their input and language models with "ok".
func echo(e *machine.StartEffect, _ int) sim.Reply {
	if e.LLM != nil {
		return sim.Reply{Delay: 10, Outcome: sim.OK(value.String("ok"), machine.Usage{InputTokens: 5, OutputTokens: 2})}
	}
	return sim.Reply{Delay: 10, Outcome: sim.OK(e.Function.Input, machine.Usage{})}
}

// failing answers like echo, but fails the steps whose node is named.
func failing(names ...string) sim.World {
	return func(e *machine.StartEffect, n int) sim.Reply {
		for _, name := range names {
			if e.Node.Name == name {
				return sim.Reply{Delay: 10, Outcome: sim.Fail(machine.ClassFunction, false, name+" is broken")}
			}
		}
		return echo(e, n)
	}
}

func parse(t *testing.T, s string) value.Value {
	t.Helper()
	v, err := value.ParseJSON([]byte(s), value.JSONLimits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func text(v value.Value) string {
	b, err := value.AppendJSON(nil, v)
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(b)
}

func fn(name string, deps ...string) sim.Node {
	return sim.Node{Name: name, Func: name, Deps: deps}
}

func runAll(t *testing.T, list []scenario) {
	for _, s := range list {
		t.Run(s.name, func(t *testing.T) { s.check(t) })
	}
}
