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
		return false, &Divergence{Seq: rec.Seq, Kind: rec.Event.Kind}
	}
	return more, nil
}

// Divergence is the error of a replay whose state is not the one that the record
// was written with: the program, or the machine, is another one.
type Divergence struct {
	Seq  uint64
	Kind EventKind
}

// Error names the record.
func (d *Divergence) Error() string {
	return fmt.Sprintf("record %d (%s) replays to another state than it was written with", d.Seq, d.Kind)
}

// Recover ends a replay: it does the work that the last record left, and gives
// the effects for each of which the engine then has to apply Lost. They are all
// that may have been under way when the process died, those that were started in
// slices after the last record included: so out gets events, timers and the end
// of the run, and no effects.
func (m *Machine) Recover(w Work, out *Cmds) []StartEffect {
	for m.Continue(w, out) {
	}
	clear(out.Effects)
	out.Effects, out.Cancels = out.Effects[:0], out.Cancels[:0]
	return m.Flights()
}

// Append writes the record behind dst: an array of format version, sequence
// number, slices, digest, kind of event, time, token, timer, start, outcome,
// cancellation and signal.
func (r *Record) Append(dst []byte) ([]byte, error) {
	w := writer{b: dst}
	ev := &r.Event
	w.array(12)
	w.uint(Version)
	w.uint(r.Seq)
	w.uint(uint64(r.Slices))
	w.uint(r.Digest)
	w.uint(uint64(ev.Kind))
	w.int(ev.At)
	w.uint(ev.Token)
	w.uint(ev.Timer)
	if st := ev.Start; st == nil {
		w.null()
	} else {
		w.array(5)
		w.text(st.RunID)
		w.value(st.Input)
		w.uint(st.Seed)
		w.text(st.IRHash)
		w.prices(st.Prices)
	}
	if o := ev.Outcome; o == nil {
		w.null()
	} else {
		w.array(3)
		w.value(o.Value)
		w.failure(o.Failure)
		w.usage(&o.Usage)
	}
	if c := ev.Cancel; c == nil {
		w.null()
	} else {
		w.array(2)
		w.text(c.By)
		w.text(c.Reason)
	}
	if sig := ev.Signal; sig == nil {
		w.null()
	} else {
		w.signal(sig)
	}
	if w.err != nil {
		return dst, fmt.Errorf("record %d (%s) cannot be written: %w", r.Seq, ev.Kind, w.err)
	}
	return w.b, nil
}

// DecodeRecord reads what Append wrote. Damaged data is an error; memory is
// bounded by the length of b.
func DecodeRecord(b []byte) (Record, error) {
	r := reader{b: b}
	var rec Record
	if !r.fields(12) {
		return rec, r.err
	}
	if v := r.uint(); r.err == nil && v != Version {
		return rec, fmt.Errorf("the record is of version %d of the machine, and this is version %d", v, Version)
	}
	rec.Seq, rec.Slices, rec.Digest = r.uint(), r.uint32(), r.uint()
	ev := &rec.Event
	ev.Kind = EventKind(r.uint8())
	if ev.Kind < RunStarted || ev.Kind > SignalArrived {
		r.fail("unknown kind of event")
	}
	ev.At, ev.Token, ev.Timer = r.int(), r.uint(), r.uint()
	if !r.null() && r.fields(5) {
		ev.Start = &Start{RunID: r.text(), Input: r.value(), Seed: r.uint(), IRHash: r.text(), Prices: r.prices()}
	}
	if !r.null() && r.fields(3) {
		ev.Outcome = &Outcome{Value: r.value(), Failure: r.failure(), Usage: r.usage()}
	}
	if !r.null() && r.fields(2) {
		ev.Cancel = &Cancellation{By: r.text(), Reason: r.text()}
	}
	if !r.null() {
		ev.Signal = r.signal()
	}
	return rec, r.end()
}

func (w *writer) prices(list []Price) {
	w.array(len(list))
	for _, p := range list {
		w.array(4)
		w.text(p.Port)
		w.text(p.Model)
		w.int(p.Input)
		w.int(p.Output)
	}
}

func (r *reader) prices() []Price {
	var list []Price
	for range r.array() {
		if !r.fields(4) {
			return nil
		}
		list = append(list, Price{Port: r.text(), Model: r.text(), Input: r.int(), Output: r.int()})
	}
	return list
}
