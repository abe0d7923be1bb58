package runtime

import (
	"context"
	"errors"
	"fmt"

	"hexdag.dev/hexdag/runtime/engine"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
)

// Signal sends an event to a run that waits for it, or will. It returns once the
// signal is durable: no process needs to run the run at the time; one that does
// goes on by itself, a suspended one when it is resumed. An empty ID is replaced
// by a new one. dup tells that the run got a signal of that id before, and that
// nothing was done.
func (r *Runner) Signal(ctx context.Context, runID string, s machine.Signal) (dup bool, err error) {
	if s.Key == "" {
		return false, errors.New("a signal needs the key of the event")
	}
	if s.ID == "" {
		s.ID = r.newID()
	}
	body, err := engine.EncodeSignal(s.Payload)
	if err != nil {
		return false, err
	}
	dup, err = r.journal.Send(ctx, journal.Signal{ID: s.ID, Run: runID, Key: s.Key, Principal: s.Principal, Body: body, At: r.now()})
	if err != nil {
		return dup, fmt.Errorf("cannot signal run %s: %w", runID, err)
	}
	return dup, nil
}
