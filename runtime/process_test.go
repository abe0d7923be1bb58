package runtime_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// double is a pipeline that doubles n.
func double() *ir.Program {
	return irtest.New("double").Expression("twice", []string{"n", "$input.n * 2"}).Output("result", "twice").Program()
}

func process(t *testing.T, r *runtime.Result, name string) machine.NodeResult {
	t.Helper()
	n, ok := r.Node(name)
	if !ok {
		t.Fatalf("there is no process %q", name)
	}
	return n
}

func TestPipesCarryResultsOfNodesAndOutputs(t *testing.T) {
	p := irtest.System("s").
		Process("a", double(), nil).
		Process("b", double(), []string{"n", "a.nodes.twice.n"}).
		Process("c", double(), []string{"n", "b.outputs.result.n + a.outputs.result.n"}).
		Output("end", "c").Program()
	r := run(t, runtime.Options{}, p, irtest.Object("n", 1))
	if r.Status != journal.Completed {
		t.Fatalf("the run is %s: %v", r.Status, r.Error)
	}
	if got := value.Repr(process(t, r, "c").Output); got != "{'result': {'n': 12}}" {
		t.Errorf("c gave %s", got)
	}
	ids := map[string]bool{}
	for _, n := range r.Nodes {
		ids[n.Child.RunID] = true
	}
	if len(ids) != 3 || ids[r.RunID] {
		t.Errorf("the runs are %v", ids)
	}
}

func TestANullGivesWayToTheSystemsInput(t *testing.T) {
	p := irtest.System("s").Process("a", double(), []string{"n", "$input.absent"}).Program()
	r := run(t, runtime.Options{}, p, irtest.Object("n", 4))
	if got := value.Repr(process(t, r, "a").Output); got != "{'result': {'n': 8}}" {
		t.Errorf("a gave %s", got)
	}
}

func TestProcessesFailSkipAndAreHandledLikeNodes(t *testing.T) {
	broken := irtest.New("broken").Expression("x", []string{"n", "1 // $input.zero"}).Program()
	build := func() *irtest.Builder {
		return irtest.System("s").Kernel(ir.OnFailure, value.String("continue")).
			Process("bad", broken, nil).
			Process("after", double(), []string{"n", "bad.nodes.x.n"}).
			Process("apart", double(), nil).
			Process("never", double(), nil, irtest.When("$input.n > 5")).
			Process("behind", double(), []string{"n", "never.nodes.twice.n"})
	}
	input := irtest.Object("n", 1, "zero", 0)
	r := run(t, runtime.Options{}, build().Program(), input)
	want := map[string]string{"bad": "failed", "after": "skipped upstream_failed", "apart": "completed", "never": "skipped when_false", "behind": "skipped upstream_skipped"}
	for name, w := range want {
		n := process(t, r, name)
		if got := strings.TrimSpace(n.Status.String() + " " + n.Why); got != w {
			t.Errorf("%s is %s, want %s", name, got, w)
		}
	}
	if r.Status != journal.Failed || r.Error.Code != "HX1060" || r.Error.Cause == nil || r.Error.Cause.Code != "HX1003" {
		t.Errorf("the run is %s: %+v", r.Status, r.Error)
	}
	handled := build().Process("mend", irtest.New("mend").Expression("x", []string{"text", "$input.why"}).Output("text", "x").Program(),
		[]string{"why", "$error.node"}, irtest.Handles("bad")).Program()
	r = run(t, runtime.Options{}, handled, input)
	if r.Status != journal.Completed || !strings.Contains(value.Repr(process(t, r, "mend").Output), "'bad'") {
		t.Errorf("the handled run is %s, and the handler gave %s: %v", r.Status, value.Repr(process(t, r, "mend").Output), r.Error)
	}
}

