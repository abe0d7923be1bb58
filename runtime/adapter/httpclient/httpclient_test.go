package httpclient_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/adapter/httpclient"
	"hexdag.dev/hexdag/runtime/port"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const canary = "sk-canary-91cc0e5a77b1"

func client(t *testing.T, fields map[string]any) port.HTTPClient {
	t.Helper()
	v, err := value.FromGo(fields)
	if err != nil {
		t.Fatal(err)
	}
	a, err := httpclient.New(t.Context(), port.Spec{Port: "api", Config: v})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.(port.Closer).Close(t.Context()) })
	return a.(port.HTTPClient)
}

// echo tells what came.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch r.URL.Path {
	case "/v1/fail":
		http.Error(w, "no, "+r.Header.Get("Authorization"), http.StatusInternalServerError)
		return
	case "/v1/moved":
		http.Redirect(w, r, "/v1/x", http.StatusFound)
		return
	case "/v1/away":
		http.Redirect(w, r, "http://127.0.0.1:1/x", http.StatusFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Own", "yes")
	_ = json.NewEncoder(w).Encode(map[string]any{"method": r.Method, "url": r.URL.String(), "type": r.Header.Get("Content-Type"),
		"auth": r.Header.Get("Authorization"), "extra": r.Header.Get("X-Extra"), "key": r.Header.Get("Idempotency-Key") != "", "body": string(body)})
}

func TestRequests(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(echo))
	t.Cleanup(server.Close)
	based := client(t, map[string]any{"base_url": server.URL + "/v1/", "bearer_token": canary, "headers": map[string]any{"X-Extra": "e"}})
	data, _ := value.FromGo(map[string]any{"a": 1})
	for _, c := range []struct {
		name string
		req  port.HTTPRequest
		want []string
	}{
		{"a path", port.HTTPRequest{URL: "x?q=1", Query: map[string]string{"r": "a b"}, Body: value.Missing}, []string{`'GET'`, `/v1/x?q=1&r=a+b`, "Bearer " + canary, `'extra': 'e'`, `'key': False`}},
		{"data", port.HTTPRequest{Method: "post", URL: "/x", Body: data}, []string{`'POST'`, `'application/json'`, `{"a":1}`, `'key': True`}},
		{"text", port.HTTPRequest{Method: "PUT", URL: "/x", Header: map[string]string{"content-type": "text/plain"}, Body: value.String("hi")}, []string{`'text/plain'`, `'body': 'hi'`}},
		{"the whole address", port.HTTPRequest{URL: server.URL + "/v1/y", Body: value.Missing}, []string{`/v1/y`}},
	} {
		resp, err := based.Do(t.Context(), &c.req)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got := value.Repr(resp.Body)
		for _, want := range c.want {
			if !strings.Contains(got, want) || resp.Status != 200 || resp.Header["X-Own"] != "yes" {
				t.Errorf("%s: %s is not in %s (%d)", c.name, want, got, resp.Status)
			}
		}
	}
	if _, err := based.Do(t.Context(), &port.HTTPRequest{URL: "http://example.invalid/x", Body: value.Missing}); err == nil || !strings.Contains(err.Error(), "only") {
		t.Errorf("another host gives %v", err)
	}
	if resp, err := based.Do(t.Context(), &port.HTTPRequest{URL: "fail", Body: value.Missing}); err != nil || resp.Status != 500 {
		t.Errorf("a failing status gives %+v, %v", resp, err)
	}
	if resp, err := based.Do(t.Context(), &port.HTTPRequest{URL: "moved", Body: value.Missing}); err != nil || resp.Status != 302 {
		t.Errorf("a redirect gives %+v, %v", resp, err)
	}
	strict := client(t, map[string]any{"base_url": server.URL + "/v1", "basic_auth_username": "me", "basic_auth_password": canary, "raise_for_status": true, "follow_redirects": true})
	_, err := strict.Do(t.Context(), &port.HTTPRequest{URL: "fail", Body: value.Missing})
	if e := port.AsError(err); e == nil || e.Class != port.ClassProvider || !e.Retryable || strings.Contains(e.Message, canary) {
		t.Errorf("a failing status gives %+v", e)
	}
	if resp, err := strict.Do(t.Context(), &port.HTTPRequest{URL: "moved", Body: value.Missing}); err != nil || resp.Status != 200 {
		t.Errorf("a redirect gives %+v, %v", resp, err)
	}
	if resp, err := strict.Do(t.Context(), &port.HTTPRequest{URL: "away", Body: value.Missing}); err != nil || resp.Status != 302 {
		t.Errorf("a redirect to another host gives %+v, %v", resp, err)
	}
	free := client(t, map[string]any{})
	if _, err := free.Do(t.Context(), &port.HTTPRequest{URL: "/x", Body: value.Missing}); err == nil || !strings.Contains(err.Error(), "no whole address") {
		t.Errorf("half an address gives %v", err)
	}
	if _, err := free.Do(t.Context(), &port.HTTPRequest{URL: "file:///etc/passwd", Body: value.Missing}); err == nil {
		t.Error("a file is taken for an address")
	}
	v, _ := value.FromGo(map[string]any{"bearer_token": canary})
	if _, err := httpclient.New(t.Context(), port.Spec{Port: "api", Config: v}); err == nil {
		t.Error("a key without a host is taken")
	}
}
