// Package lsp is the language server: editors' requests in, answers and
// diagnostics out.
//
// Input: the messages of the Language Server Protocol (3.16, the types of glsp)
// on a stream. Output: answers on the same stream, and the exit status of the
// process.
//
// Invariants: notifications are handled in the order in which they come, so a
// request sees every change that was sent before it; requests are handled side
// by side, each with a context that ends when the editor cancels it; a panic is
// the answer to one request, never the end of the process; an answer always has
// a typed error code; diagnostics are published for the newest version of a
// document only. There is no language logic here.
//
// The three hardest cases: changes that arrive while a check runs (its result is
// thrown away); positions, which editors count in UTF-16 units; messages that
// are no JSON, or come before the handshake or after the shutdown.
package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"runtime/debug"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
	protocol "github.com/tliron/glsp/protocol_3_16"
)

// Error codes that jsonrpc2 does not name.
const (
	codeNotInitialized = -32002
	codeCancelled      = -32800
	codeRequestFailed  = -32803
)

// Options configure a server.
type Options struct {
	// Version is the version of the program, for the handshake.
	Version string
	// Lookup finds environment variables; nil means none is set.
	Lookup func(name string) (string, bool)
	// Log gets what goes wrong inside the server; nil discards it.
	Log io.Writer
}

// Server is one session with an editor.
type Server struct {
	opt      Options
	log      *log.Logger
	conn     *jsonrpc2.Conn
	requests map[string]method
	notes    map[string]method
	checks   *checker

	mu       sync.Mutex
	state    state
	ctx      context.Context // ends with the session
	client   client
	wishes   settings
	roots    []*root
	docs     map[string]*document // by URI; replaced, never changed
	running  map[jsonrpc2.ID]context.CancelFunc
	handlers sync.WaitGroup
	exit     chan struct{} // closed by the exit notification
}

type state int

const (
	fresh state = iota
	initialized
	shutDown
	exited
)

// method handles one kind of message; its parameters are decoded in it.
type method func(ctx context.Context, params json.RawMessage) (any, error)

// Serve speaks with an editor over in and out until it says exit, the stream
// ends or ctx is done. The status is 0 if the editor shut the server down in
// order, else 1, as the protocol asks for.
func Serve(ctx context.Context, in io.Reader, out io.Writer, opt Options) (status int) {
	if opt.Log == nil {
		opt.Log = io.Discard
	}
	s := &Server{
		opt:     opt,
		log:     newLog(opt.Log),
		running: map[jsonrpc2.ID]context.CancelFunc{},
		exit:    make(chan struct{}),
		wishes:  defaults,
	}
	s.register()
	ctx, cancel := context.WithCancel(ctx)
	s.ctx = ctx
	closer := func() error { return nil }
	if c, ok := in.(io.Closer); ok {
		closer = c.Close
	}
	s.checks = newChecker(s)
	ready := make(chan struct{})
	handler := handlerFunc(func(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
		<-ready
		s.handle(ctx, conn, req)
	})
	s.conn = jsonrpc2.NewConn(ctx, newStream(in, out, closer), handler, jsonrpc2.SetLogger(s.log))
	close(ready)
	select {
	case <-s.exit:
	case <-s.conn.DisconnectNotify():
	case <-ctx.Done():
	}
	cancel()
	s.cancelAll()
	s.handlers.Wait()
	s.checks.stop()
	s.conn.Close()

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == exited {
		return 0
	}
	return 1
}

// decode makes a method of a function with typed parameters.
func decode[P, R any](f func(context.Context, *P) (R, error)) method {
	return func(ctx context.Context, raw json.RawMessage) (any, error) {
		p, err := params[P](raw)
		if err != nil {
			return nil, err
		}
		return f(ctx, p)
	}
}

// params decodes the parameters of a message.
func params[P any](raw json.RawMessage) (*P, error) {
	var p P
	if len(raw) == 0 {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: "the parameters are missing"}
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: "bad parameters: " + err.Error()}
	}
	return &p, nil
}

type handlerFunc func(context.Context, *jsonrpc2.Conn, *jsonrpc2.Request)

// Handle implements jsonrpc2.Handler.
func (f handlerFunc) Handle(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	f(ctx, conn, req)
}

