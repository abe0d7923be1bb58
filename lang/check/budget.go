package check

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
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

// forbidden reports nodes whose port the capabilities forbid.
func (c *checker) forbidden(s *Scope) {
	s.Each(func(info *Info) {
		c.forbiddenTools(info)
		c.secrets(info)
		for _, use := range append(c.uses(info.Node), c.requirements(info.Node)...) {
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
