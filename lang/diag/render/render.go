// Package render writes findings for people and for machines.
//
// Input: sorted diag.Diagnostics, the sources they point into, and what was
// checked. Output: text with source excerpts, or JSON, JSON lines, SARIF, GitHub
// annotations, a GitLab code quality report or JUnit XML.
//
// Invariants: each format is one function of one file; the same findings give
// the same bytes; no span makes a renderer fail; time is linear in the findings
// and in the text that they show, however long a line is; text of a source or a
// message never reaches a terminal or a CI log as a control sequence.
//
// The three hardest cases: marks of several findings and lines in one excerpt;
// columns under wide, combining and invisible characters and tabs; a line of
// megabytes, of which only the neighbourhood of the span may be looked at.
//
// It is a package apart from diag so that programs which embed the runtime do
// not link terminal libraries.
package render

import (
	"fmt"
	"io"
	"slices"

	"hexdag.dev/hexdag/lang/diag"
)

// Format is the name of a rendering.
type Format string

// The formats of findings.
const (
	Human  Format = "human"
	JSON   Format = "json"
	JSONL  Format = "jsonl"
	SARIF  Format = "sarif"
	GitHub Format = "github"
	GitLab Format = "gitlab"
	JUnit  Format = "junit"
)

// Formats are all formats of findings, the default first.
var Formats = []Format{Human, JSON, JSONL, SARIF, GitHub, GitLab, JUnit}

// Known reports whether f is one of Formats.
func (f Format) Known() bool { return slices.Contains(Formats, f) }

// Options say how to write.
type Options struct {
	// Color asks for colours; only Human has them.
	Color bool
	// Width is the number of columns that source excerpts may take; 0 means 140.
	Width int
	// Files is the number of files that were checked.
	Files int
	// FailOn is the least severe finding that counts as a failure; the zero
	// value counts errors only. JUnit tells failures from remarks by it.
	FailOn diag.Severity
	// Version is the version of the tool, for SARIF.
	Version string
}

// Write writes ds, which must be sorted (diag.Sort), to w in format f. It fails
// only if w does or the format is unknown.
func Write(w io.Writer, f Format, ds []diag.Diagnostic, o Options) error {
	switch f {
	case Human:
		return writeHuman(w, ds, o)
	case JSON:
		return writeJSON(w, ds, o)
	case JSONL:
		return writeJSONL(w, ds)
	case SARIF:
		return writeSARIF(w, ds, o)
	case GitHub:
		return writeGitHub(w, ds)
	case GitLab:
		return writeGitLab(w, ds)
	case JUnit:
		return writeJUnit(w, ds, o)
	}
	return fmt.Errorf("unknown format %q", string(f))
}

// Counts are the numbers of findings by severity.
type Counts struct {
	Errors, Warnings, Infos int
	// Fixable and SafelyFixable count the findings with a fix, and those with a
	// safe one.
	Fixable, SafelyFixable int
}

// Count counts findings.
func Count(ds []diag.Diagnostic) Counts {
	var c Counts
	for i := range ds {
		switch ds[i].Severity {
		case diag.Error:
			c.Errors++
		case diag.Warning:
			c.Warnings++
		default:
			c.Infos++
		}
		if len(ds[i].Fixes) > 0 {
			c.Fixable++
			if slices.ContainsFunc(ds[i].Fixes, func(f diag.Fix) bool { return f.Safe }) {
				c.SafelyFixable++
			}
		}
	}
	return c
}

// String is "2 errors, 1 warning", or "no findings".
func (c Counts) String() string {
	text := ""
	add := func(n int, one string) {
		if n == 0 {
			return
		}
		if text != "" {
			text += ", "
		}
		text += Plural(n, one)
	}
	add(c.Errors, "error")
	add(c.Warnings, "warning")
	add(c.Infos, "info")
	if text == "" {
		return "no findings"
	}
	return text
}

// Plural is "1 file" or "2 files".
func Plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// rule is the rule name of a code; empty for a code without an entry.
func rule(c diag.Code) string {
	e, _ := diag.Lookup(c)
	return e.Rule
}
