// Package mcp is the adapter of servers that speak the Model Context Protocol: a
// tool router whose tools are the server's.
//
// Input: how to reach the server, and calls. Output: the server's tools, and what
// they give, through the official SDK.
//
// # Configuration
//
//	command   a program to start, which speaks the protocol on its standard input
//	          and output; args, env and cwd belong to it
//	url       the address of a server instead; headers belong to it
//	timeout   of one call, default 10 minutes
//
// # Results
//
// A tool's structured content is its result. Without it the result is the JSON in
// its text, if its only text is an object or a list, else its texts, each on a line
// of its own; images and other content without text become {type, mime_type, data}
// in a list.
//
// Invariants: nothing is started or connected before the first call; a server that
// ended is started again by the next call; a call that timed out is cancelled, and a
// server of our own that then does not come to rest is killed with its children once
// no other call is under way; it inherits no variables with secrets.
//
// The three hardest cases: a server that dies in the middle of a call; several calls
// that need it at the moment in which it has to be started; the difference between a
// tool that failed and a server that did.
package mcp

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/adapter/model"
	"hexdag.dev/hexdag/runtime/adapter/transport"
	"hexdag.dev/hexdag/runtime/port"
	"hexdag.dev/hexdag/runtime/subprocess"
)

// Name is the adapter's canonical name.
const Name = "mcp"

// Bounds.
const (
	// MaxMessage bounds one message of a server, in bytes.
	MaxMessage = 64 << 20
	// MaxTools bounds the tools of a server.
	MaxTools    = 10_000
	connectTime = 60 * time.Second
)

// New is the port.Factory of the adapter.
func New(_ context.Context, spec port.Spec) (port.Adapter, error) {
	c := port.ReadConfig(spec)
	s := &Server{name: strings.TrimPrefix(spec.Port, "mcp/"), url: c.Text("url"), command: subprocess.Command{Path: c.Text("command"), Dir: c.Text("cwd")}}
	s.o.Service = fmt.Sprintf("the MCP server %q", s.name)
	if v, name, ok := c.Get("args"); ok {
		if v.Kind() != value.KindList {
			c.Faultf("%q must be a list, not %s", name, v.TypeName())
		}
		for _, item := range v.Items() {
			s.command.Args = append(s.command.Args, value.Str(item))
		}
	}
	for k, v := range model.TextMap(c, "env") {
		s.command.Env = append(s.command.Env, k+"="+v)
		if len(v) >= 16 {
			s.o.Secrets = append(s.o.Secrets, v)
		}
	}
	s.headers = model.TextMap(c, "headers")
	for _, v := range s.headers {
		s.o.Secrets = append(s.o.Secrets, v)
	}
	if s.timeout = c.Duration("timeout"); s.timeout == 0 {
		s.timeout = model.DefaultTimeout
	}
	switch {
	case (s.url == "") == (s.command.Path == ""):
		c.Faultf("give either \"command\" or \"url\"")
	case s.url != "":
		if u, err := url.Parse(s.url); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			c.Faultf("\"url\" must be an address such as http://localhost:8080/mcp")
		}
		if len(s.command.Args)+len(s.command.Env) > 0 || s.command.Dir != "" {
			c.Faultf("\"args\", \"env\" and \"cwd\" belong to \"command\"")
		}
	case len(s.headers) > 0:
		c.Faultf("\"headers\" belong to \"url\"")
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// Server is a server with its tools. It is safe for concurrent use.
type Server struct {
	name, url string
	command   subprocess.Command
	headers   map[string]string
	timeout   time.Duration
	o         transport.Options

	starting sync.Mutex // held while a session is being made
	mu       sync.Mutex
	session  *session
	closed   bool
}

// session is one connection to the server.
type session struct {
	*sdk.ClientSession
	proc    *subprocess.Process // nil for a server with an address
	http    *http.Client
	calls   int
	suspect bool // a call did not come to its end: to be ended when no other is under way
}

// Class is port.Write: nobody knows what a tool does.
func (s *Server) Class() port.Class { return port.Write }

// Close ends the connection, and the server if it is our own.
func (s *Server) Close(context.Context) error {
	s.mu.Lock()
	s.closed = true
	at := s.session
	s.session = nil
	s.mu.Unlock()
	if at != nil {
		at.end()
	}
	return nil
}

// end ends a session; nothing of it can be of use any more.
func (c *session) end() {
	if c.proc != nil {
		// First its input, so that it can come to rest.
		c.proc.Stop(2 * time.Second)
	}
	done := make(chan struct{})
	go func() {
		_ = c.ClientSession.Close()
		close(done)
	}()
	t := time.NewTimer(5 * time.Second)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C: // a server that does not answer the farewell
	}
	if c.http != nil {
		c.http.CloseIdleConnections()
	}
}

