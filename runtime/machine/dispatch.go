package machine

import (
	"fmt"
	"math"
	"strconv"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/value"
)

// enqueue lets a started node wait for a slot for its next effect.
func (m *Machine) enqueue(s, n int32) {
	m.scopes[s].nodes[n].st = Queued
	m.queued.push(m.entry(s, n))
}

// dispatchable reports whether an effect might be started now.
func (m *Machine) dispatchable() bool {
	if m.held && !m.broken(faultIgnoreHold) || !m.slotFree() || m.broken(faultLazy) && len(m.out.Effects) > 0 {
		return false
	}
	return len(m.queued) > 0 || len(m.waiting) > 0 && m.ledger.dirty
}

// dispatch looks at the first waiter for a limit, else at the first effect in
// the queue, and starts it if the gate lets it through. It reports whether it
// did anything.
func (m *Machine) dispatch() bool {
	for len(m.waiting) > 0 && m.ledger.dirty {
		e := m.waiting[0]
		if !m.waits(e) {
			m.waiting = m.waiting[1:]
			continue
		}
		a := m.act(m.scopes[e.scope].nodes[e.node].act)
		if v, _, _ := m.ledger.probe(0, a.want); v == mustWait || m.behind(a.want, a.ticket) {
			m.ledger.dirty = false
			break
		}
		m.waiting = m.waiting[1:]
		m.gate(e, true)
		m.leftLine()
		return true
	}
	for len(m.queued) > 0 {
		e := m.queued.pop()
		if !m.waits(e) {
			continue
		}
		m.gate(e, false)
		return true
	}
	return false
}

// gate is tryStart; the place in a scope that e did not take is another's.
func (m *Machine) gate(e entry, first bool) {
	flights := len(m.flights)
	m.tryStart(e, first)
	if len(m.flights) == flights {
		m.unpark(e.scope)
	}
}

// waits reports whether an entry's node still waits to start an effect.
func (m *Machine) waits(e entry) bool {
	return m.live(e) && m.scopes[e.scope].nodes[e.node].st == Queued
}

// effect is a call that is ready but for its reservation.
type effect struct {
	llm      *LLMRequest
	function *FunctionRequest
	invoke   *InvokeRequest
	class    Class
	need     string // capability
	also     string // another one that it needs
	want     want
}

// secretCap is needed by a call into which a node itself puts a secret: its text
// is read from the run's secret store for it. Secrets in the configuration of a
// port do not need it.
const secretCap = "secret"

// holdsSecret reports whether what the effect sends holds a secret.
func (x *effect) holdsSecret() bool {
	return x.function != nil && expr.HoldsSecret(x.function.Input) || x.invoke != nil && expr.HoldsSecret(x.invoke.Args)
}

// tryStart takes a node's next effect through the gate: capabilities first, then
// slots of its scopes, then limits. first says that it is the first of those who
// wait for a limit.
func (m *Machine) tryStart(e entry, first bool) {
	s, n := e.scope, e.node
	if ok, why := m.mayStart(s, n); !ok {
		m.abort(s, n, why)
		return
	}
	if at, full := m.fullScope(s); full {
		m.scopes[at].parked.push(e)
		return
	}
	nd := m.node(s, n)
	a := m.act(m.scopes[s].nodes[n].act)
	f := m.frameFor(s, nd, a)
	x, fail := m.request(f, a)
	if fail != nil {
		m.attemptFailed(s, n, fail)
		return
	}
	for _, need := range [2]string{x.need, x.also} {
		if !m.prog.caps.allows(need) && !m.broken(faultNoCaps) {
			m.capDenied(s, n, need)
			return
		}
	}
	if !m.prog.caps.allows(secretCap) && x.holdsSecret() && !m.broken(faultNoCaps) {
		m.capDenied(s, n, secretCap)
		return
	}
	if m.prog.limits.duration >= 0 && m.busyNow() >= m.prog.limits.duration {
		m.denied(s, n, resDuration)
		return
	}
	if fail := m.price(nd, &x); fail != nil {
		m.failNode(s, n, fail)
		return
	}
	if !first && m.limited(x.want) && (len(m.waiting) > 0 || m.behind(x.want, math.MaxUint64)) {
		// First come, first served: who waits was here before.
		if v, _, r := m.ledger.probe(0, x.want); v == denied {
			m.denied(s, n, r)
			return
		}
		a.want, a.ticket = x.want, m.ticket()
		m.waiting = append(m.waiting, e)
		return
	}
	verdict, grant, r := m.ledger.take(0, x.want)
	switch verdict {
	case denied:
		m.denied(s, n, r)
	case mustWait:
		a.want = x.want
		if !first {
			a.ticket = m.ticket()
		}
		m.waiting = append([]entry{e}, m.waiting...) // nobody else waits, or it was the first
		m.ledger.dirty = false
	default:
		m.launch(s, n, a, &x, grant)
	}
}

