// Package port holds the contracts between the runtime and the world: what a
// language model, a function and a secret store must do, how they are
// registered, and the layers at a port that nothing gets around.
//
// Input: one request with the identity of the step that asks. Output: a response
// with the usage that it cost, or an *Error that says whether another attempt
// can help and whether anything may have happened outside.
//
// Invariants: an adapter gets requests only from the runtime, through the gate
// and the meter; it never sees a request of a step that was cancelled, timed out
// or lost its process; adapters are registered in a Registry, never by the mere
// import of a package; an error's text holds no secret.
//
// The three hardest cases: a retry inside a middleware, which is a request of
// its own and must be counted; an adapter that ignores its context; usage that
// nobody knows after a cut connection.
package port

import (
	"context"
	"fmt"
	"time"

	"hexdag.dev/hexdag/lang/value"
)

// Class is what a call does to the world. It decides whether a call waits until
// the journal is durable.
type Class uint8

// Effect classes. Undeclared counts as Write.
const (
	Undeclared Class = iota
	// Hermetic calls leave no trace outside of the process and give the same
	// answer again: a mock, Starlark.
	Hermetic
	// Read calls change nothing outside.
	Read
	// Write calls may change something outside.
	Write
)

// String is the class's name in lower case.
func (c Class) String() string {
	switch c {
	case Hermetic:
		return "hermetic"
	case Read:
		return "read"
	case Write:
		return "write"
	}
	return "undeclared"
}

// Call is the identity of the step that asks.
type Call struct {
	RunID string
	// Path names the durable step: `triage[17]/answer#3`. Attempts share it.
	Path string
	// Node is the node's name, NodeID its identity in the program.
	Node, NodeID string
	// Port is the name of the port.
	Port string
	// Attempt counts from 1, Repair the answers that were sent back before.
	Attempt, Repair int
	// Ordinal numbers the run's calls of this port from 1, in the order in which
	// the run started them. A call that a crash interrupted keeps its number.
	Ordinal uint64
	// Key is the idempotency key: equal for all requests that may be the same one
	// again. Adapters hand it to providers that can use it.
	Key string
}

// Adapter is what a port is bound to. What it can do are the interfaces that it
// implements beside this one: LLM. If it implements Closer it is closed at the
// end of the run.
type Adapter interface {
	// Class is asked once, after the adapter was made.
	Class() Class
}

// Closer is an adapter that holds something open.
type Closer interface {
	// Close is called once, when no call is under way. ctx bounds it.
	Close(ctx context.Context) error
}

// Instant is an adapter whose calls return at once, without waiting for
// anything. It is called on the run's own loop, in the order in which calls were
// started, which makes such runs repeatable.
type Instant interface {
	Instant() bool
}

// LLM is a language model.
type LLM interface {
	Adapter
	// Generate makes one request and returns its answer. It must return soon
	// after ctx ended, must not retry by itself, and must not use req after it
	// returned. It is called concurrently. Errors that are not *Error count as
	// retryable and as having an unknown effect.
	Generate(ctx context.Context, req *LLMRequest) (*LLMResponse, error)
}

// Free is a language model that needs no price: it costs nothing, or tells the
// cost of each call in its usage.
type Free interface {
	Free() bool
}

// Structured is a language model with structured output of its own: answers to
// requests with a Schema fit it, or are at least JSON, without being asked for in
// the prompt.
type Structured interface {
	Structured() bool
}

// IsStructured reports whether llm, or the adapter that Guard put inside of it,
// has structured output of its own.
func IsStructured(llm LLM) bool {
	if g, ok := llm.(gate); ok {
		return g.structured
	}
	s, ok := llm.(Structured)
	return ok && s.Structured()
}

// IsInstant reports whether the calls of llm return at once.
func IsInstant(llm LLM) bool {
	if g, ok := llm.(gate); ok {
		return g.instant
	}
	i, ok := llm.(Instant)
	return ok && i.Instant()
}

