// Package middleware holds the layers that a program puts around calls of its
// ports: retry, time-out, rate limit, cache and circuit breaker.
//
// Input: an entry of the program's middleware, and calls. Output: the call's
// result, or a failure of the layer's own.
//
//	gate → layers of the node → layers of the port → meter → adapter
//
// The gate and the meter are in package port: limits and capabilities stand outside
// of every layer, and each request that really reaches an adapter is counted. So a
// retry is a call, and an answer from a cache is none: its reservation goes back.
//
// Invariants: what a layer remembers belongs to one entry of one run, and all ports
// and nodes that refer to the entry share it; a failure that is denied a further
// request stays the failure that it was; nothing here holds a secret.
//
// The three hardest cases: a retry of a call that has streamed part of its answer,
// which would say it twice; failures that are the caller's fault and must not open a
// circuit; a wait for a rate that would outlast the call.
package middleware

import (
	"context"
	"crypto/sha256"
	"fmt"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// Layer is one layer. It is safe for concurrent use.
type Layer interface {
	// Do makes a call through next, as often as it sees fit.
	Do(ctx context.Context, c *Call, next Next) (*port.LLMResponse, error)
}

// Next is what a layer is around.
type Next func(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error)

// Call is a call as a layer sees it.
type Call struct {
	Request *port.LLMRequest
	// streamed tells that a part of the answer was passed on.
	streamed bool
}

// Layers makes the layers of a program, one for each entry. The error names the
// entry that this host cannot provide.
func Layers(entries []ir.Middleware) ([]Layer, error) {
	out := make([]Layer, len(entries))
	for i := range entries {
		l, err := New(&entries[i])
		if err != nil {
			return nil, err
		}
		out[i] = l
	}
	return out, nil
}

// New makes the layer of one entry; nil for one that asks for what the runtime does
// anyway.
func New(m *ir.Middleware) (Layer, error) {
	switch {
	case m.Retry != nil:
		return newRetry(m.Name, m.Retry), nil
	case m.Kind == ir.MiddlewareTimeout:
		return &timeout{m.Name, m.Timeout}, nil
	case m.RateLimit != nil:
		return newRateLimit(m.Name, m.RateLimit), nil
	case m.Cache != nil:
		return newCache(m.Cache), nil
	case m.Breaker != nil:
		return newBreaker(m.Name, m.Breaker), nil
	case m.Kind == "observe", m.Kind == "structured_output":
		return nil, nil
	}
	e := port.Errorf(port.ClassInvalidInput, "the middleware %s is of the kind %q, which this host does not have", m.Name, m.Kind)
	e.Help = "there are retry, timeout, rate_limit, cache and circuit_breaker"
	return nil, e
}

// Retries is the layer for an adapter whose configuration asks for further requests
// (port.Retrying).
func Retries(portName string, n int) Layer {
	return newRetry(portName+".config.max_retries", &ir.RetryLayer{Attempts: n + 1, Delay: 5e8, MaxDelay: 60e9, Factor: 2})
}

// LLM puts a layer around a model.
func LLM(l Layer) port.LLMMiddleware {
	return func(next port.LLM) port.LLM { return model{next, func(port.Call) []Layer { return []Layer{l} }} }
}

// ByNode puts the layers of each node, by its identity, around a model: the first
// innermost. Calls of other nodes pass.
func ByNode(layers map[string][]Layer) port.LLMMiddleware {
	return func(next port.LLM) port.LLM {
		return model{next, func(c port.Call) []Layer { return layers[c.NodeID] }}
	}
}

type model struct {
	port.LLM
	layers func(port.Call) []Layer
}

// Generate makes a call through the layers.
func (m model) Generate(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	next := Next(m.LLM.Generate)
	for _, l := range m.layers(req.Call) {
		inner := next
		next = func(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
			c := &Call{Request: req}
			if to := req.Stream; to != nil {
				own := *req
				own.Stream = func(delta string) {
					c.streamed = true
					to(delta)
				}
				c.Request = &own
			}
			return l.Do(ctx, c, inner)
		}
	}
	return next(ctx, req)
}

// fingerprint is equal for calls that ask for the same: everything but who asks.
func fingerprint(req *port.LLMRequest) ([sha256.Size]byte, bool) {
	h := sha256.New()
	ok := true
	put := func(parts ...any) {
		for _, p := range parts {
			text := fmt.Sprint(p)
			_, _ = fmt.Fprintf(h, "%d:%s,", len(text), text)
		}
	}
	data := func(v value.Value) {
		if v.IsMissing() {
			put("")
			return
		}
		text, err := value.AppendJSON(nil, v)
		ok = ok && err == nil
		put(string(text))
	}
	number := func(f *float64) {
		if f == nil {
			put("-")
			return
		}
		put(*f)
	}
	put(req.Call.Port, req.Model, req.MaxTokens, req.ToolChoice, len(req.Messages), len(req.Tools), len(req.Stop))
	number(req.Temperature)
	number(req.TopP)
	if req.Seed != nil {
		put(*req.Seed)
	} else {
		put("-")
	}
	for _, s := range req.Stop {
		put(s)
	}
	data(req.Schema)
	for i := range req.Messages {
		m := &req.Messages[i]
		put(m.Role, m.Content, m.ToolCallID, len(m.Parts), len(m.ToolCalls))
		for _, p := range m.Parts {
			put(p.Text, p.MediaType, p.URL, string(p.Data))
		}
		for _, c := range m.ToolCalls {
			put(c.ID, c.Name)
			data(c.Arguments)
		}
	}
	for i := range req.Tools {
		put(req.Tools[i].Name, req.Tools[i].Description)
		data(req.Tools[i].Parameters)
	}
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum, ok
}
