package shape_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hexdag.dev/hexdag/internal/cputime"
)

// A file made to cost time costs time in proportion to its size.
func TestCostIsLinear(t *testing.T) {
	repeat := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
	head := "kind: Pipeline\nmetadata: {name: a}\nspec:\n"
	for name, make := range map[string]func(n int) string{
		"unknown keys": func(n int) string {
			return head + "  nodes: []\n" + repeat(n, func(i int) string { return fmt.Sprintf("  portz%d: {}\n", i) })
		},
		"unknown node kinds and macros": func(n int) string {
			return head + "  nodes:\n" + repeat(n, func(i int) string {
				return fmt.Sprintf("    - {kind: macro_%d_x, metadata: {name: n%d}}\n", i, i)
			}) + repeat(n/10, func(i int) string {
				return fmt.Sprintf("---\nkind: Macro\nmetadata: {name: macro_%d}\nnodes: []\n", i)
			})
		},
		"ports that fit no alternative": func(n int) string {
			return head + "  nodes: []\n  ports:\n" + repeat(n, func(i int) string {
				return fmt.Sprintf("    p%d: {adapter: mock_llm, middleware: [{a: {}, b: {}, c: {}}, 5, [x]]}\n", i)
			})
		},
		"one anchor, many aliases": func(n int) string {
			return "x-a: &a {adapter: mock_llm, confg: {}}\n" + head + "  nodes: []\n  ports:\n" + repeat(n/4, func(i int) string { return fmt.Sprintf("    p%d: *a\n", i) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			measure := func(n int) time.Duration {
				text := make(n)
				best := time.Hour
				for range 2 {
					best = min(best, cputime.Of(func() { check("stress.yaml", text) }))
				}
				return best
			}
			small, large := measure(1_000), measure(10_000)
			// ten times the size; the bound leaves room for a busy machine
			if large > 80*small && large > 2*time.Second {
				t.Errorf("1,000 take %v, 10,000 take %v", small, large)
			}
			t.Logf("1,000: %v, 10,000: %v", small, large)
		})
	}
}
