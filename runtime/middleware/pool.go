package middleware

import (
	"context"
	"fmt"
	"sync/atomic"

	"hexdag.dev/hexdag/runtime/port"
)

// Pool is several models behind one port. Each of them has its own meter, so that
// every request counts. With failover each call goes to the first, and to the next
// one if it fails; otherwise calls take turns, and one that fails goes on to the
// others too. A call that has streamed a part of its answer stays where it is.
// Failures that are the request's own are final. adapters are the members as they
// were made, for what they can do; members are what calls go to.
func Pool(adapters, members []port.LLM, failover bool) port.LLM {
	return &pool{adapters: adapters, members: members, failover: failover}
}

type pool struct {
	adapters []port.LLM
	members  []port.LLM
	failover bool
	turn     atomic.Uint64
}

// Class is the strongest of the members'.
func (p *pool) Class() port.Class {
	strongest := port.Hermetic
	for _, m := range p.adapters {
		c := m.Class()
		if c == port.Undeclared {
			c = port.Write
		}
		strongest = max(strongest, c)
	}
	return strongest
}

func all[T any](members []port.LLM, is func(T) bool) bool {
	for _, m := range members {
		if x, ok := m.(T); !ok || !is(x) {
			return false
		}
	}
	return true
}

// Structured reports whether all members are.
func (p *pool) Structured() bool {
	for _, m := range p.adapters {
		if !port.IsStructured(m) {
			return false
		}
	}
	return true
}

// ToolCalling reports whether all members have tool calling of their own.
func (p *pool) ToolCalling() bool {
	for _, m := range p.adapters {
		if !port.IsToolCalling(m) {
			return false
		}
	}
	return true
}

// Free reports whether all members are.
func (p *pool) Free() bool { return all(p.adapters, port.Free.Free) }

// Generate makes one request of each member in turn until one answers.
func (p *pool) Generate(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	n := uint64(len(p.members))
	at := uint64(0)
	if !p.failover {
		at = (p.turn.Add(1) - 1) % n
	}
	streamed := false
	own := *req
	if to := req.Stream; to != nil {
		own.Stream = func(delta string) {
			streamed = true
			to(delta)
		}
	}
	var failed *port.Error
	for i := range n {
		resp, err := p.members[(at+i)%n].Generate(ctx, &own)
		if err == nil {
			return resp, nil
		}
		e := port.AsError(err)
		if failed != nil && e.Class == port.ClassLimit {
			return nil, failed // no further request was granted
		}
		failed = e
		if streamed || ctx.Err() != nil || !passes(e) {
			return nil, failed
		}
	}
	e := *failed
	if n > 1 {
		e.Message = fmt.Sprintf("all %d adapters of the pool failed, the last: %s", n, failed.Message)
	}
	return nil, &e
}

// passes reports whether another member could do better.
func passes(e *port.Error) bool {
	switch e.Class {
	case port.ClassLimit, port.ClassCapDenied, port.ClassStale, port.ClassInvalidInput:
		return false
	}
	return true
}
