package lsp

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const pipeline = `kind: Pipeline
metadata:
  name: p
spec:
  ports: {llm: {adapter: mock_llm}}
  nodes:
    - kind: data_node
      metadata: {name: first}
      spec: {output: {rows: [1], name: "😀"}}
    - kind: llm_node
      metadata: {name: ask}
      spec:
        human_message: "😀 {{ first.name | upper }} and {{ first.rows }}"
    - kind: expression_node
      metadata: {name: last}
      spec:
        expressions:
          total: round(len(ask), 2)
  output: {total: last.total}
`

// request sends a request about a place of a document and decodes the answer.
func (e *editor) request(id int, method, uri string, line, column int, extra string) json.RawMessage {
	e.t.Helper()
	if extra != "" {
		extra = "," + extra
	}
	m := e.call(fmt.Sprint(id), method, fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":%d,"character":%d}%s}`, uri, line, column, extra))
	if m.Error != nil {
		e.t.Errorf("%s: %+v", method, *m.Error)
	}
	return m.Result
}

// everything is each request about a document, with the parameters that it needs
// beside its place.
var everything = map[string]string{
	"textDocument/completion": "", "textDocument/hover": "", "textDocument/signatureHelp": "", "textDocument/definition": "",
	"textDocument/declaration": "", "textDocument/references": `"context":{"includeDeclaration":true}`, "textDocument/documentHighlight": "", "textDocument/linkedEditingRange": "",
	"textDocument/documentSymbol": "", "textDocument/documentLink": "", "textDocument/foldingRange": "",
	"textDocument/selectionRange":      `"positions":[{"line":3,"character":2},{"line":900,"character":900}]`,
	"textDocument/codeAction":          `"range":{"start":{"line":0,"character":0},"end":{"line":99,"character":0}},"context":{"diagnostics":[]}`,
	"textDocument/codeLens":            "",
	"textDocument/inlayHint":           `"range":{"start":{"line":0,"character":0},"end":{"line":99,"character":0}}`,
	"textDocument/semanticTokens/full": "", "textDocument/semanticTokens/range": `"range":{"start":{"line":0,"character":0},"end":{"line":9,"character":0}}`,
	"textDocument/formatting":           `"options":{"tabSize":2,"insertSpaces":true}`,
	"textDocument/rangeFormatting":      `"options":{"tabSize":2,"insertSpaces":true},"range":{"start":{"line":1,"character":0},"end":{"line":4,"character":0}}`,
	"textDocument/onTypeFormatting":     `"options":{"tabSize":2,"insertSpaces":true},"ch":"\n"`,
	"textDocument/prepareCallHierarchy": "", "textDocument/diagnostic": "",
}

// TestEveryRequestOnHalfTypedDocuments sends each request against the document
// cut off at several places, and at places that are not there.
func TestEveryRequestOnHalfTypedDocuments(t *testing.T) {
	root := t.TempDir()
	e := start(t)
	e.initialize(root)
	uri := uriOf(filepath.Join(root, "p.yaml"))
	id := 10
	lines := strings.Count(pipeline, "\n")
	for cut := 0; cut < len(pipeline); cut += 67 {
		if cut == 0 {
			e.open(uri, 1, "")
		} else {
			e.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": uri, "version": cut + 1},
				"contentChanges": []any{map[string]any{"text": pipeline[:cut]}}})
		}
		for method, extra := range everything {
			for _, at := range [][2]int{{strings.Count(pipeline[:cut], "\n"), 5}, {lines + 50, 70}} {
				id++
				e.request(id, method, uri, at[0], at[1], extra)
			}
		}
	}
}

