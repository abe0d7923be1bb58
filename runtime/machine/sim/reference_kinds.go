package sim

import (
	"strconv"
	"strings"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// refAgent is one attempt of an agent, and what goes on over attempts.
type refAgent struct {
	step  int
	tools int // calls of tools so far
}

// agent runs an agent until its answer or a failure. ag.step tells that a call of the
// model failed in the middle: it is made again.
func (r *reference) agent(env *refEnv, path string, call *int, fresh *bool, ag *refAgent) (out value.Value, fail *refFail) {
	n, st := env.n, &env.s.nodes[env.i]
	text, f := r.agentPrompt(env)
	if f != nil {
		return value.Null, f
	}
	known := map[string]bool{}
	for i := range n.Agent.Tools {
		known[n.Agent.Tools[i].Name] = true
	}
	for {
		if *fresh {
			*call++
			*fresh = false
		}
		last := ag.step+1 >= n.Agent.MaxSteps
		o, _ := agentAnswer(r.seed, r.rates, path+"#"+strconv.Itoa(*call), st.tries, text, ag.step, last)
		if o.Failure != nil {
			return value.Null, &refFail{class: o.Failure.Class, message: o.Failure.Message, retryable: o.Failure.Retryable}
		}
		*fresh = true
		ag.step++
		content, _ := field(o.Value, "content").AsString()
		calls := field(o.Value, "tool_calls").Items()
		ended := value.Missing
		switch {
		case strings.HasPrefix(content, "INVOKE_TOOL"):
			w, _ := strconv.Atoi(content[strings.IndexByte(content, '=')+1 : len(content)-1])
			x := value.NewObject(1)
			x.Set("w", value.Int(int64(w)))
			ended = x.Value()
		case len(calls) == 0 && n.Agent.Schema == nil:
			x := value.NewObject(1)
			x.Set("output", value.String(content))
			return x.Value(), nil
		case len(calls) == 0:
			if v, err := value.ParseJSON([]byte(content), value.JSONLimits{}); err == nil {
				if w, ok := r.fits(n.Agent, v); ok {
					return w, nil
				}
			}
		}
		for _, c := range calls {
			name, _ := field(c, "name").AsString()
			switch {
			case name == "tool_end":
				ended = field(c, "arguments")
			case known[name] || n.Agent.Router != nil:
				ag.tools++
			}
		}
		if !ended.IsMissing() {
			if w, ok := r.fits(n.Agent, ended); ok {
				return w, nil
			}
		}
		if ag.step >= n.Agent.MaxSteps {
			return value.Null, &refFail{class: "invalid_output", retryable: true}
		}
	}
}

func (r *reference) fits(a *ir.Agent, v value.Value) (value.Value, bool) {
	if a.Schema == nil {
		// {output: text}
		s := field(v, "output")
		if s.Kind() != value.KindString {
			return value.Null, false
		}
		return v, true
	}
	t, _ := expr.DecodeType(a.Schema)
	w, wrong := t.Coerce(v)
	return w, len(wrong) == 0
}

func (r *reference) agentPrompt(env *refEnv) (string, *refFail) {
	text := ""
	for i := range env.n.Agent.Phases[0].Messages {
		m := &env.n.Agent.Phases[0].Messages[i]
		v, f := env.eval(&m.Text)
		if f != nil {
			return "", f
		}
		text += m.Role + ":" + value.Str(v) + "\n"
	}
	return text, nil
}

// call is a call of a service.
func (r *reference) call(env *refEnv, ask asker) (value.Value, *refFail) {
	args := value.NewObject(1)
	args.Set("input", r.prepared(env))
	out, fail := ask(text(Timeless(args.Value())), false)
	if fail != nil || env.n.Call.Output == nil {
		return out, fail
	}
	t, _ := expr.DecodeType(env.n.Call.Output)
	w, wrong := t.Coerce(out)
	if len(wrong) > 0 {
		return value.Null, &refFail{class: "invalid_output", retryable: true}
	}
	return w, nil
}

// wait is a wait whose event always comes.
func (r *reference) wait(env *refEnv, ask asker) (value.Value, *refFail) {
	key, f := env.eval(&env.n.Wait.Key)
	if f != nil {
		return value.Null, f
	}
	if env.n.Wait.Setup != nil {
		if _, fail := ask(text(Timeless(r.prepared(env))), false); fail != nil {
			return value.Null, fail
		}
	}
	return awaited(r.seed, value.Str(key)), nil
}

// transition is the only transition of its entity. handler counts the handlers
// that have been called: one that fails is called again.
func (r *reference) transition(env *refEnv, ask func(request string) (value.Value, *refFail), handler *int) (value.Value, *refFail) {
	t := env.n.Transition
	id, f := env.eval(t.EntityID)
	if f != nil {
		return value.Null, f
	}
	if id.IsNull() || id.IsMissing() {
		return value.Null, &refFail{class: "invalid_input"}
	}
	payload := value.NewObject(1)
	for i := range t.Payload {
		v, f := env.eval(&t.Payload[i].Expr)
		if f != nil {
			return value.Null, f
		}
		payload.Set(t.Payload[i].Name, v)
	}
	v, _ := payload.Get("v")
	if v.IsNull() {
		v = value.Int(0)
	}
	i, ok := v.AsInt()
	if m := ((i % 3) + 3) % 3; !ok || m == 1 {
		return value.Null, &refFail{class: "transition"}
	}
	o := value.NewObject(6)
	o.Set("entity_type", value.String(t.Entity))
	o.Set("entity_id", id)
	o.Set("from_state", value.String("OPEN"))
	o.Set("to_state", value.String("DONE"))
	result := value.NewObject(4)
	for _, key := range o.Keys() {
		x, _ := o.Get(key)
		result.Set(key, x)
	}
	o.Set("reason", value.Null)
	o.Set("payload", payload.Value())
	for _, m := range r.p.Machines {
		for m.Entity == t.Entity && *handler < len(m.Handlers) {
			if _, fail := ask(text(Timeless(o.Value()))); fail != nil {
				return value.Null, fail
			}
			*handler++
		}
	}
	return result.Value(), nil
}
