package sim

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/machine"
)

// system is a System of which every process runs p. Some processes wait for
// others; the limits and the slots of p are the System's, too, so that they are
// what its processes share.
func (c *Chaos) system(p *ir.Program) *ir.Program {
	s := &ir.Program{
		Version: ir.Version, Kind: ir.KindSystem, Name: "system", Files: p.Files,
		Effective: ir.Effective{Kernel: p.Effective.Kernel, Limits: p.Effective.Limits, Caps: ir.Caps{Unrestricted: true}},
	}
	q := *p
	q.Version, q.Files, q.Effective, q.Ports = 0, nil, ir.Effective{}, nil
	s.Pipelines = []ir.Program{q}
	for i := range c.Processes {
		n := ir.Node{
			ID: processName(i), Name: processName(i), Kind: ir.ProcessKind, Single: -1, Attempts: 1, Mapped: true,
			Process: &ir.Process{Effective: p.Effective, Ports: p.Ports},
		}
		if i > 0 && c.r.IntN(3) == 0 {
			n.Edges = []ir.Edge{{Node: c.r.IntN(i), Class: ir.EdgeData, Why: []string{"pipe"}}}
		}
		s.Body.Nodes = append(s.Body.Nodes, n)
	}
	if err := ir.Verify(s); err != nil {
		panic(fmt.Sprintf("seed %d: %v", c.Seed, err))
	}
	return s
}

func processName(i int) string { return fmt.Sprint("p", i) }

// worlds gives each process a world, which sees the paths that a run outside of a
// System would have.
func (c *Chaos) worlds() World {
	list := make([]World, c.Processes)
	for i := range list {
		list[i] = Random(c.worldSeed(i), c.Rates)
	}
	return func(e *machine.StartEffect, execution int) Reply {
		inner := *e
		_, inner.Path, _ = strings.Cut(e.Path, "/")
		return list[e.Process-1](&inner, execution)
	}
}

// worldSeed is the same for all: signals come from one world, too.
func (c *Chaos) worldSeed(int) uint64 { return c.Seed }

// children checks the processes of a System at its end.
func (c *Chaos) children(r machine.Result) *Violation {
	ids := map[string]bool{}
	var used machine.Usage
	body := &c.prog.Program().Body
	for i, n := range r.Nodes {
		started := n.Status == machine.Completed || n.Status == machine.Failed
		if n.Child == nil {
			if started {
				return violate("27 children", "%s is %s without a run", n.Name, n.Status)
			}
			continue
		}
		child := n.Child
		if ids[child.RunID] || child.RunID != machine.ChildID(c.st.RunID, n.Name, 1, 0) {
			return violate("27 children", "%s is the run %s", n.Name, child.RunID)
		}
		ids[child.RunID] = true
		used.LLMCalls += child.Usage.LLMCalls
		used.InputTokens += child.Usage.InputTokens
		used.OutputTokens += child.Usage.OutputTokens
		want := map[machine.RunStatus]machine.Status{machine.RunCompleted: machine.Completed, machine.RunFailed: machine.Failed, machine.RunCancelled: machine.Aborted}
		if want[child.Status] != n.Status {
			return violate("27 children", "%s is %s, and its run %s", n.Name, n.Status, child.Status)
		}
		for _, e := range body.Nodes[i].Edges {
			if src := r.Nodes[e.Node]; src.Status != machine.Completed || src.Child.Ended > child.Started {
				return violate("17 order", "%s ran before %s had completed", n.Name, src.Name)
			}
		}
		if !c.confluent() {
			continue
		}
		ref, completed := Reference(c.ir, c.worldSeed(i), c.Rates, child.RunID, c.st.Input)
		if d := Differ(*child, ref, completed); d != "" {
			return violate("20 confluence", "process %s: %s", n.Name, d)
		}
	}
	if r.Usage.LLMCalls != used.LLMCalls || r.Usage.InputTokens != used.InputTokens || r.Usage.OutputTokens != used.OutputTokens {
		return violate("13 ledger closure", "the System used %+v, its processes %+v", r.Usage, used)
	}
	if s := c.m.Stats(); c.book.limit.LLMCalls >= 0 && c.crashed == 0 && s.Used.LLMCalls != r.Usage.LLMCalls {
		return violate("13 ledger closure", "%d calls are booked on the System, and %d were made", s.Used.LLMCalls, r.Usage.LLMCalls)
	}
	if r.Status == machine.RunCompleted && c.confluent() {
		for _, n := range r.Nodes {
			if n.Status == machine.Failed {
				return violate("19 error routes", "the System completed, and %s failed", n.Name)
			}
		}
	}
	return nil
}
