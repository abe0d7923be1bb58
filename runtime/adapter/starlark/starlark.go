// Package starlark runs functions written in Starlark: `star:file.star#name` and
// inline `!star` blocks.
//
// Input: source text and the name of a function in it; for each call the
// prepared input. Output: the function's result, or an error with the place in
// the source.
//
// The text is executed once when the function is loaded, before the run starts:
// its globals are frozen and shared by all calls. A call passes the input as one
// dict, or, with unpack_input, each field as the keyword argument of its name;
// fields for which the function has no parameter are left out then.
//
// # Values
//
// Numbers, text, booleans, lists, tuples, sets and dicts become their Starlark
// counterparts, in order and with integers of any size, and come back as what
// they were; null is None. Starlark has no decimals and no times: a decimal goes
// in as a float, a time as its ISO text, a range as a list. What comes back must
// be data: functions, modules and bytes are errors.
//
// Invariants: hermetic: no load, no files, no clock, no randomness; print goes to
// the run's log. Available are Starlark's built-ins, `json` and `math`, `while`
// and sets. A call is bounded by MaxSteps and by its context; recursion is
// refused, as Starlark does. Calls are independent of each other and may run in
// parallel.
//
// The three hardest cases: results that contain themselves or share parts so
// often that a copy would explode; cancelling a computation from outside; errors
// that tell the place in the user's text and nothing of this host.
package starlark

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/lib/json"
	"go.starlark.net/lib/math"
	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// MaxSteps is the number of Starlark instructions that loading a text or one
// call of a function may take unless Host says otherwise: about a second.
const MaxSteps = 100_000_000

// Host is the port.FunctionHost of the scheme "star". The zero Host is ready for
// use.
type Host struct {
	// MaxSteps bounds each load and each call; 0 stands for the constant.
	MaxSteps uint64
}

var dialect = &syntax.FileOptions{Set: true, While: true, TopLevelControl: true, GlobalReassign: true}

// predeclared is what a text sees beside Starlark's own built-ins.
func predeclared() starlark.StringDict {
	return starlark.StringDict{"json": json.Module, "math": math.Module}
}

// Load executes f's text and finds its function.
func (h Host) Load(ctx context.Context, f port.FunctionSpec) (port.Function, error) {
	file := f.File
	if file == "" {
		file = "star"
	}
	maxSteps := h.MaxSteps
	if maxSteps == 0 {
		maxSteps = MaxSteps
	}
	thread, done := h.thread(ctx, "load "+file, maxSteps)
	globals, err := starlark.ExecFileOptions(dialect, thread, file, f.Code, predeclared())
	done()
	if err != nil {
		return nil, failure(ctx, thread, err, maxSteps)
	}
	globals.Freeze()
	fn, ok := globals[f.Name]
	if !ok {
		return nil, port.Errorf(port.ClassInvalidInput, "%s defines no function %q%s", file, f.Name, listFunctions(globals))
	}
	call, ok := fn.(*starlark.Function)
	if !ok {
		return nil, port.Errorf(port.ClassInvalidInput, "%q in %s is a %s, not a function", f.Name, file, fn.Type())
	}
	return &function{fn: call, unpack: f.Unpack, maxSteps: maxSteps, host: h}, nil
}

