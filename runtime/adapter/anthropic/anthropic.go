// Package anthropic is the adapter of Anthropic's models.
//
// Input: requests of the runtime and a configuration. Output: one request of the
// messages endpoint for each, through the official SDK, and its answer.
//
// # Configuration
//
//	api_key        the key
//	model          the model, unless each node names one
//	base_url       another address than Anthropic's
//	max_tokens     bound of an answer, default 4096; the service wants one
//	temperature, top_p, top_k, stop
//	headers        further headers
//	system_prompt  put before messages that have no system message
//	timeout        of one request, default 10 minutes
//	max_retries    further requests after a failure that can pass; the runtime makes
//	               them, so that limits count them
//
// An answer that must fit a schema is asked for as the call of a tool that takes
// such an object, which every model does.
//
// Invariants: one call is one request, the SDK's own retries are off, and it reads
// neither the environment nor files; a stream counts as whole only if the service
// said why it ended; the key is in no error.
//
// The three hardest cases: results of tools, which have to stand together in one
// message; schemas whose value is no object; errors that come inside of a stream.
package anthropic

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/adapter/model"
	"hexdag.dev/hexdag/runtime/adapter/transport"
	"hexdag.dev/hexdag/runtime/port"
)

// Name is the adapter's canonical name.
const Name = "anthropic"

// DefaultMaxTokens bounds answers unless the configuration or the request does.
const DefaultMaxTokens = 4096

// answerTool is the tool through which structured answers come.
const answerTool = "answer"

// New is the port.Factory of the adapter.
func New(_ context.Context, spec port.Spec) (port.Adapter, error) {
	c := port.ReadConfig(spec)
	s := model.Read(c, spec, "Anthropic")
	m := &Model{s: s, http: transport.New(s.Options)}
	if n, ok := model.Integer(c, "top_k"); ok {
		m.topK = n
		if n < 1 {
			c.Faultf("\"top_k\" must be at least 1")
		}
	}
	if s.APIKey == "" {
		c.Faultf("\"api_key\" is missing; give it as a secret, such as ${secret:ANTHROPIC_API_KEY}")
	}
	if s.EmbeddingModel != "" || s.EmbeddingDimensions != 0 {
		c.Faultf("Anthropic has no embedding models")
	}
	if s.Seed != nil {
		c.Faultf("Anthropic's models take no \"seed\"")
	}
	if s.MaxTokens == 0 {
		s.MaxTokens = DefaultMaxTokens
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	opts := []option.RequestOption{
		option.WithoutEnvironmentDefaults(), option.WithEnvironmentProduction(), option.WithHTTPClient(m.http), option.WithMaxRetries(0),
		option.WithAPIKey(s.APIKey), option.WithRequestTimeout(s.Timeout),
	}
	if s.BaseURL != "" {
		opts = append(opts, option.WithBaseURL(s.BaseURL))
	}
	for k, v := range s.Headers {
		opts = append(opts, option.WithHeader(k, v))
	}
	m.messages = anthropic.NewMessageService(opts...)
	return m, nil
}

// Model is a model of Anthropic's. It is safe for concurrent use.
type Model struct {
	s        *model.Settings
	http     *http.Client
	messages anthropic.MessageService
	topK     int64
}

// Class is port.Read: a completion changes nothing outside.
func (m *Model) Class() port.Class { return port.Read }

// Structured is true.
func (m *Model) Structured() bool { return true }

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
	ctx, x := transport.Begin(ctx, req.Stream != nil)
	key := option.WithHeader("Idempotency-Key", model.Key(req.Call))
	var msg *anthropic.Message
	if req.Stream == nil {
		if msg, err = m.messages.New(ctx, params, key); err != nil {
			return nil, x.Failure(ctx, m.s.Options, err)
		}
	} else if msg, err = m.stream(ctx, x, params, req, key); err != nil {
		return nil, err
	}
	return m.response(msg, req)
}

func usageOf(u *anthropic.Usage) port.Usage {
	return port.Usage{
		Known:        u.JSON.InputTokens.Valid() && u.JSON.OutputTokens.Valid(),
		InputTokens:  u.InputTokens + u.CacheCreationInputTokens + u.CacheReadInputTokens,
		OutputTokens: u.OutputTokens,
	}
}

