// Package python runs functions written in Python: `python:pkg.mod.func`, a bare
// dotted path, and `!py` blocks.
//
// Input: a dotted path or the text of a block; for each call the prepared input.
// Output: what the function returned, as JSON data, or an error with the exception
// and its place.
//
// # Workers
//
// Python runs in worker processes: `python3` with a script that needs nothing but
// the standard library, in the working directory of this process, whose modules it
// finds. A worker carries out one call at a time; further ones are started while all
// are busy, up to Host.Workers, and stay until the last function is closed. Modules
// are loaded once in each. Functions may be `async`. With unpack the fields of the
// input are keyword arguments, those for which there is no parameter are left out.
// What user code prints goes to the run's log, standard error into errors.
//
// # Values
//
// Values travel as JSON: a decimal arrives as a float, a tuple or a set as a list.
// What comes back may be anything that JSON has, and dataclasses, named tuples,
// decimals, dates (as ISO text), sets (as lists) and objects with model_dump.
//
// Invariants: a worker whose call timed out or was cancelled is killed with its
// children before the call returns; one that ended is replaced by the next call; a
// result has at most MaxResult bytes; variables with secrets are not inherited.
//
// The three hardest cases: a function that kills its process or never returns;
// output without end; the same module loaded by several workers, so that functions
// must not count on memory that calls share.
package python

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
	"hexdag.dev/hexdag/runtime/subprocess"
)

//go:embed worker.py
var script string

// MaxResult bounds the result of a call, in bytes of JSON.
const MaxResult = 64 << 20

// DefaultWorkers is how many workers a host starts at most unless it says.
const DefaultWorkers = 8

// loadTime bounds the import of a module before the run starts.
const loadTime = 60 * time.Second

// Host is the port.FunctionHost of the schemes "python" and "py". The zero Host is
// ready for use and must not be copied then.
type Host struct {
	// Python is the interpreter; "" stands for that of VIRTUAL_ENV, else python3 on
	// PATH.
	Python string
	// Dir is the working directory of workers, "" for that of this process.
	Dir string
	// Workers bounds how many run at a time, 0 for the constant.
	Workers int

	mu    sync.Mutex
	slots chan struct{} // one for each worker that may be busy
	idle  []*worker
	open  int // functions
}

// Load imports the function, so that what is missing is said before the run starts.
func (h *Host) Load(ctx context.Context, f port.FunctionSpec) (port.Function, error) {
	h.mu.Lock()
	if h.slots == nil {
		n := h.Workers
		if n <= 0 {
			n = DefaultWorkers
		}
		h.slots = make(chan struct{}, n)
	}
	h.open++
	h.mu.Unlock()
	fn := &function{host: h, spec: f}
	ctx, cancel := context.WithTimeout(ctx, loadTime)
	defer cancel()
	if _, err := h.do(ctx, fn.request("load", value.Null), f.Name); err != nil {
		e := *port.AsError(err)
		e.Class, e.Definite, e.Retryable = port.ClassInvalidInput, true, false
		if e.Help == "" && f.Code == "" {
			e.Help = "modules are looked for in the working directory and on PYTHONPATH"
		}
		return nil, errors.Join(&e, fn.Close(ctx))
	}
	return fn, nil
}

type function struct {
	host   *Host
	spec   port.FunctionSpec
	closed sync.Once
}

// Class is port.Write: nobody knows what Python code does.
func (f *function) Class() port.Class { return port.Write }

// Close stops the workers with the last function.
func (f *function) Close(context.Context) error {
	f.closed.Do(func() {
		h := f.host
		h.mu.Lock()
		h.open--
		var idle []*worker
		if h.open == 0 {
			idle, h.idle = h.idle, nil
		}
		h.mu.Unlock()
		for _, w := range idle {
			w.proc.Stop(time.Second)
		}
	})
	return nil
}

