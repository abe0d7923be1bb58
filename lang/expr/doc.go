// Package expr is the expression and template language of manifests: what
// stands in `when`, `condition`, `expressions`, mapping sources and between
// {{ }}.
//
// # In and out
//
// Text comes in as a Text (the decoded scalar and its way back to the file).
// Parse, ParseMapping and ParseTemplate make a tree of Nodes, once. From the
// tree come references (Refs), types and provable faults (Infer), a partially
// evaluated tree (Fold), canonical text (Print), bytes for the IR (Encode,
// Decode) and a Program (Compile), which computes values.
//
// # Invariants
//
//   - The expression language is a subset of Python's, plus $namespaces and
//     lower-case true, false, null and none. For a text without those, over
//     JSON values, the result is CPython's; Differences lists where it is not.
//   - Parsing never fails: half-typed text gives a tree with Bad nodes and
//     diagnostics. A tree that came without an error has no Bad node, and Print
//     of it parses to the same tree.
//   - Every node's span lies in its parent's and covers exactly its text.
//   - Trees, Types and Programs are immutable and safe for concurrent use.
//   - No tree is higher than MaxDepth, whatever the text; all passes recurse.
//   - Evaluation touches nothing but its Env, and is bounded by a Meter. It ends
//     in a value or an EvalError with the span of the sub-expression at fault.
//   - Infer reports only what is wrong under every value that the types allow.
//
// # The three hardest cases
//
//  1. Missing and null are not the same. Reading a name that is not there is an
//     error, except under `default`, `coalesce`, `is defined`, an `{% if NAME %}`
//     and their kin; a deeper segment that is not there is null in expressions
//     and an error in templates. Which of them applies is decided at compile
//     time, see guard.go, so that Refs, Infer and Eval cannot disagree.
//  2. A name that `{% set %}` binds in one branch only is the template's own
//     afterwards if the branch ran, and the scope's otherwise; see scope.go.
//  3. Where a {{ ends: strings, nested braces and half-typed text all may hold
//     a }}; see template_scan.go.
//
// The grammar stands in grammar.txt.
package expr
