// Package model holds what the adapters of language models have in common: their
// settings, and the way from a request to its parameters.
//
// Input: a port's configuration and a request of the runtime. Output: the
// parameters of one call, in which the request's own win over the port's.
//
// Invariants: a setting that an adapter does not know is an error when the adapter
// is made; the bound on the answer's tokens is the lower one of the request's and
// the port's.
//
// The three hardest cases: images, which models without eyes must refuse; schemas
// that a provider's strict mode does not take; arguments of a tool call that are no
// JSON.
package model

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/adapter/transport"
	"hexdag.dev/hexdag/runtime/port"
)

// DefaultTimeout bounds one request unless the port's configuration does.
const DefaultTimeout = 10 * time.Minute

// Settings are the settings that every model has.
type Settings struct {
	APIKey, BaseURL, Model string
	SystemPrompt           string
	Temperature, TopP      *float64
	MaxTokens              int64 // 0: the provider's bound
	Seed                   *int64
	Stop                   []string
	Timeout                time.Duration
	EmbeddingModel         string
	EmbeddingDimensions    int
	MaxRetries             int
	Headers                map[string]string
	// Options are those of the adapter's transport.
	Options transport.Options
}

// Read reads the common settings; who names the provider in errors.
func Read(c *port.Config, spec port.Spec, who string) *Settings {
	s := &Settings{
		APIKey: c.Text("api_key"), BaseURL: c.Text("base_url", "api_base"), Model: c.Text("model", "model_name"),
		SystemPrompt: c.Text("system_prompt"), Timeout: c.Duration("timeout"),
		EmbeddingModel: c.Text("embedding_model"),
	}
	s.Temperature = number(c, 0, 2, "temperature")
	s.TopP = number(c, 0, 1, "top_p")
	s.MaxTokens = count(c, "max_tokens")
	s.EmbeddingDimensions = int(count(c, "embedding_dimensions"))
	if n, ok := Integer(c, "seed"); ok {
		s.Seed = &n
	}
	if n, ok := Integer(c, "max_retries"); ok {
		if n < 0 || n > 100 {
			c.Faultf("\"max_retries\" must be from 0 to 100, not %d", n)
		}
		s.MaxRetries = int(n)
	}
	if v, name, ok := c.Get("stop", "stop_sequences"); ok {
		s.Stop = Texts(c, name, v)
	}
	s.Headers = TextMap(c, "headers")
	if s.Timeout == 0 {
		s.Timeout = DefaultTimeout
	}
	if s.BaseURL != "" {
		if u, err := url.Parse(s.BaseURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			c.Faultf("\"base_url\" must be an address such as http://localhost:8000/v1")
		}
	}
	s.Options = transport.Options{Service: fmt.Sprintf("the %s model of port %q", who, spec.Port)}
	if s.APIKey != "" {
		s.Options.Secrets = append(s.Options.Secrets, s.APIKey)
	}
	for _, v := range s.Headers { // they often carry keys
		if len(v) >= 16 {
			s.Options.Secrets = append(s.Options.Secrets, v)
		}
	}
	return s
}

// Integer is the whole number under name.
func Integer(c *port.Config, name string) (int64, bool) {
	v, _, ok := c.Get(name)
	if !ok {
		return 0, false
	}
	n, isInt := v.AsInt()
	if !isInt || v.Kind() == value.KindBool {
		c.Faultf("%q must be a whole number, not %s", name, value.Repr(v))
		return 0, false
	}
	return n, true
}

func count(c *port.Config, name string) int64 {
	n, ok := Integer(c, name)
	if ok && n < 1 {
		c.Faultf("%q must be at least 1", name)
	}
	return n
}

func number(c *port.Config, low, high float64, name string) *float64 {
	f, ok := c.Number(name)
	if !ok {
		return nil
	}
	if f < low || f > high {
		c.Faultf("%q must be between %g and %g", name, low, high)
	}
	return &f
}

// Number is the number under name within bounds, nil if it is not set.
func Number(c *port.Config, low, high float64, name string) *float64 {
	return number(c, low, high, name)
}

// Texts is v as a list of texts; one text stands for a list of one.
func Texts(c *port.Config, name string, v value.Value) []string {
	if s, ok := v.AsString(); ok {
		return []string{s}
	}
	var list []string
	for _, item := range v.Items() {
		s, ok := item.AsString()
		if !ok {
			c.Faultf("%q must hold texts, not %s", name, item.TypeName())
		}
		list = append(list, s)
	}
	if v.Kind() != value.KindList {
		c.Faultf("%q must be text or a list of texts, not %s", name, v.TypeName())
	}
	return list
}

