package ir

import (
	"reflect"

	"hexdag.dev/hexdag/lang/value"
)

// system shows the processes, the pipes and the pipelines of a System. A
// pipeline stands once, whatever processes run it; they name its hash.
func (s *shower) system(o object) {
	p := s.p
	hashes := make([]string, len(p.Pipelines))
	for i := range p.Pipelines {
		hashes[i] = FullHash(&p.Pipelines[i])
	}
	s.scope = append(s.scope, &p.Body)
	processes := make([]value.Value, len(p.Body.Nodes))
	for i := range p.Body.Nodes {
		processes[i] = s.process(&p.Body.Nodes[i], hashes)
	}
	s.scope = s.scope[:len(s.scope)-1]
	o.set("processes", listOf(processes))
	pipes := make([]value.Value, len(p.Pipes))
	for i := range p.Pipes {
		x, pipe := &p.Pipes[i], newObject()
		pipe.str("from", s.nodeName(&p.Body, x.From))
		pipe.str("to", s.nodeName(&p.Body, x.To))
		mapping := newObject()
		for _, b := range p.Body.Nodes[x.To].Mapping {
			for _, t := range x.Targets {
				if t == b.Name {
					mapping.set(t, s.expr(&b.Expr))
				}
			}
		}
		pipe.set("mapping", mapping.value())
		pipe.set("origin", s.place(&x.At))
		pipes[i] = pipe.value()
	}
	o.set("pipes", listOf(pipes))
	init := value.Null
	if p.Init != nil {
		init = s.init(p.Init)
	}
	o.set("init", init)
	if p.Lifecycle != nil {
		o.set("lifecycle", s.lifecycle(p.Lifecycle))
	}
	pipelines := make([]value.Value, len(p.Pipelines))
	for i := range p.Pipelines {
		q := p.Pipelines[i]
		q.Files = p.Files
		inner := &shower{p: &q}
		x := newObject()
		x.str("hash", hashes[i])
		inner.content(x)
		pipelines[i] = x.value()
	}
	o.set("pipelines", listOf(pipelines))
}

func (s *shower) process(n *Node, hashes []string) value.Value {
	s.nodes = append(s.nodes, n)
	defer func() { s.nodes = s.nodes[:len(s.nodes)-1] }()
	x, o := n.Process, newObject()
	o.str("name", n.Name)
	o.str("pipeline", hashes[x.Pipeline])
	o.set("dependencies", s.dependencies(&s.p.Body, n))
	o.set("when", value.Null)
	if n.When != nil {
		o.str("when", n.When.Text)
		o.set("when_reads", s.slots(n.When.Slots))
	}
	o.set("origin", s.place(&n.Origin))
	o.set("exec", s.place(&x.At))
	o.set("input", s.bindings(x.Input))
	o.set("mapping", s.bindings(n.Mapping))
	o.set("effective", s.effective(&x.Effective))
	ports := make([]value.Value, len(x.Ports))
	for i := range x.Ports {
		ports[i] = s.any(reflect.ValueOf(&x.Ports[i]).Elem())
	}
	o.set("ports", listOf(ports))
	reads := make([]string, 0, len(x.Reads)+len(x.Whole))
	for _, list := range [][]int{x.Reads, x.Whole} {
		for _, i := range list {
			reads = append(reads, s.nodeName(&s.p.Pipelines[x.Pipeline].Body, i))
		}
	}
	o.strs("gives", reads)
	if x.Declared != nil {
		o.set("input_schema", shownType(x.Declared))
	}
	if x.Returns != nil {
		o.set("output_schema", shownType(x.Returns))
	}
	return o.value()
}

// lifecycle shows what transitions start, times in seconds.
func (s *shower) lifecycle(x *Lifecycle) value.Value {
	o := newObject()
	o.str("transaction", x.Transaction)
	states := newObject()
	for i := range x.States {
		st, state := &x.States[i], newObject()
		process := value.Null
		if st.Process >= 0 {
			process = value.String(s.nodeName(&s.p.Body, st.Process))
		}
		state.set("on_enter", process)
		state.strs("requires", st.Requires)
		state.set("terminal", value.Bool(st.Terminal))
		state.set("origin", s.place(&st.At))
		states.set(st.Name, state.value())
	}
	o.set("states", states.value())
	on := make([]value.Value, len(x.On))
	for i := range x.On {
		t, way := &x.On[i], newObject()
		way.str("from", t.From)
		way.str("to", t.To)
		way.str("process", s.nodeName(&s.p.Body, t.Process))
		way.set("origin", s.place(&t.At))
		on[i] = way.value()
	}
	o.set("on_transition", listOf(on))
	gc := newObject()
	gc.set("enabled", value.Bool(x.Collect))
	gc.set("ttl", seconds(x.Keep))
	o.set("gc", gc.value())
	return o.value()
}

// init shows what starts the System, times in seconds.
func (s *shower) init(x *Init) value.Value {
	o := newObject()
	o.str("type", x.Type)
	o.set("origin", s.place(&x.At))
	switch x.Type {
	case InitSchedule:
		if x.Cron != "" {
			o.str("cron", x.Cron)
		} else {
			o.set("every", seconds(x.Every))
		}
		o.str("timezone", x.Timezone)
		o.set("jitter", seconds(x.Jitter))
		o.set("delay", seconds(x.Delay))
		o.str("overlap", x.Overlap)
		o.set("catch_up", value.Bool(x.CatchUp))
		o.set("max_runs", value.Int(x.MaxRuns))
	case InitContinuous:
		o.str("restart", x.Restart)
		backoff := newObject()
		backoff.set("initial", seconds(x.BackoffFirst))
		backoff.set("max", seconds(x.BackoffMax))
		backoff.set("factor", plain(value.Float(x.BackoffFactor)))
		o.set("backoff", backoff.value())
		restarts := value.Null
		if x.MaxRestarts >= 0 {
			restarts = value.Int(x.MaxRestarts)
		}
		o.set("max_restarts", restarts)
		o.set("window", seconds(x.Window))
		o.set("cooldown", seconds(x.Cooldown))
	case InitEvent:
		o.strs("topics", x.Topics)
		filter, dedupe := value.Null, value.Null
		if x.Filter != nil {
			filter = s.expr(x.Filter)
		}
		if x.DedupeKey != nil {
			dedupe = s.expr(x.DedupeKey)
		}
		o.set("filter", filter)
		if x.Mapped {
			o.set("mapping", s.bindings(x.Mapping))
		}
		o.set("concurrency", value.Int(x.Concurrency))
		o.set("dedupe_key", dedupe)
	}
	o.set("input", plain(x.Input))
	return o.value()
}
