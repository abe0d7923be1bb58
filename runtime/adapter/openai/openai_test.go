package openai_test

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
	"hexdag.dev/hexdag/runtime/adapter/openai"
	"hexdag.dev/hexdag/runtime/port"
	"hexdag.dev/hexdag/runtime/port/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func config(t testing.TB, fields map[string]any) value.Value {
	t.Helper()
	v, err := value.FromGo(fields)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func adapter(t testing.TB, fields map[string]any) *openai.Model {
	t.Helper()
	a, err := openai.New(t.Context(), port.Spec{Port: "llm", Type: "llm", Config: config(t, fields)})
	if err != nil {
		t.Fatal(err)
	}
	m := a.(*openai.Model)
	t.Cleanup(func() { _ = m.Close(t.Context()) })
	return m
}

func event(data string) string { return "data: " + data + "\n\n" }

func chunk(delta, finish string) string {
	return event(`{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m-1-2026","choices":[{"index":0,"delta":` + delta + `,"finish_reason":` + finish + `}]}`)
}

const usage = `"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}`

func completion(message, finish string) string {
	return `{"id":"c1","object":"chat.completion","created":1,"model":"m-1-2026","choices":[{"index":0,"message":` + message + `,"finish_reason":"` + finish + `"}],` + usage + `}`
}

func TestOpenAI(t *testing.T) {
	last := event(`{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m-1-2026","choices":[],` + usage + `}`)
	porttest.LLM(t, porttest.LLMService{
		New: func(t *testing.T, url string, timeout time.Duration) port.LLM {
			return adapter(t, map[string]any{"api_key": porttest.Key, "model": "m-1", "base_url": url + "/v1", "timeout": timeout.Seconds(), "max_tokens_field": "max_completion_tokens"})
		},
		Text:       completion(`{"role":"assistant","content":"Hello there","refusal":null}`, "stop"),
		StreamType: "text/event-stream",
		Stream: []string{
			chunk(`{"role":"assistant","content":""}`, "null"), chunk(`{"content":"Hello"}`, "null"), ": keep-alive\n\n",
			chunk(`{"content":" there"}`, "null"), chunk(`{}`, `"stop"`), last, event("[DONE]"),
		},
		ToolCalls: completion(`{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"search","arguments":"{\"q\":\"go\"}"}}]}`, "tool_calls"),
		StreamToolCalls: []string{
			chunk(`{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"search","arguments":""}}]}`, "null"),
			chunk(`{"tool_calls":[{"index":0,"function":{"arguments":"{\"q\":"}}]}`, "null"),
			chunk(`{"tool_calls":[{"index":0,"function":{"arguments":"\"go\"}"}}]}`, "null"),
			chunk(`{}`, `"tool_calls"`), last, event("[DONE]"),
		},
		Structured: completion(`{"role":"assistant","content":"{\"n\":3}"}`, "stop"),
		Broken:     []string{chunk(`{"content":"Hello"}`, "null"), event(`{"error":{"message":"the engine failed","type":"server_error"}}`)},
		Error:      func(m string) string { return fmt.Sprintf(`{"error":{"message":%q,"type":"x","code":null}}`, m) },
		Idempotent: true,
		MaxTokens:  func(b map[string]any) any { return b["max_completion_tokens"] },
		Image: func(b map[string]any) any {
			parts := b["messages"].([]any)[1].(map[string]any)["content"].([]any)
			return parts[2].(map[string]any)["image_url"].(map[string]any)["url"]
		},
	})
}