// TextMap is the mapping of texts under name.
func TextMap(c *port.Config, name string) map[string]string {
	v, _, ok := c.Get(name)
	if !ok {
		return nil
	}
	obj, isMap := v.Object()
	if !isMap {
		c.Faultf("%q must be a mapping of texts, not %s", name, v.TypeName())
		return nil
	}
	m := make(map[string]string, obj.Len())
	for i := range obj.Len() {
		k, item := obj.At(i)
		switch item.Kind() {
		case value.KindString, value.KindInt, value.KindFloat, value.KindBool:
			m[value.Str(k)] = value.Str(item)
		default:
			c.Faultf("%q in %q must be text, not %s", value.Str(k), name, item.TypeName())
		}
	}
	return m
}

// Params are the parameters of one call.
type Params struct {
	Model             string
	Temperature, TopP *float64
	MaxTokens         int64
	Seed              *int64
	Stop              []string
}

// For gives the parameters of a request.
func (s *Settings) For(req *port.LLMRequest) (Params, error) {
	p := Params{Model: s.Model, Temperature: s.Temperature, TopP: s.TopP, MaxTokens: s.MaxTokens, Seed: s.Seed, Stop: s.Stop}
	if req.Model != "" {
		p.Model = req.Model
	}
	if p.Model == "" {
		e := port.Errorf(port.ClassInvalidInput, "port %q has no model", req.Call.Port)
		e.Help = "name one: ports." + req.Call.Port + ".config.model"
		return p, e
	}
	if req.Temperature != nil {
		p.Temperature = req.Temperature
	}
	if req.TopP != nil {
		p.TopP = req.TopP
	}
	if req.Seed != nil {
		p.Seed = req.Seed
	}
	if req.Stop != nil {
		p.Stop = req.Stop
	}
	if req.MaxTokens > 0 && (p.MaxTokens == 0 || req.MaxTokens < p.MaxTokens) {
		p.MaxTokens = req.MaxTokens
	}
	return p, nil
}

// Messages are the request's messages, behind the port's system prompt unless the
// request has a system message of its own. Roles of other libraries are translated.
func (s *Settings) Messages(req *port.LLMRequest) []port.Message {
	out := make([]port.Message, 0, len(req.Messages)+1)
	system := false
	for _, m := range req.Messages {
		switch m.Role {
		case "human":
			m.Role = "user"
		case "ai":
			m.Role = "assistant"
		}
		system = system || m.Role == "system"
		out = append(out, m)
	}
	if s.SystemPrompt != "" && !system {
		out = append([]port.Message{{Role: "system", Content: s.SystemPrompt}}, out...)
	}
	return out
}

// Key is the idempotency key of a call as a header takes it.
func Key(call port.Call) string {
	sum := sha256.Sum256([]byte(call.Key))
	return "hexdag-" + hex.EncodeToString(sum[:16])
}

// JSON is v as JSON; what has none becomes an error of the request.
func JSON(what string, v value.Value) (json.RawMessage, error) {
	text, err := value.AppendJSON(nil, v)
	if err != nil {
		return nil, port.Errorf(port.ClassInvalidInput, "%s has no JSON: %s", what, err)
	}
	return text, nil
}

// Arguments reads the arguments of a tool call as a model wrote them; nothing
// stands for {}.
func Arguments(o transport.Options, name, text string) (value.Value, error) {
	if text == "" {
		return value.NewObject(0).Value(), nil
	}
	v, err := value.ParseJSON([]byte(text), value.JSONLimits{})
	if _, ok := v.Object(); err == nil && ok {
		return v, nil
	}
	return value.Null, &port.Error{Class: port.ClassInvalidOutput, Retryable: true,
		Message: fmt.Sprintf("%s calls the tool %q with arguments that are no JSON object: %.80q", o.Service, name, transport.Redact(o, text))}
}

// Strict reports whether a schema keeps to what strict modes take: every object
// closed, every field required.
func Strict(schema value.Value) bool {
	obj, ok := schema.Object()
	if !ok {
		for _, item := range schema.Items() {
			if !Strict(item) {
				return false
			}
		}
		return true
	}
	if fields, ok := obj.Get("properties"); ok {
		props, isMap := fields.Object()
		closed, _ := obj.Get("additionalProperties")
		open, isBool := closed.AsBool()
		required, _ := obj.Get("required")
		if !isMap || !isBool || open || len(required.Items()) != props.Len() {
			return false
		}
		for i := range props.Len() {
			if _, p := props.At(i); !Strict(p) {
				return false
			}
		}
	} else if t, _ := obj.Get("type"); t.Kind() == value.KindString {
		if s, _ := t.AsString(); s == "object" {
			return false
		}
	}
	for i := range obj.Len() {
		k, v := obj.At(i)
		if name, _ := k.AsString(); name != "properties" && !Strict(v) {
			return false
		}
	}
	return true
}
