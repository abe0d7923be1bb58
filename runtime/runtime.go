// Package runtime runs compiled programs: the part of hexDAG that a Go program
// embeds.
//
// Input: a program that the compiler made (Load, LoadIR), what the host offers
// (Options) and an input. Output: a Result, which is data also when the run
// failed; events at observers; a journal from which an interrupted run goes on.
//
//	program, err := runtime.Load(data)
//	runner, err := runtime.New(runtime.Options{})
//	defer runner.Close()
//	result, err := runner.Run(ctx, program, input)
//
// An error of Run means that the run was not started, or could not be carried on
// here (its journal failed); a run that failed is a Result with the status
// failed.
//
// Invariants: nothing of a run happens before everything that it calls is there;
// what the program's limits and capabilities forbid does not happen, whatever
// adapters, middleware and functions do; secrets are resolved here, go into
// adapters and functions only, and are removed from all that comes out of them.
// Neither YAML nor the compiler is linked into a program that only runs.
//
// The three hardest cases: resuming after the process died in the middle of an
// effect (package engine); limits that concurrent calls share (package machine);
// secrets that come back in answers and errors (package port).
package runtime

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/adapter/console"
	"hexdag.dev/hexdag/runtime/adapter/filestore"
	"hexdag.dev/hexdag/runtime/adapter/memory"
	"hexdag.dev/hexdag/runtime/adapter/mock"
	"hexdag.dev/hexdag/runtime/adapter/starlark"
	"hexdag.dev/hexdag/runtime/engine"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/function/program"
	"hexdag.dev/hexdag/runtime/function/python"
	"hexdag.dev/hexdag/runtime/hook"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/node"
	"hexdag.dev/hexdag/runtime/port"
)

// Options are what a host offers and chooses. The zero value is a runtime with
// the built-in adapters that forgets runs when they are over.
type Options struct {
	// Registry is what programs can name: adapters, Go functions, hosts of
	// function schemes. nil stands for Builtin().
	Registry *port.Registry
	// Functions are added to the registry's Go functions: `fn: go:NAME`.
	Functions map[string]port.Function
	// Ports bind ports by name, before what a program says about them.
	Ports map[string]port.LLM
	// Adapters bind ports that are no models by name, before what a program says
	// about them: tool routers, HTTP clients, entity stores.
	Adapters map[string]port.Adapter
	// Middleware wraps the models at ports, by the port's name, the innermost
	// first. It stands inside of limits and capabilities.
	Middleware map[string][]port.LLMMiddleware
	// Hooks are called around the work of nodes and the calls of ports, inside of
	// limits and capabilities. A run that is resumed calls those of the runner that
	// resumes it, for what had not finished.
	Hooks hook.Set
	// Observers see the events of every run.
	Observers []event.Observer
	// Journal keeps runs; nil stands for one in memory. The host closes it.
	Journal journal.Store
	// Secrets resolves secrets; nil stands for the environment.
	Secrets port.SecretStore
	// Prices are what models cost; they come before what the program and the
	// built-in table say. A model of which nobody knows the price cannot be called
	// under max_cost_usd.
	Prices []machine.Price
	// Overrides hold for every run that this runner starts.
	Overrides Overrides
	// Clock is the time; nil stands for the wall clock.
	Clock engine.Clock
	// NewID makes run ids; nil stands for UUIDs of version 7. Seed makes the seed
	// of a run's randomness; nil stands for a random one.
	NewID func() string
	Seed  func() uint64
	// SuspendAfter: a run that can do nothing for at least so long is suspended.
	// 0: it is waited for.
	SuspendAfter time.Duration
	// Drain, when closed, asks all runs to stop so that they can go on later;
	// effects under way may finish for DrainTime (default 10 s). Stop, when
	// closed, asks for the same at once.
	Drain, Stop <-chan struct{}
	DrainTime   time.Duration
	// Grace is how long an effect that was cancelled or timed out may take to
	// return, default 5 s.
	Grace time.Duration
}

