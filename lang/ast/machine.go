package ast

import (
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// StateMachine is the states of an entity type: an entry of state_machines.
type StateMachine struct {
	Entity  Ident
	Initial Ident
	// From are the states that transitions are declared for, in order.
	From     []Ident
	Ways     []*Way
	Handlers []*Function
	Loc      source.Location
}

// Way is one possible transition.
type Way struct {
	From, To Ident
	Guard    *Expr
}

// States are the names of all states, each once, in the order in which they
// stand.
func (m *StateMachine) States() []string {
	var out []string
	seen := map[string]bool{}
	add := func(s string) {
		if s != "" && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	add(m.Initial.Name)
	for _, s := range m.From {
		add(s.Name)
	}
	for _, w := range m.Ways {
		add(w.To.Name)
	}
	return out
}

func (b *builder) stateMachines(f *shape.Field) []*StateMachine {
	if f == nil || f.Null || !f.OK {
		return nil
	}
	var out []*StateMachine
	for i := range f.Entries {
		e := &f.Entries[i]
		if e.Object == nil {
			continue
		}
		m := &StateMachine{Entity: b.keyIdent(e.Key), Initial: b.ident(e.Object.Get("initial")), Loc: b.at(e.Key)}
		if t := e.Object.Get("transitions"); t != nil && !t.Null {
			for j := range t.Entries {
				b.ways(m, &t.Entries[j])
			}
		}
		if h := e.Object.Object("handlers"); h != nil {
			if t := h.Get("on_transition"); t != nil && !t.Null {
				m.Handlers = b.functions(t)
			}
		}
		out = append(out, m)
	}
	return out
}

func (b *builder) ways(m *StateMachine, from *shape.Entry) {
	state := b.keyIdent(from.Key)
	m.From = append(m.From, state)
	for _, item := range from.Items {
		w := &Way{From: state}
		if o := item.Object; o != nil {
			w.To = b.ident(o.Get("to"))
			if g := o.Get("guard"); g != nil && !g.Null && g.OK {
				w.Guard = b.source(g.Value, RoleText, "guard", schema.Condition)
			}
		} else {
			w.To = b.identOf(item)
		}
		if w.To.Name != "" {
			m.Ways = append(m.Ways, w)
		}
	}
}

// functions types a function or a list of them.
func (b *builder) functions(f *shape.Field) []*Function {
	if f.Value == nil || f.Value.Kind != syntax.Sequence {
		if fn := b.function(f); fn != nil {
			return []*Function{fn}
		}
		return nil
	}
	var out []*Function
	for _, item := range f.Items {
		if fn := b.function(&shape.Field{View: *item}); fn != nil {
			out = append(out, fn)
		}
	}
	return out
}
