// Package cli is what the commands of hexc share: streams, global flags, exit
// statuses, errors, how findings are shown, signals, and the last line of
// defence against bugs of ours.
//
// Input: a cobra command tree and the process's streams. Output: an exit status
// of the contract.
//
// Invariants: data goes to App.Out, everything else to App.Err; an error is one
// line on App.Err with its cause and a way out; a panic never shows a stack
// trace; a machine-readable format on App.Out is complete or absent.
//
// The three hardest cases: a panic while JSON is expected (the report of the
// panic is JSON too); an unknown command with flags that only another command
// has (it is the command that is wrong); an interrupt while a run writes its
// journal (the command ends by itself, a second interrupt ends it at once).
package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/diag/render"
)

// Exit statuses, see the command line's contract.
const (
	OK          = 0
	Findings    = 1 // findings at or above the failing severity, a failed run, …
	Usage       = 2 // wrong usage: unknown flag or command, unreadable file, bad JSON
	Suspended   = 3 // a run waits for an event or a time
	Internal    = 4 // a bug of ours
	Interrupted = 130
)

// Status ends a command with an exit status and no message: what there was to
// say has been said.
type Status int

// Error is never shown; it makes Status an error.
func (s Status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// UsageError is wrong usage of the command line: Message says what is wrong,
// Help is the way out and may be empty. Both are one line.
type UsageError struct{ Message, Help string }

// Error is the message and the way out in one line.
func (e *UsageError) Error() string {
	if e.Help == "" {
		return e.Message
	}
	return e.Message + "; " + e.Help
}

// Usagef makes a UsageError without a way out of its own.
func Usagef(format string, args ...any) *UsageError {
	return &UsageError{Message: fmt.Sprintf(format, args...)}
}

// Or returns e with a way out.
func (e *UsageError) Or(format string, args ...any) *UsageError {
	e.Help = fmt.Sprintf(format, args...)
	return e
}

// Globals are the flags that every command has.
type Globals struct {
	Color   string // auto, always or never
	Dir     string // change to this folder first
	Root    string // workspace root; "" finds it
	Config  string // a kind: Config manifest
	Env     string // picks documents by metadata.namespace
	Name    string // picks the program by metadata.name
	Quiet   bool
	Verbose bool
}

// App is one invocation of a program.
type App struct {
	In       io.Reader
	Out, Err io.Writer
	Globals
	// Version gives the program's version, for reports that carry one; nil for
	// none.
	Version func() string
	// Format is the format of the command that runs, set by FormatFlag.
	Format string
	// interrupts starts to watch for signals, once.
	interrupts func()
	// Graceful says that the command ends by itself when its context is done,
	// and needs time for it. Set it before the work starts.
	Graceful atomic.Bool
}

// New is an App over the process's streams.
func New() *App {
	return &App{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Globals: Globals{Color: "auto"}}
}

// Note says something about the work on Err; nothing with -q.
func (a *App) Note(format string, args ...any) {
	if !a.Quiet {
		fmt.Fprintf(a.Err, format+"\n", args...)
	}
}

// Detail says something on Err that only -v asks for.
func (a *App) Detail(format string, args ...any) {
	if a.Verbose && !a.Quiet {
		fmt.Fprintf(a.Err, format+"\n", args...)
	}
}

// Problem reports on Err what went wrong without ending the command.
func (a *App) Problem(err error) { fmt.Fprintf(a.Err, "hexc: %s\n", Sentence(err)) }

// Report writes findings about files checked files to Out in the command's
// format, a summary to Err, and returns Status(Findings) if one is at least as
// severe as failOn. It sorts ds.
func (a *App) Report(ds []diag.Diagnostic, files int, failOn diag.Severity) error {
	return a.ReportTo(a.Out, render.Format(a.Format), ds, files, failOn)
}

// ReportTo is Report with another writer and format; an unknown format (one that
// is not of findings) is taken as human. What only says that a right spelling is
// not the canonical one is left out unless Verbose is set.
func (a *App) ReportTo(w io.Writer, format render.Format, ds []diag.Diagnostic, files int, failOn diag.Severity) error {
	if !format.Known() {
		format = render.Human
	}
	if !a.Verbose {
		ds = slices.DeleteFunc(ds, isSpelling)
	}
	diag.Sort(ds)
	o := render.Options{Files: files, FailOn: failOn}
	if format == render.SARIF && a.Version != nil {
		o.Version = a.Version()
	}
	if format == render.Human {
		o.Color, o.Width = a.Colors(w), width(w)
	}
	if err := render.Write(w, format, ds, o); err != nil {
		return err
	}
	c := render.Count(ds)
	if format == render.Human {
		a.Note("%s in %s%s", c, render.Plural(files, "file"), fixable(c))
	}
	if c.Errors > 0 || failOn >= diag.Warning && c.Warnings > 0 || failOn >= diag.Info && c.Infos > 0 {
		return Status(Findings)
	}
	return nil
}

// isSpelling reports whether a finding only says that something has a canonical
// spelling: what stands there is right.
func isSpelling(d diag.Diagnostic) bool {
	return d.Severity == diag.Info && strings.HasPrefix(string(d.Code), "HX09")
}

func fixable(c render.Counts) string {
	switch {
	case c.Fixable == 0:
		return ""
	case c.SafelyFixable == c.Fixable:
		return fmt.Sprintf(" (%d fixable)", c.Fixable)
	}
	return fmt.Sprintf(" (%d fixable, %d of them safely)", c.Fixable, c.SafelyFixable)
}
