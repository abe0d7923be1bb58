package ollama_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/adapter/ollama"
	"hexdag.dev/hexdag/runtime/port"
	"hexdag.dev/hexdag/runtime/port/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func adapter(t testing.TB, fields map[string]any) *ollama.Model {
	t.Helper()
	v, err := value.FromGo(fields)
	if err != nil {
		t.Fatal(err)
	}
	a, err := ollama.New(t.Context(), port.Spec{Port: "llm", Type: "llm", Config: v})
	if err != nil {
		t.Fatal(err)
	}
	m := a.(*ollama.Model)
	t.Cleanup(func() { _ = m.Close(t.Context()) })
	return m
}

func line(message, rest string) string {
	return `{"model":"m-1","created_at":"2026-01-01T00:00:00Z","message":` + message + `,"done":` + rest + "}\n"
}

const done = `true,"done_reason":"stop","prompt_eval_count":7,"eval_count":5,"total_duration":1`

func TestOllama(t *testing.T) {
	call := `{"role":"assistant","content":"","tool_calls":[{"function":{"name":"search","arguments":{"q":"go"}}}]}`
	porttest.LLM(t, porttest.LLMService{
		New: func(t *testing.T, url string, timeout time.Duration) port.LLM {
			return adapter(t, map[string]any{"api_key": porttest.Key, "model": "m-1", "base_url": url, "timeout": timeout.Seconds()})
		},
		Text:       strings.TrimSpace(line(`{"role":"assistant","content":"Hello there"}`, done)),
		StreamType: "application/x-ndjson",
		Stream: []string{
			line(`{"role":"assistant","content":"Hello"}`, "false"), line(`{"role":"assistant","content":" there"}`, "false"),
			line(`{"role":"assistant","content":""}`, done),
		},
		ToolCalls:       line(call, done),
		StreamToolCalls: []string{line(call, "false"), line(`{"role":"assistant","content":""}`, done)},
		Structured:      line(`{"role":"assistant","content":"{\"n\":3}"}`, done),
		Broken:          []string{line(`{"role":"assistant","content":"Hello"}`, "false"), `{"error":"the runner ended"}` + "\n"},
		Error:           func(m string) string { return fmt.Sprintf(`{"error":%q}`, m) },
		MaxTokens:       func(b map[string]any) any { return b["options"].(map[string]any)["num_predict"] },
		Image: func(b map[string]any) any {
			return b["messages"].([]any)[1].(map[string]any)["images"].([]any)[0]
		},
	})
}

func TestSettings(t *testing.T) {
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		body = string(text)
		if a := r.Header.Get("Authorization"); a != "Bearer "+porttest.Key {
			t.Errorf("the key was sent as %q", a)
		}
		_, _ = io.WriteString(w, line(`{"role":"assistant","content":"x"}`, done))
	}))
	defer server.Close()
	m := adapter(t, map[string]any{"api_key": porttest.Key, "model": "m", "host": strings.TrimPrefix(server.URL, "http://"), "keep_alive": "5m", "seed": 3, "top_k": 9, "options": map[string]any{"num_ctx": 2048}})
	if !m.Free() {
		t.Error("it costs something")
	}
	if _, err := m.Generate(t.Context(), porttest.Request()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"num_ctx":2048`, `"seed":3`, `"top_k":9`, `"keep_alive":"5m0s"`, `"stream":false`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}

func TestEmbeddings(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"model":"e","embeddings":[[0.5,0.25],[0,1]],"prompt_eval_count":4}`)
	}))
	defer server.Close()
	m := adapter(t, map[string]any{"base_url": server.URL, "model": "e"})
	got, err := m.Embed(t.Context(), &port.EmbedRequest{Texts: []string{"a", "b"}})
	if err != nil || fmt.Sprint(got.Vectors) != "[[0.5 0.25] [0 1]]" || got.Usage.InputTokens != 4 {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := m.Embed(t.Context(), &port.EmbedRequest{Texts: []string{"a"}}); port.AsError(err).Class != port.ClassInvalidOutput {
		t.Errorf("two vectors for one text give %v", err)
	}
}
