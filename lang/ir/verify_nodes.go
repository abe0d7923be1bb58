package ir

import (
	"fmt"
	"slices"
)

// callKind is the kind that a node with a Call must have.
func callKind(n *Node) string {
	switch n.Call.Target {
	case CallPort:
		return "api_call_node"
	case CallService:
		return "service_call_node"
	}
	return n.Call.Name // of a foreign kind
}

func (v *verifier) messages(where string, list []Message) {
	for i := range list {
		m := &list[i]
		v.expr(where, &m.Text)
		for j := range m.More {
			v.expr(where, &m.More[j])
		}
		if m.List != (m.Role == "") || m.List && m.More != nil {
			v.failf(where, "has a message that is both a text and a list")
		}
	}
}

func (v *verifier) agent(where string, x *Agent) {
	v.portUse(where, &x.Port)
	if x.Router != nil {
		v.portUse(where, x.Router)
	}
	v.messages(where, x.System)
	if len(x.Phases) == 0 || x.Phases[0].Name != "main" {
		v.failf(where, "has no main prompt")
	}
	seen := map[string]bool{}
	for i := range x.Phases {
		p := &x.Phases[i]
		if seen[p.Name] || len(p.Messages) == 0 {
			v.failf(where, "has the phase %.40q twice, or without a prompt", p.Name)
		}
		seen[p.Name] = true
		v.messages(where, p.Messages)
	}
	if x.MaxSteps < 1 {
		v.failf(where, "has no steps")
	}
	if !slices.Contains([]string{"mixed", "function_call", "json"}, x.Style) {
		v.failf(where, "calls tools in the unknown style %.40q", x.Style)
	}
	seen = map[string]bool{}
	for i := range x.Tools {
		t := &x.Tools[i]
		if seen[t.Name] || t.Name == "" || t.Function == nil || t.Timeout < 0 {
			v.failf(where, "has the tool %.40q twice, or without a function", t.Name)
		}
		seen[t.Name] = true
		v.function(where, t.Function)
		v.place(where, &t.At)
	}
	v.encodedType(where, x.Schema)
	for _, e := range []*Expr{x.Model, x.Temperature, x.TopP, x.MaxTokens, x.Seed, x.Stop} {
		v.optional(where, e)
	}
}

func (v *verifier) call(where string, x *Call) {
	switch x.Target {
	case CallPort:
		v.portUse(where, &x.Port)
	case CallService:
		if x.Name == "" || x.Method == "" {
			v.failf(where, "calls a service without its name or method")
		}
	case CallExternal:
	default:
		v.failf(where, "calls something of the unknown kind %d", x.Target)
	}
	v.bindings(where, x.Args)
	v.encodedType(where, x.Output)
	v.place(where, &x.At)
}

func (v *verifier) wait(where string, x *Wait) {
	v.expr(where, &x.Key)
	v.function(where, x.Setup)
	v.encodedType(where, x.Output)
	if x.Timeout < 0 {
		v.failf(where, "waits for a negative time")
	}
}

func (v *verifier) transition(where string, x *Transition) {
	if x.Port == nil && !slices.ContainsFunc(v.p.Machines, func(m StateMachine) bool { return m.Entity == x.Entity }) {
		v.failf(where, "changes the state of %.40q, which has no state machine", x.Entity)
	}
	if x.Port != nil {
		v.portUse(where, x.Port)
	}
	v.expr(where, &x.ToState)
	v.optional(where, x.EntityID)
	v.optional(where, x.Reason)
	v.bindings(where, x.Payload)
}

func (v *verifier) services() {
	names := map[string]bool{}
	for i := range v.p.Services {
		s := &v.p.Services[i]
		where := fmt.Sprintf("service %.80q", s.Name)
		if s.Name == "" || s.Class == "" || names[s.Name] {
			v.failf(where, "has no name or class, or occurs twice")
		}
		names[s.Name] = true
		v.value(where, s.Config)
		v.place(where, &s.At)
	}
	names = map[string]bool{}
	v.guard = true
	for i := range v.p.Machines {
		m := &v.p.Machines[i]
		where := fmt.Sprintf("state machine %.80q", m.Entity)
		if m.Entity == "" || m.Initial == "" || names[m.Entity] {
			v.failf(where, "has no name or initial state, or occurs twice")
		}
		names[m.Entity] = true
		for j := range m.Ways {
			w := &m.Ways[j]
			v.optional(where, w.Guard)
			v.place(where, &w.At)
		}
		for j := range m.Handlers {
			v.function(where, &m.Handlers[j])
		}
		v.place(where, &m.At)
	}
	v.guard = false
}
