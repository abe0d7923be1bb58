// Package openai is the adapter of OpenAI's models and of every service that
// speaks the same protocol: vLLM, llama.cpp, LM Studio, OpenRouter, Azure.
//
// Input: requests of the runtime and a configuration. Output: one request of the
// chat completions or embeddings endpoint for each, through the official SDK, and
// its answer.
//
// # Configuration
//
//	api_key       the key; may be absent for local servers
//	model         the model, unless each node names one
//	base_url      the service's address up to and with /v1; default OpenAI's
//	api_type      "openai" (default) or "azure": the key goes into the header
//	              api-key, and api_version into the query
//	api_version   Azure's version of the protocol
//	organization, project   OpenAI's headers of these names
//	headers       further headers
//	temperature, top_p, seed, stop, frequency_penalty, presence_penalty
//	max_tokens    bound of an answer
//	max_tokens_field  the name under which the bound is sent, default
//	              max_completion_tokens at OpenAI and Azure and max_tokens elsewhere
//	response_format   {type: json_object} for answers that are any JSON
//	structured_output "native" (default), or "prompt" for services without
//	              response_format: json_schema
//	system_prompt put before messages that have no system message
//	embedding_model, embedding_dimensions
//	timeout       of one request, default 10 minutes
//	max_retries   further requests after a failure that can pass; the runtime makes
//	              them, so that limits count them
//
// Invariants: one call is one request, the SDK's own retries are off; a stream
// counts as whole only if the service said why it ended; the key is in no error.
//
// The three hardest cases: a stream whose connection ends early without an error;
// usage, which services leave out or send in a chunk of its own; tool calls that
// arrive in pieces.
package openai

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/openai/openai-go/v3/shared"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/adapter/model"
	"hexdag.dev/hexdag/runtime/adapter/transport"
	"hexdag.dev/hexdag/runtime/port"
)

// Name is the adapter's canonical name.
const Name = "openai"

// DefaultBaseURL is where requests go unless base_url says otherwise.
const DefaultBaseURL = "https://api.openai.com/v1/"

