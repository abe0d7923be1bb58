package runtime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) {
	if spec := os.Getenv(crashEnv); spec != "" {
		crashVictim(spec)
	}
	if path := os.Getenv("HEXDAG_TEST_VICTIM"); path != "" {
		victim(path)
	}
	goleak.VerifyTestMain(m)
}

func load(t testing.TB, p *ir.Program) *runtime.Program {
	t.Helper()
	program, err := runtime.LoadIR(p)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func runner(t testing.TB, o runtime.Options) *runtime.Runner {
	t.Helper()
	r, err := runtime.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func run(t testing.TB, o runtime.Options, p *ir.Program, input value.Value) *runtime.Result {
	t.Helper()
	result, err := runner(t, o).Run(t.Context(), load(t, p), input)
	if err != nil {
		t.Fatal(err)
	}
	if result.Warning != nil {
		t.Error(result.Warning)
	}
	return result
}

// frozen is a clock that stands still but for its timers.
type frozen struct{}

func (frozen) Now() time.Time { return time.Unix(1_700_000_000, 0) }

func (frozen) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(0, f).Stop }

// golden compares got with a file of testdata/golden.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -update)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%s", path, got)
	}
}

// pretty is JSON with line breaks.
func pretty(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(out.Bytes(), '\n')
}

// mixed is a program with a node of every fate.
func mixed() *ir.Program {
	return irtest.New("mixed").
		Port("llm", "mock", irtest.Object("responses", irtest.Object("ask", "forty-two"), "usage", irtest.Object("input_tokens", 10, "output_tokens", 5, "cost_usd", 0.25))).
		Kernel(ir.OnFailure, value.String("continue")).
		Expression("n", []string{"v", "x * 2"}).
		LLM("ask", "what is {{ n.v }}?").
		Expression("never", []string{"v", "1"}, irtest.When("n.v > 1000"), irtest.After("n")).
		Star("bad", "def f(input):\n    return 1 // 0\n", irtest.After("n")).
		Expression("after", []string{"v", "bad"}).
		Output("answer", "ask").Program()
}

func TestRunDocument(t *testing.T) {
	o := runtime.Options{Clock: frozen{}, NewID: func() string { return "run-1" }, Seed: func() uint64 { return 1 }}
	result := run(t, o, mixed(), irtest.Object("x", 21))
	golden(t, "mixed.json", pretty(t, result))
	if result.Status != journal.Failed || result.Err() == nil {
		t.Errorf("the run is %s, its error %v", result.Status, result.Err())
	}
	completed := run(t, o, irtest.New("fine").Expression("a", []string{"v", "1"}).Output("a", "a").Program(), value.Null)
	golden(t, "completed.json", pretty(t, completed))
	if completed.Err() != nil {
		t.Error(completed.Err())
	}
}

func TestEventsOfARun(t *testing.T) {
	var lines []byte
	o := runtime.Options{Clock: frozen{}, NewID: func() string { return "run-1" }, Seed: func() uint64 { return 1 },
		Observers: []event.Observer{event.ObserverFunc(func(e event.Event) {
			line, err := e.AppendJSON(nil)
			if err != nil {
				t.Error(err)
			}
			lines = append(append(lines, line...), '\n')
		})}}
	run(t, o, mixed(), irtest.Object("x", 21))
	golden(t, "mixed.events.jsonl", lines)
}

func TestMissingInputsAreToldAtOnceBeforeTheFirstNode(t *testing.T) {
	var started []string
	o := runtime.Options{Observers: []event.Observer{event.ObserverFunc(func(e event.Event) {
		if e.Type == "NodeStarted" {
			started = append(started, e.Node)
		}
	})}}
	p := irtest.New("inputs").Input("a").Input("b").Expression("n", []string{"v", "a + b"}).Program()
	result := run(t, o, p, irtest.Object("c", 1))
	if result.Status != journal.Failed || result.Error.Code != "HX1001" || !strings.Contains(result.Error.Message, "a, b") {
		t.Errorf("the run is %s: %v", result.Status, result.Error)
	}
	if started != nil {
		t.Errorf("%q were started", started)
	}
}

