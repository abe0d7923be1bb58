// Package httpclient is the adapter "http" of the port api_call.
//
// # Configuration
//
//	base_url          put before paths; requests to other hosts are refused then
//	headers           sent with each request, to the base's host only
//	bearer_token      sent as the header Authorization
//	basic_auth_username, basic_auth_password   the same, in the other way
//	timeout           of one request, default 30 seconds
//	follow_redirects  up to 10, within one host; default false
//	raise_for_status  answers with a status over 399 are failures; default false
//
// Invariants: one call is one request, besides redirects that were asked for; keys
// go to the configured host only, and are in no error.
//
// The three hardest cases are those of package transport.
package httpclient

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hexdag.dev/hexdag/runtime/adapter/model"
	"hexdag.dev/hexdag/runtime/adapter/transport"
	"hexdag.dev/hexdag/runtime/function/web"
	"hexdag.dev/hexdag/runtime/port"
)

// Name is the adapter's canonical name.
const Name = "http"

// New is the port.Factory of the adapter.
func New(_ context.Context, spec port.Spec) (port.Adapter, error) {
	c := port.ReadConfig(spec)
	h := &Client{headers: model.TextMap(c, "headers"), timeout: c.Duration("timeout")}
	if h.timeout == 0 {
		h.timeout = 30 * time.Second
	}
	h.o = transport.Options{Service: fmt.Sprintf("the service of port %q", spec.Port), AnyBody: true, AnyStatus: !flag(c, "raise_for_status")}
	if flag(c, "follow_redirects") {
		h.o.Redirects = 10
	}
	token, user, password := c.Text("bearer_token"), c.Text("basic_auth_username"), c.Text("basic_auth_password")
	h.token, h.user, h.password = token, user, password
	if token != "" && user != "" {
		c.Faultf("give either \"bearer_token\" or \"basic_auth_username\"")
	}
	if base := c.Text("base_url"); base != "" {
		u, err := url.Parse(base)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			c.Faultf("\"base_url\" must be an address such as https://api.example.com/v1")
		} else {
			h.base = u
		}
	} else if token != "" || user != "" {
		c.Faultf("a key needs \"base_url\", so that it goes nowhere else")
	}
	h.o.Secrets = append(h.o.Secrets, token, password)
	for _, v := range h.headers {
		if len(v) >= 16 {
			h.o.Secrets = append(h.o.Secrets, v)
		}
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	h.http = transport.New(h.o)
	return h, nil
}

func flag(c *port.Config, name string) bool {
	v, _, ok := c.Get(name)
	if !ok {
		return false
	}
	b, isBool := v.AsBool()
	if !isBool {
		c.Faultf("%q must be true or false, not %s", name, v.TypeName())
	}
	return b
}

// Client makes requests. It is safe for concurrent use.
type Client struct {
	base                  *url.URL
	headers               map[string]string
	token, user, password string
	timeout               time.Duration
	o                     transport.Options
	http                  *http.Client
}

// Class is port.Write: a request may change something.
func (h *Client) Class() port.Class { return port.Write }

// Close closes idle connections.
func (h *Client) Close(context.Context) error {
	h.http.CloseIdleConnections()
	return nil
}

// address is where a request goes.
func (h *Client) address(req *port.HTTPRequest) (*url.URL, error) {
	u, err := url.Parse(req.URL)
	if err != nil {
		return nil, port.Errorf(port.ClassInvalidInput, "node %q has no address: %.80q", req.Call.Node, req.URL)
	}
	if h.base != nil {
		if u.Host == "" {
			path := *h.base
			path.Path = strings.TrimSuffix(h.base.Path, "/")
			if u.Path != "" {
				path.Path += "/" + strings.TrimPrefix(u.Path, "/")
			}
			path.RawPath, path.RawQuery, path.Fragment = "", u.RawQuery, ""
			if h.base.RawQuery != "" && u.RawQuery == "" {
				path.RawQuery = h.base.RawQuery
			}
			u = &path
		} else if u.Host != h.base.Host || u.Scheme != h.base.Scheme {
			return nil, port.Errorf(port.ClassInvalidInput, "node %q calls %s, and its port is for %s only", req.Call.Node, u.Host, h.base.Host)
		}
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		e := port.Errorf(port.ClassInvalidInput, "node %q has no whole address: %.80q", req.Call.Node, req.URL)
		e.Help = "write https://HOST/PATH, or give the port a base_url"
		return nil, e
	}
	if len(req.Query) > 0 {
		q := u.Query()
		for k, v := range req.Query {
			q.Set(k, v)
		}
		u.RawQuery = q.Encode()
	}
	return u, nil
}

// Do makes one request.
func (h *Client) Do(ctx context.Context, req *port.HTTPRequest) (*port.HTTPResponse, error) {
	u, err := h.address(req)
	if err != nil {
		return nil, err
	}
	var body io.Reader
	kind := ""
	for k, v := range req.Header {
		if strings.EqualFold(k, "Content-Type") {
			kind = v
		}
	}
	if !req.Body.IsMissing() {
		text, isText := req.Body.AsString()
		if !isText || kind == "" || strings.Contains(kind, "json") {
			raw, err := model.JSON("the body of node "+req.Call.Node, req.Body)
			if err != nil {
				return nil, err
			}
			text = string(raw)
			if kind == "" {
				kind = "application/json"
			}
		}
		body = bytes.NewReader([]byte(text))
	}
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	ctx, x := transport.Begin(ctx, false)
	method := strings.ToUpper(req.Method)
	if method == "" {
		method = http.MethodGet
	}
	out, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, port.Errorf(port.ClassInvalidInput, "the request of node %q cannot be made: %s", req.Call.Node, transport.Redact(h.o, port.OneLine(err.Error())))
	}
	if kind != "" {
		out.Header.Set("Content-Type", kind)
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
	default:
		out.Header.Set("Idempotency-Key", model.Key(req.Call))
	}
	for _, headers := range []map[string]string{h.headers, req.Header} {
		for k, v := range headers {
			out.Header.Set(k, v)
		}
	}
	switch {
	case h.token != "":
		out.Header.Set("Authorization", "Bearer "+h.token)
	case h.user != "":
		out.SetBasicAuth(h.user, h.password)
	}
	resp, err := h.http.Do(out)
	if err != nil {
		return nil, x.Failure(ctx, h.o, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, x.Failure(ctx, h.o, err)
	}
	v, err := web.Body(h.o, resp.Header.Get("Content-Type"), text)
	if err != nil {
		return nil, err
	}
	got := &port.HTTPResponse{Status: resp.StatusCode, Header: make(map[string]string, len(resp.Header)), Body: v}
	for k := range resp.Header {
		got.Header[k] = resp.Header.Get(k)
	}
	return got, nil
}
