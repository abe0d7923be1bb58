// Package ollama is the adapter of models that an Ollama server runs.
//
// Input: requests of the runtime and a configuration. Output: one request of the
// chat or embedding endpoint for each, through Ollama's own client, and its answer.
//
// # Configuration
//
//	model          the model, unless each node names one
//	base_url       the server, default http://localhost:11434; `host` means the same
//	keep_alive     how long the model stays in memory afterwards
//	options        further options of the model, such as num_ctx
//	temperature, top_p, top_k, seed, stop, max_tokens
//	embedding_model, embedding_dimensions
//	api_key        for servers behind a proxy that wants a bearer token
//	headers        further headers
//	system_prompt  put before messages that have no system message
//	timeout        of one request, default 10 minutes
//	max_retries    further requests after a failure that can pass; the runtime makes
//	               them, so that limits count them
//
// Invariants: one call is one request; an answer counts as whole only if the server
// said that it is done; it costs nothing, so that max_cost_usd needs no price.
//
// The three hardest cases: a connection that ends between two lines; errors inside
// of a stream, which come with the status 200; arguments of tools, whose order the
// client keeps in a type of its own.
package ollama

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/ollama/ollama/api"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/adapter/model"
	"hexdag.dev/hexdag/runtime/adapter/transport"
	"hexdag.dev/hexdag/runtime/port"
)

// Name is the adapter's canonical name.
const Name = "ollama"

// DefaultBaseURL is the server unless base_url says otherwise.
const DefaultBaseURL = "http://localhost:11434"

