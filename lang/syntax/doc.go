// Package syntax reads YAML 1.2 into a lossless tree.
//
// Input: a source.File. Output: a Tree of documents, nodes and comments in
// which everything carries its byte span, and diagnostics. Parse never fails,
// never panics and takes time linear in the file's size; what cannot be read is
// reported and the rest is kept.
//
// The parser is a recursive descent over the file's bytes that is driven by
// columns. Each function for a block collection knows two of them: c, where its
// entries stand, and n, the column of the collection that holds it. An entry is
// a line at c; a line at or left of n belongs to somebody further out; a line
// in any other place right of n cannot be valid, is reported, and becomes an
// entry of the nearest collection, so that no fault reaches beyond the
// collection that it stands in. Scalars are substrings of the file's text where
// they stand there unchanged.
//
// Invariants:
//   - a node's span encloses its children's, siblings' spans are in order and
//     disjoint, and every span lies inside the file;
//   - Tokens tile the file: printed one after the other they give its bytes;
//   - a valid document has no Broken node and no Skipped token;
//   - the tree is immutable after Parse and safe for concurrent use;
//   - following aliases from a document's root visits at most
//     Budget.AliasNodes nodes more than the document has, and never runs in a
//     circle.
//
// The three hardest cases: telling an unclosed quote or bracket from a long
// one, so that half-typed text does not swallow what follows; deciding on which
// node a tag or anchor sits when several lines of them stand above a mapping;
// and the value that starts with `{{ x }}`, which YAML reads as a mapping whose
// key is a mapping, see template.go.
package syntax
