package expr

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	yaml "go.yaml.in/yaml/v4"
)

// manifestDifferences are texts of manifests of the corpus that look like
// templates and are none, or not ours.
var manifestDifferences = map[string]string{
	"{{ lambda df: df['amount'] * 2 }}": "code for a foreign node; lambdas do not exist here",
	"${{MOCK_RESPONSE:default_val}}":    "an environment reference with braces doubled by the program it stood in",
}

// TestCorpusTemplates parses every text of the corpus's manifests that looks
// like a template: people wrote them, so they must be understood.
func TestCorpusTemplates(t *testing.T) {
	count, agree := 0, 0
	listed := map[string]bool{}
	for _, dir := range []string{"../../../shared/corpus/examples", "../../../shared/corpus/tests"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			dec := yaml.NewDecoder(bytes.NewReader(data))
			for {
				var n yaml.Node
				if dec.Decode(&n) != nil {
					return nil
				}
				var visit func(n *yaml.Node)
				visit = func(n *yaml.Node) {
					if n.Kind == yaml.ScalarNode && IsTemplate(n.Value) && n.Tag != "!py" {
						count++
						tree, ds := ParseTemplate(Text{Src: n.Value})
						switch {
						case len(ds) == 0:
							agree++
							again, ds := ParseTemplate(Text{Src: Print(tree)})
							if len(ds) > 0 || Print(again) != Print(tree) {
								t.Errorf("%s: %q prints as %q, which reads differently", path, n.Value, Print(tree))
							}
						case manifestDifferences[n.Value] != "":
							listed[n.Value] = true
						default:
							t.Errorf("%s:%d: %q: %s", path, n.Line, n.Value, ds[0].Message)
						}
					}
					for _, c := range n.Content {
						visit(c)
					}
				}
				visit(&n)
			}
		})
		if err != nil {
			t.Skipf("the corpus is not here: %v", err)
		}
	}
	for s := range manifestDifferences {
		if !listed[s] {
			t.Errorf("the table of differences has %q, which parses or is gone", s)
		}
	}
	t.Logf("%d templates, %d parse", count, agree)
}
