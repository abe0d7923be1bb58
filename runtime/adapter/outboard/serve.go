package outboard

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// Serve answers requests from in on out until in ends, with what registry has. It
// then ends what is under way, closes what is open and returns.
func Serve(ctx context.Context, in io.Reader, out io.Writer, registry *port.Registry) error {
	ctx, cancel := context.WithCancel(ctx)
	s := &server{registry: registry, out: bufio.NewWriter(out), open: map[uint64]any{}, running: map[uint64]context.CancelFunc{}}
	defer func() {
		cancel()
		s.work.Wait()
		s.closeAll()
	}()
	if err := s.write(hello{Version}); err != nil {
		return err
	}
	r := bufio.NewReaderSize(in, 64<<10)
	for {
		line, err := readLine(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var req request
		if err := json.Unmarshal(line, &req); err != nil {
			return fmt.Errorf("a line that is no request: %w", err)
		}
		s.take(ctx, &req)
	}
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			if len(line) > 0 && errors.Is(err, io.EOF) {
				return nil, io.ErrUnexpectedEOF
			}
			return nil, err
		case len(line) > MaxLine:
			return nil, fmt.Errorf("a line of the protocol has more than %d MiB", MaxLine>>20)
		}
	}
}

type server struct {
	registry *port.Registry
	work     sync.WaitGroup

	outMu sync.Mutex
	out   *bufio.Writer

	mu      sync.Mutex
	next    uint64
	open    map[uint64]any // adapters and functions by handle
	running map[uint64]context.CancelFunc
}

func (s *server) write(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	s.outMu.Lock()
	defer s.outMu.Unlock()
	_, _ = s.out.Write(line)
	_ = s.out.WriteByte('\n')
	return s.out.Flush()
}

func (s *server) take(ctx context.Context, req *request) {
	if req.Method == "cancel" {
		var p cancelParams
		if json.Unmarshal(req.Params, &p) == nil {
			s.mu.Lock()
			if stop := s.running[p.ID]; stop != nil {
				stop()
			}
			s.mu.Unlock()
		}
		return
	}
	ctx, stop := context.WithCancel(ctx)
	s.mu.Lock()
	s.running[req.ID] = stop
	s.mu.Unlock()
	s.work.Go(func() {
		defer func() {
			stop()
			s.mu.Lock()
			delete(s.running, req.ID)
			s.mu.Unlock()
		}()
		resp := response{ID: req.ID}
		result, err := s.answer(ctx, req)
		if err == nil {
			resp.Result, err = json.Marshal(result)
		}
		if err != nil {
			resp.Result, resp.Error = nil, toWire(err)
		}
		if err := s.write(resp); err != nil {
			return // nobody reads any more; the end of the input follows
		}
	})
}

func (s *server) answer(ctx context.Context, req *request) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			result, err = nil, port.PanicError("the adapter", p)
		}
	}()
	ctx = port.WithLog(ctx, func(text string) { _ = s.write(response{ID: req.ID, Log: &text}) })
	switch req.Method {
	case "open":
		return s.openAdapter(ctx, req)
	case "load":
		return s.load(ctx, req)
	}
	s.mu.Lock()
	target := s.open[req.Handle]
	if req.Method == "close" {
		delete(s.open, req.Handle)
	}
	s.mu.Unlock()
	if target == nil {
		return nil, port.Errorf(port.ClassStale, "there is no open adapter %d", req.Handle)
	}
	if req.Method == "close" {
		if c, ok := target.(port.Closer); ok {
			return struct{}{}, c.Close(ctx)
		}
		return struct{}{}, nil
	}
	call, ok := methods[req.Method]
	if !ok {
		return nil, port.Errorf(port.ClassInvalidInput, "there is no method %q", req.Method)
	}
	return call(ctx, s, req, target)
}

func (s *server) closeAll() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for _, a := range s.open {
		if c, ok := a.(port.Closer); ok {
			_ = c.Close(ctx) // the caller is gone: nobody could be told
		}
	}
}

func (s *server) keep(a any) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	s.open[s.next] = a
	return s.next
}

func (s *server) openAdapter(ctx context.Context, req *request) (any, error) {
	var p openParams
	if err := read(req, &p); err != nil {
		return nil, err
	}
	a, err := s.registry.Adapter(ctx, p.Adapter, port.Spec{Port: p.Port, Type: p.Type, Config: p.Config.v})
	if err != nil {
		return nil, err
	}
	out := openResult{Class: a.Class()}
	if x, ok := a.(port.LLM); ok {
		out.Can = append(out.Can, "llm")
		out.Structured, out.Calling = port.IsStructured(x), port.IsToolCalling(x)
	}
	if x, ok := a.(port.Free); ok {
		out.Free = x.Free()
	}
	if x, ok := a.(port.Retrying); ok {
		out.Retries = x.Retries()
	}
	for name, can := range map[string]bool{
		"embedding": is[port.Embedder](a), "store": is[port.Store](a), "database": is[port.Database](a),
		"http": is[port.HTTPClient](a), "notify": is[port.Notifier](a), "tools": is[port.ToolRouter](a), "secrets": is[port.SecretStore](a),
	} {
		if can {
			out.Can = append(out.Can, name)
		}
	}
	out.Handle = s.keep(a)
	return out, nil
}

func is[T any](a any) bool { _, ok := a.(T); return ok }

