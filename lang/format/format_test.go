package format

import (
	"bufio"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

const corpus = "../../../shared/corpus"

// check formats text and wants the result to mean the same and to be stable. It
// returns "" for a text that has syntax errors.
func check(t *testing.T, name, text string) string {
	t.Helper()
	f := source.NewFile(name, []byte(text))
	tree := syntax.Parse(f, syntax.Budget{})
	got, findings, ok := Tree(tree)
	if diag.HasErrors(tree.Diags) {
		if ok || len(findings) == 0 || got != nil {
			t.Errorf("%s has syntax errors and was formatted all the same", name)
		}
		return ""
	}
	if !ok {
		t.Errorf("%s: %s\n%s", name, findings[0].Message, text)
		return ""
	}
	if at, what := difference(tree, syntax.Parse(source.NewFile(name, got), syntax.Budget{})); what != "" {
		t.Errorf("%s: %s at %v", name, what, at)
	}
	again, _, ok := File(source.NewFile(name, got))
	if !ok || string(again) != string(got) {
		t.Errorf("%s: formatting twice is not the same as once:\n%s", name, cmp.Diff(string(got), string(again)))
	}
	return string(got)
}

func TestCorpus(t *testing.T) {
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("the corpus is not there: ", err)
	}
	n, formatted := 0, 0
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") && !strings.HasSuffix(path, ".yml") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		if check(t, path, string(text)) != "" {
			formatted++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if formatted < 400 {
		t.Errorf("only %d of %d files could be formatted", formatted, n)
	}
}

// TestSuite formats the cases of the YAML test suite, which go into every corner
// of the syntax.
func TestSuite(t *testing.T) {
	f, err := os.Open(filepath.Join(corpus, "yaml-test-suite.jsonl"))
	if err != nil {
		t.Skip("the corpus is not there: ", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		var c struct{ ID, YAML string }
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if check(t, c.ID, c.YAML) != "" {
			n++
		}
	}
	if n < 250 {
		t.Errorf("only %d cases could be formatted", n)
	}
}

var update = flag.Bool("update", false, "rewrite the golden files")
