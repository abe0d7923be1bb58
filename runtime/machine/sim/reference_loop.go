package sim

import (
	"strconv"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// refOutcome is what became of the iterations of a loop.
type refOutcome struct {
	results             []value.Value
	errors              []value.Value
	ok, failed, skipped int64
	first               *refFail
	firstAt             int64
}

// composite runs one attempt of a composite.
func (r *reference) composite(env *refEnv, ask asker) (value.Value, *refFail) {
	x := env.n.Composite
	loop := &refLoop{total: -1, targets: env.targets}
	loop.input = r.prepared(env)
	env.loop = loop
	path := env.s.prefix + env.s.local(env.i)
	if tries := env.s.nodes[env.i].tries; tries > 1 {
		path += "@" + strconv.Itoa(tries)
	}
	switch x.Mode {
	case ir.ModeIfElse, ir.ModeSwitch:
		return r.branch(env, loop, path)
	case ir.ModeMacro:
		out, skipped, fail := r.macro(env, loop, path)
		env.s.nodes[env.i].skipBody = skipped
		return out, fail
	}
	var items []value.Value
	o := &refOutcome{}
	stopped := "exhausted"
	switch x.Mode {
	case ir.ModeForEach:
		v, f := env.eval(x.Items)
		if f != nil {
			return value.Null, f
		}
		var err error
		if items, err = value.Iterate(v); err != nil || v.IsNull() {
			return value.Null, &refFail{class: "expression"}
		}
		loop.total = int64(len(items))
	case ir.ModeTimes:
		v, f := env.eval(x.Count)
		if f != nil {
			return value.Null, f
		}
		n, ok := v.AsInt()
		if !ok || n < 0 {
			return value.Null, &refFail{class: "expression"}
		}
		loop.total = n
	case ir.ModeWhile:
		loop.state = value.NewObject(0)
		state := value.NewObject(0)
		for i := range x.InitialState {
			v, f := env.eval(&x.InitialState[i].Expr)
			if f != nil {
				return value.Null, f
			}
			state.Set(x.InitialState[i].Name, v)
		}
		loop.state = state
	}
	var index int64
	for ; ; index++ {
		loop.next = index
		if loop.state != nil {
			if index >= int64(x.MaxIter) {
				stopped = "limit"
				break
			}
			v, f := env.eval(x.Condition)
			if f != nil {
				return value.Null, f
			}
			if !value.Truthy(v) {
				stopped = "condition"
				break
			}
		} else if index >= loop.total {
			break
		}
		item := value.Null
		if items != nil {
			item = items[index]
		}
		result, stop := r.iteration(env, loop, path, index, item, o)
		if stop {
			break // fail_fast: the lowest index is what counts
		}
		if loop.state != nil {
			if f := r.update(env, loop, result); f != nil {
				return value.Null, f
			}
		}
	}
	if o.first != nil && (x.OnError == "" || x.OnError == "fail_fast") {
		return value.Null, bodyFail(o.first)
	}
	result, f := r.collect(env, o, ask)
	if f != nil {
		return value.Null, f
	}
	errors := value.Null
	if o.errors != nil {
		errors = value.List(o.errors)
	}
	out := value.NewObject(0)
	out.Set("result", result)
	out.Set("metadata", metadata(x.Mode.String(), value.Int(index), stopped, value.Int(o.ok), value.Int(o.failed), value.Int(o.skipped), errors))
	if loop.state != nil {
		out.Set("final_state", loop.state.Value())
	}
	return out.Value(), nil
}

func metadata(mode string, n value.Value, stopped string, ok, failed, skipped, errors value.Value) value.Value {
	m := value.NewObject(0)
	m.Set("mode", value.String(mode))
	m.Set("iterations", n)
	m.Set("stopped_by", value.String(stopped))
	m.Set("successful", ok)
	m.Set("failed", failed)
	m.Set("skipped", skipped)
	m.Set("errors", errors)
	return m.Value()
}

func bodyFail(cause *refFail) *refFail {
	return &refFail{class: cause.class, retryable: cause.retryable, cause: cause}
}

func (r *reference) iteration(env *refEnv, loop *refLoop, path string, index int64, item value.Value, o *refOutcome) (value.Value, bool) {
	x := env.n.Composite
	body := x.Body
	if body == nil {
		body = &ir.Body{Nodes: []ir.Node{{Name: "body", Kind: "function_node", Single: -1, Attempts: 1, Function: x.BodyFunc}}}
	}
	s := r.scope(body, env.s, loop, path+"["+strconv.FormatInt(index, 10)+"]/")
	s.owner, s.item, s.index = env.i, item, index
	fail := r.runBody(s)
	result, any := lastCompleted(s)
	switch {
	case fail != nil:
		o.failed++
		if o.first == nil {
			o.first, o.firstAt = fail, index
		}
		if x.OnError == "" || x.OnError == "fail_fast" {
			return value.Null, true
		}
		e := value.NewObject(0)
		name := "index"
		if loop.state != nil {
			name = "iteration"
		}
		e.Set(name, value.Int(index))
		e.Set("error", value.String(fail.message))
		o.errors = append(o.errors, e.Value())
		result = value.Null
	case !any:
		o.skipped++
	default:
		o.ok++
	}
	o.results = append(o.results, result)
	return result, false
}

func lastCompleted(s *refScope) (value.Value, bool) {
	for i := len(s.nodes) - 1; i >= 0; i-- {
		if s.nodes[i].status == "completed" {
			return s.nodes[i].out, true
		}
	}
	return value.Null, false
}

func (r *reference) update(env *refEnv, loop *refLoop, body value.Value) *refFail {
	env.body = body
	defer func() { env.body = value.Missing }()
	for i := range env.n.Composite.StateUpdate {
		u := &env.n.Composite.StateUpdate[i]
		v, f := env.eval(&u.Expr)
		if f != nil {
			return f
		}
		loop.state = loop.state.Clone()
		loop.state.Set(u.Name, v)
	}
	loop.state = loop.state.Clone()
	loop.state.Set("iteration", value.Int(loop.next+1))
	return nil
}

func (r *reference) collect(env *refEnv, o *refOutcome, ask asker) (value.Value, *refFail) {
	var present []value.Value
	for _, v := range o.results {
		if !v.IsNull() {
			present = append(present, v)
		}
	}
	switch env.n.Composite.Collect {
	case "first":
		if len(present) > 0 {
			return present[0], nil
		}
		return value.Null, nil
	case "last":
		if len(present) > 0 {
			return present[len(present)-1], nil
		}
		return value.Null, nil
	case "dict":
		d := value.NewObject(0)
		for i, v := range o.results {
			_ = d.SetKey(value.Int(int64(i)), v)
		}
		return d.Value(), nil
	case "reduce":
		if len(present) == 0 {
			return value.Null, nil
		}
		return ask(text(Timeless(value.List(present))), false)
	}
	return value.List(o.results), nil
}

func (r *reference) branch(env *refEnv, loop *refLoop, path string) (value.Value, *refFail) {
	x := env.n.Composite
	out := value.NewObject(0)
	var body *ir.Body
	tag, stopped := "", "condition"
	label, matched := value.Null, value.Null
	met := false
	var evaluations []value.Value
	if x.Mode == ir.ModeIfElse {
		v, f := env.eval(x.Condition)
		if f != nil {
			return value.Null, f
		}
		if met = value.Truthy(v); met {
			body, tag = x.Body, "then"
		} else if x.Else != nil {
			body, tag = x.Else.Body, "else"
		}
	} else {
		stopped = "else"
		for i := range x.Branches {
			v, f := env.eval(x.Branches[i].Condition)
			if f != nil {
				return value.Null, f
			}
			evaluations = append(evaluations, value.Bool(value.Truthy(v)))
			if value.Truthy(v) {
				stopped, matched = "branch_matched", value.Int(int64(i))
				body, tag = x.Branches[i].Body, "case["+strconv.Itoa(i)+"]"
				if x.Branches[i].Action != "" {
					label = value.String(x.Branches[i].Action)
				}
				break
			}
		}
		if matched.IsNull() && x.Else != nil {
			body, tag = x.Else.Body, "else"
			if x.Else.Action != "" {
				label = value.String(x.Else.Action)
			}
		}
	}
	result := label
	if x.Mode == ir.ModeIfElse {
		c := value.NewObject(1)
		c.Set("condition_met", value.Bool(met))
		result = c.Value()
	}
	if body != nil {
		s := r.scope(body, env.s, loop, path+"/"+tag+"/")
		s.owner = env.i
		if fail := r.runBody(s); fail != nil {
			return value.Null, bodyFail(fail)
		}
		result, _ = lastCompleted(s)
	}
	out.Set("result", result)
	out.Set("metadata", metadata(x.Mode.String(), value.Null, stopped, value.Null, value.Null, value.Null, value.Null))
	if x.Mode == ir.ModeIfElse {
		out.Set("condition_met", value.Bool(met))
		taken := "else"
		if met {
			taken = "if"
		}
		out.Set("branch_taken", value.String(taken))
	} else {
		out.Set("matched_branch", matched)
		out.Set("matched_action", label)
		out.Set("evaluations", value.List(evaluations))
		out.Set("has_else", value.Bool(x.Else != nil))
	}
	return out.Value(), nil
}
