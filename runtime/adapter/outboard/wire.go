// Package outboard lets a program use adapters that live in another program beside
// it: hexc does not link the SDKs of providers, whose initialisation alone takes
// longer than most commands, and starts hexc-adapters when a run first needs one.
//
// Input: on the side of the caller a registry to put names into; on the other side
// a registry that has them, and the pipes. Output: adapters and functions that
// behave as if they stood in the calling program.
//
// # The protocol
//
// Both sides write one JSON object a line. The caller writes requests; the other
// side answers each with one line that has its id and either result or error, before
// which lines with the same id and a delta may come: parts of a streamed answer.
//
//	{"id": 1, "method": "open", "params": {"port", "type", "adapter", "config"}}
//	{"id": 1, "result": {"handle": 1, "can": ["llm"], "class": 2, "structured": true}}
//	{"id": 2, "method": "generate", "handle": 1, "params": {…}}
//	{"id": 2, "delta": "Hel"}
//	{"id": 2, "result": {…}}
//	{"id": 3, "method": "cancel", "params": {"id": 2}}          no answer of its own
//	{"id": 4, "method": "close", "handle": 1}
//
// The first line of the other side is {"hexdag_adapters": 1}, the version of the
// protocol. The end of its input ends it. Secrets travel in "open" only, over the
// pipe: never in arguments or variables.
//
// Invariants: a request is sent at most once; a caller whose context ends gets its
// error at once, and the other side is told to give up; the other side's end fails
// what is under way, as retryable with an unknown effect, and the next request
// starts it anew and opens its adapter again; no process is left behind once every
// adapter is closed.
//
// The three hardest cases: an end of the program in the middle of an answer; a
// stream that nobody reads any more; two calls that need the program at the moment
// in which it has to be started again.
package outboard

import (
	"encoding/json"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// Version is the version of the protocol.
const Version = 1

// MaxLine bounds a line of the protocol, in bytes.
const MaxLine = 256 << 20

type hello struct {
	Version int `json:"hexdag_adapters"`
}

type request struct {
	ID     uint64          `json:"id"`
	Method string          `json:"method"`
	Handle uint64          `json:"handle,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
}

type response struct {
	ID     uint64          `json:"id"`
	Delta  *string         `json:"delta,omitempty"`
	Log    *string         `json:"log,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *wireError      `json:"error,omitempty"`
}

type wireError struct {
	Class      string     `json:"class,omitempty"`
	Message    string     `json:"message"`
	Help       string     `json:"help,omitempty"`
	Retryable  bool       `json:"retryable,omitempty"`
	Definite   bool       `json:"definite,omitempty"`
	RetryAfter int64      `json:"retry_after_ms,omitempty"`
	Usage      port.Usage `json:"usage,omitzero"`
}

func toWire(err error) *wireError {
	e := port.AsError(err)
	return &wireError{e.Class, e.Message, e.Help, e.Retryable, e.Definite, e.RetryAfter.Milliseconds(), e.Usage}
}

func (e *wireError) port() *port.Error {
	return &port.Error{Class: e.Class, Message: e.Message, Help: e.Help, Retryable: e.Retryable, Definite: e.Definite,
		RetryAfter: time.Duration(e.RetryAfter) * time.Millisecond, Usage: e.Usage}
}

// wireValue is a value in JSON; absent stands for Missing.
type wireValue struct{ v value.Value }

// MarshalJSON writes the value.
func (w wireValue) MarshalJSON() ([]byte, error) {
	if w.v.IsMissing() {
		return []byte("null"), nil
	}
	return value.AppendJSON(nil, w.v)
}

// UnmarshalJSON reads a value.
func (w *wireValue) UnmarshalJSON(b []byte) (err error) {
	w.v, err = value.ParseJSON(b, value.JSONLimits{})
	return err
}

type openParams struct {
	Port    string    `json:"port,omitempty"`
	Type    string    `json:"type,omitempty"`
	Adapter string    `json:"adapter,omitempty"`
	Config  wireValue `json:"config"`
	// Of functions: load instead of open.
	Scheme string `json:"scheme,omitempty"`
	Name   string `json:"name,omitempty"`
	Code   string `json:"code,omitempty"`
	File   string `json:"file,omitempty"`
	Unpack bool   `json:"unpack,omitempty"`
}

type openResult struct {
	Handle     uint64     `json:"handle"`
	Can        []string   `json:"can"`
	Class      port.Class `json:"class"`
	Structured bool       `json:"structured,omitempty"`
	Calling    bool       `json:"tool_calling,omitempty"`
	Free       bool       `json:"free,omitempty"`
	Retries    int        `json:"retries,omitempty"`
}

type llmParams struct {
	Call        port.Call     `json:"call"`
	Messages    []wireMessage `json:"messages"`
	Schema      wireValue     `json:"schema"`
	Tools       []wireTool    `json:"tools,omitempty"`
	ToolChoice  string        `json:"tool_choice,omitempty"`
	Model       string        `json:"model,omitempty"`
	Temperature *float64      `json:"temperature,omitempty"`
	TopP        *float64      `json:"top_p,omitempty"`
	Seed        *int64        `json:"seed,omitempty"`
	Stop        []string      `json:"stop,omitempty"`
	MaxTokens   int64         `json:"max_tokens,omitempty"`
	Stream      bool          `json:"stream,omitempty"`
}

type wireMessage struct {
	Role       string         `json:"role"`
	Content    string         `json:"content"`
	Parts      []port.Part    `json:"parts,omitempty"`
	ToolCallID string         `json:"tool_call_id,omitempty"`
	ToolCalls  []wireToolCall `json:"tool_calls,omitempty"`
}

type wireTool struct {
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Parameters  wireValue `json:"parameters"`
}

type wireToolCall struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Arguments wireValue `json:"arguments"`
}

