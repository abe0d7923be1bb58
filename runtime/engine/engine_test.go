package engine_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
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

// slowLog is a journal whose commits become durable when the test says so.
type slowLog struct {
	journal.Log
	mu    sync.Mutex
	wait  []func()
	fail  error
	count int
}

func (l *slowLog) Commit(c journal.Commit, done func(error)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	if l.fail != nil {
		go done(l.fail)
		return
	}
	l.wait = append(l.wait, func() { l.Log.Commit(c, done) })
}

func (l *slowLog) flush() {
	l.mu.Lock()
	wait := l.wait
	l.wait = nil
	l.mu.Unlock()
	for _, f := range wait {
		f()
	}
}

func TestNothingIsVisibleBeforeItsCauseIsDurable(t *testing.T) {
	w := newWorld()
	var called, seen atomic.Int64
	w.functions["write"] = port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
		called.Add(1)
		return value.Null, nil
	})
	w.observers = []event.Observer{event.ObserverFunc(func(e event.Event) {
		if e.Seq > 0 {
			seen.Add(1)
		}
	})}
	p := irtest.New("hold").Go("a", "write").Program()
	log := &slowLog{Log: w.create(t)}
	c := w.equip(t, p, log)
	done := make(chan *engine.Outcome, 1)
	go func() {
		out, err := engine.Run(context.Background(), c, machine.Start{RunID: w.name})
		if err != nil {
			t.Error(err)
		}
		done <- out
	}()
	time.Sleep(30 * time.Millisecond)
	if called.Load() != 0 || seen.Load() != 0 {
		t.Errorf("%d calls and %d events before anything was durable", called.Load(), seen.Load())
	}
	log.flush()
	for called.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(30 * time.Millisecond)
	select {
	case <-done:
		t.Error("the run ended before its end was durable")
	default:
	}
	log.flush()
	if out := <-done; out.Status != journal.Completed {
		t.Errorf("the run is %s", out.Status)
	}
	if err := c.Bus.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestHermeticRunCommitsOnce(t *testing.T) {
	w := newWorld()
	p := irtest.New("mocks").Port("llm", "mock", value.Null).LLM("a", "x").LLM("b", "{{ a }}").LLM("c", "{{ b }}").Program()
	log := &slowLog{Log: w.create(t)}
	c := w.equip(t, p, log)
	done := make(chan error, 1)
	go func() {
		_, err := engine.Run(context.Background(), c, machine.Start{RunID: w.name})
		done <- err
	}()
	for {
		log.flush()
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			if log.count != 1 {
				t.Errorf("there were %d commits", log.count)
			}
			return
		case <-time.After(time.Millisecond):
		}
	}
}

func TestFailingJournalStopsTheRun(t *testing.T) {
	w := newWorld()
	var called atomic.Int64
	w.functions["write"] = port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
		called.Add(1)
		return value.Null, nil
	})
	p := irtest.New("fail").Go("a", "write").Program()
	c := w.equip(t, p, &slowLog{Log: w.create(t), fail: &journal.PoisonedError{Err: errors.New("disk full")}})
	out, err := engine.Run(t.Context(), c, machine.Start{RunID: w.name})
	if err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %+v, %v", out, err)
	}
	if called.Load() != 0 {
		t.Error("the effect was started all the same")
	}
}

func TestDrainSuspendsAndResumeGoesOn(t *testing.T) {
	w := newWorld()
	drain := make(chan struct{})
	var calls sync.Map
	w.functions["step"] = port.FunctionOf(port.Write, func(ctx context.Context, in value.Value) (value.Value, error) {
		o, _ := in.Object()
		n, _ := o.Get("n")
		i, _ := n.AsInt()
		count, _ := calls.LoadOrStore(i, new(atomic.Int64))
		count.(*atomic.Int64).Add(1)
		if i == 1 && drain != nil {
			close(drain)
			drain = nil
			time.Sleep(20 * time.Millisecond)
		}
		return irtest.Object("n", i+1), nil
	})
	b := irtest.New("drain")
	for i := range 4 {
		name := fmt.Sprintf("n%d", i)
		if i == 0 {
			b.Go(name, "step")
		} else {
			b.Go(name, "step", irtest.After(fmt.Sprintf("n%d", i-1)))
		}
	}
	p := b.Output("end", "n3").Program()
	w.config.Drain = drain
	out := w.run(t, t.Context(), p, irtest.Object("n", 0))
	if out.Status != journal.Suspended || !out.Interrupted {
		t.Fatalf("the run is %s", out.Status)
	}
	expect(t, out, journal.Suspended, map[string]string{"n0": `{"n":1}`, "n1": `{"n":2}`, "n2": "running "})
	w.config.Drain = nil
	out = w.resume(t, p, w.name)
	expect(t, out, journal.Completed, map[string]string{"n3": `{"n":4}`})
	calls.Range(func(k, v any) bool {
		if n := v.(*atomic.Int64).Load(); n != 1 {
			t.Errorf("step %v ran %d times", k, n)
		}
		return true
	})
}