// New is the port.Factory of the adapter.
func New(_ context.Context, spec port.Spec) (port.Adapter, error) {
	c := port.ReadConfig(spec)
	s := model.Read(c, spec, "Ollama")
	host := c.Text("host")
	switch {
	case host != "" && s.BaseURL != "":
		c.Faultf("\"host\" and \"base_url\" mean the same; give one of them")
	case host != "" && !strings.Contains(host, "://"):
		s.BaseURL = "http://" + host
	case host != "":
		s.BaseURL = host
	case s.BaseURL == "":
		s.BaseURL = DefaultBaseURL
	}
	base, err := url.Parse(s.BaseURL)
	if err != nil || base.Host == "" {
		c.Faultf("\"base_url\" must be an address such as %s", DefaultBaseURL)
	}
	m := &Model{s: s, http: transport.New(s.Options)}
	m.http.Transport = headers{next: m.http.Transport, s: s}
	if v, name, ok := c.Get("keep_alive"); ok {
		d, err := port.ParseDuration(v)
		if err != nil {
			c.Faultf("%q %s", name, err)
		}
		m.keepAlive = &api.Duration{Duration: d}
	}
	if n, ok := model.Integer(c, "top_k"); ok {
		m.topK = &n
	}
	if v, name, ok := c.Get("options"); ok {
		obj, isMap := v.Object()
		if !isMap {
			c.Faultf("%q must be a mapping, not %s", name, v.TypeName())
		} else {
			m.extra = map[string]any{}
			for i := range obj.Len() {
				k, item := obj.At(i)
				raw, err := value.AppendJSON(nil, item)
				if err != nil {
					c.Faultf("%q in %q has no JSON", value.Str(k), name)
				}
				m.extra[value.Str(k)] = json.RawMessage(raw)
			}
		}
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	m.client = api.NewClient(base, m.http)
	return m, nil
}

// headers adds the configured headers to each request.
type headers struct {
	next http.RoundTripper
	s    *model.Settings
}

// RoundTrip makes a request.
func (h headers) RoundTrip(req *http.Request) (*http.Response, error) {
	if h.s.APIKey != "" || len(h.s.Headers) > 0 {
		req = req.Clone(req.Context())
		if h.s.APIKey != "" {
			req.Header.Set("Authorization", "Bearer "+h.s.APIKey)
		}
		for k, v := range h.s.Headers {
			req.Header.Set(k, v)
		}
	}
	return h.next.RoundTrip(req)
}

// CloseIdleConnections lets http.Client.CloseIdleConnections work.
func (h headers) CloseIdleConnections() {
	if c, ok := h.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// Model is a model behind an Ollama server. It is safe for concurrent use.
type Model struct {
	s         *model.Settings
	http      *http.Client
	client    *api.Client
	keepAlive *api.Duration
	topK      *int64
	extra     map[string]any
}

// Class is port.Read: a completion changes nothing outside.
func (m *Model) Class() port.Class { return port.Read }

// Structured is true.
func (m *Model) Structured() bool { return true }

// Free is true: the server runs the model.
func (m *Model) Free() bool { return true }

// Retries is how many further requests the configuration asks for.
func (m *Model) Retries() int { return m.s.MaxRetries }

// Close closes idle connections.
func (m *Model) Close(context.Context) error {
	m.http.CloseIdleConnections()
	return nil
}

// Generate makes one request.
func (m *Model) Generate(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	own, err := m.s.For(req)
	if err != nil {
		return nil, err
	}
	stream := req.Stream != nil
	chat := &api.ChatRequest{Model: own.Model, Stream: &stream, Options: m.options(own), KeepAlive: m.keepAlive}
	for _, msg := range m.s.Messages(req) {
		x, err := message(&msg)
		if err != nil {
			return nil, err
		}
		chat.Messages = append(chat.Messages, x)
	}
	if !req.Schema.IsNull() {
		if chat.Format, err = model.JSON("the schema of node "+req.Call.Node, req.Schema); err != nil {
			return nil, err
		}
	}
	if chat.Tools, err = tools(req); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, m.s.Timeout)
	defer cancel()
	ctx, x := transport.Begin(ctx, stream)
	out := &port.LLMResponse{}
	var text strings.Builder
	done := false
	var wrong error
	err = m.client.Chat(ctx, chat, func(part api.ChatResponse) error {
		if part.Message.Content != "" {
			text.WriteString(part.Message.Content)
			if stream {
				req.Stream(part.Message.Content)
			}
		}
		for _, call := range part.Message.ToolCalls {
			args, err := model.Arguments(m.s.Options, call.Function.Name, call.Function.Arguments.String())
			if err != nil {
				wrong = err
				return err
			}
			id := call.ID
			if id == "" {
				id = fmt.Sprintf("call_%d", len(out.ToolCalls)+1)
			}
			out.ToolCalls = append(out.ToolCalls, port.ToolCall{ID: id, Name: call.Function.Name, Arguments: args})
		}
		out.Model = part.Model
		if part.Done {
			done = true
			out.FinishReason = part.DoneReason
			out.Usage = port.Usage{Known: true, InputTokens: int64(part.PromptEvalCount), OutputTokens: int64(part.EvalCount)}
		}
		return nil
	})
	out.Text = text.String()
	switch {
	case wrong != nil:
		return nil, wrong
	case err != nil:
		return nil, m.failure(ctx, x, err)
	case !done && !stream:
		return nil, &port.Error{Class: port.ClassInvalidOutput, Retryable: true,
			Message: m.s.Options.Service + " gave an answer that cannot be read: it is not done"}
	case !done:
		return nil, transport.Cut(m.s.Options, port.Usage{})
	}
	if len(out.ToolCalls) > 0 {
		out.FinishReason = "tool_calls"
	}
	return out, nil
}

// failure is an error of the client. Its texts about an answer are the answer's:
// an error that the server told of, or a line that is no JSON.
func (m *Model) failure(ctx context.Context, x *transport.Exchange, err error) error {
	text := err.Error()
	if !x.Failed() && ctx.Err() == nil && !strings.Contains(text, "json") && !strings.HasPrefix(text, "{") {
		return transport.Broken(m.s.Options, []byte(text), port.Usage{})
	}
	return x.Failure(ctx, m.s.Options, err)
}

func (m *Model) options(p model.Params) map[string]any {
	o := map[string]any{}
	for k, v := range m.extra {
		o[k] = v
	}
	if p.Temperature != nil {
		o["temperature"] = *p.Temperature
	}
	if p.TopP != nil {
		o["top_p"] = *p.TopP
	}
	if m.topK != nil {
		o["top_k"] = *m.topK
	}
	if p.Seed != nil {
		o["seed"] = *p.Seed
	}
	if p.MaxTokens > 0 {
		o["num_predict"] = p.MaxTokens
	}
	if len(p.Stop) > 0 {
		o["stop"] = p.Stop
	}
	return o
}

func tools(req *port.LLMRequest) (api.Tools, error) {
	if req.ToolChoice == "none" {
		return nil, nil
	}
	if req.ToolChoice != "" && req.ToolChoice != "auto" && len(req.Tools) > 0 {
		return nil, port.Errorf(port.ClassInvalidInput, "Ollama cannot be told to call a tool, and node %q wants %q", req.Call.Node, req.ToolChoice)
	}
	var out api.Tools
	for _, t := range req.Tools {
		tool := api.Tool{Type: "function", Function: api.ToolFunction{Name: t.Name, Description: t.Description}}
		tool.Function.Parameters.Type = "object"
		if _, ok := t.Parameters.Object(); ok {
			raw, err := model.JSON("the parameters of tool "+t.Name, t.Parameters)
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(raw, &tool.Function.Parameters); err != nil {
				return nil, port.Errorf(port.ClassInvalidInput, "Ollama does not take the parameters of tool %q: %s", t.Name, err)
			}
		}
		out = append(out, tool)
	}
	return out, nil
}

func message(m *port.Message) (api.Message, error) {
	out := api.Message{Role: m.Role, Content: m.Texts(), ToolCallID: m.ToolCallID}
	switch m.Role {
	case "system", "user", "assistant", "tool":
	default:
		return out, port.Errorf(port.ClassInvalidInput, "there is no role %q of a message; there are system, user, assistant and tool", m.Role)
	}
	for _, p := range m.Parts {
		switch {
		case p.URL != "":
			return out, port.Errorf(port.ClassInvalidInput, "Ollama takes images as data, not by address")
		case p.Data != nil:
			out.Images = append(out.Images, p.Data)
		}
	}
	for i, c := range m.ToolCalls {
		call := api.ToolCall{ID: c.ID, Function: api.ToolCallFunction{Index: i, Name: c.Name, Arguments: api.NewToolCallFunctionArguments()}}
		if obj, ok := c.Arguments.Object(); ok {
			for j := range obj.Len() {
				k, v := obj.At(j)
				raw, err := model.JSON("the arguments of tool "+c.Name, v)
				if err != nil {
					return out, err
				}
				call.Function.Arguments.Set(value.Str(k), raw)
			}
		}
		out.ToolCalls = append(out.ToolCalls, call)
	}
	return out, nil
}

// Embed makes one request of the embedding endpoint.
func (m *Model) Embed(ctx context.Context, req *port.EmbedRequest) (*port.EmbedResponse, error) {
	name := req.Model
	if name == "" {
		name = m.s.EmbeddingModel
	}
	if name == "" {
		name = m.s.Model
	}
	if name == "" || len(req.Texts) == 0 {
		e := port.Errorf(port.ClassInvalidInput, "port %q has no embedding model, or there is no text", req.Call.Port)
		e.Help = "name one: ports." + req.Call.Port + ".config.embedding_model"
		return nil, e
	}
	dimensions := req.Dimensions
	if dimensions == 0 {
		dimensions = m.s.EmbeddingDimensions
	}
	ctx, cancel := context.WithTimeout(ctx, m.s.Timeout)
	defer cancel()
	ctx, x := transport.Begin(ctx, false)
	resp, err := m.client.Embed(ctx, &api.EmbedRequest{Model: name, Input: req.Texts, Dimensions: dimensions, KeepAlive: m.keepAlive})
	if err != nil {
		return nil, m.failure(ctx, x, err)
	}
	out := &port.EmbedResponse{Model: resp.Model, Usage: port.Usage{Known: true, InputTokens: int64(resp.PromptEvalCount)}}
	if len(resp.Embeddings) != len(req.Texts) {
		return nil, &port.Error{Class: port.ClassInvalidOutput, Retryable: true, Usage: out.Usage,
			Message: fmt.Sprintf("%s gave %d vectors for %d texts", m.s.Options.Service, len(resp.Embeddings), len(req.Texts))}
	}
	for _, v := range resp.Embeddings {
		wide := make([]float64, len(v))
		for i, f := range v {
			wide[i] = float64(f)
		}
		out.Vectors = append(out.Vectors, wide)
	}
	return out, nil
}
