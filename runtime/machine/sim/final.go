package sim

import (
	"bytes"

	"hexdag.dev/hexdag/runtime/machine"
)

// confluent reports whether nothing interferes but the world.
func (c *Chaos) confluent() bool {
	return !c.Shape.Limits && !c.Shape.Timeouts && !c.Shape.Policies && !c.Shape.Caps && !c.book.cancelled && c.Rates.Hang == 0 && c.Crashes < 3
}

// finalChecks checks what can be said about a whole run.
func (c *Chaos) finalChecks() *Violation {
	r := c.m.Result()
	for _, n := range r.Nodes {
		if !n.Status.Final() {
			return violate("16 finish", "%s is %s at the end", n.Name, n.Status)
		}
	}
	if c.book.durable && r.Status != machine.RunCancelled {
		// A cancellation that came after the last node has no effect.
		if v := c.cancelCameLate(); v != nil {
			return v
		}
	}
	live, err := c.m.Snapshot()
	if err != nil {
		return violate("4 snapshot", "%v", err)
	}
	if v := c.refold(live, r); v != nil {
		return v
	}
	if v := c.reslice(r); v != nil {
		return v
	}
	if c.Processes > 0 {
		return c.children(r)
	}
	if v := c.statuses(r); v != nil {
		return v
	}
	if !c.confluent() {
		return nil
	}
	want, completed := Reference(c.ir, c.Seed, c.Rates, c.st.RunID, c.st.Input)
	if d := Differ(r, want, completed); d != "" {
		return violate("20 confluence", "%s", d)
	}
	return nil
}

// cancelCameLate checks that a durable cancellation without effect was applied
// when every node had settled.
func (c *Chaos) cancelCameLate() *Violation {
	m := c.machine(true)
	var x machine.Cmds
	for _, rec := range c.durable {
		if rec.Event.Kind == machine.Cancelled && m.Status() == machine.RunRunning {
			for m.Slices() < rec.Slices {
				m.Continue(c.w, &x)
			}
			for _, n := range m.Result().Nodes {
				if !n.Status.Final() {
					return violate("6 acknowledgement", "a durable cancellation had no effect")
				}
			}
			return nil
		}
		if _, err := m.Replay(rec, c.w, &x); err != nil {
			return violate("1 determinism", "%v", err)
		}
		x.Reset()
	}
	return nil
}

// refold replays the journal, with other observers and from snapshots.
func (c *Chaos) refold(live []byte, r machine.Result) *Violation {
	for _, quiet := range []bool{true, false} {
		m := c.machine(quiet)
		var x machine.Cmds
		more := false
		starts := map[string]bool{}
		ended := map[string]bool{}
		for i, rec := range c.durable {
			var err error
			if more, err = m.Replay(rec, c.w, &x); err != nil {
				return violate("1 determinism", "%v", err)
			}
			for _, s := range c.snapshots {
				if s.after != i+1 || !quiet {
					continue
				}
				if got, _ := m.Snapshot(); !bytes.Equal(got, s.data) {
					return violate("3 prefix replay", "after record %d the replay is in another state", i+1)
				}
			}
			if v := c.order(&x, starts, ended); v != nil {
				return v
			}
			x.Reset()
		}
		for more {
			more = m.Continue(c.w, &x)
			if v := c.order(&x, starts, ended); v != nil {
				return v
			}
			x.Reset()
		}
		if got, err := m.Snapshot(); err != nil || !bytes.Equal(got, live) {
			return violate("1 determinism", "the replay ends in another state (observers: %v, %v)", !quiet, err)
		}
	}
	for i, s := range c.snapshots {
		if s.after > len(c.durable) || i%3 != 0 {
			continue
		}
		m, err := machine.Restore(c.prog, machine.Options{KeepOutputs: true}, s.data)
		if err != nil {
			return violate("4 snapshot", "%v", err)
		}
		if c.Prepare != nil {
			c.Prepare(m)
		}
		var x machine.Cmds
		for _, rec := range c.durable[s.after:] {
			if _, err := m.Replay(rec, c.w, &x); err != nil {
				return violate("4 snapshot", "from the snapshot after record %d: %v", s.after, err)
			}
			x.Reset()
		}
		for m.Status() == machine.RunRunning {
			if !m.Continue(c.w, &x) {
				break
			}
		}
		if got := Describe(m.Result()); got != Describe(r) {
			return violate("4 snapshot", "from the snapshot after record %d the run ends as\n%s", s.after, got)
		}
	}
	return nil
}

