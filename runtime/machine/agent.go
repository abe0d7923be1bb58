package machine

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/value"
)

// An agent asks its model, carries out the tool calls that come back, shows the
// model their results and asks again, until a call of tool_end or an answer
// without tool calls fits its schema. Each call of the model is an effect of the
// agent's own act; the tool calls of one answer are bodies of the agent with one
// node each, so that they run in parallel, wait for slots, pass the gate and are
// counted as every other effect. Between two steps the agent's state is what is
// in agentState: a restart goes on behind the last call that settled.

// agentState is one attempt of an agent.
type agentState struct {
	turns   []turn
	phase   int32
	context value.Value   // of the phase, as change_phase gave it
	carried *value.Object // fields that change_phase handed on
	// best is the last answer that would do; Missing for none.
	best value.Value
	// limit is why a tool call was refused, WhyNone if none was.
	limit Why
	// failure is that of a tool call that ends the agent.
	failure *Failure
}

// turn is one answer of the model and what came of it.
type turn struct {
	text  string
	calls []turnCall
	// note is what the agent replies to an answer without calls.
	note string
	// native: the calls came from the model's own tool calling.
	native bool
}

type turnCall struct {
	id, name string
	args     value.Value
	result   string
	done     bool
}

// startAgent begins an attempt.
func (m *Machine) startAgent(f *frame) {
	s, nd := f.scope, f.n
	ref := m.scopes[s].nodes[nd.index].act
	if ref == 0 {
		ref = m.newAct(s, nd.index)
	}
	a := m.acts[ref-1]
	c := &compState{total: -1, bestAt: -1, chosen: -1, best: value.Null, result: value.Null, input: value.Null}
	if a.comp != nil {
		c.next, c.queued = a.comp.next, a.comp.queued // calls keep being numbered
	}
	for i := range f.targets {
		c.targets = append(c.targets, f.targets[i].v)
	}
	a.comp, a.agent = c, &agentState{context: value.Null, best: value.Missing}
	a.fresh = a.calls > 0
	m.agentClock(a)
	m.startedNode(s, nd.index)
	m.enqueue(s, nd.index)
}

// agentClock starts the time-out of an attempt.
func (m *Machine) agentClock(a *act) {
	if t := m.node(a.scope, a.node).ir.Timeout; t > 0 && a.timer == 0 {
		a.timer = m.startTimer(saturatingAdd(m.now, t), timerNode, m.scopes[a.scope].nodes[a.node].act)
	}
}

// resumeAgent begins an attempt after a back-off: the call that failed is made
// again, or the whole conversation where it is at fault.
func (m *Machine) resumeAgent(a *act) {
	s, n := a.scope, a.node
	if ok, why := m.mayStart(s, n); !ok {
		m.abort(s, n, why)
		return
	}
	if a.agent != nil {
		m.agentClock(a)
		m.enqueue(s, n)
		return
	}
	a.began = m.now
	f := m.frameFor(s, m.node(s, n), nil)
	if fail := f.mapping(); fail != nil {
		m.failNode(s, n, fail)
		return
	}
	m.startAgent(f)
}

func (s *agentSpec) maxSteps() int {
	if s.ir.MaxSteps > 0 {
		return s.ir.MaxSteps
	}
	return defaultMaxSteps
}

// agentRequest is the next call of an agent's model.
func (m *Machine) agentRequest(f *frame, a *act) (effect, *Failure) {
	spec, ag := f.n.agent, a.agent
	req := &LLMRequest{Port: spec.port, Schema: value.Null, Repair: len(ag.turns)}
	last := len(ag.turns)+1 >= spec.maxSteps()
	req.Agent = &AgentRequest{
		Tools: spec.offers, Router: spec.ir.Router, RouterTools: spec.ir.RouterTools, Style: spec.ir.Style, Last: last,
	}
	if last {
		req.Agent.Tools, req.Agent.Router = spec.offers[len(spec.offers)-1:], nil
	}
	var fail *Failure
	if req.Messages, fail = m.renderMessages(f, nil, spec.system); fail != nil {
		return effect{}, fail
	}
	if req.Messages, fail = m.renderMessages(f, req.Messages, spec.phases[ag.phase]); fail != nil {
		return effect{}, fail
	}
	for i := range ag.turns {
		req.Messages = ag.turns[i].messages(req.Messages)
	}
	if last && len(ag.turns) > 0 {
		req.Messages = append(req.Messages, Message{Role: "user", Content: "This is the last step: give the final answer now."})
	}
	return m.modelCall(f, &spec.modelSpec, req)
}

