// Package shape checks a syntax tree against the schema table and gives back a
// view of it in which every field has its canonical name.
//
// Input: a syntax.Tree, one of its nodes, the schema.Def that the node should
// follow. Output: an Object, and diagnostics HX02xx (structure) and HX09xx
// (spellings), several per file, in one pass.
//
// Invariants: nothing is reported inside a broken node, nothing twice; the view
// is complete for whatever is there, also in a document that is full of faults;
// the time is linear in the size of the tree with its aliases expanded, which
// the syntax tree's budget bounds. A view is immutable and safe for concurrent
// use.
//
// The three hardest cases: a value that fits none of several types, which must
// give one finding about the type that was meant; a key that is right but at the
// wrong level; values that are not known yet (`{{ }}`, `${VAR}`, `!include`),
// which satisfy every scalar type and must not be complained about.
package shape

import (
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// Object is a mapping seen through its definition.
type Object struct {
	// Def is nil for a mapping without one: the spec of a foreign node kind.
	Def *schema.Def
	// Node is the mapping itself, aliases followed; nil or not a mapping if
	// something else stands there (which was reported).
	Node *syntax.Node
	// Fields are the known fields in the order of the source. A field given
	// under two spellings is there once, with its first.
	Fields []*Field
	// Unknown are the keys that the definition does not have, `x-` keys
	// excluded. They were reported unless the definition is open.
	Unknown []Entry
	// Kind is set for a node.
	Kind *NodeKind
	// Parent is the object whose field holds this one; nil at the top.
	Parent *Object
}

// NodeKind is what the `kind` of a node means.
type NodeKind struct {
	// Info is the built-in kind; nil for a macro's name, a foreign kind, a
	// template and an unknown kind.
	Info *schema.NodeKindInfo
	// Text is the kind as written; Name the canonical one for a built-in kind,
	// else what Text means after `spec.aliases`.
	Text, Name string
	// Class says what sort of kind it is.
	Class KindClass
}

// KindClass is a sort of node kind.
type KindClass uint8

// Classes.
const (
	UnknownKind KindClass = iota // reported
	BuiltIn
	Macro    // the name of a macro
	Foreign  // a dotted path or `plugin:name`
	Later    // a template, only known later
	Unlinked // may be a macro that an import or an importing System supplies
)

// Get is the field with this canonical name, under whatever spelling it was
// given; nil if it was not. It is safe on a nil Object.
func (o *Object) Get(name string) *Field {
	if o == nil {
		return nil
	}
	for _, f := range o.Fields {
		if f.Def.Name == name {
			return f
		}
	}
	return nil
}

// Has reports whether the field is there, even with a wrong or null value.
func (o *Object) Has(name string) bool { return o.Get(name) != nil }

// Object is the object that the field holds; nil if it is not there or not a
// mapping.
func (o *Object) Object(name string) *Object {
	if f := o.Get(name); f != nil {
		return f.Object
	}
	return nil
}

// Field is a field of an Object.
type Field struct {
	Def *schema.Field
	// Spelling says how the key was written.
	Spelling schema.Status
	Key      *syntax.Node
	// Lifted says that the field stands at another level and means the same
	// here: in a node's `settings`, in an agent's `config`, in the `spec` of a
	// Macro.
	Lifted bool
	View
}

// View is a value seen through its type.
type View struct {
	// Value is the value, aliases followed; never nil.
	Value *syntax.Node
	// Type is the type that the value was taken for: one of the alternatives
	// where there are several. It is there also if the value does not fit.
	Type *schema.Type
	// OK says that the value fits its type; it must not be used otherwise. For
	// an object it says that it is a mapping; its fields may have faults of
	// their own.
	OK bool
	// Dynamic says that the value is only known later: a text with `{{` or `${`,
	// or an include.
	Dynamic bool
	// Null says that null stands there and means "not given".
	Null bool
	// Object is set for an object.
	Object *Object
	// Items are a list's.
	Items []*View
	// Entries are a map's, in the order of the source.
	Entries []Entry
}

// Entry is one entry of a map.
type Entry struct {
	Key *syntax.Node
	View
}
