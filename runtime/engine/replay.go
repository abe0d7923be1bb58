package engine

import (
	"errors"
	"fmt"
	"iter"

	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
)

// Replay applies the records of a journal to a new machine and carries nothing
// out. visit sees each record with the path of its step and the events that
// followed; an error of visit ends the replay. The result is the state after the
// last record.
func Replay(prog *machine.Prog, info journal.Run, entries iter.Seq2[journal.Entry, error], visit func(machine.Record, string, []event.Event) error) (*machine.Result, error) {
	if info.MachineVersion != machine.Version {
		return nil, fmt.Errorf("%w (%d, this is %d)", ErrVersion, info.MachineVersion, machine.Version)
	}
	r := &run{program: prog.Program(), id: info.ID, numbers: newNumbers(prog.Program())}
	r.machine = machine.New(prog, machine.Options{KeepOutputs: true})
	any := false
	for entry, err := range entries {
		if err != nil {
			return nil, err
		}
		any = true
		rec, err := machine.DecodeRecord(entry.Body)
		if err != nil {
			return nil, fmt.Errorf("record %d cannot be read: %w", entry.Seq, err)
		}
		if r.more, err = r.machine.Replay(rec, machine.Work{}, &r.cmds); err != nil {
			return nil, err
		}
		if err := visit(rec, entry.Path, r.replayedEvents()); err != nil {
			return nil, err
		}
	}
	if !any {
		return nil, errors.New("its journal is empty")
	}
	for r.more {
		r.more = r.machine.Continue(machine.Work{}, &r.cmds)
		r.cmds.Reset()
	}
	res := r.machine.Result()
	return &res, nil
}

// replayedEvents are the events of the commands, which are then forgotten.
func (r *run) replayedEvents() []event.Event {
	var events []event.Event
	for i := range r.cmds.Events {
		e := r.public(&r.cmds.Events[i])
		e.Replayed = true
		events = append(events, *e)
	}
	r.cmds.Reset()
	return events
}
