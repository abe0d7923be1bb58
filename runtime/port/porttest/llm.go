package porttest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// Key is the canary: the key that the tests configure, and look for in errors.
const Key = "sk-canary-7f3a91c05b5e4d2b"

// LLMService is how a service of language models speaks.
type LLMService struct {
	// New makes the adapter for a server, with the key, the model "m-1" and the
	// time-out.
	New func(t *testing.T, url string, timeout time.Duration) port.LLM
	// Text is the body of an answer with the text "Hello there", 7 input and 5
	// output tokens; Stream the same in parts, of which at least two have text.
	Text   string
	Stream []string
	// StreamType is the content type of streams.
	StreamType string
	// ToolCalls is the body of an answer that calls the tool "search" with
	// {"q": "go"}, StreamToolCalls the same in parts.
	ToolCalls       string
	StreamToolCalls []string
	// Structured is the body of an answer that is {"n": 3}.
	Structured string
	// Broken are parts of a stream whose end is an error of the service's.
	Broken []string
	// Error is the body of a failing answer with this message.
	Error func(message string) string
	// Idempotent: the service takes an idempotency key.
	Idempotent bool
	// MaxTokens reads the bound on the answer from the body of a request.
	MaxTokens func(body map[string]any) any
	// Image reads the data of the only image from the body of a request, in base64;
	// nil for services without.
	Image func(body map[string]any) any
}

// wire is a server with one behaviour, which notes the requests.
type wire struct {
	mu       sync.Mutex
	requests []recorded
	answer   func(w http.ResponseWriter, r *http.Request)
}

type recorded struct {
	header http.Header
	path   string
	body   map[string]any
}

// ServeHTTP notes the request and answers it.
func (s *wire) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body)
	rec := recorded{header: r.Header.Clone(), path: r.URL.Path}
	_ = json.Unmarshal(text, &rec.body)
	s.mu.Lock()
	s.requests = append(s.requests, rec)
	s.mu.Unlock()
	s.answer(w, r)
}

func (s *wire) seen() []recorded {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]recorded(nil), s.requests...)
}

// serve starts a server that ends with the test, whatever its handlers wait for.
func serve(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) (*wire, string) {
	t.Helper()
	s := &wire{answer: answer}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return s, server.URL
}

func body(text string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, text)
	}
}

func status(code int, header map[string]string, text string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, text)
	}
}

// parts sends a stream part by part, and then calls end, which may cut the line.
func parts(kind string, list []string, end func(http.ResponseWriter)) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		for _, p := range list {
			_, _ = io.WriteString(w, p)
			w.(http.Flusher).Flush()
		}
		if end != nil {
			end(w)
		}
	}
}

// cut ends the connection without the end of the message.
func cut(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

// half sends a part of a message whose length it announced.
func half(text string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, buf, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = fmt.Fprintf(buf, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(text)+100, text)
		_ = buf.Flush()
		_ = conn.Close()
	}
}

