package diag

import (
	"fmt"
	"strings"
)

// Explain is the documentation of a code or rule name as Markdown; ok is false
// if there is no such code.
func Explain(code string) (text string, ok bool) {
	e, ok := LookupRule(code)
	if !ok {
		return "", false
	}
	return e.Markdown(), true
}

// Markdown is the entry's documentation: what it means, why it is a fault, a
// manifest that has it and the mended one. Headings start at level 2.
func (e Entry) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s %s\n\n", e.Code, e.Rule)
	fmt.Fprintf(&b, "**%s**: %s.\n\n", e.Severity, strings.TrimSuffix(e.Summary, "."))
	b.WriteString(strings.TrimSpace(e.Detail) + "\n")
	if e.Bad != "" {
		fmt.Fprintf(&b, "\nHas the fault:\n\n```yaml\n%s\n```\n", strings.TrimRight(e.Bad, "\n"))
	}
	if e.Good != "" {
		fmt.Fprintf(&b, "\nMended:\n\n```yaml\n%s\n```\n", strings.TrimRight(e.Good, "\n"))
	}
	if e.NoExample != "" {
		fmt.Fprintf(&b, "\nNo example: %s.\n", strings.TrimSuffix(e.NoExample, "."))
	}
	return b.String()
}

// Text is the entry's documentation as plain text for a terminal; examples are
// indented.
func (e Entry) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s (%s)\n\n%s.\n\n", e.Code, e.Rule, e.Severity, strings.TrimSuffix(e.Summary, "."))
	b.WriteString(strings.TrimSpace(e.Detail) + "\n")
	example := func(title, text string) {
		if text == "" {
			return
		}
		fmt.Fprintf(&b, "\n%s:\n\n", title)
		for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
			b.WriteString(strings.TrimRight("    "+line, " ") + "\n")
		}
	}
	example("Has the fault", e.Bad)
	example("Mended", e.Good)
	if e.NoExample != "" {
		fmt.Fprintf(&b, "\nNo example: %s.\n", strings.TrimSuffix(e.NoExample, "."))
	}
	return b.String()
}
