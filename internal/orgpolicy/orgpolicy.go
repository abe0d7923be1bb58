// Package orgpolicy judges documents by an organisation's own constraints, which
// are CUE files.
//
// Input: documents and the programs that they compile to, and the text of the
// policies. Output: findings at places of the documents. The evaluation itself is
// done by another program, hexc-cue, over a pipe: linking CUE would cost every
// start of hexc more than everything else that it does.
//
// Invariants: what is sent holds no secret and no value of the environment beyond
// what the program holds; a policy can read what it is given and nothing else; an
// evaluator that is missing, of another version, too slow or mad is an error that
// says what to do, never a pass.
//
// The three hardest cases: a violation in a program (a time-out that no layer
// sets), of which the place is that of the node; one about something that is not
// there, which is shown at what should have it; a policy with a fault of its own,
// which must not look like a document that is fine.
package orgpolicy

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/source"
)

// Timeout is how long the evaluation of all documents may take.
const Timeout = 2 * time.Minute

// maxReply is the size in bytes of the longest answer to one document.
const maxReply = 16 << 20

// MissingError says that the evaluator is not installed.
type MissingError struct{ Beside string }

// Error implements error.
func (e *MissingError) Error() string {
	return "policies need the program hexc-cue, which is neither beside hexc nor on PATH"
}

// Help says how to install it.
func (e *MissingError) Help() string {
	where := "on PATH"
	if e.Beside != "" {
		where = "into " + e.Beside
	}
	return "put hexc-cue of the same release " + where + ", or build it: go install hexdag.dev/hexdag/cmd/hexc-cue@latest"
}

// Find looks for the evaluator: beside this program, else on PATH.
func Find() (string, error) {
	name := "hexc-cue"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	missing := &MissingError{}
	if self, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(self); err == nil {
			self = real
		}
		missing.Beside = filepath.Dir(self)
		beside := filepath.Join(missing.Beside, name)
		if info, err := os.Stat(beside); err == nil && !info.IsDir() {
			return beside, nil
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return "", missing
}

// File is a policy file.
type File struct {
	Name string // as findings show it
	Text []byte
}

// Check judges the subjects by the policies. program is the path of the
// evaluator. The subjects are asked for one by one, so that only one is in
// memory.
func Check(ctx context.Context, program string, policies []File, subjects func(yield func(*compile.Subject) error) error) ([]diag.Diagnostic, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	e, err := start(ctx, program)
	if err != nil {
		return nil, err
	}
	defer e.close()
	c := &checker{files: map[string]*source.File{}}
	s := Start{Version: Version}
	for _, p := range policies {
		c.files[p.Name] = source.NewFile(p.Name, p.Text)
		s.Policies = append(s.Policies, Policy{p.Name, string(p.Text)})
	}
	reply, err := e.ask(ctx, s)
	if err != nil {
		return nil, err
	}
	if len(reply.Faults) > 0 {
		for _, f := range reply.Faults {
			c.ds.Add(diag.New(diag.PolicyFile, c.mark(f.At), "%s", f.Message).WithHelp("mend the policy; nothing was judged by it"))
		}
		return c.ds.Items(), nil
	}
	err = subjects(func(x *compile.Subject) error {
		reply, err := e.ask(ctx, subjectOf(x))
		if err != nil {
			return err
		}
		for _, f := range reply.Faults {
			c.ds.Add(diag.New(diag.PolicyFile, c.mark(f.At), "%s", f.Message).WithHelp("mend the policy"))
		}
		for _, f := range reply.Findings {
			c.finding(x, f)
		}
		return nil
	})
	return once(c.ds.Items()), err
}

// once drops findings that are there again: a pipeline is judged for each process
// that runs it.
func once(ds []diag.Diagnostic) []diag.Diagnostic {
	type key struct {
		file    string
		span    source.Span
		message string
	}
	seen := map[key]bool{}
	return slices.DeleteFunc(ds, func(d diag.Diagnostic) bool {
		k := key{span: d.Loc.Span, message: d.Message}
		if d.Loc.File != nil {
			k.file = d.Loc.File.Path()
		}
		again := seen[k]
		seen[k] = true
		return again
	})
}

func subjectOf(x *compile.Subject) Subject {
	s := Subject{File: x.File.Source.Path(), Kind: x.Doc.Kind, Manifest: document(x.Doc.Root), Program: json.RawMessage("null")}
	if x.Program != nil {
		var one bytes.Buffer
		if err := json.Compact(&one, ir.ShowJSON(x.Program)); err == nil {
			s.Program = one.Bytes()
		}
	}
	return s
}

type evaluator struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errors *tail
}

// tail keeps the last bytes that the evaluator wrote to its standard error.
type tail struct{ text []byte }

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	const most = 4 << 10
	t.text = append(t.text, p...)
	if len(t.text) > most {
		t.text = append([]byte(nil), t.text[len(t.text)-most:]...)
	}
	return len(p), nil
}

func start(ctx context.Context, program string) (*evaluator, error) {
	e := &evaluator{cmd: exec.CommandContext(ctx, program, "serve"), errors: &tail{}}
	e.cmd.Stderr = e.errors
	e.cmd.Env = []string{} // it needs nothing of ours
	e.cmd.WaitDelay = 2 * time.Second
	in, err := e.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	e.in, e.out = in, bufio.NewReaderSize(out, 64<<10)
	if err := e.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s cannot be started: %w", program, err)
	}
	return e, nil
}

func (e *evaluator) close() {
	_ = e.in.Close()
	_ = e.cmd.Wait() // how it ended matters only while an answer is due
}

// ask sends one line and reads one.
func (e *evaluator) ask(ctx context.Context, x any) (*Reply, error) {
	line, err := json.Marshal(x)
	if err != nil {
		return nil, err
	}
	if _, err := e.in.Write(append(line, '\n')); err != nil {
		return nil, e.failed(ctx, err)
	}
	answer, err := readLine(e.out, maxReply)
	if err != nil {
		return nil, e.failed(ctx, err)
	}
	var r Reply
	if err := json.Unmarshal(answer, &r); err != nil {
		return nil, e.failed(ctx, fmt.Errorf("its answer is no JSON: %w", err))
	}
	switch {
	case r.Version != Version:
		return nil, fmt.Errorf("hexc-cue speaks version %d of the protocol, hexc version %d: install both from one release", r.Version, Version)
	case r.Error != "":
		return nil, fmt.Errorf("hexc-cue cannot judge: %s", r.Error)
	}
	return &r, nil
}

var errTooLong = errors.New("its answer is too long")

func readLine(r *bufio.Reader, most int) ([]byte, error) {
	var out []byte
	for {
		part, err := r.ReadSlice('\n')
		out = append(out, part...)
		switch {
		case err == nil:
			return out, nil
		case len(out) > most:
			return nil, errTooLong
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

func (e *evaluator) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return fmt.Errorf("the policies took longer than %s", Timeout)
		}
		return ctx.Err()
	}
	if text := strings.TrimSpace(string(e.errors.text)); text != "" {
		lines := strings.Split(text, "\n")
		return fmt.Errorf("hexc-cue failed: %s", lines[len(lines)-1])
	}
	if errors.Is(err, io.EOF) {
		return errors.New("hexc-cue ended without an answer")
	}
	return fmt.Errorf("hexc-cue failed: %w", err)
}
