package runtime

import (
	"context"
	"slices"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/engine"
	"hexdag.dev/hexdag/runtime/machine"
)

// Plan is what a run would begin with, see Runner.Plan.
type Plan struct {
	// Result is the run before anything was called: nodes that need no call are
	// completed or skipped. It is failed if the run would end like that.
	machine.Result
	// Calls are the calls that it would make first.
	Calls []engine.FirstCall
	// Program is the program under the overrides.
	Program *ir.Program
}

// Plan finds out whether a run could start, and what it would do first, without
// calling anything: adapters and functions are made and closed again, secrets are
// looked up, the input is checked and what needs no call is computed. The error is
// that of RunWith. Nothing is kept in the journal.
func (r *Runner) Plan(ctx context.Context, p *Program, input value.Value, o Overrides) (*Plan, error) {
	all := r.options.Overrides.with(o)
	changed, prog, err := p.with(&all)
	if err != nil {
		return nil, &StartError{Problems: []Problem{{Message: err.Error()}}}
	}
	if err := startable(changed); err != nil {
		return nil, err
	}
	equip, err := r.prepare(ctx, changed, all.Mock)
	if err != nil {
		return nil, err
	}
	start := machine.Start{RunID: r.newID(), Input: equip.secrets.Redact(input), Seed: r.seed(), IRHash: p.hash}
	if slices.ContainsFunc(changed.Effective.Limits, func(s ir.Setting) bool { return s.Name == ir.MaxCostUSD }) {
		start.Prices = equip.prices
	}
	res, calls, err := engine.Preview(ctx, prog, start, r.now())
	for i := range calls {
		calls[i].Request = equip.secrets.Redact(calls[i].Request)
	}
	if closeErr := equip.close(ctx); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	return &Plan{Result: res, Calls: calls, Program: changed}, nil
}
