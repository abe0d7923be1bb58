package golden

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/adapter/httpclient"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/journal/sqlite"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// canary is a secret that must be found at the server and nowhere else.
const canary = "canary/7f3a9b+x"

// secretPipeline sends the key in every way in which text can stand around it. The
// server is called twice; the second answer is an error that has the key in it.
const secretPipeline = `kind: Pipeline
metadata: {name: p}
spec:
  kernel: {on_failure: continue}
  ports:
    shop:
      type: api_call
      adapter: http
      config:
        base_url: BASE
        raise_for_status: true
        headers: {X-Config: "in config ${SHOP_API_KEY}."}
  nodes:
    - kind: data_node
      metadata: {name: auth}
      spec:
        output: {header: "Token ${SHOP_API_KEY}", plain: "${SHOP_API_KEY}"}
    - kind: api_call_node
      metadata: {name: call}
      spec:
        port: shop
        method: POST
        url: "/ok?key=${SHOP_API_KEY}"
        headers:
          Authorization: Bearer ${SHOP_API_KEY}
          X-Mixed: "{{ $input.user }}:${SHOP_API_KEY}"
          X-Data: "{{ auth.header }}!"
        json_body: {nested: [{key: "k=${SHOP_API_KEY};"}]}
    - kind: api_call_node
      metadata: {name: refused}
      spec:
        port: shop
        method: GET
        url: /fails
        headers: {Authorization: "Bearer ${SHOP_API_KEY}"}
    - kind: function_node
      metadata: {name: fn}
      spec:
        fn: "go:sign"
        input_mapping: {key: "${SHOP_API_KEY}", header: "'Bearer ${SHOP_API_KEY}'", again: auth.header}
        input_schema: {key: str, header: str, again: str}
  output: {call: call.body, fn: fn, auth: auth}
`

// TestSecretsInTexts: the server gets the whole text. The program, the journal,
// the events, the errors and the result hold references.
func TestSecretsInTexts(t *testing.T) {
	seen := map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/fails" {
			http.Error(w, "no such key: "+r.Header.Get("Authorization"), http.StatusUnauthorized)
			return
		}
		body, _ := io.ReadAll(r.Body)
		seen["url"], seen["body"] = r.URL.RawQuery, string(body)
		for _, h := range []string{"Authorization", "X-Mixed", "X-Data", "X-Config"} {
			seen[h] = r.Header.Get(h)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"echo": "`+seen["Authorization"]+`"}`)
	}))
	defer server.Close()

	p := built(t, strings.Replace(secretPipeline, "BASE", server.URL, 1), nil)
	encoded := ir.Encode(p)
	shown := ir.ShowJSON(p)
	if !strings.Contains(string(shown), "Bearer ${secret:SHOP_API_KEY}") {
		t.Errorf("the program does not show the reference:\n%s", shown)
	}
	loaded, err := runtime.LoadIR(p)
	if err != nil {
		t.Fatal(err)
	}

	path := filepath.Join(t.TempDir(), "runs.db")
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	registry := runtime.Builtin()
	registry.AddAdapter(httpclient.Name, httpclient.New)
	var events []byte
	r, err := runtime.New(runtime.Options{
		Registry: registry, Journal: store,
		Secrets: port.Environment{Lookup: func(name string) (string, bool) { return canary, name == "SHOP_API_KEY" }},
		Functions: map[string]port.Function{"sign": port.FunctionOf(port.Write, func(_ context.Context, in value.Value) (value.Value, error) {
			seen["fn"] = jsonOf(in)
			return in, nil
		})},
		Observers: []event.Observer{event.ObserverFunc(func(e event.Event) {
			line, err := e.AppendJSON(nil)
			if err != nil {
				t.Error(err)
			}
			events = append(append(events, line...), '\n')
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Run(t.Context(), loaded, object(t, `{"user": "ann"}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	for where, want := range map[string]string{
		"url":           "key=" + canary,
		"Authorization": "Bearer " + canary,
		"X-Mixed":       "ann:" + canary,
		"X-Data":        "Token " + canary + "!",
		"X-Config":      "in config " + canary + ".",
		"body":          `{"nested":[{"key":"k=` + canary + `;"}]}`,
		"fn":            `{"key":"` + canary + `","header":"Bearer ` + canary + `","again":"Token ` + canary + `"}`,
	} {
		if got := strings.ReplaceAll(seen[where], " \"", "\""); got != strings.ReplaceAll(want, " \"", "\"") {
			t.Errorf("%s: the other side got %q, want %q", where, got, want)
		}
	}
	if n, _ := res.Node("refused"); n.Status != machine.Failed || !strings.Contains(n.Error.Message, "[secret]") {
		t.Errorf("the refused call is %s, %v", n.Status, n.Error)
	}
	if res.Status != journal.Failed {
		t.Errorf("the run is %s", res.Status)
	}

	document, err := res.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for where, data := range map[string][]byte{"the program": encoded, "its text": shown, "the events": events, "the result": document} {
		noCanary(t, where, data)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		noCanary(t, "the run store", data)
	}
}

