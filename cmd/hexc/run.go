//go:build !front

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/journal"
)

// runOptions are the flags of run.
type runOptions struct {
	input       string
	fields      []string
	set         []string
	allow, deny []string
	mock        bool
	events      string
	logLevel    string
	logFormat   string
	program     *ir.Program // nil if it is not known
	resume      string
	store       string
	record      string
	replay      string
	dry         bool
}

func runCommand(a *cli.App) *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   runUse,
		Short: runShort,
		Long: `run compiles a manifest, or takes a compiled program, and runs it. The output
goes to standard output as JSON, everything else to standard error; with
--format json the whole run does.

A run is kept in the run store (--store, else HEXDAG_STORE, else runs.db under
the user's state folder). An interrupt suspends it: --resume goes on with it, as
it does with a run whose process died.

--record writes every call of a model, a function or a port to a cassette, with
its outcome and without secrets; --replay runs with those outcomes, without
network and without waiting, and ends with an error at the first call that was
not recorded like that. Such a run is not kept. --dry-run checks everything and
calls nothing.

Exit status: 0 completed · 1 failed · 3 suspended · 130 interrupted.`,
		Example: `  hexc run pipeline.yaml --input '{"name": "Ada"}'
  hexc run pipeline.yaml --input @input.json -i limit=5
  hexc run pipeline.hexir --mock                     without network
  hexc run pipeline.yaml --set limits.max_llm_calls=10 --deny http
  hexc run pipeline.yaml --events events.jsonl --format json
  hexc run pipeline.yaml -i name=Ada --record ada.jsonl
  hexc run pipeline.yaml --replay ada.jsonl
  hexc run pipeline.yaml --dry-run
  hexc run --resume 0198c5f2-8f7e-7cc0-a3d4-6a1d5f0a9b11`,
		RunE: func(c *cobra.Command, args []string) error {
			a.Graceful.Store(true)
			if o.resume != "" {
				if len(args) > 1 {
					return cli.Usagef("`hexc run --resume` takes at most one FILE, but got %q as well", args[1])
				}
				for _, name := range []string{"input", "field", "set", "allow", "deny", "mock", "record", "replay", "dry-run"} {
					if c.Flags().Changed(name) {
						return cli.Usagef("--%s can't be combined with --resume", name).Or("a resumed run goes on as it was started")
					}
				}
				return resume(c.Context(), a, o, args)
			}
			if err := cli.Args(1, 1, "one FILE")(c, args); err != nil {
				return err
			}
			if err := exclusive(c, "record", "replay", "dry-run"); err != nil {
				return err
			}
			if o.replay != "" && o.mock {
				return cli.Usagef("--mock can't be combined with --replay").Or("a replay asks no model at all")
			}
			return run(c.Context(), a, o, args[0])
		},
	}
	f := c.Flags()
	f.StringVar(&o.input, "input", "", "the run's input: `JSON`, @FILE, or - for standard input")
	f.StringArrayVarP(&o.fields, "field", "i", nil, "one field of the input, `KEY=VALUE`; VALUE is read as the input schema says, else as JSON, else as text")
	f.StringArrayVar(&o.set, "set", nil, "override a limit, setting or port, `PATH=VALUE`: limits.max_llm_calls=10, ports.llm.adapter=mock")
	f.StringSliceVar(&o.allow, "allow", nil, "grant the capability `CAP`")
	f.StringSliceVar(&o.deny, "deny", nil, "take the capability `CAP` away; it wins over --allow")
	f.BoolVar(&o.mock, "mock", false, "let the mock answer in place of every model, without network")
	f.StringVar(&o.events, "events", "", "write what happens to `FILE` as JSON lines, - for standard output")
	f.StringVar(&o.logLevel, "log-level", "", "log what happens from `LEVEL` on (debug, info, warning, error, critical) to standard error; wins over the program's logging")
	f.StringVar(&o.logFormat, "log-format", "", "form of the log, `FORMAT`: text or json")
	f.StringVar(&o.record, "record", "", "write every call and its outcome to the cassette `FILE`")
	f.StringVar(&o.replay, "replay", "", "take the outcomes of calls from the cassette `FILE`; its input too, unless there is another")
	f.BoolVar(&o.dry, "dry-run", false, "check everything and show what would be called first; call nothing")
	f.StringVar(&o.resume, "resume", "", "go on with the run `RUN`")
	storeFlag(c, &o.store)
	cli.FormatFlag(c, a, "human", "json")
	return c
}