// stream reads the parts of an answer as they come.
func (m *Model) stream(ctx context.Context, x *transport.Exchange, params anthropic.MessageNewParams, req *port.LLMRequest, opts ...option.RequestOption) (*anthropic.Message, error) {
	s := m.messages.NewStreaming(ctx, params, opts...)
	defer s.Close()
	var msg anthropic.Message
	ended := false
	for s.Next() {
		event := s.Current()
		if err := msg.Accumulate(event); err != nil {
			return nil, m.unreadable(usageOf(&msg.Usage), err.Error())
		}
		switch {
		case event.Type == "content_block_delta" && event.Delta.Type == "text_delta":
			req.Stream(event.Delta.Text)
		case event.Type == "message_stop":
			ended = true
		}
	}
	usage := usageOf(&msg.Usage)
	if err := s.Err(); err != nil {
		var api *anthropic.Error
		if errors.As(err, &api) {
			return nil, transport.Broken(m.s.Options, []byte(api.RawJSON()), usage)
		}
		e := *x.Failure(ctx, m.s.Options, err)
		if usage.InputTokens > 0 { // what was told at the start; the answer's part is not known
			usage.Known = false
			e.Usage = usage
		}
		return nil, &e
	}
	if !ended {
		usage.Known = false
		return nil, transport.Cut(m.s.Options, usage)
	}
	return &msg, nil
}

func (m *Model) unreadable(u port.Usage, why string) error {
	return &port.Error{Class: port.ClassInvalidOutput, Retryable: true, Usage: u,
		Message: transport.Redact(m.s.Options, fmt.Sprintf("%s gave an answer that cannot be read: %s", m.s.Options.Service, why))}
}

// finishReasons are the reasons by the names that the runtime uses.
var finishReasons = map[anthropic.StopReason]string{
	anthropic.StopReasonEndTurn: "stop", anthropic.StopReasonStopSequence: "stop",
	anthropic.StopReasonMaxTokens: "length", anthropic.StopReasonToolUse: "tool_calls",
}

func (m *Model) response(msg *anthropic.Message, req *port.LLMRequest) (*port.LLMResponse, error) {
	usage := usageOf(&msg.Usage)
	if !msg.JSON.Content.Valid() && len(msg.Content) == 0 {
		return nil, m.unreadable(usage, "it has no content")
	}
	if msg.StopReason == anthropic.StopReasonRefusal {
		return nil, &port.Error{Class: port.ClassProvider, Usage: usage, Message: "the model refused to answer"}
	}
	out := &port.LLMResponse{Model: string(msg.Model), FinishReason: string(msg.StopReason), Usage: usage}
	if name, ok := finishReasons[msg.StopReason]; ok {
		out.FinishReason = name
	}
	for i := range msg.Content {
		switch b := &msg.Content[i]; b.Type {
		case "text":
			out.Text += b.Text
		case "tool_use":
			args, err := model.Arguments(m.s.Options, b.Name, string(b.Input))
			if err != nil {
				port.AsError(err).Usage = usage
				return nil, err
			}
			if b.Name == answerTool && !req.Schema.IsNull() {
				if obj, ok := args.Object(); ok && !isObject(req.Schema) {
					args, _ = obj.Get("value")
				}
				out.Structured, out.IsObject, out.FinishReason = args, true, "stop"
				continue
			}
			out.ToolCalls = append(out.ToolCalls, port.ToolCall{ID: b.ID, Name: b.Name, Arguments: args})
		}
	}
	return out, nil
}

func isObject(schema value.Value) bool {
	obj, _ := schema.Object()
	if obj == nil {
		return false
	}
	t, _ := obj.Get("type")
	name, _ := t.AsString()
	return name == "object"
}

// params translates a request.
func (m *Model) params(req *port.LLMRequest) (p anthropic.MessageNewParams, err error) {
	own, err := m.s.For(req)
	if err != nil {
		return p, err
	}
	if own.Seed != nil {
		return p, port.Errorf(port.ClassInvalidInput, "Anthropic's models take no seed, and node %q gives one", req.Call.Node)
	}
	p.Model, p.MaxTokens, p.StopSequences = anthropic.Model(own.Model), own.MaxTokens, own.Stop
	if own.Temperature != nil {
		p.Temperature = anthropic.Float(*own.Temperature)
	}
	if own.TopP != nil {
		p.TopP = anthropic.Float(*own.TopP)
	}
	if m.topK > 0 {
		p.TopK = anthropic.Int(m.topK)
	}
	for _, msg := range m.s.Messages(req) {
		if msg.Role == "system" {
			p.System = append(p.System, anthropic.TextBlockParam{Text: msg.Texts()})
			continue
		}
		blocks, role, err := content(&msg)
		if err != nil {
			return p, err
		}
		if n := len(p.Messages); n > 0 && p.Messages[n-1].Role == role {
			p.Messages[n-1].Content = append(p.Messages[n-1].Content, blocks...)
			continue
		}
		p.Messages = append(p.Messages, anthropic.MessageParam{Role: role, Content: blocks})
	}
	return p, tools(&p, req)
}

