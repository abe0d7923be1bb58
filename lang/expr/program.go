package expr

import (
	"sync"
	"time"

	"hexdag.dev/hexdag/lang/value"
)

// Resolver gives the free names of a text their slots in an Env.
type Resolver interface {
	// Slot is the slot of a head; namespace says that it is written with a
	// dollar sign. A negative slot is a name that is never there.
	Slot(head string, namespace bool) int
}

// Env supplies the values of free names. Its methods are called during Eval and
// Render, by the goroutine that called those, only for names that are needed.
type Env interface {
	// Load is the value of a slot, or value.Missing.
	Load(slot int) value.Value
	// Now is the current time; now() is its wall clock in its location.
	Now() time.Time
}

// Namer is implemented by an Env that knows names which the text could have
// meant, for suggestions in errors. It is asked only when a name is missing.
type Namer interface {
	// Names are the bare names that have a value, in any order.
	Names() []string
}

type (
	evalFn func(*frame) (value.Value, *EvalError)
	testFn func(*frame) (bool, *EvalError)
	execFn func(*frame) *EvalError
)

// Program computes the value of an expression. It is immutable and safe for
// concurrent use.
type Program struct {
	eval   evalFn
	locals int
}

// TemplateProgram renders a template. It is immutable and safe for concurrent
// use.
type TemplateProgram struct {
	exec   execFn
	single evalFn // of a template that is exactly one {{ expression }}
	locals int
}

// frame is the state of one evaluation.
type frame struct {
	env                Env
	steps, bytes       int64 // used, see Meter
	maxSteps, maxBytes int64
	maxText            int
	locals             []value.Value // variables of comprehensions and templates
	stack              []value.Value // arguments and items under construction
	top                int           // where the stack ended at most
	out                []byte        // text of the template
	secrets            []embedded    // that stand in it
	// had is the meter's counts before, which others may change meanwhile.
	hadSteps, hadBytes int64
}

var frames = sync.Pool{New: func() any { return new(frame) }}

// newFrame takes the frame that m keeps, or another one if there is no m or its
// frame is in use: an Env may evaluate in Load.
func newFrame(env Env, m *Meter, locals int) *frame {
	var fr *frame
	if m != nil && m.spare != nil {
		fr, m.spare = m.spare, nil
	} else {
		fr = frames.Get().(*frame)
	}
	fr.env = env
	if m != nil {
		fr.steps, fr.bytes = m.Steps, m.Bytes
		fr.maxSteps, fr.maxBytes, fr.maxText = m.maxSteps(), m.maxBytes(), m.maxText()
	} else {
		fr.steps, fr.bytes = 0, 0
		fr.maxSteps, fr.maxBytes, fr.maxText = DefaultMaxSteps, DefaultMaxBytes, DefaultMaxText
	}
	fr.hadSteps, fr.hadBytes = fr.steps, fr.bytes
	if locals > 0 {
		if cap(fr.locals) < locals {
			fr.locals = make([]value.Value, locals)
		}
		fr.locals = fr.locals[:locals]
		for i := range fr.locals {
			fr.locals[i] = value.Missing
		}
	}
	return fr
}

// pop takes what stands on the stack above base from it.
func (fr *frame) pop(base int) {
	if len(fr.stack) > fr.top {
		fr.top = len(fr.stack)
	}
	fr.stack = fr.stack[:base]
}

// release tells m what was used and gives the frame back without the values that
// it holds.
func (fr *frame) release(m *Meter) {
	if m != nil {
		m.Steps += fr.steps - fr.hadSteps
		m.Bytes += fr.bytes - fr.hadBytes
	}
	if len(fr.locals) > 0 {
		clear(fr.locals)
		fr.locals = fr.locals[:0]
	}
	clear(fr.secrets)
	fr.secrets = fr.secrets[:0]
	fr.pop(0)
	clear(fr.stack[:fr.top])
	fr.top = 0
	fr.out = fr.out[:0]
	if cap(fr.stack) > 1<<10 || cap(fr.out) > 1<<16 || cap(fr.locals) > 1<<10 {
		fr.stack, fr.out, fr.locals = nil, nil, nil // too big to keep
	}
	fr.env = nil
	if m != nil && m.used && m.spare == nil {
		m.spare = fr
		return
	}
	if m != nil {
		m.used = true
	}
	frames.Put(fr)
}

// Eval computes the value. m may be nil for the default bounds. A path to what
// is not there evaluates as the package comment says; the result is never
// value.Missing.
func (p *Program) Eval(env Env, m *Meter) (value.Value, *EvalError) {
	fr := newFrame(env, m, p.locals)
	v, err := p.eval(fr)
	fr.release(m)
	if err != nil {
		return value.Null, err
	}
	return v, nil
}

// EvalValue is the value of a template that is exactly one {{ expression }},
// with its type, and the text of any other. A text in which secrets stand is a
// secret itself, see value.SecretText.
func (p *TemplateProgram) EvalValue(env Env, m *Meter) (value.Value, *EvalError) {
	fr := newFrame(env, m, p.locals)
	var v value.Value
	var err *EvalError
	if p.single != nil {
		v, err = p.single(fr)
	} else if err = p.exec(fr); err == nil {
		v = fr.textFrom(0)
	}
	fr.release(m)
	if err != nil {
		return value.Null, err
	}
	return v, nil
}

// Render is the text of the template: values as Python's str prints them. It
// fails if secrets stand in the text.
func (p *TemplateProgram) Render(env Env, m *Meter) (string, *EvalError) {
	fr := newFrame(env, m, p.locals)
	err := p.exec(fr)
	s := string(fr.out)
	if err == nil && len(fr.secrets) > 0 {
		err = evalErrorf(ErrSecret, fr.secrets[0].node, "give it to a port that takes it as a value of its own", "a secret cannot become part of a text that is read here")
	}
	fr.release(m)
	if err != nil {
		return "", err
	}
	return s, nil
}

// Single reports whether the template is exactly one {{ expression }}.
func (p *TemplateProgram) Single() bool { return p.single != nil }
