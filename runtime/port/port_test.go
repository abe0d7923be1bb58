package port

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/value"
)

type model struct {
	generate func(ctx context.Context, req *LLMRequest) (*LLMResponse, error)
}

func (model) Class() Class { return Read }

func (m model) Generate(ctx context.Context, req *LLMRequest) (*LLMResponse, error) {
	return m.generate(ctx, req)
}

func answering(usage Usage) model {
	return model{func(context.Context, *LLMRequest) (*LLMResponse, error) {
		return &LLMResponse{Text: "hi", Usage: usage}, nil
	}}
}

func TestMeterCountsEveryRequest(t *testing.T) {
	step := NewStep(1, func() error { return nil })
	ctx := WithStep(t.Context(), step)
	llm := Guard(answering(Usage{Known: true, InputTokens: 2, OutputTokens: 3, CostMicro: 5}), func(next LLM) LLM {
		return model{func(ctx context.Context, req *LLMRequest) (*LLMResponse, error) {
			if _, err := next.Generate(ctx, req); err != nil {
				return nil, err
			}
			return next.Generate(ctx, req)
		}}
	})
	if _, err := llm.Generate(ctx, &LLMRequest{}); err != nil {
		t.Fatal(err)
	}
	n, usage := step.Used()
	if n != 2 || usage != (Usage{Known: true, InputTokens: 4, OutputTokens: 6, CostMicro: 10}) {
		t.Errorf("%d requests with %+v", n, usage)
	}
}

func TestMeterRefusesRequestsThatNobodyGranted(t *testing.T) {
	sent := 0
	llm := Guard(model{func(context.Context, *LLMRequest) (*LLMResponse, error) {
		sent++
		return &LLMResponse{Usage: Usage{Known: true}}, nil
	}})
	class := func(ctx context.Context) string {
		_, err := llm.Generate(ctx, &LLMRequest{})
		if err == nil {
			return ""
		}
		return AsError(err).Class
	}
	if c := class(t.Context()); c != ClassStale {
		t.Errorf("a request outside of a step gives %q", c)
	}
	step := NewStep(1, nil)
	ctx := WithStep(t.Context(), step)
	if c := class(ctx); c != "" {
		t.Errorf("the granted request gives %q", c)
	}
	if c := class(ctx); c != ClassLimit {
		t.Errorf("a further request gives %q", c)
	}
	step = NewStep(5, nil)
	step.End()
	if c := class(WithStep(t.Context(), step)); c != ClassStale {
		t.Errorf("a request of a step that ended gives %q", c)
	}
	ended, cancel := context.WithCancel(WithStep(t.Context(), NewStep(1, nil)))
	cancel()
	if c := class(ended); c != ClassTimeout {
		t.Errorf("a request under a context that ended gives %q", c)
	}
	if sent != 1 {
		t.Errorf("%d requests reached the adapter", sent)
	}
}

func TestGuardTurnsFaultsOfAdaptersIntoErrors(t *testing.T) {
	for name, m := range map[string]model{
		"a panic":   {func(context.Context, *LLMRequest) (*LLMResponse, error) { panic("oops") }},
		"nothing":   {func(context.Context, *LLMRequest) (*LLMResponse, error) { return nil, nil }},
		"an error":  {func(context.Context, *LLMRequest) (*LLMResponse, error) { return nil, errors.New("cut") }},
		"a timeout": {func(context.Context, *LLMRequest) (*LLMResponse, error) { return nil, context.DeadlineExceeded }},
	} {
		step := NewStep(1, nil)
		_, err := Guard(m).Generate(WithStep(t.Context(), step), &LLMRequest{})
		if err == nil {
			t.Errorf("%s is no error", name)
		}
		if n, u := step.Used(); n != 1 || u.Known {
			t.Errorf("%s: %d requests, usage known %v", name, n, u.Known)
		}
	}
}