func (s *server) load(ctx context.Context, req *request) (any, error) {
	var p openParams
	if err := read(req, &p); err != nil {
		return nil, err
	}
	f, err := s.registry.Function(ctx, p.Scheme, port.FunctionSpec{Name: p.Name, Code: p.Code, File: p.File, Unpack: p.Unpack})
	if err != nil {
		return nil, err
	}
	return openResult{Handle: s.keep(f), Class: f.Class(), Can: []string{"function"}}, nil
}

func read(req *request, into any) error {
	if err := json.Unmarshal(req.Params, into); err != nil {
		return port.Errorf(port.ClassInvalidInput, "the parameters of %s cannot be read: %s", req.Method, err)
	}
	return nil
}

type method func(ctx context.Context, s *server, req *request, target any) (any, error)

// on makes a method from what it does with an adapter of one kind.
func on[T, P any](do func(ctx context.Context, s *server, req *request, a T, p *P) (any, error)) method {
	return func(ctx context.Context, s *server, req *request, target any) (any, error) {
		a, ok := target.(T)
		if !ok {
			return nil, port.Errorf(port.ClassInvalidInput, "the adapter has no method %q", req.Method)
		}
		p := new(P)
		if err := read(req, p); err != nil {
			return nil, err
		}
		return do(ctx, s, req, a, p)
	}
}

var methods = map[string]method{
	"generate": on(func(ctx context.Context, s *server, req *request, a port.LLM, p *llmParams) (any, error) {
		r := p.port()
		if p.Stream {
			r.Stream = func(delta string) { _ = s.write(response{ID: req.ID, Delta: &delta}) }
		}
		resp, err := a.Generate(ctx, r)
		if err != nil {
			return nil, err
		}
		return llmResult{resp.Text, wireValue{resp.Structured}, resp.IsObject, callsToWire(resp.ToolCalls), resp.Model, resp.FinishReason, resp.Usage}, nil
	}),
	"embed": on(func(ctx context.Context, _ *server, _ *request, a port.Embedder, p *embedParams) (any, error) {
		return a.Embed(ctx, &port.EmbedRequest{Call: p.Call, Model: p.Model, Texts: p.Texts, Dimensions: p.Dimensions})
	}),
	"get": on(func(ctx context.Context, _ *server, _ *request, a port.Store, p *storeParams) (any, error) {
		v, ok, err := a.Get(ctx, p.Key)
		return storeResult{Value: wireValue{v}, OK: ok}, err
	}),
	"set": on(func(ctx context.Context, _ *server, _ *request, a port.Store, p *storeParams) (any, error) {
		return storeResult{OK: true}, a.Set(ctx, p.Key, p.Value.v, time.Duration(p.TTL))
	}),
	"delete": on(func(ctx context.Context, _ *server, _ *request, a port.Store, p *storeParams) (any, error) {
		ok, err := a.Delete(ctx, p.Key)
		return storeResult{OK: ok}, err
	}),
	"keys": on(func(ctx context.Context, _ *server, _ *request, a port.Store, p *storeParams) (any, error) {
		keys, err := a.Keys(ctx, p.Key)
		return storeResult{OK: true, Keys: keys}, err
	}),
	"query": on(func(ctx context.Context, _ *server, _ *request, a port.Database, p *queryParams) (any, error) {
		args := make([]value.Value, len(p.Args))
		for i := range p.Args {
			args[i] = p.Args[i].v
		}
		r, err := a.Query(ctx, p.Statement, args)
		if err != nil {
			return nil, err
		}
		out := queryResult{Columns: r.Columns, Affected: r.Affected, Rows: make([]wireValue, len(r.Rows))}
		for i := range r.Rows {
			out.Rows[i].v = r.Rows[i]
		}
		return out, nil
	}),
	"http": on(func(ctx context.Context, _ *server, _ *request, a port.HTTPClient, p *httpParams) (any, error) {
		r := &port.HTTPRequest{Call: p.Call, Method: p.Method, URL: p.URL, Header: p.Header, Query: p.Query, Body: value.Missing}
		if p.Body != nil {
			r.Body = p.Body.v
		}
		resp, err := a.Do(ctx, r)
		if err != nil {
			return nil, err
		}
		return httpResult{resp.Status, resp.Header, wireValue{resp.Body}}, nil
	}),
	"notify": on(func(ctx context.Context, _ *server, _ *request, a port.Notifier, p *notifyParams) (any, error) {
		return struct{}{}, a.Notify(ctx, &port.Notification{Call: p.Call, To: p.To, Subject: p.Subject, Text: p.Text, Data: p.Data.v})
	}),
	"tools": on(func(ctx context.Context, _ *server, _ *request, a port.ToolRouter, _ *callParams) (any, error) {
		tools, err := a.Tools(ctx)
		return toolsToWire(tools), err
	}),
	"call_tool": on(func(ctx context.Context, _ *server, _ *request, a port.ToolRouter, p *callParams) (any, error) {
		v, err := a.CallTool(ctx, p.Call, p.Name, p.Input.v)
		return wireValue{v}, err
	}),
	"secret": on(func(ctx context.Context, _ *server, _ *request, a port.SecretStore, p *callParams) (any, error) {
		return a.Secret(ctx, p.Name)
	}),
	"call": on(func(ctx context.Context, _ *server, _ *request, f port.Function, p *callParams) (any, error) {
		v, err := f.Call(ctx, p.Call, p.Input.v)
		return wireValue{v}, err
	}),
}
