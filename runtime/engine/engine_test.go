package engine_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/adapter/mock"
	"hexdag.dev/hexdag/runtime/engine"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is what the runs of a test share.
type world struct {
	store     journal.Store
	functions map[string]port.Function
	observers []event.Observer
	config    engine.Config
	runs      int
	name      string
}

func newWorld() *world {
	m := journal.NewMemory()
	m.Keep = 10
	return &world{store: m, functions: map[string]port.Function{}}
}

// equip makes the configuration of one run.
func (w *world) equip(t testing.TB, p *ir.Program, log journal.Log) engine.Config {
	t.Helper()
	c := w.config
	prog, err := machine.Load(p)
	if err != nil {
		t.Fatal(err)
	}
	c.Prog, c.Log = prog, log
	c.Ports = make([]port.LLM, len(p.Ports))
	for i := range p.Ports {
		a, err := mock.New(t.Context(), port.Spec{Port: p.Ports[i].Name, Type: "llm", Config: p.Ports[i].Config})
		if err != nil {
			t.Fatal(err)
		}
		c.Ports[i] = port.Guard(a.(port.LLM))
	}
	c.Functions = map[*ir.Function]port.Function{}
	for i := range p.Body.Nodes {
		if f := p.Body.Nodes[i].Function; f != nil {
			c.Functions[f] = w.functions[f.Name]
		}
	}
	if len(w.observers) > 0 {
		c.Bus = event.NewBus(w.observers...)
	}
	return c
}

