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

// SecretEmbedder is implemented by an Env that can stand for secrets inside of
// texts. Without it a secret can only be passed on as a whole.
type SecretEmbedder interface {
	// SecretText is a text that stands for the secret until the port that gets
	// the whole text replaces it.
	SecretText(name string) string
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
	m                  *Meter
	maxSteps, maxBytes int64
	maxText            int
	locals             []value.Value // variables of comprehensions and templates
	stack              []value.Value // arguments and items under construction
	out                []byte        // text of the template
	own                Meter         // where the caller gave none
}

var frames = sync.Pool{New: func() any { return new(frame) }}

func newFrame(env Env, m *Meter, locals int) *frame {
	fr := frames.Get().(*frame)
	fr.env, fr.m = env, m
	if m == nil {
		fr.own = Meter{}
		fr.m = &fr.own
	}
	fr.maxSteps, fr.maxBytes, fr.maxText = fr.m.maxSteps(), fr.m.maxBytes(), fr.m.maxText()
	if cap(fr.locals) < locals {
		fr.locals = make([]value.Value, locals)
	}
	fr.locals = fr.locals[:locals]
	for i := range fr.locals {
		fr.locals[i] = value.Missing
	}
	return fr
}

// release gives the frame back without the values that it holds.
func (fr *frame) release() {
	clear(fr.locals)
	if cap(fr.stack) > 1<<10 || cap(fr.out) > 1<<16 || cap(fr.locals) > 1<<10 {
		return // too big to keep
	}
	clear(fr.stack[:cap(fr.stack)])
	fr.stack, fr.out = fr.stack[:0], fr.out[:0]
	fr.env, fr.m = nil, nil
	frames.Put(fr)
}

// Eval computes the value. m may be nil for the default bounds. A path to what
// is not there evaluates as the package comment says; the result is never
// value.Missing.
func (p *Program) Eval(env Env, m *Meter) (value.Value, *EvalError) {
	fr := newFrame(env, m, p.locals)
	v, err := p.eval(fr)
	fr.release()
	if err != nil {
		return value.Null, err
	}
	return v, nil
}

// EvalValue is the value of a template that is exactly one {{ expression }},
// with its type, and the text of any other.
func (p *TemplateProgram) EvalValue(env Env, m *Meter) (value.Value, *EvalError) {
	if p.single == nil {
		s, err := p.Render(env, m)
		if err != nil {
			return value.Null, err
		}
		return value.String(s), nil
	}
	fr := newFrame(env, m, p.locals)
	v, err := p.single(fr)
	fr.release()
	if err != nil {
		return value.Null, err
	}
	return v, nil
}

// Render is the text of the template: values as Python's str prints them.
func (p *TemplateProgram) Render(env Env, m *Meter) (string, *EvalError) {
	fr := newFrame(env, m, p.locals)
	err := p.exec(fr)
	s := string(fr.out)
	fr.release()
	if err != nil {
		return "", err
	}
	return s, nil
}

// Single reports whether the template is exactly one {{ expression }}.
func (p *TemplateProgram) Single() bool { return p.single != nil }