// messages adds a turn to a conversation.
func (t *turn) messages(out []Message) []Message {
	x := Message{Role: "assistant", Content: t.text}
	if t.native {
		for _, c := range t.calls {
			x.ToolCalls = append(x.ToolCalls, ToolCall{c.id, c.name, c.args})
		}
	}
	out = append(out, x)
	if t.note != "" {
		out = append(out, Message{Role: "user", Content: t.note})
	}
	for _, c := range t.calls {
		y := Message{Role: "tool", Content: c.result, ToolCallID: c.id, Name: c.name}
		if !t.native {
			y = Message{Role: "user", Content: "Result of " + c.name + ": " + c.result}
		}
		out = append(out, y)
	}
	return out
}

// agentAnswered takes in an answer of the model.
func (m *Machine) agentAnswered(f *flight, a *act, v value.Value) {
	s, n := f.scope, f.node
	if f.cancelled {
		m.landedCancelled(f)
		return
	}
	spec, ag := m.node(s, n).agent, a.agent
	a.fresh = !m.broken(faultSameCall) // whatever comes next is a new call
	t := readTurn(v, len(ag.turns), spec.ir.Style)
	ag.turns = append(ag.turns, t)
	if len(t.calls) == 0 {
		m.agentText(s, n, a)
		return
	}
	at := &ag.turns[len(ag.turns)-1]
	if ok, why := m.mayStart(s, n); !ok {
		m.abort(s, n, why)
		return
	}
	if fit, fault := spec.answer(t.text); fault == "" && t.text != "" && t.native {
		ag.best = fit
	}
	open := false
	for i := range at.calls {
		open = m.agentCall(s, n, a, at, i) || open
	}
	if !open {
		m.agentTurnDone(s, n, a)
		return
	}
	m.scopes[s].nodes[n].st = Running
}

// answer reads a text as the agent's result.
func (s *agentSpec) answer(text string) (value.Value, string) {
	if !s.declared {
		o := value.NewObject(1)
		o.Set("output", value.String(text))
		return o.Value(), ""
	}
	return fitAnswer(s.schema, value.String(text))
}

// agentText takes in an answer without tool calls: the final one, if it fits.
func (m *Machine) agentText(s, n int32, a *act) {
	spec, ag := m.node(s, n).agent, a.agent
	t := &ag.turns[len(ag.turns)-1]
	result, fault := spec.answer(t.text)
	if fault == "" {
		m.complete(s, n, result)
		return
	}
	t.note = "That answer cannot be used: " + fault + ". Give the final answer as JSON that fits the schema, or call a tool."
	m.agentNext(s, n, a, fault)
}

// agentCall carries out one tool call of an answer; it reports whether a body
// was opened for it.
func (m *Machine) agentCall(s, n int32, a *act, t *turn, i int) bool {
	spec := m.node(s, n).agent
	c := &t.calls[i]
	var b *body
	item := c.args
	switch c.name {
	case toolEnd:
		return false // when the others are done
	case toolPhase:
		if len(spec.phases) > 1 {
			c.result, c.done = m.changePhase(spec, a.agent, c.args), true
			return false
		}
	case toolState, toolHistory, toolRegister:
		if spec.entity != nil {
			c.result, c.done = m.entityTool(spec, c.name, c.args), true
			return false
		}
	case toolTransition:
		b = spec.entity
	}
	for j := range spec.ir.Tools {
		if spec.ir.Tools[j].Name == c.name {
			b = spec.tools[j]
		}
	}
	if b == nil && spec.router != nil && spec.routes(c.name) {
		b = spec.router
		o := value.NewObject(2)
		o.Set("name", value.String(c.name))
		o.Set("arguments", c.args)
		item = o.Value()
	}
	if b == nil {
		c.result, c.done = "Error - there is no tool "+c.name+"; there are "+spec.toolNames(), true
		return false
	}
	if m.opened >= m.prog.maxScopes {
		a.agent.failure = m.tooManyScopes(m.node(s, n))
		c.result, c.done = "Error - no further call is possible", true
		return false
	}
	m.openTool(s, n, a, b, item, int32(i))
	return true
}

