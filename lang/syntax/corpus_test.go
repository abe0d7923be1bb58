package syntax

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// long makes the corpus tests look at every prefix and every line, instead of a
// sample.
var long = flag.Bool("long", os.Getenv("HEXDAG_LONG_TESTS") != "", "check every prefix and every deleted line of the corpus")

type corpusFile struct {
	name, text string
}

// corpusFiles are all manifests of the corpus.
func corpusFiles(t testing.TB) []corpusFile {
	var files []corpusFile
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		text, err := os.ReadFile(path)
		files = append(files, corpusFile{strings.TrimPrefix(path, corpus+"/"), string(text)})
		return err
	})
	if err != nil {
		t.Skip("the corpus is not there:", err)
	}
	if len(files) < 500 {
		t.Fatalf("only %d files in the corpus", len(files))
	}
	return files
}

func TestCorpusHoldsInvariants(t *testing.T) {
	for _, f := range corpusFiles(t) {
		if _, err := checkTree([]byte(f.text), Budget{}); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
	for _, c := range suiteCases(t) {
		if _, err := checkTree([]byte(c.YAML), Budget{}); err != nil {
			t.Errorf("%s %s: %v\n%s", c.ID, c.Name, err, c.YAML)
		}
	}
}