// mockNames are the names of the mock in compiled programs.
var mockNames = []string{"mock", "mock_llm"}

// Builtin is a registry with what comes with hexDAG: the adapter "mock", also
// under its longer name "mock_llm", and the function schemes "star" (Starlark),
// "python" and "py" (Python in worker processes) and "exec" (programs). Adapters of
// services are in package runtime/adapter/providers.
func Builtin() *port.Registry {
	r := new(port.Registry)
	for _, name := range mockNames {
		r.AddAdapter(name, mock.New)
	}
	r.AddAdapter(memory.Name, memory.New)
	r.AddAdapter(filestore.Name, filestore.New)
	r.AddAdapter(console.Name, console.New)
	r.AddHost("star", starlark.Host{})
	workers := new(python.Host)
	r.AddHost("python", workers)
	r.AddHost("py", workers)
	r.AddHost("exec", program.Host{})
	return r
}

// Runner runs programs. It is safe for concurrent use.
type Runner struct {
	options  Options
	registry *port.Registry
	journal  journal.Store
	secrets  port.SecretStore
	host     engine.Host
}

// New makes a runner.
func New(o Options) (*Runner, error) {
	r := &Runner{options: o, registry: o.Registry, journal: o.Journal, secrets: o.Secrets}
	if r.registry == nil {
		r.registry = Builtin()
	}
	if len(o.Functions) > 0 {
		r.registry = r.registry.Clone()
		for name, f := range o.Functions {
			if f == nil {
				return nil, fmt.Errorf("function %q is nil", name)
			}
			r.registry.AddFunction(name, f)
		}
	}
	if r.journal == nil {
		r.journal = journal.NewMemory()
	}
	if r.secrets == nil {
		r.secrets = port.Environment{}
	}
	if _, err := encodeFlags(&o.Overrides); err != nil {
		return nil, err
	}
	return r, nil
}

// Run runs a program to its end, or until it is suspended. input is the run's
// input, null for {}. When ctx ends, the run is cancelled.
func (r *Runner) Run(ctx context.Context, p *Program, input value.Value) (*Result, error) {
	return r.RunWith(ctx, p, input, Overrides{})
}

// RunWith is Run with overrides for this run, which win over those of Options.
func (r *Runner) RunWith(ctx context.Context, p *Program, input value.Value, o Overrides) (*Result, error) {
	return r.start(ctx, p, input, o, recording{})
}

func (r *Runner) start(ctx context.Context, p *Program, input value.Value, o Overrides, rec recording) (*Result, error) {
	all := r.options.Overrides.with(o)
	changed, prog, err := p.with(&all)
	if err != nil {
		return nil, &StartError{Problems: []Problem{{Message: err.Error()}}}
	}
	if err := startable(changed); err != nil {
		return nil, err
	}
	flags, err := encodeFlags(&all)
	if err != nil {
		return nil, err
	}
	equip := &equipment{secrets: port.NewSecrets(r.secrets)}
	if rec.tape == nil {
		if equip, err = r.prepare(ctx, changed, all.Mock); err != nil {
			return nil, err
		}
	}
	run := journal.Run{
		ID: r.newID(), Program: p.Name(), Kind: p.Kind(), IRHash: p.hash,
		MachineVersion: machine.Version, Started: r.now(), Flags: flags,
	}
	if err := r.journal.PutProgram(ctx, p.hash, p.encoded); err != nil {
		return nil, errors.Join(err, equip.close(ctx))
	}
	log, err := r.journal.Create(ctx, run)
	if err != nil {
		return nil, errors.Join(err, equip.close(ctx))
	}
	start := machine.Start{
		RunID: run.ID, Input: equip.secrets.Redact(input), Seed: r.seed(), IRHash: p.hash,
	}
	if slices.ContainsFunc(changed.Effective.Limits, func(s ir.Setting) bool { return s.Name == ir.MaxCostUSD }) {
		start.Prices = equip.prices
	}
	rec.start(&start)
	return r.drive(ctx, p, changed, prog, equip, log, func(c engine.Config) (*engine.Outcome, error) {
		c.Recorder, c.Tape = rec.recorder, rec.tape
		return engine.Run(ctx, c, start)
	})
}