// use is the session, made if need be; release must follow.
func (s *Server) use(ctx context.Context) (*session, error) {
	for {
		s.mu.Lock()
		at := s.session
		closed := s.closed
		if at != nil && !closed && !at.suspect {
			at.calls++
			s.mu.Unlock()
			return at, nil
		}
		s.mu.Unlock()
		if closed {
			return nil, port.Errorf(port.ClassStale, "%s is closed", s.o.Service)
		}
		s.starting.Lock()
		s.mu.Lock()
		made := s.session != nil && !s.session.suspect
		s.mu.Unlock()
		if made {
			s.starting.Unlock()
			continue
		}
		at, err := s.connect(ctx)
		if err == nil {
			s.mu.Lock()
			if s.closed {
				s.mu.Unlock()
				s.starting.Unlock()
				at.end()
				return nil, port.Errorf(port.ClassStale, "%s is closed", s.o.Service)
			}
			s.session = at
			at.calls++
			s.mu.Unlock()
		}
		s.starting.Unlock()
		return at, err
	}
}

// release gives a session back; broken tells that it must not be used again.
func (s *Server) release(at *session, broken bool) {
	s.mu.Lock()
	at.calls--
	at.suspect = at.suspect || broken
	over := at.suspect && at.calls == 0
	if at.suspect && s.session == at {
		s.session = nil
	}
	s.mu.Unlock()
	if over {
		at.end()
	}
}

func (s *Server) connect(ctx context.Context) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	client := sdk.NewClient(&sdk.Implementation{Name: "hexdag", Version: "1"}, nil)
	at := &session{}
	var link sdk.Transport
	if s.url != "" {
		base := http.DefaultTransport.(*http.Transport).Clone()
		at.http = &http.Client{Transport: headers{base, s.headers}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		link = &sdk.StreamableClientTransport{Endpoint: s.url, HTTPClient: at.http, MaxRetries: -1, DisableStandaloneSSE: true, MaxEventSize: MaxMessage}
	} else {
		proc, err := subprocess.Start(s.command)
		if err != nil {
			return nil, &port.Error{Class: port.ClassInvalidInput, Definite: true, Message: fmt.Sprintf("%s: %s", s.o.Service, port.OneLine(err.Error()))}
		}
		at.proc = proc
		link = &sdk.IOTransport{Reader: io.NopCloser(proc.Stdout), Writer: proc.Stdin, MaxLineLength: MaxMessage}
	}
	var err error
	if at.ClientSession, err = client.Connect(ctx, link, nil); err == nil {
		return at, nil
	}
	e := s.failure(ctx, at, err)
	e.Definite = true // no tool was called
	if at.proc != nil {
		at.proc.Kill()
	}
	if at.http != nil {
		at.http.CloseIdleConnections()
	}
	return nil, e
}

type headers struct {
	next   *http.Transport
	values map[string]string
}

// RoundTrip makes a request with the configured headers.
func (h headers) RoundTrip(req *http.Request) (*http.Response, error) {
	if len(h.values) > 0 {
		req = req.Clone(req.Context())
		for k, v := range h.values {
			req.Header.Set(k, v)
		}
	}
	return h.next.RoundTrip(req)
}

// CloseIdleConnections lets http.Client.CloseIdleConnections work.
func (h headers) CloseIdleConnections() { h.next.CloseIdleConnections() }

// failure is an error of the SDK.
func (s *Server) failure(ctx context.Context, at *session, err error) *port.Error {
	e := &port.Error{Class: port.ClassNetwork, Retryable: true}
	var wire *jsonrpc.Error
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		e.Class, e.Message, e.Err = port.ClassTimeout, s.o.Service+" took too long", ctx.Err()
	case ctx.Err() != nil:
		e.Class, e.Retryable, e.Message, e.Err = port.ClassTimeout, false, "the call of "+s.o.Service+" was cancelled", ctx.Err()
	case errors.As(err, &wire) && !strings.Contains(wire.Message, "rejected by transport"):
		e.Class, e.Retryable, e.Definite = port.ClassProvider, false, wire.Code != jsonrpc.CodeInternalError
		if wire.Code == jsonrpc.CodeInvalidParams || wire.Code == jsonrpc.CodeMethodNotFound {
			e.Class = port.ClassInvalidInput
		}
		e.Message = fmt.Sprintf("%s refused: %s", s.o.Service, wire.Message)
	default:
		e.Message = fmt.Sprintf("%s cannot be reached: %s", s.o.Service, port.OneLine(err.Error()))
		if at.proc != nil {
			t := time.NewTimer(2 * time.Second)
			defer t.Stop()
			select {
			case <-at.proc.Done():
				e.Message = s.o.Service + " ended"
				if text := at.proc.Status(); text != "" {
					e.Message += " with " + text
				}
				if last := at.proc.LastLine(); last != "" {
					e.Message += ": " + last
				}
			case <-t.C:
			}
		}
	}
	e.Message = port.OneLine(transport.Redact(s.o, e.Message))
	return e
}