// New is the port.Factory of the adapter.
func New(_ context.Context, spec port.Spec) (port.Adapter, error) {
	c := port.ReadConfig(spec)
	s := model.Read(c, spec, "OpenAI")
	m := &Model{s: s, http: transport.New(s.Options), native: true}
	m.frequency = model.Number(c, -2, 2, "frequency_penalty")
	m.presence = model.Number(c, -2, 2, "presence_penalty")
	apiType, version := c.Text("api_type"), c.Text("api_version")
	organization, project := c.Text("organization"), c.Text("project")
	m.maxField = c.Text("max_tokens_field")
	switch mode := c.Text("structured_output"); mode {
	case "", "native":
	case "prompt":
		m.native = false
	default:
		c.Faultf("\"structured_output\" must be native or prompt, not %q", mode)
	}
	m.readFormat(c)

	base := s.BaseURL
	if base == "" {
		base = DefaultBaseURL
	}
	if !strings.HasSuffix(base, "/") {
		base += "/"
	}
	m.options = []option.RequestOption{option.WithBaseURL(base), option.WithHTTPClient(m.http), option.WithMaxRetries(0)}
	own := false
	if u, err := url.Parse(base); err == nil {
		own = u.Host == "api.openai.com"
	}
	switch apiType {
	case "", "openai":
		if version != "" {
			c.Faultf("\"api_version\" belongs to api_type: azure")
		}
		if s.APIKey != "" {
			m.options = append(m.options, option.WithAPIKey(s.APIKey))
		} else {
			m.options = append(m.options, option.WithHeaderDel("Authorization"))
			if own {
				c.Faultf("\"api_key\" is missing; give it as a secret, such as ${secret:OPENAI_API_KEY}")
			}
		}
	case "azure":
		own = true
		if s.BaseURL == "" || version == "" || s.APIKey == "" {
			c.Faultf("api_type: azure needs \"base_url\", \"api_key\" and \"api_version\"")
		}
		m.options = append(m.options, option.WithHeaderDel("Authorization"),
			option.WithHeader("api-key", s.APIKey), option.WithQuery("api-version", version))
	default:
		c.Faultf("\"api_type\" must be openai or azure, not %q", apiType)
	}
	switch m.maxField {
	case "":
		m.maxField = "max_tokens"
		if own {
			m.maxField = "max_completion_tokens"
		}
	case "max_tokens", "max_completion_tokens":
	default:
		c.Faultf("\"max_tokens_field\" must be max_tokens or max_completion_tokens, not %q", m.maxField)
	}
	if organization != "" {
		m.options = append(m.options, option.WithOrganization(organization))
	}
	if project != "" {
		m.options = append(m.options, option.WithProject(project))
	}
	for k, v := range s.Headers {
		m.options = append(m.options, option.WithHeader(k, v))
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	// The services are made by themselves: a client would read the environment.
	m.chat = openai.NewChatCompletionService(m.options...)
	m.embeddings = openai.NewEmbeddingService(m.options...)
	return m, nil
}

// Model is a model behind the protocol. It is safe for concurrent use.
type Model struct {
	s                   *model.Settings
	http                *http.Client
	options             []option.RequestOption
	chat                openai.ChatCompletionService
	embeddings          openai.EmbeddingService
	frequency, presence *float64
	maxField            string
	native, anyJSON     bool
}

func (m *Model) readFormat(c *port.Config) {
	v, _, ok := c.Get("response_format")
	if !ok {
		return
	}
	kind, isText := v.AsString()
	if obj, isMap := v.Object(); isMap {
		t, _ := obj.Get("type")
		kind, isText = t.AsString()
	}
	switch {
	case isText && kind == "json_object":
		m.anyJSON = true
	case isText && kind == "text":
	default:
		c.Faultf("\"response_format\" must be {type: json_object} or {type: text}; for a schema give the node an output_schema")
	}
}

// Class is port.Read: a completion changes nothing outside.
func (m *Model) Class() port.Class { return port.Read }

// Structured reports whether the service takes a schema.
func (m *Model) Structured() bool { return m.native }

// Retries is how many further requests the configuration asks for.
func (m *Model) Retries() int { return m.s.MaxRetries }

// Close closes idle connections.
func (m *Model) Close(context.Context) error {
	m.http.CloseIdleConnections()
	return nil
}

// Generate makes one request.
func (m *Model) Generate(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	params, err := m.params(req)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, m.s.Timeout)
	defer cancel()
	stream := req.Stream != nil
	ctx, x := transport.Begin(ctx, stream)
	opts := []option.RequestOption{option.WithHeader("Idempotency-Key", model.Key(req.Call))}
	if stream {
		return m.stream(ctx, x, params, req, opts)
	}
	resp, err := m.chat.New(ctx, params, opts...)
	if err != nil {
		return nil, x.Failure(ctx, m.s.Options, err)
	}
	usage := usageOf(&resp.Usage)
	if len(resp.Choices) == 0 {
		return nil, m.unreadable(usage, "it has no choices")
	}
	choice := &resp.Choices[0]
	a := answer{text: choice.Message.Content, refusal: choice.Message.Refusal, finish: choice.FinishReason, model: resp.Model, usage: usage}
	for _, call := range choice.Message.ToolCalls {
		a.calls = append(a.calls, toolCall{call.ID, call.Function.Name, call.Function.Arguments})
	}
	return m.response(&a)
}

func (m *Model) unreadable(u port.Usage, why string) error {
	return &port.Error{Class: port.ClassInvalidOutput, Retryable: true, Usage: u,
		Message: fmt.Sprintf("%s gave an answer that cannot be read: %s", m.s.Options.Service, why)}
}

func usageOf(u *openai.CompletionUsage) port.Usage {
	return port.Usage{
		Known:       u.JSON.TotalTokens.Valid() || u.JSON.PromptTokens.Valid(),
		InputTokens: u.PromptTokens, OutputTokens: u.CompletionTokens,
	}
}

type toolCall struct{ id, name, arguments string }

// answer is what a response says, however it came.
type answer struct {
	text, refusal, finish, model string
	calls                        []toolCall
	usage                        port.Usage
}

func (m *Model) response(a *answer) (*port.LLMResponse, error) {
	if a.refusal != "" && a.text == "" && len(a.calls) == 0 {
		return nil, &port.Error{Class: port.ClassProvider, Usage: a.usage,
			Message: transport.Redact(m.s.Options, "the model refused: "+port.OneLine(a.refusal))}
	}
	if a.finish == "content_filter" {
		return nil, &port.Error{Class: port.ClassProvider, Usage: a.usage, Message: m.s.Options.Service + " withheld the answer: its content filter spoke"}
	}
	out := &port.LLMResponse{Text: a.text, Model: a.model, FinishReason: a.finish, Usage: a.usage}
	for _, c := range a.calls {
		args, err := model.Arguments(m.s.Options, c.name, c.arguments)
		if err != nil {
			port.AsError(err).Usage = a.usage
			return nil, err
		}
		out.ToolCalls = append(out.ToolCalls, port.ToolCall{ID: c.id, Name: c.name, Arguments: args})
	}
	return out, nil
}