// routes reports whether the tool_router port may be asked for a tool.
func (s *agentSpec) routes(name string) bool {
	if s.ir.RouterTools == nil {
		return true
	}
	for _, x := range s.ir.RouterTools {
		if x == name {
			return true
		}
	}
	return false
}

func (s *agentSpec) toolNames() string {
	var names []string
	for i := range s.offers {
		names = append(names, s.offers[i].Name)
	}
	return strings.Join(append(names, s.ir.RouterTools...), ", ")
}

// openTool opens the body of a tool call: the call-th of the answer. Its index
// numbers the calls of the agent.
func (m *Machine) openTool(s, n int32, a *act, b *body, item value.Value, call int32) {
	c := a.comp
	index := c.next
	c.next++
	path := fmt.Sprintf("%s[%d]", m.path(s, n), index)
	at := m.openScope(b, s, n, m.scopes[s].nodes[n].act, index, item, path+"/")
	m.scopes[at].slot = int32(len(c.live))
	m.scopes[at].call = call
	c.live = append(c.live, at)
}

// toolDone takes in that a tool call has settled.
func (m *Machine) toolDone(at int32) {
	sc := &m.scopes[at]
	a := m.act(sc.act)
	c, ag := a.comp, a.agent
	t := &ag.turns[len(ag.turns)-1]
	x := &t.calls[sc.call]
	ns := &sc.nodes[0]
	switch {
	case ns.st == Completed:
		x.result, x.done = answerText(sc.outs[0]), true
	case ns.st == Skipped && ns.why.limit():
		ag.limit = ns.why
	case ns.st == Failed:
		fail := sc.fails[0]
		if fail.Class == ClassLimit && ag.failure == nil {
			ag.failure = fail
		}
		x.result, x.done = "Error - "+fail.Message, true
	default:
		c.aborted = true
	}
	last := len(c.live) - 1
	moved := c.live[last]
	c.live[sc.slot] = moved
	m.scopes[moved].slot = sc.slot
	c.live = c.live[:last]
	m.closeScope(at)
	if len(c.live) == 0 {
		m.wake(a)
	}
}

// pumpAgent goes on when the tool calls of an answer have settled.
func (m *Machine) pumpAgent(s, n int32) {
	nd := m.node(s, n)
	a := m.act(m.scopes[s].nodes[n].act)
	c := a.comp
	if a.token != 0 || len(c.live) > 0 {
		return
	}
	if c.expired {
		m.attemptFailed(s, n, expiredFailure(nd))
		return
	}
	if ok, why := m.mayStart(s, n); !ok {
		m.abort(s, n, why)
		return
	}
	m.agentTurnDone(s, n, a)
}

// agentTurnDone ends a turn with tool calls: by the final answer, if one of them
// gives it, else with the next call of the model.
func (m *Machine) agentTurnDone(s, n int32, a *act) {
	spec, ag := m.node(s, n).agent, a.agent
	t := &ag.turns[len(ag.turns)-1]
	switch {
	case ag.failure != nil:
		fail := *ag.failure
		fail.Cause = ag.failure
		m.failNode(s, n, &fail)
		return
	case ag.limit != WhyNone:
		m.agentLimited(s, n, ag.limit)
		return
	}
	fault := "it called tools in place of an answer"
	for i := range t.calls {
		c := &t.calls[i]
		if c.name != toolEnd || c.done {
			continue
		}
		result, wrong := spec.schema.Coerce(c.args)
		if len(wrong) == 0 {
			m.complete(s, n, result)
			return
		}
		fault = mismatches(wrong)
		c.result, c.done = "Error - the answer does not fit the schema: "+fault+". Call tool_end again with what is asked for.", true
	}
	m.agentNext(s, n, a, fault)
}