func TestRunThatCannotStartTellsEverythingAtOnce(t *testing.T) {
	t.Setenv("HEXDAG_TEST_KEY", "")
	p := irtest.New("start").
		Port("llm", "openai", irtest.Object("api_key", value.Secret("HEXDAG_TEST_KEY"))).
		LLM("a", "x").
		Go("b", "lookup").
		Scheme("c", "ruby", "pkg.fn").
		Star("d", "def g(input): return 1").
		Star("e", "def f(input:\n").Program()
	_, err := runner(t, runtime.Options{}).Run(t.Context(), load(t, p), value.Null)
	var start *runtime.StartError
	if !errors.As(err, &start) {
		t.Fatalf("the error is %v", err)
	}
	for _, want := range []string{
		"HEXDAG_TEST_KEY", `no Go function is registered under the name "lookup"`,
		`"ruby" (pkg.fn) cannot be run here`, `d.star defines no function "f" (it defines g)`, "e.star:1:13",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not tell %q: %s", want, err)
		}
	}
	if len(start.Problems) != 5 || strings.Contains(err.Error(), "\n") {
		t.Errorf("there are %d problems: %s", len(start.Problems), err)
	}
	if p := start.Problems[1]; p.File != "start.yaml" || p.Line != 2 {
		t.Errorf("the place of a problem is %s:%d", p.File, p.Line)
	}
}

func TestUnknownAdapterIsAnErrorAndMockReplacesIt(t *testing.T) {
	p := irtest.New("mock").Port("llm", "openai", irtest.Object("api_key", value.Secret("HEXDAG_TEST_UNSET"))).LLM("a", "x").Output("a", "a").Program()
	result := run(t, runtime.Options{Overrides: runtime.Overrides{Mock: true}}, p, value.Null)
	if text, _ := value.AppendJSON(nil, result.Output); string(text) != `{"a":"{\"result\": \"Mock response\"}"}` {
		t.Errorf("the output is %s", text)
	}
}

func TestBadConfigurationOfAnAdapter(t *testing.T) {
	p := irtest.New("config").Port("llm", "mock", irtest.Object("respones", "x", "delay", "soon", "match", []any{map[string]any{"regex": "("}})).LLM("a", "x").Program()
	_, err := runner(t, runtime.Options{}).Run(t.Context(), load(t, p), value.Null)
	for _, want := range []string{`"respones" is not a setting`, `"delay" is "soon"`, "no regular expression"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not tell %q: %v", want, err)
		}
	}
}

func TestOverrides(t *testing.T) {
	p := func() *ir.Program {
		return irtest.New("limits").Port("llm", "mock", irtest.Object("response", "x")).
			Limit(ir.MaxLLMCalls, value.Int(5)).Caps("llm").
			LLM("a", "x").LLM("b", "{{ a }}").LLM("c", "{{ b }}").Program()
	}
	set := func(path string, v any) runtime.Overrides {
		x, err := value.FromGo(v)
		if err != nil {
			t.Fatal(err)
		}
		return runtime.Overrides{Set: []runtime.Setting{{Path: path, Value: x}}}
	}
	for name, c := range map[string]struct {
		o      runtime.Overrides
		status journal.Status
		calls  int64
		class  string
	}{
		"none":             {runtime.Overrides{}, journal.Completed, 3, ""},
		"a lower limit":    {set("limits.max_llm_calls", 2), journal.Failed, 2, "limit"},
		"no calls":         {set("spec.limits.max_llm_calls", 0), journal.Failed, 0, "limit"},
		"a denied cap":     {runtime.Overrides{Deny: []string{"llm"}}, journal.Failed, 0, "cap_denied"},
		"deny wins":        {runtime.Overrides{Deny: []string{"llm"}, Allow: []string{"llm"}}, journal.Failed, 0, "cap_denied"},
		"a port's config":  {set("ports.llm.config.error", "down"), journal.Failed, 1, "provider"},
		"a port's adapter": {set("ports.llm.adapter", "mock"), journal.Completed, 3, ""},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := runner(t, runtime.Options{}).RunWith(t.Context(), load(t, p()), value.Null, c.o)
			if err != nil {
				t.Fatal(err)
			}
			if result.Status != c.status || result.Usage.LLMCalls != c.calls || c.class != "" && result.Error.Class != c.class {
				t.Errorf("the run is %s after %d calls: %v", result.Status, result.Usage.LLMCalls, result.Error)
			}
		})
	}
	for path, want := range map[string]string{
		"limits.max_llm_call": `there is no "max_llm_call"; there are max_cost_usd, max_duration`,
		"limits":              "paths are limits.NAME",
		"ports.x.adapter":     `there is no port "x"; there are llm`,
		"limits.on_limit":     "one of raise, skip",
	} {
		_, err := runner(t, runtime.Options{}).RunWith(t.Context(), load(t, p()), value.Null, set(path, "x"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("setting %s gives %v", path, err)
		}
	}
}

