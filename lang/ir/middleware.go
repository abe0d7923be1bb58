package ir

import (
	"fmt"
	"math"

	"hexdag.dev/hexdag/lang/value"
)

// Kinds of built-in middleware with options of their own; another Kind is a
// built-in without options or the dotted path of one that the host registers.
const (
	MiddlewareRetry          = "retry"
	MiddlewareTimeout        = "timeout"
	MiddlewareRateLimit      = "rate_limit"
	MiddlewareCache          = "cache"
	MiddlewareCircuitBreaker = "circuit_breaker"
)

// Middleware is one layer around calls of ports. Program.Middleware has each
// layer once; ports and nodes refer to it by index. What a layer remembers
// (tokens of a rate, entries of a cache, the state of a circuit) belongs to the
// entry: all that refer to one index share it, two entries never do.
type Middleware struct {
	Kind string
	// Name is what messages call the layer: the slot of the policy
	// (`policies.throttle`) or the place in the stack (`llm.middleware[1]`).
	Name string
	// One of these is set for the kinds above.
	Retry     *RetryLayer
	Timeout   int64 // of one call, nanoseconds; 0: none
	RateLimit *RateLimitLayer
	Cache     *CacheLayer
	Breaker   *CircuitBreakerLayer
	// Config are the settings of any other kind: an object, with secrets as
	// handles.
	Config value.Value
	Origin Place
}

// RetryLayer calls again what failed.
type RetryLayer struct {
	Attempts int     // in all; at least 1
	Delay    int64   // before the second attempt, nanoseconds
	MaxDelay int64   // 0: none
	Factor   float64 // of the delay from attempt to attempt
	Linear   bool    // the n-th delay is n times Delay, whatever Factor says
	NoJitter bool    // delays are exact
	RetryOn  []string
}

// RateLimitLayer is a token bucket over calls, tokens, or both. At least one of
// Requests and Tokens is set.
type RateLimitLayer struct {
	Requests int   // calls per Per; 0: any
	Tokens   int   // tokens per Per; 0: any
	Per      int64 // nanoseconds
	Burst    int   // calls that may come at once; at least 1
	Raise    bool  // a call over the rate fails (class rate_limit) instead of waiting
}

// CacheLayer answers a call that is equal to an earlier one. A hit is no call: it
// gives its reservation back.
type CacheLayer struct {
	TTL        int64 // nanoseconds; 0: as long as the run
	MaxEntries int   // the least recently used goes first
}

// CircuitBreakerLayer fails calls at once while what it calls fails all the time.
type CircuitBreakerLayer struct {
	Failures int   // in a row that open the circuit
	Recovery int64 // until it is tried again, nanoseconds
	HalfOpen int   // calls that may try it
}

// PoolMember is one adapter of a pool.
type PoolMember struct {
	Adapter string // canonical
	Config  value.Value
	// Middleware is as for Port: an Adapter document may have layers of its own.
	Middleware []int
}

// NodePolicy is a policy that holds for a node; what it does stands in the
// node's own fields and in Node.Middleware.
type NodePolicy struct {
	Slot, Type string
	From       []Source
}

func (v *verifier) middleware() {
	for i := range v.p.Middleware {
		m := &v.p.Middleware[i]
		where := fmt.Sprintf("middleware %.80q", m.Name)
		set := 0
		for _, is := range []bool{m.Retry != nil, m.RateLimit != nil, m.Cache != nil, m.Breaker != nil} {
			if is {
				set++
			}
		}
		v.place(where, &m.Origin)
		ok := true
		switch m.Kind {
		case "":
			ok = false
		case MiddlewareRetry:
			r := m.Retry
			ok = set == 1 && r != nil && r.Attempts >= 1 && r.Delay >= 0 && r.MaxDelay >= 0 && r.Factor >= 0 && !math.IsInf(r.Factor, 0) && !math.IsNaN(r.Factor)
		case MiddlewareTimeout:
			ok = set == 0 && m.Timeout > 0
		case MiddlewareRateLimit:
			r := m.RateLimit
			ok = set == 1 && r != nil && r.Requests >= 0 && r.Tokens >= 0 && r.Requests+r.Tokens > 0 && r.Per > 0 && r.Burst >= 1
		case MiddlewareCache:
			c := m.Cache
			ok = set == 1 && c != nil && c.TTL >= 0 && c.MaxEntries >= 1
		case MiddlewareCircuitBreaker:
			b := m.Breaker
			ok = set == 1 && b != nil && b.Failures >= 1 && b.Recovery >= 0 && b.HalfOpen >= 1
		default:
			ok = set == 0
			v.value(where, m.Config)
		}
		if !ok {
			v.failf(where, "of kind %.40q has options that it cannot have", m.Kind)
		}
	}
}

func (v *verifier) layers(where string, list []int) {
	for _, i := range list {
		if i < 0 || i >= len(v.p.Middleware) {
			v.failf(where, "is wrapped by middleware %d of %d", i, len(v.p.Middleware))
			return
		}
	}
}
