package machine

import (
	"sort"
)

// A snapshot is an array: version, shape of the program, then the sections of
// the state in the order in which snapshot writes and restore reads them. Arenas
// are written with their holes, so that indexes stay valid; queues and maps are
// written sorted, so that equal states have equal bytes.

// Snapshot is the whole state, as canonical bytes: equal states have equal
// bytes. It may be taken between any two calls of Apply and Continue.
func (m *Machine) Snapshot() ([]byte, error) {
	w := &writer{}
	w.array(11)
	w.uint(Version)
	w.array(len(m.prog.bodies))
	for _, b := range m.prog.bodies {
		w.uint(uint64(len(b.nodes)))
	}
	m.writeHeader(w)
	m.writeProgress(w)
	w.array(len(m.scopes))
	for i := range m.scopes {
		m.writeScope(w, &m.scopes[i])
	}
	w.array(len(m.acts))
	for _, a := range m.acts {
		m.writeAct(w, a)
	}
	m.writeQueues(w)
	m.writeLedger(w)
	m.writeResults(w)
	m.writeKids(w)
	m.writeKinds(w)
	return w.b, w.err
}

func (m *Machine) writeHeader(w *writer) {
	w.array(5)
	w.text(m.runID)
	w.uint(m.seed)
	w.text(m.irHash)
	w.value(m.input)
	w.prices(m.prices)
}

func (m *Machine) writeProgress(w *writer) {
	w.array(19)
	h := m.host() // a child has its System's clock and place in the history
	w.uint(h.seq)
	w.uint(uint64(h.slices))
	w.uint(uint64(h.ord))
	w.int(h.now)
	w.uint(m.digest)
	w.uint(uint64(m.phase))
	w.bool(h.held)
	w.int(m.started)
	w.int(m.ended)
	if m.cancel == nil {
		w.null()
	} else {
		w.array(2)
		w.text(m.cancel.By)
		w.text(m.cancel.Reason)
	}
	w.uint(m.nextAge)
	w.int(m.opened)
	w.uint(m.nextToken)
	w.uint(m.nextTimer)
	w.int(m.busyUsed)
	w.int(m.busySince)
	w.uint(m.runTimer)
	w.uint(m.busyTimer)
	w.bool(m.opts.KeepOutputs)
}

func (m *Machine) writeScope(w *writer, sc *scope) {
	if sc.body == nil {
		w.null()
		return
	}
	w.array(19)
	w.uint(uint64(sc.body.id))
	w.uint(sc.age)
	w.int(int64(sc.parent))
	w.int(int64(sc.pnode))
	w.uint(uint64(sc.act))
	w.int(int64(sc.slot))
	w.int(sc.index)
	w.value(sc.item)
	w.array(len(sc.nodes))
	for i := range sc.nodes {
		n := &sc.nodes[i]
		w.array(8)
		for _, x := range [...]uint64{uint64(n.st), uint64(n.why), uint64(n.flags), uint64(n.try), uint64(n.act)} {
			w.uint(x)
		}
		for _, x := range [...]int32{n.pend, n.skipped, n.readers} {
			w.int(int64(x))
		}
	}
	w.values(sc.outs)
	w.int(int64(sc.left))
	w.uint(uint64(sc.mode))
	w.uint(uint64(sc.why))
	w.bool(sc.limited)
	w.int(int64(sc.flights))
	w.entries(sc.parked)
	w.array(2 * len(sc.fails))
	for _, n := range sortedKeys(sc.fails) {
		w.uint(uint64(n))
		w.failure(sc.fails[n])
	}
	w.failure(sc.fail)
	w.array(4)
	w.int(int64(sc.failAt))
	w.int(sc.began)
	w.text(sc.prefix)
	w.int(int64(sc.call))
}

func sortedKeys[K ~int32 | ~uint64, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	return keys
}

// entries writes a heap in order; a sorted array is a heap.
func (w *writer) entries(q queue) {
	sorted := append(queue(nil), q...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].before(sorted[j]) })
	w.list(sorted)
}

func (w *writer) list(q []entry) {
	w.array(3 * len(q))
	for _, e := range q {
		w.uint(e.age)
		w.int(int64(e.scope))
		w.int(int64(e.node))
	}
}

