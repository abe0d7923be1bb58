package machine

import (
	"sort"

	"hexdag.dev/hexdag/lang/value"
)

// emit publishes an event. It takes a number also when nobody listens, so that
// numbers do not depend on observers.
func (m *Machine) emit(e Public) {
	if m.parent != nil {
		if e.Process == "" {
			e.Process = m.parent.node(0, m.pnode).ir.Name
		}
		m.parent.emit(e)
		return
	}
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
		if m.node(s, n).kind == kindProcess {
			e.Process = m.node(s, n).ir.Name
		} else {
			e.Node = m.path(s, n)
		}
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
	e := Public{Type: NodeStarted, Attempt: int(ns.try)}
	if m.node(s, n).kind == kindProcess {
		e = Public{Type: ProcessStarted, Current: int64(n), Text: m.prog.ir.Name}
	}
	m.emitNode(s, n, e)
}

// emitSettled publishes the end of a node.
func (m *Machine) emitSettled(s, n int32, f *Failure) {
	sc := &m.scopes[s]
	if sc.body.nodes[n].kind == kindExport {
		return // the node that it stands for has had its event
	}
	if m.opts.Quiet {
		m.host().ord++
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
	if sc.body.nodes[n].kind == kindProcess {
		e.Type, e.Value, e.Attempt, e.State = ProcessCompleted, value.Null, 0, ns.st
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
