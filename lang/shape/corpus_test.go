package shape_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

const corpusDir = "../../../shared/corpus"

type corpusCase struct {
	File          string   `json:"file"`
	Expected      string   `json:"expected"`
	ExpectedError string   `json:"expected_error"`
	API           string   `json:"api"`
	Kinds         []string `json:"kinds"`
}

func readCorpus(t testing.TB, index string) []corpusCase {
	f, err := os.Open(filepath.Join(corpusDir, index))
	if err != nil {
		t.Skip("the corpus is not here")
	}
	defer f.Close()
	var out []corpusCase
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var c corpusCase
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

func checkFile(t testing.TB, name string) (*syntax.Tree, []diag.Diagnostic) {
	text, err := os.ReadFile(filepath.Join(corpusDir, name))
	if err != nil {
		t.Fatal(err)
	}
	tree := syntax.Parse(source.NewFile(name, text), syntax.Budget{})
	var ds diag.List
	for _, d := range tree.Docs {
		if d.Root != nil {
			shape.CheckDocument(tree, d.Root, &ds)
		}
	}
	return tree, ds.Items()
}

func TestScratch(t *testing.T) {
	mode := os.Getenv("SCRATCH")
	for _, idx := range []string{"tests/index.jsonl", "examples/index.jsonl"} {
		for _, c := range readCorpus(t, idx) {
			if mode == "valid" && c.Expected != "valid" || mode == "invalid" && c.Expected != "invalid" || mode == "unknown" && c.Expected != "unknown" || mode == "examples" && c.Expected != "" {
				continue
			}
			tree, ds := checkFile(t, c.File)
			if mode == "invalid" {
				fmt.Printf("== %s | %s (%d syntax)\n", c.File, c.ExpectedError, len(tree.Diags))
			}
			for _, d := range ds {
				if d.Severity != diag.Error && os.Getenv("ALL") == "" {
					continue
				}
				pos := tree.File.Position(int(d.Loc.Span.Start))
				fmt.Printf("%s:%d:%d %s %s %s | %s\n", c.File, pos.Line, pos.Column, d.Severity, d.Code, d.Message, d.Help)
			}
		}
	}
}
