package machine

import (
	"math"
	"slices"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/value"
)

// attemptFailed takes in that an attempt at a node failed: it is tried again, or
// has failed for good.
func (m *Machine) attemptFailed(s, n int32, f *Failure) {
	nd := m.node(s, n)
	ns := &m.scopes[s].nodes[n]
	a := m.act(ns.act)
	if f.Code == "" && f.Class == ClassTimeout {
		f.Code = diag.RunTimeout
	}
	m.describe(s, n, f)
	if ok, why := m.mayStart(s, n); !ok && a != nil && int(ns.try) < nd.ir.Attempts && mayRetry(nd, f) {
		// It would have been tried again, so it has not failed.
		m.abort(s, n, why)
		return
	}
	last := nd.ir.Attempts
	if m.broken(faultExtraTry) {
		last++
	}
	if a == nil || int(ns.try) >= last || !mayRetry(nd, f) {
		m.failNode(s, n, f)
		return
	}
	if f.Definite || m.broken(faultNewKey) {
		a.epoch++
	}
	if a.timer != 0 {
		m.stopTimer(a.timer) // the time-out of a composite's attempt
		a.timer = 0
	}
	a.last, a.lost = f, 0
	if a.wait != nil {
		m.retryWait(ns.act, a)
	}
	if c := a.comp; c != nil && nd.kind == kindComposite {
		*c = compState{total: -1, bestAt: -1, chosen: -1, targets: c.targets, best: value.Null, result: value.Null, input: value.Null, queued: c.queued}
	}
	delay := m.pause(s, n, nd, int(ns.try), f)
	m.emitNode(s, n, Public{Type: NodeRetrying, Attempt: int(ns.try), Dur: delay, Failure: f})
	ns.try++
	ns.st = Backoff
	if delay <= 0 {
		m.resume(a)
		return
	}
	a.timer = m.startTimer(saturatingAdd(m.now, delay), timerBackoff, ns.act)
}

func saturatingAdd(a, b int64) int64 {
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}

// mayRetry reports whether another attempt makes sense after f.
func mayRetry(nd *node, f *Failure) bool {
	switch f.Class {
	case ClassLimit, ClassCapDenied, ClassCancelled, ClassCritical, ClassWaitTimeout:
		return false
	}
	if nd.ir.RetryOn != nil {
		return slices.Contains(nd.ir.RetryOn, f.Class)
	}
	return f.Retryable
}

// pause is how long to wait after attempt try failed: the node's back-off, at
// least what the other side asked for, and up to a quarter more, so that those
// who failed together do not come back together.
func (m *Machine) pause(s, n int32, nd *node, try int, f *Failure) int64 {
	d := float64(nd.ir.RetryDelay)
	switch {
	case nd.ir.RetryLinear:
		d *= float64(try)
	case nd.ir.Backoff > 0:
		d *= math.Pow(nd.ir.Backoff, float64(try-1))
	}
	if nd.ir.RetryMax > 0 {
		d = min(d, float64(nd.ir.RetryMax))
	}
	d = max(d, float64(f.RetryAfter))
	if d <= 0 {
		return 0
	}
	if !nd.ir.RetryExact {
		r := m.random(m.path(s, n), uint16(try), 1)
		d += d / 4 * float64(r>>11) / (1 << 53)
	}
	if d >= math.MaxInt64/2 {
		return math.MaxInt64 / 2
	}
	return int64(d)
}

// resume starts the next attempt of a node in back-off.
func (m *Machine) resume(a *act) {
	switch nd := m.node(a.scope, a.node); nd.kind {
	case kindComposite:
		m.restartComposite(a)
		return
	case kindAgent:
		m.resumeAgent(a)
		return
	case kindTransition:
		m.resumeTransition(a)
		return
	case kindWait:
		f := m.frameFor(a.scope, nd, a)
		if ok, why := m.mayStart(a.scope, a.node); !ok {
			m.abort(a.scope, a.node, why)
		} else if fail := f.mapping(); fail != nil {
			m.failNode(a.scope, a.node, fail)
		} else {
			m.startWait(f)
		}
		return
	}
	m.enqueue(a.scope, a.node)
}
