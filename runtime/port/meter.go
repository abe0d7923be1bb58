package port

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"hexdag.dev/hexdag/lang/value"
)

// Step is one attempt of a step, as the layers at a port see it: whether it may
// still call, and what its calls consumed. It is safe for concurrent use.
type Step struct {
	mu       sync.Mutex
	ended    bool
	requests int64
	usage    Usage
	unknown  bool // some request's usage is not known
	granted  int64
	more     func() error
}

// NewStep is a step for which granted requests are reserved. more is asked
// before each further one and denies it with an error; nil denies all.
func NewStep(granted int64, more func() error) *Step {
	return &Step{granted: granted, more: more}
}

// End fences the step: requests that come later fail, however they were made.
func (s *Step) End() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
}

// Used is the number of requests that were sent so far and what they consumed;
// Known is true if every one of them told it.
func (s *Step) Used() (requests int64, usage Usage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.usage
	u.Known = !s.unknown
	return s.requests, u
}

// send counts a request that is about to go out, or denies it.
func (s *Step) send() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return Errorf(ClassStale, "the step that makes this request has ended")
	}
	if s.requests >= s.granted {
		if s.more == nil {
			return Errorf(ClassLimit, "a further request of this step was not granted")
		}
		if err := s.more(); err != nil {
			return err
		}
	}
	s.requests++
	return nil
}

func (s *Step) settle(u Usage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.usage.InputTokens += u.InputTokens
	s.usage.OutputTokens += u.OutputTokens
	s.usage.CostMicro += u.CostMicro
	s.unknown = s.unknown || !u.Known
}

type stepKey struct{}

// WithStep gives calls below ctx the identity that the meter accounts to.
func WithStep(ctx context.Context, s *Step) context.Context {
	return context.WithValue(ctx, stepKey{}, s)
}

// LLMMiddleware wraps a language model. A request that it makes again is counted
// again; one that it answers by itself is not.
type LLMMiddleware func(next LLM) LLM

// Guard puts the layers around an adapter: the meter directly around it, then
// the middleware, first the innermost. Requests reach the adapter only on behalf
// of a Step that has not ended, counted and granted one by one, and a panic of
// the adapter or of a middleware is an error of the request.
func Guard(adapter LLM, middleware ...LLMMiddleware) LLM {
	llm := LLM(meter{adapter})
	for _, m := range middleware {
		llm = m(llm)
	}
	// What middleware does may take time.
	return gate{LLM: llm, instant: IsInstant(adapter) && len(middleware) == 0, structured: IsStructured(adapter), tools: IsToolCalling(adapter)}
}

type meter struct{ LLM }

// Generate counts the request before it is sent and its usage after it, also
// when it failed.
func (m meter) Generate(ctx context.Context, req *LLMRequest) (resp *LLMResponse, err error) {
	step, _ := ctx.Value(stepKey{}).(*Step)
	if step == nil {
		return nil, Errorf(ClassStale, "a request was made outside of a step")
	}
	if err := ctx.Err(); err != nil {
		return nil, &Error{Class: ClassTimeout, Message: "the request was not sent: " + err.Error(), Definite: true, Err: err}
	}
	if err := step.send(); err != nil {
		return nil, err
	}
	settled := false
	defer func() {
		if !settled { // the adapter panicked: gate tells of it
			step.settle(Usage{})
		}
	}()
	resp, err = m.LLM.Generate(ctx, req)
	settled = true
	if err != nil {
		step.settle(AsError(err).Usage)
		return nil, err
	}
	if resp == nil {
		step.settle(Usage{})
		return nil, Errorf(ClassInvalidOutput, "the adapter of port %q gave neither an answer nor an error", req.Call.Port)
	}
	step.settle(resp.Usage)
	return resp, nil
}

type gate struct {
	LLM
	instant, structured, tools bool
}

func (g gate) Generate(ctx context.Context, req *LLMRequest) (resp *LLMResponse, err error) {
	defer func() {
		if p := recover(); p != nil {
			resp, err = nil, PanicError(fmt.Sprintf("the adapter of port %q", req.Call.Port), p)
		}
	}()
	return g.LLM.Generate(ctx, req)
}

// PanicError is the error for a panic in foreign code. Its cause holds the stack
// for logs; the message does not.
func PanicError(where string, p any) *Error {
	return &Error{
		Class:   ClassFunction,
		Message: fmt.Sprintf("%s panicked: %.200v", where, p),
		Help:    "this is a fault in the code of the host or of the adapter",
		Err:     &Panic{Value: p, Stack: debug.Stack()},
	}
}

// Panic is the cause of an Error that a panic became.
type Panic struct {
	Value any
	Stack []byte
}

// Error is the panic's value.
func (p *Panic) Error() string { return fmt.Sprint(p.Value) }

// CallFunction calls f; a panic is an error of the call.
func CallFunction(ctx context.Context, f Function, call Call, input value.Value) (v value.Value, err error) {
	defer func() {
		if p := recover(); p != nil {
			v, err = value.Null, PanicError(fmt.Sprintf("the function of node %q", call.Node), p)
		}
	}()
	return f.Call(ctx, call, input)
}

type logKey struct{}

// WithLog gives code below ctx a place for its lines of text.
func WithLog(ctx context.Context, log func(line string)) context.Context {
	return context.WithValue(ctx, logKey{}, log)
}

// Log writes a line to the run's log, or nowhere if ctx has none.
func Log(ctx context.Context, line string) {
	if log, ok := ctx.Value(logKey{}).(func(string)); ok {
		log(line)
	}
}