// TestProcessesShareOneBudgetExactly lets many processes draw on one limit at
// once: as many calls are sent as it allows, whatever the order.
func TestProcessesShareOneBudgetExactly(t *testing.T) {
	for _, limit := range []int64{0, 1, 5, 11, 24, 30} {
		var sent atomic.Int64
		llm := llmFunc(func(*port.LLMRequest) (*port.LLMResponse, error) {
			sent.Add(1)
			time.Sleep(time.Millisecond)
			return &port.LLMResponse{Text: "x", Usage: port.Usage{Known: true, InputTokens: 1, OutputTokens: 1}}, nil
		})
		s := irtest.System("s").Limit(ir.MaxLLMCalls, value.Int(limit)).Kernel(ir.OnFailure, value.String("continue"))
		for i := range 6 {
			b := irtest.New("p").Kernel(ir.OnFailure, value.String("continue"))
			for j := range 4 {
				b.LLM(fmt.Sprint("n", j), "x")
			}
			s.Process(fmt.Sprint("p", i), b.Program(), nil)
		}
		r := run(t, runtime.Options{Ports: map[string]port.LLM{"llm": llm}}, s.Program(), value.Null)
		if want := min(limit, 24); sent.Load() != want || r.Usage.LLMCalls != want {
			t.Errorf("with a limit of %d, %d calls were sent and %d counted", limit, sent.Load(), r.Usage.LLMCalls)
		}
		if done := r.Status == journal.Completed; done != (limit >= 24) {
			t.Errorf("with a limit of %d the run is %s", limit, r.Status)
		}
	}
}

// TestSlotsOfASystemBoundItsProcessesTogether counts effects at a time.
func TestSlotsOfASystemBoundItsProcessesTogether(t *testing.T) {
	var now, most atomic.Int64
	slow := port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
		n := now.Add(1)
		for {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		time.Sleep(2 * time.Millisecond)
		now.Add(-1)
		return value.Int(1), nil
	})
	s := irtest.System("s").Kernel(ir.MaxConcurrentNodes, value.Int(3))
	for i := range 5 {
		s.Process(fmt.Sprint("p", i), irtest.New("p").Go("a", "slow").Go("b", "slow").Program(), nil)
	}
	r := run(t, runtime.Options{Functions: map[string]port.Function{"slow": slow}}, s.Program(), value.Null)
	if r.Status != journal.Completed || most.Load() != 3 {
		t.Errorf("the run is %s, with up to %d effects at a time", r.Status, most.Load())
	}
}

// opened is an adapter that counts how often it is opened and closed.
type opened struct {
	llmFunc
	closed *atomic.Int64
}

func (o opened) Close(context.Context) error { o.closed.Add(1); return nil }

func TestASharedAdapterIsOpenedAndClosedOnce(t *testing.T) {
	var made, closed atomic.Int64
	registry := runtime.Builtin()
	registry.AddAdapter("counted", func(context.Context, port.Spec) (port.Adapter, error) {
		made.Add(1)
		return opened{llmFunc(func(*port.LLMRequest) (*port.LLMResponse, error) { return &port.LLMResponse{Text: "x"}, nil }), &closed}, nil
	})
	asks := func() *ir.Program { return irtest.New("p").Port("llm", "counted", value.Null).LLM("n", "x").Program() }
	p := irtest.System("s").Port("llm", "counted", value.Null).Process("a", asks(), nil).Process("b", asks(), nil).Program()
	if r := run(t, runtime.Options{Registry: registry}, p, value.Null); r.Status != journal.Completed || made.Load() != 1 || closed.Load() != 1 {
		t.Errorf("the run is %s (%v); opened %d times, closed %d times", r.Status, r.Error, made.Load(), closed.Load())
	}
}

func TestFlagsReachProcesses(t *testing.T) {
	asks := irtest.New("p").Port("llm", "no.such.Adapter", value.Null).LLM("n", "x").Program()
	p := irtest.System("s").Process("a", asks, nil).Program()
	if r := run(t, runtime.Options{Overrides: runtime.Overrides{Mock: true}}, p, value.Null); r.Status != journal.Completed {
		t.Errorf("under the mock the run is %s: %v", r.Status, r.Error)
	}
	r := run(t, runtime.Options{Overrides: runtime.Overrides{Mock: true, Deny: []string{"llm"}}}, p, value.Null)
	if r.Status != journal.Failed || r.Error.Cause.Code != "HX1012" {
		t.Errorf("with the capability denied the run is %s: %v", r.Status, r.Error)
	}
	for path, code := range map[string]string{"limits.max_llm_calls": "HX1011", "processes.a.limits.max_llm_calls": "HX1011"} {
		r := run(t, runtime.Options{Overrides: runtime.Overrides{Mock: true, Set: []runtime.Setting{{Path: path, Value: value.Int(0)}}}}, p, value.Null)
		if r.Status != journal.Failed || string(r.Error.Cause.Code) != code {
			t.Errorf("with %s the run is %s: %v", path, r.Status, r.Error)
		}
	}
}

