package compile_test

import (
	"sort"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
)

// TestHistoricalKindsAreRewritten applies the fix of every historical kind that
// has one: what comes out has no error any more.
func TestHistoricalKindsAreRewritten(t *testing.T) {
	for name, node := range map[string]string{
		"loop_node": `
    - kind: loop_node
      metadata: {name: n}
      spec:
        while_condition: state.done != true
        max_iterations: 3
        initial_state: {done: false}
        collect_mode: last
        body:
          - kind: data_node
            metadata: {name: inner}
            spec: {output: {x: 1}}
`,
		"loop": `
    - kind: core:loop
      metadata: {name: n}
      spec: {while_condition: "iteration < 2", body: myapp.step}
`,
		"conditional_node": `
    - kind: conditional_node
      metadata: {name: n}
      spec:
        branches:
          - {condition: "$input.x > 1", action: high}
        else_action: low
`,
		"tool_call_node": `
    - kind: tool_call_node
      metadata: {name: n}
      spec:
        tool_name: myapp.tools.search
        arguments: {query: $input.q}
`,
		"port_call_node": `
    - kind: port_call_node
      metadata: {name: n}
      spec: {port: orders, method: place, input_mapping: {id: $input.id}}
`,
		"prompt_node": `
    - kind: prompt_node
      metadata: {name: n}
      spec:
        template: "Summarise {{ text }}"
        system_prompt: Be brief
`,
	} {
		t.Run(name, func(t *testing.T) {
			text := "kind: Pipeline\nmetadata: {name: p}\nspec:\n  ports: {llm: {adapter: mock_llm}}\n  nodes:" + node
			var fix *diag.Fix
			for _, d := range checkText(t, text) {
				if d.Code == diag.HistoricalKind && len(d.Fixes) > 0 {
					fix = &d.Fixes[0]
				}
			}
			if fix == nil {
				t.Fatalf("there is no fix:\n%s", list(checkText(t, text)))
			}
			edits := append([]diag.Edit(nil), fix.Edits...)
			sort.Slice(edits, func(i, j int) bool { return edits[i].Loc.Span.Start > edits[j].Loc.Span.Start })
			for _, e := range edits {
				text = text[:e.Loc.Span.Start] + e.NewText + text[e.Loc.Span.End:]
			}
			for _, d := range checkText(t, text) {
				if d.Severity == diag.Error {
					t.Errorf("%s %s\n%s", d.Code, d.Message, text)
				}
			}
			if strings.Contains(text, name) {
				t.Errorf("the kind stands there still:\n%s", text)
			}
		})
	}
}
