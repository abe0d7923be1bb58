package runtime

import (
	"context"
	"fmt"

	"hexdag.dev/hexdag/runtime/engine"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/machine"
)

// Replayed is one record of a journal and what followed from it.
type Replayed struct {
	Record machine.Record
	// Path is the step that the record is about, "" for none.
	Path   string
	Events []event.Event
}

// Replay applies a run's whole journal again, without doing anything, and calls
// visit for each record; an error of visit ends it. The result is the state after
// the last record.
func (r *Runner) Replay(ctx context.Context, runID string, visit func(Replayed) error) (*Result, error) {
	return r.ReplayWith(ctx, runID, nil, visit)
}

// ReplayWith is Replay with a given program in place of the one that the journal
// kept, nil for that one. Where the program decides otherwise than the run did, the
// error is a *machine.Divergence that names the first record after which the states
// differ. The records before it were visited.
func (r *Runner) ReplayWith(ctx context.Context, runID string, p *Program, visit func(Replayed) error) (*Result, error) {
	fail := func(err error) (*Result, error) {
		return nil, fmt.Errorf("cannot replay run %s: %w", runID, err)
	}
	info, _, err := r.journal.Get(ctx, runID)
	if err != nil {
		return fail(err)
	}
	if p == nil {
		if p, err = r.programOf(ctx, info); err != nil {
			return fail(err)
		}
	}
	overrides, err := decodeFlags(info.Flags)
	if err != nil {
		return fail(err)
	}
	_, prog, err := p.with(&overrides)
	if err != nil {
		return fail(err)
	}
	res, err := engine.Replay(prog, info, r.journal.Entries(ctx, runID, 0), func(rec machine.Record, path string, events []event.Event) error {
		return visit(Replayed{rec, path, events})
	})
	if err != nil {
		return fail(err)
	}
	return &Result{Result: *res, Status: info.Status, WakeAt: info.WakeAt, program: p, at: r.now()}, nil
}
