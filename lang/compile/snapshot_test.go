package compile

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// edited is a workspace that a test edits.
type edited struct {
	t   *testing.T
	dir string
	st  *Store
}

func newEdited(t *testing.T, files map[string]string) *edited {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e := &edited{t: t, dir: dir}
	for name, text := range files {
		e.write(name, text)
	}
	if e.st, err = NewStore(Options{Root: dir, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *edited) path(name string) string { return filepath.Join(e.dir, name) }

func (e *edited) write(name, text string) {
	e.t.Helper()
	if err := os.WriteFile(e.path(name), []byte(text), 0o644); err != nil {
		e.t.Fatal(err)
	}
}

func (e *edited) analyze(s *Snapshot, name string) *Analysis {
	e.t.Helper()
	a, err := s.Analyze(e.path(name))
	if err != nil {
		e.t.Fatal(err)
	}
	return a
}

const includer = "kind: Pipeline\nmetadata: {name: p}\nspec:\n  nodes:\n    - !include ./nodes.yaml\n"

func TestASnapshotDoesNotChange(t *testing.T) {
	e := newEdited(t, map[string]string{"a.yaml": "kind: Pipeline\nmetadata: {name: a}\nspec: {nodes: []}\n"})
	before := e.st.Snapshot()
	first := e.analyze(before, "a.yaml")
	e.st.SetOverlay(e.path("a.yaml"), []byte("kind: Pipeline\n"))
	after := e.st.Snapshot()
	if len(e.analyze(after, "a.yaml").Diags) == 0 {
		t.Error("the editor's text has no findings")
	}
	if again := e.analyze(before, "a.yaml"); len(again.Diags) != len(first.Diags) {
		t.Error("an old snapshot sees the new text")
	}
	e.st.DropOverlay(e.path("a.yaml"))
	if got := e.analyze(e.st.Snapshot(), "a.yaml"); len(got.Diags) != len(first.Diags) {
		t.Error("the editor's text is still there")
	}
}

func TestWhatDidNotChangeIsKept(t *testing.T) {
	e := newEdited(t, map[string]string{
		"a.yaml": includer, "b.yaml": "kind: Pipeline\nmetadata: {name: b}\nspec: {nodes: []}\n",
		"nodes.yaml": "- kind: data_node\n  metadata: {name: x}\n  spec: {output: {v: 1}}\n",
	})
	s := e.st.Snapshot()
	a, b := e.analyze(s, "a.yaml"), e.analyze(s, "b.yaml")
	if !slices.Contains(a.Reads, e.path("nodes.yaml")) {
		t.Errorf("a.yaml reads %v", a.Reads)
	}
	e.st.SetOverlay(e.path("nodes.yaml"), []byte("- kind: data_node\n  metadata: {name: y}\n  spec: {output: {v: 1}}\n"))
	s = e.st.Snapshot()
	if e.analyze(s, "a.yaml") == a {
		t.Error("what a file includes changed, and the file was not looked at again")
	}
	if e.analyze(s, "b.yaml") != b {
		t.Error("a file that nothing happened to was looked at again")
	}
	// A file that is written again with the same text is the same.
	b = e.analyze(s, "b.yaml")
	e.st.Changed(e.path("b.yaml"))
	if e.analyze(e.st.Snapshot(), "b.yaml") != b {
		t.Error("a file with the same text was looked at again")
	}
}

func TestAFileThatAppears(t *testing.T) {
	e := newEdited(t, map[string]string{"a.yaml": includer})
	if len(e.analyze(e.st.Snapshot(), "a.yaml").Diags) == 0 {
		t.Fatal("an include of nothing has no finding")
	}
	e.write("nodes.yaml", "- kind: data_node\n  metadata: {name: x}\n  spec: {output: {v: 1}}\n")
	e.st.Changed(e.path("nodes.yaml"))
	if ds := e.analyze(e.st.Snapshot(), "a.yaml").Diags; len(ds) != 0 {
		t.Errorf("%v", ds)
	}
	e.write("hexdag.yaml", "kind: Config\nspec: {caps: {deny: [llm]}}\n")
	e.st.Changed(e.path("hexdag.yaml"))
	s := e.st.Snapshot()
	if !slices.Contains(e.analyze(s, "a.yaml").Reads, e.path("hexdag.yaml")) {
		t.Error("the Config that appeared is not read")
	}
	if got := s.Manifests(); len(got) != 2 {
		t.Errorf("manifests %v", got)
	}
}

func TestAnEditThatIsOnlyTried(t *testing.T) {
	e := newEdited(t, map[string]string{"a.yaml": "kind: Pipeline\nmetadata: {name: a}\nspec: {nodes: []}\n"})
	s := e.st.Snapshot()
	kept := e.analyze(s, "a.yaml")
	tried := s.With(map[string][]byte{e.path("a.yaml"): []byte("kind: Pipeline\n")})
	if len(e.analyze(tried, "a.yaml").Diags) == 0 {
		t.Error("the tried text has no findings")
	}
	if e.analyze(e.st.Snapshot(), "a.yaml") != kept {
		t.Error("trying changed what is kept")
	}
}
