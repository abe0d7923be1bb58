package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/cassette"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
)

// recording is how a run is recorded, or what it is played from.
type recording struct {
	recorder *cassette.Recorder
	tape     *cassette.Tape
}

// start gives a run that is played what the recorded one began with.
func (rec *recording) start(st *machine.Start) {
	if rec.tape == nil {
		return
	}
	head := &rec.tape.Head.Start
	st.Seed, st.Prices = head.Seed, head.Prices
}

// Record is RunWith that also writes a cassette to w: JSON lines with each call
// of a model, a function or a port, how it ended, and the signals that the run
// took (package cassette describes them). There are no secrets in it. The run is
// not disturbed when w fails: Result.Warning then tells that the recording is not
// complete.
func (r *Runner) Record(ctx context.Context, p *Program, input value.Value, o Overrides, w io.Writer) (*Result, error) {
	recorder := cassette.NewRecorder(w)
	result, err := r.start(ctx, p, input, o, recording{recorder: recorder})
	if err != nil {
		return nil, errors.Join(err, recorder.Err())
	}
	result.Warning = errors.Join(result.Warning, recorder.Err())
	return result, nil
}

// PlayBack runs a program with the recorded outcomes in place of the world:
// nothing is called, no time passes, and the run has the id, the seed and the
// clock of the recorded one. It is not kept in the journal. input, if it is
// Missing, is the recorded input.
//
// Where the program asks for something that the recorded run did not ask for, the
// error is a *cassette.MissError that tells what differs. Recorded calls that the
// run did not make are in Result.Warning. A tape is played once.
func (r *Runner) PlayBack(ctx context.Context, p *Program, input value.Value, o Overrides, tape *cassette.Tape) (*Result, error) {
	if input.IsMissing() {
		input = tape.Head.Start.Input
	}
	player := &Runner{options: r.options, registry: r.registry, secrets: r.secrets, journal: journal.NewMemory()}
	player.options.Clock = nil
	player.options.NewID = func() string { return tape.Head.Start.RunID }
	result, err := player.start(ctx, p, input, o, recording{tape: tape})
	if err != nil {
		return nil, err
	}
	if left, first := tape.Left(); left > 0 && result.Status.Final() {
		result.Warning = errors.Join(result.Warning, fmt.Errorf("the run is over, and %d of the recorded calls were not made, the first is %s; if that is meant, record the run again", left, first))
	}
	return result, nil
}
