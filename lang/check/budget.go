package check

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// Unbounded stands for "no bound is known" in an Interval.
const Unbounded = int64(1) << 62

// Interval is how many calls a part of a program makes: at least Min on every
// path that completes, at most Max on any.
type Interval struct {
	Min, Max int64
}

func (a Interval) plus(b Interval) Interval {
	return Interval{addBound(a.Min, b.Min), addBound(a.Max, b.Max)}
}

func (a Interval) times(n int64) Interval {
	return Interval{mulBound(a.Min, n), mulBound(a.Max, n)}
}

// either is one of a and b.
func (a Interval) either(b Interval) Interval {
	return Interval{min(a.Min, b.Min), max(a.Max, b.Max)}
}

func addBound(a, b int64) int64 {
	if a >= Unbounded-b {
		return Unbounded
	}
	return a + b
}

func mulBound(a, n int64) int64 {
	switch {
	case a == 0 || n == 0:
		return 0
	case a >= Unbounded/n:
		return Unbounded
	}
	return a * n
}

// budget compares what the program may use with its limits and capabilities.
func (c *checker) budget(p *Program) {
	c.forbidden(p.Scope)
	total := c.scopeCalls(p.Scope)
	p.LLMCalls = total
	limit, ok := config.Get(c.opt.Effective.Limits, "max_llm_calls")
	if !ok {
		return
	}
	n, isInt := limit.Value.AsInt()
	loc := limit.From[0].Loc
	if !isInt || loc.IsZero() {
		return
	}
	switch {
	case total.Min > n:
		c.add(diag.New(diag.LimitTooLow, loc, "the program needs at least %d LLM calls, but max_llm_calls is %d", total.Min, n).
			WithHelp("raise the limit or remove calls"))
	case total.Max > n && total.Max < Unbounded:
		c.add(diag.New(diag.LimitReachable, loc, "the worst case is %d LLM calls, but max_llm_calls is %d", total.Max, n).
			WithHelp("loops, retries and repairs at their bounds are counted; the run would be stopped by the limit"))
	}
}

// forbidden reports nodes whose port the capabilities forbid.
func (c *checker) forbidden(s *Scope) {
	s.Each(func(info *Info) {
		c.forbiddenTools(info)
		for _, use := range c.uses(info.Node) {
			if c.opt.Effective.Caps.Allows(use.cap) {
				continue
			}
			d := diag.New(diag.CapForbids, info.Node.KindText.Loc, "%q needs capability %q, which is not allowed here", info.Name(), use.cap)
			if loc, why := c.opt.Effective.Caps.Why(use.cap); !loc.IsZero() {
				d = d.WithRelated(loc, "%s", why)
			}
			d = d.WithHelp("add %q to caps, or use another port", use.cap)
			if info.conditional() {
				d = d.As(diag.Warning)
			}
			c.add(d)
		}
	})
}

type portUse struct{ port, cap string }

// uses are the ports that a node surely calls, and the capabilities that its
// code needs where a layer restricts code.
func (c *checker) uses(n *ast.Node) []portUse {
	var out []portUse
	if port := n.Port(); port != "" {
		if cap := c.portCap(n, port); cap != "" {
			out = append(out, portUse{port, cap})
		}
	}
	if n.Kind == "api_call_node" {
		out = out[:0] // its port is named in the spec
		if cap := c.portCap(n, n.Call.Port.Name); cap != "" {
			out = append(out, portUse{n.Call.Port.Name, cap})
		}
	}
	if n.Transition != nil && c.restrictsEntities() {
		out = append(out, portUse{"", "entity.transition"})
	}
	if f := n.Function; f != nil && c.opt.Effective.Caps.RestrictsCode() {
		switch f.Scheme {
		case "python", "py":
			out = append(out, portUse{"", "python"})
		case "exec", "http":
			out = append(out, portUse{"", f.Scheme})
		}
	}
	return out
}

// forbiddenTools warns about tools of an agent that the capabilities forbid: the
// model would be refused if it called them.
func (c *checker) forbiddenTools(info *Info) {
	warn := func(loc source.Location, name string) {
		cap := "tool:" + name
		if c.opt.Effective.Caps.Allows(cap) {
			return
		}
		d := diag.New(diag.CapForbids, loc, "agent %q can call the tool %q, which needs capability %q; it is not allowed here", info.Name(), name, cap).As(diag.Warning)
		if at, why := c.opt.Effective.Caps.Why(cap); !at.IsZero() {
			d = d.WithRelated(at, "%s", why)
		}
		c.add(d.WithHelp("add %q to caps, or do not offer the tool", cap))
	}
	for _, t := range info.Tools {
		warn(t.Name.Loc, t.Name.Name)
	}
	if info.Node.Agent == nil {
		return
	}
	for _, id := range info.Node.Agent.Names {
		for _, name := range info.RouterTools {
			if name == id.Name {
				warn(id.Loc, name)
			}
		}
	}
}

