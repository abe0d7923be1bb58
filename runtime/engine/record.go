package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/cassette"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// recorded is what a recording keeps of a flight beside its outcome.
type recorded struct {
	began         time.Time
	model, reason string // set by the effect's goroutine before it settles

	mu     sync.Mutex
	deltas []string
	lines  []string
}

func (x *recorded) streamed(delta string) {
	x.mu.Lock()
	x.deltas = append(x.deltas, delta)
	x.mu.Unlock()
}

func (x *recorded) logged(line string) {
	x.mu.Lock()
	x.lines = append(x.lines, line)
	x.mu.Unlock()
}

func (x *recorded) answered(resp *port.LLMResponse) {
	if resp != nil {
		x.mu.Lock()
		x.model, x.reason = resp.Model, resp.FinishReason
		x.mu.Unlock()
	}
}

// begin starts the recording, or the replay, of a run.
func (r *run) begin(start *machine.Start) {
	r.began = r.Clock.Now()
	if r.Recorder != nil {
		info := r.Log.Run()
		r.Recorder.Begin(cassette.Head{Program: info.Program, Kind: info.Kind, Hash: info.IRHash, At: r.began.UnixNano(), Start: *start})
	}
	if r.Tape == nil {
		return
	}
	for i := range r.Tape.Signals {
		s := &r.Tape.Signals[i]
		r.Clock.AfterFunc(s.At, func() { r.mail.put(message{kind: signalPlayed, signal: &s.Signal}) })
	}
}

// clockIn notes when an effect starts.
func (r *run) clockIn(f *flight) {
	if r.Recorder != nil {
		f.record.began = r.Clock.Now()
	}
}

// tape records an effect that settled. One that was cancelled before it started
// asked for nothing.
func (r *run) tape(f *flight, o *machine.Outcome) {
	if r.Recorder == nil || !f.started {
		return
	}
	now := r.Clock.Now()
	x := cassette.Exchange{
		Path: f.cmd.Path, Attempt: f.cmd.Try, Request: r.Secrets.Redact(request(&f.cmd)), Outcome: *o,
		At: now.Sub(r.began), Took: now.Sub(f.record.began),
	}
	f.record.mu.Lock() // code that was given up may still write
	x.Model, x.FinishReason = f.record.model, f.record.reason
	x.Deltas, x.Lines = slices.Clone(f.record.deltas), slices.Clone(f.record.lines)
	f.record.mu.Unlock()
	r.Recorder.Exchange(&x)
}

func (r *run) tapeSignal(s *machine.Signal) {
	if r.Recorder != nil {
		r.Recorder.Signal(&cassette.Signal{At: r.Clock.Now().Sub(r.began), Signal: *s})
	}
}

// request is what an effect asks for, as recordings compare it. A bound of tokens
// is not in it: a limit lowers it by what other calls used before.
func request(cmd *machine.StartEffect) value.Value {
	o := value.NewObject(8)
	switch {
	case cmd.LLM != nil:
		q := cmd.LLM
		o.Set("port", value.String(q.Port.Name))
		messages := make([]value.Value, len(q.Messages))
		for i := range q.Messages {
			messages[i] = messageDocument(&q.Messages[i])
		}
		o.Set("messages", value.List(messages))
		for _, x := range []struct {
			key string
			v   value.Value
		}{
			{"schema", q.Schema}, {"model", q.Model}, {"temperature", q.Temperature},
			{"top_p", q.TopP}, {"seed", q.Seed}, {"stop", q.Stop},
		} {
			if !x.v.IsNull() && !x.v.IsMissing() {
				o.Set(x.key, x.v)
			}
		}
		if q.Agent != nil {
			toolsDocument(o, q.Agent)
		}
	case cmd.Function != nil:
		q := cmd.Function
		o.Set("function", value.String(q.Function.Scheme+":"+q.Function.Name))
		if q.Code != nil {
			sum := sha256.Sum256([]byte(q.Code.Text))
			o.Set("code", value.String("sha256:"+hex.EncodeToString(sum[:])))
		}
		o.Set("input", orNull(q.Input))
	case cmd.Invoke != nil:
		q := cmd.Invoke
		switch q.Target {
		case ir.CallService:
			o.Set("service", value.String(q.Name))
		case ir.CallExternal:
			o.Set("kind", value.String(q.Name))
		default:
			o.Set("port", value.String(q.Port.Name))
			if q.Name != "" {
				o.Set("name", value.String(q.Name))
			}
		}
		o.Set("method", value.String(q.Method))
		o.Set("args", orNull(q.Args))
	}
	return o.Value()
}

