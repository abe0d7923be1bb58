package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal/sqlite"
	"hexdag.dev/hexdag/runtime/port"
)

// leaks are the ways in which a model or a function lets a secret out.
var leaks = map[string]func(ctx context.Context, req *port.LLMRequest, secret string) (*port.LLMResponse, error){
	"answer": func(_ context.Context, _ *port.LLMRequest, s string) (*port.LLMResponse, error) {
		return &port.LLMResponse{Text: "it is " + s}, nil
	},
	"object": func(_ context.Context, _ *port.LLMRequest, s string) (*port.LLMResponse, error) {
		return &port.LLMResponse{IsObject: true, Structured: irtest.Object("in", value.List([]value.Value{value.String(s)}), s, 1)}, nil
	},
	"model name": func(_ context.Context, _ *port.LLMRequest, s string) (*port.LLMResponse, error) {
		return &port.LLMResponse{Text: "x", Model: "m-" + s, FinishReason: s}, nil
	},
	"stream": func(_ context.Context, req *port.LLMRequest, s string) (*port.LLMResponse, error) {
		if req.Stream != nil {
			req.Stream(s[:7])
			req.Stream(s[7:])
		}
		return &port.LLMResponse{Text: s}, nil
	},
	"log": func(ctx context.Context, _ *port.LLMRequest, s string) (*port.LLMResponse, error) {
		port.Log(ctx, "got "+s)
		return &port.LLMResponse{Text: "x"}, nil
	},
	"error": func(_ context.Context, _ *port.LLMRequest, s string) (*port.LLMResponse, error) {
		return nil, errors.New("401 for " + s)
	},
	"error of a class": func(_ context.Context, _ *port.LLMRequest, s string) (*port.LLMResponse, error) {
		return nil, &port.Error{Class: s, Message: "no", Help: "use another than " + s, Err: errors.New(s)}
	},
	"panic": func(_ context.Context, _ *port.LLMRequest, s string) (*port.LLMResponse, error) {
		panic(fmt.Errorf("in %s", s))
	},
	"time-out": func(ctx context.Context, _ *port.LLMRequest, s string) (*port.LLMResponse, error) {
		<-ctx.Done()
		return nil, fmt.Errorf("%s: %w", s, ctx.Err())
	},
	"end of the goroutine": func(_ context.Context, _ *port.LLMRequest, s string) (*port.LLMResponse, error) {
		port.Log(context.Background(), s)
		return nil, &port.Error{Class: port.ClassNetwork, Message: s, Retryable: true}
	},
}

// leaky is a model that lets the secret of its configuration out, and fails to close
// with it.
type leaky struct {
	leak   func(context.Context, *port.LLMRequest, string) (*port.LLMResponse, error)
	secret string
}

func (leaky) Class() port.Class { return port.Write }

func (l leaky) Generate(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	return l.leak(ctx, req, l.secret)
}

func (l leaky) Close(context.Context) error { return errors.New("cannot log out " + l.secret) }

// TestTheCanaryStaysInItsCage lets a secret out in every way, in models and in
// functions, and looks for it in everything that a run leaves: its document and
// errors, its events, the run store with the program in it, and the recording.
func TestTheCanaryStaysInItsCage(t *testing.T) {
	for name, leak := range leaks {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "runs.db")
			store, err := sqlite.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			registry := runtime.Builtin()
			registry.AddAdapter("leaky", func(_ context.Context, spec port.Spec) (port.Adapter, error) {
				o, _ := spec.Config.Object()
				key, _ := o.Get("api_key")
				got, _ = key.AsString()
				return leaky{leak, got}, nil
			})
			var events, tape bytes.Buffer
			r := runner(t, runtime.Options{
				Registry: registry, Journal: store, Grace: 10 * time.Millisecond,
				Secrets: port.Environment{Lookup: func(name string) (string, bool) { return canary, name == "KEY" }},
				Functions: map[string]port.Function{"leak": port.FunctionOf(port.Write, func(ctx context.Context, in value.Value) (value.Value, error) {
					resp, err := leak(ctx, &port.LLMRequest{}, canary)
					if err != nil {
						return value.Null, err
					}
					return irtest.Object("text", resp.Text, "object", resp.Structured, "in", in), nil
				})},
				Observers: []event.Observer{event.ObserverFunc(func(e event.Event) {
					line, err := e.AppendJSON(nil)
					if err != nil {
						t.Error(err)
					}
					events.Write(line)
				})},
			})
			p := irtest.New("canary").Kernel(ir.OnFailure, value.String("continue")).
				Port("llm", "leaky", irtest.Object("api_key", value.Secret("KEY"))).
				LLM("a", "hello {{ $input.note }}", irtest.Stream(), irtest.Timeout(int64(20*time.Millisecond)), irtest.Attempts(2, 1)).
				Go("f", "leak", irtest.Timeout(int64(20*time.Millisecond)), irtest.After("a")).
				Go("g", "leak", irtest.Timeout(int64(20*time.Millisecond))).
				Expression("h", []string{"why", "$error.message", "type", "$error.type"}, irtest.Handles("a", "g")).
				Output("a", "a").Program()
			result, err := r.Record(t.Context(), load(t, p), irtest.Object("note", "key "+canary, canary, canary), runtime.Overrides{}, &tape)
			if err != nil {
				t.Fatal(err)
			}
			if got != canary {
				t.Fatal("the adapter did not get the secret")
			}
			check := func(where string, data []byte) {
				for _, form := range []string{"sk-canary", "7f3a9b"} {
					if i := bytes.Index(data, []byte(form)); i >= 0 {
						t.Errorf("%s: %s holds the secret: …%q…", name, where, data[max(0, i-80):min(len(data), i+40)])
						return
					}
				}
			}
			check("the document", pretty(t, result))
			check("the warning", fmt.Append(nil, result.Warning))
			check("the error", fmt.Append(nil, result.Err()))
			for _, f := range result.Failures {
				check("a failure", fmt.Appendf(nil, "%+v", f))
			}
			if result.Warning == nil {
				t.Error("the adapter's fault at its end was lost")
			}
			check("the events", events.Bytes())
			check("the recording", tape.Bytes())
			plan, err := r.Plan(t.Context(), load(t, p), irtest.Object("note", canary), runtime.Overrides{})
			if err != nil {
				check("the error of the plan", []byte(err.Error()))
			} else {
				check("the plan", fmt.Append(nil, value.Repr(plan.Calls[0].Request)))
			}
			if err := store.Close(); err != nil {
				t.Fatal(err)
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
				check("the run store", data)
			}
			if !bytes.Contains(tape.Bytes(), []byte(`"call":"a#1"`)) || !bytes.Contains(tape.Bytes(), []byte(`"function":"go:leak"`)) {
				t.Errorf("the recording lacks calls:\n%s", tape.Bytes())
			}
		})
	}
}