func tools(p *anthropic.MessageNewParams, req *port.LLMRequest) error {
	for _, t := range req.Tools {
		if err := addTool(p, t); err != nil {
			return err
		}
	}
	switch choice := req.ToolChoice; {
	case len(req.Tools) == 0 || choice == "" || choice == "auto":
	case choice == "none":
		p.ToolChoice.OfNone = &anthropic.ToolChoiceNoneParam{}
	case choice == "required":
		p.ToolChoice.OfAny = &anthropic.ToolChoiceAnyParam{}
	default:
		p.ToolChoice = anthropic.ToolChoiceParamOfTool(choice)
	}
	if req.Schema.IsNull() {
		return nil
	}
	schema := req.Schema
	if !isObject(schema) {
		fields := value.NewObject(1)
		fields.Set("value", schema)
		wrapped := value.NewObject(3)
		wrapped.Set("type", value.String("object"))
		wrapped.Set("properties", fields.Value())
		wrapped.Set("required", value.List([]value.Value{value.String("value")}))
		schema = wrapped.Value()
	}
	if err := addTool(p, port.Tool{Name: answerTool, Description: "Gives the answer. Call it exactly once, with the whole answer.", Parameters: schema}); err != nil {
		return err
	}
	p.ToolChoice = anthropic.ToolChoiceParamOfTool(answerTool)
	if len(req.Tools) > 0 {
		p.ToolChoice = anthropic.ToolChoiceUnionParam{OfAny: &anthropic.ToolChoiceAnyParam{}}
	}
	return nil
}

func addTool(p *anthropic.MessageNewParams, t port.Tool) error {
	tool := anthropic.ToolParam{Name: t.Name}
	if t.Description != "" {
		tool.Description = anthropic.String(t.Description)
	}
	if obj, ok := t.Parameters.Object(); ok {
		for i := range obj.Len() {
			k, v := obj.At(i)
			name := value.Str(k)
			raw, err := model.JSON("the parameters of tool "+t.Name, v)
			if err != nil {
				return err
			}
			switch name {
			case "type":
			case "properties":
				tool.InputSchema.Properties = raw
			case "required":
				for _, item := range v.Items() {
					tool.InputSchema.Required = append(tool.InputSchema.Required, value.Str(item))
				}
			default:
				if tool.InputSchema.ExtraFields == nil {
					tool.InputSchema.ExtraFields = map[string]any{}
				}
				tool.InputSchema.ExtraFields[name] = raw
			}
		}
	}
	p.Tools = append(p.Tools, anthropic.ToolUnionParam{OfTool: &tool})
	return nil
}

// content translates a message that is not the system's.
func content(m *port.Message) (blocks []anthropic.ContentBlockParamUnion, role anthropic.MessageParamRole, err error) {
	switch m.Role {
	case "tool":
		return []anthropic.ContentBlockParamUnion{anthropic.NewToolResultBlock(m.ToolCallID, m.Texts(), false)}, anthropic.MessageParamRoleUser, nil
	case "assistant":
		role = anthropic.MessageParamRoleAssistant
	case "user":
		role = anthropic.MessageParamRoleUser
	default:
		return nil, "", port.Errorf(port.ClassInvalidInput, "there is no role %q of a message; there are system, user, assistant and tool", m.Role)
	}
	if m.Content != "" {
		blocks = append(blocks, anthropic.NewTextBlock(m.Content))
	}
	for _, part := range m.Parts {
		switch {
		case part.Text != "":
			blocks = append(blocks, anthropic.NewTextBlock(part.Text))
		case part.URL != "":
			blocks = append(blocks, anthropic.NewImageBlock(anthropic.URLImageSourceParam{URL: part.URL}))
		default:
			blocks = append(blocks, anthropic.NewImageBlockBase64(part.MediaType, base64.StdEncoding.EncodeToString(part.Data)))
		}
	}
	for _, c := range m.ToolCalls {
		args := json.RawMessage("{}")
		if !c.Arguments.IsNull() && !c.Arguments.IsMissing() {
			if args, err = model.JSON("the arguments of tool "+c.Name, c.Arguments); err != nil {
				return nil, "", err
			}
		}
		blocks = append(blocks, anthropic.NewToolUseBlock(c.ID, args, c.Name))
	}
	return blocks, role, nil
}
