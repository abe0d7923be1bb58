package machine

import "sort"

// The parts of a snapshot that belong to single kinds of nodes.

func (w *writer) agent(a *agentState) {
	if a == nil {
		w.null()
		return
	}
	w.array(7)
	w.array(len(a.turns))
	for i := range a.turns {
		t := &a.turns[i]
		w.array(4)
		w.text(t.text)
		w.text(t.note)
		w.bool(t.native)
		w.array(len(t.calls))
		for _, c := range t.calls {
			w.array(5)
			w.text(c.id)
			w.text(c.name)
			w.value(c.args)
			w.text(c.result)
			w.bool(c.done)
		}
	}
	w.int(int64(a.phase))
	w.value(a.context)
	if a.carried == nil {
		w.null()
	} else {
		w.value(a.carried.Value())
	}
	w.value(a.best)
	w.uint(uint64(a.limit))
	w.failure(a.failure)
}

func (r *reader) agent() *agentState {
	if r.null() || !r.fields(7) {
		return nil
	}
	a := &agentState{}
	for range r.array() {
		if !r.fields(4) {
			return nil
		}
		t := turn{text: r.text(), note: r.text(), native: r.bool()}
		for range r.array() {
			if !r.fields(5) {
				return nil
			}
			t.calls = append(t.calls, turnCall{id: r.text(), name: r.text(), args: r.value(), result: r.text(), done: r.bool()})
		}
		a.turns = append(a.turns, t)
	}
	a.phase, a.context = r.int32(), r.value()
	if !r.null() {
		o, ok := r.value().Object()
		if !ok {
			r.fail("what an agent carries is no object")
			return nil
		}
		a.carried = o
	}
	a.best, a.limit, a.failure = r.value(), Why(r.small(uint64(WhyCancelled))), r.failure()
	return a
}

func (w *writer) waitState(x *waitState) {
	if x == nil {
		w.null()
		return
	}
	w.array(4)
	w.text(x.key)
	w.uint(x.order)
	w.bool(x.setup)
	if x.got == nil {
		w.null()
	} else {
		w.signal(x.got)
	}
}

func (r *reader) waitState() *waitState {
	if r.null() || !r.fields(4) {
		return nil
	}
	x := &waitState{key: r.text(), order: r.uint(), setup: r.bool()}
	if !r.null() {
		x.got = r.signal()
	}
	return x
}

func (w *writer) transition(t *transitionState) {
	if t == nil {
		w.null()
		return
	}
	w.array(7)
	w.text(t.key.kind)
	w.text(t.key.id)
	w.text(t.from)
	w.text(t.to)
	w.value(t.reason)
	w.value(t.payload)
	w.int(int64(t.next))
}

func (r *reader) transition() *transitionState {
	if r.null() || !r.fields(7) {
		return nil
	}
	return &transitionState{
		key: entityKey{r.text(), r.text()}, from: r.text(), to: r.text(),
		reason: r.value(), payload: r.value(), next: r.int32(),
	}
}

// writeKinds writes what belongs to kinds of nodes but to no single node: events
// that nobody has waited for, ids of events, states of entities.
func (m *Machine) writeKinds(w *writer) {
	w.array(4)
	w.uint(m.awaits.order)
	w.array(len(m.awaits.inbox))
	for i := range m.awaits.inbox {
		w.signal(&m.awaits.inbox[i])
	}
	ids := make([]string, 0, len(m.awaits.seen))
	for id := range m.awaits.seen {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	w.array(len(ids))
	for _, id := range ids {
		w.text(id)
	}
	keys := m.entities.keys()
	w.array(len(keys))
	for _, k := range keys {
		e := m.entities.get(k)
		w.array(4)
		w.text(k.kind)
		w.text(k.id)
		w.text(e.state)
		w.array(4 * len(e.history))
		for _, p := range e.history {
			w.text(p.from)
			w.text(p.to)
			w.text(p.reason)
			w.int(p.at)
		}
	}
}

func (m *Machine) readKinds(r *reader) {
	if !r.fields(4) {
		return
	}
	m.awaits.order = r.uint()
	for range r.array() {
		if s := r.signal(); s != nil {
			m.awaits.inbox = append(m.awaits.inbox, *s)
		}
		if r.err != nil {
			return
		}
	}
	if n := r.array(); n > 0 && r.err == nil {
		m.awaits.seen = map[string]bool{}
		for range n {
			m.awaits.seen[r.text()] = true
		}
	}
	for range r.array() {
		if !r.fields(4) {
			return
		}
		e := m.entities.put(entityKey{r.text(), r.text()}, r.text())
		for range r.array() / 4 {
			if r.err != nil {
				return
			}
			e.history = append(e.history, passage{r.text(), r.text(), r.text(), r.int()})
		}
	}
}

// reopenWaits finds the open waits of a restored run.
func (m *Machine) reopenWaits() {
	var refs []int32
	for i, a := range m.acts {
		if a != nil && a.wait != nil {
			refs = append(refs, int32(i+1))
		}
	}
	sort.Slice(refs, func(i, j int) bool { return m.act(refs[i]).wait.order < m.act(refs[j]).wait.order })
	if refs != nil {
		m.awaits.open = map[string][]int32{}
	}
	for _, ref := range refs {
		key := m.act(ref).wait.key
		m.awaits.open[key] = append(m.awaits.open[key], ref)
	}
}

// consistentKind checks the state that belongs to a node's kind.
func (m *Machine) consistentKind(a *act) string {
	nd := m.node(a.scope, a.node)
	st := m.scopes[a.scope].nodes[a.node].st
	switch {
	case (a.agent != nil || a.wait != nil || a.transition != nil) && nd.kind != kindAgent && nd.kind != kindWait && nd.kind != kindTransition,
		a.agent != nil && nd.kind != kindAgent, a.wait != nil && nd.kind != kindWait, a.transition != nil && nd.kind != kindTransition:
		return "a node has the state of another kind"
	case nd.kind == kindAgent && a.agent == nil && st != Backoff:
		return "an agent has no state"
	case nd.kind == kindWait && a.wait == nil && st != Backoff:
		return "a wait has no key"
	case nd.kind == kindWait && a.wait != nil && a.wait.setup && nd.wait.setup == nil:
		return "a wait has a setup that it does not have"
	case st == Waiting && nd.kind != kindWait, nd.kind == kindWait && (st == Queued || st == Running) && nd.wait.setup == nil:
		return "a node waits for what it does not have"
	case nd.kind == kindTransition && a.transition == nil && st != Backoff:
		return "a transition has no state"
	}
	if t := a.transition; t != nil {
		port := nd.transition.ir != nil && nd.transition.ir.Port != nil
		if sm := m.prog.machines[t.key.kind]; !port && (sm == nil || t.next < 0 || int(t.next) >= len(sm.handlers)) {
			return "a transition is of an unknown entity"
		}
	}
	if ag := a.agent; ag != nil && (ag.phase < 0 || int(ag.phase) >= len(nd.agent.phases)) {
		return "an agent is in an unknown phase"
	}
	return ""
}
