// Package subprocess starts programs that serve a run: function workers, programs
// called as functions, servers of tools.
//
// Input: what to start. Output: its standard input and output as pipes, the end of
// its standard error, and the certainty that it is gone after Kill.
//
// Invariants: a program stands in a group of its own, so that an interrupt at the
// terminal does not reach it and Kill takes its children along; it does not inherit
// variables whose names look like secrets; of its standard error only the end is
// kept.
//
// The three hardest cases: children that outlive their parent and hold its pipes
// open; a program that ends before it read its input; output without end.
package subprocess

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Command is what to start.
type Command struct {
	// Path is a program's path, or its name on PATH.
	Path string
	Args []string
	Dir  string // "" for the working directory
	// Env are further variables, NAME=VALUE; they win over the inherited ones.
	Env []string
}

// Process is a started program.
type Process struct {
	Stdin  io.WriteCloser
	Stdout io.Reader

	cmd    *exec.Cmd
	stderr *tail
	done   chan struct{}
	err    error
	stdout *os.File
}

// MaxStderr is how much of the end of standard error is kept, in bytes.
const MaxStderr = 8 << 10

// Start starts a program. Wait or Kill must follow.
func Start(c Command) (*Process, error) {
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Dir = c.Dir
	cmd.Env = append(Environment(os.Environ()), c.Env...)
	group(cmd)
	// What was in the pipes when the program ended is read; a child of it that holds
	// them open is not waited for.
	cmd.WaitDelay = 500 * time.Millisecond
	p := &Process{cmd: cmd, stderr: &tail{}, done: make(chan struct{})}
	cmd.Stderr = p.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	// A pipe of our own: that of exec is closed as soon as the program ends, even if
	// nobody has read it yet.
	r, w, err := os.Pipe()
	if err != nil {
		_ = in.Close()
		return nil, err
	}
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(startError(c.Path, err), in.Close(), r.Close(), w.Close())
	}
	_ = w.Close()
	p.Stdin, p.Stdout, p.stdout = in, r, r
	go func() {
		p.err = cmd.Wait()
		killGroup(cmd)
		close(p.done)
	}()
	return p, nil
}

func startError(path string, err error) error {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("the program %q is not there: %w", path, err)
	}
	return fmt.Errorf("the program %q cannot be started: %w", path, err)
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Kill ends the program and its children at once, and waits for it.
func (p *Process) Kill() {
	select {
	case <-p.done:
	default:
		killGroup(p.cmd)
	}
	<-p.done
	_ = p.Stdin.Close()
	_ = p.stdout.Close()
}

// Stop closes the program's input, gives it time to end, and kills it then.
func (p *Process) Stop(patience time.Duration) {
	_ = p.Stdin.Close()
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-p.done:
	case <-t.C:
	}
	p.Kill()
}

// Status says how the program ended: "exit status 3", "signal: killed"; "" if it
// still runs or ended well.
func (p *Process) Status() string {
	select {
	case <-p.done:
	default:
		return ""
	}
	if p.err == nil || errors.Is(p.err, exec.ErrWaitDelay) {
		return ""
	}
	return p.err.Error()
}

// Stderr is the end of what the program wrote to standard error.
func (p *Process) Stderr() string { return p.stderr.String() }

// LastLine is the last line of standard error that is not empty.
func (p *Process) LastLine() string {
	lines := strings.Split(strings.TrimSpace(p.Stderr()), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

// Write takes the next bytes.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(p) >= MaxStderr {
		t.buf = append(t.buf[:0], p[len(p)-MaxStderr:]...)
		return len(p), nil
	}
	if over := len(t.buf) + len(p) - MaxStderr; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	t.buf = append(t.buf, p...)
	return len(p), nil
}

// String is what was kept, as valid UTF-8.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.ToValidUTF8(t.buf, []byte("�")))
}

// secretWords mark the names of variables that programs do not inherit.
var secretWords = []string{"SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY", "_DSN"}

// Environment is what a program inherits of the variables in env (NAME=VALUE):
// all whose names do not look like secrets.
func Environment(env []string) []string {
	out := make([]string, 0, len(env))
	for _, e := range env {
		name, _, _ := strings.Cut(strings.ToUpper(e), "=")
		secret := strings.HasSuffix(name, "_KEY") || strings.HasSuffix(name, "_PASS")
		for _, w := range secretWords {
			secret = secret || strings.Contains(name, w)
		}
		if !secret {
			out = append(out, e)
		}
	}
	return out
}
