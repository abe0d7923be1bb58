package middleware

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is an adapter that answers by a function of how often it was called.
type fake struct {
	calls atomic.Int64
	do    func(n int64, ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error)
}

func (f *fake) Class() port.Class { return port.Read }
func (f *fake) Structured() bool  { return true }
func (f *fake) Generate(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	return f.do(f.calls.Add(1), ctx, req)
}

var busy = &port.Error{Class: port.ClassProvider, Message: "busy", Retryable: true}

// failing fails with err the first n times.
func failing(n int64, err error) *fake {
	return &fake{do: func(i int64, _ context.Context, _ *port.LLMRequest) (*port.LLMResponse, error) {
		if i <= n {
			return nil, err
		}
		return &port.LLMResponse{Text: fmt.Sprint("answer ", i), Usage: port.Usage{Known: true, InputTokens: 3, OutputTokens: 2}}, nil
	}}
}

func layer(t testing.TB, m ir.Middleware) Layer {
	t.Helper()
	l, err := New(&m)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func ask(text string) *port.LLMRequest {
	return &port.LLMRequest{Call: port.Call{Port: "llm", Node: "n", NodeID: "n"}, Schema: value.Null, Messages: []port.Message{{Role: "user", Content: text}}}
}

// call goes through gate, layers and meter, on behalf of a step with so many
// granted requests.
func call(ctx context.Context, llm port.LLM, granted int64, req *port.LLMRequest, layers ...Layer) (string, int64, error) {
	var mw []port.LLMMiddleware
	for _, l := range layers {
		mw = append(mw, LLM(l))
	}
	step := port.NewStep(granted, nil)
	defer step.End()
	resp, err := port.Guard(llm, mw...).Generate(port.WithStep(ctx, step), req)
	n, _ := step.Used()
	if err != nil {
		return "", n, err
	}
	return resp.Text, n, nil
}

func fast(attempts int) *ir.RetryLayer {
	return &ir.RetryLayer{Attempts: attempts, Delay: 1e6, Factor: 2, NoJitter: true}
}

func TestRetry(t *testing.T) {
	for _, c := range []struct {
		name    string
		fails   int64
		err     error
		retry   *ir.RetryLayer
		granted int64
		calls   int64
		text    string
		class   string
	}{
		{"it passes at last", 2, busy, fast(3), 9, 3, "answer 3", ""},
		{"never enough", 9, busy, fast(3), 9, 3, "", port.ClassProvider},
		{"one attempt", 9, busy, fast(1), 9, 1, "", port.ClassProvider},
		{"what cannot pass", 9, port.Errorf(port.ClassInvalidInput, "wrong"), fast(3), 9, 1, "", port.ClassInvalidInput},
		{"another class", 9, busy, &ir.RetryLayer{Attempts: 3, RetryOn: []string{"network"}}, 9, 1, "", port.ClassProvider},
		{"the class that is named", 1, busy, &ir.RetryLayer{Attempts: 3, RetryOn: []string{"network", "provider"}}, 9, 2, "answer 2", ""},
		{"an error of no kind", 1, errors.New("oops"), fast(2), 9, 2, "answer 2", ""},
		{"no further grant: the failure stays what it was", 9, busy, fast(5), 2, 2, "", port.ClassProvider},
		{"no grant at all", 0, nil, fast(5), 0, 0, "", port.ClassLimit},
		{"asked to wait too long", 9, &port.Error{Class: port.ClassRateLimit, Retryable: true, RetryAfter: time.Hour}, &ir.RetryLayer{Attempts: 3, MaxDelay: 1e9}, 9, 1, "", port.ClassRateLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := failing(c.fails, c.err)
			text, counted, err := call(t.Context(), f, c.granted, ask("x"), layer(t, ir.Middleware{Kind: "retry", Name: "r", Retry: c.retry}))
			class := ""
			if err != nil {
				class = port.AsError(err).Class
			}
			if text != c.text || class != c.class || f.calls.Load() != c.calls || counted != c.calls {
				t.Errorf("got %q, %v after %d calls, %d of them counted", text, err, f.calls.Load(), counted)
			}
		})
	}
}

