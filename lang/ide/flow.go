package ide

import (
	"maps"
	"slices"

	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
)

// flow is what decides when the nodes of a list run: for each node what it waits
// for, and how. Nodes that are given one name are taken as one.
type flow map[string]map[wait]bool

type wait struct {
	on  string
	how check.Class
}

// flowOf is the flow of a scope. name gives a node the name that it is compared
// by; "" leaves it out, with what it waits for.
func flowOf(scope *check.Scope, name func(*check.Info) string) flow {
	out := flow{}
	for _, n := range scope.Nodes {
		key := name(n)
		if key == "" || n.Export != nil {
			continue
		}
		if out[key] == nil {
			out[key] = map[wait]bool{}
		}
		for _, e := range n.Edges {
			from, how := name(e.From), e.Class
			if from == "" || from == key {
				continue
			}
			if how == check.Chained {
				how = check.Data // it waits in the same way
			}
			out[key][wait{from, how}] = true
		}
	}
	return out
}

func (f flow) equal(g flow) bool { return maps.EqualFunc(f, g, maps.Equal[map[wait]bool]) }

// sources are the names that a node waits for in one way, in the order of the
// scope.
func sources(scope *check.Scope, of []*check.Info, how ...check.Class) []string {
	want := map[string]bool{}
	for _, n := range of {
		for _, e := range n.Edges {
			if slices.Contains(how, e.Class) && !slices.Contains(of, e.From) {
				want[e.From.Name()] = true
			}
		}
	}
	var out []string
	for _, n := range scope.Nodes {
		if want[n.Name()] {
			out = append(out, n.Name())
		}
	}
	return out
}

// inside calls f for nodes and all that are in their bodies.
func inside(nodes []*check.Info, f func(*check.Info)) {
	for _, n := range nodes {
		f(n)
		for _, s := range n.BodyScopes() {
			inside(s.Nodes, f)
		}
	}
}

// takesWhole reports whether a node is given the results of what it depends on
// as they are, under their names: it cannot be told that another name is meant.
func takesWhole(n *check.Info) bool {
	switch x := n.Node; {
	case x.Mapped, x.Expression != nil, x.Data != nil, x.LLM != nil, x.Composite != nil:
		return false
	}
	return true
}

// readsBare reports whether the node, or one in its bodies, reads a field of a
// single dependency without naming it, and the dependency is one of others.
func readsBare(n *check.Info, others func(*check.Info) bool) bool {
	found := false
	inside([]*check.Info{n}, func(in *check.Info) {
		for _, slots := range in.Slots {
			for _, s := range slots {
				if s.Kind != check.SlotBare {
					continue
				}
				for at := in; at != nil; at = at.Scope.Owner {
					found = found || at.Single != nil && others(at.Single)
				}
			}
		}
	})
	return found
}

// worse reports whether a file has a finding after a change that it did not have
// before.
func worse(before, after *compile.Analysis) bool {
	known := map[diag.Code]int{}
	for _, d := range before.Diags {
		known[d.Code]++
	}
	for _, d := range after.Diags {
		if known[d.Code]--; known[d.Code] < 0 && d.Severity != diag.Info {
			return true
		}
	}
	return false
}

// programAfter is the pipeline of the same place among a file's documents, when
// the file's text is another one; nil if the change makes anything wrong.
func (c *cursor) programAfter(edits []Edit) *check.Program {
	after, err := Changed(c.snap, edits)
	if err != nil {
		return nil
	}
	now, err := c.snap.With(after).Analyze(c.a.Path)
	if err != nil || worse(c.a, now) {
		return nil
	}
	for i, d := range c.a.Docs {
		if d == c.doc && i < len(now.Docs) && now.Docs[i].Program != nil && now.Docs[i].Program.Scope != nil {
			return now.Docs[i].Program
		}
	}
	return nil
}
