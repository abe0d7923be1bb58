// Package web calls functions over HTTP: `http://…` and `https://…`.
//
// Input: an address; for each call the prepared input. Output: the JSON of the
// answer, or its text if it is none, or an error with the status.
//
// A call is one POST with the input as JSON and an Idempotency-Key header, which is
// the same for all attempts that may be the same call. Nothing is retried here, and
// no redirect is followed.
//
// The three hardest cases are those of package transport.
package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/adapter/model"
	"hexdag.dev/hexdag/runtime/adapter/transport"
	"hexdag.dev/hexdag/runtime/port"
)

// Scheme is the name of the function scheme, for both kinds of addresses.
const Scheme = "http"

// Host is the port.FunctionHost of the scheme "http". The zero Host is ready for
// use.
type Host struct{}

// Load checks the address.
func (Host) Load(_ context.Context, f port.FunctionSpec) (port.Function, error) {
	u, err := url.Parse(f.Name)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, port.Errorf(port.ClassInvalidInput, "the function is no address such as https://example.com/classify")
	}
	o := transport.Options{Service: fmt.Sprintf("the function at %s", u.Host), AnyBody: true}
	if u.User != nil {
		if secret, ok := u.User.Password(); ok {
			o.Secrets = append(o.Secrets, secret)
		}
	}
	return &function{url: f.Name, o: o, http: transport.New(o)}, nil
}

type function struct {
	url  string
	o    transport.Options
	http *http.Client
}

// Class is port.Write: a POST may change something.
func (f *function) Class() port.Class { return port.Write }

// Close closes idle connections.
func (f *function) Close(context.Context) error {
	f.http.CloseIdleConnections()
	return nil
}

// Call makes one request.
func (f *function) Call(ctx context.Context, call port.Call, input value.Value) (value.Value, error) {
	text, err := value.AppendJSON(nil, input)
	if err != nil {
		return value.Null, port.Errorf(port.ClassInvalidInput, "the input of node %q has no JSON: %s", call.Node, err)
	}
	ctx, x := transport.Begin(ctx, false)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url, bytes.NewReader(text))
	if err != nil {
		return value.Null, port.Errorf(port.ClassInvalidInput, "the address of the function of node %q cannot be used", call.Node)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Idempotency-Key", model.Key(call))
	resp, err := f.http.Do(req)
	if err != nil {
		return value.Null, x.Failure(ctx, f.o, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return value.Null, x.Failure(ctx, f.o, err)
	}
	return Body(f.o, resp.Header.Get("Content-Type"), body)
}

// Body is an answer's body as a value: null if it is empty, parsed if its type says
// that it is JSON, or says nothing and it is; else its text.
func Body(o transport.Options, contentType string, body []byte) (value.Value, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return value.Null, nil
	}
	kind, _, _ := strings.Cut(contentType, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	isJSON := kind == "application/json" || strings.HasSuffix(kind, "+json")
	if isJSON || kind == "" || kind == "text/plain" && (body[0] == '{' || body[0] == '[') {
		v, err := value.ParseJSON(body, value.JSONLimits{})
		if err == nil {
			return v, nil
		}
		if isJSON {
			return value.Null, &port.Error{Class: port.ClassInvalidOutput, Retryable: true,
				Message: transport.Redact(o, fmt.Sprintf("%s says that its answer is JSON, and it is not: %s", o.Service, port.OneLine(err.Error())))}
		}
	}
	return value.String(strings.ToValidUTF8(string(body), "�")), nil
}