// Resume goes on with a run that was suspended or whose process died, under the
// overrides that it was started with.
func (r *Runner) Resume(ctx context.Context, runID string) (*Result, error) {
	return r.ResumeWith(ctx, runID, nil)
}

// ResumeWith is Resume with a given program, which must do the same as the one
// that the run was started with; a *ChangedError tells the differences. nil
// stands for the program that the journal kept.
func (r *Runner) ResumeWith(ctx context.Context, runID string, p *Program) (*Result, error) {
	kept, info, err := r.kept(ctx, runID)
	if err != nil {
		return nil, fmt.Errorf("cannot resume run %s: %w", runID, err)
	}
	if p != nil && p.hash != kept.hash && p.semantic() != kept.semantic() {
		return nil, &ChangedError{RunID: runID, Differences: ir.Differences(kept.ir, p.ir)}
	}
	p = kept
	return r.takeUp(ctx, p, info, func(c engine.Config) (*engine.Outcome, error) { return engine.Resume(ctx, c) }, true)
}

// Cancel ends a run that was suspended or whose process died; by and reason stand
// in its result. Nothing of the run is started for that.
func (r *Runner) Cancel(ctx context.Context, runID, by, reason string) (*Result, error) {
	p, info, err := r.kept(ctx, runID)
	if err != nil {
		return nil, fmt.Errorf("cannot cancel run %s: %w", runID, err)
	}
	return r.takeUp(ctx, p, info, func(c engine.Config) (*engine.Outcome, error) {
		return engine.Cancel(ctx, c, machine.Cancellation{By: by, Reason: reason})
	}, false)
}

// kept is a run that is not over, with the program that the journal kept.
func (r *Runner) kept(ctx context.Context, runID string) (*Program, journal.Run, error) {
	info, _, err := r.journal.Get(ctx, runID)
	if err != nil {
		return nil, info, err
	}
	if info.Status.Final() {
		return nil, info, fmt.Errorf("%w; it is %s", journal.ErrFinal, info.Status)
	}
	p, err := r.programOf(ctx, info)
	return p, info, err
}

func (r *Runner) programOf(ctx context.Context, info journal.Run) (*Program, error) {
	data, err := r.journal.Program(ctx, info.IRHash)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, errors.New("its program is not in the run store")
	}
	if err != nil {
		return nil, err
	}
	return Load(data)
}

// takeUp opens a run and drives it, with what it calls if it shall go on.
func (r *Runner) takeUp(ctx context.Context, p *Program, info journal.Run, run func(engine.Config) (*engine.Outcome, error), equipped bool) (*Result, error) {
	overrides, err := decodeFlags(info.Flags)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", info.ID, err)
	}
	changed, prog, err := p.with(&overrides)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", info.ID, err)
	}
	equip := &equipment{secrets: port.NewSecrets(r.secrets)}
	if equipped {
		if equip, err = r.prepare(ctx, changed, overrides.Mock); err != nil {
			return nil, err
		}
	}
	log, err := r.journal.Open(ctx, info.ID)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot take up run %s: %w", info.ID, err), equip.close(ctx))
	}
	return r.drive(ctx, p, changed, prog, equip, log, run)
}

// ChangedError is the refusal to resume a run with a program that differs from
// the one that it was started with.
type ChangedError struct {
	RunID       string
	Differences []string
}

// Error lists the first differences.
func (e *ChangedError) Error() string {
	const most = 5
	text := fmt.Sprintf("cannot resume run %s with this program, it has changed:", e.RunID)
	for i, d := range e.Differences {
		if i == most {
			text += fmt.Sprintf(" and %d more", len(e.Differences)-most)
			break
		}
		if i > 0 {
			text += ";"
		}
		text += " " + d
	}
	return text + "; resume it without a program to go on with the one it was started with"
}

