// Package diag is what the tools say about a source: Diagnostics, the table of
// their codes, and their renderings.
//
// Input: findings of the phases, as data. Output: the same findings as text for
// people, or as JSON, JSON lines, SARIF, GitHub and GitLab annotations, JUnit.
//
// Invariants: every Diagnostic has a code of the Table, a message in one line
// that starts in lower case and ends without a full stop, and, unless it is
// about no file, a Location; order is by file, offset, code, so output does not
// depend on the order in which phases ran; rendering never fails on a span.
//
// The three hardest cases: a span over several lines or at the end of a file
// without line break; wide and combining characters and tabs under a caret; a
// finding in an included or generated text that has to show both places.
package diag

import (
	"sort"

	"hexdag.dev/hexdag/lang/source"
)

// Severity orders findings; the zero value is the most severe.
type Severity uint8

// Severities, most severe first.
const (
	Error Severity = iota
	Warning
	Info
)

// String is "error", "warning" or "info".
func (s Severity) String() string { return [...]string{"error", "warning", "info"}[s] }

// Code is a stable identifier such as "HX0301". It is a key of the Table.
type Code string

// Diagnostic is one finding.
type Diagnostic struct {
	Code     Code
	Severity Severity
	Message  string          // what is wrong, one line
	Help     string          // the way out, one line; may be empty
	Loc      source.Location // what is wrong: the primary span
	Related  []Related       // other places that explain it
	Fixes    []Fix           // machine-applicable ways out, best first
}

// Related is another place that matters to a finding.
type Related struct {
	Loc     source.Location
	Message string
}

// Fix is a set of edits that are applied together.
type Fix struct {
	Title string // imperative: replace with "analyzer"
	Safe  bool   // keeps the meaning of a manifest that worked, and needs no judgement
	Edits []Edit
}

// Edit replaces the text at Loc.
type Edit struct {
	Loc     source.Location
	NewText string
	// Create says that the file of Loc does not exist and NewText is all of it.
	Create bool
}

// List collects findings. The zero List is empty and ready for use. It is not
// safe for concurrent use.
type List struct {
	items []Diagnostic
}

// Add appends d; an unset severity is taken from the Table, see New.
func (l *List) Add(d Diagnostic) { l.items = append(l.items, d) }

// Append adds all findings of m.
func (l *List) Append(m []Diagnostic) { l.items = append(l.items, m...) }

// Items is all findings in the order in which they came.
func (l *List) Items() []Diagnostic { return l.items }

// Len is the number of findings.
func (l *List) Len() int { return len(l.items) }

// HasErrors reports whether a finding has severity Error.
func HasErrors(ds []Diagnostic) bool {
	for i := range ds {
		if ds[i].Severity == Error {
			return true
		}
	}
	return false
}

// Sort orders findings by file, offset, code, message.
func Sort(ds []Diagnostic) {
	path := func(d *Diagnostic) string {
		if d.Loc.File == nil {
			return ""
		}
		return d.Loc.File.Path()
	}
	sort.SliceStable(ds, func(i, j int) bool {
		a, b := &ds[i], &ds[j]
		if p, q := path(a), path(b); p != q {
			return p < q
		}
		if a.Loc.Span != b.Loc.Span {
			if a.Loc.Span.Start != b.Loc.Span.Start {
				return a.Loc.Span.Start < b.Loc.Span.Start
			}
			return a.Loc.Span.End < b.Loc.Span.End
		}
		if a.Code != b.Code {
			return a.Code < b.Code
		}
		return a.Message < b.Message
	})
}
