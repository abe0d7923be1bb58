package main

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/expr"
)

// page is the whole reference.
func page(grammar string) string {
	var b strings.Builder
	b.WriteString(prose(head))

	b.WriteString("\n## Names with a dollar sign\n\nNothing can hide these.\n\n")
	table(&b, "name", "type", "where", "what it is")
	for _, n := range expr.Namespaces() {
		cells(&b, code("$"+n.Name), code(n.Type), n.Where, n.Doc)
	}

	b.WriteString("\n## Functions\n\nThey can be called in expressions and in templates. Names are case-sensitive. Parameters before `/` have no name, those behind `*` need theirs.\n\n")
	docs(&b, expr.Functions())

	b.WriteString("\n## Methods\n\nA method of null gives null. ")
	var kinds []string
	for _, kind := range []string{"str", "list", "tuple", "dict", "set", "range", "datetime"} {
		var names []string
		for _, d := range expr.Methods(kind) {
			names = append(names, code(d.Name))
		}
		if len(names) > 0 {
			kinds = append(kinds, code(kind)+" has "+strings.Join(names, ", "))
		}
	}
	b.WriteString(strings.Join(kinds, "; ") + ".\n\n")
	docs(&b, expr.Methods(""))

	b.WriteString(prose(templates))
	b.WriteString("\n## Filters\n\n`{{ x | name(a) }}` gives x to the filter as its first argument.\n\n")
	docs(&b, expr.Filters())
	b.WriteString("\n## Tests\n\n`{{ x is name }}`, `{% if x is not name(a) %}`.\n\n")
	docs(&b, expr.Tests())

	b.WriteString("\n## Differences from Python\n\nFor everything else that both have, the value is CPython's. Errors are named by their kind.\n\n")
	differences(&b, expr.Differences(), "Python")
	b.WriteString("\n## Differences from Jinja\n\nCompared with Jinja 3 under `StrictUndefined`.\n\n")
	differences(&b, expr.TemplateDifferences(), "Jinja")

	b.WriteString("\n## Grammar\n\n```\n" + strings.TrimSpace(grammar) + "\n```\n")
	return b.String()
}

// prose puts backquotes, and the one tilde that is meant, into a text.
func prose(s string) string {
	return strings.NewReplacer("~", "`", "TILDE", "~").Replace(s)
}

func table(b *strings.Builder, columns ...string) {
	b.WriteString("| " + strings.Join(columns, " | ") + " |\n|" + strings.Repeat("---|", len(columns)) + "\n")
}

func cells(b *strings.Builder, texts ...string) {
	for i, t := range texts {
		texts[i] = strings.ReplaceAll(t, "|", `\|`)
	}
	b.WriteString("| " + strings.Join(texts, " | ") + " |\n")
}

// code is a text in code style, also one that has backquotes or line breaks.
func code(s string) string {
	if s == "" {
		return ""
	}
	s = strings.ReplaceAll(s, "\n", `\n`)
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	if s[0] == ' ' || s[len(s)-1] == ' ' {
		return "` " + s + " `"
	}
	return "`" + s + "`"
}

// docs writes what can be called, in the order of its table; the names that do
// not exist here stand below.
func docs(b *strings.Builder, list []expr.FuncDoc) {
	aliases := map[string][]string{}
	for _, d := range list {
		if d.Alias != "" {
			aliases[d.Alias] = append(aliases[d.Alias], code(d.Name))
		}
	}
	table(b, "signature", "what it gives", "example")
	var refused []string
	for _, d := range list {
		switch {
		case d.Alias != "":
			continue
		case d.Refused != "":
			refused = append(refused, fmt.Sprintf("There is no %s: %s.", code(d.Name), d.Refused))
			continue
		}
		text := d.Doc
		if a := aliases[d.Name]; len(a) > 0 {
			text += " Also written " + strings.Join(a, ", ") + "."
		}
		example, result, ok := strings.Cut(d.Example, " → ")
		shown := code(example)
		if ok {
			shown += " → " + code(result)
		}
		cells(b, code(d.Signature), text, shown)
	}
	for _, r := range refused {
		b.WriteString("\n" + r + "\n")
	}
}

func differences(b *strings.Builder, list []expr.Difference, original string) {
	table(b, "text", "here", original, "why")
	for _, d := range list {
		if d.Ours != expr.Rejected {
			cells(b, code(d.Text), code(d.Ours), code(d.Theirs), d.Why)
		}
	}
	b.WriteString("\nNot in the language, and refused when the text is checked:\n\n")
	table(b, "text", original, "instead")
	for _, d := range list {
		if d.Ours == expr.Rejected {
			cells(b, code(d.Text), code(d.Theirs), d.Why)
		}
	}
}
