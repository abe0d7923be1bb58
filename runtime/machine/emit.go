package machine

import "sort"

// emit publishes an event. It takes a number also when nobody listens, so that
// numbers do not depend on observers.
func (m *Machine) emit(e Public) {
	m.ord++
	if m.opts.Quiet {
		if m.broken(faultObservers) {
			m.ord--
		}
		return
	}
	e.Seq, e.Ord, e.At = m.seq, m.ord, m.now
	m.out.Events = append(m.out.Events, e)
}

// emitNode is emit for an event of a node.
func (m *Machine) emitNode(s, n int32, e Public) {
	if !m.opts.Quiet {
		e.Node = m.path(s, n)
	}
	m.emit(e)
}

// startedNode publishes the start of a node, once.
func (m *Machine) startedNode(s, n int32) {
	ns := &m.scopes[s].nodes[n]
	if ns.flags&flagStarted != 0 {
		return
	}
	ns.flags |= flagStarted
	if s == 0 {
		m.times[n].began = m.now
	}
	m.emitNode(s, n, Public{Type: NodeStarted, Attempt: int(ns.try)})
}

// emitSettled publishes the end of a node.
func (m *Machine) emitSettled(s, n int32, f *Failure) {
	sc := &m.scopes[s]
	if sc.body.nodes[n].kind == kindExport {
		return // the node that it stands for has had its event
	}
	if m.opts.Quiet {
		m.ord++
		return
	}
	ns := &sc.nodes[n]
	e := Public{Attempt: int(ns.try), Text: ns.why.String(), Failure: f}
	if ns.flags&flagStarted != 0 {
		if s == 0 {
			e.Dur = m.now - m.times[n].began
		} else if a := m.act(ns.act); a != nil {
			e.Dur = m.now - a.began
		}
	}
	switch ns.st {
	case Completed:
		e.Type, e.Value = NodeCompleted, sc.outs[n]
	case Failed:
		e.Type = NodeFailed
	case Skipped:
		e.Type = NodeSkipped
	default:
		e.Type = NodeCancelled
	}
	m.emitNode(s, n, e)
	if m.broken(faultTwice) {
		m.emitNode(s, n, e)
	}
}

func sortTimers(list []StartTimer) {
	sort.Slice(list, func(i, j int) bool {
		if list[i].At != list[j].At {
			return list[i].At < list[j].At
		}
		return list[i].ID < list[j].ID
	})
}

func sortErrors(list []itemError) {
	sort.Slice(list, func(i, j int) bool { return list[i].index < list[j].index })
}