func TestOnlySystemsThatAreStartedByHandAreRun(t *testing.T) {
	p := irtest.System("s").Process("a", double(), nil).Program()
	p.Init = &ir.Init{Type: ir.InitSchedule, Every: 1, Overlap: "skip", At: ir.Place{File: -1}}
	_, err := runner(t, runtime.Options{}).Run(context.Background(), load(t, p), irtest.Object("n", 1))
	if err == nil || !strings.Contains(err.Error(), "init.type=manual") {
		t.Errorf("the error is %v", err)
	}
	manual := runtime.Overrides{Set: []runtime.Setting{{Path: "init.type", Value: value.String("manual")}}}
	if r := run(t, runtime.Options{Overrides: manual}, p, irtest.Object("n", 1)); r.Status != journal.Completed {
		t.Errorf("the run is %s: %v", r.Status, r.Error)
	}
}

// TestASystemThatWasStoppedGoesOn stops a System inside of a process: what had
// settled in another does not run again, under any later resumption.
func TestASystemThatWasStoppedGoesOn(t *testing.T) {
	store := journal.NewMemory()
	store.Keep = 10
	var mu sync.Mutex
	calls := map[string]int{}
	stop := make(chan struct{})
	count := func(name string) int {
		mu.Lock()
		defer mu.Unlock()
		calls[name]++
		return calls[name]
	}
	o := runtime.Options{Journal: store, Stop: stop, Functions: map[string]port.Function{
		"first": port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
			count("first")
			return value.Int(7), nil
		}),
		"second": port.FunctionOf(port.Write, func(ctx context.Context, in value.Value) (value.Value, error) {
			if count("second") == 1 {
				close(stop)
				<-ctx.Done()
				return value.Null, ctx.Err()
			}
			return in, nil
		}),
	}}
	p := irtest.System("s").
		Process("a", irtest.New("a").Go("x", "first").Output("n", "x").Program(), nil).
		Process("b", irtest.New("b").Go("y", "second").Output("got", "y").Program(), []string{"n", "a.outputs.n"}).Program()
	r := run(t, o, p, value.Null)
	if r.Status != journal.Suspended {
		t.Fatalf("the run is %s", r.Status)
	}
	child := process(t, r, "b").Child.RunID
	o.Stop = nil
	again, err := runner(t, o).Resume(context.Background(), r.RunID)
	if err != nil {
		t.Fatal(err)
	}
	if again.Status != journal.Completed || calls["first"] != 1 || calls["second"] != 2 {
		t.Errorf("the run is %s (%v); calls: %v", again.Status, again.Error, calls)
	}
	if got := value.Repr(process(t, again, "b").Output); got != "{'got': {'n': 7}}" {
		t.Errorf("b gave %s", got)
	}
	if id := process(t, again, "b").Child.RunID; id != child {
		t.Errorf("b is the run %s, and was %s", id, child)
	}
}

func TestEventsSayWhichProcessTheyAreAbout(t *testing.T) {
	var mu sync.Mutex
	var lines []string
	o := runtime.Options{Observers: []event.Observer{event.ObserverFunc(func(e event.Event) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, strings.TrimSpace(e.Process+" "+e.Type+" "+e.Node))
	})}}
	p := irtest.System("s").Process("a", double(), nil).Process("b", double(), []string{"n", "a.nodes.twice.n"}, irtest.When("false")).Program()
	run(t, o, p, irtest.Object("n", 1))
	want := "SystemStarted|a ProcessStarted|a PipelineStarted|a NodeStarted twice|a NodeCompleted twice|a PipelineCompleted|a ProcessCompleted|b ProcessCompleted|SystemCompleted"
	if got := strings.Join(lines, "|"); got != want {
		t.Errorf("the events are\n%s, want\n%s", got, want)
	}
}
