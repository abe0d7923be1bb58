package check

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/suggest"
)

// lifecycle checks state machines, what they start and what the processes do to
// them against each other.
func (c *systemChecker) lifecycle() {
	sys := c.system.Doc.System
	l := sys.Lifecycle
	if l == nil {
		return
	}
	c.doc.Pipeline.Machines = l.Machines
	if t := l.Transaction; t.Name == "saga" {
		c.add(diag.New(diag.BadTransaction, t.Loc, "transaction: saga is not supported").
			WithHelp("use unified, which puts an entity back when its process fails, or handle the failure with on_error"))
	} else if t.Name != "" && t.Name != "unified" {
		d := diag.New(diag.BadTransaction, t.Loc, "unknown transaction %q", t.Name)
		c.add(d.WithHelp("it is unified").WithFix("replace with \"unified\"", false, diag.Edit{Loc: t.Loc, NewText: "unified"}))
	}
	if len(sys.Pipes) > 0 {
		c.add(diag.New(diag.PipesUnused, sys.PipesAt, "pipes have no effect in a System with state machines: transitions start its processes").
			WithHelp("remove the pipes, or move the processes into a System of their own"))
	}
	terminal := map[string]bool{}
	for _, s := range l.States {
		terminal[s.Name.Name] = s.Terminal
		c.anyState(s.Name)
		if s.OnEnter.Name != "" {
			c.process(s.OnEnter, "on_enter names")
		}
	}
	for _, m := range l.Machines {
		c.stateMachine(c.program, m)
		for _, w := range m.Ways {
			if w.Guard != nil && w.Guard.Tree != nil {
				_, ds := expr.Infer(w.Guard.Tree, w.Guard.Text, eventScope{})
				c.ds.Append(ds)
			}
		}
		c.reachable(m, terminal)
		c.deadEnds(m, terminal)
		for _, f := range m.Handlers {
			c.code(f)
		}
	}
	for _, on := range l.On {
		if on.Process.Name != "" {
			c.process(on.Process, "on_transition names")
		}
		c.onWay(on)
	}
	for _, info := range c.system.Scope.Nodes {
		c.transitions(info)
	}
	c.cascades(l)
}

// allStates are the states of all machines.
func (c *systemChecker) allStates() []string {
	var out []string
	for _, m := range c.system.Doc.System.Lifecycle.Machines {
		for _, s := range m.States() {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

// anyState checks that some machine has a state.
func (c *systemChecker) anyState(id ast.Ident) bool {
	states := c.allStates()
	if id.Name == "" || slices.Contains(states, id.Name) {
		return true
	}
	d := diag.New(diag.UnknownState, id.Loc, "no state machine has the state %q", id.Name)
	if best := suggest.Best(id.Name, states); best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: id.Loc, NewText: best})
	} else {
		d = d.WithHelp("the states are %s", strings.Join(states, ", "))
	}
	c.add(d)
	return false
}

// deadEnds reports states that no entity can leave though they are not final.
func (c *systemChecker) deadEnds(m *ast.StateMachine, terminal map[string]bool) {
	w := waysOf(m)
	seen := w.from(m.Initial.Name)
	for _, name := range m.States() {
		if id, ok := w.targets[name]; ok && seen[name] && !w.source[name] && !terminal[name] {
			c.add(diag.New(diag.FinalState, id.Loc, "no way leads out of the state %q, and it is not said to be final", name).
				WithHelp("write `%s: []` under transitions, or `terminal: true` under states", name))
		}
	}
}

// onWay checks that some machine has the way that a process is bound to.
func (c *systemChecker) onWay(on *ast.OnTransition) {
	known := c.anyState(on.From)
	if !c.anyState(on.To) || !known || on.From.Name == "" || on.To.Name == "" {
		return
	}
	var ways []string
	for _, m := range c.system.Doc.System.Lifecycle.Machines {
		for _, w := range m.Ways {
			if w.From.Name == on.From.Name && w.To.Name == on.To.Name {
				return
			}
			if w.From.Name == on.From.Name || w.To.Name == on.To.Name {
				ways = append(ways, w.From.Name+" -> "+w.To.Name)
			}
		}
	}
	d := diag.New(diag.UnknownWay, on.Key.Loc, "no state machine has the transition %s -> %s", on.From.Name, on.To.Name)
	if len(ways) > 0 {
		d = d.WithHelp("there is %s", strings.Join(ways, ", "))
	} else {
		d = d.WithHelp("add it to the transitions of a state machine")
	}
	c.add(d)
}

// transitions checks the transition nodes of a process's pipeline against the
// System's machines.
func (c *systemChecker) transitions(info *Info) {
	p := c.use(info).Pipeline
	if p == nil {
		return
	}
	p.Scope.Each(func(n *Info) {
		t := n.Node.Transition
		if t == nil || t.Entity.Name == "" || slices.ContainsFunc(p.Doc.Pipeline.Machines, func(m *ast.StateMachine) bool { return m.Entity.Name == t.Entity.Name }) {
			return
		}
		at := info.Node.KindText.Loc
		m := c.machine(t.Entity.Name)
		if m == nil {
			c.add(diag.New(diag.UnknownState, at, "process %q: no state machine is about %q", info.Name(), t.Entity.Name).
				WithHelp("declare it under spec.state_machines of the System or of the pipeline").WithRelated(t.Entity.Loc, "the transition"))
			return
		}
		if to := t.ToName.Name; to != "" && !slices.ContainsFunc(m.Ways, func(w *ast.Way) bool { return w.To.Name == to }) {
			c.add(diag.New(diag.UnknownState, at, "process %q: no transition of %q leads to %q", info.Name(), m.Entity.Name, to).
				WithHelp("its states are %s", strings.Join(m.States(), ", ")).WithRelated(t.ToName.Loc, "the transition"))
		}
	})
}

// cascades reports processes that start each other for ever: each changes the
// entity's state, which starts the next.
func (c *systemChecker) cascades(l *ast.Lifecycle) {
	starts := map[string][]*Info{} // by state entered
	for _, s := range l.States {
		if p := c.system.Scope.names[s.OnEnter.Name]; p != nil {
			starts[s.Name.Name] = append(starts[s.Name.Name], p)
		}
	}
	for _, on := range l.On {
		if p := c.system.Scope.names[on.Process.Name]; p != nil {
			starts[on.To.Name] = append(starts[on.To.Name], p)
		}
	}
	next := func(info *Info) (out []*Info) {
		p := c.use(info).Pipeline
		if p == nil {
			return nil
		}
		p.Scope.Each(func(n *Info) {
			if t := n.Node.Transition; t != nil && t.ToName.Name != "" {
				out = append(out, starts[t.ToName.Name]...)
			}
		})
		return out
	}
	const (
		open = 1
		done = 2
	)
	state := map[*Info]int{}
	var path []*Info
	var visit func(*Info)
	visit = func(info *Info) {
		state[info] = open
		path = append(path, info)
		for _, to := range next(info) {
			switch state[to] {
			case 0:
				visit(to)
			case open:
				var names []string
				for _, n := range path[slices.Index(path, to):] {
					names = append(names, n.Name())
				}
				c.add(diag.New(diag.Cascade, to.Node.Name.Loc, "processes start each other: %s -> %s", strings.Join(names, " -> "), to.Name()).
					WithHelp("each changes the entity's state, which starts the next; a run ends such a cascade at a depth of 10"))
			}
		}
		path = path[:len(path)-1]
		state[info] = done
	}
	for _, info := range c.system.Scope.Nodes {
		if state[info] == 0 {
			visit(info)
		}
	}
}