// capDenied fails a node that needs a capability which the run does not have.
func (m *Machine) capDenied(s, n int32, need string) {
	nd := m.node(s, n)
	m.emitNode(s, n, Public{Type: CapDenied, Text: need})
	m.failNode(s, n, &Failure{
		Code: diag.RunCapDenied, Class: ClassCapDenied, Definite: true, Place: nd.ir.Origin,
		Message: fmt.Sprintf("node %q needs the capability %q, which the run does not have", nd.ir.Name, need),
		Help:    "grant it in caps, or with --allow " + need,
	})
}

// limited reports whether a call draws on something that is limited.
func (m *Machine) limited(w want) bool {
	max := &m.prog.limits.max
	return w.llmCalls > 0 && (max[resLLMCalls] >= 0 || max[resTokens] >= 0 || max[resCost] >= 0) || w.toolCalls > 0 && max[resToolCalls] >= 0
}

// fullScope is the innermost scope around s whose own bound on effects is
// reached.
func (m *Machine) fullScope(s int32) (int32, bool) {
	for at := s; at >= 0; at = m.scopes[at].parent {
		sc := &m.scopes[at]
		if most := sc.body.owner.bodyCap(); most > 0 && sc.flights >= most {
			return at, true
		}
	}
	return 0, false
}

// unpark puts effects back into the queue for which a scope has room again.
func (m *Machine) unpark(s int32) {
	if m.broken(faultLostWakeup) {
		return
	}
	for at := s; at >= 0; at = m.scopes[at].parent {
		sc := &m.scopes[at]
		if len(sc.parked) == 0 {
			continue
		}
		for room := sc.body.owner.bodyCap() - sc.flights; room > 0 && len(sc.parked) > 0; {
			e := sc.parked.pop()
			if m.waits(e) {
				m.queued.push(e)
				room--
			}
		}
	}
}

// launch starts an effect.
func (m *Machine) launch(s, n int32, a *act, x *effect, grant Amount) {
	sc := &m.scopes[s]
	nd, ns := &sc.body.nodes[n], &sc.nodes[n]
	if a.calls == 0 || a.fresh {
		a.calls++
		a.fresh = false
	}
	m.nextToken++
	a.token = m.nextToken
	ns.st = Running
	m.startedNode(s, n)
	m.ledger.send(0, grant)
	fl := flight{
		token: a.token, scope: s, node: n, act: ns.act, call: a.calls, try: ns.try,
		epoch: a.epoch, lost: a.lost, grant: grant, timeout: m.timeoutOf(nd),
	}
	m.flights = append(m.flights, fl)
	if m.parent != nil {
		m.parent.kidFlights++
	}
	for at := s; at >= 0; at = m.scopes[at].parent {
		m.scopes[at].flights++
	}
	if x.llm != nil && grant.Tokens > 0 {
		x.llm.MaxTokens = grant.Tokens - x.want.prompt
	}
	cmd := m.describeFlight(&m.flights[len(m.flights)-1])
	cmd.Class, cmd.LLM, cmd.Function, cmd.Invoke = x.class, x.llm, x.function, x.invoke
	h := hashString(m.digest, cmd.Key)
	switch {
	case x.llm != nil:
		for i := range x.llm.Messages {
			h = hashText(h, x.llm.Messages[i].Content)
			for _, c := range x.llm.Messages[i].ToolCalls {
				h = hashValue(hashString(h, c.Name), c.Arguments)
			}
		}
		h = hashWords(h, uint64(x.llm.MaxTokens), uint64(len(x.llm.Messages)))
	case x.function != nil:
		h = hashValue(h, x.function.Input)
	case x.invoke != nil:
		h = hashValue(hashString(h, x.invoke.Method), x.invoke.Args)
	}
	m.digest = h
	m.mix(tagEffect, a.token, uint64(ns.try)<<32^uint64(a.calls))
	m.out.Effects = append(m.out.Effects, cmd)
	m.warn()
}

// timeoutOf is how long one attempt of an effect may take.
func (m *Machine) timeoutOf(nd *node) int64 {
	if nd.ir.Timeout > 0 && !nd.timed() {
		return nd.ir.Timeout
	}
	return m.prog.nodeTimeout
}

// timed reports whether the node's time-out bounds the whole attempt, with all of
// its calls, and not each call.
func (n *node) timed() bool { return n.kind == kindComposite || n.kind == kindAgent }

// describeFlight is a flight as the command that started it, without a request.
func (m *Machine) describeFlight(f *flight) StartEffect {
	path := m.path(f.scope, f.node) + "#" + strconv.FormatUint(uint64(f.call), 10)
	x := StartEffect{
		Token: f.token, Path: path, Node: m.node(f.scope, f.node).ir,
		Try: int(f.try), Lost: int(f.lost), Epoch: int(f.epoch),
		Key:     m.runID + "/" + path + "/" + strconv.FormatUint(uint64(f.epoch), 10),
		Timeout: f.timeout, Grant: f.grant,
	}
	if m.parent != nil {
		x.Process = int(m.pnode) + 1
		x.Path = m.parent.path(0, m.pnode) + "/" + path
	}
	return x
}

