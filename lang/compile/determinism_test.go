package compile_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
)

// copyTree copies a folder, so that a test can look at it from elsewhere.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// programs are the manifests below a folder that hold a program.
func programs(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".yaml") {
			return err
		}
		data, err := os.ReadFile(name)
		if err == nil && bytes.Contains(data, []byte("kind: Pipeline")) {
			out = append(out, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSameBytes builds every example twice, in different folders, in different
// orders and relative to different working directories: the programs are equal
// to the byte.
func TestSameBytes(t *testing.T) {
	build := func(root, cwd string, reverse bool) map[string][]byte {
		copyTree(t, "../../examples", root)
		w, err := compile.New(compile.Options{Root: root, Dir: cwd})
		if err != nil {
			t.Fatal(err)
		}
		files := programs(t, root)
		if reverse {
			slices.Reverse(files)
		}
		out := map[string][]byte{}
		for _, f := range files {
			p, ds, err := w.Build(f, "")
			if err != nil {
				t.Fatal(err)
			}
			if p == nil {
				t.Fatalf("%s does not build:\n%s", f, list(ds))
			}
			rel, err := filepath.Rel(root, f)
			if err != nil {
				t.Fatal(err)
			}
			out[rel] = ir.Encode(p)
		}
		return out
	}
	base := t.TempDir()
	a := build(filepath.Join(base, "a"), base, false)
	b := build(filepath.Join(base, "somewhere", "deeper", "b"), filepath.Join(base, "somewhere"), true)
	if len(a) == 0 || len(a) != len(b) {
		t.Fatalf("%d programs in one folder, %d in the other", len(a), len(b))
	}
	for name, data := range a {
		if !bytes.Equal(data, b[name]) {
			t.Errorf("%s: the program depends on where it is built", name)
		}
		if bytes.Contains(data, []byte(base)) {
			t.Errorf("%s: the program names a folder of this machine", name)
		}
	}
}

// TestExamplesAreClean checks every example without a single finding. What a
// pipeline that is checked alone lacks and its System has is a note.
func TestExamplesAreClean(t *testing.T) {
	w, err := compile.New(compile.Options{Root: "../../examples"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range programs(t, "../../examples") {
		ds, err := w.CheckFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range ds {
			if d.Severity != diag.Info {
				t.Errorf("%s: %s %s", f, d.Code, d.Message)
			}
		}
	}
}