// stream reads the parts of an answer as they come.
func (m *Model) stream(ctx context.Context, x *transport.Exchange, params openai.ChatCompletionNewParams, req *port.LLMRequest, opts []option.RequestOption) (*port.LLMResponse, error) {
	params.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
	s := m.chat.NewStreaming(ctx, params, opts...)
	defer s.Close()
	var a answer
	var text, refusal strings.Builder
	for s.Next() {
		chunk := s.Current()
		if chunk.Model != "" {
			a.model = chunk.Model
		}
		if u := usageOf(&chunk.Usage); u.Known {
			a.usage = u
		}
		if len(chunk.Choices) == 0 || chunk.Choices[0].Index != 0 {
			continue
		}
		c := &chunk.Choices[0]
		if c.FinishReason != "" {
			a.finish = c.FinishReason
		}
		if c.Delta.Content != "" {
			text.WriteString(c.Delta.Content)
			req.Stream(c.Delta.Content)
		}
		refusal.WriteString(c.Delta.Refusal)
		for _, call := range c.Delta.ToolCalls {
			if call.Index < 0 || call.Index > 1000 {
				return nil, m.unreadable(a.usage, "a tool call has no place")
			}
			for int64(len(a.calls)) <= call.Index {
				a.calls = append(a.calls, toolCall{})
			}
			at := &a.calls[call.Index]
			at.id += call.ID
			at.name += call.Function.Name
			at.arguments += call.Function.Arguments
		}
	}
	a.text, a.refusal = text.String(), refusal.String()
	if err := s.Err(); err != nil {
		var broken *ssestream.StreamError
		if errors.As(err, &broken) {
			return nil, transport.Broken(m.s.Options, broken.Event.Data, a.usage)
		}
		e := *x.Failure(ctx, m.s.Options, err)
		e.Usage = a.usage
		return nil, &e
	}
	if a.finish == "" {
		return nil, transport.Cut(m.s.Options, a.usage)
	}
	return m.response(&a)
}

// params translates a request.
func (m *Model) params(req *port.LLMRequest) (p openai.ChatCompletionNewParams, err error) {
	own, err := m.s.For(req)
	if err != nil {
		return p, err
	}
	p.Model = own.Model
	set := func(dst *param.Opt[float64], v *float64) {
		if v != nil {
			*dst = openai.Float(*v)
		}
	}
	set(&p.Temperature, own.Temperature)
	set(&p.TopP, own.TopP)
	set(&p.FrequencyPenalty, m.frequency)
	set(&p.PresencePenalty, m.presence)
	if own.Seed != nil {
		p.Seed = openai.Int(*own.Seed)
	}
	if own.MaxTokens > 0 {
		if m.maxField == "max_tokens" {
			p.MaxTokens = openai.Int(own.MaxTokens)
		} else {
			p.MaxCompletionTokens = openai.Int(own.MaxTokens)
		}
	}
	if len(own.Stop) > 0 {
		p.Stop = openai.ChatCompletionNewParamsStopUnion{OfStringArray: own.Stop}
	}
	for _, msg := range m.s.Messages(req) {
		x, err := message(&msg)
		if err != nil {
			return p, err
		}
		p.Messages = append(p.Messages, x)
	}
	if err := m.format(&p, req); err != nil {
		return p, err
	}
	return p, tools(&p, req)
}

func (m *Model) format(p *openai.ChatCompletionNewParams, req *port.LLMRequest) error {
	switch {
	case !req.Schema.IsNull() && m.native:
		schema, err := model.JSON("the schema of node "+req.Call.Node, req.Schema)
		if err != nil {
			return err
		}
		p.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
				Name: "answer", Schema: schema, Strict: openai.Bool(model.Strict(req.Schema)),
			},
		}}
	case m.anyJSON:
		p.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONObject: &shared.ResponseFormatJSONObjectParam{}}
	}
	return nil
}

func tools(p *openai.ChatCompletionNewParams, req *port.LLMRequest) error {
	for _, t := range req.Tools {
		f := shared.FunctionDefinitionParam{Name: t.Name}
		if t.Description != "" {
			f.Description = openai.String(t.Description)
		}
		if obj, ok := t.Parameters.Object(); ok {
			f.Parameters = shared.FunctionParameters{}
			for i := range obj.Len() {
				k, v := obj.At(i)
				raw, err := model.JSON("the parameters of tool "+t.Name, v)
				if err != nil {
					return err
				}
				f.Parameters[value.Str(k)] = raw
			}
		}
		p.Tools = append(p.Tools, openai.ChatCompletionFunctionTool(f))
	}
	switch choice := req.ToolChoice; {
	case len(req.Tools) == 0 || choice == "":
	case choice == "auto" || choice == "none" || choice == "required":
		p.ToolChoice.OfAuto = openai.String(choice)
	default:
		p.ToolChoice = openai.ToolChoiceOptionFunctionToolChoice(openai.ChatCompletionNamedToolChoiceFunctionParam{Name: choice})
	}
	return nil
}

