package compile_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
)

const callOfM = `
---
kind: Pipeline
metadata: {name: p}
spec:
  nodes:
    - kind: data_node
      metadata: {name: before}
      spec: {output: {n: 1}}
    - kind: m
      metadata: {name: inst}
      dependencies: []
`

// TestMacroFaults checks what is said about one fault in a macro or its call, and
// that nothing else is.
func TestMacroFaults(t *testing.T) {
	data := func(field string) string {
		return "kind: Macro\nmetadata: {name: m}\nparameters: [{name: a, type: any}, {name: n, type: int, default: 2}]\nnodes:\n  - kind: data_node\n    metadata: {name: x}\n    spec: {output: {v: " + field + "}}\n" + callOfM
	}
	tests := []struct{ name, text, want string }{
		{"a parameter as a whole keeps its type, and absent it is null", data(`"{{ a }}"`), ""},
		{"absent in a text", data(`"so {{ a }}"`), "HX0532"},
		{"absent behind default", data(`"so {{ a | default('x') }}"`), ""},
		{"absent in a text that runs later", data(`"so {{ a }} {{ who }}"`), "HX0532"},
		{"absent inside its own test", data(`"{% if a %}{{ a }}{% endif %}{{ who }}"`), ""},
		{"a call option that does not exist", data("1") + "      spec: {a: 1, concurrency: 3}\n", "HX0521"},
		{"a number for a text", strings.Replace(data("1"), "type: any", "type: str", 1) + "      spec: {a: 1}\n", "HX0523"},
		{"true is no int", data("1") + "      spec: {n: true}\n", "HX0523"},
		{"a list with run-time texts is a list", strings.Replace(data("1"), "type: any", "type: list", 1) + "      spec: {a: [\"{{ before.n }}\"]}\n", ""},
		{"a run-time text is no int", data("1") + "      spec: {n: \"{{ before.n }}\"}\n", "HX0523"},
		{"given in both places", data("1") + "      spec: {a: 1, inputs: {a: 2}}\n", "HX0523"},
		{"the condition of the call reads the caller", data("1") + "      spec: {when: before.n > 1}\n", ""},
		{"two nodes of one name", strings.Replace(data("1"), "nodes:\n", "nodes:\n  - kind: data_node\n    metadata: {name: \"{{name}}_x\"}\n    spec: {output: {v: 1}}\n", 1), "HX0305"},
		{"a body reads no node of its caller", data(`"{{ before.n }}"`), "HX0527"},
		{"nor lists one", strings.Replace(data("1"), "    spec:", "    dependencies: [before]\n    spec:", 1), "HX0302"},
		{"unless the call lists it", strings.Replace(strings.Replace(data("1"), "    spec:", "    dependencies: [before]\n    spec:", 1), "      dependencies: []\n", "      dependencies: [before]\n", 1), ""},
		{"a repetition over run-time values", "kind: Macro\nmetadata: {name: m}\nnodes:\n  - {for: i, in: $input.xs, nodes: []}\n" + callOfM, "HX0531"},
		{"text nodes with a fault", "kind: Macro\nmetadata: {name: m}\nnodes_raw: |\n  - kind: data_nod\n    metadata: {name: a}\n" + callOfM, "HX0520"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, d := range checkText(t, tt.text) {
				if d.Severity == diag.Error && !strings.Contains(got, string(d.Code)) {
					got = strings.TrimSpace(got + " " + string(d.Code))
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q\n%s\n%s", got, tt.want, tt.text, list(checkText(t, tt.text)))
			}
		})
	}
}

