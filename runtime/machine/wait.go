package machine

import (
	"fmt"
	"sort"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// A wait_node registers its key first; only then is its setup function called,
// so that an event that the function brings about cannot be missed. An event that
// comes before its wait is kept. Of an event and the end of the time the one that
// is recorded first counts.

// waitSpec is a compiled wait_node.
type waitSpec struct {
	ir     *ir.Wait
	key    *code
	setup  *functionSpec
	output *expr.Type
}

func (l *loader) wait(x *ir.Wait) (*waitSpec, error) {
	s := &waitSpec{ir: x}
	var err error
	if s.key, err = l.code(&x.Key); err != nil {
		return nil, fmt.Errorf("event_key: %w", err)
	}
	if s.setup, err = l.function(x.Setup); err != nil {
		return nil, fmt.Errorf("setup_fn: %w", err)
	}
	if s.output, err = decodeType(x.Output); err != nil {
		return nil, fmt.Errorf("output_schema: %w", err)
	}
	return s, nil
}

// Signal is an event from outside for a wait.
type Signal struct {
	// ID makes the delivery idempotent: a signal whose id was applied before
	// changes nothing.
	ID  string
	Key string
	// Payload is the event's data, the result of the wait.
	Payload value.Value
	// Principal says who sent it, "" if that is not known.
	Principal string
}

// MaxSignals bounds the events of one key that nobody has waited for yet; those
// over it are dropped.
const MaxSignals = 1000

// awaits are the waits of a run and the events that nobody has waited for yet.
type awaits struct {
	// open are the waits by key, the first registered first. It follows from the
	// acts: a snapshot does not hold it.
	open  map[string][]int32
	order uint64
	inbox []Signal // in the order of their coming
	seen  map[string]bool
}

// waitState is one wait under way.
type waitState struct {
	key   string
	order uint64
	// setup: its function is being called, or will be called.
	setup bool
	// got is an event that came before the setup had ended.
	got *Signal
}

// startWait registers a wait.
func (m *Machine) startWait(f *frame) {
	s, nd := f.scope, f.n
	n := nd.index
	ref := m.scopes[s].nodes[n].act
	if ref == 0 {
		ref = m.newAct(s, n)
	}
	a := m.acts[ref-1]
	f.act, f.now = a, a.began
	m.startedNode(s, n)
	key, fail := nd.wait.key.text(f)
	if fail == nil && key == "" {
		fail = &Failure{
			Code: diag.RunWaitKey, Class: ClassInvalidInput, Definite: true, Place: nd.wait.key.src.At,
			Message: "event_key gave an empty text", Help: "what sends the event names the same key",
		}
	}
	if fail != nil {
		m.failNode(s, n, fail)
		return
	}
	m.awaits.order++
	a.wait = &waitState{key: key, order: m.awaits.order, setup: nd.wait.setup != nil}
	if m.awaits.open == nil {
		m.awaits.open = map[string][]int32{}
	}
	m.awaits.open[key] = append(m.awaits.open[key], ref)
	m.digest = hashString(m.digest, key)
	if nd.wait.ir.Timeout > 0 {
		a.timer = m.startTimer(saturatingAdd(m.now, nd.wait.ir.Timeout), timerWait, ref)
	}
	m.emitNode(s, n, Public{Type: WaitStarted, Text: key, Dur: nd.wait.ir.Timeout})
	m.scopes[s].nodes[n].st = Waiting
	if sig := m.inboxFor(key); sig != nil {
		m.hand(a, sig)
	}
	if a.wait != nil && a.wait.setup {
		m.enqueue(s, n)
	}
}

// forgetWait takes a wait out of those that are open.
func (m *Machine) forgetWait(ref int32, w *waitState) {
	list := m.awaits.open[w.key]
	for i, x := range list {
		if x == ref {
			list = append(list[:i:i], list[i+1:]...)
			break
		}
	}
	if len(list) == 0 {
		delete(m.awaits.open, w.key)
	} else {
		m.awaits.open[w.key] = list
	}
}

// inboxFor takes an event out of those that nobody has waited for yet, in a
// process also out of the System's; nil if there is none.
func (m *Machine) inboxFor(key string) *Signal {
	for at := m; at != nil; at = at.parent {
		for i := range at.awaits.inbox {
			if at.awaits.inbox[i].Key == key {
				sig := at.awaits.inbox[i]
				at.awaits.inbox = append(at.awaits.inbox[:i:i], at.awaits.inbox[i+1:]...)
				return &sig
			}
		}
	}
	return nil
}

// signalled takes in an event from outside.
func (m *Machine) signalled(sig *Signal) {
	if sig == nil || m.awaits.seen[sig.ID] && sig.ID != "" && !m.broken(faultSignalTwice) {
		return
	}
	if sig.ID != "" {
		if m.awaits.seen == nil {
			m.awaits.seen = map[string]bool{}
		}
		m.awaits.seen[sig.ID] = true
	}
	m.digest = hashValue(hashString(hashString(m.digest, sig.ID), sig.Key), sig.Payload)
	if a := m.waiter(sig.Key); a != nil {
		m.hand(a, sig)
		return
	}
	for _, k := range m.kids {
		if k.phase != phaseRunning {
			continue
		}
		if a := k.waiter(sig.Key); a != nil {
			m.kidFirst = 0
			m.inKid(k, func() { k.hand(a, sig) })
			return
		}
	}
	kept := 0
	for i := range m.awaits.inbox {
		if m.awaits.inbox[i].Key == sig.Key {
			kept++
		}
	}
	if kept < MaxSignals {
		m.awaits.inbox = append(m.awaits.inbox, *sig)
	}
}

// waiter is the first wait for a key that has no event yet; nil for none.
func (m *Machine) waiter(key string) *act {
	for _, ref := range m.awaits.open[key] {
		if a := m.act(ref); a.wait.got == nil {
			return a
		}
	}
	return nil
}

// hand gives an event to a wait. While its setup function is under way the
// event waits for that.
func (m *Machine) hand(a *act, sig *Signal) {
	if a.wait.setup {
		a.wait.got = sig
		return
	}
	m.waitOver(a, sig)
}

// waitOver ends a wait with its event.
func (m *Machine) waitOver(a *act, sig *Signal) {
	s, n := a.scope, a.node
	nd := m.node(s, n)
	m.forgetWait(m.scopes[s].nodes[n].act, a.wait)
	a.wait = nil
	v := sig.Payload
	if v.IsMissing() {
		v = value.Null
	}
	if t := nd.wait.output; t != nil {
		w, wrong := t.Coerce(v)
		if len(wrong) > 0 {
			m.attemptFailed(s, n, &Failure{
				Code: diag.RunInvalidOutput, Class: ClassInvalidOutput, Retryable: true, Place: nd.ir.Origin,
				Message: fmt.Sprintf("the event for %q does not fit output_schema: %s", nd.ir.Name, mismatches(wrong)),
			})
			return
		}
		v = w
	}
	m.complete(s, n, v)
}

// setupDone takes in that the setup function has returned.
func (m *Machine) setupDone(f *flight, a *act) {
	if f.cancelled {
		m.landedCancelled(f)
		return
	}
	s, n := f.scope, f.node
	if ok, why := m.mayStart(s, n); !ok {
		m.abort(s, n, why)
		return
	}
	a.fresh = true
	a.wait.setup = false
	m.scopes[s].nodes[n].st = Waiting
	if sig := a.wait.got; sig != nil {
		m.waitOver(a, sig)
	}
}

// waitTimedOut ends a wait whose time is over. One whose setup function is still
// under way ends with that: what it does cannot be taken back.
func (m *Machine) waitTimedOut(a *act) {
	s, n := a.scope, a.node
	if a.token != 0 {
		if i := m.flightAt(a.token); i >= 0 {
			m.cancelFlight(&m.flights[i], WhyNodeTimeout)
		}
		return
	}
	queued := m.scopes[s].nodes[n].st == Queued
	m.attemptFailed(s, n, m.waitFailure(a))
	if queued {
		m.unpark(s)
	}
}

func (m *Machine) waitFailure(a *act) *Failure {
	nd := m.node(a.scope, a.node)
	return &Failure{
		Code: diag.RunWaitTimeout, Class: ClassWaitTimeout, Definite: true, Place: nd.ir.Origin,
		Message: fmt.Sprintf("the event %q did not come within %s", a.wait.key, duration(nd.wait.ir.Timeout)),
	}
}

// retryWait takes a wait back before another attempt; an event that it has got
// stays for that.
func (m *Machine) retryWait(ref int32, a *act) {
	m.forgetWait(ref, a.wait)
	if sig := a.wait.got; sig != nil {
		m.awaits.inbox = append([]Signal{*sig}, m.awaits.inbox...)
	}
	a.wait = nil
}

// handledBy reports whether a handler is for the failure f of n: the end of a
// wait's time may have one of its own.
func (n *node) handledBy(handler int32, f *Failure) bool {
	if n.wait == nil || n.wait.ir.OnTimeout < 0 || f == nil {
		return true
	}
	return (f.Class == ClassWaitTimeout) == (int(handler) == n.wait.ir.OnTimeout)
}

// Await is one wait of a run.
type Await struct {
	Key string
	// Node is the path of the node, Name its name; Process is the System process
	// that it is in, "" for none.
	Node, Name, Process string
	// Deadline is when its time is over, in nanoseconds since 1970; 0 for never.
	Deadline int64
}

// Knows reports whether a signal of that id was applied.
func (m *Machine) Knows(id string) bool { return m.awaits.seen[id] }

// Awaiting reports whether a wait is open.
func (m *Machine) Awaiting() bool {
	if len(m.awaits.open) > 0 {
		return true
	}
	for _, k := range m.kids {
		if k.phase == phaseRunning && k.Awaiting() {
			return true
		}
	}
	return false
}

// Waits are the waits of the run, the first registered first.
func (m *Machine) Waits() []Await {
	var list []Await
	var order []uint64
	for _, refs := range m.awaits.open {
		for _, ref := range refs {
			a := m.act(ref)
			w := Await{Key: a.wait.key, Node: m.path(a.scope, a.node), Name: m.node(a.scope, a.node).ir.Name}
			if t, ok := m.timers[a.timer]; ok {
				w.Deadline = t.at
			}
			list = append(list, w)
			order = append(order, a.wait.order)
		}
	}
	sort.Sort(&byOrder{list, order})
	for i, k := range m.kids {
		if k.phase != phaseRunning {
			continue
		}
		for _, w := range k.Waits() {
			w.Process = m.node(0, m.kids[i].pnode).ir.Name
			list = append(list, w)
		}
	}
	return list
}

type byOrder struct {
	list  []Await
	order []uint64
}

func (b *byOrder) Len() int           { return len(b.list) }
func (b *byOrder) Less(i, j int) bool { return b.order[i] < b.order[j] }
func (b *byOrder) Swap(i, j int) {
	b.list[i], b.list[j] = b.list[j], b.list[i]
	b.order[i], b.order[j] = b.order[j], b.order[i]
}