func TestRedact(t *testing.T) {
	s := NewSecrets(Environment{Lookup: func(name string) (string, bool) {
		return map[string]string{"KEY": "abcd-1234", "LONG": "abcd-1234-5678", "QUOTED": `p"w\d!`, "SHORT": "abc", "PEM": "line one\nline two"}[name], true
	}})
	in := value.NewObject(1)
	in.Set("abcd-1234", value.List([]value.Value{value.String("x abcd-1234-5678 y abcd-1234"), value.Tuple([]value.Value{value.Int(1), value.String(`p"w\d!`)})}))
	if got := s.Redact(in.Value()); !value.Equal(got, in.Value()) {
		t.Error("something was removed before a secret was known")
	}
	for _, name := range []string{"KEY", "LONG", "QUOTED", "SHORT", "PEM"} {
		if _, err := s.Resolve(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if got := value.Repr(s.Redact(in.Value())); got != "{'[secret]': ['x [secret] y [secret]', (1, '[secret]')]}" {
		t.Errorf("got %s", got)
	}
	for text, want := range map[string]string{
		`{"p": "p\"w\\d!"}`: `{"p": "[secret]"}`,
		"p%22w%5Cd%21":      "[secret]",
		"the line two only": "the [secret] only",
		"abc":               "abc",
	} {
		if got := s.RedactText(text); got != want {
			t.Errorf("%s became %s", text, got)
		}
	}
	clean := value.List([]value.Value{value.String("nothing")})
	if got := s.Redact(clean); &got.Items()[0] != &clean.Items()[0] {
		t.Error("a value without secrets was copied")
	}
}

func TestRedactStreamFindsSecretsAcrossParts(t *testing.T) {
	s := NewSecrets(Environment{Lookup: func(string) (string, bool) { return "secret-ü-42", true }})
	if _, err := s.Resolve(t.Context(), "KEY"); err != nil {
		t.Fatal(err)
	}
	text := "a secret-ü-42 b sec ret secret-ü-4 secret-ü-42"
	for size := 1; size < 12; size++ {
		var out strings.Builder
		r := s.RedactStream(func(part string) { out.WriteString(part) })
		for at := 0; at < len(text); at += size {
			r.Write(text[at:min(len(text), at+size)])
		}
		r.Flush()
		if want := "a [secret] b sec ret secret-ü-4 [secret]"; out.String() != want {
			t.Errorf("in parts of %d: %q", size, out.String())
		}
	}
}

func TestSubstitute(t *testing.T) {
	s := NewSecrets(Environment{Lookup: func(name string) (string, bool) { return "text of " + name, name == "KEY" }})
	obj := value.NewObject(1)
	obj.Set("k", value.List([]value.Value{value.Secret("KEY"), value.Int(1)}))
	if names := Names(obj.Value()); len(names) != 1 || names[0] != "KEY" {
		t.Errorf("the names are %q", names)
	}
	got, err := s.Substitute(t.Context(), obj.Value())
	if err != nil || value.Repr(got) != "{'k': ['text of KEY', 1]}" {
		t.Errorf("got %s, %v", value.Repr(got), err)
	}
	if _, err := s.Substitute(t.Context(), value.Secret("OTHER")); err == nil || !strings.Contains(err.Error(), "OTHER is not set") {
		t.Errorf("an unknown secret gives %v", err)
	}
}

func TestParseDuration(t *testing.T) {
	for in, want := range map[any]time.Duration{
		5: 5 * time.Second, 0.25: 250 * time.Millisecond, "30s": 30 * time.Second, "5m": 5 * time.Minute,
		"1d12h": 36 * time.Hour, "1h 30m": 90 * time.Minute, "250ms": 250 * time.Millisecond, "1.5s": 1500 * time.Millisecond, "7": 7 * time.Second,
	} {
		v, err := value.FromGo(in)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseDuration(v); err != nil || got != want {
			t.Errorf("%v gives %s, %v", in, got, err)
		}
	}
	for _, in := range []any{-1, "", "s", "5 parsecs", "1h-5m", "1e400", true, nil, []any{}, "NaN", 1e300} {
		v, err := value.FromGo(in)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseDuration(v); err == nil {
			t.Errorf("%v gives %s", in, got)
		}
	}
}

func TestRegistryTellsWhatThereIs(t *testing.T) {
	r := new(Registry)
	r.AddAdapter("mock", func(context.Context, Spec) (Adapter, error) { return answering(Usage{}), nil })
	r.AddFunction("double", FunctionOf(Hermetic, func(_ context.Context, v value.Value) (value.Value, error) { return v, nil }))
	c := r.Clone()
	c.AddFunction("triple", nil)
	if _, err := r.Adapter(t.Context(), "openai", Spec{Port: "llm"}); err == nil || !strings.Contains(AsError(err).Help, "this host has mock") {
		t.Errorf("an unknown adapter gives %v", err)
	}
	if _, err := r.Function(t.Context(), "go", FunctionSpec{Name: "triple"}); err == nil || !strings.Contains(AsError(err).Help, "registered are double") {
		t.Errorf("an unknown function gives %v", err)
	}
	if _, err := r.Function(t.Context(), "exec", FunctionSpec{Name: "ls"}); err == nil || !strings.Contains(AsError(err).Help, "this host runs go:") {
		t.Errorf("an unknown scheme gives %v", err)
	}
	if f, err := r.Function(t.Context(), "go", FunctionSpec{Name: "double"}); err != nil || f.Class() != Hermetic {
		t.Errorf("a known function gives %v", err)
	}
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{"a\nb": "a …", " x ": "x", "": "no reason was given", strings.Repeat("é", 500): strings.Repeat("é", 400) + " …"} {
		if got := OneLine(in); got != want {
			t.Errorf("%q gives %q", in, got)
		}
	}
	if msg := PanicError("the function", fmt.Errorf("x\ny")).Message; !strings.HasPrefix(msg, "the function panicked: x") {
		t.Errorf("got %q", msg)
	}
}