// TestMacroSaysWhatEveryCallHas: one fault in a body that three calls have is one
// finding at its text, with the calls.
func TestMacroSaysWhatEveryCallHas(t *testing.T) {
	text := "kind: Macro\nmetadata: {name: m}\nnodes:\n  - kind: data_node\n    metadata: {name: x}\n    spec: {output: {v: \"{{ before.n }}\"}}\n" +
		callOfM + "    - {kind: m, metadata: {name: two}}\n    - {kind: m, metadata: {name: three}}\n"
	var found []diag.Diagnostic
	for _, d := range checkText(t, text) {
		if d.Severity == diag.Error {
			found = append(found, d)
		}
	}
	if len(found) != 1 || found[0].Code != diag.OuterNode {
		t.Fatalf("got %s", list(found))
	}
	d := found[0]
	if line := d.Loc.File.Position(int(d.Loc.Span.Start)).Line; line != 6 {
		t.Errorf("the finding is on line %d, its text on line 6", line)
	}
	if len(d.Related) == 0 || d.Related[0].Message != "the macro is called here, and 2 more" {
		t.Errorf("related: %v", d.Related)
	}
}

// TestMacrosAreBounded: what would expand to a million nodes is one finding, soon.
func TestMacrosAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 6 {
		fmt.Fprintf(&b, "kind: Macro\nmetadata: {name: m%d}\nnodes:\n", i)
		for j := range 10 {
			if i < 5 {
				fmt.Fprintf(&b, "  - {kind: m%d, metadata: {name: c%d}}\n", i+1, j)
			} else {
				fmt.Fprintf(&b, "  - {kind: data_node, metadata: {name: c%d}, spec: {output: {n: 1}}}\n", j)
			}
		}
		b.WriteString("---\n")
	}
	b.WriteString("kind: Pipeline\nmetadata: {name: p}\nspec: {nodes: [{kind: m0, metadata: {name: x}}]}\n")
	errors := 0
	for _, d := range checkText(t, b.String()) {
		if d.Severity != diag.Error {
			continue
		}
		errors++
		if d.Code != diag.MacroTooLarge {
			t.Errorf("%s %s", d.Code, d.Message)
		}
	}
	if errors != 1 {
		t.Errorf("%d errors instead of one", errors)
	}
}

// TestMacroIdentities: nodes are known by instance path and local name, and carry
// the calls that they come from.
func TestMacroIdentities(t *testing.T) {
	text := "kind: Macro\nmetadata: {name: m}\nnodes:\n  - {kind: data_node, metadata: {name: \"{{name}}_x\"}, spec: {output: {v: 1}}}\n---\n" +
		"kind: Macro\nmetadata: {name: o}\nnodes:\n  - {kind: m, metadata: {name: in}}\n---\n" +
		"kind: Pipeline\nmetadata: {name: p}\nspec: {nodes: [{kind: o, metadata: {name: out}}]}\n"
	w, err := compile.New(compile.Options{Root: t.TempDir(), ReadFile: func(name string) ([]byte, error) {
		if name == "p.yaml" {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}})
	if err != nil {
		t.Fatal(err)
	}
	p, ds, err := w.Build("p.yaml", "")
	if err != nil || p == nil {
		t.Fatal(err, list(ds))
	}
	again, err := ir.Decode(ir.Encode(p))
	if err != nil {
		t.Fatal(err)
	}
	outer := again.Body.Nodes[0]
	inner := outer.Composite.Body.Nodes[0]
	leaf := inner.Composite.Body.Nodes[0]
	if leaf.ID != "out/in/x" || leaf.Name != "out_in_x" {
		t.Errorf("the leaf is %s, called %s", leaf.ID, leaf.Name)
	}
	var via []int
	for _, at := range leaf.Origin.Via {
		via = append(via, at.Line)
	}
	if fmt.Sprint(via) != "[13 9]" {
		t.Errorf("it comes through lines %v", via)
	}
	if n := again.Body.Nodes[1]; n.Export == nil || n.Name != "out_in" || again.Body.Nodes[2].Name != "out_in_x" {
		t.Errorf("beside the invocation stand %s and %s", again.Body.Nodes[1].Name, again.Body.Nodes[2].Name)
	}
}

// TestBuiltInMacros: the macros that the language brings along have no finding.
func TestBuiltInMacros(t *testing.T) {
	if ds := checkText(t, ast.BuiltInMacros().Text()); diag.HasErrors(ds) {
		t.Error(list(ds))
	}
}