func (w *world) create(t testing.TB) journal.Log {
	t.Helper()
	w.runs++
	w.name = fmt.Sprintf("run%d", w.runs)
	log, err := w.store.Create(t.Context(), journal.Run{ID: w.name, MachineVersion: machine.Version, Started: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func (w *world) run(t testing.TB, ctx context.Context, p *ir.Program, input value.Value) *engine.Outcome {
	t.Helper()
	c := w.equip(t, p, w.create(t))
	out, err := engine.Run(ctx, c, machine.Start{RunID: w.name, Input: input, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Bus.Close(context.Background()); err != nil {
		t.Error(err)
	}
	return out
}

func (w *world) resume(t testing.TB, p *ir.Program, id string) *engine.Outcome {
	t.Helper()
	log, err := w.store.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	c := w.equip(t, p, log)
	out, err := engine.Resume(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Bus.Close(context.Background()); err != nil {
		t.Error(err)
	}
	return out
}

// node is the output of a node, as JSON.
func output(t testing.TB, out *engine.Outcome, name string) string {
	t.Helper()
	for _, n := range out.Result.Nodes {
		if n.Name == name {
			if n.Error != nil {
				return "failed: " + n.Error.Class + ": " + n.Error.Message
			}
			if n.Status != machine.Completed {
				return n.Status.String() + " " + n.Why
			}
			text, err := value.AppendJSON(nil, n.Output)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
	}
	t.Fatalf("there is no node %s", name)
	return ""
}

func expect(t testing.TB, out *engine.Outcome, status journal.Status, want map[string]string) {
	t.Helper()
	if out.Status != status {
		t.Errorf("the run is %s (%v), want %s", out.Status, out.Result.Error, status)
	}
	for name, text := range want {
		if got := output(t, out, name); got != text {
			t.Errorf("node %s: got %s, want %s", name, got, text)
		}
	}
}

func TestRunOfAllKinds(t *testing.T) {
	w := newWorld()
	w.functions["double"] = port.FunctionOf(port.Write, func(_ context.Context, in value.Value) (value.Value, error) {
		o, _ := in.Object()
		n, _ := o.Get("n")
		return value.Mul(n, value.Int(2))
	})
	p := irtest.New("all").Port("llm", "mock", irtest.Object("responses", []any{"one", "two", "three", "four"})).
		Expression("a", []string{"n", "x + 1"}).
		Go("b", "double", irtest.After("a")).
		LLM("c", "say {{ b }}").
		ForEach("d", "[1, 2, 3]", 2, "item {{ item }}", irtest.After("c")).
		Expression("e", []string{"all", "d.result", "first", "c"}).
		Output("answer", "e").Program()
	out := w.run(t, t.Context(), p, irtest.Object("x", 20))
	expect(t, out, journal.Completed, map[string]string{
		"a": `{"n":21}`, "b": `42`, "c": `"one"`, "e": `{"all":["two","three","four"],"first":"one"}`,
	})
	if u := out.Result.Usage; u.LLMCalls != 4 || !u.Known {
		t.Errorf("the usage is %+v", u)
	}
}

func TestParallelMocksAnswerInTheOrderOfTheDocument(t *testing.T) {
	for range 20 {
		b := irtest.New("many").Port("llm", "mock", irtest.Object("responses", []any{"r0", "r1", "r2", "r3", "r4", "r5"}))
		want := map[string]string{}
		for i := range 6 {
			name := fmt.Sprintf("n%d", i)
			b.LLM(name, "x")
			want[name] = fmt.Sprintf("%q", fmt.Sprintf("r%d", i))
		}
		expect(t, newWorld().run(t, t.Context(), b.Program(), value.Null), journal.Completed, want)
	}
}

func TestRetriesWaitAndSucceed(t *testing.T) {
	p := irtest.New("retry").Port("llm", "mock", irtest.Object("response", "fine", "error", irtest.Object("message", "busy", "times", 2))).
		LLM("a", "x", irtest.Attempts(3, int64(time.Millisecond))).Program()
	out := newWorld().run(t, t.Context(), p, value.Null)
	expect(t, out, journal.Completed, map[string]string{"a": `"fine"`})
	if n := out.Result.Nodes[0].Attempts; n != 3 {
		t.Errorf("it took %d attempts", n)
	}
}

func TestTimeoutEndsAnAttempt(t *testing.T) {
	p := irtest.New("slow").Port("llm", "mock", irtest.Object("response", "late", "delay", 30)).
		LLM("a", "x", irtest.Timeout(int64(20*time.Millisecond))).
		Expression("b", []string{"class", "$error.type", "text", "$error.message"}, irtest.Handles("a")).Program()
	start := time.Now()
	out := newWorld().run(t, t.Context(), p, value.Null)
	expect(t, out, journal.Completed, map[string]string{
		"a": `failed: timeout: node "a" took longer than its timeout of 20ms`,
		"b": `{"class":"timeout","text":"node \"a\" took longer than its timeout of 20ms"}`,
	})
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("it took %s", d)
	}
}

func TestCodeThatIgnoresItsContextIsGivenUp(t *testing.T) {
	w := newWorld()
	host := new(engine.Host)
	w.config.Host, w.config.Grace = host, 10*time.Millisecond
	gate := make(chan struct{})
	w.functions["stubborn"] = port.FunctionOf(port.Read, func(context.Context, value.Value) (value.Value, error) {
		<-gate
		return value.Int(1), nil
	})
	p := irtest.New("stubborn").Go("a", "stubborn", irtest.Timeout(int64(10*time.Millisecond))).Program()
	out := w.run(t, t.Context(), p, value.Null)
	if out.Status != journal.Failed || out.Result.Error.Class != "timeout" {
		t.Errorf("the run is %s: %v", out.Status, out.Result.Error)
	}
	if n := host.Zombies(); n != 1 {
		t.Errorf("there are %d zombies", n)
	}
	close(gate)
	for deadline := time.Now().Add(5 * time.Second); host.Zombies() > 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if n := host.Zombies(); n != 0 {
		t.Errorf("there are %d zombies after they returned", n)
	}
}

func TestPanicsAreFailuresOfTheNode(t *testing.T) {
	w := newWorld()
	w.functions["boom"] = port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) { panic("boom\nline 2") })
	p := irtest.New("panic").Go("a", "boom").Program()
	out := w.run(t, t.Context(), p, value.Null)
	if out.Status != journal.Failed || !strings.Contains(out.Result.Error.Message, "panicked: boom") || strings.Contains(out.Result.Error.Message, "\n") {
		t.Errorf("the run is %s: %v", out.Status, out.Result.Error)
	}
}

func TestCodeThatEndsItsGoroutineIsAFailureOfTheNode(t *testing.T) {
	w := newWorld()
	w.functions["exit"] = port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
		runtime.Goexit()
		return value.Null, nil
	})
	out := w.run(t, t.Context(), irtest.New("exit").Go("a", "exit").Program(), value.Null)
	if out.Status != journal.Failed || !strings.Contains(out.Result.Error.Message, "ended its goroutine") {
		t.Errorf("the run is %s: %v", out.Status, out.Result.Error)
	}
}

func TestEndOfTheContextCancelsTheRun(t *testing.T) {
	w := newWorld()
	ctx, cancel := context.WithCancel(t.Context())
	w.functions["wait"] = port.FunctionOf(port.Write, func(ctx context.Context, _ value.Value) (value.Value, error) {
		cancel()
		<-ctx.Done()
		return value.Null, ctx.Err()
	})
	p := irtest.New("cancel").Go("a", "wait").Go("b", "wait", irtest.After("a")).Program()
	out := w.run(t, ctx, p, value.Null)
	expect(t, out, journal.Cancelled, map[string]string{"a": "cancelled cancelled", "b": "cancelled cancelled"})
}

func TestEffectsRunConcurrentlyButNotMoreThanAllowed(t *testing.T) {
	w := newWorld()
	var now, most atomic.Int64
	w.functions["busy"] = port.FunctionOf(port.Read, func(context.Context, value.Value) (value.Value, error) {
		n := now.Add(1)
		for {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
		return value.Null, nil
	})
	b := irtest.New("busy").Kernel(ir.MaxConcurrentNodes, value.Int(3))
	for i := range 12 {
		b.Go(fmt.Sprintf("n%d", i), "busy")
	}
	expect(t, w.run(t, t.Context(), b.Program(), value.Null), journal.Completed, nil)
	if m := most.Load(); m != 3 {
		t.Errorf("%d effects ran at a time, and 3 are allowed", m)
	}
}