func messageDocument(m *machine.Message) value.Value {
	o := value.NewObject(4)
	o.Set("role", value.String(m.Role))
	o.Set("content", value.String(m.Content))
	if len(m.ToolCalls) > 0 {
		calls := make([]value.Value, len(m.ToolCalls))
		for i, c := range m.ToolCalls {
			x := value.NewObject(3)
			x.Set("id", value.String(c.ID))
			x.Set("name", value.String(c.Name))
			x.Set("arguments", orNull(c.Arguments))
			calls[i] = x.Value()
		}
		o.Set("tool_calls", value.List(calls))
	}
	if m.ToolCallID != "" {
		o.Set("tool_call_id", value.String(m.ToolCallID))
	}
	return o.Value()
}

func toolsDocument(o *value.Object, q *machine.AgentRequest) {
	tools := make([]value.Value, len(q.Tools))
	for i, t := range q.Tools {
		x := value.NewObject(3)
		x.Set("name", value.String(t.Name))
		if t.Description != "" {
			x.Set("description", value.String(t.Description))
		}
		if p := orNull(t.Parameters); !p.IsNull() {
			x.Set("parameters", p)
		}
		tools[i] = x.Value()
	}
	o.Set("tools", value.List(tools))
	if q.Router != nil {
		o.Set("tool_router", value.String(q.Router.Name))
	}
}

func orNull(v value.Value) value.Value {
	if v.IsMissing() {
		return value.Null
	}
	return v
}

// name gives a flight that is played what its events show.
func (r *run) name(f *flight) {
	switch {
	case f.cmd.LLM != nil:
		f.call.Port, f.call.Repair, f.call.Ordinal = f.cmd.LLM.Port.Name, f.cmd.LLM.Repair, f.ordinal
	case f.cmd.Invoke != nil:
		f.call.Port = f.cmd.Invoke.Port.Name
	}
}

// play answers an effect from the tape, at the moment of the recorded run at which
// its outcome came, or now if that has passed.
func (r *run) play(f *flight) {
	x, err := r.Tape.Next(f.cmd.Path, request(&f.cmd))
	if err != nil {
		r.mail.put(message{kind: journalFailed, err: err})
		return
	}
	f.played = x
	wait := max(0, r.began.Add(x.At).Sub(r.Clock.Now()))
	f.grace = r.Clock.AfterFunc(wait, func() {
		r.replayed(f)
		r.mail.put(message{kind: effectSettled, token: f.cmd.Token, outcome: &x.Outcome})
	})
}

// eject ends an effect that is played, because the machine cancelled it: with
// what it ended with in the recorded run.
func (r *run) eject(f *flight) {
	if f.played != nil && f.grace() {
		r.replayed(f)
		r.returns = append(r.returns, message{kind: effectSettled, token: f.cmd.Token, outcome: &f.played.Outcome})
	}
}

// replayed publishes what observers saw of an exchange.
func (r *run) replayed(f *flight) {
	if r.Bus.Empty() {
		return
	}
	x := f.played
	o := x.Outcome
	for _, line := range x.Lines {
		r.log(f, line)
	}
	switch {
	case f.cmd.LLM != nil:
		resp := &port.LLMResponse{Model: x.Model, FinishReason: x.FinishReason}
		if o.Failure != nil {
			resp = nil
		} else if text, ok := answerText(o.Value); ok {
			resp.Text = text
		} else {
			resp.Structured, resp.IsObject = o.Value, true
		}
		deltas := x.Deltas
		if f.cmd.LLM.Stream && len(deltas) == 0 && resp != nil && resp.Text != "" {
			deltas = []string{resp.Text} // nobody watched the recorded run
		}
		if f.cmd.LLM.Stream && f.cmd.Try > 1 {
			r.tell(f, event.StreamReset, value.NewObject(0))
		}
		for i, delta := range deltas {
			r.streamed(f, i, delta)
		}
		r.portCall(f, &o, resp, x.Took)
	case f.cmd.Invoke != nil:
		r.invoked(f, &o, x.Took)
	case f.cmd.Node.Kind == "tool":
		r.called(f, event.ToolRouterCall, f.call.Node, "call_tool", f.cmd.Function.Input, &o, fields{value.NewObject(6)}, x.Took)
	}
}

// answerText is the text of a model's answer, of an agent's its content.
func answerText(v value.Value) (string, bool) {
	if o, ok := v.Object(); ok && o.Len() == 2 {
		content, isAgent := o.Get("content")
		if _, both := o.Get("tool_calls"); isAgent && both {
			return content.AsString()
		}
	}
	return v.AsString()
}

// advance lets the virtual clock of a replay go on to the next moment at which
// something happens, once nothing is left to do now.
func (r *run) advance() bool {
	if r.Tape == nil || r.finish != nil || r.more || len(r.returns) > 0 || len(r.held) > 0 || !r.mail.empty() {
		return false
	}
	clock, ok := r.Clock.(*virtualClock)
	return ok && clock.advance()
}
