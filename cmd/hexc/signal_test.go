//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hexc is the test binary as the program: testscript put it on the PATH.
func hexc(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("hexc")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = t.TempDir()
	return cmd
}

// status waits for a program and gives its exit status; a program that does not
// end is a failure.
func status(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		var failed *exec.ExitError
		if err != nil && !errors.As(err, &failed) {
			t.Fatal(err)
		}
		return cmd.ProcessState.ExitCode()
	case <-time.After(20 * time.Second):
		_ = cmd.Process.Kill()
		t.Fatal("hexc did not end")
		return -1
	}
}

// TestInterrupt interrupts a command that waits for standard input, which never
// ends.
func TestInterrupt(t *testing.T) {
	for _, args := range [][]string{{"fmt", "-"}, {"ir", "show", "-"}, {"lsp"}} {
		for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
			cmd := hexc(t, args...)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(300 * time.Millisecond)
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if got := status(t, cmd); got != 130 {
				t.Errorf("%v after %v: status %d", args, signal, got)
			}
			if strings.Contains(stderr.String(), "goroutine") {
				t.Errorf("%s", stderr.String())
			}
			in.Close()
		}
	}
}

// TestABrokenPipeIsQuiet closes the reader of a long output.
func TestABrokenPipeIsQuiet(t *testing.T) {
	cmd := hexc(t, "schema")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = w, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	status(t, cmd)
	if stderr.Len() > 0 {
		t.Errorf("%q", stderr.String())
	}
}

// TestAFullDiskIsAnError writes to a device that is always full.
func TestAFullDiskIsAnError(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full: ", err)
	}
	defer full.Close()
	cmd := hexc(t, "schema")
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = full, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if got := status(t, cmd); got != 2 || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("status %d, %q", got, stderr.String())
	}
}

// TestAManifestThatIsTooLarge must not be read as a whole before it is refused.
func TestAManifestThatIsTooLarge(t *testing.T) {
	cmd := hexc(t, "check", "--format", "json", "huge.yaml")
	f, err := os.Create(filepath.Join(cmd.Dir, "huge.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(4 << 30); err != nil {
		t.Skip("this file system has no sparse files: ", err)
	}
	f.Close()
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if got := status(t, cmd); got != 1 || !strings.Contains(out.String(), "HX0190") {
		t.Errorf("status %d, %s", got, out.String())
	}
}
