package machine

import "fmt"

// Record is one line of a run's journal: an event, what had happened since the
// event before it, and a check.
type Record struct {
	// Seq numbers the run's records from 1 without gaps.
	Seq uint64
	// Slices is how many slices of work ran between the previous event and this
	// one.
	Slices uint32
	Event  Event
	// Digest is the machine's after the event was applied.
	Digest uint64
}

// Step applies a new event and gives the record to be journalled.
func (m *Machine) Step(ev Event, w Work, out *Cmds) (rec Record, more bool) {
	rec = Record{Slices: m.Slices(), Event: ev}
	more = m.Apply(ev, w, out)
	rec.Seq, rec.Digest = m.Seq(), m.Digest()
	return rec, more
}

// Replay applies a journalled record. It returns an error, and the machine is
// of no further use, if the record does not follow the machine's state or leads
// to another state than it did.
func (m *Machine) Replay(rec Record, w Work, out *Cmds) (more bool, err error) {
	if rec.Seq != m.Seq()+1 {
		return false, fmt.Errorf("record %d does not follow record %d", rec.Seq, m.Seq())
	}
	for m.Slices() < rec.Slices {
		m.Continue(w, out)
	}
	more = m.Apply(rec.Event, w, out)
	if m.Digest() != rec.Digest {
		return false, fmt.Errorf("record %d (%s) replays to another state than it was written with", rec.Seq, rec.Event.Kind)
	}
	return more, nil
}
