package check

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/value"
)

// Exec is how a node is run: its own fields, then its policies, then the
// built-in defaults. Times are in nanoseconds.
type Exec struct {
	Attempts int64 // in all; at least 1
	Delay    int64
	MaxDelay int64
	Factor   float64
	Linear   bool // the pause grows by Delay each time
	Exact    bool // pauses are not varied at random
	RetryOn  []string
	Timeout  int64 // 0: none of its own
	// Policies hold for the node, the nearest first.
	Policies []config.Policy
	// Layers are those policies that wrap the node's port calls, innermost first.
	Layers []config.Policy
	// Settings are the values above that the node or a policy sets, with where
	// they come from: max_attempts, retry_delay, retry_max_delay, retry_backoff,
	// timeout.
	Settings []config.Setting
}

// effects are the kinds whose work can fail by itself and pass later; policies
// of a layer that retry or bound nodes are about them.
var effects = map[string]bool{
	"llm_node": true, "agent_node": true, "function_node": true, "api_call_node": true, "service_call_node": true, "transition": true,
}

// policies resolves how each node is run.
func (c *checker) policies(s *Scope) {
	s.Each(func(info *Info) { info.Exec = c.execOf(info) })
}

// ExecUnder is how a checked node is run under another configuration than its
// file's own: that of a process. Faults were reported with the node.
func ExecUnder(info *Info, eff *config.Effective, policies map[string]*ast.Doc) Exec {
	c := &checker{opt: Options{Effective: *eff, Policies: policies}}
	return c.execOf(info)
}

func (c *checker) execOf(info *Info) Exec {
	var around [][]*ast.PolicyUse
	for at := info.Scope.Owner; at != nil; at = at.Scope.Owner {
		if len(at.Node.Policies) > 0 {
			around = append(around, at.Node.Policies)
		}
	}
	list, ds := c.opt.Effective.NodePolicies(info.Node.Policies, around, config.Definitions{Policies: c.opt.Policies})
	for _, d := range ds {
		c.add(d)
	}
	return c.exec(info, list)
}

func (c *checker) exec(info *Info, list []config.Policy) Exec {
	n := info.Node
	x := Exec{Attempts: 1, Delay: 1e9, MaxDelay: 60e9, Factor: 2}
	effect := effects[n.Kind] || n.Foreign
	for _, p := range list {
		own := p.Layer() == "node"
		applies := false
		switch p.Type {
		case ast.PolicyRetry, ast.PolicyTimeout:
			applies = effect || own && (n.Composite != nil || n.Kind == "macro_invocation")
		case ast.PolicyResourceLimit:
			if own {
				c.add(diag.New(diag.PolicyNoEffect, p.Loc(), "a resource_limit cannot bound one node").
					WithHelp("attach it to the Pipeline, process, System or Config; it then bounds a run").As(diag.Error))
			}
			continue
		default:
			applies = n.Port() != "" || own && n.Composite != nil
		}
		switch {
		case !applies && own:
			c.add(diag.New(diag.PolicyNoEffect, p.Loc(), "a %s policy has no effect on a node of kind %s", p.Type, kindName(n)).
				WithHelp("%s", noEffectHelp(p.Type)))
			continue
		case !applies:
			continue
		}
		x.Policies = append(x.Policies, p)
		switch p.Type {
		case ast.PolicyRetry:
			x.retry(p)
		case ast.PolicyTimeout:
			if d := p.Def.Timeout; d != nil {
				x.Timeout = d.Nanos
				x.set("timeout", value.Int(d.Nanos), policySource(p, value.Int(d.Nanos)))
			}
		default:
			if n.Composite == nil {
				x.Layers = append(x.Layers, p)
			}
		}
	}
	x.order()
	x.own(n)
	return x
}

func kindName(n *ast.Node) string {
	if n.Kind != "" {
		return n.Kind
	}
	return n.KindText.Name
}

func noEffectHelp(policyType string) string {
	if policyType == ast.PolicyRetry || policyType == ast.PolicyTimeout {
		return "it evaluates nothing that could pass at another time; remove the policy"
	}
	return "such a policy stands around calls of ports, and this node makes none; remove the policy"
}

// order puts the layers innermost first: a cached answer passes no rate limit
// and no circuit breaker, and a call that the rate delays is not counted as
// failing.
func (x *Exec) order() {
	rank := map[string]int{ast.PolicyRateLimit: 0, ast.PolicyCircuitBreaker: 1, ast.PolicyCache: 2}
	list := x.Layers
	for i := 1; i < len(list); i++ { // a stable insertion sort of a handful
		for k := i; k > 0 && rank[list[k].Type] < rank[list[k-1].Type]; k-- {
			list[k], list[k-1] = list[k-1], list[k]
		}
	}
}