func TestNavigation(t *testing.T) {
	root := t.TempDir()
	e := start(t)
	e.initialize(root)
	uri := uriOf(filepath.Join(root, "p.yaml"))
	e.open(uri, 1, pipeline)
	// Behind an astral character the editor's columns are UTF-16 units.
	column := len(`        human_message: "xx {{ fi`)
	if got := string(e.request(2, "textDocument/definition", uri, 12, column, "")); !strings.Contains(got, `"start":{"line":7,"character":23}`) {
		t.Errorf("definition: %s", got)
	}
	if got := string(e.request(3, "textDocument/hover", uri, 12, column, "")); !strings.Contains(got, "first") || !strings.Contains(got, `"character":30`) {
		t.Errorf("hover: %s", got)
	}
	if got := string(e.request(4, "textDocument/references", uri, 12, column, `"context":{"includeDeclaration":false}`)); strings.Count(got, "range") != 2 {
		t.Errorf("references: %s", got)
	}
	got := string(e.request(5, "textDocument/rename", uri, 12, column, `"newName":"start"`))
	if strings.Count(got, `"newText":"start"`) != 3 {
		t.Errorf("rename: %s", got)
	}
	m := e.call("6", "textDocument/rename", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":12,"character":%d},"newName":"ask"}`, uri, column))
	if m.Error == nil || m.Error.Code != codeRequestFailed || !strings.Contains(m.Error.Message, "duplicate node name") {
		t.Errorf("a rename that collides: %+v", m.Error)
	}
	if got := string(e.request(7, "textDocument/completion", uri, 12, len(`        human_message: "xx {{ first.`), "")); !strings.Contains(got, `"label":"rows"`) {
		t.Errorf("completion: %s", got)
	}
	m = e.call("8", "workspace/symbol", `{"query":"lst"}`)
	if !strings.Contains(string(m.Result), `"last"`) {
		t.Errorf("symbols: %s", m.Result)
	}
}

// TestFilesThatAreNotOpen: the workspace's manifests are checked, too, and
// checked again when an editor says that they changed.
func TestFilesThatAreNotOpen(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, "closed.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.Replace(pipeline, "first.rows }", "frist.rows }", 1) + "  nonsense: 1\n")
	e := start(t)
	e.initialize(root)
	if found := e.published(uriOf(path), -1); len(found) == 0 {
		t.Error("nothing was found in a file that is not open")
	}
	write(pipeline)
	e.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": uriOf(path), "type": 2}}})
	if found := e.published(uriOf(path), -1); len(found) != 0 {
		t.Errorf("after the change: %+v", found)
	}
}

// TestAConfigIsPartOfItsFiles: an edit of the Config is seen by a pipeline that
// did not change.
func TestAConfigIsPartOfItsFiles(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e := start(t)
	e.initialize(root)
	p, c := uriOf(filepath.Join(root, "p.yaml")), uriOf(filepath.Join(root, "hexdag.yaml"))
	e.open(p, 1, pipeline)
	if found := e.published(p, 1); len(found) != 0 {
		t.Errorf("%+v", found)
	}
	e.open(c, 1, "kind: Config\nspec:\n  caps: {deny: [llm]}\n")
	found := e.published(p, 1)
	if len(found) != 1 || !strings.Contains(found[0].Message, "llm") {
		t.Errorf("after the Config denied it: %+v", found)
	}
	e.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": c}})
	if found := e.published(p, 1); len(found) != 0 {
		t.Errorf("without the Config: %+v", found)
	}
}