// drive runs the engine with everything around it.
func (r *Runner) drive(ctx context.Context, p *Program, changed *ir.Program, prog *machine.Prog, equip *equipment, log journal.Log, run func(engine.Config) (*engine.Outcome, error)) (*Result, error) {
	var bus *event.Bus
	if len(r.options.Observers) > 0 {
		bus = event.NewBus(r.options.Observers...)
	}
	memory, ephemeral := r.journal.(*journal.Memory)
	documented := func(res *machine.Result) []byte {
		text, err := value.AppendJSON(nil, document(p, res, runStatus(res.Status), time.Time{}, r.now()))
		if err != nil {
			return nil // document replaced what has no JSON
		}
		return text
	}
	if ephemeral && memory.Keep == 0 {
		documented = nil // nobody could ask for it
	}
	out, err := run(engine.Config{
		Ephemeral: ephemeral, Prog: prog, Log: log, Ports: equip.ports, HostPorts: equip.hostPorts, Functions: equip.functions, Processes: equip.processes, Targets: equip.targets,
		Bus: bus, Hooks: &r.options.Hooks, Secrets: equip.secrets, Prices: pricer(equip.prices), Clock: r.options.Clock, Host: &r.host,
		Retention: retention(changed), SuspendAfter: r.options.SuspendAfter,
		Drain: r.options.Drain, Stop: r.options.Stop, DrainTime: r.options.DrainTime, Grace: r.options.Grace,
		Document: documented,
	})
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), observerTime)
	defer cancel()
	after := errors.Join(bus.Close(wait), log.Close(), equip.close(ctx))
	if err != nil {
		return nil, errors.Join(err, after)
	}
	return &Result{
		Result: out.Result, Status: out.Status, WakeAt: out.WakeAt, Interrupted: out.Interrupted,
		Warning: after, program: p, at: r.now(),
	}, nil
}

// observerTime is how long observers may take after the end of a run.
const observerTime = 5 * time.Second

func runStatus(s machine.RunStatus) journal.Status {
	switch s {
	case machine.RunCompleted:
		return journal.Completed
	case machine.RunCancelled:
		return journal.Cancelled
	case machine.RunFailed:
		return journal.Failed
	}
	return journal.Suspended
}

// retention is how long the program wants its runs to be kept, 0 for ever.
func retention(p *ir.Program) time.Duration {
	i := slices.IndexFunc(p.Effective.Kernel, func(s ir.Setting) bool { return s.Name == ir.Retention })
	if i < 0 {
		return 0
	}
	ns, _ := p.Effective.Kernel[i].Value.AsInt()
	return time.Duration(ns)
}

func pricer(prices []machine.Price) node.Pricer {
	if len(prices) == 0 {
		return nil
	}
	return func(portName, model string) (input, output int64, ok bool) {
		if p := machine.FindPrice(prices, portName, model); p != nil {
			return p.Input, p.Output, true
		}
		return 0, 0, false
	}
}

// Journal is where the runner keeps its runs.
func (r *Runner) Journal() journal.Store { return r.journal }

// Zombies is the number of calls that were given up and have not returned.
func (r *Runner) Zombies() int { return r.host.Zombies() }

func (r *Runner) now() time.Time {
	if r.options.Clock != nil {
		return r.options.Clock.Now()
	}
	return time.Now()
}

func (r *Runner) newID() string {
	if r.options.NewID != nil {
		return r.options.NewID()
	}
	if id, err := uuid.NewV7(); err == nil {
		return id.String()
	}
	return uuid.NewString()
}

func (r *Runner) seed() uint64 {
	if r.options.Seed != nil {
		return r.options.Seed()
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails: see its documentation
	return binary.LittleEndian.Uint64(b[:])
}