// TestDialects shows what differs between services of the protocol.
func TestDialects(t *testing.T) {
	for _, c := range []struct {
		name   string
		config map[string]any
		check  func(r *http.Request, body string) string
	}{
		{"a local server without a key", map[string]any{"max_tokens": 9}, func(r *http.Request, body string) string {
			if a := r.Header.Get("Authorization"); a != "" {
				return "it sends " + a
			}
			if !strings.Contains(body, `"max_tokens":9`) {
				return "the bound is not in " + body
			}
			return ""
		}},
		{"Azure", map[string]any{"api_type": "azure", "api_key": porttest.Key, "api_version": "2024-10-21"}, func(r *http.Request, _ string) string {
			if r.Header.Get("api-key") != porttest.Key || r.Header.Get("Authorization") != "" || r.URL.Query().Get("api-version") != "2024-10-21" {
				return fmt.Sprintf("it sends %v to %s", r.Header, r.URL)
			}
			return ""
		}},
		{"OpenRouter's headers", map[string]any{"api_key": porttest.Key, "headers": map[string]any{"X-Title": "hexdag"}}, func(r *http.Request, _ string) string {
			if r.Header.Get("X-Title") != "hexdag" || r.Header.Get("Authorization") != "Bearer "+porttest.Key {
				return fmt.Sprintf("it sends %v", r.Header)
			}
			return ""
		}},
		{"settings", map[string]any{"temperature": 0.5, "top_p": 0.9, "seed": 4, "stop": "END", "frequency_penalty": 1, "response_format": map[string]any{"type": "json_object"}, "system_prompt": "be kind"}, func(_ *http.Request, body string) string {
			for _, want := range []string{`"temperature":0.5`, `"top_p":0.9`, `"seed":4`, `"stop":["END"]`, `"frequency_penalty":1`, `"json_object"`} {
				if !strings.Contains(body, want) {
					return want + " is not in " + body
				}
			}
			if strings.Contains(body, "be kind") {
				return "the port's system prompt stands beside the request's: " + body
			}
			return ""
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fault := "no request came"
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				fault = c.check(r, string(body))
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, completion(`{"role":"assistant","content":"x"}`, "stop"))
			}))
			defer server.Close()
			c.config["base_url"], c.config["model"] = server.URL+"/v1", "m"
			if _, err := adapter(t, c.config).Generate(t.Context(), porttest.Request()); err != nil {
				t.Fatal(err)
			}
			if fault != "" {
				t.Error(fault)
			}
		})
	}
}

// TestEnvironmentIsNotRead: what the SDK would take from variables must not leak
// into requests of a port that does not name it.
func TestEnvironmentIsNotRead(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", porttest.Key)
	t.Setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a := r.Header.Get("Authorization"); a != "" {
			t.Errorf("it sends %s", a)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, completion(`{"role":"assistant","content":"x"}`, "stop"))
	}))
	defer server.Close()
	if _, err := adapter(t, map[string]any{"base_url": server.URL, "model": "m"}).Generate(t.Context(), porttest.Request()); err != nil {
		t.Fatal(err)
	}
}

func TestEmbeddings(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"object":"list","model":"e-1","data":[{"object":"embedding","index":1,"embedding":[0,1]},{"object":"embedding","index":0,"embedding":[0.5,0.25]}],"usage":{"prompt_tokens":4,"total_tokens":4}}`)
	}))
	defer server.Close()
	m := adapter(t, map[string]any{"base_url": server.URL, "embedding_model": "e-1"})
	got, err := m.Embed(t.Context(), &port.EmbedRequest{Texts: []string{"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got.Vectors) != "[[0.5 0.25] [0 1]]" || got.Usage.InputTokens != 4 || !got.Usage.Known {
		t.Errorf("got %+v", got)
	}
	if _, err := m.Embed(t.Context(), &port.EmbedRequest{Texts: []string{"a", "b", "c"}}); port.AsError(err).Class != port.ClassInvalidOutput {
		t.Errorf("two vectors for three texts give %v", err)
	}
}

func TestWrongConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		config map[string]any
		want   string
	}{
		"an unknown setting": {map[string]any{"api_key": "k", "temprature": 1}, `"temprature" is not a setting`},
		"no key":             {map[string]any{"model": "m"}, `"api_key" is missing`},
		"out of range":       {map[string]any{"api_key": "k", "temperature": 3}, "between 0 and 2"},
		"an address":         {map[string]any{"base_url": "localhost"}, `"base_url" must be an address`},
		"half an Azure":      {map[string]any{"api_type": "azure"}, "needs"},
		"no whole number":    {map[string]any{"api_key": "k", "seed": 1.5}, "whole number"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openai.New(t.Context(), port.Spec{Port: "llm", Config: config(t, c.config)})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}