func listFunctions(globals starlark.StringDict) string {
	var names []string
	for _, name := range globals.Keys() {
		if _, ok := globals[name].(*starlark.Function); ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (it defines " + strings.Join(names, ", ") + ")"
}

// thread makes a thread that ends with ctx; done must be called after use.
func (h Host) thread(ctx context.Context, name string, maxSteps uint64) (t *starlark.Thread, done func() bool) {
	t = &starlark.Thread{
		Name:  name,
		Print: func(_ *starlark.Thread, msg string) { port.Log(ctx, msg) },
		Load: func(*starlark.Thread, string) (starlark.StringDict, error) {
			return nil, errors.New("load is not available: a function is one self-contained text")
		},
	}
	t.SetMaxExecutionSteps(maxSteps)
	t.OnMaxSteps = func(t *starlark.Thread) { t.Cancel(tooManySteps) }
	return t, context.AfterFunc(ctx, func() { t.Cancel(endedOutside) })
}

const (
	tooManySteps = "too many steps"
	endedOutside = "ended from outside"
)

type function struct {
	fn       *starlark.Function
	unpack   bool
	maxSteps uint64
	host     Host
}

// Class is port.Hermetic.
func (f *function) Class() port.Class { return port.Hermetic }

// Call runs the function on a copy of input.
func (f *function) Call(ctx context.Context, call port.Call, input value.Value) (value.Value, error) {
	args, kwargs, err := f.arguments(input)
	if err != nil {
		return value.Null, err
	}
	thread, done := f.host.thread(ctx, call.Path, f.maxSteps)
	defer done()
	result, err := starlark.Call(thread, f.fn, args, kwargs)
	if err != nil {
		return value.Null, failure(ctx, thread, err, f.maxSteps)
	}
	out := decoder{left: maxParts}
	v, err := out.decode(result, 0)
	if err != nil {
		return value.Null, port.Errorf(port.ClassInvalidOutput, "%s: the result of %s %s", f.fn.Position(), f.fn.Name(), err)
	}
	return v, nil
}

func (f *function) arguments(input value.Value) (starlark.Tuple, []starlark.Tuple, error) {
	if !f.unpack {
		v, err := encode(input)
		if err != nil {
			return nil, nil, err
		}
		return starlark.Tuple{v}, nil, nil
	}
	obj, ok := input.Object()
	if !ok {
		return nil, nil, port.Errorf(port.ClassInvalidInput, "unpack_input needs an object, and the prepared input is a %s", input.TypeName())
	}
	var kwargs []starlark.Tuple
	for i := range obj.Len() {
		key, item := obj.At(i)
		name, isText := key.AsString()
		if !isText || !f.takes(name) {
			continue
		}
		v, err := encode(item)
		if err != nil {
			return nil, nil, err
		}
		kwargs = append(kwargs, starlark.Tuple{starlark.String(name), v})
	}
	return nil, kwargs, nil
}

// takes reports whether the function has a parameter for the keyword name.
func (f *function) takes(name string) bool {
	if f.fn.HasKwargs() {
		return true
	}
	n := f.fn.NumParams()
	if f.fn.HasVarargs() {
		n-- // *args comes last
	}
	for i := range n {
		if p, _ := f.fn.Param(i); p == name {
			return true
		}
	}
	return false
}

// failure is err as an error of the call: its text names the place in the source.
func failure(ctx context.Context, t *starlark.Thread, err error, maxSteps uint64) error {
	var (
		eval   *starlark.EvalError
		parse  syntax.Error
		scopes resolve.ErrorList
	)
	switch {
	case errors.As(err, &eval):
		if ctx.Err() != nil {
			return ctx.Err()
		}
		msg := port.OneLine(eval.Msg)
		if t.ExecutionSteps() >= maxSteps {
			msg = fmt.Sprintf("the computation took more than %d steps", maxSteps)
		}
		return &port.Error{Class: port.ClassFunction, Message: position(eval) + msg, Definite: true}
	case errors.As(err, &parse):
		return port.Errorf(port.ClassInvalidInput, "%s: %s", parse.Pos, parse.Msg)
	case errors.As(err, &scopes) && len(scopes) > 0:
		return port.Errorf(port.ClassInvalidInput, "%s: %s", scopes[0].Pos, scopes[0].Msg)
	}
	return &port.Error{Class: port.ClassFunction, Message: port.OneLine(err.Error()), Definite: true}
}

// position is "file:line:column: in function: " of the innermost place in the
// user's text.
func position(err *starlark.EvalError) string {
	for i := len(err.CallStack) - 1; i >= 0; i-- {
		frame := err.CallStack[i]
		if !frame.Pos.IsValid() || frame.Pos.Filename() == "<builtin>" {
			continue
		}
		if frame.Name == "<toplevel>" {
			return frame.Pos.String() + ": "
		}
		return fmt.Sprintf("%s: in %s: ", frame.Pos, frame.Name)
	}
	return ""
}
