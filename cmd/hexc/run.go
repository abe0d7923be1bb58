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
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/event"
)

// runOptions are the flags of run.
type runOptions struct {
	input       string
	fields      []string
	set         []string
	allow, deny []string
	mock        bool
	events      string
	resume      string
	store       string
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

Exit status: 0 completed · 1 failed · 3 suspended · 130 interrupted.`,
		Example: `  hexc run pipeline.yaml --input '{"name": "Ada"}'
  hexc run pipeline.yaml --input @input.json -i limit=5
  hexc run pipeline.hexir --mock                     without network
  hexc run pipeline.yaml --set limits.max_llm_calls=10 --deny http
  hexc run pipeline.yaml --events events.jsonl --format json
  hexc run --resume 0198c5f2-8f7e-7cc0-a3d4-6a1d5f0a9b11`,
		RunE: func(c *cobra.Command, args []string) error {
			a.Graceful.Store(true)
			if o.resume != "" {
				if len(args) > 1 {
					return cli.Usagef("`hexc run --resume` takes at most one FILE, but got %q as well", args[1])
				}
				for _, name := range []string{"input", "field", "set", "allow", "deny", "mock"} {
					if c.Flags().Changed(name) {
						return cli.Usagef("--%s can't be combined with --resume", name).Or("a resumed run goes on as it was started")
					}
				}
				return resume(c.Context(), a, o, args)
			}
			if err := cli.Args(1, 1, "one FILE")(c, args); err != nil {
				return err
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
	return drive(ctx, a, o, func(ctx context.Context, r *runtime.Runner) (*runtime.Result, error) {
		return r.RunWith(ctx, loaded, input, over)
	})
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
	options := runtime.Options{Journal: store, Drain: ctx.Done(), Registry: registry(), SuspendAfter: restAfter}
	if o.events != "" {
		w, closeEvents, err := eventWriter(a, o.events)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, closeEvents()) }()
		options.Observers = append(options.Observers, w)
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
	return reportRun(a, o, store, result)
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
