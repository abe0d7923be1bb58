package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

func TestResumeUnderFlagsAndChangedPrograms(t *testing.T) {
	store := journal.NewMemory()
	stop := make(chan struct{})
	var calls []string
	o := runtime.Options{Journal: store, Stop: stop, Functions: map[string]port.Function{
		"step": port.FunctionOf(port.Write, func(ctx context.Context, in value.Value) (value.Value, error) {
			calls = append(calls, value.Str(in))
			if len(calls) == 2 {
				close(stop)
				<-ctx.Done()
			}
			return value.Int(int64(len(calls))), ctx.Err()
		})}}
	build := func(prompt string) *ir.Program {
		return irtest.New("resume").Port("llm", "mock", irtest.Object("response", "x")).
			Go("a", "step").Go("b", "step", irtest.After("a")).LLM("c", prompt, irtest.After("b")).Program()
	}
	deny := runtime.Overrides{Deny: []string{"llm"}}
	result, err := runner(t, o).RunWith(t.Context(), load(t, build("hi")), value.Null, deny)
	if err != nil || result.Status != journal.Suspended {
		t.Fatal(result, err)
	}
	o.Stop = nil
	var changed *runtime.ChangedError
	if _, err := runner(t, o).ResumeWith(t.Context(), result.RunID, load(t, build("ho"))); !errors.As(err, &changed) || !slices.Equal(changed.Differences, []string{`node "c" differs`}) {
		t.Errorf("resuming with another program gives %v", err)
	}
	moved := build("hi")
	moved.Files = []string{"elsewhere.yaml"}
	again, err := runner(t, o).ResumeWith(t.Context(), result.RunID, load(t, moved))
	if err != nil {
		t.Fatal(err)
	}
	if again.RunID != result.RunID || again.Error == nil || again.Error.Class != "cap_denied" {
		t.Errorf("the resumed run is %s %s: %v", again.RunID, again.Status, again.Error)
	}
	if len(calls) != 3 {
		t.Errorf("the steps ran %d times", len(calls))
	}
	if _, err := runner(t, o).Resume(t.Context(), result.RunID); err == nil {
		t.Error("a run that is over was resumed")
	}
}

// suspended leaves a run behind that waits in the middle of its second node.
func suspended(t *testing.T, o *runtime.Options) (id string) {
	t.Helper()
	stop := make(chan struct{})
	o.Stop = stop
	o.Functions = map[string]port.Function{"first": port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
		return value.Int(1), nil
	}), "second": port.FunctionOf(port.Write, func(ctx context.Context, _ value.Value) (value.Value, error) {
		close(stop)
		<-ctx.Done()
		return value.Null, ctx.Err()
	})}
	p := irtest.New("two").Go("a", "first").Go("b", "second", irtest.After("a")).Program()
	result := run(t, *o, p, value.Null)
	if result.Status != journal.Suspended {
		t.Fatalf("the run is %s", result.Status)
	}
	o.Stop = nil
	return result.RunID
}

func TestCancelEndsASuspendedRun(t *testing.T) {
	o := runtime.Options{Journal: journal.NewMemory()}
	o.Journal.(*journal.Memory).Keep = 5
	id := suspended(t, &o)
	o.Functions = nil // nothing is started, so nothing is needed
	r := runner(t, o)
	result, err := r.Cancel(t.Context(), id, "the operator", "no longer needed")
	if err != nil {
		t.Fatal(err)
	}
	a, _ := result.Node("a")
	b, _ := result.Node("b")
	if result.Status != journal.Cancelled || a.Status != machine.Completed || b.Status != machine.Aborted {
		t.Errorf("the run is %s, its nodes %s and %s", result.Status, a.Status, b.Status)
	}
	if text := string(pretty(t, result)); !strings.Contains(text, "cancelled by the operator: no longer needed") {
		t.Errorf("the document does not tell why:\n%s", text)
	}
	if _, err := r.Cancel(t.Context(), id, "x", "y"); !errors.Is(err, journal.ErrFinal) {
		t.Errorf("cancelling twice gives %v", err)
	}
	if _, err := r.Cancel(t.Context(), "nobody", "x", "y"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("cancelling no run gives %v", err)
	}
	if _, doc, err := r.Journal().Get(t.Context(), id); err != nil || !bytes.Contains(doc, []byte(`"status":"cancelled"`)) {
		t.Errorf("the journal keeps %s, %v", doc, err)
	}
}

func TestReplayShowsWhatHappenedWithoutDoingIt(t *testing.T) {
	o := runtime.Options{Journal: journal.NewMemory()}
	o.Journal.(*journal.Memory).Keep = 5
	id := suspended(t, &o)
	o.Functions = nil
	var got []string
	result, err := runner(t, o).Replay(t.Context(), id, func(x runtime.Replayed) error {
		got = append(got, x.Record.Event.Kind.String()+" "+x.Path)
		for _, e := range x.Events {
			got = append(got, "  "+e.Type+" "+e.Node)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"RunStarted ", "  PipelineStarted ", "  NodeStarted a", "Settled a#1", "  NodeCompleted a", "  NodeStarted b"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if a, _ := result.Node("a"); a.Status != machine.Completed || result.Status != journal.Suspended {
		t.Errorf("the state is %s, node a %s", result.Status, a.Status)
	}
}