func (m *Machine) writeAct(w *writer, a *act) {
	if a == nil {
		w.null()
		return
	}
	w.array(21)
	w.int(int64(a.scope))
	w.int(int64(a.node))
	w.int(a.began)
	w.uint(uint64(a.calls))
	if m.broken(faultSnapshotEpoch) {
		w.uint(0)
	} else {
		w.uint(uint64(a.epoch))
	}
	w.uint(uint64(a.lost))
	w.uint(a.token)
	w.uint(a.timer)
	w.bool(a.fresh)
	w.array(7)
	for _, n := range [...]int64{a.want.llmCalls, a.want.toolCalls, a.want.prompt, a.want.answer, a.want.priceIn, a.want.priceOut} {
		w.int(n)
	}
	w.bool(a.want.priced)
	w.failure(a.last)
	if a.llm == nil {
		w.null()
	} else {
		w.array(2 * len(a.llm.rejected))
		for _, r := range a.llm.rejected {
			w.text(r.answer)
			w.text(r.fault)
		}
	}
	w.value(a.reduce)
	m.writeComposite(w, a.comp)
	w.bool(a.comp != nil && a.comp.queued)
	w.uint(uint64(a.kid))
	w.uint(uint64(a.why))
	w.uint(a.ticket)
	w.agent(a.agent)
	w.waitState(a.wait)
	w.transition(a.transition)
}

func (m *Machine) writeComposite(w *writer, c *compState) {
	if c == nil {
		w.null()
		return
	}
	w.array(26)
	w.values(c.targets)
	w.value(c.input)
	w.bool(c.prepared)
	w.int(c.total)
	w.int(c.next)
	w.array(len(c.live))
	for _, s := range c.live {
		w.uint(uint64(s))
	}
	w.bool(c.items != nil)
	w.values(c.items)
	w.bool(c.results != nil)
	w.values(c.results)
	w.value(c.best)
	w.int(c.bestAt)
	w.int(c.ok)
	w.int(c.failed)
	w.int(c.skipped)
	w.array(2 * len(c.errs))
	for _, e := range c.errs {
		w.int(e.index)
		w.text(e.message)
	}
	w.failure(c.failure)
	w.int(c.failAt)
	w.bool(c.fatal)
	w.uint(uint64(c.stop))
	w.bool(c.closed)
	w.bool(c.aborted)
	w.bool(c.expired)
	if c.state == nil {
		w.null()
	} else {
		w.value(c.state.Value())
	}
	w.array(2 + len(c.evaluations))
	w.int(int64(c.chosen))
	w.bool(c.met)
	for _, e := range c.evaluations {
		w.bool(e)
	}
	w.value(c.result)
}

func (m *Machine) writeQueues(w *writer) {
	w.array(8)
	w.entries(m.ready)
	w.entries(m.queued)
	w.list(m.waiting)
	w.array(len(m.flights))
	for i := range m.flights {
		f := &m.flights[i]
		w.array(12)
		w.uint(f.token)
		w.int(int64(f.scope))
		w.int(int64(f.node))
		w.uint(uint64(f.act))
		w.uint(uint64(f.call))
		w.uint(uint64(f.try))
		w.uint(uint64(f.epoch))
		w.uint(uint64(f.lost))
		w.int(f.timeout)
		w.amount(f.grant)
		w.bool(f.cancelled)
		w.uint(uint64(f.why))
	}
	w.array(4 * len(m.timers))
	for _, id := range sortedKeys(m.timers) {
		t := m.timers[id]
		w.uint(t.id)
		w.int(t.at)
		w.uint(uint64(t.kind))
		w.uint(uint64(t.act))
	}
	w.array(2 * len(m.zombies))
	for _, z := range m.zombies {
		w.uint(z.token)
		w.int(int64(z.top))
	}
	w.array(len(m.freeScope))
	for _, s := range m.freeScope {
		w.uint(uint64(s))
	}
	w.array(len(m.freeAct))
	for _, a := range m.freeAct {
		w.uint(uint64(a))
	}
}

func (w *writer) amount(a Amount) {
	w.array(4)
	for _, n := range [...]int64{a.Tokens, a.LLMCalls, a.ToolCalls, a.CostMicro} {
		w.int(n)
	}
}

func (m *Machine) writeLedger(w *writer) {
	w.array(4)
	w.array(len(m.ledger.accounts))
	for i := range m.ledger.accounts {
		a := &m.ledger.accounts[i]
		w.array(1 + 3*resources)
		w.int(int64(a.parent))
		for r := range resources {
			w.int(a.limit[r])
			w.int(a.used[r])
			w.int(a.held[r])
		}
	}
	w.uint(uint64(m.ledger.warned))
	w.uint(uint64(m.ledger.exceeded))
	w.bool(m.ledger.dirty)
}

func (m *Machine) writeResults(w *writer) {
	w.array(5)
	w.usage(&m.usage)
	w.value(m.output)
	w.array(len(m.failures))
	for _, f := range m.failures {
		w.failure(f)
	}
	w.array(2 * len(m.times))
	for _, t := range m.times {
		w.int(t.began)
		w.int(t.ended)
	}
	w.array(2 * len(m.usages))
	for _, n := range sortedKeys(m.usages) {
		w.uint(uint64(n))
		w.usage(m.usages[n])
	}
}