func run(ctx context.Context, a *cli.App, o runOptions, path string) error {
	p, err := program(a, path)
	if err != nil {
		return err
	}
	input, err := runInput(a, p, o.input, o.fields)
	if err != nil {
		return err
	}
	over := runtime.Overrides{Allow: o.allow, Deny: o.deny, Mock: o.mock}
	for _, s := range o.set {
		path, text, ok := strings.Cut(s, "=")
		if !ok || path == "" {
			return cli.Usagef("--set %q has no value", s).Or("write --set PATH=VALUE, as in --set limits.max_llm_calls=10")
		}
		over.Set = append(over.Set, runtime.Setting{Path: path, Value: guess(text)})
	}
	loaded, err := runtime.LoadIR(p)
	if err != nil {
		return err
	}
	o.program = p
	switch {
	case o.dry:
		return dryRun(ctx, a, loaded, input, over)
	case o.replay != "":
		if o.input == "" && len(o.fields) == 0 {
			input = value.Missing
		}
		return playBack(ctx, a, o, loaded, input, over)
	case o.record != "":
		return record(ctx, a, o, loaded, input, over)
	}
	return drive(ctx, a, o, func(ctx context.Context, r *runtime.Runner) (*runtime.Result, error) {
		return r.RunWith(ctx, loaded, input, over)
	})
}

// exclusive refuses more than one of some flags.
func exclusive(c *cobra.Command, names ...string) error {
	first := ""
	for _, name := range names {
		switch {
		case !c.Flags().Changed(name):
		case first == "":
			first = name
		default:
			return cli.Usagef("--%s can't be combined with --%s", first, name).Or("give one of them")
		}
	}
	return nil
}

// resume goes on with a run; with a file, only if its program still does the
// same.
func resume(ctx context.Context, a *cli.App, o runOptions, args []string) error {
	var loaded *runtime.Program
	if len(args) > 0 {
		p, err := program(a, args[0])
		if err != nil {
			return err
		}
		if loaded, err = runtime.LoadIR(p); err != nil {
			return err
		}
		o.program = p
	}
	return drive(ctx, a, o, func(ctx context.Context, r *runtime.Runner) (*runtime.Result, error) {
		return r.ResumeWith(ctx, o.resume, loaded)
	})
}

// drive does a run with a runner that has the command's store and observers, and
// reports what became of it. The end of ctx, which an interrupt brings, asks the
// run to suspend itself; it does not cancel it.
func drive(ctx context.Context, a *cli.App, o runOptions, do func(context.Context, *runtime.Runner) (*runtime.Result, error)) (err error) {
	store, err := openStore(ctx, o.store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return driveIn(ctx, a, o, store, do)
}

// driveIn is drive with a run store.
func driveIn(ctx context.Context, a *cli.App, o runOptions, store journal.Store, do func(context.Context, *runtime.Runner) (*runtime.Result, error)) (err error) {
	options := runtime.Options{Journal: store, Drain: ctx.Done(), Registry: registry(), SuspendAfter: restAfter}
	if o.events != "" {
		w, closeEvents, fault := eventWriter(a, o.events)
		if fault != nil {
			return fault
		}
		defer func() { err = errors.Join(err, closeEvents()) }()
		options.Observers = append(options.Observers, w)
	}
	log, err := openLog(a, o, o.program)
	if err != nil {
		return err
	}
	if log != nil {
		defer func() { err = errors.Join(err, log.Close()) }()
		options.Observers = append(options.Observers, log)
	}
	r, err := runtime.New(options)
	if err != nil {
		return err
	}
	stop := a.Progress("running")
	result, err := do(context.WithoutCancel(ctx), r)
	stop()
	var start *runtime.StartError
	if errors.As(err, &start) {
		return startProblems(a, start)
	}
	if err != nil {
		return unknownRun(err, o.resume)
	}
	return reportRun(a, o, result)
}

// restAfter: a run that can do nothing for so long is suspended, and the command
// ends with status 3.
const restAfter = time.Minute

// events writes events as JSON lines. It is lossless: a file that lacks lines is
// worse than a run that waits for a slow disk.
type events struct {
	write func([]byte) error
	err   error
}

// Lossless implements event.Lossless.
func (*events) Lossless() {}

// Observe writes one event. After an error it writes nothing more.
func (w *events) Observe(e event.Event) {
	if w.err != nil {
		return
	}
	line, err := e.AppendJSON(nil)
	if err == nil {
		err = w.write(append(line, '\n'))
	}
	w.err = err
}

func eventWriter(a *cli.App, path string) (event.Observer, func() error, error) {
	if path == "-" {
		w := &events{write: func(b []byte) error { _, err := a.Out.Write(b); return err }}
		return w, func() error { return w.err }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, nil, err
	}
	w := &events{write: func(b []byte) error { _, err := f.Write(b); return err }}
	return w, func() error { return errors.Join(w.err, f.Close()) }, nil
}

// guess reads text as JSON, and takes it as text if it is none.
func guess(text string) value.Value {
	if v, err := value.ParseJSON([]byte(text), value.JSONLimits{}); err == nil {
		return v
	}
	return value.String(text)
}

// startProblems reports why a run could not be started.
func startProblems(a *cli.App, e *runtime.StartError) error {
	for _, p := range e.Problems {
		text := p.Message
		if p.File != "" {
			text = fmt.Sprintf("%s:%d: %s", p.File, p.Line, text)
		}
		if p.Help != "" {
			text += "; " + p.Help
		}
		a.Problem(errors.New("the run can't be started: " + text))
	}
	return cli.Status(cli.Findings)
}
