package machine

import (
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// EventKind is what happened outside of the machine.
type EventKind uint8

// Event kinds. Every change of a run's state is caused by one of them.
const (
	// RunStarted is the first event of every run, and comes once.
	RunStarted EventKind = iota + 1
	// Settled brings the outcome of an effect. One whose token is unknown or
	// was settled before is stale: only its usage counts, and only once.
	Settled
	// Lost says that an effect was in flight when its process died: whether it
	// happened is unknown. The machine starts it again under the same
	// idempotency key, or fails it with class "crash" at the third time.
	Lost
	// TimerFired says that the time of a timer has come.
	TimerFired
	// Cancelled asks the run to end.
	Cancelled
	// Hold stops the start of effects until Release: a drain. Pure work goes on.
	Hold
	// Release ends a Hold.
	Release
	// SignalArrived brings an event from outside, for a wait.
	SignalArrived
)

var eventNames = [...]string{
	RunStarted: "RunStarted", Settled: "Settled", Lost: "Lost", TimerFired: "TimerFired",
	Cancelled: "Cancelled", Hold: "Hold", Release: "Release", SignalArrived: "SignalArrived",
}

// String is the kind's name as journals show it.
func (k EventKind) String() string {
	if int(k) < len(eventNames) && eventNames[k] != "" {
		return eventNames[k]
	}
	return "unknown"
}

// Event is one input of a run. Which fields matter depends on Kind. The machine
// takes ownership of what the pointers lead to.
type Event struct {
	Kind EventKind
	// At is the wall clock in nanoseconds since 1970. It may go backwards: the
	// machine's time does not.
	At int64

	Start   *Start        // RunStarted
	Outcome *Outcome      // Settled
	Token   uint64        // Settled, Lost
	Timer   uint64        // TimerFired
	Cancel  *Cancellation // Cancelled
	Signal  *Signal       // SignalArrived
}

// Start is what a run begins with.
type Start struct {
	// RunID is unique; paths and idempotency keys begin with it.
	RunID string
	// Input is the run's input, {} when none was given.
	Input value.Value
	// Seed decides everything that is random in the run.
	Seed uint64
	// IRHash is the hash of the program, for the journal's reader.
	IRHash string
	// Prices are needed only with max_cost_usd: without a price for its model, a
	// call is refused.
	Prices []Price
}

// Price is what a model costs at a port. All amounts are in micro-dollars for
// one million tokens.
type Price struct {
	Port   string // the port's name; "" for every port
	Model  string // "" for every model; a name may end in `*`
	Input  int64
	Output int64
}

// Outcome is how an effect ended.
type Outcome struct {
	// Value is the result, if Failure is nil. Of an LLM call: the answer's text,
	// or, from an adapter with native structured output, the object.
	Value   value.Value
	Failure *Failure
	Usage   Usage
}

// Usage is what an effect consumed.
type Usage struct {
	// Known is false when the effect may have consumed something that nobody
	// counted (a time-out, a cut connection): what was reserved for it then
	// counts as used.
	Known bool
	// Unsent: the call was certainly not made (a cache hit, a refusal before it
	// left), so that it does not count against the limits on calls.
	Unsent       bool
	LLMCalls     int64 // beside the one that the machine counts itself
	ToolCalls    int64
	InputTokens  int64
	OutputTokens int64
	CostMicro    int64 // micro-dollars
	// Unknown counts, in totals, the effects whose usage nobody knows.
	Unknown int64
}

// Cancellation says who ended a run, and why.
type Cancellation struct {
	By     string
	Reason string
}

// Error classes. An adapter may report others; retry_on compares them literally.
const (
	ClassTimeout       = "timeout"        // an attempt took longer than it may
	ClassCrash         = "crash"          // three times lost in flight
	ClassCancelled     = "cancelled"      // cancelled from outside
	ClassExpression    = "expression"     // an expression or template failed
	ClassInvalidInput  = "invalid_input"  // a prepared input or run input does not fit
	ClassInvalidOutput = "invalid_output" // a result does not fit its schema
	ClassLimit         = "limit"          // a limit denied a call
	ClassCapDenied     = "cap_denied"     // a capability denied a call
	ClassCritical      = "critical_skip"  // a critical node was skipped
	ClassBody          = "body"           // a composite's body failed
	ClassFunction      = "function"       // a function raised an error
	ClassNetwork       = "network"
	ClassRateLimit     = "rate_limit"
	ClassProvider      = "provider"
	ClassWaitTimeout   = "wait_timeout" // an event did not come in time
	ClassTransition    = "transition"   // an entity cannot go where it shall
)

// Failure is why an attempt, a node or a run failed. It never holds a secret.
type Failure struct {
	Code    diag.Code
	Class   string
	Message string // one line, lower case, no full stop
	Help    string
	// Retryable: another attempt may succeed. Retries also need attempts.
	Retryable bool
	// Definite: the effect certainly did not happen, so that the next attempt
	// gets a new idempotency key.
	Definite bool
	// RetryAfter is how long the other side asks to wait, in nanoseconds.
	RetryAfter int64

	// The machine fills in the rest.

	Node    string // path of the node
	Name    string // its name
	Kind    string // its kind
	Attempt int    // the attempt that failed, from 1
	// Place is where in the source the fault stands, File -1 if unknown.
	Place ir.Place
	Seq   uint64 // number of the record that brought the failure
	// Input is the prepared input of the failed node, for $error.input.
	Input value.Value
	// Cause is the failure that this one follows from: of a handler the one that
	// it handled, of a composite the one inside its body.
	Cause *Failure
}
