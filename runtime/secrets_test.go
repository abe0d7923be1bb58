package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/journal/sqlite"
	"hexdag.dev/hexdag/runtime/port"
)

const canary = "sk-canary-7f3a9b\"x"

func TestSecretsNeverLeaveThePorts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	registry := runtime.Builtin()
	var got string
	registry.AddAdapter("leaky", func(_ context.Context, spec port.Spec) (port.Adapter, error) {
		o, _ := spec.Config.Object()
		key, _ := o.Get("api_key")
		got, _ = key.AsString()
		return llmFunc(func(req *port.LLMRequest) (*port.LLMResponse, error) {
			if req.Call.Node == "fails" {
				return nil, errors.New("401 with key " + got)
			}
			if req.Stream != nil {
				for _, part := range []string{"your key is ", got[:5], got[5:], " indeed"} {
					req.Stream(part)
				}
			}
			return &port.LLMResponse{Text: "your key is " + got, Usage: port.Usage{Known: true}}, nil
		}), nil
	})
	var events []byte
	o := runtime.Options{
		Registry: registry, Journal: store,
		Secrets: port.Environment{Lookup: func(name string) (string, bool) { return canary, name == "KEY" }},
		Observers: []event.Observer{event.ObserverFunc(func(e event.Event) {
			line, err := e.AppendJSON(nil)
			if err != nil {
				t.Error(err)
			}
			events = append(append(events, line...), '\n')
		})},
		Functions: map[string]port.Function{"echo": port.FunctionOf(port.Write, func(_ context.Context, in value.Value) (value.Value, error) {
			text := value.Str(in)
			if strings.Contains(text, "boom") {
				panic("cannot use " + canary)
			}
			return value.List([]value.Value{in, value.String(text)}), nil
		})},
	}
	p := irtest.New("secrets").Kernel(ir.OnFailure, value.String("continue")).
		Port("llm", "leaky", irtest.Object("api_key", value.Secret("KEY"))).
		LLM("a", "hello {{ $input.note }}", irtest.Stream()).
		LLM("fails", "x").
		Go("echo", "echo", irtest.After("a")).
		Go("panics", "echo").
		Star("logs", "def f(input):\n    print('key', input)\n    fail('no ' + str(input))\n", irtest.After("a")).
		Output("a", "a").Program()
	input := irtest.Object("note", "my key is "+canary+", boom", canary, canary)
	result := run(t, o, p, input)
	if got != canary {
		t.Errorf("the adapter got %q", got)
	}
	if result.Status != journal.Failed {
		t.Errorf("the run is %s", result.Status)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	check := func(where string, data []byte) {
		for _, form := range []string{canary, `sk-canary-7f3a9b\"x`, `sk-canary-7f3a9b\\\"x`, "sk-canary"} {
			if bytes.Contains(data, []byte(form)) {
				t.Errorf("%s holds the secret", where)
				return
			}
		}
	}
	check("the document", pretty(t, result))
	check("the events", events)
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		check("the run store", data)
	}
	if !bytes.Contains(events, []byte(`"your key is [secret]"`)) || !bytes.Contains(events, []byte("NodeLog")) {
		t.Errorf("the events lack what they should hold:\n%s", events)
	}
}