// agentNext makes the next call of the model, unless all steps are used.
func (m *Machine) agentNext(s, n int32, a *act, fault string) {
	nd := m.node(s, n)
	if ok, why := m.mayStart(s, n); !ok {
		m.abort(s, n, why)
		return
	}
	if steps := nd.agent.maxSteps(); len(a.agent.turns) >= steps {
		if !a.agent.best.IsMissing() {
			m.complete(s, n, a.agent.best)
			return
		}
		a.agent = nil // another attempt is another conversation
		m.attemptFailed(s, n, &Failure{
			Code: diag.RunAgentSteps, Class: ClassInvalidOutput, Retryable: true, Place: nd.ir.Origin,
			Message: fmt.Sprintf("the agent has no answer after %d %s: %s", steps, plural(steps, "step"), fault),
			Help:    "raise max_steps, or ask for less",
		})
		return
	}
	m.enqueue(s, n)
}

// agentLimited ends an agent for which a limit has no more room: with its last
// answer that would do, else it is skipped.
func (m *Machine) agentLimited(s, n int32, why Why) {
	a := m.act(m.scopes[s].nodes[n].act)
	if a != nil && a.agent != nil && !a.agent.best.IsMissing() && !m.node(s, n).ir.Critical {
		m.scopes[s].nodes[n].why = why
		m.scopes[s].outs[n] = a.agent.best
		m.digest = hashValue(m.digest, a.agent.best)
		m.settle(s, n, Completed, why, nil)
		return
	}
	m.skip(s, n, why)
}

// changePhase carries out change_phase and gives its result.
func (m *Machine) changePhase(spec *agentSpec, ag *agentState, args value.Value) string {
	o, _ := args.Object()
	get := func(name string) value.Value {
		if o == nil {
			return value.Missing
		}
		v, _ := o.Get(name)
		return v
	}
	name, _ := get("phase").AsString()
	for i := range spec.ir.Phases {
		if spec.ir.Phases[i].Name != name {
			continue
		}
		context := value.NewObject(6)
		context.Set("previous_phase", value.String(spec.ir.Phases[ag.phase].Name))
		for _, key := range []string{"previous_phase", "reason", "carried_data", "target_output", "iteration", "metadata"} {
			if v := get(key); !v.IsMissing() && !v.IsNull() {
				context.Set(key, v)
			}
		}
		if more, ok := get("carried_data").Object(); ok {
			carried := value.NewObject(more.Len())
			if ag.carried != nil {
				carried = ag.carried.Clone()
			}
			for j := range more.Len() {
				k, v := more.At(j)
				_ = carried.SetKey(k, v) // it was a key
			}
			ag.carried = carried
		}
		ag.phase, ag.context = int32(i), context.Value()
		return "the phase is " + name + " now"
	}
	var names []string
	for i := range spec.ir.Phases {
		names = append(names, spec.ir.Phases[i].Name)
	}
	return fmt.Sprintf("Error - there is no phase %q; there are %s", name, strings.Join(names, ", "))
}

// agentName is what an agent's prompts read about the agent.
func (f *frame) agentName(head string) value.Value {
	if f.act == nil || f.act.agent == nil {
		return value.Null
	}
	ag := f.act.agent
	field := func(name string) value.Value {
		if o, ok := ag.context.Object(); ok {
			if v, ok := o.Get(name); ok {
				return v
			}
		}
		return value.String("")
	}
	switch head {
	case "current_phase":
		return value.String(f.n.agent.ir.Phases[ag.phase].Name)
	case "phase_context":
		if ag.context.IsNull() {
			return value.NewObject(0).Value()
		}
		return ag.context
	case "phase_reason":
		return field("reason")
	case "phase_target":
		return field("target_output")
	}
	if len(ag.turns) == 0 {
		return value.String("Starting reasoning...")
	}
	var b strings.Builder
	for i := range ag.turns {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "Step %d: %s", i+1, ag.turns[i].text)
		for _, c := range ag.turns[i].calls {
			fmt.Fprintf(&b, "\n  Result: %s: %s", c.name, c.result)
		}
	}
	return value.String(b.String())
}
