package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/adapter/outboard"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/journal/sqlite"
	"hexdag.dev/hexdag/runtime/port"
)

const asProgram = "HEXDAG_TEST_AS_ADAPTERS"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Args = os.Args[:1]
		main()
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

const canary = "sk-canary-5d1f77e0aa9c"

// TestARunWithAModelOfTheOtherProgram goes the whole way: a program with a secret
// key, the runtime, the pipe, the SDK, a server, and back, with a first answer that
// fails, repeats the key, and is retried by the node.
func TestARunWithAModelOfTheOtherProgram(t *testing.T) {
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+canary {
			t.Errorf("the key came as %q", r.Header.Get("Authorization"))
		}
		w.Header().Set("Content-Type", "application/json")
		if calls.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"error":{"message":"overloaded, dear `+canary+`"}}`)
			return
		}
		_, _ = io.WriteString(w, `{"id":"c","object":"chat.completion","created":1,"model":"m-1","choices":[{"index":0,"message":{"role":"assistant","content":"you are `+canary+`"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`)
	}))
	defer server.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(outboard.Variable, self)
	t.Setenv(asProgram, "1")
	path := filepath.Join(t.TempDir(), "runs.db")
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	registry := runtime.Builtin()
	outboard.Register(registry)
	var events bytes.Buffer
	r, err := runtime.New(runtime.Options{
		Registry: registry, Journal: store,
		Secrets: port.Environment{Lookup: func(name string) (string, bool) { return canary, name == "OPENAI_API_KEY" }},
		Observers: []event.Observer{event.ObserverFunc(func(e event.Event) {
			line, err := e.AppendJSON(nil)
			if err != nil {
				t.Error(err)
			}
			events.Write(append(line, '\n'))
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := irtest.New("remote").
		Port("llm", "openai", irtest.Object("api_key", value.Secret("OPENAI_API_KEY"), "base_url", server.URL+"/v1", "model", "m-1")).
		LLM("ask", "who am I?", irtest.Attempts(2, 1)).Output("answer", "ask").Program()
	program, err := runtime.LoadIR(p)
	if err != nil {
		t.Fatal(err)
	}
	result, err := r.Run(t.Context(), program, value.Null)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	document, err := result.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if result.Status != journal.Completed || calls.Load() != 2 {
		t.Fatalf("%d requests, and the run is %s", calls.Load(), document)
	}
	for _, want := range []string{`"answer":"you are [secret]"`, `"llm_calls":2`, `"input_tokens":3`} {
		if !strings.Contains(string(document), want) {
			t.Errorf("%s is not in %s", want, document)
		}
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		events.Write(data)
	}
	if bytes.Contains(append(document, events.Bytes()...), []byte(canary)) || bytes.Contains(ir.Encode(p), []byte(canary)) {
		t.Error("the key stands in the events, the run store, the result or the program")
	}
}

// TestWrongSettingsAreToldBeforeTheRun, and by name.
func TestWrongSettingsAreToldBeforeTheRun(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(outboard.Variable, self)
	t.Setenv(asProgram, "1")
	registry := runtime.Builtin()
	outboard.Register(registry)
	r, err := runtime.New(runtime.Options{Registry: registry})
	if err != nil {
		t.Fatal(err)
	}
	program, err := runtime.LoadIR(irtest.New("wrong").Port("llm", "anthropic", irtest.Object("modle", "x")).LLM("ask", "x").Program())
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Run(t.Context(), program, value.Null)
	if err == nil || !strings.Contains(err.Error(), `"modle" is not a setting`) || !strings.Contains(err.Error(), `"api_key" is missing`) {
		t.Errorf("got %v", err)
	}
}
