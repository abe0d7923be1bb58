package check

import (
	"slices"
	"sort"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
)

// edge adds an edge or a further reason for one that is there.
func (c *checker) edge(to, from *Info, class Class, why string, loc source.Location) {
	for _, e := range to.Edges {
		if e.From == from && e.Class == class {
			e.Reasons = append(e.Reasons, Reason{why, loc})
			return
		}
	}
	to.Edges = append(to.Edges, &Edge{From: from, Class: class, Reasons: []Reason{{why, loc}}})
}

// explicitEdges makes the edges of dependencies, wait_for and on_error.
func (c *checker) explicitEdges(s *Scope) {
	for _, info := range s.Nodes {
		for _, d := range info.Node.Deps {
			if from := c.lookup(s, info, d, "dependencies"); from != nil {
				c.edge(info, from, Data, "explicit", d.Loc)
			}
		}
		for _, d := range info.Node.WaitFor {
			if from := c.lookup(s, info, d, "wait_for"); from != nil {
				c.edge(info, from, Wait, "wait_for", d.Loc)
			}
		}
		if h := info.Node.OnError; h != nil {
			c.handler(s, info, *h)
		}
		if w := info.Node.Wait; w != nil && w.OnTimeout != nil {
			c.timeoutHandler(s, info, *w.OnTimeout)
		}
		for _, b := range info.bodies() {
			c.explicitEdges(info.Bodies[b])
		}
	}
}

func (c *checker) lookup(s *Scope, info *Info, id ast.Ident, what string) *Info {
	if n := s.find(id.Name, nil); n != nil {
		return n
	}
	if c.elsewhere(s, id) {
		return nil
	}
	d := diag.New(diag.UnknownDependency, id.Loc, "unknown node %q in %s", id.Name, what)
	c.add(suggestNode(d, s, id, info))
	return nil
}

// suggestNode adds the node that was probably meant. A node does not mean itself,
// so those of not are left out.
func suggestNode(d diag.Diagnostic, s *Scope, id ast.Ident, not ...*Info) diag.Diagnostic {
	names := s.nodeNames()
	for _, n := range not {
		names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == n.Name() })
	}
	if best := suggest.Best(id.Name, names); best != "" {
		return d.WithHelp("did you mean %q?", best).
			WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: id.Loc, NewText: best}).
			WithRelated(s.names[best].Node.Name.Loc, "%q is declared here", best)
	}
	if s.Owner != nil {
		return d.WithHelp("it must be a node of the same body")
	}
	return d.WithHelp("it must be a node of this pipeline")
}

func (c *checker) handler(s *Scope, info *Info, id ast.Ident) {
	h := s.find(id.Name, nil)
	switch {
	case h == info:
		c.add(diag.New(diag.UnknownHandler, id.Loc, "node %q cannot handle its own failure", id.Name).
			WithHelp("name another node, or use max_retries to try again"))
	case h == nil && c.doc.Open():
		c.outer(id.Loc, id.Name)
	case h == nil:
		c.add(suggestNode(diag.New(diag.UnknownHandler, id.Loc, "unknown node %q in on_error", id.Name), s, id))
	case h != nil:
		h.Guards = append(h.Guards, info)
		c.edge(h, info, OnError, "on_error", id.Loc)
	}
}

// chain gives the previous node in the list to nodes without any edge.
func (c *checker) chain(s *Scope) {
	var prev *Info
	for _, info := range s.Nodes {
		if info.Export != nil {
			continue
		}
		if prev != nil && !info.Node.Explicit && !info.chainless() {
			c.edge(info, prev, Chained, "chained", info.Node.Name.Loc)
		}
		if !info.handles() {
			prev = info
		}
		for _, b := range info.bodies() {
			c.chain(info.Bodies[b])
		}
	}
	c.undeclared(s)
}

// chainless reports whether the node has an edge of its own.
func (n *Info) chainless() bool { return len(n.Edges) > 0 }

// undeclared compares explicit dependencies with what is read.
func (c *checker) undeclared(s *Scope) {
	for _, info := range s.Nodes {
		n := info.Node
		if !n.Explicit {
			continue
		}
		inferred, redundant := 0, len(n.Deps) > 0
		for _, e := range info.Edges {
			if e.Class != Data {
				continue
			}
			explicit, read := e.reason("explicit"), e.reason("reference")
			if explicit == nil && read != nil {
				inferred++
				d := diag.New(diag.UndeclaredDependency, read.Loc, "%q reads node %q, which its dependencies do not list", info.Name(), e.From.Name()).
					WithHelp("add %q to dependencies, or remove the list and let it be inferred", e.From.Name()).
					WithRelated(c.loc(info, n.DepsAt), "the dependencies are listed here")
				c.add(addToList(d, info, c.loc(info, n.DepsAt), e.From.Name()))
			}
			if explicit != nil && read == nil {
				redundant = false
			}
		}
		if redundant && inferred == 0 {
			c.add(diag.New(diag.RedundantDependencies, c.loc(info, n.DepsAt), "the dependencies of %q only repeat what is inferred", info.Name()).
				WithHelp("the list can be removed"))
		}
	}
}

func (e *Edge) reason(why string) *Reason {
	for i := range e.Reasons {
		if e.Reasons[i].Why == why {
			return &e.Reasons[i]
		}
	}
	return nil
}

// routes wires the targets of switches with route_downstream.
func (c *checker) routes(s *Scope) {
	for _, info := range s.Nodes {
		for _, b := range info.bodies() {
			c.routes(info.Bodies[b])
		}
		co := info.Node.Composite
		if co == nil || !co.RouteDownstream || co.Mode.Name != "switch" {
			continue
		}
		route := func(id ast.Ident) {
			if id.Name == "" {
				return
			}
			to := s.find(id.Name, nil)
			if to == nil || to == info {
				if c.doc.Open() {
					c.outer(id.Loc, id.Name)
				} else {
					c.add(suggestNode(diag.New(diag.UnknownRouteTarget, id.Loc, "switch %q routes to %q, which is no other node", info.Name(), id.Name), s, id))
				}
				return
			}
			for _, r := range to.Routes {
				if r.Router == info && r.Target == id.Name {
					return
				}
			}
			to.Routes = append(to.Routes, Route{info, id.Name})
			c.edge(to, info, RouteEdge, "route", id.Loc)
		}
		for _, b := range co.Branches {
			route(b.Action)
		}
		if co.Else != nil {
			route(co.Else.Action)
		}
	}
}

// settle brings edges into document order and finds the single dependencies.
func (c *checker) settle(s *Scope) {
	s.Each(func(info *Info) {
		sort.SliceStable(info.Edges, func(i, j int) bool {
			a, b := info.Edges[i], info.Edges[j]
			if a.From.Index != b.From.Index {
				return a.From.Index < b.From.Index
			}
			return a.Class < b.Class
		})
		var data, all []*Info
		for _, e := range info.Edges {
			if e.Class == Data || e.Class == Chained {
				data = appendNew(data, e.From)
			}
			all = appendNew(all, e.From)
		}
		switch {
		case len(data) == 1:
			info.Single = data[0]
		case len(data) == 0 && len(all) == 1:
			info.Single = all[0]
		}
	})
}

func appendNew(list []*Info, n *Info) []*Info {
	for _, x := range list {
		if x == n {
			return list
		}
	}
	return append(list, n)
}
