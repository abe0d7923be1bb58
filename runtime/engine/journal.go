package engine

import (
	"errors"
	"fmt"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
)

// A snapshot is taken after so many records or bytes of records.
const (
	snapshotRecords = 1000
	snapshotBytes   = 4 << 20
)

// record keeps a record for the next commit.
func (r *run) record(rec *machine.Record) {
	body, err := rec.Append(nil)
	if err != nil {
		r.mail.put(message{kind: journalFailed, err: err})
		return
	}
	r.entries = append(r.entries, journal.Entry{
		Seq: rec.Seq, At: rec.Event.At, Slices: rec.Slices, Kind: rec.Event.Kind.String(),
		Path: r.pathOf(rec.Event.Token), Body: body, Digest: rec.Digest,
	})
	r.size += len(body)
}

// pathOf is the path of the effect whose event was just applied.
func (r *run) pathOf(token uint64) string {
	if token == 0 || token != r.numbers.lastToken {
		return ""
	}
	return r.numbers.lastPath
}

// commit hands the records to the journal.
func (r *run) commit() error {
	if len(r.entries) == 0 {
		return nil
	}
	c := journal.Commit{Entries: r.entries, Taken: r.nowTaken, Lazy: len(r.held) == 0 && r.finish == nil && len(r.nowTaken) == 0}
	last := r.entries[len(r.entries)-1].Seq
	r.written.records += uint64(len(r.entries))
	r.written.bytes += r.size
	r.entries, r.size, r.nowTaken = nil, 0, nil
	switch {
	case r.finish != nil:
		c.Status = finalStatus(r.finish.Status)
		c.Ended = time.Unix(0, r.finish.At)
		if r.Retention > 0 {
			c.Expires = c.Ended.Add(r.Retention)
		}
		if r.Document != nil {
			res := r.machine.Result()
			c.Result = r.Document(&res)
		}
	case !r.more && r.snapshotDue():
		if err := r.snapshot(&c); err != nil {
			return err
		}
	}
	r.send(c, last)
	return nil
}

// snapshotDue reports whether enough has happened since the last snapshot. It
// also takes half as many bytes as that one had, so that all snapshots together
// cost no more than a multiple of the records.
func (r *run) snapshotDue() bool {
	w := &r.written
	return (w.records >= snapshotRecords || w.bytes >= snapshotBytes) && 2*w.bytes >= w.last
}

// send commits c; records up to last are durable when it is.
func (r *run) send(c journal.Commit, last uint64) {
	r.Log.Commit(c, func(err error) {
		if err != nil {
			r.mail.put(message{kind: journalFailed, err: err})
			return
		}
		r.mail.put(message{kind: recordsDurable, seq: last})
	})
}

// snapshot adds the state of the run to a commit.
func (r *run) snapshot(c *journal.Commit) error {
	body, err := r.machine.Snapshot()
	if err != nil {
		return fmt.Errorf("the state of the run cannot be kept: %w", err)
	}
	c.Snapshot = &journal.Snapshot{Seq: r.machine.Seq(), Body: r.numbers.seal(body)}
	r.written = progress{last: len(body)}
	return nil
}

