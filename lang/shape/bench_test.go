package shape_test

import (
	"fmt"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// largeManifest has about nine lines a node.
func largeManifest(nodes int) string {
	var b strings.Builder
	b.WriteString("kind: Pipeline\nmetadata: {name: large}\nspec:\n  ports: {llm: {adapter: mock_llm}}\n  nodes:\n")
	for i := range nodes {
		fmt.Fprintf(&b, `    - kind: llm_node
      metadata: {name: node_%d}
      dependencies: [node_%d]
      spec:
        human_message: |
          Summarise {{ node_%d.text }}
          in three sentences.
        temperature: 0.5
        timeout: 30s
`, i, max(0, i-1), max(0, i-1))
	}
	return b.String()
}

func BenchmarkCheck(b *testing.B) {
	for _, nodes := range []int{1_000, 20_000} {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			text := largeManifest(nodes)
			tree := syntax.Parse(source.NewFile("large.yaml", []byte(text)), syntax.Budget{})
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				var ds diag.List
				shape.CheckDocument(tree, tree.Docs[0].Root, &ds)
				if ds.Len() > 0 {
					b.Fatal(ds.Items()[0].Message)
				}
			}
		})
	}
}