// Call calls the function.
func (f *function) Call(ctx context.Context, _ port.Call, input value.Value) (value.Value, error) {
	text, err := f.host.do(ctx, f.request("call", input), f.spec.Name)
	if err != nil {
		return value.Null, err
	}
	v, err := value.ParseJSON(text, value.JSONLimits{})
	if err != nil {
		return value.Null, port.Errorf(port.ClassInvalidOutput, "the result of %s cannot be read: %s", f.spec.Name, port.OneLine(err.Error()))
	}
	return v, nil
}

type request struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Key    string          `json:"key"`
	Name   string          `json:"name"`
	Code   string          `json:"code,omitempty"`
	File   string          `json:"file,omitempty"`
	Unpack bool            `json:"unpack,omitempty"`
	Input  json.RawMessage `json:"input"`

	input value.Value
}

func (f *function) request(method string, input value.Value) *request {
	return &request{ID: 1, Method: method, Key: f.spec.File + "\x00" + f.spec.Code + "\x00" + f.spec.Name, Name: f.spec.Name,
		Code: f.spec.Code, File: f.spec.File, Unpack: f.spec.Unpack, input: input}
}

type response struct {
	ID     int             `json:"id"`
	Log    *string         `json:"log"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Type    string `json:"type"`
		Message string `json:"message"`
		Place   string `json:"place"`
	} `json:"error"`
}

// do carries out a request on a worker of its own.
func (h *Host) do(ctx context.Context, req *request, what string) ([]byte, error) {
	var err error
	if req.Input, err = value.AppendJSON(nil, req.input); err != nil {
		return nil, port.Errorf(port.ClassInvalidInput, "the input of %s has no JSON: %s", what, err)
	}
	line, err := json.Marshal(req)
	if err != nil {
		return nil, port.Errorf(port.ClassInvalidInput, "the input of %s has no JSON: %s", what, err)
	}
	if ctx.Err() != nil {
		return nil, port.AsError(ctx.Err())
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, &port.Error{Class: port.ClassTimeout, Retryable: true, Definite: true, Err: ctx.Err(),
			Message: fmt.Sprintf("%s did not start: all Python workers are busy", what)}
	}
	w, err := h.worker()
	if err != nil {
		return nil, err
	}
	text, err := w.do(ctx, append(line, '\n'), what)
	if w.broken {
		w.proc.Kill()
		return text, err
	}
	h.mu.Lock()
	keep := h.open > 0
	if keep {
		h.idle = append(h.idle, w)
	}
	h.mu.Unlock()
	if !keep {
		w.proc.Stop(time.Second)
	}
	return text, err
}

// worker is one process, used by one call at a time.
type worker struct {
	proc   *subprocess.Process
	out    *bufio.Reader
	broken bool // it cannot be used again
}

func (h *Host) worker() (*worker, error) {
	h.mu.Lock()
	for len(h.idle) > 0 {
		w := h.idle[len(h.idle)-1]
		h.idle = h.idle[:len(h.idle)-1]
		select {
		case <-w.proc.Done(): // it ended meanwhile
			w.proc.Kill()
		default:
			h.mu.Unlock()
			return w, nil
		}
	}
	h.mu.Unlock()
	path := h.Python
	if path == "" {
		path = Interpreter()
	}
	proc, err := subprocess.Start(subprocess.Command{Path: path, Args: []string{"-u", "-c", script}, Dir: h.Dir})
	if err != nil {
		return nil, &port.Error{Class: port.ClassInvalidInput, Definite: true, Message: port.OneLine(err.Error()),
			Help: "Python functions need Python 3.8 or later; install it, or put it on PATH"}
	}
	w := &worker{proc: proc, out: bufio.NewReaderSize(proc.Stdout, 64<<10)}
	hello := make(chan error, 1)
	go func() {
		line, err := readLine(w.out, 4096)
		if err == nil && !bytes.HasPrefix(line, []byte(`{"hexdag_python": 1`)) {
			err = fmt.Errorf("it says %.100q", line)
		}
		hello <- err
	}()
	t := time.NewTimer(30 * time.Second)
	defer t.Stop()
	select {
	case err = <-hello:
	case <-t.C:
		err = errors.New("it does not speak")
	}
	if err != nil {
		proc.Kill()
		text := port.OneLine(err.Error())
		if last := proc.LastLine(); last != "" {
			text = port.OneLine(last)
		}
		return nil, &port.Error{Class: port.ClassInvalidInput, Definite: true,
			Message: fmt.Sprintf("%s cannot run the worker: %s", path, text), Help: "Python functions need Python 3.8 or later"}
	}
	return w, nil
}

// Interpreter is the Python that workers run on unless a host names one.
func Interpreter() string {
	if env := os.Getenv("VIRTUAL_ENV"); env != "" {
		path := filepath.Join(env, "bin", "python3")
		if runtime.GOOS == "windows" {
			path = filepath.Join(env, "Scripts", "python.exe")
		}
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	if runtime.GOOS == "windows" {
		return "python"
	}
	return "python3"
}

// do sends one request and reads its answer. The worker is broken unless the whole
// answer came.
func (w *worker) do(ctx context.Context, line []byte, what string) ([]byte, error) {
	w.broken = true
	type answer struct {
		resp response
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		if _, a.err = w.proc.Stdin.Write(line); a.err == nil {
			a.resp, a.err = w.read(ctx)
		}
		done <- a
	}()
	var a answer
	select {
	case a = <-done:
	case <-ctx.Done():
		w.proc.Kill() // ends the goroutine too
		<-done
		e := *port.AsError(ctx.Err())
		e.Message = fmt.Sprintf("%s was stopped: %s", what, e.Message)
		return nil, &e
	}
	switch {
	case errors.Is(a.err, errTooLarge):
		return nil, &port.Error{Class: port.ClassInvalidOutput, Message: fmt.Sprintf("the result of %s has more than %d MiB", what, MaxResult>>20),
			Help: "return a reference to the data, such as a path or a key, instead of the data"}
	case a.err != nil:
		return nil, w.crash(what)
	}
	w.broken = false
	if x := a.resp.Error; x != nil {
		msg := what + ": " + x.Type
		if x.Message != "" {
			msg += ": " + x.Message
		}
		if x.Place != "" {
			msg = x.Place + ": in " + msg
		}
		return nil, &port.Error{Class: port.ClassFunction, Retryable: true, Message: port.OneLine(msg)}
	}
	if a.resp.Result == nil {
		return []byte("null"), nil
	}
	return a.resp.Result, nil
}

func (w *worker) read(ctx context.Context) (response, error) {
	for {
		line, err := readLine(w.out, MaxResult)
		if err != nil {
			return response{}, err
		}
		var r response
		if err := json.Unmarshal(line, &r); err != nil {
			return r, err
		}
		if r.Log == nil {
			return r, nil
		}
		port.Log(ctx, *r.Log)
	}
}

// crash is the error for a worker that ended.
func (w *worker) crash(what string) error {
	t := time.NewTimer(2 * time.Second)
	defer t.Stop()
	select {
	case <-w.proc.Done():
	case <-t.C:
		w.proc.Kill()
	}
	e := &port.Error{Class: port.ClassFunction, Retryable: true, Message: "the Python worker ended while it ran " + what}
	if s := w.proc.Status(); s != "" {
		e.Message += " (" + s + ")"
	}
	if last := w.proc.LastLine(); last != "" {
		e.Message += ": " + port.OneLine(last)
	}
	return e
}

var errTooLarge = errors.New("the line is too long")

func readLine(r *bufio.Reader, most int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > most {
			return nil, errTooLarge
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(line, []byte("\n")), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			if errors.Is(err, io.EOF) && len(line) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
}
