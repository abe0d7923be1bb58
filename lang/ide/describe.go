package ide

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// fieldDoc documents a field in Markdown.
func fieldDoc(f *schema.Field) string {
	var b strings.Builder
	b.WriteString(f.Doc)
	line := func(format string, args ...any) {
		fmt.Fprintf(&b, "\n\n"+format, args...)
	}
	if f.Default != "" {
		line("Default: %s", quoted(f.Default))
	}
	if f.Example != "" {
		line("Example: %s", quoted(f.Name+": "+f.Example))
	}
	if len(f.Aliases) > 0 {
		line("Also written %s.", quotedAll(f.Aliases))
	}
	if f.Cap != "" {
		line("Needs the capability %s.", quoted(f.Cap))
	}
	if f.Ignored != "" {
		line("**Without effect**: %s", f.Ignored)
	}
	if f.Outdated != "" {
		line("**Deprecated**: %s", f.Outdated)
	}
	if f.Use != "" {
		line("Use %s.", quoted(f.Use))
	}
	return b.String()
}

func quotedAll(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quoted(s)
	}
	return strings.Join(out, ", ")
}

// funcDoc documents a function in Markdown.
func funcDoc(f expr.FuncDoc) string {
	var b strings.Builder
	b.WriteString("```python\n" + f.Signature + "\n```\n\n" + f.Doc)
	if f.Alias != "" {
		b.WriteString("\n\nA short form of " + quoted(f.Alias) + ".")
	}
	if f.Refused != "" {
		b.WriteString("\n\n**Not available**: " + f.Refused)
	}
	if f.Example != "" {
		b.WriteString("\n\nExample: " + quoted(f.Example))
	}
	return b.String()
}

// describeVisible says what a name means.
func describeVisible(v check.Visible) string {
	switch {
	case v.Namespace:
		return namespaceDoc[v.Name]
	case v.Kind == check.SlotNode:
		s := "Result of the node " + quoted(v.Name)
		if v.Node.Node.Kind != "" {
			s += " (" + v.Node.Node.Kind + ")"
		}
		return s + "."
	case v.Kind == check.SlotVar:
		return "Earlier variable of this node."
	case v.Kind == check.SlotTarget:
		return "Target of `input_mapping` of " + quoted(v.Node.Name()) + "."
	case v.Kind == check.SlotLoop:
		return namespaceDoc[v.Loop]
	case v.Field && v.Node != nil:
		return "Field of " + quoted(v.Node.Name()) + ", the single dependency; else of the run's input."
	case v.Field:
		return "Field of the run's input."
	}
	return ""
}

// namespaceDoc documents the names that the language itself binds.
var namespaceDoc = map[string]string{
	"input":     "The run's input.",
	"ctx":       "The run: `run_id`, `pipeline_name`, `node_name`, `parent_run_id`, `services`.",
	"item":      "The item of this iteration of the loop.",
	"index":     "The number of this iteration, from 0.",
	"total":     "How many iterations the loop has.",
	"is_first":  "Whether this is the first iteration.",
	"is_last":   "Whether this is the last iteration.",
	"state":     "The state that the loop carries from iteration to iteration.",
	"iteration": "The number of this iteration, from 0.",
	"error":     "The failure that this node handles: `node`, `type`, `message`, `attempt`, `input`.",
	"errors":    "All failures that this node handles, in document order.",
	"body":      "The result of the last iteration of the body.",
}

// parameter is a parameter of a macro.
type parameter struct {
	name, typ, doc, def string
	required            bool
	node                *syntax.Node // where it is declared
}

// macroParameters are the parameters that a Macro document declares.
func macroParameters(root *syntax.Node) []parameter {
	list := get(root, "parameters").Deref()
	if list == nil {
		list = get(get(root, "spec"), "parameters").Deref()
	}
	if list == nil || list.Kind != syntax.Sequence {
		return nil
	}
	var out []parameter
	for _, it := range list.Items {
		name := get(it, "name").Deref()
		if name == nil || name.Kind != syntax.Scalar || name.Value == "" {
			continue
		}
		p := parameter{name: name.Value, typ: scalarText(get(it, "type")), doc: scalarText(get(it, "description")), node: name}
		if p.typ == "" {
			p.typ = "str"
		}
		p.def = scalarText(get(it, "default"))
		p.required = scalarText(get(it, "required")) == "true"
		out = append(out, p)
	}
	return out
}

// starFunction is a function of a Starlark file.
type starFunction struct {
	name, signature string
	offset          int
}

// starlarkFunctions finds the functions of a Starlark text by its lines, so that
// a half-typed file has them, too.
func starlarkFunctions(text string) []starFunction {
	var out []starFunction
	offset := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		if rest, ok := strings.CutPrefix(line, "def "); ok {
			if name, _, ok := strings.Cut(rest, "("); ok && expr.IsIdentifier(strings.TrimSpace(name)) {
				name = strings.TrimSpace(name)
				sig := strings.TrimRight(strings.TrimSpace(rest), ":")
				out = append(out, starFunction{name, "def " + sig, offset + len("def ")})
			}
		}
		offset += len(line)
	}
	return out
}
