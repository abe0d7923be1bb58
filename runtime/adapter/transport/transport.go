// Package transport is the HTTP side of adapters that talk to a service: one
// client whose failures are already port errors.
//
// Input: requests that an adapter, or a provider's SDK on its behalf, makes under
// the context of Begin. Output: responses with a status under 400 whose body is
// bounded and, unless the exchange is a stream, whole and valid JSON; everything
// else is a *port.Error that says whether another attempt can help, whether
// anything may have happened, and how long the other side asks to wait.
//
// Invariants: one call of the SDK is at most one request: nothing here retries or
// follows a redirect; no error contains a header, an address with its query or one
// of the texts that the adapter named as secret; a body over its bound ends in an
// error, never in memory.
//
// The three hardest cases: SDKs whose JSON reader accepts half a document as a
// whole one; a connection that is cut inside of a stream, which looks like its end;
// a service that repeats the key in its answer to a wrong one.
package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hexdag.dev/hexdag/runtime/port"
)

// Bounds of what is read from a service.
const (
	MaxBody      = 64 << 20
	maxErrorBody = 64 << 10
)

// Options of a client.
type Options struct {
	// Service names the other side in errors: "the model of port \"llm\"".
	Service string
	// Secrets are removed from all errors.
	Secrets []string
	// MaxBody bounds an answer in bytes, 0 for the constant.
	MaxBody int64
	// AnyStatus passes answers with a status over 399 on as they are.
	AnyStatus bool
	// AnyBody passes answers on that are no JSON.
	AnyBody bool
	// Redirects are followed up to this number, 0 for none; never to another host,
	// since they would take headers with keys there.
	Redirects int
}

// New makes a client. Its idle connections must be closed at the end with
// CloseIdleConnections.
func New(o Options) *http.Client {
	if o.MaxBody == 0 {
		o.MaxBody = MaxBody
	}
	base := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    32,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    15 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}
	return &http.Client{
		Transport: &tripper{base: base, o: o},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > o.Redirects || req.URL.Host != via[0].URL.Host {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}
}

type exchangeKey struct{}

// Exchange is one request with its answer. It is used by one goroutine, that of
// the call.
type Exchange struct {
	// Stream: the answer comes in parts and is checked by who reads it.
	Stream  bool
	failure *port.Error
	sent    bool
}

// Begin starts an exchange: one request at most can be made under the context that
// it returns.
func Begin(ctx context.Context, stream bool) (context.Context, *Exchange) {
	x := &Exchange{Stream: stream}
	return context.WithValue(ctx, exchangeKey{}, x), x
}

// Failed reports whether the request itself failed, so that what an SDK says about
// it means nothing more.
func (x *Exchange) Failed() bool { return x.failure != nil }

// Failure is err, which an SDK returned for the exchange, as a port error: what
// really happened, else an answer that cannot be read.
func (x *Exchange) Failure(ctx context.Context, o Options, err error) *port.Error {
	var e *port.Error
	switch {
	case x.failure != nil:
		return x.failure
	case errors.As(err, &e):
		return e
	case ctx.Err() != nil:
		return timeoutError(ctx, o)
	}
	return &port.Error{
		Class: port.ClassInvalidOutput, Retryable: true,
		Message: redact(o, fmt.Sprintf("%s gave an answer that cannot be read: %s", o.Service, port.OneLine(err.Error()))),
	}
}

// Broken is a failure that a service tells of inside of a stream; doc is what it
// says, as JSON or text.
func Broken(o Options, doc []byte, usage port.Usage) *port.Error {
	e := &port.Error{Class: port.ClassProvider, Retryable: true, Usage: usage}
	text := string(doc)
	if strings.Contains(text, "rate_limit") {
		e.Class = port.ClassRateLimit
	}
	e.Message = o.Service + " broke its answer off"
	if m := Message([]byte(redact(o, text))); m != "" {
		e.Message += ": " + m
	}
	return e
}

// Cut is the failure of a stream that ended before the answer was whole.
func Cut(o Options, usage port.Usage) *port.Error {
	return &port.Error{Class: port.ClassNetwork, Retryable: true, Usage: usage,
		Message: fmt.Sprintf("the connection to %s was cut before the answer was whole", o.Service)}
}

func timeoutError(ctx context.Context, o Options) *port.Error {
	e := &port.Error{Class: port.ClassTimeout, Err: ctx.Err()}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		e.Retryable = true
		e.Message = o.Service + " took too long to answer"
	} else {
		e.Message = "the request to " + o.Service + " was cancelled"
	}
	return e
}

type tripper struct {
	base *http.Transport
	o    Options
}

// CloseIdleConnections lets http.Client.CloseIdleConnections work.
func (t *tripper) CloseIdleConnections() { t.base.CloseIdleConnections() }

// RoundTrip makes a request; answers that tell of a failure are errors.
func (t *tripper) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	x, _ := ctx.Value(exchangeKey{}).(*Exchange)
	if x == nil {
		return nil, port.Errorf(port.ClassInvalidInput, "a request to %s was made outside of an exchange", t.o.Service)
	}
	if x.sent && t.o.Redirects == 0 {
		return nil, port.Errorf(port.ClassStale, "a second request to %s within one exchange", t.o.Service)
	}
	x.sent = true
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, x.fail(networkError(ctx, t.o, err))
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 && t.o.Redirects > 0 {
		return resp, nil
	}
	if resp.StatusCode >= 300 && !t.o.AnyStatus {
		defer resp.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		return nil, x.fail(StatusError(t.o, resp.StatusCode, resp.Header, text))
	}
	body := &boundedBody{body: resp.Body, left: t.o.MaxBody, ctx: ctx, x: x, o: t.o}
	if x.Stream {
		resp.Body = body
		return resp, nil
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, err // body noted it
	}
	if !t.o.AnyBody && !json.Valid(text) {
		return nil, x.fail(&port.Error{
			Class: port.ClassInvalidOutput, Retryable: true,
			Message: redact(t.o, fmt.Sprintf("%s gave an answer that is no JSON: %.100q", t.o.Service, text)),
		})
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, nil
}