func TestStopLosesWhatIsInFlightAndResumeRunsItAgainUnderTheSameKey(t *testing.T) {
	w := newWorld()
	stop := make(chan struct{})
	var keys []string
	f := keyed{func(ctx context.Context, call port.Call) (value.Value, error) {
		keys = append(keys, call.Key)
		if len(keys) == 1 {
			close(stop)
			<-ctx.Done()
			return value.Null, ctx.Err()
		}
		return value.String("done"), nil
	}}
	w.functions["slow"] = f
	p := irtest.New("stop").Go("a", "slow").Program()
	w.config.Stop = stop
	if out := w.run(t, t.Context(), p, value.Null); out.Status != journal.Suspended {
		t.Fatalf("the run is %s", out.Status)
	}
	w.config.Stop = nil
	out := w.resume(t, p, w.name)
	expect(t, out, journal.Completed, map[string]string{"a": `"done"`})
	if len(keys) != 2 || keys[0] != keys[1] {
		t.Errorf("the keys are %q", keys)
	}
}

type keyed struct {
	f func(context.Context, port.Call) (value.Value, error)
}

func (keyed) Class() port.Class { return port.Write }

func (k keyed) Call(ctx context.Context, call port.Call, _ value.Value) (value.Value, error) {
	return k.f(ctx, call)
}

func TestLongPauseSuspendsTheRun(t *testing.T) {
	w := newWorld()
	w.config.SuspendAfter = time.Minute
	var tries int
	w.functions["flaky"] = port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
		tries++
		if tries == 1 {
			return value.Null, &port.Error{Class: "network", Message: "down", Retryable: true}
		}
		return value.String("up"), nil
	})
	p := irtest.New("pause").Go("a", "flaky", irtest.Attempts(2, int64(time.Hour))).Program()
	clock := &skewed{}
	w.config.Clock = clock
	out := w.run(t, t.Context(), p, value.Null)
	if out.Status != journal.Suspended || out.Interrupted || time.Until(out.WakeAt) < 30*time.Minute {
		t.Fatalf("the run is %s, wakes at %s", out.Status, out.WakeAt)
	}
	clock.add.Store(int64(2 * time.Hour))
	expect(t, w.resume(t, p, w.name), journal.Completed, map[string]string{"a": `"up"`})
}

// skewed is a wall clock that is ahead.
type skewed struct{ add atomic.Int64 }

func (s *skewed) Now() time.Time { return time.Now().Add(time.Duration(s.add.Load())) }

func (s *skewed) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }

func TestEventsAreNumberedWithoutGapsAcrossAResume(t *testing.T) {
	w := newWorld()
	stop := make(chan struct{})
	first := true
	w.functions["once"] = port.FunctionOf(port.Write, func(ctx context.Context, _ value.Value) (value.Value, error) {
		if first {
			first = false
			close(stop)
			<-ctx.Done()
		}
		return value.Null, ctx.Err()
	})
	var lines []string
	observer := event.ObserverFunc(func(e event.Event) {
		if e.Seq == 0 {
			return
		}
		lines = append(lines, fmt.Sprintf("%d %s %s", e.Seq, e.Type, e.Node))
	})
	w.observers = []event.Observer{observer}
	p := irtest.New("events").Expression("a", []string{"x", "1"}).Go("b", "once", irtest.After("a")).Program()
	w.config.Stop = stop
	w.run(t, t.Context(), p, value.Null)
	before := lines
	lines = nil
	w.config.Stop = nil
	w.resume(t, p, w.name)
	want := []string{"1 PipelineStarted ", "2 NodeStarted a", "3 NodeCompleted a", "4 NodeStarted b", "5 NodeCompleted b", "6 PipelineCompleted "}
	if fmt.Sprint(lines) != fmt.Sprint(want[4:]) {
		t.Errorf("after the resume: %q", lines)
	}
	if fmt.Sprint(before) != fmt.Sprint(want[:4]) {
		t.Errorf("before the resume: %q", before)
	}
}

func TestStreamingShowsTokensAndThenTheWhole(t *testing.T) {
	w := newWorld()
	var text strings.Builder
	var types []string
	w.observers = []event.Observer{event.ObserverFunc(func(e event.Event) {
		types = append(types, e.Type)
		if e.Type == event.LLMTokenStreamed {
			o, _ := e.Data.Object()
			d, _ := o.Get("delta")
			s, _ := d.AsString()
			text.WriteString(s)
		}
	})}
	p := irtest.New("stream").Port("llm", "mock", irtest.Object("response", "one two three")).LLM("a", "x", irtest.Stream()).Program()
	expect(t, w.run(t, t.Context(), p, value.Null), journal.Completed, map[string]string{"a": `"one two three"`})
	if text.String() != "one two three" {
		t.Errorf("streamed %q (%q)", text.String(), types)
	}
}

func TestManyRunsLeaveNoGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	w := newWorld()
	p := irtest.New("many").Port("llm", "mock", irtest.Object("response", "x", "delay", 0.001)).LLM("a", "x").LLM("b", "{{ a }}").Program()
	for range 50 {
		w.run(t, t.Context(), p, value.Null)
	}
	if after := runtime.NumGoroutine(); after > before+5 {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

func TestResultThatIsTooLargeFailsTheNode(t *testing.T) {
	w := newWorld()
	w.functions["huge"] = port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
		half := strings.Repeat("x", engine.MaxOutcome/2+1)
		return value.List([]value.Value{value.String(half), value.String(half)}), nil
	})
	out := w.run(t, t.Context(), irtest.New("huge").Go("a", "huge").Program(), value.Null)
	if out.Status != journal.Failed || out.Result.Error.Class != "invalid_output" || !strings.Contains(out.Result.Error.Help, "reference") {
		t.Errorf("the run is %s: %v", out.Status, out.Result.Error)
	}
}
