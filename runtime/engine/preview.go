package engine

import (
	"context"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// FirstCall is a call that a run would make before anything has answered.
type FirstCall struct {
	// Path names the step. Request is what it would ask for, as recordings have it;
	// references to secrets in it are references.
	Path    string
	Request value.Value
}

// Preview does what a run does before its first call comes back: its input is
// checked and what needs no call is computed. Nothing is called.
func Preview(ctx context.Context, prog *machine.Prog, start machine.Start, now time.Time) (machine.Result, []FirstCall, error) {
	m := machine.New(prog, machine.Options{KeepOutputs: true, Quiet: true})
	var cmds machine.Cmds
	_, more := m.Step(machine.Event{Kind: machine.RunStarted, At: now.UnixNano(), Start: &start}, machine.Work{}, &cmds)
	for more {
		if err := context.Cause(ctx); err != nil {
			return machine.Result{}, nil, err
		}
		more = m.Continue(machine.Work{}, &cmds)
	}
	var calls []FirstCall
	for i := range cmds.Effects {
		calls = append(calls, FirstCall{cmds.Effects[i].Path, request(&cmds.Effects[i])})
	}
	return m.Result(), calls, nil
}