func noCanary(t *testing.T, where string, data []byte) {
	t.Helper()
	for _, form := range []string{canary, "canary%2F7f3a9b%2Bx", `canary\/7f3a9b+x`, "7f3a9b"} {
		if bytes.Contains(data, []byte(form)) {
			t.Errorf("%s holds the secret:\n%.2000s", where, data)
			return
		}
	}
}

// TestSecretNotSet: what a node names is asked for before anything happens.
func TestSecretNotSet(t *testing.T) {
	r, err := runtime.New(runtime.Options{Secrets: port.Environment{Lookup: func(string) (string, bool) { return "", false }}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Run(t.Context(), program(t, strings.ReplaceAll(secretPipeline, "adapter: http", "adapter: mock_llm")), value.Null)
	if err == nil || !strings.Contains(err.Error(), `node "auth": the secret SHOP_API_KEY is not set`) {
		t.Errorf("got %v", err)
	}
}

// TestSecretNeedsCapability: a run that may not read secrets sends none, however
// the capability was lost.
func TestSecretNeedsCapability(t *testing.T) {
	text := `kind: Pipeline
metadata: {name: p}
spec:
  caps: {allow: ["*"], deny: [secret]}
  nodes:
    - kind: data_node
      metadata: {name: auth}
      spec: {output: {key: "${SHOP_API_KEY}"}}
    - kind: function_node
      metadata: {name: fn}
      spec:
        fn: "go:sign"
        input_mapping: {key: auth.key}
`
	var codes []string
	p := built(t, text, &codes)
	if got := strings.Join(codes, " "); got != "HX0601 warning" {
		t.Errorf("check says %s", got)
	}
	loaded, err := runtime.LoadIR(p)
	if err != nil {
		t.Fatal(err)
	}
	r, err := runtime.New(runtime.Options{
		Secrets: port.Environment{Lookup: func(string) (string, bool) { return canary, true }},
		Functions: map[string]port.Function{"sign": port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
			t.Error("the function was called")
			return value.Null, nil
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Run(t.Context(), loaded, value.Null)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := res.Node("fn")
	if n.Error == nil || n.Error.Code != diag.RunCapDenied || !strings.Contains(n.Error.Message, `"secret"`) {
		t.Errorf("fn is %s, %v", n.Status, n.Error)
	}
}

// built compiles a manifest without errors; codes gets what it says.
func built(t *testing.T, text string, codes *[]string) *ir.Program {
	t.Helper()
	w, err := compile.New(compile.Options{Root: t.TempDir(), Dir: ".", ReadFile: func(name string) ([]byte, error) {
		if filepath.Base(name) == "m.yaml" {
			return []byte(text), nil
		}
		return nil, os.ErrNotExist
	}, Lookup: func(name string) (string, bool) {
		if name == "SHOP_API_KEY" {
			return canary, true
		}
		return "", false
	}})
	if err != nil {
		t.Fatal(err)
	}
	p, ds, err := w.Build("m.yaml", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range ds {
		if codes != nil {
			*codes = append(*codes, string(d.Code)+" "+d.Severity.String())
		} else {
			t.Errorf("%s %s", d.Code, d.Message)
		}
	}
	if p == nil {
		t.Fatal("it does not compile")
	}
	return p
}
