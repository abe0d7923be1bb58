package node

import (
	"context"
	"errors"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// recorder is a model that remembers its last request.
type recorder struct {
	req  *port.LLMRequest
	resp *port.LLMResponse
	err  error
}

func (*recorder) Class() port.Class { return port.Read }

func (r *recorder) Generate(_ context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	r.req = req
	return r.resp, r.err
}

func call(t *testing.T, r *recorder, req machine.LLMRequest, prices Pricer) machine.Outcome {
	t.Helper()
	for _, v := range []*value.Value{&req.Model, &req.Temperature, &req.TopP, &req.Seed, &req.Stop} {
		if v.IsNull() {
			*v = value.Missing
		}
	}
	step := port.NewStep(1, nil)
	out, _ := LLM(port.WithStep(t.Context(), step), port.Guard(r), step, port.Call{Node: "n", Port: "llm"}, &req, nil, prices, nil)
	return out
}

func TestOverridesReachTheAdapter(t *testing.T) {
	r := &recorder{resp: &port.LLMResponse{Text: "hi", Model: "m", Usage: port.Usage{Known: true, InputTokens: 3, OutputTokens: 2}}}
	out := call(t, r, machine.LLMRequest{
		Messages: []machine.Message{{Role: "user", Content: "q"}}, Model: value.String("m"), Temperature: value.Int(1), TopP: value.Float(0.5),
		Seed: value.Int(7), Stop: value.String("END"), MaxTokens: 9,
	}, func(portName, model string) (int64, int64, bool) { return 1_000_000, 2_500_000, model == "m" })
	q := r.req
	if q.Model != "m" || *q.Temperature != 1 || *q.TopP != 0.5 || *q.Seed != 7 || len(q.Stop) != 1 || q.MaxTokens != 9 {
		t.Errorf("the request is %+v", q)
	}
	want := machine.Usage{Known: true, InputTokens: 3, OutputTokens: 2, CostMicro: 3 + 5}
	if s, _ := out.Value.AsString(); s != "hi" || out.Usage != want {
		t.Errorf("the outcome is %+v", out)
	}
}

func TestWrongOverridesFailBeforeTheCall(t *testing.T) {
	for name, req := range map[string]machine.LLMRequest{
		"model": {Model: value.Int(1)}, "temperature": {Temperature: value.String("hot")}, "top_p": {TopP: value.True},
		"seed": {Seed: value.Float(1.5)}, "stop": {Stop: value.Int(1)}, "an item of stop": {Stop: value.List([]value.Value{value.Int(1)})},
	} {
		r := &recorder{}
		out := call(t, r, req, nil)
		if out.Failure == nil || !strings.HasPrefix(out.Failure.Message, name+" of node \"n\"") || !out.Usage.Unsent || r.req != nil {
			t.Errorf("%s: %+v, %+v", name, out.Failure, out.Usage)
		}
	}
}

func TestFailuresCarryTheirUsage(t *testing.T) {
	r := &recorder{err: &port.Error{Class: "rate_limit", Message: "slow\ndown", Retryable: true, Definite: true, RetryAfter: 5, Usage: port.Usage{Known: true, InputTokens: 4}}}
	out := call(t, r, machine.LLMRequest{}, nil)
	f := out.Failure
	if f == nil || f.Class != "rate_limit" || f.Message != "slow …" || !f.Retryable || !f.Definite || f.RetryAfter != 5 || out.Usage.InputTokens != 4 || !out.Usage.Known {
		t.Errorf("the outcome is %+v %+v", f, out.Usage)
	}
	r.err = errors.New("cut")
	if out = call(t, r, machine.LLMRequest{}, nil); out.Usage.Known || out.Failure.Definite || !out.Failure.Retryable {
		t.Errorf("an unknown error gives %+v %+v", out.Failure, out.Usage)
	}
}

func TestSchemaIsAskedForInTheLastUserMessage(t *testing.T) {
	schema := irtest.Object("type", "object")
	r := &recorder{resp: &port.LLMResponse{Text: "{}"}}
	call(t, r, machine.LLMRequest{Schema: schema, Messages: []machine.Message{{Role: "user", Content: "q\n"}, {Role: "assistant", Content: "a"}}}, nil)
	if got := r.req.Messages[0].Content; !strings.HasPrefix(got, "q\n\nAnswer with one JSON value") || !strings.HasSuffix(got, `{"type":"object"}`) {
		t.Errorf("the message is %q", got)
	}
	call(t, r, machine.LLMRequest{Schema: schema, Messages: []machine.Message{{Role: "system", Content: "s"}}}, nil)
	if n := len(r.req.Messages); n != 2 || r.req.Messages[1].Role != "user" {
		t.Errorf("there are %d messages", n)
	}
}

func TestFunctionOutcomes(t *testing.T) {
	f := func(v value.Value, err error) machine.Outcome {
		return Function(t.Context(), port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
			if v.Kind() == value.KindString {
				panic("broken")
			}
			return v, err
		}), port.Call{Node: "n"}, &machine.FunctionRequest{})
	}
	if out := f(value.Missing, nil); !out.Value.IsNull() || out.Failure != nil {
		t.Errorf("a missing result gives %+v", out)
	}
	if out := f(value.Null, errors.New("no")); out.Failure == nil || out.Failure.Class != port.ClassFunction || !out.Failure.Retryable {
		t.Errorf("an error gives %+v", out.Failure)
	}
	if out := f(value.String("x"), nil); out.Failure == nil || !strings.Contains(out.Failure.Message, `the function of node "n" panicked: broken`) {
		t.Errorf("a panic gives %+v", out.Failure)
	}
}

func TestCostRoundsUp(t *testing.T) {
	for _, c := range []struct{ tokens, price, want int64 }{{0, 5, 0}, {1, 1, 1}, {1_000_000, 3, 3}, {1_000_001, 3, 4}, {1 << 40, 1_000_000, 1 << 40}} {
		if got := cost(c.tokens, c.price); got != c.want {
			t.Errorf("%d tokens at %d cost %d, not %d", c.tokens, c.price, got, c.want)
		}
	}
}
