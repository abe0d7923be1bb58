package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/hook"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/port"
)

// asked is a model that remembers what it was asked and answers with it.
type asked struct {
	mu   sync.Mutex
	reqs []port.LLMRequest
}

func (*asked) Class() port.Class { return port.Read }

func (a *asked) Generate(_ context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reqs = append(a.reqs, *req)
	return &port.LLMResponse{Text: "you said " + req.Messages[0].Content, Usage: port.Usage{Known: true, InputTokens: 1, OutputTokens: 1}}, nil
}

func twice(context.Context, value.Value) (value.Value, error) { return value.Int(2), nil }

func hooked(t *testing.T, p *ir.Program, h hook.Set) (*runtime.Result, *asked) {
	t.Helper()
	llm := &asked{}
	o := runtime.Options{
		Hooks: h, Ports: map[string]port.LLM{"llm": llm}, Grace: 20 * time.Millisecond,
		Functions: map[string]port.Function{"double": port.FunctionOf(port.Read, twice)},
	}
	return run(t, o, p, value.Null), llm
}

func output(r *runtime.Result, name string) string {
	o, _ := r.Output.Object()
	v, _ := o.Get(name)
	return value.Str(v)
}

func TestNodeHooksSeeAndChangeWhatANodeGetsAndGives(t *testing.T) {
	var order []string
	note := func(name string) hook.Node {
		return hook.Node{Name: name, Of: "f",
			Before: func(_ context.Context, c *hook.NodeCall) error { order = append(order, "before "+name); return nil },
			After:  func(_ context.Context, c *hook.NodeCall) error { order = append(order, "after "+name); return nil }}
	}
	var seen hook.Run
	h := hook.Set{Nodes: []hook.Node{note("outer"), note("inner"), {
		Name: "change", Of: "ask",
		Before: func(_ context.Context, c *hook.NodeCall) error {
			seen = c.Run
			c.Input = irtest.Object("messages", value.List([]value.Value{irtest.Object("role", "user", "content", "good day")}))
			return nil
		},
		After: func(_ context.Context, c *hook.NodeCall) error {
			c.Output = value.String(value.Str(c.Output) + "!")
			return nil
		},
	}}}
	p := irtest.New("hooks").Port("llm", "mock", value.Null).Go("f", "double").LLM("ask", "hello").Output("ask", "ask").Output("f", "f").Program()
	r, llm := hooked(t, p, h)
	if got := output(r, "ask"); got != "you said good day!" || len(llm.reqs) != 1 {
		t.Errorf("the answer is %q, %v", got, r.Error)
	}
	if want := []string{"before outer", "before inner", "after inner", "after outer"}; !slices.Equal(order, want) {
		t.Errorf("the order is %q", order)
	}
	if seen.Node != "ask" || seen.RunID != r.RunID || seen.Program != "hooks" || seen.Kind != "llm_node" || seen.Attempt != 1 || seen.Key == "" {
		t.Errorf("the hook sees %+v", seen)
	}
}

func TestPortHooksChangeRequestsAndAnswers(t *testing.T) {
	h := hook.Set{Ports: []hook.Port{{
		Name: "polite", Of: "llm",
		Before: func(_ context.Context, c *hook.PortCall) error {
			c.Request.Messages[0].Content += ", please"
			c.Request.Call.Node = "somebody else"
			return nil
		},
		After: func(_ context.Context, c *hook.PortCall) error {
			c.Response.Text = strings.ToUpper(c.Response.Text)
			return nil
		},
	}, {Name: "other", Of: "another", Before: func(context.Context, *hook.PortCall) error { return errors.New("not mine") }}}}
	p := irtest.New("hooks").Port("llm", "mock", value.Null).LLM("ask", "help").Output("ask", "ask").Program()
	r, llm := hooked(t, p, h)
	if got := output(r, "ask"); got != "YOU SAID HELP, PLEASE" || llm.reqs[0].Call.Node != "ask" {
		t.Errorf("the answer is %q of %+v, %v", got, llm.reqs, r.Error)
	}
}

// TestHooksThatAnswer: what a hook answers itself is no call, so that nothing of a
// limit is used.
func TestHooksThatAnswer(t *testing.T) {
	for name, h := range map[string]hook.Set{
		"of the node": {Nodes: []hook.Node{{Name: "cache", Before: func(_ context.Context, c *hook.NodeCall) error {
			c.Output, c.Done = value.String("known"), true
			return nil
		}}}},
		"of the port": {Ports: []hook.Port{{Name: "cache", Before: func(_ context.Context, c *hook.PortCall) error {
			c.Response, c.Done = &port.LLMResponse{Text: "known"}, true
			return nil
		}}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := irtest.New("hooks").Port("llm", "mock", value.Null).Limit(ir.MaxLLMCalls, value.Int(1)).
				LLM("a", "x").LLM("b", "x", irtest.After("a")).Output("b", "b").Program()
			r, llm := hooked(t, p, h)
			if got := output(r, "b"); got != "known" || len(llm.reqs) != 0 || r.Usage.LLMCalls != 0 {
				t.Errorf("got %q after %d requests, usage %+v, %v", got, len(llm.reqs), r.Usage, r.Error)
			}
		})
	}
}

