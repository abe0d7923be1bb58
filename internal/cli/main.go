package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/diag/render"
	"hexdag.dev/hexdag/lang/source"
)

// grace is how long a command that is not Graceful may go on after an interrupt.
const grace = 200 * time.Millisecond

// Main runs root with args and returns the exit status. It ends the process
// itself only for an interrupt that the command does not react to.
func Main(root *cobra.Command, a *App, args []string) (status int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var interrupted atomic.Bool
	a.interrupts = sync.OnceFunc(func() { a.watch(&interrupted, cancel) })
	defer func() {
		if r := recover(); r != nil {
			status = a.panicked(r, args)
		}
	}()
	err := Execute(ctx, root, a, args)
	if interrupted.Load() && err != nil {
		return Interrupted
	}
	return a.status(err)
}

// Watch makes an interrupt end the context of the command, and the process with
// status Interrupted. Commands whose work may take a while call it, or what calls
// it for all of them does; for those that are over at once it would be the
// greater part of the work.
func (a *App) Watch() {
	if a.interrupts != nil {
		a.interrupts()
	}
}

// watch waits for a signal. It goes on until the process ends.
func (a *App) watch(interrupted *atomic.Bool, cancel context.CancelFunc) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		interrupted.Store(true)
		cancel()
		if !a.Graceful.Load() {
			time.AfterFunc(grace, func() { os.Exit(Interrupted) })
		}
		<-signals
		os.Exit(Interrupted)
	}()
}

// Execute runs root with args. It is Main without process-wide effects.
func Execute(ctx context.Context, root *cobra.Command, a *App, args []string) error {
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetArgs(args)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return flagError(root, c, err, args) })
	return root.ExecuteContext(ctx)
}

// status reports err and gives the exit status for it.
func (a *App) status(err error) int {
	var status Status
	switch {
	case err == nil:
		return OK
	case errors.As(err, &status):
		return int(status)
	case errors.Is(err, syscall.EPIPE):
		return OK // whoever read our output has seen enough
	}
	a.Problem(err)
	return Usage
}

// Sentence is err in one line. Errors of the file system get the path first and
// lose the name of the system call.
func Sentence(err error) string {
	var usage *UsageError
	if errors.As(err, &usage) {
		return line(err.Error())
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		text := path.Err.Error()
		hint := ""
		switch {
		case errors.Is(err, fs.ErrNotExist):
			hint = "; check the spelling and the working directory"
		case errors.Is(err, fs.ErrPermission):
			hint = "; check its permissions"
		case errors.Is(err, syscall.EISDIR):
			hint = "; name a file"
		}
		return line(fmt.Sprintf("%s: %s%s", path.Path, text, hint))
	}
	return line(err.Error())
}

// line makes sure that a message is one line and shows control characters.
func line(s string) string {
	return strings.Join(strings.FieldsFunc(strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' || r == 0x7f {
			return '\ufffd'
		}
		return r
	}, s), func(r rune) bool { return r == '\n' }), " ")
}

// panicked reports a bug of ours. The stack goes to a file, and only on demand:
// it means nothing to users, and may hold text of their manifests.
func (a *App) panicked(r any, args []string) int {
	d := diag.New(diag.Internal, source.Location{}, "internal error: %s", line(fmt.Sprint(r)))
	d.Help = "this is a bug in hexc; set HEXC_TRACE=1 and run it again to write a trace to a file, and report it together with the output of `hexc version` and the smallest manifest that shows it"
	if os.Getenv("HEXC_TRACE") == "1" {
		if path, err := writeTrace(r, args); err == nil {
			d.Help = "this is a bug in hexc; please report it with " + path + ", which holds a trace, and the smallest manifest that shows it"
		} else {
			d.Help = "this is a bug in hexc; the trace could not be written: " + line(err.Error())
		}
	}
	var w io.Writer = a.Err
	format := render.Format(a.Format)
	if format.Known() && format != render.Human {
		w = a.Out
	}
	if err := a.ReportTo(w, format, []diag.Diagnostic{d}, 0, diag.Error); err == nil || errors.Is(err, Status(Findings)) {
		return Internal
	}
	return Internal
}

func writeTrace(r any, args []string) (string, error) {
	f, err := os.CreateTemp("", "hexc-trace-*.txt")
	if err != nil {
		return "", err
	}
	stack := debug.Stack()
	if t, ok := r.(interface{ Trace() []byte }); ok {
		stack = t.Trace() // of the goroutine that it happened in
	}
	_, err = fmt.Fprintf(f, "panic: %v\narguments: %q\n\n%s", r, args, stack)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return f.Name(), err
}
