package sim

import (
	"strconv"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// The reference is a second meaning of a run, written without a thought of
// speed, order or crashes: one node after the other, recursion for bodies. It
// knows on_failure: continue and no limits, time-outs or cancellation. Where no
// such thing interferes, the machine has to give the same statuses, outputs and
// skip reasons for every schedule.

// Ref is what the reference says about one node.
type Ref struct {
	Name   string
	Status string // completed, failed, skipped
	Why    string
	Class  string // of the failure
	Tries  int
	Output value.Value
}

// Reference runs a program on a world made by Random with seed and rates.
func Reference(p *ir.Program, seed uint64, rates Rates, runID string, input value.Value) (nodes []Ref, completed bool) {
	r := &reference{p: p, seed: seed, rates: rates, runID: runID, input: input, compiled: map[*ir.Expr]*refCode{}}
	top := r.scope(&p.Body, nil, nil, "")
	fail := r.runBody(top)
	for i := range top.nodes {
		n := &top.nodes[i]
		ref := Ref{Name: p.Body.Nodes[i].Name, Status: n.status, Why: n.why, Tries: n.tries, Output: n.out}
		if n.fail != nil {
			ref.Class = n.fail.class
		}
		nodes = append(nodes, ref)
	}
	return nodes, fail == nil
}

type reference struct {
	p        *ir.Program
	seed     uint64
	rates    Rates
	runID    string
	input    value.Value
	compiled map[*ir.Expr]*refCode
}

type refNode struct {
	status, why string
	tries       int
	out         value.Value
	fail        *refFail
	inside      *refScope // of an invocation that has run
	skipBody    bool      // all exits of its body were skipped
}

type refFail struct {
	class, message, node, kind string
	retryable                  bool
	attempt                    int
	input                      value.Value
	cause                      *refFail
}

// refScope is one body under way.
type refScope struct {
	body   *ir.Body
	nodes  []refNode
	outer  *refScope
	owner  int // in outer
	loop   *refLoop
	prefix string
	item   value.Value
	index  int64
}

// refLoop is one attempt of a composite.
type refLoop struct {
	targets []value.Value
	input   value.Value // prepared
	total   int64       // -1 for while
	state   *value.Object
	next    int64
}

func (r *reference) scope(b *ir.Body, outer *refScope, loop *refLoop, prefix string) *refScope {
	return &refScope{body: b, nodes: make([]refNode, len(b.Nodes)), outer: outer, loop: loop, prefix: prefix}
}

// runBody runs nodes until all have settled, and gives the failure that nobody
// handled, first in document order.
func (r *reference) runBody(s *refScope) *refFail {
	for left := len(s.nodes); left > 0; {
		before := left
		for i := range s.nodes {
			if s.nodes[i].status == "" && r.dependenciesSettled(s, i) {
				r.runNode(s, i)
				left--
			}
		}
		if left == before {
			panic("reference: a cycle")
		}
	}
	for i := range s.nodes {
		if s.nodes[i].status != "failed" {
			continue
		}
		taken := false
		for h := range s.nodes {
			if handles(&s.body.Nodes[h], i) && (s.nodes[h].status == "completed" || s.nodes[h].status == "failed") {
				taken = true
			}
		}
		if !taken {
			return s.nodes[i].fail
		}
	}
	return nil
}

func handles(n *ir.Node, guard int) bool {
	for _, e := range n.Edges {
		if e.Node == guard && e.Class == ir.EdgeOnError {
			return true
		}
	}
	return false
}

func (r *reference) dependenciesSettled(s *refScope, i int) bool {
	for _, e := range s.body.Nodes[i].Edges {
		if s.nodes[e.Node].status == "" {
			return false
		}
	}
	return true
}

// dependencies are the sources of a node's data in document order; a source that
// the node handles is none.
func dependencies(n *ir.Node) (data, others []int, handler bool) {
	last := -1
	for range n.Edges {
		next := -1
		for _, e := range n.Edges {
			if e.Node > last && (next < 0 || e.Node < next) {
				next = e.Node
			}
		}
		if next < 0 {
			break
		}
		last = next
		isData, guards := false, false
		for _, e := range n.Edges {
			if e.Node == next {
				isData = isData || e.Class == ir.EdgeData || e.Class == ir.EdgeChained
				guards = guards || e.Class == ir.EdgeOnError
			}
		}
		switch {
		case guards:
			handler = true
		case isData:
			data = append(data, next)
		default:
			others = append(others, next)
		}
	}
	return data, others, handler
}

// runNode settles one node.
func (r *reference) runNode(s *refScope, i int) {
	n, st := &s.body.Nodes[i], &s.nodes[i]
	data, _, handler := dependencies(n)
	skip := func(why string) {
		if n.Critical {
			r.failNode(s, i, &refFail{class: "critical_skip"})
			return
		}
		st.status, st.why = "skipped", why
	}
	if handler {
		failed := false
		for _, e := range n.Edges {
			failed = failed || e.Class == ir.EdgeOnError && s.nodes[e.Node].status == "failed"
		}
		if !failed {
			skip("no_error")
			return
		}
	} else {
		skipped := 0
		for _, d := range data {
			switch s.nodes[d].status {
			case "failed", "cancelled":
				if n.Export != nil {
					st.status, st.why = "cancelled", "upstream_failed"
					return
				}
				skip("upstream_failed")
				return
			case "skipped":
				skipped++
			}
		}
		if len(data) > 0 && skipped == len(data) {
			skip("upstream_skipped")
			return
		}
	}
	if len(n.Routes) > 0 {
		selected := false
		for _, route := range n.Routes {
			if s.nodes[route.Router].status == "completed" {
				action, _ := field(s.nodes[route.Router].out, "matched_action").AsString()
				selected = selected || action == route.Target
			}
		}
		if !selected {
			skip("not_routed")
			return
		}
	}
	env := r.env(s, i)
	if n.When != nil {
		v, fail := env.eval(n.When)
		if fail != nil {
			r.failNode(s, i, fail)
			return
		}
		if !value.Truthy(v) {
			skip("when_false")
			return
		}
	}
	if fail := env.mapping(); fail != nil {
		r.failNode(s, i, fail)
		return
	}
	for _, name := range n.Required {
		if v := field(r.prepared(env), name); v.IsNull() || v.IsMissing() {
			r.failNode(s, i, &refFail{class: "invalid_input"})
			return
		}
	}
	if n.Export != nil {
		r.runExport(s, i)
		return
	}
	st.tries = 1
	out, fail := r.attempts(env)
	if fail == nil && st.skipBody {
		skip("body_skipped")
		return
	}
	if fail != nil {
		r.failNode(s, i, fail)
		return
	}
	st.status, st.out = "completed", out
}

func (r *reference) failNode(s *refScope, i int, f *refFail) {
	n, st := &s.body.Nodes[i], &s.nodes[i]
	f.node, f.kind, f.attempt = n.Name, n.Kind, max(1, st.tries)
	f.input = value.Null
	env := r.env(s, i)
	if fail := env.mapping(); fail == nil {
		f.input = r.prepared(env)
	}
	if f.cause == nil {
		for g := range s.nodes {
			if handles(n, g) && s.nodes[g].fail != nil {
				f.cause = s.nodes[g].fail
				break
			}
		}
	}
	st.status, st.fail = "failed", f
}

// attempts runs a node until it succeeds or may not be tried again.
func (r *reference) attempts(env *refEnv) (value.Value, *refFail) {
	n, st := env.n, &env.s.nodes[env.i]
	call, fresh := 0, true
	var rejected, handler int
	ag := &refAgent{}
	for {
		var out value.Value
		var fail *refFail
		path := env.s.prefix + env.s.local(env.i)
		ask := func(request string, schema bool) (value.Value, *refFail) {
			if fresh {
				call++
				fresh = false
			}
			o, _ := answer(r.seed, r.rates, path+"#"+strconv.Itoa(call), st.tries, request, schema)
			if o.Failure != nil {
				return value.Null, &refFail{class: o.Failure.Class, message: o.Failure.Message, retryable: o.Failure.Retryable}
			}
			return o.Value, nil
		}
		switch {
		case n.LLM != nil:
			text, f := r.prompt(env)
			if f != nil {
				return value.Null, f
			}
			out, fail = ask(text, n.LLM.Schema != nil)
			if fail == nil && n.LLM.Schema != nil {
				fresh = true
				t, _ := expr.DecodeType(n.LLM.Schema)
				s, _ := out.AsString()
				v, err := value.ParseJSON([]byte(s), value.JSONLimits{})
				if err == nil {
					if w, wrong := t.Coerce(v); len(wrong) == 0 {
						return w, nil
					}
				}
				if rejected < n.LLM.Repairs {
					rejected++
					continue
				}
				rejected = 0
				fail = &refFail{class: "invalid_output", retryable: true}
			}
		case n.Agent != nil:
			out, fail = r.agent(env, path, &call, &fresh, ag)
			if fail != nil && fail.class == "invalid_output" {
				ag.step = 0 // another attempt is another conversation
			}
		case n.Call != nil:
			out, fail = r.call(env, ask)
			if fail != nil && fail.class == "invalid_output" {
				fresh = true
			}
		case n.Wait != nil:
			out, fail = r.wait(env, ask)
		case n.Transition != nil:
			out, fail = r.transition(env, func(request string) (value.Value, *refFail) {
				v, f := ask(request, false)
				fresh = f == nil
				return v, f
			}, &handler)
		case n.Function != nil:
			out, fail = ask(text(Timeless(r.prepared(env))), false)
		case n.Expression != nil:
			out, fail = r.expression(env, ask)
		case n.Data != nil:
			o := value.NewObject(0)
			for i := range n.Data.Output {
				v, f := env.eval(&n.Data.Output[i].Expr)
				if f != nil {
					return value.Null, f
				}
				o.Set(n.Data.Output[i].Name, v)
			}
			out = o.Value()
		default:
			out, fail = r.composite(env, ask)
			fresh = true
		}
		if fail == nil {
			return out, nil
		}
		if st.tries >= n.Attempts || !retries(n, fail) {
			return value.Null, fail
		}
		st.tries++
	}
}

func retries(n *ir.Node, f *refFail) bool {
	if f.class == "critical_skip" {
		return false
	}
	if n.RetryOn == nil {
		return f.retryable
	}
	for _, class := range n.RetryOn {
		if class == f.class {
			return true
		}
	}
	return false
}

func (r *reference) prompt(env *refEnv) (string, *refFail) {
	text := ""
	for i := range env.n.LLM.Messages {
		m := &env.n.LLM.Messages[i]
		v, f := env.eval(&m.Text)
		if f != nil {
			return "", f
		}
		text += m.Role + ":" + value.Str(v) + "\n"
	}
	return text, nil
}

type asker func(request string, schema bool) (value.Value, *refFail)

func (r *reference) expression(env *refEnv, ask asker) (value.Value, *refFail) {
	x := env.n.Expression
	data, _, _ := dependencies(env.n)
	merged := value.Missing
	if x.Merge != "" {
		var items []value.Value
		o := value.NewObject(0)
		for _, d := range data {
			v := env.s.nodes[d].out
			for _, name := range x.Extract {
				v = field(v, name)
			}
			if v.IsMissing() {
				v = value.Null
			}
			items = append(items, v)
			o.Set(env.s.body.Nodes[d].Name, v)
		}
		var present []value.Value
		for _, v := range items {
			if !v.IsNull() {
				present = append(present, v)
			}
		}
		merged = value.Null
		switch x.Merge {
		case "dict":
			merged = o.Value()
		case "list":
			merged = value.List(items)
		case "first":
			if len(present) > 0 {
				merged = present[0]
			}
		case "last":
			if len(present) > 0 {
				merged = present[len(present)-1]
			}
		case "reduce":
			if len(present) > 0 {
				v, f := ask(text(Timeless(value.List(present))), false)
				if f != nil {
					return value.Null, f
				}
				merged = v
			}
		}
		if len(x.Vars) == 0 {
			o := value.NewObject(1)
			o.Set("result", merged)
			return o.Value(), nil
		}
	}
	env.merged = merged
	o := value.NewObject(0)
	for i := range x.Vars {
		v, f := env.eval(&x.Vars[i].Expr)
		if f != nil {
			return value.Null, f
		}
		env.vars = append(env.vars, v)
		o.Set(x.Vars[i].Name, v)
	}
	return o.Value(), nil
}

// field is a field of an object, Missing if there is none.
func field(v value.Value, name string) value.Value {
	o, ok := v.Object()
	if !ok {
		return value.Missing
	}
	x, _ := o.Get(name)
	return x
}
