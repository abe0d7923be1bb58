package ir

import "fmt"

// Lifecycle is what makes a System run by the transitions of entities, whose
// states are Program.Machines. Processes are indexes into Body.Nodes.
type Lifecycle struct {
	// States are what happens in states, those of all machines by name.
	States []State
	// On are the processes of single ways; one goes before what its target's
	// state starts.
	On []OnTransition
	// Transaction is "unified": the entity goes back if its process fails.
	Transaction string
	// Collect tells that entities in a terminal state are forgotten Keep
	// nanoseconds after they entered it.
	Collect bool
	Keep    int64
}

// State is what happens when an entity enters a state.
type State struct {
	Name string
	// Process is started, -1 for none.
	Process int
	// Requires are the fields of the payload that must be there and not null.
	Requires []string
	Terminal bool
	At       Place
}

// OnTransition is a process of one way.
type OnTransition struct {
	From, To string
	Process  int
	At       Place
}

// TransactionUnified is the only Transaction.
const TransactionUnified = "unified"

func (v *verifier) lifecycle(x *Lifecycle) {
	if x == nil {
		return
	}
	if len(v.p.Machines) == 0 || x.Transaction != TransactionUnified || x.Keep < 0 {
		v.failf("lifecycle", "has no state machine, a negative time or the transaction %.40q", x.Transaction)
		return
	}
	states := map[string]bool{}
	ways := map[[2]string]bool{}
	for i := range v.p.Machines {
		m := &v.p.Machines[i]
		states[m.Initial] = true
		for _, w := range m.Ways {
			states[w.From], states[w.To] = true, true
			ways[[2]string{w.From, w.To}] = true
		}
	}
	seen := map[string]bool{}
	for i := range x.States {
		s := &x.States[i]
		where := fmt.Sprintf("state %.80q", s.Name)
		if !states[s.Name] || seen[s.Name] {
			v.failf(where, "is in no state machine, or is there twice")
		}
		seen[s.Name] = true
		if s.Process < -1 || s.Process >= len(v.p.Body.Nodes) {
			v.failf(where, "starts process %d of %d", s.Process, len(v.p.Body.Nodes))
		}
		v.place(where, &s.At)
	}
	for i := range x.On {
		t := &x.On[i]
		where := fmt.Sprintf("transition %.80q -> %.80q", t.From, t.To)
		if !ways[[2]string{t.From, t.To}] || t.Process < 0 || t.Process >= len(v.p.Body.Nodes) {
			v.failf(where, "is in no state machine, or starts process %d of %d", t.Process, len(v.p.Body.Nodes))
		}
		v.place(where, &t.At)
	}
}
