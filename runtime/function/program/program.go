// Package program runs programs as functions: `exec:PROGRAM ARGUMENTS…`.
//
// Input: a command line of words, which may be quoted, without a shell; for each
// call the prepared input. Output: the JSON that the program wrote to its standard
// output, or an error with its status and the last line of its standard error.
//
// The program gets the input as one JSON document on its standard input. A name
// without a slash is looked for on PATH, a relative path in Host.Dir.
//
// Invariants: a program whose call timed out or was cancelled is killed with its
// children before the call returns; it inherits no variables with secrets; its
// output has at most MaxOutput bytes; no shell sees the command.
//
// The three hardest cases: a program that does not read its input; output without
// end; children that hold its pipes open after its end.
package program

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
	"hexdag.dev/hexdag/runtime/subprocess"
)

// MaxOutput bounds what a call may write, in bytes.
const MaxOutput = 64 << 20

// Host is the port.FunctionHost of the scheme "exec". The zero Host is ready for
// use.
type Host struct {
	// Dir is the working directory of programs, "" for that of this process.
	Dir string
}

// Load finds the program.
func (h Host) Load(_ context.Context, f port.FunctionSpec) (port.Function, error) {
	words, err := Words(f.Name)
	if err != nil {
		return nil, port.Errorf(port.ClassInvalidInput, "exec:%s: %s", f.Name, err)
	}
	path := words[0]
	if strings.ContainsRune(path, '/') && !filepath.IsAbs(path) && h.Dir != "" {
		path = filepath.Join(h.Dir, path)
	}
	if path, err = exec.LookPath(path); err != nil && !errors.Is(err, exec.ErrDot) {
		e := port.Errorf(port.ClassInvalidInput, "the program %q cannot be run: %s", words[0], reason(err))
		e.Help = "install it, or give its path with a slash, such as ./" + filepath.Base(words[0])
		return nil, e
	}
	if !strings.ContainsRune(words[0], '/') && !filepath.IsAbs(path) {
		return nil, port.Errorf(port.ClassInvalidInput, "the program %q stands in the working directory only; write ./%s", words[0], words[0])
	}
	return &function{host: h, path: path, args: words[1:], name: words[0]}, nil
}

func reason(err error) string {
	if errors.Is(err, exec.ErrNotFound) {
		return "it is not there"
	}
	var e *exec.Error
	if errors.As(err, &e) {
		err = e.Err
	}
	return port.OneLine(err.Error())
}

// Words splits a command line: words between spaces, parts of which may stand in
// single or double quotes. A backslash has no meaning of its own.
func Words(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	open, inWord := rune(0), false
	for _, r := range line {
		switch {
		case open != 0 && r == open:
			open = 0
		case open != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			open, inWord = r, true
		case r == ' ' || r == '\t' || r == '\n':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			inWord = true
			word.WriteRune(r)
		}
	}
	if open != 0 {
		return nil, fmt.Errorf("the quote %c is not closed", open)
	}
	if inWord {
		words = append(words, word.String())
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("no program is named")
	}
	return words, nil
}

type function struct {
	host       Host
	path, name string
	args       []string
}

// Class is port.Write: nobody knows what a program does.
func (f *function) Class() port.Class { return port.Write }

// Call runs the program once.
func (f *function) Call(ctx context.Context, call port.Call, input value.Value) (value.Value, error) {
	text, err := value.AppendJSON(nil, input)
	if err != nil {
		return value.Null, port.Errorf(port.ClassInvalidInput, "the input of node %q has no JSON: %s", call.Node, err)
	}
	if ctx.Err() != nil {
		return value.Null, port.AsError(ctx.Err())
	}
	p, err := subprocess.Start(subprocess.Command{Path: f.path, Args: f.args, Dir: f.host.Dir, Env: []string{"HEXDAG_IDEMPOTENCY_KEY=" + call.Key}})
	if err != nil {
		return value.Null, &port.Error{Class: port.ClassFunction, Definite: true, Message: port.OneLine(err.Error())}
	}
	defer p.Kill()
	go func() {
		// A program that does not want its input closes the pipe.
		_, _ = p.Stdin.Write(append(text, '\n'))
		_ = p.Stdin.Close()
	}()
	type output struct {
		text []byte
		err  error
	}
	done := make(chan output, 1)
	go func() {
		var o output
		o.text, o.err = io.ReadAll(io.LimitReader(p.Stdout, MaxOutput+1))
		done <- o
	}()
	var out output
	ended := p.Done()
	for out.text == nil && out.err == nil {
		select {
		case out = <-done:
			if out.text == nil {
				out.text = []byte{}
			}
		case <-ended:
			// Children that hold the pipe were killed with it: its end follows.
			ended = nil
		case <-ctx.Done():
			p.Kill()
			<-done
			e := *port.AsError(ctx.Err())
			e.Message = fmt.Sprintf("%s was stopped: %s", f.name, e.Message)
			return value.Null, &e
		}
	}
	if len(out.text) > MaxOutput {
		return value.Null, &port.Error{Class: port.ClassInvalidOutput, Message: fmt.Sprintf("%s wrote more than %d MiB", f.name, MaxOutput>>20),
			Help: "return a reference to the data, such as a path, instead of the data"}
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
		return value.Null, port.AsError(ctx.Err())
	}
	if status := p.Status(); status != "" {
		e := &port.Error{Class: port.ClassFunction, Retryable: true, Message: fmt.Sprintf("%s ended with %s", f.name, status)}
		if last := p.LastLine(); last != "" {
			e.Message += ": " + port.OneLine(last)
		}
		return value.Null, e
	}
	if len(bytes.TrimSpace(out.text)) == 0 {
		return value.Null, nil
	}
	v, err := value.ParseJSON(out.text, value.JSONLimits{})
	if err != nil {
		return value.Null, port.Errorf(port.ClassInvalidOutput, "%s did not write one JSON document: %s", f.name, port.OneLine(err.Error()))
	}
	return v, nil
}
