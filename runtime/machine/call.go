package machine

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/value"
)

// llmState is the conversation of an llm_node whose answers have to fit a
// schema.
type llmState struct {
	rejected []rejectedAnswer
}

// rejectedAnswer is an answer that was sent back.
type rejectedAnswer struct {
	answer string
	fault  string
}

// request makes the next call of a node.
func (m *Machine) request(f *frame, a *act) (effect, *Failure) {
	switch f.n.kind {
	case kindLLM:
		return m.llmRequest(f, a)
	case kindFunction:
		in := m.preparedInput(f)
		if t := f.n.function.input; t != nil {
			v, wrong := t.Coerce(in)
			if len(wrong) > 0 {
				return effect{}, &Failure{
					Code: diag.RunFunctionInput, Class: ClassInvalidInput, Definite: true, Place: f.n.ir.Origin,
					Message: fmt.Sprintf("the input of %q does not fit input_schema: %s", f.n.ir.Name, mismatches(wrong)),
				}
			}
			in = v
		}
		return m.functionCall(f.n.function, in), nil
	case kindComposite:
		return m.functionCall(f.n.loop.reducer, a.reduce), nil
	case kindAgent:
		return m.agentRequest(f, a)
	case kindTool:
		return m.toolRequest(f)
	case kindCall:
		return m.callRequest(f)
	case kindWait:
		return m.functionCall(f.n.wait.setup, m.preparedInput(f)), nil
	case kindTransition:
		return m.handlerRequest(f, a), nil
	default:
		return m.functionCall(f.n.function, a.reduce), nil
	}
}

func (m *Machine) functionCall(s *functionSpec, in value.Value) effect {
	x := effect{
		function: &FunctionRequest{Function: s.ir, Input: in},
		need:     functionCap(s.ir),
	}
	if s.ir.Code >= 0 && s.ir.Code < len(m.prog.ir.Code) {
		x.function.Code = &m.prog.ir.Code[s.ir.Code]
	}
	switch s.ir.Scheme {
	case "star":
		x.class = Hermetic
	case "mcp":
		x.want.toolCalls = 1
	}
	return x
}

// checkOutput enforces the declared result of a function.
func checkOutput(nd *node, s *functionSpec, v value.Value) (value.Value, *Failure) {
	if s.output == nil {
		return v, nil
	}
	w, wrong := s.output.Coerce(v)
	if len(wrong) > 0 {
		return value.Null, &Failure{
			Code: diag.RunInvalidOutput, Class: ClassInvalidOutput, Retryable: true, Place: nd.ir.Origin,
			Message: fmt.Sprintf("the result of %q does not fit output_schema: %s", nd.ir.Name, mismatches(wrong)),
		}
	}
	return w, nil
}

// llmRequest renders the messages of a call, with the answers that were sent
// back behind them.
func (m *Machine) llmRequest(f *frame, a *act) (effect, *Failure) {
	spec := f.n.llm
	req := &LLMRequest{Port: spec.port, Schema: spec.json, Stream: spec.ir.Stream && spec.schema == nil}
	var fail *Failure
	if req.Messages, fail = m.renderMessages(f, nil, spec.messages); fail != nil {
		return effect{}, fail
	}
	if a.llm != nil {
		for _, r := range a.llm.rejected {
			req.Messages = append(req.Messages, Message{Role: "assistant", Content: r.answer},
				Message{Role: "user", Content: "That answer cannot be used: " + r.fault + ". Answer again with JSON that fits the schema, and nothing else."})
		}
		req.Repair = len(a.llm.rejected)
	}
	return m.modelCall(f, &spec.modelSpec, req)
}

