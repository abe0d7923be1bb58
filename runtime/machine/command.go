package machine

import (
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// Cmds collects what the machine asks of its engine. A slice of work appends;
// the engine carries the commands out and calls Reset. Within one collection
// the engine does starts before cancels, and timers before stops.
//
// Effects, Finish and events must not become visible before the record that
// caused them is durable, except effects of class Hermetic.
type Cmds struct {
	Effects []StartEffect
	Cancels []uint64 // tokens: stop the effect and settle it
	Timers  []StartTimer
	Stops   []uint64 // ids of timers
	Events  []Public
	Finish  *Finish
}

// Reset empties c and keeps its memory.
func (c *Cmds) Reset() {
	clear(c.Effects)
	clear(c.Events)
	c.Effects, c.Cancels, c.Timers = c.Effects[:0], c.Cancels[:0], c.Timers[:0]
	c.Stops, c.Events, c.Finish = c.Stops[:0], c.Events[:0], nil
}

// Class is what an effect does to the world.
type Class uint8

// Effect classes.
const (
	// ClassUndeclared: the adapter or function says what it is; if it does not,
	// it is a Write.
	ClassUndeclared Class = iota
	// Hermetic effects leave no trace outside of the process (a mock, Starlark).
	Hermetic
	// Read effects change nothing outside.
	Read
	// Write effects may change something outside.
	Write
)

// StartEffect asks for one attempt at an effect. The engine answers with
// exactly one Settled (or, after a crash, Lost) for Token.
type StartEffect struct {
	// Token is unique in the run. An effect whose token is no longer current
	// (see Machine.Current) must not call a port.
	Token uint64
	// Path names the durable step: `triage[17]/answer#3`. Attempts share it.
	Path string
	// Node is the node that asks, in the program.
	Node *ir.Node
	// Process is the number, from 1, of the System's process that the node is in;
	// 0 outside of a System. Path begins with the process's name.
	Process int
	// Try counts the node's attempts from 1; Lost how often this attempt was
	// lost in a crash; Epoch how often a definite failure renewed Key.
	Try, Lost, Epoch int
	// Key is the idempotency key.
	Key string
	// Timeout of this attempt in nanoseconds, 0 for none; measured by the engine
	// on a monotonic clock.
	Timeout int64
	Class   Class
	// Grant is what was reserved against limits.
	Grant Amount

	// Exactly one of these is set.

	LLM      *LLMRequest
	Function *FunctionRequest
	Invoke   *InvokeRequest
}

// LLMRequest is one call of a language model.
type LLMRequest struct {
	Port     ir.PortUse
	Messages []Message
	// Schema is a JSON Schema that the answer must fit, Null for free text.
	Schema value.Value
	// Overrides of the adapter's configuration; Missing where unset.
	Model, Temperature, TopP, Seed, Stop value.Value
	// MaxTokens bounds the answer, 0 for the adapter's own bound. A limit on
	// tokens lowers it.
	MaxTokens int64
	Stream    bool
	// Repair counts the answers that were sent back before this call, of an agent
	// the answers that it has had.
	Repair int
	// Agent is set for a call of an agent, which may be answered by tool calls.
	// The outcome's value then is {content, tool_calls: [{id, name, arguments}]}.
	Agent *AgentRequest
}

// AgentRequest is what a model may call.
type AgentRequest struct {
	// Tools are those that the program declares, and the agent's own.
	Tools []Tool
	// Router, if not nil, is a port whose tools the model may call too:
	// RouterTools, or all if that is nil. The engine describes them to the model.
	Router      *ir.PortUse
	RouterTools []string
	// Style is how a model without tool calling of its own writes calls: "mixed",
	// "function_call" or "json".
	Style string
	// Last: the model must answer now; a tool call other than tool_end is of no
	// use any more.
	Last bool
}

// Tool is what a model may call.
type Tool struct {
	Name, Description string
	// Parameters is a JSON Schema of an object; Null if it is not known.
	Parameters value.Value
	// Function is what is called, nil for the agent's own tools.
	Function *ir.Function
}

// Message is one message to a language model.
type Message struct {
	Role    string // system, user, assistant, tool
	Content string
	// ToolCalls are those of an assistant's message; ToolCallID and Name tell
	// which call a tool's message answers.
	ToolCalls  []ToolCall
	ToolCallID string
	Name       string
}

// ToolCall is a model's wish to call a tool.
type ToolCall struct {
	ID, Name  string
	Arguments value.Value // an object
}

// InvokeRequest is one call of a port, a service or a node of a foreign kind.
type InvokeRequest struct {
	Target ir.CallTarget
	Port   ir.PortUse // of CallPort
	// Name is the service or the kind.
	Name   string
	Method string
	Args   value.Value // an object
}

// FunctionRequest is one call of a function.
type FunctionRequest struct {
	Function *ir.Function
	// Code is the source text that Function.Name stands in; nil if it is not
	// part of the program.
	Code *ir.Code
	// Input is the prepared input; with Function.Unpack its fields are keyword
	// arguments.
	Input value.Value
}

// StartTimer asks for a TimerFired at At, a wall clock in nanoseconds. Timers
// survive the process: after a restart the engine takes them from
// Machine.Timers.
type StartTimer struct {
	ID uint64
	At int64
}

// Finish says that the run is over: nothing is in flight and nothing will start.
type Finish struct {
	Status RunStatus
	At     int64
}
