package expr

import (
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// Node is one node of an expression or template tree. Spans are byte offsets
// into the text that was parsed; Text.Loc leads to the file. Nodes are
// immutable after parsing and safe for concurrent use.
type Node interface {
	Span() source.Span
	node()
}

type at struct{ span source.Span }

// Span is where the node stands in its text.
func (a at) Span() source.Span { return a.span }
func (at) node()               {}

// Op is an operator.
type Op uint8

// Operators.
const (
	OpAdd Op = iota + 1
	OpSub
	OpMul
	OpDiv
	OpFloorDiv
	OpMod
	OpPow
	OpNeg
	OpPos
	OpNot
	OpAnd
	OpOr
	OpEq
	OpNe
	OpLt
	OpLe
	OpGt
	OpGe
	OpIn
	OpNotIn
	OpIs
	OpIsNot
	OpConcat // ~ in templates
)

// Nodes of expressions.
type (
	// Name is a bare name: a head that the scope resolves (`analyzer`, `item`).
	Name struct {
		at
		Ident string
	}
	// Namespace is a head with a dollar sign; Ident is without it ("input").
	Namespace struct {
		at
		Ident string
	}
	// Literal is a constant.
	Literal struct {
		at
		Value value.Value
	}
	// Attr is X.Name. NameSpan is empty in a half-typed `a.`.
	Attr struct {
		at
		X        Node
		Name     string
		NameSpan source.Span
	}
	// Index is X[Key].
	Index struct {
		at
		X, Key Node
	}
	// Slice is X[Lo:Hi:Step]; absent parts are nil.
	Slice struct {
		at
		X, Lo, Hi, Step Node
	}
	// Call is Func(args…) for a listed function, or X.Func(args…) for a method
	// (X not nil).
	Call struct {
		at
		X        Node
		Func     string
		FuncSpan source.Span
		Args     []Node
		Keywords []Keyword
	}
	// Unary is Op X.
	Unary struct {
		at
		Op Op
		X  Node
	}
	// Binary is X Op Y for arithmetic, `and`, `or` and `~`.
	Binary struct {
		at
		Op   Op
		X, Y Node
	}
	// Compare is a chain First Ops[0] Rest[0] Ops[1] Rest[1] …
	Compare struct {
		at
		First Node
		Ops   []Op
		Rest  []Node
	}
	// Cond is Then if Test else Else. Else is nil in a template's `a if b`.
	Cond struct {
		at
		Then, Test, Else Node
	}
	// List is [a, b]; Tuple is (a, b); Set is what set() and set comprehensions
	// make.
	List struct {
		at
		Items []Node
	}
	// Tuple is (a, b).
	Tuple struct {
		at
		Items []Node
	}
	// Dict is {k: v}.
	Dict struct {
		at
		Keys, Values []Node
	}
	// Comp is a list, set or dict comprehension; Value is set for dict only.
	Comp struct {
		at
		Of         CompKind
		Key, Value Node
		Clauses    []CompFor
	}
	// Filter is X | Name(args…): of templates, and of mappings (required, default).
	Filter struct {
		at
		X        Node
		Name     string
		NameSpan source.Span
		Args     []Node
		Keywords []Keyword
	}
	// Is is a template test: X is [not] Name(args…).
	Is struct {
		at
		X        Node
		Not      bool
		Name     string
		NameSpan source.Span
		Args     []Node
	}
	// Bad is what could not be parsed; X is what could be read of it, or nil.
	Bad struct {
		at
		X Node
	}
)

// CompKind is the collection that a comprehension makes.
type CompKind uint8

// Comprehension kinds.
const (
	ListComp CompKind = iota + 1
	SetComp
	DictComp
)

// CompFor is one `for targets in iter if … if …`.
type CompFor struct {
	Targets []Name
	Iter    Node
	Ifs     []Node
}

// Keyword is one name=value argument.
type Keyword struct {
	Name     string
	NameSpan source.Span
	Value    Node
}

// Nodes of templates.
type (
	// Template is a sequence of parts.
	Template struct {
		at
		Parts []Node
	}
	// Raw is literal text. Text is what is printed: whitespace control and
	// `raw` blocks are already applied.
	Raw struct {
		at
		Text string
	}
	// Output is {{ X }}.
	Output struct {
		at
		X Node
	}
	// If is {% if %}…{% elif %}…{% else %}…{% endif %}.
	If struct {
		at
		Tests  []Node
		Bodies []*Template
		Else   *Template // may be nil
	}
	// For is {% for targets in iter [if cond] %}…{% else %}…{% endfor %}.
	For struct {
		at
		Targets []Name
		Iter    Node
		Filter  Node // may be nil
		Body    *Template
		Else    *Template // may be nil
	}
	// Assign is {% set name = X %}; X is a Template in {% set name %}…{% endset %}.
	// With Field it is {% set name.field = X %}, which gives the name, set
	// before with namespace() or as a mapping, a copy with that field.
	Assign struct {
		at
		Target    Name
		Field     string
		FieldSpan source.Span
		X         Node
	}
)
