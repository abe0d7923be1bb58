package diag

import (
	"fmt"
	"strings"
)

//go:generate go run ../../internal/diagdoc ../../docs/diagnostics.md

// bands are the groups of codes by their first two digits.
var bands = []struct{ prefix, title, about string }{
	{"HX00", "Internal errors", "Bugs of hexc."},
	{"HX01", "Source and YAML", "The text can't be read as YAML, or not safely."},
	{"HX02", "Structure", "Keys, values and types of a manifest do not fit its schema."},
	{"HX03", "Names", "References, dependencies and cycles."},
	{"HX04", "Expressions", "Expressions, templates and types."},
	{"HX05", "Kinds", "Node kinds, ports, adapters and macros."},
	{"HX06", "Configuration", "Settings, limits and capabilities."},
	{"HX07", "Systems", "Processes, pipes and state machines."},
	{"HX08", "Lint", "What works, and could be better."},
	{"HX09", "Deprecations", "Spellings and forms that have a successor."},
	{"HX10", "Run time", "What can go wrong while a program runs."},
}

// Band is the title of the group that a code belongs to; "" for a code of none.
func Band(c Code) string {
	for _, b := range bands {
		if strings.HasPrefix(string(c), b.prefix) {
			return b.title
		}
	}
	return ""
}

// Reference is docs/diagnostics.md: every code with its explanation and
// examples.
func Reference() string {
	var b strings.Builder
	b.WriteString(`# Diagnostics

Every finding has a code that stays the same, and a rule name. ` + "`hexc explain CODE`" + ` shows
what stands here.

<!-- Made by go generate from lang/diag; edit the table there. -->
`)
	entries := Entries()
	for _, band := range bands {
		var in []Entry
		for _, e := range entries {
			if strings.HasPrefix(string(e.Code), band.prefix) {
				in = append(in, e)
			}
		}
		if len(in) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s (%sxx)\n\n%s\n\n| code | rule | severity | |\n|---|---|---|---|\n", band.title, band.prefix, band.about)
		for _, e := range in {
			fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", e.Code, anchor(e), e.Rule, e.Severity, strings.ReplaceAll(e.Summary, "|", `\|`))
		}
		for _, e := range in {
			b.WriteString("\n#" + e.Markdown())
		}
	}
	return b.String()
}

// anchor is the name that Markdown renderers give the heading of e.
func anchor(e Entry) string {
	return strings.ToLower(string(e.Code)) + "-" + strings.ToLower(e.Rule)
}