// TestPulledDiagnostics: an editor that asks for diagnostics gets none unasked,
// and learns that nothing changed.
func TestPulledDiagnostics(t *testing.T) {
	root := t.TempDir()
	e := start(t)
	m := e.call("1", "initialize", fmt.Sprintf(`{"rootUri":%q,"capabilities":{"workspace":{"diagnostics":{"refreshSupport":true}},"textDocument":{"diagnostic":{}}}}`, uriOf(root)))
	if !strings.Contains(string(m.Result), `"diagnosticProvider"`) {
		t.Errorf("%s", m.Result)
	}
	e.notify("initialized", struct{}{})
	uri := uriOf(filepath.Join(root, "p.yaml"))
	e.open(uri, 1, strings.Replace(pipeline, "first.rows }", "first.rowz }", 1))
	var r struct {
		Kind, ResultID string
		Items          []diagnostic
	}
	if err := json.Unmarshal(e.request(2, "textDocument/diagnostic", uri, 0, 0, ""), &r); err != nil {
		t.Fatal(err)
	}
	if r.Kind != "full" || len(r.Items) != 1 {
		t.Errorf("%+v", r)
	}
	again := string(e.request(3, "textDocument/diagnostic", uri, 0, 0, fmt.Sprintf(`"previousResultId":%q`, r.ResultID)))
	if !strings.Contains(again, `"unchanged"`) {
		t.Errorf("%s", again)
	}
	for _, n := range e.notes {
		if n.Method == "textDocument/publishDiagnostics" {
			t.Errorf("diagnostics came unasked: %s", n.Params)
		}
	}
}

// TestCallHierarchy follows a System to its pipeline and back.
func TestCallHierarchy(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "p.yaml"), []byte(pipeline), 0o644); err != nil {
		t.Fatal(err)
	}
	e := start(t)
	e.initialize(root)
	uri := uriOf(filepath.Join(root, "s.yaml"))
	e.open(uri, 1, "kind: System\nmetadata: {name: s}\nspec:\n  processes:\n    one: {exec: ./p.yaml}\n")
	var items []json.RawMessage
	if err := json.Unmarshal(e.request(2, "textDocument/prepareCallHierarchy", uri, 0, 0, ""), &items); err != nil || len(items) != 1 {
		t.Fatalf("%v %s", err, items)
	}
	out := e.call("3", "callHierarchy/outgoingCalls", fmt.Sprintf(`{"item":%s}`, items[0]))
	var calls []struct{ To json.RawMessage }
	if err := json.Unmarshal(out.Result, &calls); err != nil || len(calls) != 1 {
		t.Fatalf("%v %s", err, out.Result)
	}
	in := e.call("4", "callHierarchy/incomingCalls", fmt.Sprintf(`{"item":%s}`, calls[0].To))
	if !strings.Contains(string(in.Result), `"name":"s"`) {
		t.Errorf("%s %+v", in.Result, in.Error)
	}
}

// TestMovedFiles: paths follow a file that is renamed.
func TestMovedFiles(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "p.yaml"), []byte(pipeline), 0o644); err != nil {
		t.Fatal(err)
	}
	e := start(t)
	e.initialize(root)
	e.open(uriOf(filepath.Join(root, "s.yaml")), 1, "kind: System\nmetadata: {name: s}\nspec:\n  processes:\n    one: {exec: ./p.yaml}\n")
	m := e.call("2", "workspace/willRenameFiles", fmt.Sprintf(`{"files":[{"oldUri":%q,"newUri":%q}]}`, uriOf(filepath.Join(root, "p.yaml")), uriOf(filepath.Join(root, "sub", "q.yaml"))))
	if !strings.Contains(string(m.Result), `"newText":"./sub/q.yaml"`) {
		t.Errorf("%s %+v", m.Result, m.Error)
	}
}

func TestOldVersionsAreRefused(t *testing.T) {
	e := start(t)
	e.initialize(t.TempDir())
	e.open("untitled:1", 5, "a: 1\n")
	change := func(version int, text string) {
		e.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": "untitled:1", "version": version},
			"contentChanges": []any{map[string]any{"text": text}}})
	}
	change(6, "b:   1\n")
	change(4, "c:   1\n")
	if got := string(e.request(2, "textDocument/formatting", "untitled:1", 0, 0, `"options":{}`)); !strings.Contains(got, "b: 1") {
		t.Errorf("%s", got)
	}
}