// Flights are the effects that were started and have not settled, oldest first.
// LLM and Function are nil. After a restart see Recover.
func (m *Machine) Flights() []StartEffect {
	list := make([]StartEffect, len(m.flights))
	for i := range m.flights {
		list[i] = m.describeFlight(&m.flights[i])
	}
	for _, k := range m.kids {
		list = append(list, k.Flights()...)
	}
	return list
}

// land takes an effect out of flight.
func (m *Machine) land(i int) flight {
	f := m.flights[i]
	m.flights = append(m.flights[:i], m.flights[i+1:]...)
	if m.parent != nil {
		m.parent.kidFlights--
		m.parent.kidFirst = 0
	}
	for at := f.scope; at >= 0; at = m.scopes[at].parent {
		m.scopes[at].flights--
	}
	m.unpark(f.scope)
	return f
}

// settled takes in the outcome of an effect.
func (m *Machine) settled(token uint64, o *Outcome) {
	i := m.flightAt(token)
	if m.broken(faultStale) && i < 0 && len(m.flights) > 0 {
		i = 0
	}
	if i < 0 {
		m.stale(token, &o.Usage)
		return
	}
	f := m.land(i)
	m.account(&f, &o.Usage)
	m.freed()
	if m.broken(faultDeaf) {
		m.ledger.dirty = false
	}
	a := m.act(f.act)
	a.token = 0
	if o.Failure != nil {
		m.digest = hashString(m.digest, o.Failure.Class)
		fail := *o.Failure
		if f.cancelled {
			m.landedCancelled(&f)
			return
		}
		m.attemptFailed(f.scope, f.node, &fail)
		return
	}
	m.digest = hashValue(m.digest, o.Value)
	a.lost = 0
	m.effectDone(&f, a, o.Value)
}

// lost takes in that nobody knows what became of an effect.
func (m *Machine) lost(token uint64) {
	i := m.flightAt(token)
	if i < 0 {
		return
	}
	f := m.land(i)
	m.account(&f, &Usage{})
	m.freed()
	a := m.act(f.act)
	a.token = 0
	if f.cancelled {
		m.landedCancelled(&f)
		return
	}
	a.lost++
	if a.lost < maxLost {
		m.enqueue(f.scope, f.node)
		return
	}
	a.lost = 0
	m.attemptFailed(f.scope, f.node, &Failure{
		Code: diag.RunCrash, Class: ClassCrash, Retryable: true,
		Message: fmt.Sprintf("the process died %d times while node %q was in flight", maxLost, m.node(f.scope, f.node).ir.Name),
	})
}

// maxLost is how often an attempt may be lost before it has failed.
const maxLost = 3

// landedCancelled settles the node of an effect that was cancelled and did not
// succeed all the same.
func (m *Machine) landedCancelled(f *flight) {
	if f.why == WhyLimitDuration {
		m.skip(f.scope, f.node, f.why)
		return
	}
	a := m.act(f.act)
	if a.comp != nil && a.comp.expired {
		a.agent = nil                                                             // the next attempt starts anew
		m.attemptFailed(f.scope, f.node, expiredFailure(m.node(f.scope, f.node))) // it was the reducer, or a model
		return
	}
	if a.wait != nil && f.why == WhyNodeTimeout {
		m.attemptFailed(f.scope, f.node, m.waitFailure(a)) // it was the setup function
		return
	}
	m.abort(f.scope, f.node, f.why)
}

// effectDone takes in the result of an effect.
func (m *Machine) effectDone(f *flight, a *act, v value.Value) {
	s, n := f.scope, f.node
	nd := m.node(s, n)
	switch nd.kind {
	case kindLLM:
		m.answered(f, a, v)
	case kindAgent:
		m.agentAnswered(f, a, v)
	case kindTool:
		m.toolAnswered(f, a, v)
	case kindCall:
		m.callAnswered(f, a, v)
	case kindWait:
		m.setupDone(f, a)
	case kindTransition:
		m.handlerDone(f, a, v)
	case kindFunction:
		if v, fail := checkOutput(nd, nd.function, v); fail != nil {
			a.fresh = true // the call was made: another attempt is another call
			m.attemptFailed(s, n, fail)
		} else {
			m.complete(s, n, v)
		}
	case kindExpression:
		v, fail := checkOutput(nd, nd.function, v)
		if fail != nil {
			a.fresh = true
			m.attemptFailed(s, n, fail)
			return
		}
		m.finishExpression(m.frameFor(s, nd, a), v)
	case kindComposite:
		v, fail := checkOutput(nd, nd.loop.reducer, v)
		if fail != nil {
			a.fresh = true
			m.attemptFailed(s, n, fail)
			return
		}
		m.completeLoop(s, n, a, v)
	}
}
