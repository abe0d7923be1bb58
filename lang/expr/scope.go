package expr

// bound says what a name in a template or comprehension refers to.
type bound uint8

const (
	free   bound = iota // not the text's own: the program's scope has it
	maybe               // set in some branch only: the text's own if that ran, else free
	always              // the text's own
)

// names is the set of names that a text binds itself, at one place of it.
// Scopes nest: a loop's body has one of its own, which ends with it.
//
// In a template `{% set %}` binds from there on. After an `{% if %}` a name is
// bound always if every branch set it, and maybe if only some did; a maybe name
// is looked up at run time, first in the text and then in the scope. Decision
// 15: what is bound always never falls through, even when it is null.
type names struct {
	outer *names
	state map[string]bound
}

func (n *names) inner() *names { return &names{outer: n} }

func (n *names) bind(name string, b bound) {
	if n.state == nil {
		n.state = map[string]bound{}
	}
	n.state[name] = b
}

func (n *names) lookup(name string) bound {
	for s := n; s != nil; s = s.outer {
		switch b := s.state[name]; b {
		case always:
			return always
		case maybe:
			if s.outer.lookup(name) == always {
				return always
			}
			return maybe
		}
	}
	return free
}

// branches runs the bodies of an if, each on a copy of what is bound before it,
// and merges what they bound. exhaustive says that one of them always runs.
func (n *names) branches(exhaustive bool, bodies ...func(*names)) {
	seen := map[string]int{}
	maybes := map[string]bool{}
	for _, body := range bodies {
		b := n.inner()
		body(b)
		for name, state := range b.state {
			if state == always {
				seen[name]++
			} else {
				maybes[name] = true
			}
		}
	}
	for name, count := range seen {
		if exhaustive && count == len(bodies) {
			n.bind(name, always)
		} else {
			maybes[name] = true
		}
	}
	for name := range maybes {
		if n.state[name] != always && !(exhaustive && seen[name] == len(bodies)) {
			n.bind(name, maybe)
		}
	}
}
