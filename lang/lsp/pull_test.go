package lsp

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPulledThroughAnInclude: an editor that asks is told of a mistake in an
// included file that only the manifest around it makes one, and that it is gone.
func TestPulledThroughAnInclude(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	part := "- kind: expression_node\n  metadata: {name: extra}\n  spec: {expressions: {n: first.rowz}}\n"
	for name, text := range map[string]string{
		"p.yaml": strings.Replace(pipeline, "    - kind: llm_node", "    - !include part.yaml\n    - kind: llm_node", 1), "part.yaml": part,
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	uri := uriOf(filepath.Join(root, "part.yaml"))
	e := start(t)
	e.call("1", "initialize", fmt.Sprintf(`{"rootUri":%q,"capabilities":{"workspace":{"diagnostics":{"refreshSupport":true}},"textDocument":{"diagnostic":{}}}}`, uriOf(root)))
	e.notify("initialized", struct{}{})
	type entry struct {
		URI, Kind, ResultID string
		Items               []diagnostic
	}
	id := 10
	workspace := func(previous string) *entry {
		t.Helper()
		id++
		var r struct{ Items []entry }
		m := e.call(fmt.Sprint(id), "workspace/diagnostic", `{"previousResultIds":`+previous+`}`)
		if err := json.Unmarshal(m.Result, &r); err != nil {
			t.Fatal(err, m.Error)
		}
		for i := range r.Items {
			if r.Items[i].URI == uri {
				return &r.Items[i]
			}
		}
		return nil
	}
	first := workspace(`[]`)
	if first == nil || len(first.Items) != 1 || first.Items[0].Code != "HX0414" || first.Items[0].Range.Start.Line != 2 {
		t.Fatalf("of the workspace: %+v", first)
	}
	known := fmt.Sprintf(`[{"uri":%q,"value":%q}]`, uri, first.ResultID)
	if again := workspace(known); again == nil || again.Kind != "unchanged" {
		t.Errorf("again: %+v", again)
	}
	e.open(uri, 1, part)
	var r entry
	if err := json.Unmarshal(e.request(2, "textDocument/diagnostic", uri, 0, 0, ""), &r); err != nil || len(r.Items) != 1 {
		t.Errorf("of the open file: %+v, %v", r, err)
	}
	e.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": uri, "version": 2},
		"contentChanges": []any{map[string]any{"text": strings.Replace(part, "rowz", "rows", 1)}}})
	if mended := workspace(known); mended == nil || mended.Kind != "full" || len(mended.Items) != 0 {
		t.Errorf("mended: %+v", mended)
	}
}