// broken reports whether a session cannot be used after a failure.
func broken(e *port.Error) bool {
	return e.Class == port.ClassNetwork || e.Class == port.ClassTimeout
}

// Tools are the server's tools, in its order.
func (s *Server) Tools(ctx context.Context) ([]port.Tool, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	at, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	var tools []port.Tool
	for t, err := range at.Tools(ctx, nil) {
		if err != nil {
			e := s.failure(ctx, at, err)
			s.release(at, broken(e))
			return nil, e
		}
		schema, err := toValue(t.InputSchema)
		if err != nil || len(tools) == MaxTools {
			s.release(at, false)
			return nil, port.Errorf(port.ClassInvalidOutput, "%s has more than %d tools, or one whose schema cannot be read", s.o.Service, MaxTools)
		}
		tools = append(tools, port.Tool{Name: t.Name, Description: t.Description, Parameters: schema})
	}
	s.release(at, false)
	return tools, nil
}

func toValue(x any) (value.Value, error) {
	if x == nil {
		return value.Null, nil
	}
	text, err := json.Marshal(x)
	if err != nil {
		return value.Null, err
	}
	return value.ParseJSON(text, value.JSONLimits{})
}

// CallTool calls one tool.
func (s *Server) CallTool(ctx context.Context, _ port.Call, name string, args value.Value) (value.Value, error) {
	raw, err := model.JSON("the arguments of tool "+name, args)
	if err != nil {
		return value.Null, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	at, err := s.use(ctx)
	if err != nil {
		return value.Null, err
	}
	result, err := at.CallTool(ctx, &sdk.CallToolParams{Name: name, Arguments: raw})
	if err != nil {
		e := s.failure(ctx, at, err)
		s.release(at, broken(e))
		return value.Null, e
	}
	s.release(at, false)
	if result.IsError {
		text, _ := content(result.Content)
		return value.Null, &port.Error{Class: port.ClassFunction,
			Message: port.OneLine(transport.Redact(s.o, fmt.Sprintf("the tool %q of %s failed: %s", name, s.o.Service, value.Str(text))))}
	}
	if result.StructuredContent != nil {
		v, err := toValue(result.StructuredContent)
		if err != nil {
			return value.Null, port.Errorf(port.ClassInvalidOutput, "the result of tool %q cannot be read: %s", name, port.OneLine(err.Error()))
		}
		return v, nil
	}
	v, err := content(result.Content)
	if err != nil {
		return value.Null, port.Errorf(port.ClassInvalidOutput, "the result of tool %q cannot be read: %s", name, port.OneLine(err.Error()))
	}
	return v, nil
}

// content is the result that is not structured.
func content(list []sdk.Content) (value.Value, error) {
	var texts []string
	var items []value.Value
	plain := true
	for _, c := range list {
		switch c := c.(type) {
		case *sdk.TextContent:
			texts = append(texts, c.Text)
			items = append(items, value.String(c.Text))
		case *sdk.ImageContent:
			plain = false
			items = append(items, medium("image", c.MIMEType, c.Data))
		case *sdk.AudioContent:
			plain = false
			items = append(items, medium("audio", c.MIMEType, c.Data))
		default:
			plain = false
			v, err := toValue(c)
			if err != nil {
				return value.Null, err
			}
			items = append(items, v)
		}
	}
	if !plain {
		return value.List(items), nil
	}
	if len(texts) == 1 {
		if t := strings.TrimSpace(texts[0]); strings.HasPrefix(t, "{") || strings.HasPrefix(t, "[") {
			if v, err := value.ParseJSON([]byte(t), value.JSONLimits{}); err == nil {
				return v, nil
			}
		}
	}
	return value.String(strings.Join(texts, "\n")), nil
}

func medium(kind, mime string, data []byte) value.Value {
	o := value.NewObject(3)
	o.Set("type", value.String(kind))
	o.Set("mime_type", value.String(mime))
	o.Set("data", value.String(base64.StdEncoding.EncodeToString(data)))
	return o.Value()
}
