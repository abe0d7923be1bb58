package machine

import (
	"fmt"
	"slices"
)

// Restore is the run that Snapshot was taken of. Bytes that are not a snapshot
// of a run of a program of p's shape are an error. Whether p is the very program
// is for the caller to compare, by its hash.
func Restore(p *Prog, o Options, snapshot []byte) (*Machine, error) {
	r := &reader{b: snapshot}
	m := New(p, o)
	if !r.fields(11) {
		return nil, r.err
	}
	if v := r.uint(); r.err == nil && v != Version {
		return nil, fmt.Errorf("the snapshot is of version %d of the machine, and this is version %d", v, Version)
	}
	if n := r.array(); r.err == nil && n != len(p.bodies) {
		return nil, fmt.Errorf("the snapshot is of another program: it has %d bodies, this one %d", n, len(p.bodies))
	}
	for i, b := range p.bodies {
		if n := r.uint(); r.err == nil && n != uint64(len(b.nodes)) {
			return nil, fmt.Errorf("the snapshot is of another program: body %d has %d nodes, not %d", i, n, len(b.nodes))
		}
	}
	m.readHeader(r)
	m.readProgress(r)
	for range r.array() {
		if r.err != nil {
			break
		}
		m.scopes = append(m.scopes, m.readScope(r))
	}
	for range r.array() {
		if r.err != nil {
			break
		}
		m.acts = append(m.acts, m.readAct(r))
	}
	m.readQueues(r)
	m.readLedger(r)
	m.readResults(r)
	m.readKids(r)
	m.readKinds(r)
	if err := r.end(); err != nil {
		return nil, err
	}
	if err := m.consistent(); err != nil {
		return nil, err
	}
	m.reopenWaits()
	return m, nil
}

func (m *Machine) readHeader(r *reader) {
	if r.fields(5) {
		m.runID, m.seed, m.irHash, m.input, m.prices = r.text(), r.uint(), r.text(), r.value(), r.prices()
	}
}

func (m *Machine) readProgress(r *reader) {
	if !r.fields(19) {
		return
	}
	m.seq, m.slices, m.ord, m.now, m.digest = r.uint(), r.uint32(), r.uint32(), r.int(), r.uint()
	m.phase = phase(r.small(uint64(phaseFinished)))
	m.held, m.started, m.ended = r.bool(), r.int(), r.int()
	if !r.null() && r.fields(2) {
		m.cancel = &Cancellation{By: r.text(), Reason: r.text()}
	}
	m.nextAge, m.opened, m.nextToken, m.nextTimer = r.uint(), r.int(), r.uint(), r.uint()
	m.busyUsed, m.busySince, m.runTimer, m.busyTimer = r.int(), r.int(), r.uint(), r.uint()
	// What was dropped is gone, and what was kept stays kept.
	m.opts.KeepOutputs = r.bool()
}

func (m *Machine) readScope(r *reader) scope {
	if r.null() {
		return scope{parent: -1}
	}
	var sc scope
	if !r.fields(19) {
		return sc
	}
	id := r.small(uint64(len(m.prog.bodies) - 1))
	sc.body = m.prog.bodies[id]
	sc.age, sc.parent, sc.pnode, sc.act, sc.slot = r.uint(), r.int32(), r.int32(), int32(r.small(1<<31-1)), r.int32()
	sc.index, sc.item = r.int(), r.value()
	n := r.array()
	if r.err == nil && n != len(sc.body.nodes) {
		r.fail("a scope has the wrong number of nodes")
	}
	if r.err != nil {
		return sc
	}
	sc.nodes = make([]nodeState, n)
	for i := range sc.nodes {
		if !r.fields(8) {
			return sc
		}
		sc.nodes[i] = nodeState{
			st: Status(r.small(uint64(Aborted))), why: Why(r.small(uint64(WhyCancelled))), flags: nodeFlags(r.uint8()),
			try: r.uint16(), act: int32(r.small(1<<31 - 1)), pend: r.int32(), skipped: r.int32(), readers: r.int32(),
		}
	}
	sc.outs = r.values()
	if r.err == nil && len(sc.outs) != n {
		r.fail("a scope has the wrong number of outputs")
	}
	sc.left, sc.mode, sc.why = r.int32(), scopeMode(r.small(uint64(scopeHalted))), Why(r.small(uint64(WhyCancelled)))
	sc.limited, sc.flights, sc.parked = r.bool(), r.int32(), queue(r.list())
	for range r.array() / 2 {
		if r.err != nil {
			return sc
		}
		if sc.fails == nil {
			sc.fails = map[int32]*Failure{}
		}
		n := r.int32()
		sc.fails[n] = r.failure()
	}
	sc.fail = r.failure()
	if r.fields(4) {
		sc.failAt, sc.began, sc.prefix, sc.call = r.int32(), r.int(), r.text(), r.int32()
	}
	return sc
}

func (r *reader) list() []entry {
	n := r.array()
	if n%3 != 0 {
		r.fail("a queue has the wrong length")
	}
	var q []entry
	for range n / 3 {
		if r.err != nil {
			return nil
		}
		q = append(q, entry{age: r.uint(), scope: r.int32(), node: r.int32()})
	}
	return q
}