// drip sends a byte now and then, for ever.
func drip(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	for {
		select {
		case <-r.Context().Done():
			return
		case <-time.After(10 * time.Millisecond):
			if _, err := io.WriteString(w, " "); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
	}
}

// Request is a request for a test.
func Request() *port.LLMRequest {
	return &port.LLMRequest{
		Call:     port.Call{RunID: "run", Path: "ask#1", Node: "ask", Port: "llm", Attempt: 1, Key: "run/ask#1/0"},
		Messages: []port.Message{{Role: "system", Content: "be brief"}, {Role: "user", Content: "hi"}},
	}
}

func object(text string) value.Value {
	v, err := value.ParseJSON([]byte(text), value.JSONLimits{})
	if err != nil {
		panic(err)
	}
	return v
}

// failure is the error of a call, which must be a port error without the key in it
// or in what it wraps.
func failure(t *testing.T, err error) *port.Error {
	t.Helper()
	e, ok := err.(*port.Error)
	if !ok {
		t.Fatalf("the error is a %T: %v", err, err)
	}
	for at := error(e); at != nil; {
		if strings.Contains(fmt.Sprintf("%+v", at), Key) {
			t.Errorf("the key stands in %v", at)
		}
		u, ok := at.(interface{ Unwrap() error })
		if !ok {
			break
		}
		at = u.Unwrap()
	}
	if strings.Contains(e.Message+e.Help, Key) {
		t.Errorf("the key stands in %q (%q)", e.Message, e.Help)
	}
	if strings.ContainsAny(e.Message, "\r\n") {
		t.Errorf("the message has several lines: %q", e.Message)
	}
	return e
}

// LLM tests an adapter of a service.
func LLM(t *testing.T, s LLMService) {
	t.Run("an answer", func(t *testing.T) { s.answers(t) })
	t.Run("an answer in parts", func(t *testing.T) { s.streams(t) })
	t.Run("tools", func(t *testing.T) { s.tools(t) })
	t.Run("a structured answer", func(t *testing.T) { s.structured(t) })
	if s.Image != nil {
		t.Run("an image", func(t *testing.T) { s.image(t) })
	}
	t.Run("failures", func(t *testing.T) { s.failures(t) })
	t.Run("calls at the same time", func(t *testing.T) { s.parallel(t) })
}

func (s *LLMService) answers(t *testing.T) {
	w, url := serve(t, body(s.Text))
	req := Request()
	req.MaxTokens = 123
	resp, err := s.New(t, url, time.Minute).Generate(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Text != "Hello there" || resp.FinishReason != "stop" || resp.Model == "" {
		t.Errorf("got %+v", resp)
	}
	if want := (port.Usage{Known: true, InputTokens: 7, OutputTokens: 5}); resp.Usage != want {
		t.Errorf("the usage is %+v", resp.Usage)
	}
	seen := w.seen()
	if len(seen) != 1 {
		t.Fatalf("%d requests were made", len(seen))
	}
	if got := fmt.Sprint(s.MaxTokens(seen[0].body)); got != "123" {
		t.Errorf("the bound on the answer was sent as %s", got)
	}
	if has := seen[0].header.Get("Idempotency-Key") != ""; has != s.Idempotent {
		t.Errorf("an idempotency key was sent: %v", has)
	}
	// The key is the same for the same call, whatever its attempt is.
	req.Call.Attempt = 2
	if _, err := s.New(t, url, time.Minute).Generate(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if a, b := seen[0].header.Get("Idempotency-Key"), w.seen()[1].header.Get("Idempotency-Key"); a != b {
		t.Errorf("the idempotency key changed from %q to %q", a, b)
	}
}

func (s *LLMService) streams(t *testing.T) {
	_, url := serve(t, parts(s.StreamType, s.Stream, nil))
	var deltas []string
	req := Request()
	req.Stream = func(d string) { deltas = append(deltas, d) }
	resp, err := s.New(t, url, time.Minute).Generate(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Text != "Hello there" || strings.Join(deltas, "") != resp.Text || len(deltas) < 2 {
		t.Errorf("the text is %q, its parts %q", resp.Text, deltas)
	}
	if want := (port.Usage{Known: true, InputTokens: 7, OutputTokens: 5}); resp.Usage != want {
		t.Errorf("the usage is %+v", resp.Usage)
	}
	if resp.FinishReason != "stop" {
		t.Errorf("it stopped because of %q", resp.FinishReason)
	}
}

func (s *LLMService) tools(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"whole": body(s.ToolCalls), "in parts": parts(s.StreamType, s.StreamToolCalls, nil),
	} {
		t.Run(name, func(t *testing.T) {
			w, url := serve(t, answer)
			req := Request()
			if name == "in parts" {
				req.Stream = func(string) {}
			}
			req.Tools = []port.Tool{{Name: "search", Description: "finds pages", Parameters: object(`{"type":"object","properties":{"q":{"type":"string"}},"required":["q"]}`)}}
			llm := s.New(t, url, time.Minute)
			resp, err := llm.Generate(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if len(resp.ToolCalls) != 1 || resp.ToolCalls[0].Name != "search" || resp.ToolCalls[0].ID == "" ||
				!value.Equal(resp.ToolCalls[0].Arguments, object(`{"q":"go"}`)) || resp.FinishReason != "tool_calls" {
				t.Fatalf("got %+v", resp)
			}
			// The result goes back.
			req.Messages = append(req.Messages, port.Message{Role: "assistant", ToolCalls: resp.ToolCalls},
				port.Message{Role: "tool", ToolCallID: resp.ToolCalls[0].ID, Content: "found it"})
			if _, err := llm.Generate(t.Context(), req); err != nil {
				t.Fatal(err)
			}
			sent, _ := json.Marshal(w.seen()[1].body)
			for _, want := range []string{"found it", `"search"`, "finds pages"} {
				if !strings.Contains(string(sent), want) {
					t.Errorf("%s is not in %s", want, sent)
				}
			}
		})
	}
}

func (s *LLMService) structured(t *testing.T) {
	w, url := serve(t, body(s.Structured))
	req := Request()
	req.Schema = object(`{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}`)
	llm := s.New(t, url, time.Minute)
	if !port.IsStructured(llm) {
		t.Fatal("the adapter has no structured output")
	}
	resp, err := llm.Generate(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	got := resp.Structured
	if !resp.IsObject {
		got = object(resp.Text)
	}
	if !value.Equal(got, object(`{"n":3}`)) {
		t.Errorf("got %+v", resp)
	}
	if sent, _ := json.Marshal(w.seen()[0].body); !strings.Contains(string(sent), `"integer"`) {
		t.Errorf("the schema is not in %s", sent)
	}
}

func (s *LLMService) image(t *testing.T) {
	w, url := serve(t, body(s.Text))
	req := Request()
	req.Messages[1].Parts = []port.Part{{Text: "what is this?"}, {Data: []byte("\x89PNG"), MediaType: "image/png"}}
	if _, err := s.New(t, url, time.Minute).Generate(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(s.Image(w.seen()[0].body)); !strings.HasSuffix(got, "iVBORw==") {
		t.Errorf("the image was sent as %q", got)
	}
}

func (s *LLMService) parallel(t *testing.T) {
	_, url := serve(t, body(s.Text))
	llm := s.New(t, url, time.Minute)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, err := llm.Generate(context.Background(), Request()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func (s *LLMService) failures(t *testing.T) {
	type want struct {
		class               string
		retryable, definite bool
		after               time.Duration
	}
	for _, c := range []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request)
		stream bool
		want   want
	}{
		{"too many requests", status(429, map[string]string{"Retry-After": "7"}, s.Error("slow down")), false, want{port.ClassRateLimit, true, true, 7 * time.Second}},
		{"too many requests, in milliseconds", status(429, map[string]string{"Retry-After-Ms": "1500"}, s.Error("slow down")), true, want{port.ClassRateLimit, true, true, 1500 * time.Millisecond}},
		{"a fault of the service", status(500, nil, s.Error("it broke")), false, want{port.ClassProvider, true, false, 0}},
		{"a fault of a proxy", status(502, nil, "<html>bad gateway</html>"), true, want{port.ClassProvider, true, false, 0}},
		{"overload", status(503, map[string]string{"Retry-After": "2"}, s.Error("overloaded")), false, want{port.ClassProvider, true, true, 2 * time.Second}},
		{"a wrong key, which the answer repeats", status(401, nil, s.Error("the key "+Key+" is wrong")), false, want{port.ClassProvider, false, true, 0}},
		{"a wrong request", status(400, nil, s.Error("no such model")), false, want{port.ClassInvalidInput, false, true, 0}},
		{"a redirect", status(307, map[string]string{"Location": "/elsewhere"}, "{}"), false, want{port.ClassProvider, false, true, 0}},
		{"a cut connection", func(w http.ResponseWriter, _ *http.Request) { cut(w) }, false, want{port.ClassNetwork, true, false, 0}},
		{"half a message", half(s.Text[:len(s.Text)/2]), false, want{port.ClassNetwork, true, false, 0}},
		{"half a document", body(s.Text[:len(s.Text)/2]), false, want{port.ClassInvalidOutput, true, false, 0}},
		{"no JSON", body("good morning"), false, want{port.ClassInvalidOutput, true, false, 0}},
		{"other JSON", body(`{"weather":"sunny"}`), false, want{port.ClassInvalidOutput, true, false, 0}},
		{"a stream that is cut", parts(s.StreamType, s.Stream[:2], cut), true, want{port.ClassNetwork, true, false, 0}},
		{"a stream that just ends", parts(s.StreamType, s.Stream[:2], nil), true, want{port.ClassNetwork, true, false, 0}},
		{"a stream that the service breaks off", parts(s.StreamType, s.Broken, nil), true, want{port.ClassProvider, true, false, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, url := serve(t, c.answer)
			req := Request()
			if c.stream {
				req.Stream = func(string) {}
			}
			resp, err := s.New(t, url, time.Minute).Generate(t.Context(), req)
			if err == nil {
				t.Fatalf("got the answer %+v", resp)
			}
			e := failure(t, err)
			if got := (want{e.Class, e.Retryable, e.Definite, e.RetryAfter}); got != c.want {
				t.Errorf("got %+v, want %+v: %s", got, c.want, e.Message)
			}
			if n := len(w.seen()); n != 1 {
				t.Errorf("%d requests were made", n)
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		url := "http://" + l.Addr().String()
		_ = l.Close()
		_, err = s.New(t, url, time.Minute).Generate(t.Context(), Request())
		if e := failure(t, err); e.Class != port.ClassNetwork || !e.Retryable || !e.Definite {
			t.Errorf("got %+v", e)
		}
	})
	t.Run("an answer that never ends", func(t *testing.T) {
		_, url := serve(t, drip)
		began := time.Now()
		_, err := s.New(t, url, 200*time.Millisecond).Generate(t.Context(), Request())
		if e := failure(t, err); e.Class != port.ClassTimeout || !e.Retryable || e.Definite {
			t.Errorf("got %+v", e)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it took %s", took)
		}
	})
	t.Run("the caller ends", func(t *testing.T) {
		_, url := serve(t, drip)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		_, err := s.New(t, url, time.Minute).Generate(ctx, Request())
		if e := failure(t, err); e.Class != port.ClassTimeout || e.Retryable {
			t.Errorf("got %+v", e)
		}
	})
}