// replay brings the machine to where the journal ends.
func (r *run) replay() error {
	snapshot, entries, err := r.Log.Latest(r.ctx)
	if err != nil {
		return err
	}
	r.machine = machine.New(r.Prog, r.options())
	if snapshot != nil {
		state, err := r.numbers.unseal(snapshot.Body)
		if err != nil {
			return err
		}
		if r.machine, err = machine.Restore(r.Prog, r.options(), state); err != nil {
			return fmt.Errorf("its snapshot cannot be read: %w", err)
		}
		if r.machine.Seq() != snapshot.Seq {
			return fmt.Errorf("its snapshot is of record %d instead of %d", r.machine.Seq(), snapshot.Seq)
		}
	} else if len(entries) == 0 {
		return errors.New("its journal is empty")
	}
	var again []event.Event
	for i := range entries {
		rec, err := machine.DecodeRecord(entries[i].Body)
		if err != nil {
			return fmt.Errorf("record %d cannot be read: %w", entries[i].Seq, err)
		}
		r.numbers.before(&rec.Event)
		if r.more, err = r.machine.Replay(rec, machine.Work{}, &r.cmds); err != nil {
			return err
		}
		if r.Bus.Empty() {
			r.numbers.events += uint64(len(r.cmds.Events))
			r.cmds.Events = r.cmds.Events[:0]
		}
		for j := range r.cmds.Events {
			e := r.public(&r.cmds.Events[j])
			e.Replayed = true
			again = append(again, *e)
		}
		for j := range r.cmds.Effects {
			r.numbers.start(&flight{cmd: r.cmds.Effects[j]})
		}
		r.finish = r.cmds.Finish
		r.cmds.Reset()
	}
	r.durable = r.machine.Seq()
	r.written.records = uint64(len(entries))
	if r.finish != nil {
		return errors.New("it is over") // the store would have said so
	}
	for i := range again {
		r.Bus.Publish(again[i])
	}
	data := value.NewObject(1)
	data.Set("name", value.String(r.program.Name))
	r.moment(event.RunResumed, "", data)
	// What the last record left to do was done before the process died, or not:
	// the effects that it starts may have been under way, so they are lost too.
	lost := r.machine.Recover(machine.Work{}, &r.cmds)
	r.more = false
	for i := range lost {
		if _, numbered := r.numbers.flying[lost[i].Token]; !numbered {
			r.numbers.start(&flight{cmd: lost[i]})
		}
	}
	r.carryOut()
	return nil
}

// restart tells the machine what was lost, sets its timers and lets it go on.
func (r *run) restart() {
	for _, t := range r.machine.Timers() {
		if r.timers[t.ID] == nil {
			r.setTimer(t)
		}
	}
	for _, cmd := range r.machine.Flights() {
		r.numbers.lose(cmd.Token)
		r.step(machine.Event{Kind: machine.Lost, Token: cmd.Token})
	}
	if r.machine.Held() {
		r.step(machine.Event{Kind: machine.Release})
	}
}

// mayRest reports whether the run can do nothing for long enough to be
// suspended, and when it wants to go on.
func (r *run) mayRest() (wake time.Time, ok bool) {
	if r.SuspendAfter <= 0 || r.cancelled {
		return wake, false
	}
	timers := r.machine.Timers()
	if len(timers) == 0 {
		return wake, r.awaiting()
	}
	wake = time.Unix(0, timers[0].At)
	return wake, wake.Sub(r.Clock.Now()) >= r.SuspendAfter
}

// rest suspends a run that waits for a time.
func (r *run) rest(wake time.Time) (*Outcome, error) {
	out, err := r.suspend(false)
	if err == nil {
		out.WakeAt = wake
	}
	return out, err
}

// suspend gives the run up so that it can go on later. Effects that are still
// under way are lost.
func (r *run) suspend(interrupted bool) (*Outcome, error) {
	for _, f := range r.flights {
		if f.step != nil {
			f.step.End() // from here on nothing more happens in its name
		}
	}
	c := journal.Commit{Entries: r.entries, Taken: r.nowTaken, Status: journal.Suspended}
	if r.Document != nil {
		res := r.machine.Result()
		c.Result = r.Document(&res)
	}
	if timers := r.machine.Timers(); len(timers) > 0 {
		c.WakeAt = time.Unix(0, timers[0].At)
	}
	if !r.more {
		if err := r.snapshot(&c); err != nil {
			return nil, r.failed(err)
		}
	}
	r.entries, r.nowTaken = nil, nil
	result := make(chan error, 1)
	r.Log.Commit(c, func(err error) { result <- err })
	if err := <-result; err != nil {
		return nil, r.failed(err)
	}
	r.durable = r.machine.Seq()
	for i := range r.held { // events that were waiting; effects stay undone
		if e := r.held[i].event; e != nil {
			r.Bus.Publish(*e)
		}
	}
	r.held = nil
	data := value.NewObject(2)
	data.Set("name", value.String(r.program.Name))
	data.Set("interrupted", value.Bool(interrupted))
	r.moment(event.RunSuspended, "", data)
	return &Outcome{Status: journal.Suspended, Result: r.machine.Result(), WakeAt: c.WakeAt, Interrupted: interrupted}, nil
}
