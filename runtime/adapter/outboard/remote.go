package outboard

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// Factory is the port.Factory of an adapter that the other program has.
func (p *Program) Factory(adapter string) port.Factory {
	return func(ctx context.Context, spec port.Spec) (port.Adapter, error) {
		r := &remote{program: p, method: "open", params: openParams{Port: spec.Port, Type: spec.Type, Adapter: adapter, Config: wireValue{spec.Config}}}
		if err := r.start(ctx); err != nil {
			return nil, err
		}
		return r.adapter()
	}
}

// Host is the port.FunctionHost of a scheme that the other program has.
func (p *Program) Host(scheme string) port.FunctionHost { return host{p, scheme} }

type host struct {
	program *Program
	scheme  string
}

// Load loads the function there.
func (h host) Load(ctx context.Context, f port.FunctionSpec) (port.Function, error) {
	r := &remote{program: h.program, method: "load", params: openParams{Scheme: h.scheme, Name: f.Name, Code: f.Code, File: f.File, Unpack: f.Unpack}}
	if err := r.start(ctx); err != nil {
		return nil, err
	}
	return function{r}, nil
}

// remote is an adapter or function in the other program.
type remote struct {
	program *Program
	method  string
	params  openParams
	info    openResult // of the first time

	mu     sync.Mutex
	link   *link // in which handle is open
	handle uint64
	closed bool
}

// start opens it for the first time.
func (r *remote) start(ctx context.Context) error {
	r.program.hold()
	_, _, err := r.opened(ctx)
	if err != nil {
		r.program.drop()
	}
	return err
}

// opened is the link in which it is open, and its handle there.
func (r *remote) opened(ctx context.Context) (*link, uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, 0, port.Errorf(port.ClassStale, "the adapter is closed")
	}
	for try := 0; ; try++ {
		l, err := r.program.connect()
		if err != nil {
			return nil, 0, err
		}
		if l == r.link {
			return l, r.handle, nil
		}
		var info openResult
		err = l.do(ctx, r.method, 0, r.params, &info, nil)
		if errors.Is(err, errGone) && try < 3 {
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		if r.info.Handle == 0 {
			r.info = info
		}
		r.link, r.handle = l, info.Handle
		return l, r.handle, nil
	}
}

// do makes a request of the adapter.
func (r *remote) do(ctx context.Context, method string, params, result any, stream func(string)) error {
	for try := 0; ; try++ {
		l, handle, err := r.opened(ctx)
		if err != nil {
			return err
		}
		err = l.do(ctx, method, handle, params, result, stream)
		if errors.Is(err, errGone) { // not sent
			if try < 3 {
				continue
			}
			return &port.Error{Class: port.ClassNetwork, Retryable: true, Definite: true, Message: "hexc-adapters ends again and again"}
		}
		return err
	}
}

// Class is the adapter's there.
func (r *remote) Class() port.Class { return r.info.Class }

// Close closes it there; the program ends with the last one.
func (r *remote) Close(ctx context.Context) error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	l, handle := r.link, r.handle
	r.mu.Unlock()
	var err error
	if l.alive() {
		err = l.do(ctx, "close", handle, struct{}{}, &struct{}{}, nil)
		if errors.Is(err, errGone) {
			err = nil
		}
	}
	r.program.drop()
	return err
}

// adapter gives r the methods that the adapter has there.
func (r *remote) adapter() (port.Adapter, error) {
	can := func(what string) bool { return slices.Contains(r.info.Can, what) }
	switch {
	case can("llm") && can("embedding"):
		return embeddingModel{model{r}}, nil
	case can("llm"):
		return model{r}, nil
	case can("embedding"):
		return embedder{r}, nil
	case can("store") && can("database"):
		return storeDatabase{store{r}}, nil
	case can("store"):
		return store{r}, nil
	case can("database"):
		return database{r}, nil
	case can("http"):
		return httpClient{r}, nil
	case can("notify"):
		return notifier{r}, nil
	case can("tools"):
		return toolRouter{r}, nil
	case can("secrets"):
		return secretStore{r}, nil
	}
	err := port.Errorf(port.ClassInvalidInput, "the adapter %q can do nothing that a run needs", r.params.Adapter)
	return nil, errors.Join(err, r.Close(context.Background()))
}

type model struct{ *remote }

// Structured is the adapter's there.
func (m model) Structured() bool { return m.info.Structured }

// ToolCalling is the adapter's there.
func (m model) ToolCalling() bool { return m.info.Calling }

// Free is the adapter's there.
func (m model) Free() bool { return m.info.Free }

// Retries is the adapter's there.
func (m model) Retries() int { return m.info.Retries }

// Generate makes one request.
func (m model) Generate(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	var out llmResult
	if err := m.do(ctx, "generate", llmToWire(req), &out, req.Stream); err != nil {
		return nil, err
	}
	return &port.LLMResponse{Text: out.Text, Structured: out.Structured.v, IsObject: out.IsObject, ToolCalls: callsToPort(out.ToolCalls),
		Model: out.Model, FinishReason: out.FinishReason, Usage: out.Usage}, nil
}