func TestAllowLiftsADenial(t *testing.T) {
	b := irtest.New("deny").Port("llm", "mock", irtest.Object("response", "x")).LLM("a", "x")
	p := b.Program()
	p.Effective.Caps = ir.Caps{Allow: []string{"memory"}, Deny: []string{"llm"}}
	if result := run(t, runtime.Options{}, p, value.Null); result.Status != journal.Failed {
		t.Errorf("the run is %s", result.Status)
	}
	result := run(t, runtime.Options{Overrides: runtime.Overrides{Allow: []string{"llm"}}}, p, value.Null)
	if result.Status != journal.Completed {
		t.Errorf("the run is %s: %v", result.Status, result.Error)
	}
}

// retrying is a middleware that makes every request twice.
type retrying struct{ port.LLM }

func (r retrying) Generate(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	if _, err := r.LLM.Generate(ctx, req); err != nil {
		return nil, err
	}
	return r.LLM.Generate(ctx, req)
}

func TestMiddlewareCannotCallMoreThanTheLimit(t *testing.T) {
	middleware := map[string][]port.LLMMiddleware{"llm": {func(next port.LLM) port.LLM { return retrying{next} }}}
	build := func(limit bool) *ir.Program {
		b := irtest.New("mw").Port("llm", "mock", irtest.Object("response", "x", "usage", irtest.Object("input_tokens", 1, "output_tokens", 1)))
		if limit {
			b.Limit(ir.MaxLLMCalls, value.Int(10))
		}
		return b.LLM("a", "x").Program()
	}
	result := run(t, runtime.Options{Middleware: middleware}, build(false), value.Null)
	if result.Status != journal.Completed || result.Usage.LLMCalls != 2 || result.Usage.InputTokens != 2 {
		t.Errorf("without a limit: %s, %+v", result.Status, result.Usage)
	}
	result = run(t, runtime.Options{Middleware: middleware}, build(true), value.Null)
	if result.Status != journal.Failed || result.Error.Class != "limit" || result.Usage.LLMCalls != 1 {
		t.Errorf("with a limit: %s, %+v, %v", result.Status, result.Usage, result.Error)
	}
}

func TestHostPortsAndFunctions(t *testing.T) {
	var sent string
	llm := llmFunc(func(req *port.LLMRequest) (*port.LLMResponse, error) {
		sent = req.Messages[0].Content
		return &port.LLMResponse{Text: `{"n": 7}`, Usage: port.Usage{Known: true}}, nil
	})
	p := irtest.New("host").
		LLM("a", "give a number", irtest.Schema(0, "n", "int")).
		Go("b", "next", irtest.After("a")).Output("n", "b").Program()
	result := run(t, runtime.Options{
		Ports: map[string]port.LLM{"llm": llm},
		Functions: map[string]port.Function{"next": port.FunctionOf(port.Hermetic, func(_ context.Context, in value.Value) (value.Value, error) {
			o, _ := in.Object()
			n, _ := o.Get("n")
			return value.Add(n, value.Int(1))
		})},
	}, p, value.Null)
	if text, _ := value.AppendJSON(nil, result.Output); string(text) != `{"n":8}` {
		t.Errorf("the output is %s (%v)", text, result.Error)
	}
	if !strings.Contains(sent, "JSON Schema") || !strings.Contains(sent, `"n"`) {
		t.Errorf("a model without structured output was not asked for the schema: %q", sent)
	}
}

