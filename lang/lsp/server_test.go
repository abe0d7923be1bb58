package lsp

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain makes the test program a language server if it is asked to: a real
// editor needs a process.
func TestMain(m *testing.M) {
	if os.Getenv("HEXDAG_LSP_SERVE") != "" {
		os.Exit(Serve(context.Background(), os.Stdin, os.Stdout, Options{Version: "test", Log: os.Stderr}))
	}
	goleak.VerifyTestMain(m)
}

// editor is the other side of a session.
type editor struct {
	t      *testing.T
	in     *io.PipeWriter
	out    *bufio.Reader
	status chan int
	log    *strings.Builder
	// notes are notifications that came while an answer was waited for.
	notes []message
}

type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func start(t *testing.T) *editor {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	e := &editor{t: t, in: inW, out: bufio.NewReader(outR), status: make(chan int, 1), log: &strings.Builder{}}
	go func() {
		e.status <- Serve(context.Background(), inR, outW, Options{Version: "1.2.3", Log: e.log})
		outW.Close()
	}()
	t.Cleanup(func() {
		inW.Close()
		go io.Copy(io.Discard, outR)
		select {
		case <-e.status:
		case <-time.After(10 * time.Second):
			t.Error("the server did not end")
		}
	})
	return e
}

// raw sends bytes as they are, message a body with its header.
func (e *editor) raw(text string) {
	if _, err := io.WriteString(e.in, text); err != nil {
		e.t.Fatal(err)
	}
}

func (e *editor) message(body string) {
	e.raw(fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body))
}

