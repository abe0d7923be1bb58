//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	processes = 50
	steps     = 40 // nodes of each process: half of them by includes, half by macros
	depth     = 5  // how deep the includes and the macros are
)

// step is a node of the System; it stands alone, so that the same text means the
// same in a pipeline, an included file and a macro.
func step(name string, n int) string {
	return fmt.Sprintf("- kind: expression_node\n  metadata: {name: %s}\n  dependencies: []\n  spec: {expressions: {value: \"$input.amount * %d + %d\"}}\n", name, n, n+1)
}

func indented(text, by string) string {
	return by + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+by) + "\n"
}

// writeSystems writes the same System twice: flat, with all nodes written out,
// and composed of includes and macros that are depth deep.
func writeSystems(flat, composed string) error {
	for _, dir := range []string{flat, composed} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		var b strings.Builder
		b.WriteString("kind: System\nmetadata: {name: large}\nspec:\n  processes:\n")
		for p := range processes {
			fmt.Fprintf(&b, "    p%02d: {exec: ./p%02d.yaml, input: {amount: %d}}\n", p, p, p)
			var nodes strings.Builder
			if dir == flat {
				for n := range steps {
					nodes.WriteString(indented(step(fmt.Sprintf("n%02d", n), n), "    "))
				}
			} else {
				nodes.WriteString("    - !include level1.yaml\n    - kind: macro_invocation\n      metadata: {name: m}\n      dependencies: []\n      spec: {macro: m1}\n")
			}
			text := fmt.Sprintf("kind: Pipeline\nmetadata: {name: p%02d}\nspec:\n  input_schema: {amount: int}\n", p)
			if dir == composed {
				text += "  imports: [macros.yaml]\n"
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("p%02d.yaml", p)), []byte(text+"  nodes:\n"+nodes.String()), 0o644); err != nil {
				return err
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "system.yaml"), []byte(b.String()), 0o644); err != nil {
			return err
		}
	}
	var macros strings.Builder
	for level := 1; level <= depth; level++ {
		var included, body strings.Builder
		for n := range steps / 2 / depth {
			text := step(fmt.Sprintf("l%d_%d", level, n), n)
			included.WriteString(text)
			body.WriteString(indented(text, "    "))
		}
		if level < depth {
			fmt.Fprintf(&included, "- !include level%d.yaml\n", level+1)
			fmt.Fprintf(&body, "    - kind: macro_invocation\n      metadata: {name: m%d}\n      dependencies: []\n      spec: {macro: m%d}\n", level+1, level+1)
		}
		fmt.Fprintf(&macros, "---\nkind: Macro\nmetadata: {name: m%d}\nspec:\n  nodes:\n%s", level, body.String())
		if err := os.WriteFile(filepath.Join(composed, fmt.Sprintf("level%d.yaml", level)), []byte(included.String()), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(composed, "macros.yaml"), []byte(macros.String()), 0o644)
}