func message(m *port.Message) (out openai.ChatCompletionMessageParamUnion, err error) {
	switch m.Role {
	case "system":
		return openai.SystemMessage(m.Texts()), nil
	case "tool":
		return openai.ToolMessage(m.Texts(), m.ToolCallID), nil
	case "assistant":
		var a openai.ChatCompletionAssistantMessageParam
		if text := m.Texts(); text != "" || len(m.ToolCalls) == 0 {
			a.Content.OfString = openai.String(text)
		}
		for _, c := range m.ToolCalls {
			args, err := arguments(c)
			if err != nil {
				return out, err
			}
			a.ToolCalls = append(a.ToolCalls, openai.ChatCompletionMessageToolCallUnionParam{
				OfFunction: &openai.ChatCompletionMessageFunctionToolCallParam{
					ID: c.ID, Function: openai.ChatCompletionMessageFunctionToolCallFunctionParam{Name: c.Name, Arguments: args},
				},
			})
		}
		return openai.ChatCompletionMessageParamUnion{OfAssistant: &a}, nil
	case "user":
	default:
		return out, port.Errorf(port.ClassInvalidInput, "there is no role %q of a message; there are system, user, assistant and tool", m.Role)
	}
	if len(m.Parts) == 0 {
		return openai.UserMessage(m.Content), nil
	}
	var parts []openai.ChatCompletionContentPartUnionParam
	if m.Content != "" {
		parts = append(parts, openai.TextContentPart(m.Content))
	}
	for _, p := range m.Parts {
		switch {
		case p.Text != "":
			parts = append(parts, openai.TextContentPart(p.Text))
		case p.URL != "":
			parts = append(parts, openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: p.URL}))
		default:
			at := "data:" + p.MediaType + ";base64," + base64.StdEncoding.EncodeToString(p.Data)
			parts = append(parts, openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: at}))
		}
	}
	return openai.UserMessage(parts), nil
}

func arguments(c port.ToolCall) (string, error) {
	if c.Arguments.IsNull() || c.Arguments.IsMissing() {
		return "{}", nil
	}
	raw, err := model.JSON("the arguments of tool "+c.Name, c.Arguments)
	return string(raw), err
}

// Embed makes one request of the embeddings endpoint.
func (m *Model) Embed(ctx context.Context, req *port.EmbedRequest) (*port.EmbedResponse, error) {
	name := req.Model
	if name == "" {
		name = m.s.EmbeddingModel
	}
	if name == "" {
		e := port.Errorf(port.ClassInvalidInput, "port %q has no embedding model", req.Call.Port)
		e.Help = "name one: ports." + req.Call.Port + ".config.embedding_model"
		return nil, e
	}
	if len(req.Texts) == 0 {
		return nil, port.Errorf(port.ClassInvalidInput, "there is no text to embed")
	}
	params := openai.EmbeddingNewParams{Model: name, Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: req.Texts}, EncodingFormat: openai.EmbeddingNewParamsEncodingFormatFloat}
	dimensions := req.Dimensions
	if dimensions == 0 {
		dimensions = m.s.EmbeddingDimensions
	}
	if dimensions > 0 {
		params.Dimensions = openai.Int(int64(dimensions))
	}
	ctx, cancel := context.WithTimeout(ctx, m.s.Timeout)
	defer cancel()
	ctx, x := transport.Begin(ctx, false)
	resp, err := m.embeddings.New(ctx, params, option.WithHeader("Idempotency-Key", model.Key(req.Call)))
	if err != nil {
		return nil, x.Failure(ctx, m.s.Options, err)
	}
	out := &port.EmbedResponse{Model: resp.Model, Vectors: make([][]float64, len(req.Texts)),
		Usage: port.Usage{Known: resp.Usage.JSON.PromptTokens.Valid(), InputTokens: resp.Usage.PromptTokens}}
	for i := range resp.Data {
		at := resp.Data[i].Index
		if at < 0 || at >= int64(len(out.Vectors)) || len(resp.Data[i].Embedding) == 0 {
			return nil, m.unreadable(out.Usage, "it has vectors that nobody asked for")
		}
		out.Vectors[at] = resp.Data[i].Embedding
	}
	for i, v := range out.Vectors {
		if v == nil || len(v) != len(out.Vectors[0]) {
			return nil, m.unreadable(out.Usage, fmt.Sprintf("the vector of text %d is missing or of another length", i+1))
		}
	}
	return out, nil
}