// LLMRequest is one request to a language model.
type LLMRequest struct {
	Call     Call
	Messages []Message
	// Schema is a JSON Schema that the answer must fit, Null for free text. An
	// adapter without native structured output may ignore it: the schema is then
	// in the prompt, and the runtime parses and checks the text.
	Schema value.Value
	Tools  []Tool
	// ToolChoice is "auto", "none", "required" or a tool's name; "" is "auto".
	ToolChoice string

	// Overrides of the adapter's configuration; zero or nil where unset.
	Model             string
	Temperature, TopP *float64
	Seed              *int64
	Stop              []string
	// MaxTokens bounds the answer, 0 for the adapter's own bound. It must be
	// obeyed: limits rely on it.
	MaxTokens int64
	// Stream takes the parts of the answer as they come; nil if nobody wants
	// them. An adapter that cannot stream ignores it.
	Stream func(delta string)
}

// Message is one message of a conversation.
type Message struct {
	Role    string // system, user, assistant, tool
	Content string
	// Parts follow Content: text and images. An adapter whose model takes no
	// images refuses them with ClassInvalidInput.
	Parts []Part
	// ToolCallID and ToolCalls belong to tool and assistant messages.
	ToolCallID string
	ToolCalls  []ToolCall
}

// Tool is what a model may call.
type Tool struct {
	Name, Description string
	Parameters        value.Value // a JSON Schema
}

// ToolCall is a model's wish to call a tool.
type ToolCall struct {
	ID, Name  string
	Arguments value.Value
}

// LLMResponse is a model's answer.
type LLMResponse struct {
	// Text is the answer. Structured is set instead by adapters with native
	// structured output.
	Text       string
	Structured value.Value
	IsObject   bool // Structured is set
	ToolCalls  []ToolCall
	// Model is the model that answered, FinishReason why it stopped: "stop",
	// "length", "tool_calls" or what the provider says.
	Model, FinishReason string
	Usage               Usage
}

// Usage is what a call consumed.
type Usage struct {
	// Known is false if the provider did not tell; limits then count the whole
	// reservation.
	Known                     bool
	InputTokens, OutputTokens int64
	// CostMicro is the cost in millionths of a dollar if the provider tells it,
	// else 0: the runtime then takes the price table.
	CostMicro int64
}

// Function is a function from outside of the language.
type Function interface {
	// Class says what calls do to the world.
	Class() Class
	// Call runs the function. input is the prepared input; it is never changed.
	// Call must return soon after ctx ended, and is called concurrently.
	Call(ctx context.Context, call Call, input value.Value) (value.Value, error)
}

// SecretStore resolves the names of secrets.
type SecretStore interface {
	// Secret is the text behind name, or an error that does not tell any.
	Secret(ctx context.Context, name string) (string, error)
}

// Error classes that adapters report; retry_on compares them literally.
const (
	ClassNetwork       = "network"        // nothing or no whole answer came back
	ClassRateLimit     = "rate_limit"     // the provider asks to wait
	ClassProvider      = "provider"       // the provider failed or refused
	ClassFunction      = "function"       // a function raised an error
	ClassInvalidInput  = "invalid_input"  // the request cannot be made like that
	ClassInvalidOutput = "invalid_output" // the answer cannot be read
	ClassTimeout       = "timeout"
	ClassLimit         = "limit" // a limit denied a further request
	ClassCapDenied     = "cap_denied"
	ClassStale         = "stale" // the step has ended; its process went on
)

// Error is why a call failed.
type Error struct {
	Class   string // one of the constants or the adapter's own; "" is ClassProvider
	Message string // one line, lower case, no full stop, no secret
	Help    string // the way out, may be empty
	// Retryable: another attempt may succeed.
	Retryable bool
	// Definite: the call certainly had no effect outside.
	Definite bool
	// RetryAfter is how long the other side asks to wait, 0 if it does not.
	RetryAfter time.Duration
	// Usage is what the failed call consumed.
	Usage Usage
	Err   error // may be nil
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error that is not retryable and had no effect.
func Errorf(class, format string, args ...any) *Error {
	return &Error{Class: class, Message: fmt.Sprintf(format, args...), Definite: true}
}

// Retrying is an adapter whose configuration asks for further requests after a
// failure that can pass. The runtime makes them, outside of the meter, so that each
// is counted: an adapter never does.
type Retrying interface {
	// Retries is the number of further requests, 0 for none.
	Retries() int
}
