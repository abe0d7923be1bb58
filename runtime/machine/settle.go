package machine

import (
	"fmt"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// openScope makes an instance of a body and readies its roots.
func (m *Machine) openScope(b *body, parent, pnode, act int32, index int64, item value.Value, prefix string) int32 {
	var at int32
	if k := len(m.freeScope); k > 0 {
		at = m.freeScope[k-1]
		m.freeScope = m.freeScope[:k-1]
	} else {
		m.scopes = append(m.scopes, scope{})
		at = int32(len(m.scopes) - 1)
	}
	m.nextAge++
	m.opened++
	sc := &m.scopes[at]
	*sc = scope{body: b, age: m.nextAge, parent: parent, pnode: pnode, act: act, index: index, item: item,
		left: int32(len(b.nodes)), began: m.now, prefix: prefix}
	if k := len(m.pool[b.id]); k > 0 {
		mem := m.pool[b.id][k-1]
		m.pool[b.id] = m.pool[b.id][:k-1]
		sc.nodes, sc.outs = mem.nodes, mem.outs
		clear(sc.nodes)
	} else {
		sc.nodes, sc.outs = make([]nodeState, len(b.nodes)), make([]value.Value, len(b.nodes))
	}
	for i := range sc.nodes {
		sc.nodes[i].pend, sc.nodes[i].readers = b.nodes[i].pend, b.nodes[i].readers
		if m.broken(faultEarlyStart) && b.nodes[i].pend > 1 {
			sc.nodes[i].pend--
		}
	}
	m.work -= int64(len(b.nodes))
	m.mix(tagScope, m.nextAge, uint64(index))
	for _, n := range b.roots {
		sc.nodes[n].st = Ready
		m.ready.push(entry{sc.age, at, n})
	}
	if len(b.nodes) == 0 {
		m.ready.push(entry{sc.age, at, scopeEnd})
	}
	return at
}

// closeScope frees the place of a settled scope.
func (m *Machine) closeScope(at int32) {
	sc := &m.scopes[at]
	const most = 64 // closed scopes whose memory is kept, per body
	if m.pool == nil {
		m.pool = map[int32][]scopeMemory{}
	}
	if id := sc.body.id; len(m.pool[id]) < most {
		clear(sc.outs)
		m.pool[id] = append(m.pool[id], scopeMemory{sc.nodes, sc.outs})
	}
	*sc = scope{parent: -1}
	m.freeScope = append(m.freeScope, at)
}

// complete settles a node with its output. One that no snapshot could hold fails
// the node: the run could not go on after a crash.
func (m *Machine) complete(s, n int32, v value.Value) {
	sc := &m.scopes[s]
	if f := tooLarge(&sc.body.nodes[n], "result", v); f != nil {
		m.failNode(s, n, f)
		return
	}
	sc.outs[n] = v
	m.digest = hashValue(m.digest, v)
	m.settle(s, n, Completed, WhyNone, nil)
}

// tooLarge is the failure of a node with a value that no snapshot could hold.
func tooLarge(nd *node, what string, v value.Value) *Failure {
	if v.Depth() <= value.MaxDepth/2 && v.Size() <= value.MaxEncoded/2 {
		return nil
	}
	return &Failure{
		Code: diag.RunInvalidOutput, Class: ClassInvalidOutput, Definite: true, Place: nd.ir.Origin,
		Message: fmt.Sprintf("the %s of %q is too large to be kept: %d bytes, nested %d levels deep", what, nd.ir.Name, v.Size(), v.Depth()),
		Help:    "keep large data in a file or a store, and hand on a reference to it",
	}
}

// skip settles a node that does not run. A critical one fails instead.
func (m *Machine) skip(s, n int32, why Why) {
	nd := m.node(s, n)
	if nd.ir.Critical {
		f := &Failure{
			Code: diag.RunCriticalSkip, Class: ClassCritical, Definite: true, Place: nd.ir.Origin,
			Message: fmt.Sprintf("critical node %q was skipped (%s)", nd.ir.Name, why),
		}
		if why.limit() {
			f.Code, f.Class = diag.RunLimit, ClassLimit
		}
		m.failNode(s, n, f)
		return
	}
	if why.limit() {
		m.scopes[s].limited = true
	}
	if ns := &m.scopes[s].nodes[n]; ns.flags&flagStarted == 0 {
		ns.try = 0 // a limit refused its first call
	}
	m.settle(s, n, Skipped, why, nil)
}

// abort settles a node that will not run, or whose effect was cancelled.
func (m *Machine) abort(s, n int32, why Why) { m.settle(s, n, Aborted, why, nil) }

// failNode settles a node as failed for good.
func (m *Machine) failNode(s, n int32, f *Failure) {
	sc := &m.scopes[s]
	nd := &sc.body.nodes[n]
	m.describe(s, n, f)
	f.Seq = m.seq
	if len(nd.guards) > 0 && f.Cause == nil {
		f.Cause = m.firstGuardFailure(sc, nd)
	}
	if len(nd.handlers) > 0 {
		f.Input = m.inputOfFailed(s, n)
	}
	if sc.fails == nil {
		sc.fails = map[int32]*Failure{}
	}
	sc.fails[n] = f
	m.settle(s, n, Failed, WhyNone, f)
	for _, h := range nd.handlers {
		if !sc.nodes[h].st.Final() {
			return // a handler will decide
		}
	}
	m.unhandled(s, n, f)
}

// describe fills in what the machine knows about a failure.
func (m *Machine) describe(s, n int32, f *Failure) {
	nd := m.node(s, n)
	f.Node, f.Name, f.Kind = m.path(s, n), nd.ir.Name, nd.ir.Kind
	if f.Attempt == 0 {
		f.Attempt = int(max(1, m.scopes[s].nodes[n].try))
	}
	if f.Code == "" {
		f.Code = diag.RunEffectFailed
	}
	if f.Place.File < 0 || f.Place.Line == 0 {
		f.Place = nd.ir.Origin
	}
	if f.Input.Kind() == value.KindMissing {
		f.Input = value.Null
	}
}

func (m *Machine) firstGuardFailure(sc *scope, nd *node) *Failure {
	for _, g := range nd.guards {
		if f := sc.fails[g]; f != nil {
			return f
		}
	}
	return nil
}

// settle makes a status final and tells everyone who waits for it.
func (m *Machine) settle(s, n int32, st Status, why Why, f *Failure) {
	sc := &m.scopes[s]
	nd, ns := &sc.body.nodes[n], &sc.nodes[n]
	if ns.st == Queued && len(m.waiting) > 0 {
		m.freed() // it may have been the first who waits for a limit
	}
	ns.st, ns.why = st, why
	if m.broken(faultCounter) {
		outside++
		m.mix(tagNode, outside, 0)
	}
	m.mix(tagNode, sc.age<<32^uint64(n), uint64(st)<<8^uint64(why))
	m.emitSettled(s, n, f)
	if s == 0 {
		m.times[n].ended = m.now
	}
	m.dropAct(s, n)
	sc.left--
	for _, e := range nd.out {
		d := &sc.nodes[e.to]
		d.pend--
		switch e.class {
		case ir.EdgeData, ir.EdgeChained:
			switch st {
			case Skipped:
				d.skipped++
			case Failed, Aborted:
				d.flags |= flagUpstream
			}
		case ir.EdgeOnError:
			if st == Failed && nd.handledBy(e.to, f) {
				d.flags |= flagGuard
			}
		}
		if d.pend == 0 && d.st == Idle {
			d.st = Ready
			m.ready.push(entry{sc.age, s, e.to})
		}
	}
	m.releaseSources(sc, s, nd)
	if st == Completed && ns.readers == 0 {
		m.drop(sc, s, n)
	}
	if sc.left == 0 || m.broken(faultEarlyEnd) && sc.left == 1 {
		m.ready.push(entry{sc.age, s, scopeEnd})
	}
	m.resolveGuards(s, nd, st)
}

// releaseSources notes that a settled node reads its sources no more.
func (m *Machine) releaseSources(sc *scope, s int32, nd *node) {
	if s != 0 {
		return // the outputs of a body go with its scope
	}
	for _, src := range nd.reads {
		x := &sc.nodes[src]
		x.readers--
		if x.readers == 0 && x.st == Completed {
			m.drop(sc, s, src)
		}
	}
}

// drop forgets an output that nobody reads any more.
func (m *Machine) drop(sc *scope, s, n int32) {
	if s != 0 || m.opts.KeepOutputs || sc.body.nodes[n].keep {
		return
	}
	sc.outs[n] = value.Null
	sc.nodes[n].flags |= flagDropped
}

// resolveGuards says what a settled handler means for the failures it guards: a
// completed one has handled them; the failure of one carries them on; one that
// was skipped or cancelled leaves them to the other handlers, or unhandled.
func (m *Machine) resolveGuards(s int32, handler *node, st Status) {
	for _, g := range handler.guards {
		sc := &m.scopes[s]
		guard := &sc.nodes[g]
		if guard.st != Failed || guard.flags&flagHandled != 0 {
			continue
		}
		if st == Completed || st == Failed {
			guard.flags |= flagHandled
			continue
		}
		open := false
		for _, h := range sc.body.nodes[g].handlers {
			open = open || !sc.nodes[h].st.Final()
		}
		if !open {
			guard.flags |= flagHandled
			m.unhandled(s, g, sc.fails[g])
		}
	}
}

// unhandled takes in a failure that no handler took. The run's error is the
// first one; a body's is the first in document order, so that what a loop
// records does not depend on the order in which things happened.
func (m *Machine) unhandled(s, n int32, f *Failure) {
	sc := &m.scopes[s]
	if sc.fail == nil || s != 0 && n < sc.failAt {
		sc.fail, sc.failAt = f, n
	}
	if s == 0 {
		m.failures = append(m.failures, f)
	}
	switch m.prog.onFailure {
	case policyStop:
		m.stopScope(s)
	case policyAbort:
		m.haltScope(s, WhyRunFailed, true)
	}
}

// scopeDone takes in that every node of a scope has settled.
func (m *Machine) scopeDone(s int32) {
	if m.scopes[s].parent < 0 {
		m.finish()
		return
	}
	m.bodyDone(s)
}
