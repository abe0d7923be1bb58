package check

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/suggest"
)

// ways is a state machine as a graph.
type ways struct {
	next    map[string][]string
	targets map[string]ast.Ident // each state that a way leads to, where it is first named
	source  map[string]bool      // states that have a list of ways, if an empty one
}

func waysOf(m *ast.StateMachine) ways {
	w := ways{map[string][]string{}, map[string]ast.Ident{}, map[string]bool{}}
	for _, way := range m.Ways {
		w.next[way.From.Name] = append(w.next[way.From.Name], way.To.Name)
		if _, seen := w.targets[way.To.Name]; !seen {
			w.targets[way.To.Name] = way.To
		}
	}
	for _, s := range m.From {
		w.source[s.Name] = true
	}
	return w
}

// from is the states that an entity can get into from one, itself included.
func (w ways) from(initial string) map[string]bool {
	seen := map[string]bool{initial: true}
	for queue := []string{initial}; len(queue) > 0; queue = queue[1:] {
		for _, to := range w.next[queue[0]] {
			if !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	return seen
}

// reachable reports an initial state without ways, states that no entity can get
// into, and final ones that have ways out.
func (c *checker) reachable(m *ast.StateMachine, terminal map[string]bool) {
	w := waysOf(m)
	initial := m.Initial.Name
	if initial == "" {
		return
	}
	if _, target := w.targets[initial]; !w.source[initial] && !target && len(m.From) > 0 {
		var names []string
		for _, s := range m.From {
			names = append(names, s.Name)
		}
		d := diag.New(diag.UnknownState, m.Initial.Loc, "the initial state %q of %q has no transitions", initial, m.Entity.Name)
		if best := suggest.Best(initial, names); best != "" {
			d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: m.Initial.Loc, NewText: best})
		} else {
			d = d.WithHelp("transitions start at %s", strings.Join(names, ", "))
		}
		c.add(d)
		return
	}
	seen := w.from(initial)
	for _, s := range m.From {
		if !seen[s.Name] {
			d := diag.New(diag.UnreachableState, s.Loc, "no entity can get into the state %q: no way from %q leads there", s.Name, initial).
				WithHelp("add a transition to it, or remove it")
			if to := w.meant(s.Name); to.Name != "" {
				d = d.WithHelp("did you mean %q where a way leads to %q?", s.Name, to.Name).
					WithRelated(to.Loc, "this state is named nowhere else").
					WithFix("replace with \""+s.Name+"\"", false, diag.Edit{Loc: to.Loc, NewText: s.Name})
			}
			c.add(d)
		}
		if terminal[s.Name] && len(w.next[s.Name]) > 0 {
			c.add(diag.New(diag.FinalState, s.Loc, "the state %q is terminal, and ways lead out of it", s.Name).
				WithHelp("remove `terminal`, or the transitions"))
		}
	}
}

// meant is a target without ways of its own that may be a misspelling of a state
// that has some.
func (w ways) meant(state string) ast.Ident {
	var names []string
	for name := range w.targets {
		if !w.source[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return w.targets[suggest.Best(state, names)]
}
