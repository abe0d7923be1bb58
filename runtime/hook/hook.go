// Package hook lets a host look into the work of nodes and the calls of ports, and
// change it.
//
// Input: what a node is about to be given, or a port about to be asked, with the run
// that it is part of. Output: the same, changed; an answer in place of the call; or
// a failure.
//
//	machine → gate (capabilities, reservation) → node hooks → port hooks
//	        → middleware → meter → adapter
//
// Hooks run with each attempt, inside of the gate: what capabilities deny never
// reaches a hook, every request that a hook lets through is counted, and a hook
// cannot make a request that is larger than what was reserved for it. What a hook
// changed is part of the attempt's outcome, which the journal keeps: a node that has
// finished never runs its hooks again, one that was interrupted runs them again (at
// least once).
//
// Invariants: the first hook is the outermost, so After is called in the reverse
// order of Before; After is called for each hook whose Before returned nil, also
// when the work failed; a hook that panics fails the attempt, and nothing else; one
// that does not return is given up at the end of the node's time-out, as any other
// foreign code. Values hold handles in place of secrets, never the secrets.
//
// The three hardest cases: a hook that answers in place of a model, whose
// reservation goes back; one that lengthens a prompt under a limit on tokens; a
// model that answers at once and is called on the run's own loop, which no hook may
// hold up.
//
// Nodes that only compute (expressions, data, composites, waits) are evaluated inside
// of the deterministic machine: no hook sees them.
package hook

import (
	"context"
	"fmt"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// Run says where in which run a hook is called.
type Run struct {
	RunID, Program string
	// Process is the System's process, "" outside of a System.
	Process string
	// Node is the node's name, NodeID its identity in the program, Kind its kind.
	Node, NodeID, Kind string
	// Path names the durable step: `triage[17]/answer#3`.
	Path string
	// Attempt counts from 1.
	Attempt int
	// Key is the idempotency key of the step.
	Key string
}

// NodeCall is one attempt of a step of a node.
type NodeCall struct {
	Run
	// Input is what the node gets. Of a function it is its prepared input; of a call
	// of a port, a service or a foreign node its arguments; of a model
	// {messages: [{role, content}]}.
	Input value.Value
	// Output is the result, once there is one. If Before sets it (and Done), the work
	// is not done.
	Output value.Value
	Done   bool
	// Err is why the work failed; nil if it did not. After may set or clear it: with
	// nil, Output is the result.
	Err *port.Error
}

// PortCall is one call of a port.
type PortCall struct {
	Run
	// Port is the port's name, "" for a service or a foreign node, and Method what is
	// called: "generate" of a model.
	Port, Method string
	// Request and Response are a model's. Response may be set by Before (with Done),
	// and is then the answer.
	Request  *port.LLMRequest
	Response *port.LLMResponse
	// Args and Result are those of all other ports.
	Args   value.Value
	Result value.Value
	Done   bool
	Err    *port.Error
}

// Node is called around the work of nodes.
type Node struct {
	// Name is used in messages.
	Name string
	// Of is the name or identity of the node that it is for; "" for every node.
	Of string
	// Before and After may be nil. An error is why the attempt fails.
	Before, After func(ctx context.Context, c *NodeCall) error
}

// Port is called around the calls of ports.
type Port struct {
	Name string
	// Of is the name of the port that it is for; "" for every port.
	Of            string
	Before, After func(ctx context.Context, c *PortCall) error
}

// Set are the hooks of a host, outermost first. It must not be changed while runs
// use it.
type Set struct {
	Nodes []Node
	Ports []Port
}

// Empty reports whether there are none.
func (s *Set) Empty() bool { return s == nil || len(s.Nodes)+len(s.Ports) == 0 }

// AroundNode does work with the node hooks around it. The result is in c.
func (s *Set) AroundNode(ctx context.Context, c *NodeCall, work func()) {
	var own []*Node
	if s != nil {
		for i := range s.Nodes {
			if h := &s.Nodes[i]; h.Of == "" || h.Of == c.Node || h.Of == c.NodeID {
				own = append(own, h)
			}
		}
	}
	around(ctx, len(own), work,
		func(i int) (string, func(context.Context) error) { return own[i].Name, bind(own[i].Before, c) },
		func(i int) (string, func(context.Context) error) { return own[i].Name, bind(own[i].After, c) },
		&c.Done, &c.Err)
}

// AroundPort makes a call with the port hooks around it. The result is in c.
func (s *Set) AroundPort(ctx context.Context, c *PortCall, call func()) {
	var own []*Port
	if s != nil {
		for i := range s.Ports {
			if h := &s.Ports[i]; h.Of == "" || h.Of == c.Port {
				own = append(own, h)
			}
		}
	}
	around(ctx, len(own), call,
		func(i int) (string, func(context.Context) error) { return own[i].Name, bind(own[i].Before, c) },
		func(i int) (string, func(context.Context) error) { return own[i].Name, bind(own[i].After, c) },
		&c.Done, &c.Err)
}

func bind[T any](f func(context.Context, *T) error, c *T) func(context.Context) error {
	if f == nil {
		return nil
	}
	return func(ctx context.Context) error { return f(ctx, c) }
}

// around calls the n hooks and what they are around.
func around(ctx context.Context, n int, work func(), before, after func(int) (string, func(context.Context) error), done *bool, failure **port.Error) {
	begun := 0
	for ; begun < n && !*done; begun++ {
		name, f := before(begun)
		if err := guarded(ctx, name, f); err != nil {
			*failure, *done = err, true
			break // its own After is not called
		}
	}
	if !*done {
		work()
		*done = true
	}
	for i := begun - 1; i >= 0; i-- {
		name, f := after(i)
		if err := guarded(ctx, name, f); err != nil {
			*failure = err
		}
	}
}

// guarded calls a hook. Its error, and its panic, become an error of the attempt.
func guarded(ctx context.Context, name string, f func(context.Context) error) (failure *port.Error) {
	if f == nil {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			failure = port.PanicError(fmt.Sprintf("the hook %q", name), p)
		}
	}()
	if err := f(ctx); err != nil {
		return port.AsError(err)
	}
	return nil
}
