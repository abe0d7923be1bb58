//go:build unix

// Command editorbench measures what an editor's user waits for: it plays an
// editor against the language server in a workspace of 300 files and a file of a
// thousand nodes, and prints percentiles.
//
// The server runs in this process, behind its protocol: times are from the
// editor's message to the server's answer. On a busy machine they say little;
// beside them stands the processor time of the whole process for each step, with
// everything that the server does in the background.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"hexdag.dev/hexdag/lang/lsp"
)

func main() {
	files := flag.Int("files", 300, "files of the workspace")
	nodes := flag.Int("nodes", 1000, "nodes of the edited file")
	keys := flag.Int("keys", 200, "keystrokes that are measured")
	edits := flag.Int("edits", 10000, "edits before memory is measured")
	profile := flag.String("cpuprofile", "", "file for a profile of the processor")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "editorbench:", err)
			os.Exit(1)
		}
		defer pprof.StopCPUProfile()
	}
	if err := run(*files, *nodes, *keys, *edits); err != nil {
		fmt.Fprintln(os.Stderr, "editorbench:", err)
		os.Exit(1)
	}
}

func run(files, nodes, keys, edits int) error {
	dir, err := os.MkdirTemp("", "editorbench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return err
	}
	big := filepath.Join(dir, "big.yaml")
	if err := write(dir, big, files, nodes); err != nil {
		return err
	}
	began := time.Now()
	used := processor()
	e := start()
	e.call("initialize", map[string]any{"rootUri": uri(dir), "capabilities": map[string]any{}})
	e.notify("initialized", map[string]any{})
	text, err := os.ReadFile(big)
	if err != nil {
		return err
	}
	e.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uri(big), "languageId": "hexdag", "version": 1, "text": string(text)}})
	e.diagnostics(uri(big), 1)
	report("first diagnostics", []time.Duration{time.Since(began)}, processor()-used, time.Second)
	last := filepath.Join(dir, fmt.Sprintf("p%03d.yaml", files-1))
	e.diagnostics(uri(last), 0) // it has a finding
	report("all files checked", []time.Duration{time.Since(began)}, processor()-used, 0)

	lines := strings.Split(string(text), "\n")
	line := 0
	for i, l := range lines {
		if strings.Contains(l, "Score so far") && i > len(lines)/2 {
			line = i
			break
		}
	}
	column := strings.Index(lines[line], ".score") + 1
	version := 1
	key := func() {
		version++
		change := map[string]any{"range": at(line, 0, line, 0), "text": " "}
		if version%2 == 1 {
			change = map[string]any{"range": at(line, 0, line, 1), "text": ""}
		}
		e.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": uri(big), "version": version}, "contentChanges": []any{change}})
	}
	place := func() map[string]any {
		return map[string]any{"textDocument": map[string]any{"uri": uri(big)}, "position": map[string]any{"line": line, "character": column + 1 - version%2}}
	}
	var typing, completion, hover []time.Duration
	used = processor()
	for range keys {
		t := time.Now()
		key()
		e.diagnostics(uri(big), version)
		typing = append(typing, time.Since(t))
	}
	report("keystroke to diagnostics", typing, processor()-used, 30*time.Millisecond)
	var usedHover time.Duration
	used = processor()
	for range keys {
		key()
		t := time.Now()
		e.call("textDocument/completion", place())
		completion = append(completion, time.Since(t))
		e.diagnostics(uri(big), version)
		t = time.Now()
		before := processor()
		e.call("textDocument/hover", place())
		hover = append(hover, time.Since(t))
		usedHover += processor() - before
	}
	report("completion after a key", completion, processor()-used-usedHover, 15*time.Millisecond)
	report("hover", hover, usedHover, 5*time.Millisecond)

	shared := filepath.Join(dir, "shared.yaml")
	data, err := os.ReadFile(shared)
	if err != nil {
		return err
	}
	e.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uri(shared), "languageId": "hexdag", "version": 1, "text": string(data)}})
	e.diagnostics(uri(shared), 1)
	var rename []time.Duration
	changed := 0
	used = processor()
	for range 10 {
		t := time.Now()
		m := e.call("textDocument/rename", map[string]any{"textDocument": map[string]any{"uri": uri(shared)}, "position": map[string]any{"line": 1, "character": 19}, "newName": "common"})
		rename = append(rename, time.Since(t))
		var r struct{ Changes map[string]any }
		if err := json.Unmarshal(m, &r); err != nil {
			return err
		}
		changed = len(r.Changes)
	}
	report(fmt.Sprintf("rename over %d files", changed), rename, processor()-used, 200*time.Millisecond)

	before := memory()
	for i := range edits {
		key()
		if i%100 == 99 || i == edits-1 {
			e.diagnostics(uri(big), version)
		}
	}
	fmt.Printf("%-28s %6.1f MB before, %.1f MB after %d edits (bound 200 MB)\n", "memory", before, memory(), edits)
	e.call("shutdown", nil)
	e.notify("exit", nil)
	return nil
}