// modelCall completes a request: the node's settings, and what it may cost.
func (m *Machine) modelCall(f *frame, spec *modelSpec, req *LLMRequest) (effect, *Failure) {
	// A token is at least one byte; a message costs a few beside its text.
	var prompt int64
	for i := range req.Messages {
		x := &req.Messages[i]
		prompt += int64(len(x.Content)) + messageOverhead
		for _, c := range x.ToolCalls {
			prompt += int64(len(c.Name)) + c.Arguments.Size() + messageOverhead
		}
	}
	if !req.Schema.IsNull() {
		if text, err := value.AppendJSON(nil, req.Schema); err == nil {
			prompt += int64(len(text)) + messageOverhead
		}
	}
	if req.Agent != nil {
		for i := range req.Agent.Tools {
			t := &req.Agent.Tools[i]
			prompt += int64(len(t.Name)+len(t.Description)) + t.Parameters.Size() + messageOverhead
		}
	}
	for _, o := range []struct {
		code *code
		dst  *value.Value
	}{
		{spec.modelX, &req.Model}, {spec.temperature, &req.Temperature}, {spec.topP, &req.TopP},
		{spec.seed, &req.Seed}, {spec.stop, &req.Stop},
	} {
		*o.dst = value.Missing
		if o.code == nil {
			continue
		}
		v, fail := o.code.eval(f)
		if fail != nil {
			return effect{}, fail
		}
		if !v.IsNull() {
			*o.dst = v
		}
	}
	answer := spec.maxTokens
	if spec.maxTokensX != nil {
		v, fail := spec.maxTokensX.eval(f)
		if fail != nil {
			return effect{}, fail
		}
		if !v.IsNull() {
			n, ok := v.AsInt()
			if !ok || n < 1 {
				return effect{}, &Failure{
					Code: diag.RunExpression, Class: ClassExpression, Definite: true, Place: spec.maxTokensX.src.At,
					Message: fmt.Sprintf("max_tokens gave %s instead of a positive int", article(v)),
				}
			}
			req.MaxTokens, answer = n, n
		}
	}
	return effect{
		llm: req, need: spec.port.Cap,
		want: want{llmCalls: 1, prompt: prompt, answer: answer},
	}, nil
}

// messageOverhead is a bound on the tokens that a message costs beside its text.
const messageOverhead = 16

// answered takes in an answer of a language model.
func (m *Machine) answered(f *flight, a *act, v value.Value) {
	s, n := f.scope, f.node
	nd := m.node(s, n)
	if nd.llm.schema == nil {
		m.complete(s, n, v)
		return
	}
	result, fault := fitAnswer(nd.llm.schema, v)
	if fault == "" {
		m.complete(s, n, result)
		return
	}
	if a.llm == nil {
		a.llm = &llmState{}
	}
	repair := len(a.llm.rejected) < nd.llm.ir.Repairs
	if ok, why := m.mayStart(s, n); !ok && repair {
		m.abort(s, n, why)
		return
	}
	if f.cancelled {
		m.landedCancelled(f)
		return
	}
	a.fresh = !m.broken(faultSameCall) // whatever comes next is a new call
	if repair {
		a.llm.rejected = append(a.llm.rejected, rejectedAnswer{answerText(v), fault})
		m.enqueue(s, n)
		return
	}
	calls := len(a.llm.rejected) + 1
	a.llm = nil
	m.attemptFailed(s, n, &Failure{
		Code: diag.RunInvalidOutput, Class: ClassInvalidOutput, Retryable: true, Place: nd.ir.Origin,
		Message: fmt.Sprintf("the answer does not fit output_schema after %d %s: %s", calls, plural(calls, "call"), fault),
	})
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

func answerText(v value.Value) string {
	if s, ok := v.AsString(); ok {
		return s
	}
	if b, err := value.AppendJSON(nil, v); err == nil {
		return string(b)
	}
	return value.Str(v)
}

// fitAnswer reads an answer as a value of the schema; fault says in words for
// the model what is wrong with it, "" if nothing is.
func fitAnswer(t *expr.Type, v value.Value) (result value.Value, fault string) {
	text, isText := v.AsString()
	if !isText {
		result, wrong := t.Coerce(v)
		return result, mismatches(wrong)
	}
	faults := ""
	for _, candidate := range jsonCandidates(text) {
		parsed, err := value.ParseJSON([]byte(candidate), value.JSONLimits{MaxBytes: 1 << 20, MaxDepth: 100, ReplaceLoneSurrogates: true})
		if err != nil {
			if faults == "" {
				faults = "it is not valid JSON (" + strings.TrimPrefix(err.Error(), "ValueError: ") + ")"
			}
			continue
		}
		result, wrong := t.Coerce(parsed)
		if len(wrong) == 0 {
			return result, ""
		}
		faults = mismatches(wrong)
		break
	}
	if faults == "" {
		faults = "it holds no JSON"
	}
	return value.Null, faults
}