func TestRetryWaits(t *testing.T) {
	r := newRetry("r", &ir.RetryLayer{Delay: 1e9, Factor: 3, MaxDelay: 5e9})
	for n, want := range []time.Duration{time.Second, 3 * time.Second, 5 * time.Second} {
		if got := r.delay(n+1, busy); got != want {
			t.Errorf("after %d attempts: %s", n+1, got)
		}
	}
	r.r.Linear = true
	if got := r.delay(2, &port.Error{RetryAfter: 4 * time.Second}); got != 4*time.Second {
		t.Errorf("it does not wait as long as it is asked: %s", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, _, err := call(ctx, failing(9, busy), 9, ask("x"), newRetry("r", &ir.RetryLayer{Attempts: 3, Delay: 60e9}))
	if err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("the end of the call does not end the wait: %v", err)
	}
}

func TestAStreamIsNotSaidTwice(t *testing.T) {
	f := &fake{do: func(_ int64, _ context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
		req.Stream("Hel")
		return nil, busy
	}}
	var got []string
	req := ask("x")
	req.Stream = func(d string) { got = append(got, d) }
	if _, n, err := call(t.Context(), f, 9, req, newRetry("r", fast(3))); err == nil || n != 1 || len(got) != 1 {
		t.Errorf("got %q in %d calls, %v", got, n, err)
	}
}

func TestTimeout(t *testing.T) {
	f := &fake{do: func(_ int64, ctx context.Context, _ *port.LLMRequest) (*port.LLMResponse, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	_, _, err := call(t.Context(), f, 9, ask("x"), layer(t, ir.Middleware{Kind: "timeout", Name: "llm.middleware[0]", Timeout: 2e7}))
	if e := port.AsError(err); e == nil || e.Class != port.ClassTimeout || !e.Retryable || !strings.Contains(e.Message, "20ms of llm.middleware[0]") {
		t.Errorf("got %+v", e)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = call(ctx, f, 9, ask("x"), layer(t, ir.Middleware{Kind: "timeout", Timeout: 1}))
	if e := port.AsError(err); e == nil || e.Retryable {
		t.Errorf("the caller's own end gives %+v", e)
	}
}

func TestRateLimit(t *testing.T) {
	l := layer(t, ir.Middleware{Kind: "rate_limit", Name: "policies.slow", RateLimit: &ir.RateLimitLayer{Requests: 1, Per: 3600e9, Burst: 2, Raise: true}})
	f := failing(0, nil)
	for i := range 3 {
		_, n, err := call(t.Context(), f, 9, ask("x"), l)
		if over := i == 2; over != (err != nil) || over != (n == 0) {
			t.Errorf("call %d gives %v after %d requests", i, err, n)
		} else if over {
			if e := port.AsError(err); e.Class != port.ClassRateLimit || !e.Definite || e.RetryAfter < time.Minute || !strings.Contains(e.Message, "policies.slow") {
				t.Errorf("got %+v", e)
			}
		}
	}
	waiting := layer(t, ir.Middleware{Kind: "rate_limit", Name: "w", RateLimit: &ir.RateLimitLayer{Requests: 50, Per: 1e9, Burst: 1}})
	began := time.Now()
	for range 4 {
		if _, _, err := call(t.Context(), f, 9, ask("x"), waiting); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < 50*time.Millisecond {
		t.Errorf("four calls took %s", took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	slow := layer(t, ir.Middleware{Kind: "rate_limit", Name: "s", RateLimit: &ir.RateLimitLayer{Requests: 1, Per: 3600e9, Burst: 1}})
	_, _, _ = call(ctx, f, 9, ask("x"), slow)
	if _, n, err := call(ctx, f, 9, ask("x"), slow); err == nil || n != 0 {
		t.Errorf("a wait that outlasts the call gives %v", err)
	}
	// Tokens: an answer of five empties a bucket of four.
	tokens := layer(t, ir.Middleware{Kind: "rate_limit", Name: "t", RateLimit: &ir.RateLimitLayer{Tokens: 4, Per: 3600e9, Burst: 1, Raise: true}})
	if _, _, err := call(t.Context(), f, 9, ask("x"), tokens); err != nil {
		t.Fatal(err)
	}
	if _, _, err := call(t.Context(), f, 9, ask("x"), tokens); port.AsError(err) == nil || port.AsError(err).Class != port.ClassRateLimit {
		t.Errorf("the second call gives %v", err)
	}
}

func TestCache(t *testing.T) {
	l := newCache(&ir.CacheLayer{TTL: 60e9, MaxEntries: 2})
	now := time.Unix(0, 0)
	l.now = func() time.Time { return now }
	f := failing(0, nil)
	get := func(text string) (string, int64) {
		t.Helper()
		got, n, err := call(t.Context(), f, 9, ask(text), l)
		if err != nil {
			t.Fatal(err)
		}
		return got, n
	}
	if got, n := get("a"); got != "answer 1" || n != 1 {
		t.Errorf("the first call gives %q with %d requests", got, n)
	}
	if got, n := get("a"); got != "answer 1" || n != 0 {
		t.Errorf("an equal call gives %q with %d requests", got, n)
	}
	get("b")
	get("a") // now b is the oldest
	get("c")
	if _, n := get("b"); n != 1 {
		t.Error("the entry that was used least recently is still there")
	}
	if _, n := get("c"); n != 0 {
		t.Error("a recent entry is gone")
	}
	now = now.Add(time.Minute)
	if _, n := get("c"); n != 1 {
		t.Error("an entry lives longer than it may")
	}
	other := ask("c")
	other.Model = "another"
	if _, n, _ := call(t.Context(), f, 9, other, l); n != 1 {
		t.Error("another model gives the same answer")
	}
	var parts []string
	stream := ask("c")
	stream.Stream = func(d string) { parts = append(parts, d) }
	if got, n, _ := call(t.Context(), f, 9, stream, l); n != 0 || strings.Join(parts, "") != got {
		t.Errorf("a streamed answer of the cache gives %q as %q", got, parts)
	}
	bad := failing(1, busy)
	if _, _, err := call(t.Context(), bad, 9, ask("z"), l); err == nil {
		t.Fatal("no failure")
	}
	if got, _, err := call(t.Context(), bad, 9, ask("z"), l); err != nil || got != "answer 2" {
		t.Errorf("a failure was remembered: %q, %v", got, err)
	}
}

func TestCircuitBreaker(t *testing.T) {
	f := failing(2, busy)
	l := layer(t, ir.Middleware{Kind: "circuit_breaker", Name: "policies.guard", Breaker: &ir.CircuitBreakerLayer{Failures: 2, Recovery: 5e7, HalfOpen: 1}})
	wrong := failing(99, port.Errorf(port.ClassInvalidInput, "wrong"))
	for range 5 { // faults of the caller open nothing
		_, _, _ = call(t.Context(), wrong, 9, ask("x"), l)
	}
	for range 2 {
		_, _, _ = call(t.Context(), f, 9, ask("x"), l)
	}
	_, n, err := call(t.Context(), f, 9, ask("x"), l)
	if e := port.AsError(err); e == nil || e.Class != ClassCircuitOpen || n != 0 || !e.Definite || e.RetryAfter <= 0 || !strings.Contains(e.Message, "policies.guard") {
		t.Errorf("an open circuit gives %+v after %d requests", e, n)
	}
	time.Sleep(100 * time.Millisecond)
	for range 2 {
		if _, _, err := call(t.Context(), f, 9, ask("x"), l); err != nil {
			t.Errorf("a mended circuit gives %v", err)
		}
	}
	// A panic of what it is around is a failure, and gives the permit back.
	crash := &fake{do: func(int64, context.Context, *port.LLMRequest) (*port.LLMResponse, error) { panic("oh") }}
	for range 2 {
		_, _, _ = call(t.Context(), crash, 9, ask("x"), l)
	}
	if _, n, _ := call(t.Context(), f, 9, ask("x"), l); n != 0 {
		t.Error("panics do not open the circuit")
	}
}

func TestLayersOfNodes(t *testing.T) {
	f := failing(1, busy)
	llm := port.Guard(f, ByNode(map[string][]Layer{"n": {newRetry("r", fast(2))}}))
	for node, want := range map[string]bool{"n": true} {
		step := port.NewStep(9, nil)
		req := ask("x")
		req.Call.NodeID = node
		_, err := llm.Generate(port.WithStep(t.Context(), step), req)
		if (err == nil) != want {
			t.Errorf("node %s gives %v", node, err)
		}
	}
	other := failing(1, busy)
	req := ask("x")
	req.Call.NodeID = "m"
	if _, err := port.Guard(other, ByNode(map[string][]Layer{"n": {newRetry("r", fast(2))}})).Generate(port.WithStep(t.Context(), port.NewStep(9, nil)), req); err == nil {
		t.Error("the layers of one node are around another")
	}
}

func TestPool(t *testing.T) {
	ok := func(name string) *fake {
		return &fake{do: func(int64, context.Context, *port.LLMRequest) (*port.LLMResponse, error) {
			return &port.LLMResponse{Text: name, Usage: port.Usage{Known: true}}, nil
		}}
	}
	down := failing(99, busy)
	wrong := failing(99, port.Errorf(port.ClassInvalidInput, "wrong"))
	run := func(failover bool, granted int64, times int, members ...*fake) (texts []string, counted int64, err error) {
		var adapters, metered []port.LLM
		for _, m := range members {
			adapters, metered = append(adapters, m), append(metered, port.Metered(m))
		}
		llm := port.GuardMetered(Pool(adapters, metered, failover))
		if !port.IsStructured(llm) || llm.Class() != port.Read {
			t.Error("what the members can do got lost")
		}
		for range times {
			step := port.NewStep(granted, nil)
			var resp *port.LLMResponse
			if resp, err = llm.Generate(port.WithStep(t.Context(), step), ask("x")); err == nil {
				texts = append(texts, resp.Text)
			}
			n, _ := step.Used()
			counted += n
		}
		return texts, counted, err
	}
	if got, n, _ := run(false, 9, 4, ok("a"), ok("b")); strings.Join(got, "") != "abab" || n != 4 {
		t.Errorf("taking turns gives %q in %d requests", got, n)
	}
	if got, n, _ := run(true, 9, 2, down, ok("b")); strings.Join(got, "") != "bb" || n != 4 {
		t.Errorf("failover gives %q in %d requests", got, n)
	}
	if got, n, _ := run(false, 9, 2, down, ok("b")); strings.Join(got, "") != "bb" || n != 3 {
		t.Errorf("taking turns past one that is down gives %q in %d requests", got, n)
	}
	if _, n, err := run(true, 9, 1, wrong, ok("b")); err == nil || n != 1 {
		t.Errorf("a wrong request goes on: %v, %d", err, n)
	}
	if _, n, err := run(true, 1, 1, down, ok("b")); port.AsError(err) == nil || port.AsError(err).Message != "busy" || n != 1 {
		t.Errorf("without a further grant: %v, %d", err, n)
	}
	if _, _, err := run(true, 9, 1, down, down); err == nil || !strings.Contains(err.Error(), "all 2 adapters") {
		t.Errorf("nothing but failures gives %v", err)
	}
}

func TestWhatThisHostDoesNotHave(t *testing.T) {
	if _, err := Layers([]ir.Middleware{{Kind: "observe"}, {Kind: "my.own.Layer", Name: "llm.middleware[1]"}}); err == nil || !strings.Contains(err.Error(), `"my.own.Layer"`) || !strings.Contains(err.Error(), "llm.middleware[1]") {
		t.Errorf("got %v", err)
	}
}

func TestLayersAtTheSameTime(t *testing.T) {
	f := failing(3, busy)
	layers := []Layer{newRetry("r", fast(5)), newCache(&ir.CacheLayer{MaxEntries: 3}), newBreaker("b", &ir.CircuitBreakerLayer{Failures: 100, Recovery: 1, HalfOpen: 1}),
		newRateLimit("l", &ir.RateLimitLayer{Requests: 1e6, Tokens: 1e6, Per: 1e9, Burst: 1000}), &timeout{"t", 60e9}}
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			if _, _, err := call(context.Background(), f, 99, ask(fmt.Sprint(i%5)), layers...); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
