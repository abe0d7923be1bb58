package machine

// Stats are the numbers of a run at one moment.
type Stats struct {
	InFlight int // effects that were started and have not settled
	Queued   int // effects that wait for a slot
	Parked   int // effects that wait for a slot of their own scope
	Waiting  int // effects that wait for a limit
	Scopes   int // open scopes, the top one included
	Timers   int
	// Used, Held and Limit are of the run's own budget; a limit of -1 is none.
	Used, Held, Limit Amount
	// Grantable tells that the first of those who wait for a limit could be
	// granted what it needs; it never is after a slice, unless the run is held or
	// has no free slot.
	Grantable bool
	// Startable tells that an effect waits although a slot is free; it never is
	// once no work is left, unless the run is held.
	Startable bool
}

// Stats counts what the run has under way.
func (m *Machine) Stats() Stats {
	s := Stats{InFlight: len(m.flights), Timers: len(m.timers)}
	for _, e := range m.queued {
		if m.waits(e) {
			s.Queued++
		}
	}
	for _, e := range m.waiting {
		if m.waits(e) {
			if s.Waiting == 0 {
				v, _, _ := m.ledger.probe(0, m.act(m.scopes[e.scope].nodes[e.node].act).want)
				a := m.act(m.scopes[e.scope].nodes[e.node].act)
				s.Grantable = v != mustWait && !m.behind(a.want, a.ticket)
			}
			s.Waiting++
		}
	}
	for i := range m.scopes {
		sc := &m.scopes[i]
		if sc.body == nil {
			continue
		}
		s.Scopes++
		for _, e := range sc.parked {
			if m.waits(e) {
				s.Parked++
				if _, full := m.fullScope(e.scope); !full {
					s.Startable = true
				}
			}
		}
	}
	held, room := m.held, true
	if p := m.parent; p != nil {
		held, room = p.held, p.inFlight() < p.prog.slots
	}
	if free := !held && room && s.InFlight < int(m.prog.slots); free {
		s.Startable = s.Startable || s.Queued > 0
	} else {
		s.Startable, s.Grantable = false, false
	}
	for _, k := range m.kids {
		if k.phase == phaseRunning {
			s.add(k.Stats())
		}
	}
	if len(m.ledger.accounts) > 0 {
		a := &m.ledger.accounts[0]
		for r := range resource(resources) {
			*s.Used.at(r), *s.Held.at(r), *s.Limit.at(r) = a.used[r], a.held[r], a.limit[r]
		}
	}
	return s
}

// add counts what a process of the System has under way.
func (s *Stats) add(k Stats) {
	s.InFlight += k.InFlight
	s.Queued += k.Queued
	s.Parked += k.Parked
	s.Waiting += k.Waiting
	s.Scopes += k.Scopes
	s.Timers += k.Timers
	s.Grantable = s.Grantable || k.Grantable
	s.Startable = s.Startable || k.Startable
}