// handle is called for one message after the other.
func (s *Server) handle(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	var raw json.RawMessage
	if req.Params != nil {
		raw = *req.Params
	}
	if req.Notif {
		s.notification(ctx, req.Method, raw)
		return
	}
	if err := s.admit(req.Method); err != nil {
		s.reply(ctx, conn, req.ID, nil, err)
		return
	}
	f, ok := s.requests[req.Method]
	if !ok {
		s.reply(ctx, conn, req.ID, nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: fmt.Sprintf("the method %q is not supported", req.Method)})
		return
	}
	switch req.Method {
	case protocol.MethodInitialize, protocol.MethodShutdown:
		// What follows depends on them.
		result, err := s.guard(ctx, req.Method, f, raw)
		s.reply(ctx, conn, req.ID, result, err)
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	s.running[req.ID] = cancel
	s.mu.Unlock()
	// What the request sees is what was sent before it, whatever comes next.
	ctx = context.WithValue(ctx, viewKey{}, s.now())
	s.handlers.Go(func() {
		result, err := s.guard(ctx, req.Method, f, raw)
		if ctx.Err() != nil && err == nil {
			err = ctx.Err()
		}
		s.mu.Lock()
		delete(s.running, req.ID)
		s.mu.Unlock()
		s.reply(ctx, conn, req.ID, result, err)
		cancel()
	})
}

// admit says whether a request may come now.
func (s *Server) admit(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.state == fresh && name != protocol.MethodInitialize:
		return &jsonrpc2.Error{Code: codeNotInitialized, Message: "the first request must be \"initialize\""}
	case s.state == initialized && name == protocol.MethodInitialize:
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "the server is initialized already"}
	case s.state >= shutDown:
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "the server is shut down; only \"exit\" may follow"}
	}
	return nil
}

func (s *Server) notification(ctx context.Context, name string, raw json.RawMessage) {
	s.mu.Lock()
	current := s.state
	if name == protocol.MethodExit {
		if current == shutDown {
			s.state = exited
		}
		if current != exited {
			select {
			case <-s.exit:
			default:
				close(s.exit)
			}
		}
	}
	s.mu.Unlock()
	f, ok := s.notes[name]
	if !ok || current != initialized {
		return // the protocol asks to drop them
	}
	if _, err := s.guard(ctx, name, f, raw); err != nil {
		s.log.Printf("%s: %v", name, err)
	}
}

// guard runs f and turns a panic into an error.
func (s *Server) guard(ctx context.Context, name string, f method, raw json.RawMessage) (result any, err error) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Printf("%s: internal error: %v\n%s", name, r, debug.Stack())
			result, err = nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: fmt.Sprintf("internal error in %q (HX0001): please report it", name)}
		}
	}()
	return f(ctx, raw)
}

func (s *Server) reply(ctx context.Context, conn *jsonrpc2.Conn, id jsonrpc2.ID, result any, err error) {
	var typed *jsonrpc2.Error
	switch {
	case err == nil:
		err = conn.Reply(context.WithoutCancel(ctx), id, result)
	case errors.As(err, &typed):
		err = conn.ReplyWithError(context.WithoutCancel(ctx), id, typed)
	case errors.Is(err, context.Canceled), ctx.Err() != nil:
		err = conn.ReplyWithError(context.WithoutCancel(ctx), id, &jsonrpc2.Error{Code: codeCancelled, Message: "the request was cancelled"})
	default:
		err = conn.ReplyWithError(context.WithoutCancel(ctx), id, &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: err.Error()})
	}
	if err != nil && !errors.Is(err, jsonrpc2.ErrClosed) {
		s.log.Printf("an answer could not be sent: %v", err)
	}
}

// cancelRequest ends the context of a request.
func (s *Server) cancelRequest(_ context.Context, raw json.RawMessage) (any, error) {
	var p struct {
		ID jsonrpc2.ID `json:"id"`
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel, ok := s.running[p.ID]; ok {
		cancel()
	}
	return nil, nil
}

func (s *Server) cancelAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, cancel := range s.running {
		cancel()
	}
}

// notify sends a notification to the editor.
func (s *Server) notify(method string, params any) {
	if err := s.conn.Notify(context.Background(), method, params); err != nil && !errors.Is(err, jsonrpc2.ErrClosed) {
		s.log.Printf("%s could not be sent: %v", method, err)
	}
}

func newLog(w io.Writer) *log.Logger { return log.New(w, "hexdag-lsp: ", 0) }
