package ast

import (
	"strings"

	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/schema"
)

// Policy types, and the built-in middlewares of the same names.
const (
	PolicyRetry          = "retry"
	PolicyTimeout        = "timeout"
	PolicyRateLimit      = "rate_limit"
	PolicyResourceLimit  = "resource_limit"
	PolicyCircuitBreaker = "circuit_breaker"
	PolicyCache          = "cache"
)

// PolicyTypes are the types of policy.
func PolicyTypes() []string {
	return []string{PolicyRetry, PolicyTimeout, PolicyRateLimit, PolicyResourceLimit, PolicyCircuitBreaker, PolicyCache}
}

// Policy says how calls are retried, bounded or cached. Exactly the part that its
// type names is set; an unknown type has none (package check reports it).
type Policy struct {
	Type Ident
	Loc  source.Location

	Retry     *Retry
	Timeout   *Duration
	RateLimit *RateLimit
	Breaker   *CircuitBreaker
	Cache     *Cache
	Limits    []Setting // resource_limit
}

// Retry is trying again. A nil field was not given.
type Retry struct {
	// Extra are attempts after the first, Attempts attempts in all; at most one
	// of them is given.
	Extra, Attempts *Number
	Backoff         Ident // exponential, linear, constant, fixed; "" for the default
	Delay, MaxDelay *Duration
	Factor          *Number
	Jitter          *bool
	RetryOn         []Ident // nil: not given
}

// RateLimit bounds how often something is called.
type RateLimit struct {
	Requests, Tokens, Burst *Number
	Per                     *Duration
	OnLimit                 Ident // wait, raise
}

// CircuitBreaker stops calling what fails all the time.
type CircuitBreaker struct {
	Failures, HalfOpen *Number
	Recovery           *Duration
}

// Cache remembers answers.
type Cache struct {
	TTL        *Duration
	MaxEntries *Number
}

// PolicyUse is one entry of `policies`.
type PolicyUse struct {
	Slot Ident
	// Null takes away what a farther layer has in the slot.
	Null bool
	// Ref names a Policy document; else Policy is set.
	Ref    Ident
	Policy *Policy
}

// Stack is what wraps an adapter, innermost first: the name of a Middleware
// document (Ref), or layers.
type Stack struct {
	Ref    Ident
	Layers []*Layer
	Loc    source.Location
}

// Layer is one layer of middleware.
type Layer struct {
	Name Ident
	// Policy has the options of a built-in middleware that a policy can be, too;
	// else they are in Config, an object with secrets as handles.
	Policy *Policy
	Config value.Value
}

func (b *builder) policies(f *shape.Field) []*PolicyUse {
	if f == nil || f.Null {
		return nil
	}
	var out []*PolicyUse
	for _, e := range f.Entries {
		u := &PolicyUse{Slot: b.keyIdent(e.Key)}
		o := e.Object
		switch {
		case e.Value.Kind == syntax.Scalar && e.Value.Resolve().Kind == syntax.Null:
			u.Null = true
		case o == nil:
			continue // reported
		case o.Has("ref"):
			if u.Ref = b.ident(o.Get("ref")); u.Ref.Name == "" {
				continue
			}
		default:
			if u.Policy = b.policy(o); u.Policy == nil {
				continue
			}
		}
		out = append(out, u)
	}
	return out
}

// policy reads `type` and `config`; nil without a type.
func (b *builder) policy(o *shape.Object) *Policy {
	if o == nil {
		return nil
	}
	name := b.ident(o.Get("type"))
	if name.Name == "" {
		return nil
	}
	p := &Policy{Type: name, Loc: b.at(o.Node)}
	var config *shape.Object
	f := o.Get("config")
	if f != nil && !f.Null {
		config = f.Object
	}
	if known := policyClass(name.Name); known != "" {
		p.Type.Name = known
		if f != nil && f.Value.Kind == syntax.Mapping {
			// The schema did not know by the path which settings to expect.
			config = shape.Check(b.tree, f.Value, schema.ByName(optionDefs[known]), &b.ds)
		}
	}
	b.options(p, config)
	return p
}

// policyClass is the type of policy that the path of a class of the Python
// implementation means: `hexdag.….RetryPolicy` is retry; "" for any other name.
func policyClass(path string) string {
	if !strings.HasPrefix(path, "hexdag.") {
		return ""
	}
	switch path[strings.LastIndexByte(path, '.')+1:] {
	case "RetryPolicy":
		return PolicyRetry
	case "TimeoutPolicy":
		return PolicyTimeout
	case "RateLimitPolicy":
		return PolicyRateLimit
	case "CircuitBreakerPolicy":
		return PolicyCircuitBreaker
	case "CachePolicy":
		return PolicyCache
	}
	return ""
}