func (m *Machine) readAct(r *reader) *act {
	if r.null() || !r.fields(21) {
		return nil
	}
	a := &act{
		scope: r.int32(), node: r.int32(), began: r.int(), calls: r.uint32(), epoch: r.uint16(), lost: r.uint16(),
		token: r.uint(), timer: r.uint(), fresh: r.bool(),
	}
	if r.fields(7) {
		a.want = want{
			llmCalls: r.int(), toolCalls: r.int(), prompt: r.int(), answer: r.int(),
			priceIn: r.int(), priceOut: r.int(), priced: r.bool(),
		}
	}
	a.last = r.failure()
	if !r.null() {
		a.llm = &llmState{}
		for range r.array() / 2 {
			if r.err != nil {
				return a
			}
			a.llm.rejected = append(a.llm.rejected, rejectedAnswer{r.text(), r.text()})
		}
	}
	a.reduce = r.value()
	a.comp = m.readComposite(r)
	if queued := r.bool(); a.comp != nil {
		a.comp.queued = queued
	}
	a.kid, a.why, a.ticket = int32(r.small(1<<31-1)), Why(r.small(uint64(WhyCancelled))), r.uint()
	a.agent, a.wait, a.transition = r.agent(), r.waitState(), r.transition()
	return a
}

func (m *Machine) readComposite(r *reader) *compState {
	if r.null() || !r.fields(26) {
		return nil
	}
	c := &compState{targets: r.values(), input: r.value(), prepared: r.bool(), total: r.int(), next: r.int()}
	for range r.array() {
		c.live = append(c.live, r.int32())
	}
	hasItems := r.bool()
	c.items = r.values()
	if hasItems && c.items == nil {
		c.items = slices.Grow(c.items, 1)[:0]
	}
	hasResults := r.bool()
	c.results = r.values()
	if hasResults && c.results == nil {
		c.results = slices.Grow(c.results, 1)[:0]
	}
	c.best, c.bestAt, c.ok, c.failed, c.skipped = r.value(), r.int(), r.int(), r.int(), r.int()
	for range r.array() / 2 {
		if r.err != nil {
			return c
		}
		c.errs = append(c.errs, itemError{r.int(), r.text()})
	}
	c.failure, c.failAt, c.fatal = r.failure(), r.int(), r.bool()
	c.stop = stopReason(r.small(uint64(stopElse)))
	c.closed, c.aborted, c.expired = r.bool(), r.bool(), r.bool()
	if !r.null() {
		v := r.value()
		o, ok := v.Object()
		if !ok {
			r.fail("the state of a loop is no object")
			return c
		}
		c.state = o
	}
	n := r.array()
	if n < 2 {
		r.fail("a branch has the wrong length")
		return c
	}
	c.chosen, c.met = r.int32(), r.bool()
	for range n - 2 {
		c.evaluations = append(c.evaluations, r.bool())
	}
	c.result = r.value()
	return c
}

func (m *Machine) readQueues(r *reader) {
	if !r.fields(8) {
		return
	}
	m.ready, m.queued, m.waiting = queue(r.list()), queue(r.list()), r.list()
	for range r.array() {
		if !r.fields(12) {
			return
		}
		m.flights = append(m.flights, flight{
			token: r.uint(), scope: r.int32(), node: r.int32(), act: int32(r.small(1<<31 - 1)), call: r.uint32(),
			try: r.uint16(), epoch: r.uint16(), lost: r.uint16(), timeout: r.int(), grant: r.amount(),
			cancelled: r.bool(), why: Why(r.small(uint64(WhyCancelled))),
		})
	}
	for range r.array() / 4 {
		if r.err != nil {
			return
		}
		t := timer{id: r.uint(), at: r.int(), kind: timerKind(r.small(uint64(timerWait))), act: int32(r.small(1<<31 - 1))}
		m.timers[t.id] = t
	}
	for range r.array() / 2 {
		if r.err != nil {
			return
		}
		m.zombies = append(m.zombies, zombie{r.uint(), r.int32()})
	}
	for range r.array() {
		m.freeScope = append(m.freeScope, r.int32())
	}
	for range r.array() {
		m.freeAct = append(m.freeAct, r.int32())
	}
}

func (r *reader) amount() Amount {
	if !r.fields(4) {
		return Amount{}
	}
	return Amount{Tokens: r.int(), LLMCalls: r.int(), ToolCalls: r.int(), CostMicro: r.int()}
}

func (m *Machine) readLedger(r *reader) {
	if !r.fields(4) {
		return
	}
	for range r.array() {
		if !r.fields(1 + 3*resources) {
			return
		}
		a := account{parent: r.int32()}
		for i := range resources {
			a.limit[i], a.used[i], a.held[i] = r.int(), r.int(), r.int()
		}
		m.ledger.accounts = append(m.ledger.accounts, a)
	}
	m.ledger.warned, m.ledger.exceeded, m.ledger.dirty = r.uint8(), r.uint8(), r.bool()
}

func (m *Machine) readResults(r *reader) {
	if !r.fields(5) {
		return
	}
	m.usage, m.output = r.usage(), r.value()
	for range r.array() {
		if r.err != nil {
			return
		}
		m.failures = append(m.failures, r.failure())
	}
	for range r.array() / 2 {
		if r.err != nil {
			return
		}
		m.times = append(m.times, nodeTimes{r.int(), r.int()})
	}
	n := r.array() / 2
	if m.phase != phaseNew || n > 0 {
		m.usages = map[int32]*Usage{}
	}
	for range n {
		if r.err != nil {
			return
		}
		top := r.int32()
		u := r.usage()
		m.usages[top] = &u
	}
}
