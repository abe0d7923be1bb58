package explain

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/schema"
)

// Code is a diagnostic code.
type Code struct {
	Code     string `json:"code"`
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Bad      string `json:"bad"`
	Good     string `json:"good"`
	entry    diag.Entry
}

// CodeOf makes the answer about a code.
func CodeOf(e diag.Entry) *Code {
	return &Code{string(e.Code), e.Rule, e.Severity.String(), e.Summary, e.Detail, e.Bad, e.Good, e}
}

// String renders c for people.
func (c *Code) String() string { return c.entry.Text() }

// Markdown renders c for documentation.
func (c *Code) Markdown() string { return c.entry.Markdown() }

// Field is a field of a manifest.
type Field struct {
	Path       string   `json:"path"`
	Type       string   `json:"type"`
	Doc        string   `json:"doc"`
	Required   bool     `json:"required"`
	Default    string   `json:"default,omitempty"`
	Example    string   `json:"example,omitempty"`
	Aliases    []string `json:"aliases,omitempty"`
	Merge      string   `json:"merge,omitempty"`
	Cap        string   `json:"capability,omitempty"`
	Deprecated string   `json:"deprecated,omitempty"`
	Fields     []string `json:"fields,omitempty"`
}

// String renders f for people.
func (f *Field) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  (%s)\n\n%s\n", f.Path, f.Type, indent(f.Doc, "  "))
	var rows [][2]string
	add := func(k, v string) {
		if v != "" {
			rows = append(rows, [2]string{k, v})
		}
	}
	if f.Required {
		add("required", "yes")
	}
	add("default", f.Default)
	add("example", f.Example)
	add("also written", strings.Join(f.Aliases, ", "))
	add("layers", mergeText(f.Merge))
	add("capability", f.Cap)
	add("deprecated", f.Deprecated)
	add("fields", strings.Join(f.Fields, ", "))
	if len(rows) > 0 {
		b.WriteByte('\n')
	}
	for _, r := range rows {
		fmt.Fprintf(&b, "  %-13s %s\n", r[0], r[1])
	}
	return b.String()
}

func mergeText(merge string) string {
	switch merge {
	case "nearest":
		return "the nearest layer that sets it"
	case "tightest":
		return "the tightest declared value holds"
	case "intersect":
		return "what all layers allow"
	case "union":
		return "what any layer says"
	case "append":
		return "all layers, one after another"
	}
	return merge
}

func indent(s, by string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = by + l
		}
	}
	return strings.Join(lines, "\n")
}

// Function is a function, filter or test of the expression language.
type Function struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Signature string `json:"signature"`
	Doc       string `json:"doc"`
}

// String renders f for people.
func (f *Function) String() string {
	return fmt.Sprintf("%s  (%s)\n\n%s\n", f.Signature, f.Kind, indent(f.Doc, "  "))
}

// function finds a function, filter or test by name, several of one name
// together.
func function(name string) Answer {
	name = strings.TrimSuffix(name, "()")
	var found Functions
	look := func(kind string, docs []expr.FuncDoc) {
		for _, d := range docs {
			if d.Name == name {
				found = append(found, &Function{name, kind, d.Signature, d.Doc})
			}
		}
	}
	look("function", expr.Functions())
	look("filter", expr.Filters())
	look("test", expr.Tests())
	if len(found) == 0 {
		return nil
	}
	return found
}

// Functions are the functions, filters and tests of one name.
type Functions []*Function

// String renders f for people.
func (f Functions) String() string {
	parts := make([]string, len(f))
	for i, x := range f {
		parts[i] = x.String()
	}
	return strings.Join(parts, "\n")
}

// FieldOf makes the answer about a field or a definition of the schema.
func FieldOf(p *schema.Place) *Field {
	out := &Field{Path: p.Path, Type: "object"}
	if p.Field == nil {
		out.Doc = p.In.Doc
	} else {
		f := p.Field
		out.Type, out.Doc = f.Type.String(), f.Doc
		out.Required, out.Default, out.Example = f.Required, f.Default, f.Example
		out.Aliases, out.Merge, out.Cap = f.Aliases, f.Merge.String(), f.Cap
		out.Deprecated = f.Outdated
		if f.Use != "" {
			out.Deprecated += "; use " + f.Use
		}
	}
	if d := p.Def(); d != nil {
		out.Fields = d.Names()
	}
	return out
}
