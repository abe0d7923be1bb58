package golden

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// program compiles a manifest, which must have no error.
func program(t *testing.T, text string) *runtime.Program {
	t.Helper()
	w, err := compile.New(compile.Options{Root: t.TempDir(), ReadFile: func(name string) ([]byte, error) {
		if name == "m.yaml" {
			return []byte(text), nil
		}
		return nil, errors.New("no such file")
	}})
	if err != nil {
		t.Fatal(err)
	}
	p, ds, err := w.Build("m.yaml", "")
	if err != nil || p == nil {
		for _, d := range ds {
			t.Log(d.Code, d.Message)
		}
		t.Fatalf("it does not compile: %v", err)
	}
	for _, d := range ds {
		if d.Severity == diag.Error {
			t.Fatalf("%s %s", d.Code, d.Message)
		}
	}
	loaded, err := runtime.LoadIR(p)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func object(t *testing.T, text string) value.Value {
	t.Helper()
	v, err := value.ParseJSON([]byte(text), value.JSONLimits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func runText(t *testing.T, o runtime.Options, text, input string) *runtime.Result {
	t.Helper()
	r, err := runtime.New(o)
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Run(t.Context(), program(t, text), object(t, input))
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func jsonOf(v value.Value) string {
	b, err := value.AppendJSON(nil, v)
	if err != nil {
		return value.Repr(v)
	}
	return string(b)
}

func output(t *testing.T, r *runtime.Result, node, want string) {
	t.Helper()
	n, ok := r.Node(node)
	if !ok || n.Status != machine.Completed || jsonOf(n.Output) != want {
		t.Errorf("node %s is %s %s, error %v; want %s", node, n.Status, jsonOf(n.Output), n.Error, want)
	}
}

// scripted is a language model without tool calling of its own.
type scripted struct {
	mu      sync.Mutex
	answers []string
	prompts []string
}

func (s *scripted) Class() port.Class { return port.Hermetic }

func (s *scripted) Generate(_ context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, m := range req.Messages {
		fmt.Fprintf(&b, "[%s] %s\n", m.Role, m.Content)
	}
	s.prompts = append(s.prompts, b.String())
	text := s.answers[min(len(s.prompts)-1, len(s.answers)-1)]
	return &port.LLMResponse{Text: text, Model: "scripted", Usage: port.Usage{Known: true, InputTokens: 1, OutputTokens: 1}}, nil
}

// router is a tool router with the tool "add" and one that fails.
type router struct {
	mu    sync.Mutex
	calls []string
	paths []string
}

func (r *router) Class() port.Class { return port.Hermetic }

func (r *router) Tools(context.Context) ([]port.Tool, error) {
	return []port.Tool{{Name: "add", Description: "Adds two numbers."}, {Name: "broken", Description: "Fails."}}, nil
}

func (r *router) CallTool(_ context.Context, call port.Call, name string, args value.Value) (value.Value, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths = append(r.paths, call.Path)
	r.calls = append(r.calls, name+jsonOf(args))
	if name != "add" {
		return value.Null, port.Errorf(port.ClassFunction, "%s is out of order", name)
	}
	o, _ := args.Object()
	a, _ := o.Get("a")
	b, _ := o.Get("b")
	x, _ := a.AsInt()
	y, _ := b.AsInt()
	return value.Int(x + y), nil
}

func TestAgentWithTheTextProtocol(t *testing.T) {
	model := &scripted{answers: []string{
		"I have to add.\nINVOKE_TOOL: add(a=2, b=3)\nINVOKE_TOOL: {\"tool\": \"broken\", \"params\": {}}",
		"INVOKE_TOOL: change_phase(phase='write', reason='the sum is known', carried_data={'sum': 5})",
		"INVOKE_TOOL: tool_end(answer='it is 5', sure=True)",
	}}
	tools := &router{}
	res := runText(t, runtime.Options{Ports: map[string]port.LLM{"llm": model}, Adapters: map[string]port.Adapter{"tool_router": tools}}, `
kind: Pipeline
metadata: {name: p}
spec:
  nodes:
    - kind: agent_node
      metadata: {name: sums}
      spec:
        system_message: You can count.
        main_prompt: "Add {{ what }}. So far: {{ reasoning_so_far }}"
        continuation_prompts:
          write: "Write down {{ sum }} ({{ phase_reason }}, in phase {{ current_phase }})."
        tools: [add, broken]
        output_schema: {answer: str, sure: bool}
`, `{"what": "2 and 3"}`)
	output(t, res, "sums", `{"answer":"it is 5","sure":true}`)
	if want := []string{`add{"a":2,"b":3}`, `broken{}`}; !slices.Equal(tools.calls, want) && !slices.Equal(tools.calls, []string{want[1], want[0]}) {
		t.Errorf("the tools were called as %q", tools.calls)
	}
	if slices.Sort(tools.paths); !slices.Equal(tools.paths, []string{"sums[0]/tool#1", "sums[1]/tool#1"}) {
		t.Errorf("the steps are %q", tools.paths)
	}
	if n, _ := res.Node("sums"); n.Usage.ToolCalls != 2 || n.Usage.LLMCalls != 3 {
		t.Errorf("usage %+v", n.Usage)
	}
	for i, want := range [][]string{
		{"[system] You can count.", "Add 2 and 3. So far: Starting reasoning...", "- add(): Adds two numbers.", "INVOKE_TOOL: tool_name(param='value')", "tool_end(answer=…, sure=…)"},
		{"[user] Result of add: 5", "[user] Result of broken: Error - broken is out of order", "[assistant] I have to add."},
		{"Write down 5 (the sum is known, in phase write)."},
	} {
		for _, part := range want {
			if !strings.Contains(model.prompts[i], part) {
				t.Errorf("prompt %d lacks %q:\n%s", i+1, part, model.prompts[i])
			}
		}
	}
}

func TestAgentSendsBackWhatDoesNotFit(t *testing.T) {
	model := &scripted{answers: []string{"It is five.", `Here: {"n": "five"}`, `{"n": 5}`}}
	text := `
kind: Pipeline
metadata: {name: p}
spec:
  nodes:
    - kind: agent_node
      metadata: {name: a}
      spec: {main_prompt: How many?, max_steps: %d, output_schema: {n: int}}
`
	res := runText(t, runtime.Options{Ports: map[string]port.LLM{"llm": model}}, fmt.Sprintf(text, 5), `{}`)
	output(t, res, "a", `{"n":5}`)
	if !strings.Contains(model.prompts[2], "That answer cannot be used: n: expected int") && !strings.Contains(model.prompts[2], "That answer cannot be used") {
		t.Errorf("the faults were not sent back:\n%s", model.prompts[2])
	}
	model = &scripted{answers: []string{"It is five."}}
	res = runText(t, runtime.Options{Ports: map[string]port.LLM{"llm": model}}, fmt.Sprintf(text, 2), `{}`)
	if n, _ := res.Node("a"); n.Error == nil || n.Error.Code != diag.RunAgentSteps || len(model.prompts) != 2 || !strings.Contains(model.prompts[1], "This is the last step") {
		t.Errorf("the agent is %s with %v after %d calls", n.Status, n.Error, len(model.prompts))
	}
}

func TestAgentUnderLimitsAndCaps(t *testing.T) {
	text := `
kind: Pipeline
metadata: {name: p}
spec:
  %s
  nodes:
    - kind: agent_node
      metadata: {name: a}
      spec: {main_prompt: Go, tools: [add], max_steps: 6}
`
	answers := []string{"INVOKE_TOOL: add(a=1, b=1)", "INVOKE_TOOL: add(a=2, b=2)", "done"}
	for _, c := range []struct{ spec, status, class, why string }{
		{"limits: {max_tool_calls: 1}", "failed", "limit", ""},
		{"limits: {max_tool_calls: 2}", "completed", "", ""},
		{"limits: {max_tool_calls: 1, on_limit: skip}", "skipped", "", "limit:max_tool_calls"},
		{"limits: {max_llm_calls: 2}", "failed", "limit", ""},
		{"limits: {max_llm_calls: 2, on_limit: skip}", "skipped", "", "limit:max_llm_calls"},
		{"caps: [llm]", "completed", "", ""}, // the model is told, and goes on
	} {
		model, tools := &scripted{answers: answers}, &router{}
		res := runText(t, runtime.Options{Ports: map[string]port.LLM{"llm": model}, Adapters: map[string]port.Adapter{"tool_router": tools}}, fmt.Sprintf(text, c.spec), `{}`)
		n, _ := res.Node("a")
		class := ""
		if n.Error != nil {
			class = n.Error.Class
		}
		if n.Status.String() != c.status || class != c.class || n.Why != c.why {
			t.Errorf("%s: the agent is %s %s %s: %v", c.spec, n.Status, class, n.Why, n.Error)
		}
		if c.spec == "caps: [llm]" && (len(tools.calls) > 0 || !strings.Contains(model.prompts[1], `needs the capability "tool:add"`)) {
			t.Errorf("a tool without its capability was called: %q\n%s", tools.calls, model.prompts[1])
		}
	}
}

// TestAgentGoesOnBehindItsLastToolCall stops a run between two tool calls of one
// answer; what had settled is not done again.
func TestAgentGoesOnBehindItsLastToolCall(t *testing.T) {
	store := journal.NewMemory()
	stop := make(chan struct{})
	var mu sync.Mutex
	calls := map[string]int{}
	first := make(chan struct{})
	step := port.FunctionOf(port.Write, func(ctx context.Context, in value.Value) (value.Value, error) {
		o, _ := in.Object()
		v, _ := o.Get("n")
		name := value.Str(v)
		mu.Lock()
		calls[name]++
		again := calls[name] > 1
		mu.Unlock()
		switch {
		case name == "1":
			defer close(first)
		case name == "2" && !again:
			<-first
			time.Sleep(20 * time.Millisecond) // its outcome is recorded meanwhile
			close(stop)
			<-ctx.Done()
			return value.Null, ctx.Err()
		}
		return value.String("did " + name), nil
	})
	text := `
kind: Pipeline
metadata: {name: p}
spec:
  ports:
    llm:
      adapter: mock_llm
      config:
        responses:
          a:
            - {tool_calls: [{name: step, arguments: {n: 1}}, {name: step, arguments: {n: 2}}]}
            - {tool_calls: [{name: step, arguments: {n: 3}}]}
            - all done
  nodes:
    - kind: agent_node
      metadata: {name: a}
      spec:
        main_prompt: Go
        tools: {step: go:step}
`
	o := runtime.Options{Journal: store, Stop: stop, Functions: map[string]port.Function{"step": step}}
	res := runText(t, o, text, `{}`)
	if res.Status != journal.Suspended {
		t.Fatalf("the run is %s: %v", res.Status, res.Err())
	}
	o.Stop = nil
	r, err := runtime.New(o)
	if err != nil {
		t.Fatal(err)
	}
	res, err = r.Resume(t.Context(), res.RunID)
	if err != nil {
		t.Fatal(err)
	}
	output(t, res, "a", `{"output":"all done"}`)
	if calls["1"] != 1 || calls["2"] != 2 || calls["3"] != 1 {
		t.Errorf("the tools were called %v times", calls)
	}
	if n, _ := res.Node("a"); n.Usage.LLMCalls != 3 {
		t.Errorf("the model was called %d times", n.Usage.LLMCalls)
	}
}

// web is an HTTP client that answers with what it was asked.
type web struct{ status int }

func (web) Class() port.Class { return port.Write }

func (w web) Do(_ context.Context, req *port.HTTPRequest) (*port.HTTPResponse, error) {
	o := value.NewObject(4)
	o.Set("method", value.String(req.Method))
	o.Set("url", value.String(req.URL))
	o.Set("auth", value.String(req.Header["Authorization"]))
	o.Set("page", value.String(req.Query["page"]))
	o.Set("body", req.Body)
	if req.Body.IsMissing() {
		o.Set("body", value.Null)
	}
	return &port.HTTPResponse{Status: w.status, Body: o.Value(), Header: map[string]string{"Retry-After": "7"}}, nil
}

func TestCallsOutOfTheRun(t *testing.T) {
	reg := runtime.Builtin()
	reg.AddService("shop.Orders", func(_ context.Context, spec port.ServiceSpec) (port.Invoker, error) {
		return port.InvokerOf(port.Write, func(_ context.Context, method string, args value.Value) (value.Value, error) {
			if method != "place" {
				return value.Null, port.Errorf(port.ClassInvalidInput, "no method %q", method)
			}
			return value.String(jsonOf(spec.Config) + jsonOf(args)), nil
		}), nil
	})
	reg.AddNode("acme.nodes.Sharpen", port.InvokerOf(port.Hermetic, func(_ context.Context, _ string, args value.Value) (value.Value, error) {
		return args, nil
	}))
	text := `
kind: Pipeline
metadata: {name: p}
spec:
  services: {orders: {class: shop.Orders, config: {currency: EUR}}}
  nodes:
    - kind: api_call_node
      metadata: {name: api}
      dependencies: []
      spec:
        method: POST
        url: "https://shop.test/items/{{ id }}"
        headers: {Authorization: "Bearer {{ token }}"}
        params: {page: "{{ 2 }}", empty: null}
        json_body: {ids: ["{{ id }}", 1]}
    - kind: service_call_node
      metadata: {name: order}
      dependencies: []
      spec: {service: orders, method: place, input_mapping: {item: $input.id}, strict_mapping: true}
    - kind: acme.nodes.Sharpen
      metadata: {name: edge}
      dependencies: []
      spec: {angle: 20, text: "{{ id }}!"}
`
	res := runText(t, runtime.Options{Registry: reg, Adapters: map[string]port.Adapter{"api_call": web{200}}}, text, `{"id": 5, "token": "t"}`)
	output(t, res, "api", `{"method":"POST","url":"https://shop.test/items/5","auth":"Bearer t","page":"2","body":{"ids":[5,1]}}`)
	output(t, res, "order", `"{\"currency\":\"EUR\"}{\"input\":{\"item\":5}}"`)
	output(t, res, "edge", `{"angle":20,"text":"5!","input":{"id":5,"token":"t"}}`)

	res = runText(t, runtime.Options{Registry: reg, Adapters: map[string]port.Adapter{"api_call": web{429}}}, text, `{"id": 5, "token": "t"}`)
	if n, _ := res.Node("api"); n.Error == nil || n.Error.Class != "rate_limit" || !n.Error.Retryable || n.Error.RetryAfter != int64(7*time.Second) {
		t.Errorf("a 429 gives %+v", n.Error)
	}
	r, err := runtime.New(runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var missing *runtime.StartError
	if _, err := r.Run(t.Context(), program(t, text), value.Null); !errors.As(err, &missing) || len(missing.Problems) != 3 {
		t.Errorf("a host without all that gives %v", err)
	}
}

const waiting = `
kind: Pipeline
metadata: {name: p}
spec:
  nodes:
    - kind: wait_node
      metadata: {name: answer}
      spec:
        event_key: "reply:{{ id }}"
        setup_fn: go:ask
        timeout: %s
        on_timeout: late
        on_error: broken
        output_schema: {yes: bool}
    - kind: expression_node
      metadata: {name: next}
      spec: {expressions: {said: "answer.yes"}}
    - kind: expression_node
      metadata: {name: late}
      spec: {expressions: {why: $error.type}}
    - kind: expression_node
      metadata: {name: broken}
      spec: {expressions: {why: $error.type}}
  output: {said: next.said, late: late.why, broken: broken.why}
`

func TestAWaitGetsItsEvent(t *testing.T) {
	asked := make(chan string, 9)
	o := runtime.Options{Functions: map[string]port.Function{"ask": port.FunctionOf(port.Write, func(_ context.Context, in value.Value) (value.Value, error) {
		asked <- jsonOf(in)
		return value.Null, nil
	})}}
	r, err := runtime.New(o)
	if err != nil {
		t.Fatal(err)
	}
	o.NewID = func() string { return "the-run" }
	if r, err = runtime.New(o); err != nil {
		t.Fatal(err)
	}
	done := make(chan *runtime.Result, 1)
	go func() {
		res, err := r.Run(t.Context(), program(t, fmt.Sprintf(waiting, "1h")), object(t, `{"id": 7}`))
		if err != nil {
			t.Error(err)
		}
		done <- res
	}()
	<-asked
	for _, s := range []machine.Signal{
		{ID: "0", Key: "reply:8", Payload: object(t, `{"yes": false}`)}, // of another wait
		{ID: "1", Key: "reply:7", Payload: object(t, `{"yes": true}`)},
	} {
		if dup, err := r.Signal(t.Context(), "the-run", s); err != nil || dup {
			t.Fatal(dup, err)
		}
	}
	res := <-done
	if got := jsonOf(res.Output); got != `{"said":true,"late":null,"broken":null}` {
		t.Errorf("the run gives %s: %v", got, res.Err())
	}
	if _, err := r.Signal(t.Context(), "the-run", machine.Signal{ID: "2", Key: "reply:7"}); err == nil {
		t.Error("a run that is over took a signal")
	}
}

func TestAWaitSurvivesItsProcessAndItsTime(t *testing.T) {
	store := journal.NewMemory()
	asked := 0
	var events []string
	o := runtime.Options{
		Journal: store, SuspendAfter: time.Nanosecond,
		Functions: map[string]port.Function{"ask": port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
			asked++
			return value.Null, nil
		})},
		Observers: []event.Observer{observer(func(e event.Event) { events = append(events, e.Type) })},
	}
	res := runText(t, o, fmt.Sprintf(waiting, "1h"), `{"id": 7}`)
	if res.Status != journal.Suspended || len(res.Awaits) != 1 || res.Awaits[0].Key != "reply:7" || res.WakeAt.IsZero() {
		t.Fatalf("the run is %s and waits for %v", res.Status, res.Awaits)
	}
	r, err := runtime.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for i, dup := range []bool{false, true} {
		if got, err := r.Signal(t.Context(), res.RunID, machine.Signal{ID: "1", Key: "reply:7", Payload: object(t, `{"yes": false}`)}); err != nil || got != dup {
			t.Fatal(i, got, err)
		}
	}
	res, err = r.Resume(t.Context(), res.RunID)
	if err != nil || jsonOf(res.Output) != `{"said":false,"late":null,"broken":null}` || asked != 1 {
		t.Errorf("the resumed run gives %s, %v; asked %d times", jsonOf(res.Output), err, asked)
	}
	if !slices.Contains(events, "NodeWaiting") && !slices.Contains(events, "PipelineSuspended") {
		t.Errorf("events %q", events)
	}

	o.SuspendAfter = 0
	res = runText(t, o, fmt.Sprintf(waiting, "20ms"), `{"id": 7}`)
	if got := jsonOf(res.Output); got != `{"said":null,"late":"wait_timeout","broken":null}` {
		t.Errorf("a wait whose time is over gives %s: %v", got, res.Err())
	}
	o.Functions = map[string]port.Function{"ask": port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
		return value.Null, port.Errorf(port.ClassFunction, "no")
	})}
	res = runText(t, o, fmt.Sprintf(waiting, "1h"), `{"id": 7}`)
	if got := jsonOf(res.Output); got != `{"said":null,"late":null,"broken":"function"}` {
		t.Errorf("a setup that fails gives %s: %v", got, res.Err())
	}
}

type observer func(event.Event)

func (o observer) Observe(e event.Event) { o(e) }

func TestTransitions(t *testing.T) {
	var told []string
	o := runtime.Options{Functions: map[string]port.Function{"tell": port.FunctionOf(port.Write, func(_ context.Context, in value.Value) (value.Value, error) {
		told = append(told, jsonOf(in))
		return value.Null, nil
	})}}
	text := `
kind: Pipeline
metadata: {name: p}
spec:
  state_machines:
    order:
      initial: NEW
      transitions:
        NEW: [{to: PAID, guard: amount > 10 and reason == 'card'}, CANCELLED]
        PAID: [SHIPPED]
      handlers: {on_transition: go:tell}
  nodes:
    - kind: transition
      metadata: {name: pay}
      dependencies: []
      spec: {entity: order, entity_id: $input.id, to_state: PAID, reason: card, payload: {amount: $input.amount, note: a.b is no note}}
    - kind: transition
      metadata: {name: ship}
      spec: {entity: order, entity_id: $input.id, to_state: SHIPPED}
`
	res := runText(t, o, text, `{"id": "o-1", "amount": 11}`)
	output(t, res, "pay", `{"entity_type":"order","entity_id":"o-1","from_state":"NEW","to_state":"PAID"}`)
	output(t, res, "ship", `{"entity_type":"order","entity_id":"o-1","from_state":"PAID","to_state":"SHIPPED"}`)
	if len(told) != 2 || told[0] != `{"entity_type":"order","entity_id":"o-1","from_state":"NEW","to_state":"PAID","reason":"card","payload":{"amount":11,"note":"a.b is no note"}}` {
		t.Errorf("the handler was told %q", told)
	}
	res = runText(t, o, text, `{"id": "o-1", "amount": 1}`)
	if n, _ := res.Node("pay"); n.Error == nil || n.Error.Code != diag.RunTransitionGuard || !strings.Contains(n.Error.Message, "amount > 10") {
		t.Errorf("a guard that does not hold gives %v", n.Error)
	}
}

func TestConversationsAndPromptObjects(t *testing.T) {
	model := &scripted{answers: []string{"ok"}}
	res := runText(t, runtime.Options{Ports: map[string]port.LLM{"llm": model}}, `
kind: Pipeline
metadata: {name: p}
spec:
  nodes:
    - kind: data_node
      metadata: {name: history}
      dependencies: []
      spec: {output: {messages: [{role: human, content: hi}, {role: ai, content: hello}]}}
    - kind: llm_node
      metadata: {name: chat}
      spec:
        system_message: Be kind to {{ who }}.
        examples: [{input: a, output: b}]
        conversation:
          - {prompt: "Before:", messages: "{{ history.messages }}"}
        human_message: {type: few_shot, template: "Now {{ who }}", examples: [{input: 1, output: 2}, {input: 3, output: 4}], example_separator: "\n--\n"}
    - kind: llm_node
      metadata: {name: own}
      spec:
        conversation: "{{ history.messages }}"
        human_message: {type: chat_few_shot, system_message: "S {{ who }}", human_message: "H", examples: [{input: x, output: y}]}
`, `{"who": "Ada"}`)
	if res.Err() != nil {
		t.Fatal(res.Err())
	}
	want := map[string]bool{
		"[system] Be kind to Ada.\n\nExamples:\n\nInput: a\nOutput: b\n[user] Before:\n[user] hi\n[assistant] hello\n[user] Input: 1\nOutput: 2\n--\nInput: 3\nOutput: 4\n--\nNow Ada\n": true,
		"[system] Input: x\nOutput: y\n\nS Ada\n[user] hi\n[assistant] hello\n[user] H\n":                                                                                                true,
	}
	for _, p := range model.prompts {
		if !want[p] {
			t.Errorf("a model was asked\n%s", p)
		}
	}
}
