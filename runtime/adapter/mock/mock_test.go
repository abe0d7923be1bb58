package mock

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

func config(t *testing.T, text string) value.Value {
	t.Helper()
	v, err := value.ParseJSON([]byte(text), value.JSONLimits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func model(t *testing.T, text string) *Model {
	t.Helper()
	a, err := New(t.Context(), port.Spec{Port: "llm", Config: config(t, text)})
	if err != nil {
		t.Fatal(err)
	}
	return a.(*Model)
}

// ask is one call: the step's path, its attempt, its place among the calls of the
// port, and the prompt.
func ask(m *Model, path string, attempt int, ordinal uint64, prompt string) string {
	node := path[strings.LastIndexByte(path, '/')+1:]
	resp, err := m.Generate(context.Background(), &port.LLMRequest{
		Call:     port.Call{Path: path + "#1", Node: node, NodeID: "id-" + node, Attempt: attempt, Ordinal: ordinal},
		Messages: []port.Message{{Role: "system", Content: "be nice"}, {Role: "user", Content: prompt}},
	})
	if err != nil {
		return "error: " + err.Error()
	}
	return resp.Text
}

func TestWhichAnswerACallGets(t *testing.T) {
	for _, c := range []struct {
		name, config string
		path         string
		attempt      int
		ordinal      uint64
		prompt, want string
	}{
		{"nothing configured", `{}`, "a", 1, 1, "x", `{"result": "Mock response"}`},
		{"one text", `{"responses": "hi"}`, "a", 1, 7, "x", "hi"},
		{"one answer", `{"response": {"b": 1, "a": [true, null]}}`, "a", 1, 1, "x", `{"b":1,"a":[true,null]}`},
		{"the first of a list", `{"responses": ["p", "q"]}`, "b", 1, 1, "x", "p"},
		{"the second of a list", `{"responses": ["p", "q"]}`, "a", 1, 2, "x", "q"},
		{"a list starts again", `{"responses": ["p", "q"]}`, "a", 1, 3, "x", "p"},
		{"structured answers in a list", `{"responses": [{"n": 1}, ["z"]]}`, "a", 1, 2, "x", `["z"]`},
		{"by name", `{"responses": {"a": "A", "b": "B"}}`, "b", 1, 1, "x", "B"},
		{"by id", `{"responses": {"id-b": "B"}}`, "b", 1, 1, "x", "B"},
		{"by path", `{"responses": {"ask": "other", "loop[1]/ask": "this"}}`, "loop[1]/ask", 1, 1, "x", "this"},
		{"for all others", `{"responses": {"a": "A", "*": "rest"}}`, "b", 1, 1, "x", "rest"},
		{"the second call of a node", `{"responses": {"a": ["one", "two"]}}`, "a", 2, 9, "x", "two"},
		{"the third item of a loop", `{"responses": {"ask": ["i0", "i1", "i2"]}}`, "loop[2]/ask", 1, 1, "x", "i2"},
		{"a node without an answer", `{"responses": {"a": "A"}}`, "b", 1, 1, "x", `error: the mock of port "llm" has no response for node "b"`},
		{"a rule on the prompt", `{"match": [{"contains": "weather", "response": "sunny"}], "responses": "else"}`, "a", 1, 1, "the weather?", "sunny"},
		{"no rule fits", `{"match": [{"contains": "weather", "response": "sunny"}], "responses": "else"}`, "a", 1, 1, "the time?", "else"},
		{"a rule on the system message", `{"match": [{"regex": "(?i)BE\\s+nice", "response": "ok"}]}`, "a", 1, 1, "x", "ok"},
		{"a rule on a node", `{"match": [{"node": "a", "contains": "x", "responses": ["r1", "r2"]}]}`, "a", 2, 1, "x", "r2"},
		{"rules as a mapping", `{"match": {"foo": "F"}}`, "a", 1, 1, "a foo", "F"},
		{"a rule that fails", `{"match": [{"contains": "x", "error": "down"}]}`, "a", 1, 1, "x", "error: down"},
		{"every call fails", `{"error": "down", "responses": "hi"}`, "a", 3, 3, "x", "error: down"},
		{"the first calls fail", `{"error": {"message": "busy", "times": 2}, "responses": "hi"}`, "a", 2, 2, "x", "error: busy"},
		{"a later call does not", `{"error": {"message": "busy", "times": 2}, "responses": "hi"}`, "a", 3, 3, "x", "hi"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ask(model(t, c.config), c.path, c.attempt, c.ordinal, c.prompt); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestUsage(t *testing.T) {
	req := &port.LLMRequest{Messages: []port.Message{{Content: "12345"}}}
	resp, err := model(t, `{"response": "123456789"}`).Generate(t.Context(), req)
	if err != nil || resp.Usage != (port.Usage{Known: true, InputTokens: 2, OutputTokens: 3}) {
		t.Errorf("the estimate is %+v, %v", resp.Usage, err)
	}
	for _, key := range []string{"usage", "mock_usage"} {
		resp, err = model(t, fmt.Sprintf(`{"response": "x", %q: {"input_tokens": 7, "output_tokens": 8, "total_tokens": 15, "cost_usd": 0.5}}`, key)).Generate(t.Context(), req)
		if err != nil || resp.Usage != (port.Usage{Known: true, InputTokens: 7, OutputTokens: 8, CostMicro: 500_000}) {
			t.Errorf("%s: %+v, %v", key, resp.Usage, err)
		}
	}
}

func TestErrorsHaveClasses(t *testing.T) {
	_, err := model(t, `{"error": {"message": "slow down", "class": "rate_limit", "retryable": false}}`).Generate(t.Context(), &port.LLMRequest{})
	var e *port.Error
	if !errors.As(err, &e) || e.Class != "rate_limit" || e.Retryable || !e.Definite || !e.Usage.Known {
		t.Errorf("the error is %+v", err)
	}
}

func TestDelay(t *testing.T) {
	m := model(t, `{"response": "x", "delay": "20ms"}`)
	if m.Instant() {
		t.Error("a model with a delay is said to be instant")
	}
	start := time.Now()
	if _, err := m.Generate(t.Context(), &port.LLMRequest{}); err != nil || time.Since(start) < 20*time.Millisecond {
		t.Errorf("it took %s, %v", time.Since(start), err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := model(t, `{"response": "x", "delay_seconds": 60}`).Generate(ctx, &port.LLMRequest{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an interrupted call gives %v", err)
	}
	if m := model(t, `{"match": [{"contains": "a", "response": "x", "delay": 1}]}`); m.Instant() {
		t.Error("a model with a delay in a rule is said to be instant")
	}
}

func TestStreamGivesTheWholeAnswer(t *testing.T) {
	for _, text := range []string{"", "one", "one two", " a  b ", "日本 語"} {
		var parts []string
		m := model(t, `{}`)
		m.list = []answer{{text: text}}
		if _, err := m.Generate(t.Context(), &port.LLMRequest{Stream: func(s string) { parts = append(parts, s) }}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(parts, ""); got != text {
			t.Errorf("%q was streamed as %q", text, parts)
		}
	}
}

func TestToolCalls(t *testing.T) {
	m := model(t, `{"response": "", "mock_tool_calls": [[{"id": "1", "name": "search", "arguments": {"q": "x"}}], []]}`)
	resp, err := m.Generate(t.Context(), &port.LLMRequest{Call: port.Call{Attempt: 1}})
	if err != nil || len(resp.ToolCalls) != 1 || resp.ToolCalls[0].Name != "search" || resp.FinishReason != "tool_calls" {
		t.Errorf("the first call gives %+v, %v", resp, err)
	}
	resp, err = m.Generate(t.Context(), &port.LLMRequest{Call: port.Call{Attempt: 2}})
	if err != nil || len(resp.ToolCalls) != 0 || resp.FinishReason != "stop" {
		t.Errorf("the second call gives %+v, %v", resp, err)
	}
}

func TestSampleFitsTheSchema(t *testing.T) {
	schema := config(t, `{"type": "object", "$defs": {"e": {"enum": ["low", "high"]}}, "properties": {
		"s": {"type": "string", "minLength": 6}, "i": {"type": "integer", "minimum": 3}, "f": {"type": "number", "exclusiveMinimum": 0},
		"b": {"type": "boolean"}, "l": {"type": "array", "items": {"type": "integer"}, "minItems": 2}, "e": {"$ref": "#/$defs/e"},
		"u": {"anyOf": [{"type": "null"}, {"type": "string"}]}, "t": {"type": ["string", "null"]}, "c": {"const": 5}}}`)
	resp, err := model(t, `{}`).Generate(t.Context(), &port.LLMRequest{Schema: schema})
	want := `{"s":"mock--","i":3,"f":1.0,"b":true,"l":[0,0],"e":"low","u":null,"t":"mock","c":5}`
	if err != nil || resp.Text != want {
		t.Errorf("got %s, %v", resp.Text, err)
	}
}

func TestWrongConfigurations(t *testing.T) {
	for text, want := range map[string]string{
		`{"respones": 1}`:                            `"respones" is not a setting of this adapter (it has delay, delay_seconds`,
		`[1]`:                                        "must be a mapping, not list",
		`{"responses": []}`:                          "empty list",
		`{"responses": {"a": []}}`:                   `empty list for a`,
		`{"responses": 1, "response":2}`:             `either "response" or "responses"`,
		`{"delay": -1}`:                              `"delay" must be between 0`,
		`{"delay": "1 fortnight"}`:                   "no duration",
		`{"delay": true}`:                            "not bool",
		`{"delay": 1, "delay_seconds": 2}`:           "mean the same",
		`{"match": 5}`:                               "must be a list of rules",
		`{"match": [5]}`:                             `rule 1 of "match" must be a mapping`,
		`{"match": [{"regex": "(", "response": 1}]}`: "no regular expression",
		`{"match": [{"response": 1}]}`:               `needs "contains", "regex" or "node"`,
		`{"match": [{"contains": "a"}]}`:             `needs either "response" or "error"`,
		`{"match": [{"contain": "a"}]}`:              `"contain" is unknown`,
		`{"error": 5}`:                               `must be text or a mapping`,
		`{"error": {"times": 0}}`:                    `"times" in "error"`,
		`{"usage": {"tokens": 1}}`:                   `"tokens" is unknown`,
		`{"usage": {"input_tokens": -1}}`:            "number of tokens",
		`{"usage": {"cost_usd": "x"}}`:               "amount of dollars",
		`{"mock_tool_calls": [[{"arguments": {}}]]}`: "has no name",
		`{"model": 5}`:                               `"model" must be text, not int`,
	} {
		_, err := New(t.Context(), port.Spec{Port: "llm", Config: config(t, text)})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s gives %v, want something with %s", text, err, want)
		}
	}
}