func TestHooksThatRefuseRecoverPanicAndHang(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	node := func(h hook.Node) hook.Set { h.Name = "h"; return hook.Set{Nodes: []hook.Node{h}} }
	for name, c := range map[string]struct {
		hooks   hook.Set
		class   string
		message string
	}{
		"before refuses": {node(hook.Node{Before: func(context.Context, *hook.NodeCall) error { return port.Errorf("forbidden", "not today") }}), "forbidden", "not today"},
		"after refuses":  {node(hook.Node{After: func(context.Context, *hook.NodeCall) error { return errors.New("bad answer") }}), "function", "bad answer"},
		"before panics":  {node(hook.Node{Before: func(context.Context, *hook.NodeCall) error { panic("oh no") }}), "function", `the hook "h" panicked: oh no`},
		"after panics":   {node(hook.Node{After: func(context.Context, *hook.NodeCall) error { panic("oh no") }}), "function", `the hook "h" panicked: oh no`},
		"before hangs": {node(hook.Node{Before: func(ctx context.Context, _ *hook.NodeCall) error {
			<-ctx.Done()
			return nil
		}}), "timeout", "took longer than its timeout"},
		"after ignores its context": {node(hook.Node{After: func(context.Context, *hook.NodeCall) error { <-hang; return nil }}), "timeout", "took longer than its timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			p := irtest.New("hooks").Go("f", "double", irtest.Timeout(int64(30*time.Millisecond))).Program()
			r, _ := hooked(t, p, c.hooks)
			if r.Status != journal.Failed || r.Error.Class != c.class || !strings.Contains(r.Error.Message, c.message) {
				t.Errorf("the run is %s: %+v", r.Status, r.Error)
			}
		})
	}
	t.Run("after recovers", func(t *testing.T) {
		h := node(hook.Node{After: func(_ context.Context, c *hook.NodeCall) error {
			if c.Err == nil {
				return fmt.Errorf("there is no error, but %v", c.Output)
			}
			c.Err, c.Output = nil, value.String("instead of: "+c.Err.Message)
			return nil
		}})
		r := run(t, runtime.Options{Hooks: h, Functions: map[string]port.Function{"f": port.FunctionOf(port.Read, func(context.Context, value.Value) (value.Value, error) {
			return value.Null, errors.New("broken")
		})}}, irtest.New("hooks").Go("f", "f").Output("f", "f").Program(), value.Null)
		if got := output(r, "f"); got != "instead of: broken" {
			t.Errorf("got %q, %v", got, r.Error)
		}
	})
}

// TestHooksStayInsideOfLimits: what a hook adds to a prompt is taken from the
// answer, and more than was reserved is refused.
func TestHooksStayInsideOfLimits(t *testing.T) {
	longer := func(n int) hook.Set {
		return hook.Set{Ports: []hook.Port{{Name: "longer", Before: func(_ context.Context, c *hook.PortCall) error {
			c.Request.Messages[0].Content += strings.Repeat("x", n)
			c.Request.MaxTokens = 1 << 40
			return nil
		}}}}
	}
	p := func() *ir.Program {
		return irtest.New("hooks").Port("llm", "mock", value.Null).Limit(ir.MaxTotalTokens, value.Int(100)).LLM("ask", "hi").Output("ask", "ask").Program()
	}
	_, plain := hooked(t, p(), hook.Set{})
	r, llm := hooked(t, p(), longer(10))
	if len(llm.reqs) != 1 || llm.reqs[0].MaxTokens != plain.reqs[0].MaxTokens-10 {
		t.Errorf("the bound of the answer was %d and is %+v, %v", plain.reqs[0].MaxTokens, llm.reqs, r.Error)
	}
	r, llm = hooked(t, p(), longer(500))
	if r.Status != journal.Failed || r.Error.Class != "limit" || len(llm.reqs) != 0 {
		t.Errorf("a request that is too long: %v after %d requests", r.Error, len(llm.reqs))
	}
	// Capabilities come first: the hook is not even asked.
	denied := p()
	denied.Effective.Caps = ir.Caps{Deny: []string{"llm"}, Unrestricted: true}
	called := false
	r, _ = hooked(t, denied, hook.Set{Nodes: []hook.Node{{Before: func(context.Context, *hook.NodeCall) error { called = true; return nil }}}})
	if called || r.Error == nil || r.Error.Class != "cap_denied" {
		t.Errorf("the hook was called: %t, %v", called, r.Error)
	}
}

// TestResumedRunsDoNotCallHooksAgain: what had finished keeps what its hooks made of
// it.
func TestResumedRunsDoNotCallHooksAgain(t *testing.T) {
	store, stop := journal.NewMemory(), make(chan struct{})
	calls := map[string]int{}
	o := runtime.Options{Journal: store, Stop: stop, Hooks: hook.Set{Nodes: []hook.Node{{Name: "count", After: func(_ context.Context, c *hook.NodeCall) error {
		calls[c.Node]++
		if c.Err == nil {
			c.Output = value.String("changed " + c.Node)
		}
		return nil
	}}}}, Functions: map[string]port.Function{
		"double": port.FunctionOf(port.Write, twice),
		"stop": port.FunctionOf(port.Write, func(ctx context.Context, _ value.Value) (value.Value, error) {
			select {
			case <-stop:
			default:
				close(stop)
				<-ctx.Done()
			}
			return value.Null, ctx.Err()
		})}}
	p := load(t, irtest.New("hooks").Go("a", "double").Go("b", "stop", irtest.After("a")).Output("a", "a").Output("b", "b").Program())
	first, err := runner(t, o).Run(t.Context(), p, value.Null)
	if err != nil || first.Status != journal.Suspended {
		t.Fatal(first, err)
	}
	o.Stop = nil
	r, err := runner(t, o).Resume(t.Context(), first.RunID)
	if err != nil {
		t.Fatal(err)
	}
	if output(r, "a") != "changed a" || output(r, "b") != "changed b" || calls["a"] != 1 {
		t.Errorf("the run gives %v after %v, %v", r.Output, calls, r.Error)
	}
}