// options reads the settings of a policy by its type. config may be nil.
func (b *builder) options(p *Policy, config *shape.Object) {
	get := config.Get
	switch p.Type.Name {
	case PolicyRetry:
		r := &Retry{
			Extra: b.number(get("max_retries")), Attempts: b.number(get("max_attempts")), Backoff: b.ident(get("backoff")),
			Delay: b.duration(get("initial_delay")), MaxDelay: b.duration(get("max_delay")), Factor: b.number(get("multiplier")),
		}
		if r.Delay == nil {
			r.Delay = b.millis(get("initial_delay_ms"))
		}
		if r.MaxDelay == nil {
			r.MaxDelay = b.millis(get("max_delay_ms"))
		}
		if f := get("jitter"); f != nil && !f.Null && f.OK {
			on := b.boolean(f)
			r.Jitter = &on
		}
		if f := get("retry_on"); f != nil && !f.Null && f.OK {
			r.RetryOn = append([]Ident{}, b.idents(f)...)
		}
		p.Retry = r
	case PolicyTimeout:
		p.Timeout = b.duration(get("timeout"))
	case PolicyRateLimit:
		p.RateLimit = &RateLimit{
			Requests: b.number(get("requests")), Tokens: b.number(get("tokens")), Burst: b.number(get("burst")),
			Per: b.duration(get("per")), OnLimit: b.ident(get("on_limit")),
		}
	case PolicyCircuitBreaker:
		p.Breaker = &CircuitBreaker{
			Failures: b.number(get("failure_threshold")), HalfOpen: b.number(get("half_open_calls")), Recovery: b.duration(get("recovery_timeout")),
		}
	case PolicyCache:
		p.Cache = &Cache{TTL: b.duration(get("ttl")), MaxEntries: b.number(get("max_entries"))}
	case PolicyResourceLimit:
		p.Limits = b.settings(config)
	}
}

// millis is a duration given in milliseconds.
func (b *builder) millis(f *shape.Field) *Duration {
	n := b.number(f)
	if n == nil || n.Float < 0 || n.Float > 1<<52 {
		return nil
	}
	return &Duration{Nanos: int64(n.Float * 1e6), Loc: n.Loc}
}

// stack reads `middleware` or the `stack` of a Middleware document. A single
// name is that of a document unless a built-in middleware or a dotted path has
// it.
func (b *builder) stack(f *shape.Field) *Stack {
	if f == nil || f.Null || f.Value == nil || !f.OK {
		return nil
	}
	s := &Stack{Loc: b.at(f.Value)}
	if f.Value.Kind == syntax.Scalar {
		name := b.ident(f)
		if name.Name == "" {
			return nil
		}
		if _, builtIn := schema.Middleware(name.Name); !builtIn && !schema.IsForeign(name.Name) {
			s.Ref = name
			return s
		}
		s.Layers = []*Layer{b.layer(name, nil)}
		return s
	}
	for _, v := range f.Items {
		if l := b.stackItem(v); l != nil {
			s.Layers = append(s.Layers, l)
		}
	}
	return s
}

func (b *builder) stackItem(v *shape.View) *Layer {
	if v == nil || v.Value == nil || !v.OK || v.Null {
		return nil
	}
	if v.Value.Kind == syntax.Scalar {
		if name := b.identOf(v); name.Name != "" {
			return b.layer(name, nil)
		}
		return nil
	}
	if v.Object != nil { // {name, config}
		name := b.ident(v.Object.Get("name"))
		if name.Name == "" {
			return nil
		}
		var config *syntax.Node
		if f := v.Object.Get("config"); f != nil && !f.Null {
			config = f.Value
		}
		return b.layer(name, config)
	}
	if len(v.Entries) != 1 {
		return nil // package check reports it
	}
	e := v.Entries[0]
	config := e.Value
	if config != nil && config.Kind != syntax.Mapping {
		config = nil
	}
	return b.layer(b.keyIdent(e.Key), config)
}

// layer makes a layer of its name and its options, which are checked against
// those that a policy of this name has.
func (b *builder) layer(name Ident, config *syntax.Node) *Layer {
	l := &Layer{Name: name, Config: value.NewObject(0).Value()}
	known := name.Name
	if s, ok := schema.Middleware(known); ok {
		known = s.Target
	}
	def := optionDefs[known]
	if def == "" {
		if config != nil {
			l.Config = b.data(config)
		}
		return l
	}
	var options *shape.Object
	if config != nil {
		options = shape.Check(b.tree, config, schema.ByName(def), &b.ds)
	}
	l.Policy = &Policy{Type: Ident{known, name.Loc, name.Node}, Loc: name.Loc}
	b.options(l.Policy, options)
	return l
}

// optionDefs are the definitions of the built-in middlewares' options.
var optionDefs = map[string]string{
	PolicyRetry: "RetryPolicy", PolicyTimeout: "TimeoutPolicy", PolicyRateLimit: "RateLimitPolicy",
	PolicyCircuitBreaker: "CircuitBreakerPolicy", PolicyCache: "CachePolicy",
}