// restrictsEntities reports whether a layer speaks of entities: a list of
// capabilities that does not restricts ports and tools only.
func (c *checker) restrictsEntities() bool {
	caps := &c.opt.Effective.Caps
	for _, list := range [][]string{caps.Allow, caps.Deny} {
		for _, cap := range list {
			if head, _, _ := strings.Cut(cap, "."); head == "entity" {
				return true
			}
		}
	}
	return false
}

// conditional reports whether the run can complete without the node's work.
func (n *Info) conditional() bool {
	for at := n; at != nil; at = at.Scope.Owner {
		if at.maySkip || at.Scope.Owner != nil && !at.Scope.certain() {
			return true
		}
	}
	return false
}

// certain reports whether the body of a composite runs at least once.
func (s *Scope) certain() bool {
	co := s.Owner.Node.Composite
	if co == nil {
		return true // the body of a macro
	}
	switch co.Mode.Name {
	case "times":
		n, ok := constCount(co.Count)
		return ok && n > 0
	case "for-each":
		n, ok := constLen(co.Items)
		return ok && n > 0
	}
	return false
}

func constCount(e *ast.Expr) (int64, bool) {
	if e == nil || e.Mode != ast.Const {
		return 0, false
	}
	return e.Const.AsInt()
}

func constLen(e *ast.Expr) (int64, bool) {
	if e == nil || e.Mode != ast.Const {
		return 0, false
	}
	n, ok := e.Const.Len()
	return int64(n), ok
}

// scopeCalls is how many LLM calls a scope makes.
func (c *checker) scopeCalls(s *Scope) Interval {
	var sum Interval
	for _, info := range s.Nodes {
		x := c.calls(info)
		if info.maySkip {
			x.Min = 0
		}
		info.LLMCalls = x
		sum = sum.plus(x)
	}
	return sum
}

func (c *checker) calls(info *Info) Interval {
	n := info.Node
	attempts := info.Exec.Attempts
	switch {
	case n.LLM != nil:
		per := int64(1)
		if n.Output != nil {
			per += 2
			if n.LLM.Repairs != nil {
				per += n.LLM.Repairs.Int - 2
			}
		}
		return Interval{1, mulBound(per, attempts)}
	case n.Agent != nil:
		steps := int64(20)
		if n.Agent.MaxSteps != nil {
			steps = n.Agent.MaxSteps.Int
		}
		return Interval{1, mulBound(steps, attempts)}
	case n.Macro != nil && n.Macro.Body != nil:
		return c.scopeCalls(info.Bodies[n.Macro.Body]).retried(attempts)
	case n.Composite == nil:
		if n.Kind == "macro_invocation" || n.Foreign {
			return Interval{0, Unbounded}
		}
		return Interval{}
	}
	co := n.Composite
	body := func(b *ast.Body) Interval {
		if b == nil || info.Bodies[b] == nil {
			return Interval{}
		}
		return c.scopeCalls(info.Bodies[b])
	}
	switch co.Mode.Name {
	case "for-each", "times":
		x := body(co.Body)
		count, ok := constCount(co.Count)
		if co.Mode.Name == "for-each" {
			count, ok = constLen(co.Items)
		}
		if !ok {
			if x.Max > 0 {
				x.Max = Unbounded
			}
			x.Min = 0
			return x.retried(attempts)
		}
		return x.times(count).retried(attempts)
	case "while":
		x := body(co.Body)
		bound := int64(100)
		if co.MaxIterations != nil {
			bound = co.MaxIterations.Int
		}
		return Interval{0, mulBound(x.Max, bound)}.retried(attempts)
	}
	var x Interval
	if co.Else != nil {
		x = body(co.Else.Body)
	}
	if co.Body != nil {
		x = x.either(body(co.Body))
	}
	for _, b := range co.Branches {
		x = x.either(body(b.Body))
	}
	return x.retried(attempts)
}

func (a Interval) retried(attempts int64) Interval {
	return Interval{a.Min, mulBound(a.Max, attempts)}
}
