package anthropic_test

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
	"hexdag.dev/hexdag/runtime/adapter/anthropic"
	"hexdag.dev/hexdag/runtime/port"
	"hexdag.dev/hexdag/runtime/port/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func adapter(t testing.TB, fields map[string]any) *anthropic.Model {
	t.Helper()
	v, err := value.FromGo(fields)
	if err != nil {
		t.Fatal(err)
	}
	a, err := anthropic.New(t.Context(), port.Spec{Port: "llm", Type: "llm", Config: v})
	if err != nil {
		t.Fatal(err)
	}
	m := a.(*anthropic.Model)
	t.Cleanup(func() { _ = m.Close(t.Context()) })
	return m
}

func event(kind, data string) string {
	return "event: " + kind + "\ndata: {\"type\":\"" + kind + "\"," + data + "}\n\n"
}

func message(content, stop string) string {
	return `{"id":"msg_1","type":"message","role":"assistant","model":"m-1-2026","content":` + content + `,"stop_reason":"` + stop + `","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":5}}`
}

var start = event("message_start", `"message":{"id":"msg_1","type":"message","role":"assistant","model":"m-1-2026","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":1}}`)

func end(stop string) []string {
	return []string{
		event("message_delta", `"delta":{"stop_reason":"`+stop+`","stop_sequence":null},"usage":{"output_tokens":5}`),
		"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
	}
}

func TestAnthropic(t *testing.T) {
	text := func(s string) string {
		return event("content_block_delta", `"index":0,"delta":{"type":"text_delta","text":"`+s+`"}`)
	}
	begin := event("content_block_start", `"index":0,"content_block":{"type":"text","text":""}`)
	stop := event("content_block_stop", `"index":0`)
	porttest.LLM(t, porttest.LLMService{
		New: func(t *testing.T, url string, timeout time.Duration) port.LLM {
			return adapter(t, map[string]any{"api_key": porttest.Key, "model": "m-1", "base_url": url, "timeout": timeout.Seconds()})
		},
		Text:       message(`[{"type":"text","text":"Hello there"}]`, "end_turn"),
		StreamType: "text/event-stream",
		Stream:     append([]string{start, begin + text("Hello"), "event: ping\ndata: {\"type\":\"ping\"}\n\n", text(" there"), stop}, end("end_turn")...),
		ToolCalls:  message(`[{"type":"text","text":""},{"type":"tool_use","id":"t1","name":"search","input":{"q":"go"}}]`, "tool_use"),
		StreamToolCalls: append([]string{
			start, event("content_block_start", `"index":0,"content_block":{"type":"tool_use","id":"t1","name":"search","input":{}}`),
			event("content_block_delta", `"index":0,"delta":{"type":"input_json_delta","partial_json":"{\"q\":"}`),
			event("content_block_delta", `"index":0,"delta":{"type":"input_json_delta","partial_json":"\"go\"}"}`), stop,
		}, end("tool_use")...),
		Structured: message(`[{"type":"tool_use","id":"t1","name":"answer","input":{"n":3}}]`, "tool_use"),
		Broken:     []string{start, begin, text("Hello"), event("error", `"error":{"type":"overloaded_error","message":"Overloaded"}`)},
		Error: func(m string) string {
			return fmt.Sprintf(`{"type":"error","error":{"type":"x","message":%q}}`, m)
		},
		Idempotent: true,
		MaxTokens:  func(b map[string]any) any { return b["max_tokens"] },
		Image: func(b map[string]any) any {
			parts := b["messages"].([]any)[0].(map[string]any)["content"].([]any)
			return parts[2].(map[string]any)["source"].(map[string]any)["data"]
		},
	})
}

// TestRequest shows the shape of a request: the system apart, the results of tools
// together in one message, a schema that is no object inside of one.
func TestRequest(t *testing.T) {
	var body, key string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		body, key = string(text), r.Header.Get("X-Api-Key")
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, message(`[{"type":"tool_use","id":"t1","name":"answer","input":{"value":[1,2]}}]`, "tool_use"))
	}))
	defer server.Close()
	req := porttest.Request()
	req.Messages = append(req.Messages,
		port.Message{Role: "assistant", ToolCalls: []port.ToolCall{{ID: "a", Name: "x"}, {ID: "b", Name: "y"}}},
		port.Message{Role: "tool", ToolCallID: "a", Content: "A"}, port.Message{Role: "tool", ToolCallID: "b", Content: "B"})
	req.Schema, _ = value.ParseJSON([]byte(`{"type":"array","items":{"type":"integer"}}`), value.JSONLimits{})
	resp, err := adapter(t, map[string]any{"api_key": porttest.Key, "model": "m", "base_url": server.URL, "top_k": 3}).Generate(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := value.AppendJSON(nil, resp.Structured); string(got) != "[1,2]" || !resp.IsObject {
		t.Errorf("the answer is %+v", resp)
	}
	if key != porttest.Key {
		t.Errorf("the key was sent as %q", key)
	}
	for _, want := range []string{
		`"system":[{"text":"be brief"`, `"top_k":3`, `"max_tokens":4096`,
		`{"tool_use_id":"a"`, `"tool_choice":{"name":"answer","type":"tool"}`, `"value":{"type":"array"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
	if n := strings.Count(body, `"role":"user"`); n != 2 {
		t.Errorf("%d messages of the user in %s", n, body)
	}
}

func TestWrongConfiguration(t *testing.T) {
	v, _ := value.FromGo(map[string]any{"seed": 1, "top_k": 0})
	_, err := anthropic.New(t.Context(), port.Spec{Port: "llm", Config: v})
	for _, want := range []string{`"api_key" is missing`, `"seed"`, `"top_k"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not in %v", want, err)
		}
	}
}
