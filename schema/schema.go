// Package schema is the table of every field that a manifest may have: its
// type, default, spellings, documentation, and what tools have to know about it.
//
// Input: none at run time. The table in table_gen.go is generated from the CUE
// files of this folder (`go generate ./schema`), which are the only place where
// a field is described. Output: lookups by kind, node kind, adapter alias and
// path, and renderings (JSON Schema, Markdown, the CUE text itself).
//
// Invariants: the table is constant data that costs nothing at start-up and is
// safe for concurrent use; nobody may change what the lookups return; a
// spelling means at most one field of a Def; every Def and Field has a Doc. The
// package imports the standard library only.
//
// The three hardest cases: one concept with several spellings at several levels
// (see Field.Aliases, Def.Misplaced and Rule); a field whose definition depends on a
// sibling (Field.Select, and `spec` of a node, which depends on `kind`); a field
// with several types (Type.Alts), where a checker has to find out which one was
// meant before it can complain.
package schema

import (
	"sort"
	"sync"
)

//go:generate go run -tags schemagen hexdag.dev/hexdag/internal/schemagen
//go:generate go run hexdag.dev/hexdag/internal/schemagen/referencegen

// Def describes a mapping: the fields that it may have.
type Def struct {
	Name   string // "Limits", "LLMNodeSpec"; unique
	Title  string // what messages call it: "limits", "llm_node"
	Doc    string // Markdown
	Kind   string // the manifest kind whose document it is, else ""
	Node   string // the node kind whose spec it is, else ""
	Fields []Field
	// Keys has every spelling that is known here, sorted, see Find.
	Keys  []Key
	Rules []Rule
	// Open says what an unknown key means. Keys that start with `x-` are always
	// free.
	Open Openness
}

// Openness says what unknown keys mean.
type Openness uint8

// Opennesses.
const (
	Closed      Openness = iota // an error
	WarnUnknown                 // a warning
	Open                        // free
)

// Key is one spelling.
type Key struct {
	Name   string
	Field  int16 // index in Def.Fields; -1 for a removed key
	Status Status
	Note   string // why, for Misplaced and Removed; may be empty
}

// Status says how welcome a spelling is.
type Status uint8

// Statuses.
const (
	Canonical  Status = iota
	Alias             // accepted; the linter suggests the canonical one
	Deprecated        // accepted with a warning
	Misplaced         // an error; the fix renames it
	Removed           // an error; Note says what replaced it
)

// AsType is the type of the mappings that follow d.
func (d *Def) AsType() *Type {
	i := sort.Search(len(defs), func(i int) bool { return defs[i].Name >= d.Name })
	return &mappings()[i]
}

// mappings are the types of the mappings that follow each definition.
var mappings = sync.OnceValue(func() []Type {
	out := make([]Type, len(defs))
	for i := range out {
		out[i] = Type{Kind: Object, def: int16(i + 1)}
	}
	return out
})

// Find looks up any spelling. ok is false for an unknown one. field is nil for
// a removed key.
func (d *Def) Find(name string) (field *Field, key *Key, ok bool) {
	i := sort.Search(len(d.Keys), func(i int) bool { return d.Keys[i].Name >= name })
	if i == len(d.Keys) || d.Keys[i].Name != name {
		return nil, nil, false
	}
	key = &d.Keys[i]
	if key.Field >= 0 {
		field = &d.Fields[key.Field]
	}
	return field, key, true
}

// Field finds a field by its canonical name; nil if there is none.
func (d *Def) Field(name string) *Field {
	f, k, ok := d.Find(name)
	if !ok || k.Status != Canonical {
		return nil
	}
	return f
}

// Names is the canonical names, in the order in which they are documented.
func (d *Def) Names() []string {
	names := make([]string, len(d.Fields))
	for i := range d.Fields {
		names[i] = d.Fields[i].Name
	}
	return names
}

