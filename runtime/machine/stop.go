package machine

// mayStart reports whether a node may start or go on, and if not, why.
func (m *Machine) mayStart(s, n int32) (bool, Why) {
	if m.broken(faultCancelStarts) {
		return true, WhyNone
	}
	for {
		sc := &m.scopes[s]
		switch sc.mode {
		case scopeHalted:
			return false, sc.why
		case scopeStopping:
			if len(sc.body.nodes[n].guards) == 0 {
				return false, sc.why
			}
		}
		if sc.parent < 0 {
			return true, WhyNone
		}
		n, s = sc.pnode, sc.parent
	}
}

// stopScope stops a scope in which a failure was not handled: what is in flight
// finishes, handlers may still start, the rest is cancelled.
func (m *Machine) stopScope(s int32) {
	sc := &m.scopes[s]
	if sc.mode != scopeOpen {
		return
	}
	sc.mode, sc.why = scopeStopping, WhyRunFailed
	m.work -= int64(len(sc.nodes))
	for i := range sc.nodes {
		sc = &m.scopes[s]
		n := int32(i)
		if len(sc.body.nodes[i].guards) > 0 {
			continue
		}
		switch sc.nodes[i].st {
		case Idle, Ready, Queued, Backoff, Waiting:
			m.abortWaiting(s, n, WhyRunFailed)
		case Running:
			m.haltInside(s, n, WhyRunFailed, false)
		}
	}
}

// haltScope stops a scope altogether: nothing starts any more. With kill, what
// is in flight is cancelled too, else it finishes.
func (m *Machine) haltScope(s int32, why Why, kill bool) {
	sc := &m.scopes[s]
	if sc.mode == scopeHalted && !kill {
		return
	}
	if sc.mode != scopeHalted {
		sc.mode, sc.why = scopeHalted, why
	}
	m.work -= int64(len(sc.nodes))
	for i := range sc.nodes {
		sc = &m.scopes[s]
		n := int32(i)
		switch sc.nodes[i].st {
		case Idle, Ready, Queued, Backoff, Waiting:
			if m.broken(faultCancelStarts) && sc.nodes[i].st == Queued {
				continue
			}
			m.abortWaiting(s, n, why)
		case Running:
			m.haltInside(s, n, why, kill)
		}
	}
}

// abortWaiting cancels a node that has nothing in flight. If its effect was next
// to get a place in a scope, that place is another's now.
func (m *Machine) abortWaiting(s, n int32, why Why) {
	queued := m.scopes[s].nodes[n].st == Queued
	m.abort(s, n, why)
	if queued {
		m.unpark(s)
	}
}

// haltInside stops what a running node has under way.
func (m *Machine) haltInside(s, n int32, why Why, kill bool) {
	a := m.act(m.scopes[s].nodes[n].act)
	if a == nil {
		return
	}
	if a.token != 0 {
		if kill {
			if i := m.flightAt(a.token); i >= 0 {
				m.cancelFlight(&m.flights[i], why)
			}
		}
		return
	}
	if a.kid != 0 {
		if kill {
			a.why = why
			m.cancelKid(m.kids[a.kid-1], why)
		}
		return
	}
	if a.comp == nil {
		return
	}
	for _, child := range append([]int32(nil), a.comp.live...) {
		m.haltScope(child, why, kill)
	}
	m.wake(a) // it has to notice, also when no body is open
}

// cancelFlight asks the engine to stop an effect. The node settles when the
// engine has.
func (m *Machine) cancelFlight(f *flight, why Why) {
	if f.cancelled {
		return
	}
	f.cancelled, f.why = true, why
	m.mix(tagCancel, f.token, uint64(why))
	m.out.Cancels = append(m.out.Cancels, f.token)
}