type llmFunc func(*port.LLMRequest) (*port.LLMResponse, error)

func (llmFunc) Class() port.Class { return port.Read }

func (f llmFunc) Generate(_ context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	return f(req)
}

func TestCostsCountAgainstTheLimit(t *testing.T) {
	p := irtest.New("cost").Port("llm", "mock", irtest.Object("response", "x", "usage", irtest.Object("input_tokens", 1000, "output_tokens", 1000))).
		Limit(ir.MaxCostUSD, decimal(t, "1.0")).LLM("a", "x", irtest.After()).LLM("b", "{{ a }}").Program()
	prices := []machine.Price{{Port: "llm", Input: 400_000_000, Output: 100_000_000}} // $0.40 and $0.10 for these
	result := run(t, runtime.Options{Prices: prices}, p, value.Null)
	if result.Usage.CostMicro != 1_000_000 && result.Usage.CostMicro != 500_000 {
		t.Errorf("the cost is %d (%v)", result.Usage.CostMicro, result.Error)
	}
}

func decimal(t *testing.T, s string) value.Value {
	t.Helper()
	v, err := value.ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestModelsThatNobodyDeclaresAreTheMockUnderMock(t *testing.T) {
	p := irtest.New("bare").LLM("a", "x").Program()
	if _, err := runner(t, runtime.Options{}).Run(t.Context(), load(t, p), value.Null); err == nil || !strings.Contains(err.Error(), "declare it under spec.ports") {
		t.Errorf("without a port the error is %v", err)
	}
	if result := run(t, runtime.Options{Overrides: runtime.Overrides{Mock: true}}, p, value.Null); result.Status != journal.Completed {
		t.Errorf("the run is %s: %v", result.Status, result.Error)
	}
}

func TestConcurrentCallsNeverOvershootALimit(t *testing.T) {
	for _, limit := range []int64{0, 1, 3, 10, 25} {
		var sent atomic.Int64
		llm := llmFunc(func(*port.LLMRequest) (*port.LLMResponse, error) {
			sent.Add(1)
			time.Sleep(time.Millisecond)
			return &port.LLMResponse{Text: "x", Usage: port.Usage{Known: true, InputTokens: 1, OutputTokens: 1}}, nil
		})
		b := irtest.New("limit").Limit(ir.MaxLLMCalls, value.Int(limit)).Kernel(ir.OnFailure, value.String("continue"))
		for i := range 20 {
			b.LLM(fmt.Sprint("n", i), "x")
		}
		result := run(t, runtime.Options{Ports: map[string]port.LLM{"llm": llm}}, b.Program(), value.Null)
		if want := min(limit, 20); sent.Load() != want || result.Usage.LLMCalls != want {
			t.Errorf("with a limit of %d, %d calls were sent and %d counted", limit, sent.Load(), result.Usage.LLMCalls)
		}
		if done := result.Status == journal.Completed; done != (limit >= 20) {
			t.Errorf("with a limit of %d the run is %s", limit, result.Status)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	p := load(b, irtest.New("small").Port("llm", "mock", irtest.Object("response", "x")).
		Expression("a", []string{"v", "x + 1"}).LLM("b", "{{ a.v }}").Expression("c", []string{"v", "b"}).Output("c", "c").Program())
	r := runner(b, runtime.Options{})
	input := irtest.Object("x", 1)
	for b.Loop() {
		if _, err := r.Run(b.Context(), p, input); err != nil {
			b.Fatal(err)
		}
	}
}