type llmResult struct {
	Text         string         `json:"text"`
	Structured   wireValue      `json:"structured"`
	IsObject     bool           `json:"is_object,omitempty"`
	ToolCalls    []wireToolCall `json:"tool_calls,omitempty"`
	Model        string         `json:"model"`
	FinishReason string         `json:"finish_reason"`
	Usage        port.Usage     `json:"usage"`
}

func llmToWire(r *port.LLMRequest) *llmParams {
	p := &llmParams{Call: r.Call, Schema: wireValue{r.Schema}, ToolChoice: r.ToolChoice, Model: r.Model,
		Temperature: r.Temperature, TopP: r.TopP, Seed: r.Seed, Stop: r.Stop, MaxTokens: r.MaxTokens, Stream: r.Stream != nil}
	for _, m := range r.Messages {
		p.Messages = append(p.Messages, wireMessage{m.Role, m.Content, m.Parts, m.ToolCallID, callsToWire(m.ToolCalls)})
	}
	p.Tools = toolsToWire(r.Tools)
	return p
}

func (p *llmParams) port() *port.LLMRequest {
	r := &port.LLMRequest{Call: p.Call, Schema: p.Schema.v, ToolChoice: p.ToolChoice, Model: p.Model,
		Temperature: p.Temperature, TopP: p.TopP, Seed: p.Seed, Stop: p.Stop, MaxTokens: p.MaxTokens}
	for _, m := range p.Messages {
		r.Messages = append(r.Messages, port.Message{Role: m.Role, Content: m.Content, Parts: m.Parts, ToolCallID: m.ToolCallID, ToolCalls: callsToPort(m.ToolCalls)})
	}
	r.Tools = toolsToPort(p.Tools)
	return r
}

func toolsToWire(tools []port.Tool) []wireTool {
	var out []wireTool
	for _, t := range tools {
		out = append(out, wireTool{t.Name, t.Description, wireValue{t.Parameters}})
	}
	return out
}

func toolsToPort(tools []wireTool) []port.Tool {
	var out []port.Tool
	for _, t := range tools {
		out = append(out, port.Tool{Name: t.Name, Description: t.Description, Parameters: t.Parameters.v})
	}
	return out
}

func callsToWire(calls []port.ToolCall) []wireToolCall {
	var out []wireToolCall
	for _, c := range calls {
		out = append(out, wireToolCall{c.ID, c.Name, wireValue{c.Arguments}})
	}
	return out
}

func callsToPort(calls []wireToolCall) []port.ToolCall {
	var out []port.ToolCall
	for _, c := range calls {
		out = append(out, port.ToolCall{ID: c.ID, Name: c.Name, Arguments: c.Arguments.v})
	}
	return out
}

type embedParams struct {
	Call       port.Call `json:"call"`
	Model      string    `json:"model,omitempty"`
	Texts      []string  `json:"texts"`
	Dimensions int       `json:"dimensions,omitempty"`
}

type storeParams struct {
	Key   string    `json:"key"`
	Value wireValue `json:"value"`
	TTL   int64     `json:"ttl_ns,omitempty"`
}

type storeResult struct {
	Value wireValue `json:"value"`
	OK    bool      `json:"ok"`
	Keys  []string  `json:"keys,omitempty"`
}

type queryParams struct {
	Statement string      `json:"statement"`
	Args      []wireValue `json:"args,omitempty"`
}

type queryResult struct {
	Columns  []string    `json:"columns"`
	Rows     []wireValue `json:"rows"`
	Affected int64       `json:"affected"`
}

type httpParams struct {
	Call   port.Call         `json:"call"`
	Method string            `json:"method"`
	URL    string            `json:"url"`
	Header map[string]string `json:"header,omitempty"`
	Query  map[string]string `json:"query,omitempty"`
	Body   *wireValue        `json:"body,omitempty"`
}

type httpResult struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header,omitempty"`
	Body   wireValue         `json:"body"`
}

type notifyParams struct {
	Call    port.Call `json:"call"`
	To      []string  `json:"to,omitempty"`
	Subject string    `json:"subject,omitempty"`
	Text    string    `json:"text"`
	Data    wireValue `json:"data"`
}

// callParams call a tool or a function.
type callParams struct {
	Call  port.Call `json:"call"`
	Name  string    `json:"name,omitempty"`
	Input wireValue `json:"input"`
}

type cancelParams struct {
	ID uint64 `json:"id"`
}
