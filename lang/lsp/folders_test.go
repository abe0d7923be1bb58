package lsp

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFoldersComeAndGo: a folder that is added is checked as one of its own, and
// nothing stays of one that is taken away, but for what is open in it.
func TestFoldersComeAndGo(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	broken := strings.Replace(pipeline, "first.rows }", "first.rowz }", 1)
	for _, path := range []string{filepath.Join(first, "p.yaml"), filepath.Join(second, "closed.yaml"), filepath.Join(second, "open.yaml")} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(broken), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e := start(t)
	e.initialize(first)
	if found := e.published(uriOf(filepath.Join(first, "p.yaml")), -1); len(found) != 1 {
		t.Errorf("in the first folder: %+v", found)
	}
	folders := func(added, removed []any) {
		e.notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{"added": added, "removed": removed}})
	}
	folder := []any{map[string]any{"uri": uriOf(second), "name": "second"}}
	folders(folder, []any{})
	if found := e.published(uriOf(filepath.Join(second, "closed.yaml")), -1); len(found) != 1 {
		t.Errorf("in the folder that was added: %+v", found)
	}
	open := uriOf(filepath.Join(second, "open.yaml"))
	e.open(open, 7, broken)
	if found := e.published(open, 7); len(found) != 1 {
		t.Errorf("in the open file: %+v", found)
	}
	folders([]any{}, folder)
	if found := e.published(uriOf(filepath.Join(second, "closed.yaml")), -1); len(found) != 0 {
		t.Errorf("in the folder that was taken away: %+v", found)
	}
	// The open file is still known, in a folder of its own.
	e.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": open, "version": 8}, "contentChanges": []any{map[string]any{"text": pipeline}}})
	if found := e.published(open, 8); len(found) != 0 {
		t.Errorf("in the open file, mended: %+v", found)
	}
}

// TestOwnedFiles: a file belongs to the workspace's programs if it is a manifest
// or if one reads it.
func TestOwnedFiles(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"p.yaml":      strings.Replace(pipeline, "  output: {total", "  limits: !include limits.yaml\n  output: {total", 1),
		"limits.yaml": "max_llm_calls: 3\n", "nodes.yaml": "- kind: data_node\n  metadata: {name: x}\n  spec: {output: {y: 1}}\n",
		"compose.yaml": "services:\n  web: {image: nginx}\n",
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e := start(t)
	e.initialize(root)
	id := 10
	for name, want := range map[string]string{"p.yaml": "true", "limits.yaml": "true", "nodes.yaml": "true", "compose.yaml": "false", "missing.yaml": "false", "../p.yaml": "false"} {
		id++
		m := e.call(fmt.Sprint(id), "hexdag/owned", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uriOf(filepath.Join(root, name))))
		if m.Error != nil || string(m.Result) != want {
			t.Errorf("%s: %s, %+v; want %s", name, m.Result, m.Error, want)
		}
	}
}
