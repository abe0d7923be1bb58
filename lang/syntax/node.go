package syntax

import "hexdag.dev/hexdag/lang/source"

// Kind says what a Node is.
type Kind uint8

// Node kinds.
const (
	Scalar Kind = iota + 1
	Mapping
	Sequence
	Alias
)

// Style is how a node is written.
type Style uint8

// Styles. Empty is a value that is not there at all (`key:` and nothing): a
// Scalar with an empty span that resolves to null.
const (
	Empty Style = iota
	Plain
	SingleQuoted
	DoubleQuoted
	Literal // |
	Folded  // >
	Block   // block mapping or sequence
	Flow    // {} or []
)

// Built says where a node's value comes from. The build computes values that a
// manifest only describes: `{{ spec.variables.size }}`, `${SIZE}`. They stand in
// the tree as if somebody had written them, at the place of what describes them,
// and are final: a Built scalar is never read as a template, an expression, a
// reference to the environment or YAML.
type Built uint8

// Built kinds.
const (
	// Written: by a person, in the file. The zero value.
	Written Built = iota
	// BuiltValue: a value with a type of its own, which it keeps.
	BuiltValue
	// BuiltText: a text that was put together, or came from the environment. It
	// takes the type that its place wants.
	BuiltText
)

// Node is one value of the tree. Nodes are immutable once Parse has returned
// and safe for concurrent use.
type Node struct {
	Kind  Kind
	Style Style
	// Broken marks a node that the parser had to guess: unclosed, or made of
	// what could be read of a malformed line. Checks must not report follow-up
	// faults inside it.
	Broken bool
	// Built says that the build made the value, see Built. Such a node is never
	// in a tree that Parse returns.
	Built Built

	// Span covers the content: with quotes and brackets, without tag and
	// anchor. A block collection reaches from its first entry to the end of its
	// last one's content (no trailing comment or line break); a block scalar
	// from its indicator to the end of its last line of content.
	Span source.Span
	// indent is the indentation that a block scalar's lines lose, in columns.
	indent int32

	// Tag is the tag as written (`!include`, `!!str`, `!<tag:…>`), "" when there
	// is none; Anchor the name behind `&`. Their spans include the sigil.
	Tag        string
	TagSpan    source.Span
	Anchor     string
	AnchorSpan source.Span

	// Items are a Sequence's values, in order.
	Items []*Node
	// Pairs are a Mapping's entries in order, duplicates and merge keys
	// included; see Get and Entries for the effective ones.
	Pairs []Pair
	// Target is what an Alias means; nil if the anchor does not exist, names a
	// value around the alias, or would exceed Budget.AliasNodes (which has been
	// reported). Name of the alias: Value.
	Target *Node

	// Parent is the mapping or sequence that holds the node; nil at the root.
	Parent *Node

	// Value is a scalar's text after unquoting, folding and removal of
	// indentation; for an Alias the anchor's name.
	Value string

	// index is what Get needs for a mapping that is large or has merge keys.
	index *mappingIndex
}

// SinglePair reports whether n is a mapping of one pair that stands in brackets
// without braces of its own: the entry of `[key: value]`.
func (n *Node) SinglePair() bool {
	return n.Kind == Mapping && n.Style == Flow && len(n.Pairs) == 1 && n.Span.Start == n.Pairs[0].Span.Start
}

// Pair is one entry of a mapping. A key whose colon is missing is Broken and has
// an Empty value, or what stands indented below it; entries of a sequence among
// those of a mapping are the value of a key that is Broken and Empty.
type Pair struct {
	Key   *Node
	Value *Node // never nil: a missing value is an Empty scalar
	// Span reaches from the key's first byte (properties included) to the end
	// of the value.
	Span source.Span
}

// Document is one document of a stream.
type Document struct {
	// Root is nil only if the document holds nothing but comments.
	Root *Node
	// Span reaches from the `---` (or the first content) to the `...`, the next
	// `---` or the end of the file.
	Span source.Span
	// Start and End are the spans of the `---` and of the `...`; empty where
	// there is none.
	Start, End source.Span
	// Handles are the prefixes that %TAG directives give to tag handles; nil if
	// there are none.
	Handles map[string]string
}

// Comment is one comment with its `#`, without the line break.
type Comment struct {
	Span source.Span
	// Own says that the comment stands alone on its line.
	Own bool
}
