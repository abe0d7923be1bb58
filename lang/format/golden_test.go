package format

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestGolden formats the file `in` of each archive under testdata/golden and
// wants `out`. The archive's comment says what it shows.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var in, out string
			for _, f := range a.Files {
				switch f.Name {
				case "in":
					in = string(f.Data)
				case "out":
					out = string(f.Data)
				}
			}
			got := check(t, path, in)
			if *update {
				a.Files = []txtar.File{{Name: "in", Data: []byte(in)}, {Name: "out", Data: []byte(got)}}
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(out, got); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}
