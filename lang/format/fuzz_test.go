package format

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// FuzzTree wants every valid text formatted without a change of its meaning, and
// the same text when it is formatted again.
func FuzzTree(f *testing.F) {
	paths, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(a.Files[0].Data))
	}
	f.Add("a: |\n  x")
	f.Add("\ufeffa: 1\r\nb:\r- c # d\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 {
			return // longer texts have no other faults and take longer
		}
		tree := syntax.Parse(source.NewFile("f", []byte(text)), syntax.Budget{})
		got, findings, ok := Tree(tree)
		if !ok {
			if !diag.HasErrors(tree.Diags) {
				p := newPrinter(tree)
				p.stream()
				t.Fatalf("%s\n%q\n%s", findings[0].Message, text, p.String())
			}
			return
		}
		again, findings, ok := File(source.NewFile("f", got))
		if !ok {
			t.Fatalf("the result can't be formatted: %s\n%q\n%s", findings[0].Message, text, got)
		}
		if string(again) != string(got) {
			t.Fatalf("not stable\n%q\n%s\n--\n%s", text, got, again)
		}
	})
}
