// Package engine drives runs on this machine: goroutines, timers and a journal
// around the deterministic core.
//
// Input: a loaded program with its ports and functions, a journal, and either the
// start of a run or a run to go on with. Output: the run's result, its events at
// the bus, its records in the journal.
//
// # How
//
// One loop owns one run's machine. It takes what happened outside (an effect
// settled, a timer fired, somebody cancels) from its mailbox, applies it, appends
// the records to the journal, and carries out the commands. A command that others
// can see (an effect that is not hermetic, an event, the end of the run) is held
// until the record that caused it is durable; hermetic effects and pure work are
// not, so a run that only computes commits once, at its end. Effects run on
// goroutines of their own, at most as many at a time as the program allows; calls
// that return at once run on the loop itself.
//
// After a restart the journal's records are applied again, from the last snapshot
// on. What was in flight is told to the machine as lost, timers are set again.
//
// Invariants: nothing that the journal does not hold has become visible; an
// effect settles exactly once, and a step that ended makes no further call
// through its port; every goroutine ends with the run, but for code that ignores
// its context.
//
// The three hardest cases: code that neither returns nor looks at its context
// (it is given up after a grace period, its calls are fenced, and it is counted);
// the moment between an effect's end and its record, in which the process may
// die; stopping so that nothing is lost and nothing hangs.
package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/cassette"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/hook"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/node"
	"hexdag.dev/hexdag/runtime/port"
)

// Config is everything that one run needs. Zero values of the optional fields are
// the defaults.
type Config struct {
	Prog *machine.Prog
	// Log is the run's journal.
	Log journal.Log
	// Ports are the guarded models by the index of their port in the program, nil
	// for ports that are no models; HostPorts are those that only the host knows,
	// by name.
	Ports     []port.LLM
	HostPorts map[string]port.LLM
	// Processes are what the processes of a System have of their own, in order.
	Processes []Process
	// Functions are the functions that the program calls.
	Functions map[*ir.Function]port.Function
	// Targets are what is called beside models and functions, by TargetKey.
	Targets map[string]port.Adapter

	// Optional from here on.

	Bus     *event.Bus
	Secrets *port.Secrets
	Prices  node.Pricer
	// Hooks are called around effects, not when a tape answers.
	Hooks *hook.Set
	Clock Clock
	Host  *Host
	// Ephemeral: the journal does not outlive the process, so that events that
	// nobody sees need no numbers.
	Ephemeral bool
	// Document makes the run's document for the journal.
	Document func(*machine.Result) []byte
	// Retention is how long a run that is over is kept; 0 for ever.
	Retention time.Duration
	// SuspendAfter: a run that can do nothing for at least so long is suspended
	// rather than waited for. 0: it is waited for.
	SuspendAfter time.Duration
	// Drain, when closed, asks the run to stop so that it can go on later: effects
	// under way may finish for DrainTime (default 10 s). Stop, when closed, asks
	// for the same at once.
	Drain, Stop <-chan struct{}
	DrainTime   time.Duration
	// Grace is how long an effect that was cancelled or timed out may take to
	// return, default 5 s.
	Grace time.Duration
	// Recorder, if not nil, takes what the run asks of the world and what comes
	// back. Tape, if not nil, answers instead of the world, on a clock that stands
	// still while nothing happens; nothing else is called then, and Clock is not
	// looked at. Both work for Run only.
	Recorder *cassette.Recorder
	Tape     *cassette.Tape
}

// Clock is the time that a run sees.
type Clock interface {
	// Now is the wall clock.
	Now() time.Time
	// AfterFunc calls f in a goroutine of its own once d has passed, unless stop
	// is called before; stop reports whether it was in time.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }

// Host is what the runs of one process share. The zero Host is ready for use.
type Host struct {
	zombies atomic.Int64
}

// MaxZombies is how many effects that were given up may still be running before
// the host refuses to start new ones.
const MaxZombies = 100

// Zombies is the number of effects that were given up and have not returned.
func (h *Host) Zombies() int { return int(h.zombies.Load()) }

// Outcome is how Run and Resume ended.
type Outcome struct {
	Status journal.Status
	Result machine.Result
	// WakeAt is when a suspended run wants to go on, zero for not by itself.
	WakeAt time.Time
	// Interrupted: the run was suspended because Drain or Stop asked for it.
	Interrupted bool
}

// Run starts a run and drives it to its end. When ctx ends, the run is cancelled.
// The error is not nil only if the run could not be carried on: its journal
// failed, or another process took it over; nothing more became visible then.
func Run(ctx context.Context, c Config, start machine.Start) (*Outcome, error) {
	r := newRun(ctx, c)
	defer r.close()
	r.machine = machine.New(c.Prog, r.options())
	r.begin(&start)
	r.step(machine.Event{Kind: machine.RunStarted, Start: &start})
	return r.loop()
}

// ErrVersion is the refusal to replay what another version of the machine wrote.
var ErrVersion = errors.New("another version of the runtime wrote it")

// Resume goes on with the run whose journal c.Log holds.
func Resume(ctx context.Context, c Config) (*Outcome, error) {
	return resume(ctx, c, nil)
}

// Cancel ends the run whose journal c.Log holds. Nothing of it is started, so
// that c needs neither ports nor functions.
func Cancel(ctx context.Context, c Config, by machine.Cancellation) (*Outcome, error) {
	return resume(ctx, c, &by)
}

func resume(ctx context.Context, c Config, cancel *machine.Cancellation) (*Outcome, error) {
	r := newRun(ctx, c)
	defer r.close()
	if v := c.Log.Run().MachineVersion; v != machine.Version {
		return nil, fmt.Errorf("run %s cannot be resumed: %w (%d, this is %d)", c.Log.Run().ID, ErrVersion, v, machine.Version)
	}
	if err := r.replay(); err != nil {
		return nil, fmt.Errorf("run %s cannot be resumed: %w", c.Log.Run().ID, err)
	}
	if cancel != nil {
		r.cancelled = true
		r.step(machine.Event{Kind: machine.Cancelled, Cancel: cancel})
	}
	r.restart()
	return r.loop()
}