func embed(ctx context.Context, r *remote, req *port.EmbedRequest) (*port.EmbedResponse, error) {
	var out port.EmbedResponse
	if err := r.do(ctx, "embed", embedParams{req.Call, req.Model, req.Texts, req.Dimensions}, &out, nil); err != nil {
		return nil, err
	}
	return &out, nil
}

type embeddingModel struct{ model }

// Embed makes one request.
func (m embeddingModel) Embed(ctx context.Context, req *port.EmbedRequest) (*port.EmbedResponse, error) {
	return embed(ctx, m.remote, req)
}

type embedder struct{ *remote }

// Embed makes one request.
func (m embedder) Embed(ctx context.Context, req *port.EmbedRequest) (*port.EmbedResponse, error) {
	return embed(ctx, m.remote, req)
}

type store struct{ *remote }

// Get is the value under key.
func (s store) Get(ctx context.Context, key string) (value.Value, bool, error) {
	var out storeResult
	err := s.do(ctx, "get", storeParams{Key: key}, &out, nil)
	return out.Value.v, out.OK, err
}

// Set puts a value under key.
func (s store) Set(ctx context.Context, key string, v value.Value, ttl time.Duration) error {
	return s.do(ctx, "set", storeParams{Key: key, Value: wireValue{v}, TTL: int64(ttl)}, &storeResult{}, nil)
}

// Delete removes what is under key.
func (s store) Delete(ctx context.Context, key string) (bool, error) {
	var out storeResult
	err := s.do(ctx, "delete", storeParams{Key: key}, &out, nil)
	return out.OK, err
}

// Keys are the keys that start with prefix.
func (s store) Keys(ctx context.Context, prefix string) ([]string, error) {
	var out storeResult
	err := s.do(ctx, "keys", storeParams{Key: prefix}, &out, nil)
	return out.Keys, err
}

func query(ctx context.Context, r *remote, statement string, args []value.Value) (*port.QueryResult, error) {
	p := queryParams{Statement: statement, Args: make([]wireValue, len(args))}
	for i := range args {
		p.Args[i].v = args[i]
	}
	var out queryResult
	if err := r.do(ctx, "query", p, &out, nil); err != nil {
		return nil, err
	}
	q := &port.QueryResult{Columns: out.Columns, Affected: out.Affected, Rows: make([]value.Value, len(out.Rows))}
	for i := range out.Rows {
		q.Rows[i] = out.Rows[i].v
	}
	return q, nil
}

type database struct{ *remote }

// Query runs one statement.
func (d database) Query(ctx context.Context, statement string, args []value.Value) (*port.QueryResult, error) {
	return query(ctx, d.remote, statement, args)
}

type storeDatabase struct{ store }

// Query runs one statement.
func (d storeDatabase) Query(ctx context.Context, statement string, args []value.Value) (*port.QueryResult, error) {
	return query(ctx, d.remote, statement, args)
}

type httpClient struct{ *remote }

// Do makes one request.
func (c httpClient) Do(ctx context.Context, req *port.HTTPRequest) (*port.HTTPResponse, error) {
	p := httpParams{Call: req.Call, Method: req.Method, URL: req.URL, Header: req.Header, Query: req.Query}
	if !req.Body.IsMissing() {
		p.Body = &wireValue{req.Body}
	}
	var out httpResult
	if err := c.do(ctx, "http", p, &out, nil); err != nil {
		return nil, err
	}
	return &port.HTTPResponse{Status: out.Status, Header: out.Header, Body: out.Body.v}, nil
}

type notifier struct{ *remote }

// Notify sends one message.
func (n notifier) Notify(ctx context.Context, msg *port.Notification) error {
	return n.do(ctx, "notify", notifyParams{msg.Call, msg.To, msg.Subject, msg.Text, wireValue{msg.Data}}, &struct{}{}, nil)
}

type toolRouter struct{ *remote }

// Tools are the tools there.
func (t toolRouter) Tools(ctx context.Context) ([]port.Tool, error) {
	var out []wireTool
	err := t.do(ctx, "tools", struct{}{}, &out, nil)
	return toolsToPort(out), err
}

// CallTool calls one.
func (t toolRouter) CallTool(ctx context.Context, call port.Call, name string, args value.Value) (value.Value, error) {
	var out wireValue
	err := t.do(ctx, "call_tool", callParams{call, name, wireValue{args}}, &out, nil)
	return out.v, err
}

type secretStore struct{ *remote }

// Secret is the text behind name.
func (s secretStore) Secret(ctx context.Context, name string) (string, error) {
	var out string
	err := s.do(ctx, "secret", callParams{Name: name}, &out, nil)
	return out, err
}

type function struct{ *remote }

// Call calls the function.
func (f function) Call(ctx context.Context, call port.Call, input value.Value) (value.Value, error) {
	var out wireValue
	err := f.do(ctx, "call", callParams{Call: call, Input: wireValue{input}}, &out, nil)
	return out.v, err
}
