package outboard

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
	"hexdag.dev/hexdag/runtime/subprocess"
)

// The test program is the other program too.
const victim = "HEXDAG_OUTBOARD_TEST"

func TestMain(m *testing.M) {
	switch os.Getenv(victim) {
	case "serve":
		if err := Serve(context.Background(), os.Stdin, os.Stdout, there()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case "mute":
		fmt.Fprintln(os.Stderr, "the disk is full")
		os.Exit(7)
	case "old":
		fmt.Println(`{"hexdag_adapters": 99}`)
		time.Sleep(time.Minute)
	}
	goleak.VerifyTestMain(m)
}

// there is the registry of the other program.
func there() *port.Registry {
	r := new(port.Registry)
	r.AddAdapter("echo", func(_ context.Context, spec port.Spec) (port.Adapter, error) {
		c := port.ReadConfig(spec)
		e := &echo{prefix: c.Text("prefix")}
		return e, c.Err()
	})
	r.AddAdapter("panics", func(context.Context, port.Spec) (port.Adapter, error) { panic("no") })
	r.AddFunction("double", port.FunctionOf(port.Read, func(ctx context.Context, v value.Value) (value.Value, error) {
		port.Log(ctx, "doubling")
		return value.List([]value.Value{v, v}), nil
	}))
	return r
}

// echo is an adapter with every face that one can have at a time.
type echo struct{ prefix string }

func (e *echo) Class() port.Class { return port.Read }
func (e *echo) Structured() bool  { return true }
func (e *echo) Free() bool        { return true }
func (e *echo) ToolCalling() bool { return true }
func (e *echo) Retries() int      { return 4 }

func (e *echo) Generate(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	text := req.Messages[len(req.Messages)-1].Content
	switch text {
	case "die":
		fmt.Fprintln(os.Stderr, "it hurts")
		os.Exit(3)
	case "wait":
		<-ctx.Done()
		return nil, ctx.Err()
	case "fail":
		return nil, &port.Error{Class: port.ClassRateLimit, Message: "slow down", Help: "wait", Retryable: true, Definite: true, RetryAfter: 3 * time.Second, Usage: port.Usage{Known: true, InputTokens: 2}}
	case "panic":
		panic("oh")
	}
	if req.Stream != nil {
		for _, w := range strings.SplitAfter(text, " ") {
			req.Stream(w)
		}
	}
	return &port.LLMResponse{Text: e.prefix + text, Model: "echo", FinishReason: "stop", ToolCalls: req.Messages[0].ToolCalls,
		Structured: req.Schema, IsObject: !req.Schema.IsNull(), Usage: port.Usage{Known: true, InputTokens: 1, OutputTokens: 1}}, nil
}

func (e *echo) Embed(context.Context, *port.EmbedRequest) (*port.EmbedResponse, error) {
	return &port.EmbedResponse{Vectors: [][]float64{{0.5, 1}}, Model: "echo"}, nil
}

func program(mode string) *Program {
	return &Program{Find: func() (subprocess.Command, error) {
		return subprocess.Command{Path: os.Args[0], Args: []string{"-test.run=^$"}, Env: []string{victim + "=" + mode}}, nil
	}}
}

func open(t *testing.T, p *Program, config string) port.LLM {
	t.Helper()
	v, err := value.ParseJSON([]byte(config), value.JSONLimits{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.Factory("echo")(t.Context(), port.Spec{Port: "llm", Type: "llm", Config: v})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.(port.Closer).Close(context.Background()); err != nil {
			t.Error(err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.open == 0 && p.link != nil {
			t.Error("the program still runs")
		}
	})
	return a.(port.LLM)
}

func say(text string) *port.LLMRequest {
	return &port.LLMRequest{Schema: value.Null, Messages: []port.Message{{Role: "user", Content: text}}}
}

func TestModel(t *testing.T) {
	llm := open(t, program("serve"), `{"prefix": "> "}`)
	if !port.IsStructured(llm) || !port.IsToolCalling(llm) || !llm.(port.Free).Free() || llm.(port.Retrying).Retries() != 4 || llm.Class() != port.Read {
		t.Error("what the adapter is got lost")
	}
	var parts []string
	req := say("one two three")
	req.Stream = func(d string) { parts = append(parts, d) }
	req.Schema = value.List([]value.Value{value.Int(1)})
	args := value.NewObject(2)
	args.Set("z", value.Int(1))
	args.Set("a", value.Null)
	req.Messages = append([]port.Message{{Role: "assistant", ToolCalls: []port.ToolCall{{ID: "i", Name: "n", Arguments: args.Value()}}}}, req.Messages...)
	resp, err := llm.Generate(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Text != "> one two three" || len(parts) != 3 || !resp.Usage.Known || value.Repr(resp.Structured) != "[1]" || value.Repr(resp.ToolCalls[0].Arguments) != "{'z': 1, 'a': None}" {
		t.Errorf("got %+v in parts %q", resp, parts)
	}
	out, err := llm.(port.Embedder).Embed(t.Context(), &port.EmbedRequest{Texts: []string{"a"}})
	if err != nil || fmt.Sprint(out.Vectors) != "[[0.5 1]]" {
		t.Errorf("got %v, %v", out, err)
	}
}

func TestErrorsComeWhole(t *testing.T) {
	p := program("serve")
	llm := open(t, p, `{}`)
	_, err := llm.Generate(t.Context(), say("fail"))
	e := port.AsError(err)
	if e.Class != port.ClassRateLimit || e.Message != "slow down" || e.Help != "wait" || !e.Retryable || !e.Definite || e.RetryAfter != 3*time.Second || e.Usage.InputTokens != 2 {
		t.Errorf("got %+v", e)
	}
	if _, err := llm.Generate(t.Context(), say("panic")); err == nil || !strings.Contains(err.Error(), "panicked: oh") {
		t.Errorf("a panic gives %v", err)
	}
	if _, err := p.Factory("echo")(t.Context(), port.Spec{Port: "llm", Config: value.List(nil)}); err == nil || !strings.Contains(err.Error(), "must be a mapping") {
		t.Errorf("a wrong configuration gives %v", err)
	}
	if _, err := p.Factory("panics")(t.Context(), port.Spec{Port: "llm"}); err == nil || !strings.Contains(err.Error(), "panicked") {
		t.Errorf("a panic while opening gives %v", err)
	}
}

func TestItsEndFailsWhatIsUnderWay(t *testing.T) {
	llm := open(t, program("serve"), `{"prefix": "> "}`)
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := llm.Generate(t.Context(), say("wait"))
		if e := port.AsError(err); e == nil || e.Class != port.ClassNetwork || !e.Retryable || e.Definite {
			t.Errorf("the other call gives %+v", e)
		}
	})
	time.Sleep(100 * time.Millisecond)
	_, err := llm.Generate(t.Context(), say("die"))
	if e := port.AsError(err); e == nil || e.Class != port.ClassNetwork || !e.Retryable || e.Definite || !strings.Contains(e.Message, "exit status 3") || !strings.Contains(e.Message, "it hurts") {
		t.Errorf("got %+v", e)
	}
	wg.Wait()
	// The next ones find it as it was, all at the same time.
	for range 8 {
		wg.Go(func() {
			if resp, err := llm.Generate(t.Context(), say("hi")); err != nil || resp.Text != "> hi" {
				t.Errorf("got %+v, %v", resp, err)
			}
		})
	}
	wg.Wait()
}

func TestTheCallerEnds(t *testing.T) {
	llm := open(t, program("serve"), `{}`)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := llm.Generate(ctx, say("wait"))
	if e := port.AsError(err); e.Class != port.ClassTimeout {
		t.Errorf("got %+v", e)
	}
	if _, err := llm.Generate(t.Context(), say("hi")); err != nil {
		t.Errorf("the next call gives %v", err)
	}
}

func TestAProgramThatIsNoUse(t *testing.T) {
	for mode, want := range map[string]string{"mute": "the disk is full", "old": "version 99"} {
		_, err := program(mode).Factory("echo")(t.Context(), port.Spec{})
		if err == nil || !strings.Contains(err.Error(), want) || port.AsError(err).Help == "" {
			t.Errorf("%s gives %v", mode, err)
		}
	}
	t.Setenv(Variable, "/nowhere/hexc-adapters")
	r := new(port.Registry)
	Register(r)
	if _, err := r.Adapter(t.Context(), "openai", port.Spec{}); err == nil || !strings.Contains(err.Error(), "is not there") {
		t.Errorf("got %v", err)
	}
}

func TestFunction(t *testing.T) {
	f, err := program("serve").Host("go").Load(t.Context(), port.FunctionSpec{Name: "double"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.(port.Closer).Close(t.Context()) }()
	var log []string
	ctx := port.WithLog(t.Context(), func(line string) { log = append(log, line) })
	v, err := f.Call(ctx, port.Call{}, value.String("a"))
	if err != nil || value.Repr(v) != "['a', 'a']" || !slices.Equal(log, []string{"doubling"}) || f.Class() != port.Read {
		t.Errorf("got %v, %v, log %q", value.Repr(v), err, log)
	}
}
