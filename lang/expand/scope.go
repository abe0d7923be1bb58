package expand

import (
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// Scope is a set of names that are known at build: the variables of an include,
// the parameters of a macro. Scopes nest; the inner one wins.
//
// A name may be bound to no constant: an argument with run-time names. Such a
// name is Open: it hides what outer scopes and the document have under it, and
// Document leaves it in the tree for the caller, who knows what it means.
type Scope struct {
	outer *Scope
	names map[string]*Binding
	order []*Binding
}

// Binding is a name of a Scope.
type Binding struct {
	Name string
	// Loc is where the name is bound; it may be zero.
	Loc source.Location
	// Value is the constant, unless the name is bound to a node.
	Value value.Value
	// Text says that Value came from the environment or was put together as text:
	// a place of another type may read it. See syntax.BuiltText.
	Text bool
	// Open says that the name is no constant.
	Open bool
	// Used says that a template read the name.
	Used bool

	node *syntax.Node // evaluated where it stands, on first use
}

// NewScope makes an empty Scope inside another one, which may be nil.
func NewScope(outer *Scope) *Scope { return &Scope{outer: outer, names: map[string]*Binding{}} }

// Bind adds a name. Of two with one name the later one counts.
func (s *Scope) Bind(b Binding) *Binding {
	if s.names[b.Name] == nil {
		s.order = append(s.order, &b)
	}
	s.names[b.Name] = &b
	return &b
}

func (s *Scope) bindNode(name string, loc source.Location, n *syntax.Node) {
	s.Bind(Binding{Name: name, Loc: loc, node: n})
}

// Lookup is the innermost binding of a name; nil for none.
func (s *Scope) Lookup(name string) *Binding {
	for ; s != nil; s = s.outer {
		if b := s.names[name]; b != nil {
			return b
		}
	}
	return nil
}

// Bindings are the Scope's own names in the order in which they were bound.
func (s *Scope) Bindings() []*Binding {
	if s == nil {
		return nil
	}
	return s.order
}
