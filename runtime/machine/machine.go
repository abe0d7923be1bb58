package machine

import (
	"hexdag.dev/hexdag/lang/ir"
)

// Prog is a program made ready for runs: every expression compiled, every edge
// resolved. It is immutable and shared by any number of runs.
type Prog struct {
	ir *ir.Program
}

// Load prepares a program. The error names what is wrong with an ill-formed one.
func Load(p *ir.Program) (*Prog, error) { return &Prog{ir: p}, nil }

// Options are the choices of an engine that do not change what a run means.
type Options struct {
	// KeepOutputs keeps the outputs of top-level nodes that nobody will read
	// again, so that Result can show them. Without it they are dropped.
	KeepOutputs bool
	// Quiet leaves out public events.
	Quiet bool
}

// Work bounds one slice of work.
type Work struct {
	// Steps is the number of evaluator steps after which the slice ends. Zero
	// stands for SliceSteps. A journal only replays with the bound that it was
	// written with.
	Steps int64
}

// SliceSteps is the size of a slice of work unless Work says otherwise.
const SliceSteps = 200_000

// Version is the version of the machine and of the expression evaluator: with
// another one a journal may replay differently.
const Version = 1

// Machine is one run. It is not safe for concurrent use: one loop owns it.
type Machine struct {
	prog *Prog
}

// New is a run that has not started: the first event must be RunStarted.
func New(p *Prog, o Options) *Machine { return &Machine{prog: p} }

// Apply takes one event in and does work up to w. More work is left if more is
// true: call Continue until it is false, between which other events may be
// applied. An event that cannot belong to this run (an unknown token, a second
// RunStarted) changes nothing but usage.
func (m *Machine) Apply(ev Event, w Work, out *Cmds) (more bool) { return false }

// Continue does more of the work that Apply left.
func (m *Machine) Continue(w Work, out *Cmds) (more bool) { return false }

// Seq is the number of events applied so far.
func (m *Machine) Seq() uint64 { return 0 }

// Slices is the number of calls of Continue since the last event.
func (m *Machine) Slices() uint32 { return 0 }

// Now is the machine's time in nanoseconds since 1970; it never decreases.
func (m *Machine) Now() int64 { return 0 }

// Digest is a hash over everything that the run has decided so far: equal
// histories have equal digests.
func (m *Machine) Digest() uint64 { return 0 }

// Status is how far the run is.
func (m *Machine) Status() RunStatus { return RunRunning }

// Current reports whether an effect's token is in flight and not cancelled.
func (m *Machine) Current(token uint64) bool { return false }

// Flights are the effects that were started and have not settled, oldest first.
// After a restart the engine sends Lost for each. LLM and Function are nil.
func (m *Machine) Flights() []StartEffect { return nil }

// Timers are the timers that are set, by time, then id.
func (m *Machine) Timers() []StartTimer { return nil }

// Result is what the run has produced so far.
func (m *Machine) Result() Result { return Result{} }

// Snapshot is the whole state, as canonical bytes: equal states have equal
// bytes.
func (m *Machine) Snapshot() ([]byte, error) { return nil, nil }

// Restore is the run that Snapshot was taken of. Bytes that are not a snapshot
// of a run of this program are an error.
func Restore(p *Prog, o Options, snapshot []byte) (*Machine, error) { return nil, nil }