// TestProgramRequests: the graph of a program with the places of its nodes, and
// what is known about a node.
func TestProgramRequests(t *testing.T) {
	root := t.TempDir()
	e := start(t)
	e.initialize(root)
	uri := uriOf(filepath.Join(root, "p.yaml"))
	e.open(uri, 1, pipeline)
	var g graphAnswer
	m := e.call("2", "hexdag/graph", fmt.Sprintf(`{"textDocument":{"uri":%q},"name":"p"}`, uri))
	if err := json.Unmarshal(m.Result, &g); err != nil || g.Name != "p" || len(g.Nodes) != 3 || g.Nodes[1].Range.Start.Line != 10 || !strings.Contains(g.SVG, `data-node="ask"`) {
		t.Errorf("%v %s %+v", err, m.Result, m.Error)
	}
	m = e.call("3", "hexdag/explain", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":12,"character":3}}`, uri))
	if !strings.Contains(string(m.Result), "ask") || strings.Contains(string(m.Result), "last.total") {
		t.Errorf("%s %+v", m.Result, m.Error)
	}
	if m = e.call("4", "hexdag/graph", fmt.Sprintf(`{"textDocument":{"uri":%q},"name":"other"}`, uri)); string(m.Result) != "null" {
		t.Errorf("no such program: %s", m.Result)
	}
}

// TestParallelRequests sends requests without waiting for answers, with edits
// and cancellations between them: each is answered once, and about the version
// that was there when it was sent.
func TestParallelRequests(t *testing.T) {
	root := t.TempDir()
	e := start(t)
	e.initialize(root)
	uri := uriOf(filepath.Join(root, "p.yaml"))
	e.open(uri, 1, pipeline)
	const rounds = 60
	want := map[string]int{}
	go func() {
		for i := range rounds {
			text := strings.Repeat("\n", i) + pipeline
			e.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": uri, "version": i + 2},
				"contentChanges": []any{map[string]any{"text": text}}})
			e.message(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"textDocument/definition","params":{"textDocument":{"uri":%q},"position":{"line":%d,"character":31}}}`, 100+i, uri, 12+i))
			if i%3 == 0 {
				e.message(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"workspace/symbol","params":{"query":""}}`, 1000+i))
				e.notify("$/cancelRequest", map[string]any{"id": 1000 + i})
			}
		}
	}()
	for len(want) < rounds+rounds/3 {
		m := e.read()
		if m.Method != "" {
			continue
		}
		want[string(m.ID)]++
		var id int
		if err := json.Unmarshal(m.ID, &id); err != nil {
			t.Fatal(err)
		}
		switch {
		case id >= 1000:
			if m.Error != nil && m.Error.Code != codeCancelled {
				t.Errorf("%d: %+v", id, *m.Error)
			}
		case m.Error != nil:
			t.Errorf("%d: %+v", id, *m.Error)
		case !strings.Contains(string(m.Result), fmt.Sprintf(`"start":{"line":%d,"character":23}`, 7+id-100)):
			t.Errorf("%d: %s", id, m.Result)
		}
	}
	for id, n := range want {
		if n != 1 {
			t.Errorf("%s was answered %d times", id, n)
		}
	}
}

// TestFoldersOfAWorkspace: each folder has its own Config; folders come and go.
func TestFoldersOfAWorkspace(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	for _, d := range []string{one, two} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(two, "hexdag.yaml"), []byte("kind: Config\nspec:\n  caps: {deny: [llm]}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	e := start(t)
	e.call("1", "initialize", fmt.Sprintf(`{"workspaceFolders":[{"uri":%q,"name":"one"}],"capabilities":{}}`, uriOf(one)))
	e.notify("initialized", struct{}{})
	a, b := uriOf(filepath.Join(one, "p.yaml")), uriOf(filepath.Join(two, "p.yaml"))
	e.open(a, 1, pipeline)
	if found := e.published(a, 1); len(found) != 0 {
		t.Errorf("%+v", found)
	}
	e.notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{"added": []any{map[string]any{"uri": uriOf(two), "name": "two"}}, "removed": []any{}}})
	e.open(b, 1, pipeline)
	if found := e.published(b, 1); len(found) != 1 {
		t.Errorf("the Config of the second folder: %+v", found)
	}
}