func policySource(p config.Policy, v value.Value) config.Source {
	src := p.From[0]
	src.Value, src.Note = v, "set by the policy "+p.Slot
	return src
}

// set records a value; the first to set it holds.
func (x *Exec) set(name string, v value.Value, src config.Source) {
	for i := range x.Settings {
		if x.Settings[i].Name == name {
			x.Settings[i].From = append(x.Settings[i].From, src)
			return
		}
	}
	x.Settings = append(x.Settings, config.Setting{Name: name, Value: v, From: []config.Source{src}})
}

// override puts a node's own value in front of what a policy set.
func (x *Exec) override(name string, v value.Value, src config.Source) {
	for i := range x.Settings {
		s := &x.Settings[i]
		if s.Name != name {
			continue
		}
		for k := range s.From {
			s.From[k].Note = "ignored: the node's own field is nearer"
		}
		s.Value, s.From = v, append([]config.Source{src}, s.From...)
		return
	}
	x.set(name, v, src)
}

func (x *Exec) retry(p config.Policy) {
	r := p.Def.Retry
	if r == nil {
		return
	}
	set := func(name string, v value.Value) { x.set(name, v, policySource(p, v)) }
	x.attempts(r)
	set("max_attempts", value.Int(x.Attempts))
	if r.Delay != nil {
		x.Delay = r.Delay.Nanos
		set("retry_delay", value.Int(x.Delay))
	}
	if r.MaxDelay != nil {
		x.MaxDelay = r.MaxDelay.Nanos
		set("retry_max_delay", value.Int(x.MaxDelay))
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
	if r.Factor != nil || r.Backoff.Name != "" {
		set("retry_backoff", value.Float(x.Factor))
	}
	if r.Jitter != nil {
		x.Exact = !*r.Jitter
	}
	if r.RetryOn != nil {
		x.RetryOn = names(r.RetryOn)
	}
}

// attempts is how often a retry policy tries in all: its `max_retries` are extra
// attempts, its `max_attempts` all of them.
func (x *Exec) attempts(r *ast.Retry) {
	switch {
	case r.Attempts != nil:
		x.Attempts = max(1, r.Attempts.Int)
	case r.Extra != nil:
		x.Attempts = 1 + max(0, min(r.Extra.Int, Unbounded))
	default:
		x.Attempts = DefaultRetries + 1
	}
}

// DefaultRetries is how often a retry policy or middleware that does not say it
// tries again.
const DefaultRetries = 3

func names(ids []ast.Ident) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		out = append(out, id.Name)
	}
	return out
}

// own lays the node's own fields over what its policies say, field by field.
func (x *Exec) own(n *ast.Node) {
	e := n.Exec
	if e.Attempts != nil {
		x.Attempts = max(1, e.Attempts.Int)
		x.override("max_attempts", value.Int(x.Attempts), config.Source{Layer: "node", Loc: e.Attempts.Loc, Note: "set", Value: value.Int(x.Attempts)})
	}
	if e.RetryDelay != nil {
		x.Delay = e.RetryDelay.Nanos
		x.override("retry_delay", value.Int(x.Delay), config.Source{Layer: "node", Loc: e.RetryDelay.Loc, Note: "set", Value: value.Int(x.Delay)})
	}
	if e.RetryMax != nil {
		x.MaxDelay = e.RetryMax.Nanos
		x.override("retry_max_delay", value.Int(x.MaxDelay), config.Source{Layer: "node", Loc: e.RetryMax.Loc, Note: "set", Value: value.Int(x.MaxDelay)})
	}
	if e.Backoff != nil {
		x.Factor, x.Linear = e.Backoff.Float, false
		x.override("retry_backoff", value.Float(x.Factor), config.Source{Layer: "node", Loc: e.Backoff.Loc, Note: "set", Value: value.Float(x.Factor)})
	}
	if e.Timeout != nil {
		x.Timeout = e.Timeout.Nanos
		x.override("timeout", value.Int(x.Timeout), config.Source{Layer: "node", Loc: e.Timeout.Loc, Note: "set", Value: value.Int(x.Timeout)})
	}
	if len(e.RetryOn) > 0 {
		x.RetryOn = names(e.RetryOn)
	}
}
