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

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/engine"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

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