func memory() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// processor is the processor time that the process has used.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func report(what string, times []time.Duration, used, bound time.Duration) {
	each := float64(used.Microseconds()) / 1000 / float64(len(times))
	slices.Sort(times)
	p := func(q float64) float64 { return float64(times[int(q*float64(len(times)-1))].Microseconds()) / 1000 }
	verdict := ""
	if bound > 0 {
		verdict = fmt.Sprintf("(bound %v)", bound)
		if p(0.95) > float64(bound.Microseconds())/1000 {
			verdict += " MISSED"
		}
	}
	fmt.Printf("%-28s p50 %7.1f ms  p95 %7.1f ms  max %7.1f ms  processor %6.1f ms each  %s\n", what, p(0.5), p(0.95), p(1), each, verdict)
}

func at(line, column, endLine, endColumn int) any {
	return map[string]any{"start": map[string]any{"line": line, "character": column}, "end": map[string]any{"line": endLine, "character": endColumn}}
}

func uri(path string) string { return "file://" + path }

// write makes the workspace. A hundred files include the nodes of shared.yaml.
func write(dir, big string, files, nodes int) error {
	shared := "- kind: data_node\n  metadata: {name: shared}\n  dependencies: []\n  spec: {output: {rows: [1, 2]}}\n"
	if err := os.WriteFile(filepath.Join(dir, "shared.yaml"), []byte(shared), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(big, []byte(pipeline("big", nodes, false)), 0o600); err != nil {
		return err
	}
	for i := range files {
		text := pipeline(fmt.Sprintf("p%03d", i), 20, i < 100)
		if i == files-1 {
			text += "  mistake: 1\n"
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("p%03d.yaml", i)), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func pipeline(name string, nodes int, shared bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "kind: Pipeline\nmetadata:\n  name: %s\nspec:\n  input_schema: {subject: str, amount: int}\n  ports:\n    llm:\n      adapter: mock_llm\n  nodes:\n", name)
	if shared {
		b.WriteString("    - !include ./shared.yaml\n    - kind: expression_node\n      metadata:\n        name: use\n      spec:\n        expressions:\n          n: len(shared.rows)\n")
	}
	for n := range nodes {
		if n%2 == 1 {
			fmt.Fprintf(&b, "    - kind: llm_node\n      metadata:\n        name: step_%d\n      spec:\n        human_message: |\n          Subject: {{ $input.subject }}\n          Score so far: {{ step_%d.score }} of {{ step_%d.total }}\n", n, n-1, n-1)
			continue
		}
		fmt.Fprintf(&b, "    - kind: expression_node\n      metadata:\n        name: step_%d\n      spec:\n        expressions:\n          total: $input.amount * %d + len($input.subject)\n          score: round(total / %d, 2) if total > 3 else 0\n", n, n+1, n+2)
	}
	return b.String()
}

// editor is the other side of a session.
type editor struct {
	in   io.Writer
	next int
	out  *bufio.Reader
}

func start() *editor {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	go lsp.Serve(context.Background(), inR, outW, lsp.Options{Version: "bench", Log: os.Stderr})
	return &editor{in: inW, out: bufio.NewReaderSize(outR, 1<<20)}
}

type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

func (e *editor) send(v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(body), body)
}

func (e *editor) read() message {
	length := 0
	for {
		line, err := e.out.ReadString('\n')
		if err != nil {
			panic(err)
		}
		if line = strings.TrimSpace(line); line == "" {
			break
		}
		fmt.Sscanf(line, "Content-Length: %d", &length)
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(e.out, body); err != nil {
		panic(err)
	}
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		panic(err)
	}
	return m
}

func (e *editor) notify(method string, params any) {
	e.send(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
}

func (e *editor) call(method string, params any) json.RawMessage {
	e.next++
	e.send(map[string]any{"jsonrpc": "2.0", "id": e.next, "method": method, "params": params})
	for {
		m := e.read()
		if m.Method == "" && m.ID == e.next {
			if len(m.Error) > 0 {
				panic(method + ": " + string(m.Error))
			}
			return m.Result
		}
		e.keep(m)
	}
}

var published []message

func (e *editor) keep(m message) {
	if m.Method == "textDocument/publishDiagnostics" {
		published = append(published, m)
	}
}

// diagnostics waits for those of a version of a document; 0 is any.
func (e *editor) diagnostics(uri string, version int) {
	for {
		var m message
		if len(published) > 0 {
			m, published = published[0], published[1:]
		} else if m = e.read(); m.Method != "textDocument/publishDiagnostics" {
			continue
		}
		var p struct {
			URI     string
			Version int
		}
		if err := json.Unmarshal(m.Params, &p); err != nil {
			panic(err)
		}
		if p.URI == uri && (version == 0 || p.Version == version) {
			return
		}
	}
}
