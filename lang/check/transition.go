package check

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/suggest"
)

// machine is the state machine of an entity type; nil if there is none.
func (c *checker) machine(entity string) *ast.StateMachine {
	for _, m := range c.doc.Pipeline.Machines {
		if m.Entity.Name == entity {
			return m
		}
	}
	return nil
}

// entity checks that an entity type has a state machine, or a port that may
// know it.
func (c *checker) entity(id ast.Ident) *ast.StateMachine {
	m := c.machine(id.Name)
	if m != nil || id.Name == "" || c.doc.Open() {
		return m
	}
	var names []string
	for _, m := range c.doc.Pipeline.Machines {
		names = append(names, m.Entity.Name)
	}
	d := diag.New(diag.UnknownEntity, id.Loc, "entity type %q has no state machine here", id.Name)
	switch best := suggest.Best(id.Name, names); {
	case best != "":
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: id.Loc, NewText: best})
	case len(names) > 0:
		d = d.WithHelp("spec.state_machines declares %s", strings.Join(names, ", "))
	default:
		// A System that runs the pipeline may bring its machines.
		d = d.As(diag.Warning).WithHelp("declare it under spec.state_machines, or run the pipeline in a System that does")
	}
	c.add(d)
	return nil
}

// transition checks a transition's entity type and target state.
func (c *checker) transition(info *Info) {
	t := info.Node.Transition
	m := c.entity(t.Entity)
	if m == nil || t.ToName.Name == "" {
		return
	}
	c.state(m, t.ToName, "state machine %q has no state %q")
	reached := false
	for _, w := range m.Ways {
		reached = reached || w.To.Name == t.ToName.Name
	}
	if !reached && slices.Contains(m.States(), t.ToName.Name) {
		c.add(diag.New(diag.UnknownState, t.ToName.Loc, "no transition of %q leads to %q", m.Entity.Name, t.ToName.Name).
			WithHelp("add it to the transitions of a state, or go to another state").
			WithRelated(m.Loc, "the state machine is declared here"))
	}
}

func (c *checker) state(m *ast.StateMachine, id ast.Ident, format string) {
	states := m.States()
	if slices.Contains(states, id.Name) {
		return
	}
	d := diag.New(diag.UnknownState, id.Loc, format, m.Entity.Name, id.Name).
		WithRelated(m.Loc, "the state machine is declared here")
	if best := suggest.Best(id.Name, states); best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: id.Loc, NewText: best})
	} else {
		d = d.WithHelp("its states are %s", strings.Join(states, ", "))
	}
	c.add(d)
}

// guardNames are what a guard sees beside the fields of the payload.
var guardNames = []string{"payload", "entity_type", "entity_id", "from_state", "to_state", "reason"}

// stateMachine gives the names in guards their meaning: each head is a field
// of the transition, or of its payload.
func (c *checker) stateMachine(p *Program, m *ast.StateMachine) {
	for _, w := range m.Ways {
		if w.Guard == nil || w.Guard.Tree == nil {
			continue
		}
		var slots []Slot
		for _, r := range expr.Refs(w.Guard.Tree) {
			if r.Namespace {
				loc := w.Guard.Text.Loc(r.HeadSpan)
				c.add(diag.New(diag.UnknownNamespace, loc, "$%s cannot be read in a guard", r.Head).
					WithHelp("a guard sees %s and the fields of the payload", strings.Join(guardNames, ", ")))
				continue
			}
			if !slices.ContainsFunc(slots, func(s Slot) bool { return s.Head == r.Head }) {
				slots = append(slots, Slot{Head: r.Head, Kind: SlotField})
			}
		}
		p.Guards[w.Guard] = slots
	}
}

// timeoutHandler makes the edge to the node that handles the end of a wait.
func (c *checker) timeoutHandler(s *Scope, info *Info, id ast.Ident) {
	h := s.find(id.Name, nil)
	if h != nil && h != info && info.Node.OnError != nil && info.Node.OnError.Name == id.Name {
		return // it handles every failure
	}
	c.handler(s, info, id)
	if h != info {
		info.OnTimeout = h
	}
}