// Field describes one field.
type Field struct {
	Name     string
	Doc      string // Markdown: what it does, unit, default
	Type     *Type
	Required bool
	Default  string // as JSON; "" when there is none
	Example  string // a value in YAML; "" when there is none
	Aliases  []string

	Merge    Merge
	Text     Text   // what the texts in its value are
	Ref      string // what its text names: "node", "port", "process", "adapter", …
	Cap      string // the capability that using it needs
	Secret   bool
	Path     bool // a path, relative to the file it stands in
	NonNull  bool // null is an error, not "not given"
	CanonAt  string
	Ignored  string // accepted without effect: why
	Outdated string // deprecated: why
	Use      string // field to use instead of an outdated one

	// Select chooses the definition of the value by the text of a sibling field.
	Select *Select
}

// Select chooses a definition by a sibling's text; no case: the Field's Type.
type Select struct {
	By    string
	Cases []SelectCase
}

// SelectCase is one choice.
type SelectCase struct {
	Value string
	def   int16
}

// Def is the definition for that value.
func (c *SelectCase) Def() *Def { return defAt(c.def) }

// Text says what a field's texts are.
type Text uint8

// Texts.
const (
	PlainText Text = iota
	Expression
	Condition // an expression that counts as true or false
	Template
	Mapping // a source of input_mapping
)

// Merge says how layers of configuration combine.
type Merge uint8

// Merges.
const (
	NoMerge   Merge = iota
	Nearest         // the nearest layer that gives it
	Tightest        // the lowest value
	Intersect       // what all layers have
	Union           // what any layer has
	Append
)

// String is the name that the CUE attribute has.
func (m Merge) String() string {
	return [...]string{"", "nearest", "tightest", "intersect", "union", "append"}[m]
}

// TypeKind is the kind of a Type.
type TypeKind uint8

// Type kinds.
const (
	Any TypeKind = iota
	String
	Int
	Number
	Bool
	Duration // a number of seconds, or text with units
	Null
	Object
	List
	Map
	OneOf // one of Alts
)

// Type is what a value may be.
type Type struct {
	Kind TypeKind
	Name string // the CUE definition it came from: "Duration", "Cap"; may be empty
	// Enum is the texts that a String may be; nil for any.
	Enum []string
	// Pattern is a regular expression (RE2) for a String or a Map's keys.
	Pattern string
	Min     float64
	Max     float64
	HasMin  bool
	HasMax  bool
	MinExcl bool // Min itself is not allowed
	// MinItems is the least length of a List.
	MinItems int
	Elem     *Type // of a List or Map
	Alts     []*Type
	// IsNode marks the Object of a node, whose `spec` is described by NodeKind(kind).
	IsNode bool

	def int16 // of an Object: place in defs, from 1
}

// Def is the definition of an Object; nil for every other type.
func (t *Type) Def() *Def { return defAt(t.def) }

// defAt makes an address of a place in defs. The table holds places, since
// definitions are recursive and Go allows no cycle of addresses in initial
// values.
func defAt(i int16) *Def {
	if i == 0 {
		return nil
	}
	return &defs[i-1]
}

// RuleKind is the kind of a Rule.
type RuleKind uint8

// Rule kinds.
const (
	Exclusive RuleKind = iota // at most one of Fields
	AnyOf                     // at least one of Fields
	Requires                  // all of Fields
	Only                      // Fields have an effect only then; a warning otherwise
	Disjoint                  // no key is in more than one of Fields
)

// Rule is a constraint between the fields of a Def. All names are canonical.
type Rule struct {
	Kind   RuleKind
	Fields []string
	// If limits the rule to objects that have this field, with one of the texts
	// in Is if there are any.
	If string
	Is []string
}

// KindNames is the manifest kinds, in the order of the documentation.
func KindNames() []string { return kindNames }

// Kind finds the document of a manifest kind; nil if there is no such kind.
func Kind(name string) *Def {
	if d := ByName(name); d != nil && d.Kind == name {
		return d
	}
	return nil
}

// ByName finds any definition by its name; nil if there is none.
func ByName(name string) *Def {
	i := sort.Search(len(defs), func(i int) bool { return defs[i].Name >= name })
	if i < len(defs) && defs[i].Name == name {
		return &defs[i]
	}
	return nil
}

// Defs is all definitions, by name.
func Defs() []Def { return defs[:] }
