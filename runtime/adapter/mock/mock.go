// Package mock is a language model that answers from a script: for tests, for
// dry runs and for working without a network.
//
// Input: requests, and a configuration with answers. Output: the answer that the
// script has for that call, after the delay and with the usage that it says.
//
// # Configuration
//
//	responses       a text, a list, or a mapping
//	response        one answer for every call, of any type
//	match           rules on the text of the prompt, tried first, in order
//	error           every call fails with this text; or a mapping {message,
//	                class, retryable, times}: only the first times calls of each
//	                step fail
//	delay           how long an answer takes: seconds, or a text such as "50ms"
//	delay_seconds   the same
//	usage           {input_tokens, output_tokens, cost_usd} of every call;
//	mock_usage      the same. Without it tokens are estimated: a quarter of the
//	                bytes of the prompt and of the answer, rounded up
//	mock_tool_calls a list with the tool calls of the first, second, … call
//	model           the name that is reported as the model
//
// Settings of other adapters that change how a model writes (temperature, top_p,
// max_tokens, seed, stop, system_prompt) are accepted and change nothing, so that
// a port can be switched to the mock by its adapter alone.
//
// An answer that is text is given as it is. One of the form {tool_calls: [{name,
// arguments}], content: TEXT} calls tools, where the request offers some. Any other answer (a mapping, a list,
// a number) is given as JSON.
//
// # Which answer a call gets
//
// A list under responses is handed out in the order in which the run starts its
// calls of this port, and starts again at its end. A mapping leads from a node to
// its answers: its keys are, best first, the path of a step inside loops
// ("loop[2]/classify"), a node's id, a node's name, or "*" for all others; its
// values are an answer or a list with the answers for the first, second, … call
// of that step. Inside a loop the list is for the first, second, … item. So the
// choice depends on the place in the run and never on which of several parallel
// calls arrives first; only where parallel branches make several calls each and
// answers are delayed, a plain list may be handed out in another order, and a
// mapping is the way to fix it.
//
// A rule of match is {contains: TEXT} or {regex: PATTERN} or {node: NAME}, or
// several of them, with response or error, and optionally delay and usage. All
// messages of the prompt, joined by line breaks, are searched.
//
// Without any answer the mock gives {"result": "Mock response"}, or, if the
// request has a schema, the smallest object that fits it.
//
// Invariants: hermetic; the same run gets the same answers; nothing leaves the
// process.
package mock

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// New is the port.Factory of the mock.
func New(_ context.Context, spec port.Spec) (port.Adapter, error) {
	c := port.ReadConfig(spec)
	m := &Model{port: spec.Port, model: c.Text("model")}
	if m.model == "" {
		m.model = "mock"
	}
	m.readResponses(c)
	m.readRules(c)
	m.delay = c.Duration("delay", "delay_seconds")
	if v, name, ok := c.Get("error"); ok {
		m.fault = readFault(c, name, v)
	}
	if v, name, ok := c.Get("usage", "mock_usage"); ok {
		m.usage = readUsage(c, name, v)
	}
	if v, name, ok := c.Get("mock_tool_calls"); ok {
		m.toolCalls = readToolCalls(c, name, v)
	}
	for _, ignored := range []string{"temperature", "top_p", "max_tokens", "seed", "stop", "system_prompt", "timeout", "max_retries"} {
		c.Get(ignored)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

// Model is a scripted language model. It is safe for concurrent use.
type Model struct {
	port, model string
	list        []answer            // in the order of calls
	byNode      map[string][]answer // by path, id, name or "*"
	rules       []rule
	fault       *fault
	delay       time.Duration
	usage       *port.Usage
	toolCalls   [][]port.ToolCall
}

// answer is what one call gets: text, and perhaps tool calls.
type answer struct {
	text  string
	calls []port.ToolCall
}

type rule struct {
	contains string
	regex    *regexp.Regexp
	node     string
	answers  []answer
	fault    *fault
	delay    time.Duration
	hasDelay bool
	usage    *port.Usage
}

type fault struct {
	class, message string
	retryable      bool
	times          int // 0: always
}

// Class is port.Hermetic.
func (m *Model) Class() port.Class { return port.Hermetic }

// Instant reports whether every call returns at once, so that it need not have a
// goroutine of its own.
func (m *Model) Instant() bool {
	if m.delay > 0 {
		return false
	}
	for i := range m.rules {
		if m.rules[i].delay > 0 {
			return false
		}
	}
	return true
}

// Free is true: a call costs what usage says.
func (m *Model) Free() bool { return true }

// Structured is true: scripts are written for the answer, not for the prompt.
func (m *Model) Structured() bool { return true }

// Generate gives the script's answer to req.
func (m *Model) Generate(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	prompt := promptText(req.Messages)
	r := m.rule(req, prompt)
	delay, script, usage := m.delay, m.fault, m.usage
	if r != nil {
		script = r.fault
		if r.hasDelay {
			delay = r.delay
		}
		if r.usage != nil {
			usage = r.usage
		}
	}
	if err := wait(ctx, delay); err != nil {
		return nil, err
	}
	if script != nil && (script.times == 0 || req.Call.Attempt+req.Call.Repair <= script.times) {
		failed := port.Usage{Known: true}
		if usage != nil {
			failed = *usage
		}
		return nil, &port.Error{Class: script.class, Message: script.message, Retryable: script.retryable, Definite: true, Usage: failed}
	}
	scripted, err := m.answer(req, r)
	if err != nil {
		return nil, err
	}
	text := scripted.text
	if scripted.calls != nil && len(req.Tools) == 0 {
		text = scripted.full()
	}
	model := m.model
	if req.Model != "" {
		model = req.Model
	}
	resp := &port.LLMResponse{Text: text, Model: model, FinishReason: "stop"}
	if len(req.Tools) > 0 && len(scripted.calls) > 0 {
		resp.ToolCalls, resp.FinishReason = scripted.calls, "tool_calls"
	}
	if calls := m.toolCalls; len(calls) > 0 {
		resp.ToolCalls = calls[(nth(req)-1)%len(calls)]
		if len(resp.ToolCalls) > 0 {
			resp.FinishReason = "tool_calls"
		}
	}
	if usage != nil {
		resp.Usage = *usage
	} else {
		resp.Usage = port.Usage{Known: true, InputTokens: estimate(prompt), OutputTokens: estimate(text)}
	}
	if req.Stream != nil {
		stream(text, req.Stream)
	}
	return resp, nil
}

// nth counts the calls of a step from 1: its attempts and its repairs.
func nth(req *port.LLMRequest) int { return max(1, req.Call.Attempt+req.Call.Repair) }

func (m *Model) rule(req *port.LLMRequest, prompt string) *rule {
	for i := range m.rules {
		r := &m.rules[i]
		if r.node != "" && r.node != req.Call.Node && r.node != req.Call.NodeID {
			continue
		}
		if r.contains != "" && !strings.Contains(prompt, r.contains) {
			continue
		}
		if r.regex != nil && !r.regex.MatchString(prompt) {
			continue
		}
		return r
	}
	return nil
}

func (m *Model) answer(req *port.LLMRequest, r *rule) (answer, error) {
	switch {
	case r != nil && len(r.answers) > 0:
		return pick(r.answers, stepIndex(req)), nil
	case m.byNode != nil:
		for _, key := range []string{stepPath(req.Call.Path), req.Call.NodeID, req.Call.Node, "*"} {
			if answers, ok := m.byNode[key]; ok {
				return pick(answers, stepIndex(req)), nil
			}
		}
		return answer{}, &port.Error{Class: port.ClassInvalidInput, Definite: true,
			Message: fmt.Sprintf("the mock of port %q has no response for node %q", m.port, req.Call.Node),
			Help:    fmt.Sprintf("add %q or \"*\" to its responses", req.Call.Node)}
	case len(m.list) > 0:
		return pick(m.list, max(0, int(req.Call.Ordinal)-1)), nil
	case !req.Schema.IsNull():
		return answer{text: jsonText(sample(req.Schema, req.Schema, 0))}, nil
	}
	return answer{text: `{"result": "Mock response"}`}, nil
}

func pick(answers []answer, index int) answer { return answers[index%len(answers)] }

// stepPath is a path without its call number.
func stepPath(path string) string {
	if i := strings.LastIndexByte(path, '#'); i >= 0 {
		return path[:i]
	}
	return path
}

// stepIndex is which of a step's answers is due, from 0: the index of the
// innermost loop around it plus the calls that the step has made.
func stepIndex(req *port.LLMRequest) int {
	path := stepPath(req.Call.Path)
	index := 0
	if end := strings.LastIndexByte(path, ']'); end >= 0 {
		if start := strings.LastIndexByte(path[:end], '['); start >= 0 {
			for _, c := range path[start+1 : end] {
				if c < '0' || c > '9' || index > 1<<30 {
					index = 0
					break
				}
				index = index*10 + int(c-'0')
			}
		}
	}
	return index + nth(req) - 1
}

func wait(ctx context.Context, d time.Duration) error {
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-ctx.Done():
		case <-t.C:
		}
	}
	if err := ctx.Err(); err != nil {
		return &port.Error{Class: port.ClassTimeout, Message: "the mock was interrupted", Retryable: true,
			Usage: port.Usage{Known: true}, Err: err}
	}
	return nil
}

// stream hands text out word by word, as a model would.
func stream(text string, to func(string)) {
	for text != "" {
		n := strings.IndexByte(text[1:], ' ') + 1
		if n <= 0 {
			n = len(text)
		}
		to(text[:n])
		text = text[n:]
	}
}

func promptText(messages []port.Message) string {
	parts := make([]string, len(messages))
	for i, msg := range messages {
		parts[i] = msg.Content
	}
	return strings.Join(parts, "\n")
}

func estimate(text string) int64 { return int64((len(text) + 3) / 4) }

func jsonText(v value.Value) string {
	out, err := value.AppendJSON(nil, v)
	if err != nil {
		return value.Str(v)
	}
	return string(out)
}
