package ast

import (
	"strings"

	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
)

// Lifecycle is what makes a System run by the transitions of entities.
type Lifecycle struct {
	Machines []*StateMachine
	States   []*State
	// On are the processes of ways, in order.
	On []*OnTransition
	// Transaction is `unified` if it was not given.
	Transaction Ident
	// Collect tells that entities in final states are forgotten, after Keep.
	Collect bool
	Keep    *Duration
}

// State is an entry of `states`.
type State struct {
	Name     Ident
	OnEnter  Ident
	Requires []Ident
	Terminal bool
}

// OnTransition is an entry of `on_transition`.
type OnTransition struct {
	Key      Ident // as written: "OPEN -> CLOSED"
	From, To Ident
	Process  Ident
}

// lifecycle types what is there only with state machines; nil without them.
func (b *builder) lifecycle(spec *shape.Object) *Lifecycle {
	f := spec.Get("state_machines")
	if f == nil || f.Null || len(f.Entries) == 0 {
		return nil
	}
	l := &Lifecycle{Machines: b.stateMachines(f), Transaction: b.ident(spec.Get("transaction"))}
	if gc := spec.Object("gc"); gc != nil && gc.Node != nil {
		enabled := gc.Get("enabled")
		l.Collect = enabled == nil || enabled.Null || b.boolean(enabled)
		l.Keep = b.duration(gc.Get("ttl"))
	}
	if f := spec.Get("states"); f != nil && !f.Null {
		for _, e := range f.Entries {
			s := &State{Name: b.keyIdent(e.Key)}
			if o := e.Object; o != nil {
				s.OnEnter, s.Requires, s.Terminal = b.ident(o.Get("on_enter")), b.idents(o.Get("requires")), b.boolean(o.Get("terminal"))
			}
			l.States = append(l.States, s)
		}
	}
	if f := spec.Get("on_transition"); f != nil && !f.Null {
		for _, e := range f.Entries {
			on := &OnTransition{Key: b.keyIdent(e.Key)}
			on.From, on.To = b.way(on.Key)
			if e.Object != nil && e.Object.Node != nil {
				on.Process = b.ident(e.Object.Get("process"))
			} else {
				on.Process = b.identOf(&e.View)
			}
			l.On = append(l.On, on)
		}
	}
	return l
}

// way takes the key `FROM -> TO` apart; zero names if it is malformed, which the
// schema reports.
func (b *builder) way(key Ident) (from, to Ident) {
	left, right, ok := strings.Cut(key.Name, "->")
	if !ok {
		return from, to
	}
	m := b.tree.TextMap(key.Node)
	part := func(text string, at int) Ident {
		name := strings.TrimSpace(text)
		at += strings.Index(text, name)
		return Ident{Name: name, Loc: source.Location{File: b.tree.FileOf(key.Node), Span: m.Span(spanOf(at, at+len(name)))}, Node: key.Node}
	}
	return part(left, 0), part(right, len(left)+2)
}
