package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// program is a small program whose command does what a test wants.
func program(do func(*App) error) (*cobra.Command, *App, *bytes.Buffer, *bytes.Buffer) {
	out, err := new(bytes.Buffer), new(bytes.Buffer)
	a := &App{In: strings.NewReader(""), Out: out, Err: err, Globals: Globals{Color: "auto"}}
	root := Group(&cobra.Command{Use: "hexc"})
	c := &cobra.Command{Use: "do", RunE: func(*cobra.Command, []string) error { return do(a) }}
	FormatFlag(c, a)
	root.AddCommand(c)
	return root, a, out, err
}

func TestStatuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		err    error
		status int
		line   string
	}{
		{"fine", nil, OK, ""},
		{"a status says nothing more", Status(Suspended), Suspended, ""},
		{"wrong usage with a way out", Usagef("bad %s", "flag").Or("try another"), Usage, "hexc: bad flag; try another\n"},
		{"a missing file", &fs.PathError{Op: "open", Path: "a.yaml", Err: syscall.ENOENT}, Usage, "hexc: a.yaml: no such file or directory; check the spelling and the working directory\n"},
		{"a file without permission", &fs.PathError{Op: "open", Path: "a.yaml", Err: syscall.EACCES}, Usage, "hexc: a.yaml: permission denied; check its permissions\n"},
		{"an error of several lines", errors.New("one\ntwo\x1b[31m"), Usage, "hexc: one two\ufffd[31m\n"},
		{"a reader that went away", &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}, OK, ""},
	} {
		root, a, out, stderr := program(func(*App) error { return c.err })
		if got := Main(root, a, []string{"do"}); got != c.status {
			t.Errorf("%s: status %d, want %d", c.name, got, c.status)
		}
		if stderr.String() != c.line || out.Len() > 0 {
			t.Errorf("%s: %q, %q", c.name, stderr.String(), out.String())
		}
	}
}

func TestAPanicIsReported(t *testing.T) {
	t.Setenv("HEXC_TRACE", "")
	root, a, out, stderr := program(func(*App) error { panic("index out\nof range") })
	if got := Main(root, a, []string{"do"}); got != Internal {
		t.Errorf("status %d", got)
	}
	text := stderr.String()
	if !strings.HasPrefix(text, "error[HX0001]: internal error: index out of range\n") || !strings.Contains(text, "HEXC_TRACE=1") || strings.Contains(text, "goroutine") || out.Len() > 0 {
		t.Errorf("%q, %q", text, out.String())
	}
}

func TestAPanicIsReportedAsJSON(t *testing.T) {
	t.Setenv("HEXC_TRACE", "")
	root, a, out, _ := program(func(*App) error { panic(errors.New("boom")) })
	if got := Main(root, a, []string{"do", "--format", "json"}); got != Internal {
		t.Errorf("status %d", got)
	}
	var report struct{ Diagnostics []struct{ Code string } }
	if err := json.Unmarshal(out.Bytes(), &report); err != nil || len(report.Diagnostics) != 1 || report.Diagnostics[0].Code != "HX0001" {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestATraceGoesToAFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HEXC_TRACE", "1")
	t.Setenv("TMPDIR", dir)
	root, a, _, stderr := program(func(*App) error { panic("boom") })
	Main(root, a, []string{"do"})
	paths, err := filepath.Glob(filepath.Join(dir, "hexc-trace-*.txt"))
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	text, err := os.ReadFile(paths[0])
	if err != nil || !strings.Contains(string(text), "boom") || !strings.Contains(string(text), "goroutine") {
		t.Errorf("%v %q", err, text)
	}
	if !strings.Contains(stderr.String(), paths[0]) || strings.Contains(stderr.String(), "goroutine") {
		t.Errorf("%q", stderr.String())
	}
}

func TestReportCountsByTheFailingSeverity(t *testing.T) {
	f := source.NewFile("a.yaml", []byte("a: 1\n"))
	loc := source.Location{File: f, Span: source.Span{Start: 0, End: 1}}
	for _, c := range []struct {
		severity, failOn diag.Severity
		fails            bool
	}{
		{diag.Error, diag.Error, true}, {diag.Warning, diag.Error, false}, {diag.Info, diag.Error, false},
		{diag.Error, diag.Warning, true}, {diag.Warning, diag.Warning, true}, {diag.Info, diag.Warning, false},
		{diag.Info, diag.Info, true},
	} {
		_, a, _, _ := program(nil)
		err := a.Report([]diag.Diagnostic{diag.New(diag.Internal, loc, "x").As(c.severity)}, 1, c.failOn)
		if (err == Status(Findings)) != c.fails {
			t.Errorf("%s with --fail-on %s: %v", c.severity, c.failOn, err)
		}
	}
}

func TestQuietAndVerbose(t *testing.T) {
	_, a, _, stderr := program(nil)
	a.Note("n%d", 1)
	a.Detail("d1")
	a.Verbose = true
	a.Detail("d2")
	a.Quiet = true
	a.Note("n2")
	a.Detail("d3")
	a.Progress("p")()
	if got := stderr.String(); got != "n1\nd2\n" {
		t.Errorf("%q", got)
	}
}

func TestColors(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	for _, c := range []struct {
		color, noColor string
		want           bool
	}{{"auto", "", false}, {"always", "", true}, {"always", "1", true}, {"never", "", false}} {
		t.Setenv("NO_COLOR", c.noColor)
		a := &App{Globals: Globals{Color: c.color}}
		if got := a.Colors(io.Discard); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}

func TestRelative(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"a.yaml": "a.yaml", "./a.yaml": "a.yaml", "b/../a.yaml": "a.yaml", "../x": "../x",
		filepath.Join(wd, "c", "d.yaml"): "c/d.yaml", filepath.Join(filepath.Dir(wd), "e"): "../e", ".": ".",
	} {
		if got := Relative(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// TestExecuteHasNoSideEffects runs a command tree twice.
func TestExecuteHasNoSideEffects(t *testing.T) {
	ran := 0
	root, a, _, _ := program(func(*App) error { ran++; return nil })
	for range 2 {
		if err := Execute(context.Background(), root, a, []string{"do"}); err != nil {
			t.Error(err)
		}
	}
	if ran != 2 {
		t.Error(ran)
	}
}