// order checks that no top-level node ends or starts before its dependencies
// have ended.
func (c *Chaos) order(x *machine.Cmds, starts, ended map[string]bool) *Violation {
	for _, e := range x.Events {
		i := indexOf(c.desc.Nodes, e.Node)
		if i < 0 {
			continue
		}
		switch e.Type {
		case machine.NodeStarted:
			starts[e.Process+"/"+e.Node] = true
		case machine.NodeCompleted, machine.NodeFailed:
			ended[e.Process+"/"+e.Node] = true
		case machine.NodeSkipped, machine.NodeCancelled:
			ended[e.Process+"/"+e.Node] = true
			continue // a run that stops cancels what still waits
		default:
			continue
		}
		for _, edge := range c.ir.Body.Nodes[i].Edges {
			from := &c.ir.Body.Nodes[edge.Node]
			if x := from.Export; x != nil {
				from = &c.ir.Body.Nodes[x.Owner] // an export has no events
			}
			if src := from.Name; !ended[e.Process+"/"+src] {
				return violate("17 order", "%s got under way before %s had ended", e.Node, src)
			}
		}
	}
	return nil
}

// reslice plays the journal again with other slices: without events in between,
// they must not matter.
func (c *Chaos) reslice(r machine.Result) *Violation {
	if c.mixed || c.crashed > 0 {
		return nil
	}
	for _, steps := range []int64{1, 7, 1 << 40} {
		m := c.machine(true)
		var x machine.Cmds
		for _, rec := range c.durable {
			more := m.Apply(rec.Event, machine.Work{Steps: steps}, &x)
			for more {
				more = m.Continue(machine.Work{Steps: steps}, &x)
			}
			x.Reset()
		}
		if m.Digest() != c.m.Digest() || Describe(m.Result()) != Describe(r) {
			return violate("2 slices", "with slices of %d steps the run ends as\n%s\nnot as\n%s", steps, Describe(m.Result()), Describe(r))
		}
	}
	return nil
}

// statuses checks skips and handlers from the statuses of the top-level nodes.
func (c *Chaos) statuses(r machine.Result) *Violation {
	for i, n := range r.Nodes {
		in := &c.ir.Body.Nodes[i]
		if in.Export != nil {
			if v := exported(r, i, in); v != nil {
				return v
			}
			continue
		}
		data, _, handler := dependencies(in)
		skipped, failed := 0, false
		for _, d := range data {
			switch r.Nodes[d].Status {
			case machine.Skipped:
				skipped++
			case machine.Failed, machine.Aborted:
				failed = true
			}
		}
		guardFailed := false
		for g := range r.Nodes {
			guardFailed = guardFailed || handles(in, g) && r.Nodes[g].Status == machine.Failed
		}
		all := len(data) > 0 && skipped == len(data)
		ran := n.Status == machine.Completed
		switch {
		case handler && !guardFailed && ran:
			return violate("19 error routes", "%s ran and nothing that it guards failed", n.Name)
		case handler && guardFailed && n.Status == machine.Skipped && n.Why == "no_error":
			return violate("19 error routes", "%s was skipped and something that it guards failed", n.Name)
		case !handler && ran && (failed || all):
			return violate("18 skip", "%s completed although its dependencies did not", n.Name)
		case n.Why == "upstream_skipped" && !all, n.Why == "upstream_failed" && !failed, n.Why == "no_error" && !handler:
			return violate("18 skip", "%s was skipped for the wrong reason %s", n.Name, n.Why)
		case n.Why == "not_routed" && len(in.Routes) == 0, n.Why == "when_false" && in.When == nil:
			return violate("18 skip", "%s was skipped for the wrong reason %s", n.Name, n.Why)
		case in.Critical && n.Status == machine.Skipped:
			return violate("18 skip", "%s is critical and was skipped", n.Name)
		}
	}
	if r.Status == machine.RunCompleted || r.Status == machine.RunFailed {
		unhandled := false
		for i, n := range r.Nodes {
			if n.Status != machine.Failed {
				continue
			}
			taken := false
			for h := range r.Nodes {
				st := r.Nodes[h].Status
				taken = taken || handles(&c.ir.Body.Nodes[h], i) && (st == machine.Completed || st == machine.Failed)
			}
			unhandled = unhandled || !taken
		}
		timedOut := r.Error != nil && (r.Error.Code == "HX1015" || r.Error.Name == "")
		if unhandled != (r.Status == machine.RunFailed) && !timedOut {
			return violate("19 error routes", "the run is %s, and a failure was left unhandled: %v", r.Status, unhandled)
		}
	}
	return nil
}