func (x *Exchange) fail(e *port.Error) *port.Error {
	if x.failure == nil {
		x.failure = e
	}
	return x.failure
}

type boundedBody struct {
	body io.ReadCloser
	left int64
	ctx  context.Context
	x    *Exchange
	o    Options
}

// Read reads up to the bound; what goes wrong is noted at the exchange.
func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, b.x.fail(&port.Error{Class: port.ClassInvalidOutput,
			Message: fmt.Sprintf("the answer of %s has more than %d MiB", b.o.Service, b.o.MaxBody>>20)})
	}
	if err != nil && err != io.EOF {
		return n, b.x.fail(networkError(b.ctx, b.o, err))
	}
	return n, err
}

// Close closes the body.
func (b *boundedBody) Close() error { return b.body.Close() }

// networkError says what kept an answer from coming.
func networkError(ctx context.Context, o Options, err error) *port.Error {
	if ctx.Err() != nil {
		return timeoutError(ctx, o)
	}
	e := &port.Error{Class: port.ClassNetwork, Retryable: true}
	var dns *net.DNSError
	var op *net.OpError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		e.Definite = true
		e.Retryable = dns.IsTemporary || dns.IsTimeout
		e.Message = fmt.Sprintf("%s cannot be found: no address for %q", o.Service, dns.Name)
	case errors.As(err, &op) && op.Op == "dial":
		e.Definite = true
		e.Message = fmt.Sprintf("%s cannot be reached: %s", o.Service, reason(op.Err))
		e.Help = "is the service running, and is its address right?"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Message = fmt.Sprintf("the connection to %s was cut before the answer was whole", o.Service)
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Class = port.ClassTimeout
		e.Message = o.Service + " took too long to answer"
	default:
		e.Message = fmt.Sprintf("the connection to %s failed: %s", o.Service, reason(err))
	}
	e.Message = redact(o, e.Message)
	return e
}

// reason is the innermost text of an error, which names no address.
func reason(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return port.OneLine(err.Error())
		}
		err = next
	}
}

// StatusError is an answer with a failing status.
func StatusError(o Options, status int, header http.Header, body []byte) *port.Error {
	e := &port.Error{Class: port.ClassProvider, Definite: true, Usage: port.Usage{Known: true}}
	switch {
	case status == http.StatusTooManyRequests:
		e.Class, e.Retryable = port.ClassRateLimit, true
	case status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusConflict:
		e.Retryable, e.Definite = true, status != http.StatusRequestTimeout
	case status == http.StatusServiceUnavailable || status == 529:
		e.Retryable = true
	case status >= 500:
		e.Retryable, e.Definite, e.Usage.Known = true, false, false
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.Help = "check the key, and what it may be used for"
	case status >= 300 && status < 400:
		e.Help = "the service answers with a redirect, which is not followed; give its final address"
	case status == http.StatusBadRequest || status == http.StatusNotFound || status == http.StatusUnprocessableEntity || status == http.StatusRequestEntityTooLarge:
		e.Class = port.ClassInvalidInput
	}
	e.RetryAfter = RetryAfter(header, time.Now())
	e.Message = fmt.Sprintf("%s answered %d %s", o.Service, status, strings.ToLower(http.StatusText(status)))
	if text := Message([]byte(redact(o, string(body)))); text != "" {
		e.Message += ": " + text
	}
	e.Message = redact(o, strings.TrimSpace(e.Message))
	return e
}

// RetryAfter is how long a service asks to wait, 0 if it does not; at most a day.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 {
		return min(time.Duration(ms*float64(time.Millisecond)), 24*time.Hour)
	}
	text := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(text, 64); err == nil && s > 0 && s < 1e9 {
		return min(time.Duration(s*float64(time.Second)), 24*time.Hour)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), 24*time.Hour)
	}
	return 0
}

// Message is what the body of a failing answer says: the usual places of JSON, or
// its first line.
func Message(body []byte) string {
	var doc struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
		Detail  json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(body, &doc) == nil {
		for _, raw := range []json.RawMessage{doc.Error, doc.Detail} {
			var text string
			if json.Unmarshal(raw, &text) == nil && text != "" {
				return port.OneLine(text)
			}
			var inner struct {
				Message string `json:"message"`
			}
			if json.Unmarshal(raw, &inner) == nil && inner.Message != "" {
				return port.OneLine(inner.Message)
			}
		}
		if doc.Message != "" {
			return port.OneLine(doc.Message)
		}
	}
	text := strings.TrimSpace(string(body))
	if text == "" || strings.HasPrefix(text, "<") || strings.HasPrefix(text, "{") {
		return ""
	}
	return port.OneLine(text)
}

// Redact is text without the secrets of o.
func Redact(o Options, text string) string { return redact(o, text) }

func redact(o Options, text string) string {
	for _, s := range o.Secrets {
		if len(s) >= port.MinSecret {
			text = strings.ReplaceAll(text, s, "[secret]")
		}
	}
	return text
}