func (e *editor) notify(method string, params any) {
	text, err := json.Marshal(params)
	if err != nil {
		e.t.Fatal(err)
	}
	e.message(fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":%s}`, method, text))
}

func (e *editor) read() message {
	e.t.Helper()
	type result struct {
		m   message
		err error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		length := 0
		for {
			line, err := e.out.ReadString('\n')
			if err != nil {
				r.err = err
				break
			}
			if line = strings.TrimSpace(line); line == "" {
				body := make([]byte, length)
				if _, r.err = io.ReadFull(e.out, body); r.err == nil {
					r.err = json.Unmarshal(body, &r.m)
				}
				break
			}
			fmt.Sscanf(line, "Content-Length: %d", &length)
		}
		done <- r
	}()
	select {
	case r := <-done:
		if r.err != nil {
			e.t.Fatal(r.err)
		}
		return r.m
	case <-time.After(10 * time.Second):
		e.t.Fatal("no message came")
		panic("unreachable")
	}
}

// call sends a request and waits for its answer.
func (e *editor) call(id, method, params string) message {
	e.t.Helper()
	if params != "" {
		params = `,"params":` + params
	}
	e.message(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q%s}`, id, method, params))
	for {
		m := e.read()
		if m.Method == "" {
			if string(m.ID) != id {
				e.t.Fatalf("an answer to %s, not %s", m.ID, id)
			}
			return m
		}
		e.notes = append(e.notes, m)
	}
}

// published waits for the next diagnostics of a document at a version.
func (e *editor) published(uri string, version int) []diagnostic {
	e.t.Helper()
	for {
		var m message
		if len(e.notes) > 0 {
			m, e.notes = e.notes[0], e.notes[1:]
		} else {
			m = e.read()
		}
		var p struct {
			URI         string       `json:"uri"`
			Version     *int         `json:"version"`
			Diagnostics []diagnostic `json:"diagnostics"`
		}
		if err := json.Unmarshal(m.Params, &p); err != nil {
			e.t.Fatal(err)
		}
		if m.Method == "textDocument/publishDiagnostics" && p.URI == uri && (version < 0 || p.Version != nil && *p.Version == version) {
			return p.Diagnostics
		}
	}
}

type diagnostic struct {
	Range struct {
		Start, End struct{ Line, Character int }
	}
	Severity int
	Code     string
	Source   string
	Message  string
}

func (e *editor) initialize(root string) {
	e.t.Helper()
	m := e.call("1", "initialize", fmt.Sprintf(`{"processId":null,"rootUri":%q,"capabilities":{}}`, uriOf(root)))
	if m.Error != nil {
		e.t.Fatal(m.Error)
	}
	e.notify("initialized", struct{}{})
}

func (e *editor) open(uri string, version int, text string) {
	e.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uri, "languageId": "yaml", "version": version, "text": text}})
}

func (e *editor) end() int {
	e.t.Helper()
	select {
	case s := <-e.status:
		e.status <- s
		return s
	case <-time.After(10 * time.Second):
		e.t.Fatal("the server did not end")
		return -1
	}
}

func TestHandshake(t *testing.T) {
	e := start(t)
	m := e.call("1", "initialize", `{"processId":null,"rootUri":null,"capabilities":{}}`)
	var r struct {
		Capabilities struct {
			TextDocumentSync struct {
				OpenClose bool `json:"openClose"`
				Change    int  `json:"change"`
			} `json:"textDocumentSync"`
			DocumentFormattingProvider bool `json:"documentFormattingProvider"`
		} `json:"capabilities"`
		ServerInfo struct{ Name, Version string } `json:"serverInfo"`
	}
	if err := json.Unmarshal(m.Result, &r); err != nil {
		t.Fatal(err)
	}
	if !r.Capabilities.TextDocumentSync.OpenClose || r.Capabilities.TextDocumentSync.Change != 2 || !r.Capabilities.DocumentFormattingProvider {
		t.Errorf("capabilities %s", m.Result)
	}
	if r.ServerInfo.Name != "hexdag-lsp" || r.ServerInfo.Version != "1.2.3" {
		t.Errorf("%+v", r.ServerInfo)
	}
	e.notify("initialized", struct{}{})
	if m := e.call("2", "shutdown", ""); m.Error != nil || string(m.Result) != "null" {
		t.Errorf("%+v", m)
	}
	e.message(`{"jsonrpc":"2.0","method":"exit"}`)
	if s := e.end(); s != 0 {
		t.Errorf("status %d", s)
	}
}

func TestExitWithoutShutdownFails(t *testing.T) {
	e := start(t)
	e.initialize(t.TempDir())
	e.message(`{"jsonrpc":"2.0","method":"exit"}`)
	if s := e.end(); s != 1 {
		t.Errorf("status %d", s)
	}
}

func TestAnEndOfInputFails(t *testing.T) {
	e := start(t)
	e.initialize(t.TempDir())
	e.in.Close()
	if s := e.end(); s != 1 {
		t.Errorf("status %d", s)
	}
}

func TestRequestsAtTheWrongTime(t *testing.T) {
	e := start(t)
	if m := e.call("1", "textDocument/formatting", `{}`); m.Error == nil || m.Error.Code != -32002 {
		t.Errorf("before the handshake: %+v", m.Error)
	}
	e.initialize(t.TempDir())
	if m := e.call("2", "initialize", `{"capabilities":{}}`); m.Error == nil || m.Error.Code != -32600 {
		t.Errorf("a second handshake: %+v", m.Error)
	}
	if m := e.call("3", "textDocument/nonsense", `{}`); m.Error == nil || m.Error.Code != -32601 {
		t.Errorf("an unknown method: %+v", m.Error)
	}
	if m := e.call("4", "textDocument/formatting", `{"textDocument": 5}`); m.Error == nil || m.Error.Code != -32602 {
		t.Errorf("bad parameters: %+v", m.Error)
	}
	if m := e.call("5", "textDocument/formatting", ""); m.Error == nil || m.Error.Code != -32602 {
		t.Errorf("no parameters: %+v", m.Error)
	}
	if m := e.call("6", "textDocument/formatting", `{"textDocument":{"uri":"file:///nowhere.yaml"},"options":{}}`); m.Error == nil || m.Error.Code != -32602 {
		t.Errorf("a document that is not open: %+v", m.Error)
	}
	e.notify("$/unknown", struct{}{})
	e.notify("textDocument/unknown", struct{}{})
	e.notify("$/cancelRequest", map[string]any{"id": 99})
	e.call("7", "shutdown", "")
	if m := e.call("8", "textDocument/formatting", `{}`); m.Error == nil || m.Error.Code != -32600 {
		t.Errorf("after the shutdown: %+v", m.Error)
	}
}

func TestBadMessagesDoNotEndTheSession(t *testing.T) {
	e := start(t)
	e.initialize(t.TempDir())
	for body, code := range map[string]int{`{"jsonrpc":`: -32700, `not json`: -32700, `[1]`: -32600, `"text"`: -32600} {
		e.message(body)
		if m := e.read(); m.Error == nil || m.Error.Code != code || string(m.ID) != "null" {
			t.Errorf("%s: %+v", body, m)
		}
	}
	if m := e.call(`"a string"`, "shutdown", ""); m.Error != nil {
		t.Error(m.Error)
	}
}

func TestBadHeadersEndTheSession(t *testing.T) {
	for _, header := range []string{
		"Content-Length: x\r\n\r\n", "Content-Length: -1\r\n\r\n", "Content-Length: 99999999999999999999\r\n\r\n",
		"Content-Length: 999999999\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\r\n", strings.Repeat("x", 20000),
	} {
		e := start(t)
		go io.WriteString(e.in, header)
		if s := e.end(); s != 1 {
			t.Errorf("%.30q: status %d", header, s)
		}
	}
}

func TestSyntaxIsChecked(t *testing.T) {
	root := t.TempDir()
	e := start(t)
	e.initialize(root)
	uri := uriOf(filepath.Join(root, "ä b.yaml"))
	e.open(uri, 1, "kind: Pipeline\n名😀: [1, 2\n")
	var syntax []diagnostic
	for _, d := range e.published(uri, 1) {
		if strings.HasPrefix(d.Code, "HX01") {
			syntax = append(syntax, d)
		}
	}
	if len(syntax) != 1 {
		t.Fatalf("%+v", syntax)
	}
	d := syntax[0]
	if d.Source != "hexc" || d.Severity != 1 || d.Range.Start.Line != 1 || d.Range.Start.Character != 5 {
		t.Errorf("%+v", d)
	}
	// The editor counts in UTF-16 units: the bracket is closed behind the 2.
	e.notify("textDocument/didChange", map[string]any{
		"textDocument": map[string]any{"uri": uri, "version": 2},
		"contentChanges": []any{
			map[string]any{"range": span(1, 10, 1, 10), "text": "]"},
			map[string]any{"range": span(1, 0, 1, 3), "text": "# x\nname"},
		},
	})
	for _, d := range e.published(uri, 2) {
		if strings.HasPrefix(d.Code, "HX01") {
			t.Errorf("%+v", d)
		}
	}
	e.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uri}})
	if found := e.published(uri, -1); len(found) != 0 {
		t.Errorf("after closing: %+v", found)
	}
}

func span(line, column, endLine, endColumn int) any {
	return map[string]any{"start": map[string]any{"line": line, "character": column}, "end": map[string]any{"line": endLine, "character": endColumn}}
}

func TestAFragmentIsOnlyCheckedForItsSyntax(t *testing.T) {
	e := start(t)
	e.initialize(t.TempDir())
	for _, uri := range []string{"untitled:Untitled-1", uriOf("/nowhere/fragment.yaml")} {
		e.open(uri, 1, "- kind: nothing_that_exists\n")
		if found := e.published(uri, 1); len(found) != 0 {
			t.Errorf("%s: %+v", uri, found)
		}
	}
}

func TestFormatting(t *testing.T) {
	e := start(t)
	e.initialize(t.TempDir())
	request := func(id, uri string) message {
		return e.call(id, "textDocument/formatting", fmt.Sprintf(`{"textDocument":{"uri":%q},"options":{"tabSize":2,"insertSpaces":true}}`, uri))
	}
	e.open("untitled:1", 1, "a: 1\nb:   [ 1,2 ]\nc: 3\n")
	m := request("2", "untitled:1")
	want := `[{"range":{"start":{"line":1,"character":0},"end":{"line":2,"character":0}},"newText":"b: [1, 2]\n"}]`
	if string(m.Result) != want {
		t.Errorf("%s", m.Result)
	}
	e.open("untitled:2", 1, "a: 1\n")
	if m := request("3", "untitled:2"); string(m.Result) != "null" {
		t.Errorf("nothing to change: %s", m.Result)
	}
	e.open("untitled:3", 1, "a: [\n")
	if m := request("4", "untitled:3"); string(m.Result) != "null" || m.Error != nil {
		t.Errorf("a syntax error: %s", m.Result)
	}
}

func TestFixesAreOffered(t *testing.T) {
	e := start(t)
	e.initialize(t.TempDir())
	e.open("untitled:1", 1, "a: {{ x }}\n")
	m := e.call("2", "textDocument/codeAction", `{"textDocument":{"uri":"untitled:1"},"range":{"start":{"line":0,"character":4},"end":{"line":0,"character":4}},"context":{"diagnostics":[]}}`)
	if !strings.Contains(string(m.Result), `"newText":"\"{{ x }}\""`) {
		t.Errorf("%s", m.Result)
	}
	m = e.call("3", "textDocument/codeAction", `{"textDocument":{"uri":"untitled:1"},"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":0}},"context":{"diagnostics":[]}}`)
	if string(m.Result) != "[]" {
		t.Errorf("%s", m.Result)
	}
}

// TestAPanicIsOneAnswer replaces a method by one that fails.
func TestAPanicIsOneAnswer(t *testing.T) {
	s := &Server{log: newLog(io.Discard)}
	_, err := s.guard(context.Background(), "x", func(context.Context, json.RawMessage) (any, error) { panic("boom") }, nil)
	if err == nil || strings.Contains(err.Error(), "boom") {
		t.Errorf("%v", err)
	}
}

func TestURIs(t *testing.T) {
	if os.PathSeparator != '/' {
		t.Skip("paths of another system")
	}
	for _, path := range []string{"/a/b.yaml", "/a b/ü#?%.yaml"} {
		got, err := pathOf(uriOf(path))
		if err != nil || got != path {
			t.Errorf("%q: %q, %v", path, got, err)
		}
	}
	if _, err := pathOf("untitled:1"); err == nil {
		t.Error("a URI without a file has a path")
	}
}
