package syntax

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"hexdag.dev/hexdag/lang/source"
)

// manifest is a pipeline of n nodes as people write them: some 22 lines each.
func manifest(n int) string {
	var b strings.Builder
	b.WriteString("apiVersion: hexdag/v1\nkind: Pipeline\nmetadata:\n  name: generated\n  description: A pipeline for measuring\nspec:\n  ports:\n    llm:\n      adapter: openai\n      config: {model: gpt-4o, temperature: 0.2}\n  nodes:\n")
	for i := range n {
		fmt.Fprintf(&b, `    # step %d
    - kind: llm_node
      metadata:
        name: step_%d
        annotations:
          description: "Analyse the text, and say \"why\""
      spec:
        prompt_template: |
          You are an analyst. Read the following text:

          {{ step_%d.result }}

          Answer in one sentence.
        output_schema:
          verdict: str
          score: float
          tags: [positive, negative, 'neutral']
        max_tokens: %d
        temperature: 0.7
        when: step_%d.score > 0.5 and not step_%d.skip
        dependencies: [step_%d]  # the one before
`, i, i, max(i-1, 0), 100+i, max(i-1, 0), max(i-1, 0), max(i-1, 0))
	}
	return b.String()
}

func benchmarkSizes(b *testing.B, run func(b *testing.B, text []byte)) {
	for _, nodes := range []int{8, 800} {
		text := []byte(manifest(nodes))
		b.Run(fmt.Sprintf("%dKB", len(text)/1000), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			run(b, text)
		})
	}
}

func BenchmarkParse(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, text []byte) {
		for b.Loop() {
			if t := Parse(source.NewFile("bench.yaml", text), Budget{}); len(t.Diags) > 0 {
				b.Fatal(t.Diags)
			}
		}
	})
}

// BenchmarkYAMLv4 decodes the same text into go.yaml.in/yaml/v4's tree.
func BenchmarkYAMLv4(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, text []byte) {
		for b.Loop() {
			var n yaml.Node
			if err := yaml.Unmarshal(text, &n); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkTokens(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, text []byte) {
		t := Parse(source.NewFile("bench.yaml", text), Budget{})
		for b.Loop() {
			for range t.Tokens() {
			}
		}
	})
}

func BenchmarkTextMap(b *testing.B) {
	t := Parse(source.NewFile("bench.yaml", []byte(manifest(8))), Budget{})
	n := t.Docs[0].Root.Get("spec").Get("nodes").Items[0].Get("spec").Get("prompt_template")
	b.ReportAllocs()
	for b.Loop() {
		t.TextMap(n)
	}
}
