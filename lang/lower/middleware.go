package lower

import (
	"fmt"
	"math"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/schema"
)

// policyLayer is the layer that a policy puts around calls: one for each policy,
// so that all nodes under the place that attaches it, and all that refer to one
// Policy document, share what it counts.
func (l *lowerer) policyLayer(p config.Policy) int {
	if i, ok := l.shared[p.Def]; ok {
		return i
	}
	m := ir.Middleware{Kind: p.Type, Name: "policies." + p.Slot, Origin: l.place(p.Loc())}
	options(&m, p.Def)
	l.shared[p.Def] = len(l.prog.Middleware)
	l.prog.Middleware = append(l.prog.Middleware, m)
	return l.shared[p.Def]
}

// stack lowers what wraps an adapter, innermost first, each layer as an entry of
// its own. where is what messages call it.
func (l *lowerer) stack(s *ast.Stack, where string) []int {
	if s == nil {
		return nil
	}
	if s.Ref.Name != "" {
		def := l.opt.Middleware[s.Ref.Name]
		if def == nil || def.Middleware == nil {
			l.unresolved(s.Ref, "Middleware")
			return nil
		}
		return l.stack(def.Middleware, where)
	}
	var out []int
	for i, layer := range s.Layers {
		m := ir.Middleware{Kind: layer.Name.Name, Name: fmt.Sprintf("%s.middleware[%d]", where, i), Origin: l.place(layer.Name.Loc)}
		if known, ok := schema.Middleware(m.Kind); ok {
			m.Kind = known.Target
		}
		if layer.Policy != nil {
			options(&m, layer.Policy)
		} else {
			m.Config = layer.Config
		}
		out = append(out, len(l.prog.Middleware))
		l.prog.Middleware = append(l.prog.Middleware, m)
	}
	return out
}

// options fills in the options of a built-in layer, defaults included.
func options(m *ir.Middleware, p *ast.Policy) {
	switch {
	case p.Retry != nil:
		r := p.Retry
		x := &ir.RetryLayer{Attempts: check.DefaultRetries + 1, Delay: 1e9, MaxDelay: 60e9, Factor: 2}
		switch {
		case r.Attempts != nil:
			x.Attempts = count(r.Attempts, 1)
		case r.Extra != nil:
			x.Attempts = 1 + count(r.Extra, 0)
		}
		if r.Delay != nil {
			x.Delay = r.Delay.Nanos
		}
		if r.MaxDelay != nil {
			x.MaxDelay = r.MaxDelay.Nanos
		}
		if r.Factor != nil {
			x.Factor = r.Factor.Float
		}
		switch r.Backoff.Name {
		case "constant", "fixed":
			x.Factor = 1
		case "linear":
			x.Linear = true
		}
		x.NoJitter = r.Jitter != nil && !*r.Jitter
		for _, c := range r.RetryOn {
			x.RetryOn = append(x.RetryOn, c.Name)
		}
		m.Retry = x
	case p.RateLimit != nil:
		r := p.RateLimit
		x := &ir.RateLimitLayer{Requests: count(r.Requests, 0), Tokens: count(r.Tokens, 0), Per: 60e9, Raise: r.OnLimit.Name == "raise"}
		if x.Requests+x.Tokens == 0 {
			x.Requests = 10 // a layer without settings
		}
		if r.Per != nil && r.Per.Nanos > 0 {
			x.Per = r.Per.Nanos
		}
		x.Burst = max(1, x.Requests)
		if r.Burst != nil {
			x.Burst = count(r.Burst, 1)
		}
		m.RateLimit = x
	case p.Breaker != nil:
		b := p.Breaker
		x := &ir.CircuitBreakerLayer{Failures: 5, Recovery: 30e9, HalfOpen: 1}
		if b.Failures != nil {
			x.Failures = count(b.Failures, 1)
		}
		if b.HalfOpen != nil {
			x.HalfOpen = count(b.HalfOpen, 1)
		}
		if b.Recovery != nil {
			x.Recovery = b.Recovery.Nanos
		}
		m.Breaker = x
	case p.Cache != nil:
		c := p.Cache
		x := &ir.CacheLayer{MaxEntries: 1000}
		if c.TTL != nil {
			x.TTL = c.TTL.Nanos
		}
		if c.MaxEntries != nil {
			x.MaxEntries = count(c.MaxEntries, 1)
		}
		m.Cache = x
	case p.Type.Name == ast.PolicyTimeout:
		m.Timeout = 30e9
		if p.Timeout != nil {
			m.Timeout = p.Timeout.Nanos
		}
	}
	m.Config = value.Null
}

// count is a number as an int, at least least; least for none.
func count(n *ast.Number, least int64) int {
	if n == nil {
		return int(least)
	}
	return int(max(least, min(n.Int, math.MaxInt32)))
}
