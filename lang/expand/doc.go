// Package expand turns what a manifest only describes into what it means before
// its names are checked: included files, the environment, and templates that are
// known when the manifest is built.
//
// Input: a syntax tree, a way to read other files of the workspace, and the
// environment. Output: a Composed tree, in which included files stand where they
// were included; and, document by document, a tree in which build-time templates
// are constants. Nothing is text again: what is computed here is never read as
// YAML, as a template or as a reference to the environment.
//
// # How
//
// Compose replaces each `!include` by the nodes of the other file. It copies the
// way from the root to an include and shares the rest, so that a file without
// includes costs one search for the word. Every inclusion is a parse of its own,
// with a source.File of its own: so a node's place tells by which chain of
// includes it got here, and Composed.Annotate can add that chain to findings
// about it. A Document then evaluates what stands in the composed tree: Evaluate
// replaces every scalar whose template needs build-time names only, and Fold does
// the same for parts of expressions and of templates that run later.
//
// # Names
//
// Which names a text sees, nearest first: the variables of the include that
// brought its file (and not those of includes around that one); the Scope that
// the caller gave, such as a macro's parameters; the document's. Inside the
// `spec` of a node the document has only spec.variables.*, so that a dependency
// called `metadata` keeps its meaning; elsewhere it has metadata.*, spec.* and
// variables.* too. A name that is not among them belongs to the run: inside a node
// it stays, elsewhere it is an error for whoever needs the value.
//
// # Invariants
//
//   - Only Load reads, and it is asked for names relative to the workspace root
//     that do not begin with `..`; it must refuse what links lead outside.
//   - An include that fails is reported once, at the include, and stays in the
//     tree as it is; later phases take it for a value that is not known.
//   - Every node leads to its own file: Tree.FileOf.
//   - The work is bounded: depth of includes, bytes parsed, nodes included, each
//     with a finding of its own; a file that includes itself ten times over ten
//     levels costs no more than the budget.
//   - Trees that were given are not changed. A Composed is safe for concurrent
//     use, a Document is not.
//
// # The three hardest cases
//
//  1. One file in two places with other variables: the nodes have the same spans
//     and texts and mean different things. Hence a source.File per inclusion.
//  2. `<<: {"!include": base.yaml}`, and aliases of a value that holds an include:
//     what a mapping has is known only after the include is there, so merge keys
//     take effect again in the copies, and aliases get the copies as targets.
//  3. A variable whose value is a template over other variables, which may run in
//     a circle, and may come from an included file with variables of its own.
package expand
