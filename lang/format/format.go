// Package format writes manifests in one canonical layout.
//
// Input: a parsed file. Output: its text in the canonical layout, or the
// findings that keep the file from being formatted.
//
// The layout: two spaces of indentation; the entries of a sequence stand two
// columns right of the key that they belong to; one blank behind a colon, a
// dash and a comma, none inside brackets; at most one blank line between two
// lines, none at the start and the end; no blanks at the end of a line; one
// line break at the end of the file. What is in brackets stays in brackets if
// it fits into Width columns, and becomes a block if it does not; a document
// that is in brackets as a whole (JSON, mostly) stays so and is broken into
// lines. Quotes change only where that removes escapes: 'it”s' to "it's". A
// comment stays on its line or above the entry that it stood above; two blanks
// stand before a comment behind text, and comments that stood in one column on
// neighbouring lines do so afterwards. Line breaks are LF, or CRLF throughout if
// the file's first one is (a checkout on Windows has them). A byte order mark
// stays.
//
// Invariants: values, tags, anchors, order, the text of block scalars, and the
// text and order of comments never change: the result is parsed again and
// compared before it is returned. Formatting twice gives the same text as once.
// A file with a syntax error is not formatted. Time and space are linear.
//
// The three hardest cases: comments in places where no entry begins (behind a
// key, inside brackets, at the end of a block); block scalars whose text starts
// with a blank, or that end at the end of the file; brackets that nest so deeply
// that indenting them would need quadratic space.
package format

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// Width is the number of columns up to which brackets stay on one line.
const Width = 100

// File formats f. If ok is false, the findings say why f can't be formatted:
// syntax errors, or diag.Internal for a bug of ours. Findings that do not
// prevent it are not returned.
func File(f *source.File) (formatted []byte, findings []diag.Diagnostic, ok bool) {
	return Tree(syntax.Parse(f, syntax.Budget{}))
}

// Tree is File for a tree that has been parsed.
func Tree(t *syntax.Tree) (formatted []byte, findings []diag.Diagnostic, ok bool) {
	if diag.HasErrors(t.Diags) {
		for _, d := range t.Diags {
			if d.Severity == diag.Error {
				findings = append(findings, d)
			}
		}
		return nil, findings, false
	}
	p := newPrinter(t)
	p.stream()
	text := p.String()

	again := syntax.Parse(source.NewFile(t.File.Path(), []byte(text)), syntax.Budget{})
	if at, what := difference(t, again); what != "" {
		d := diag.New(diag.Internal, source.Location{File: t.File, Span: at}, "formatting would change the meaning of the file: %s", what)
		return nil, []diag.Diagnostic{d.WithHelp("the file was left as it is; please report this with the lines around this place")}, false
	}
	return []byte(text), nil, true
}

// lineBreak is the line break that the formatted file gets.
func lineBreak(text string) string {
	if i := strings.IndexAny(text, "\r\n"); i >= 0 && strings.HasPrefix(text[i:], "\r\n") {
		return "\r\n"
	}
	return "\n"
}
