package web_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/function/web"
	"hexdag.dev/hexdag/runtime/port"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCalls(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Idempotency-Key") == "" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("the headers are %v", r.Header)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.Copy(w, r.Body)
	})
	mux.HandleFunc("/text", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	mux.HandleFunc("/empty", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/liar", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "hello")
	})
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3")
		http.Error(w, "later, please", http.StatusTooManyRequests)
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/echo", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server looks for the end of the connection
		<-r.Context().Done()
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	call := func(path, in string) (string, *port.Error) {
		f, err := web.Host{}.Load(t.Context(), port.FunctionSpec{Name: server.URL + path})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.(port.Closer).Close(t.Context()) }()
		v, err := value.ParseJSON([]byte(in), value.JSONLimits{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		if path == "/slow" {
			ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
		}
		defer cancel()
		got, err := f.Call(ctx, port.Call{Node: "n", Key: "k"}, v)
		text, _ := value.AppendJSON(nil, got)
		return string(text), port.AsError(err)
	}
	for path, want := range map[string]string{"/echo": `{"b":1,"a":[2]}`, "/text": `"hello"`, "/empty": "null"} {
		if got, err := call(path, `{"b":1,"a":[2]}`); err != nil || got != want {
			t.Errorf("%s gives %s, %v", path, got, err)
		}
	}
	for path, want := range map[string]struct{ class, text string }{
		"/liar": {port.ClassInvalidOutput, "it is not"}, "/busy": {port.ClassRateLimit, "later, please"},
		"/moved": {port.ClassProvider, "307"}, "/slow": {port.ClassTimeout, "too long"}, "/nothing": {port.ClassInvalidInput, "404"},
	} {
		_, err := call(path, "1")
		if err == nil || err.Class != want.class || !strings.Contains(err.Message, want.text) {
			t.Errorf("%s gives %+v", path, err)
		}
		if path == "/busy" && (err.RetryAfter != 3*time.Second || !err.Definite) {
			t.Errorf("%s gives %+v", path, err)
		}
	}
	if _, err := (web.Host{}).Load(t.Context(), port.FunctionSpec{Name: "http:/x"}); err == nil {
		t.Error("half an address is taken")
	}
}
