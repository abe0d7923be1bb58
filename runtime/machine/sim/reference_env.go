package sim

import (
	"time"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// refCode is a compiled expression of the reference.
type refCode struct {
	expr *expr.Program
	tmpl *expr.TemplateProgram
}

// refEnv is what a node's expressions see.
type refEnv struct {
	r       *reference
	s       *refScope
	i       int
	n       *ir.Node
	e       *ir.Expr
	vars    []value.Value
	targets []value.Value // nil until mapping has run
	merged  value.Value
	body    value.Value
	loop    *refLoop
	fail    *refFail
}

func (r *reference) env(s *refScope, i int) *refEnv {
	return &refEnv{r: r, s: s, i: i, n: &s.body.Nodes[i], merged: value.Missing, body: value.Missing}
}

// Now implements expr.Env.
func (v *refEnv) Now() time.Time { return time.Unix(0, Epoch) }

type slots []ir.Slot

// Slot implements expr.Resolver.
func (s slots) Slot(head string, namespace bool) int {
	for i := range s {
		if s[i].Head == head && s[i].Namespace == namespace {
			return i
		}
	}
	return -1
}

func (v *refEnv) eval(e *ir.Expr) (value.Value, *refFail) {
	if e.Mode == ir.ModeConst {
		return e.Const, nil
	}
	c := v.r.compiled[e]
	if c == nil {
		tree, err := expr.Decode(e.Tree)
		if err != nil {
			panic(err)
		}
		c = &refCode{}
		if t, ok := tree.(*expr.Template); ok {
			c.tmpl, err = expr.CompileTemplate(t, slots(e.Slots))
		} else {
			c.expr, err = expr.Compile(tree, slots(e.Slots))
		}
		if err != nil {
			panic(err)
		}
		v.r.compiled[e] = c
	}
	outer := v.e
	v.e = e
	defer func() { v.e = outer }()
	var x value.Value
	var err *expr.EvalError
	if c.tmpl != nil {
		x, err = c.tmpl.EvalValue(v, nil)
	} else {
		x, err = c.expr.Eval(v, nil)
	}
	if v.fail != nil {
		f := v.fail
		v.fail = nil
		return value.Null, f
	}
	if err != nil {
		return value.Null, &refFail{class: "expression", message: err.Msg}
	}
	return x, nil
}

// mapping computes the targets of input_mapping.
func (v *refEnv) mapping() *refFail {
	targets := make([]value.Value, len(v.n.Mapping))
	for i := range v.n.Mapping {
		x, f := v.target(i)
		if f != nil {
			return f
		}
		targets[i] = x
	}
	for i := range v.n.Args {
		x, f := v.eval(&v.n.Args[i].Expr)
		if f != nil {
			return f
		}
		targets = append(targets, x)
	}
	v.targets = targets
	return nil
}

func (v *refEnv) target(i int) (value.Value, *refFail) {
	x, f := v.eval(&v.n.Mapping[i].Expr)
	if f == nil && x.IsNull() && !v.n.Strict && !nullMeant(&v.n.Mapping[i].Expr) {
		if w := field(v.r.ambient(v.s), v.n.Mapping[i].Name); !w.IsMissing() {
			x = w
		}
	}
	return x, f
}

// nullMeant reports whether a source ends in `| default` or `| required`.
func nullMeant(e *ir.Expr) bool {
	tree, err := expr.Decode(e.Tree)
	if err != nil {
		return false
	}
	_, ok := tree.(*expr.Filter)
	return ok
}

// at is the scope up bodies outward and the node there.
func (v *refEnv) at(up int) (*refScope, int) {
	s, i := v.s, v.i
	for ; up > 0; up-- {
		i = s.owner
		s = s.outer
	}
	return s, i
}

// Load implements expr.Env.
func (v *refEnv) Load(i int) value.Value {
	slot := &v.e.Slots[i]
	switch slot.Kind {
	case ir.SlotNode:
		s, _ := v.at(slot.Up)
		out := s.nodes[slot.Index].out
		if slot.Whole {
			if x := field(out, "output"); !x.IsMissing() {
				return x
			}
		}
		return out
	case ir.SlotTarget:
		if slot.Up > 0 {
			inner, _ := v.at(slot.Up - 1)
			return inner.loop.targets[slot.Index]
		}
		if v.targets != nil {
			return v.targets[slot.Index]
		}
		x, f := v.target(slot.Index)
		if f != nil {
			v.fail = f
			return value.Missing
		}
		return x
	case ir.SlotVar:
		return v.vars[slot.Index]
	case ir.SlotLoop:
		return v.loopVar(slot)
	case ir.SlotBare:
		return v.bare(slot.Head)
	case ir.SlotInput:
		return v.r.input
	case ir.SlotCtx:
		o := value.NewObject(0)
		o.Set("run_id", value.String(v.r.runID))
		o.Set("pipeline_name", value.String(v.r.p.Name))
		o.Set("node_name", value.String(v.n.Name))
		return o.Value()
	case ir.SlotBody:
		return v.body
	case ir.SlotError, ir.SlotErrors:
		s, i := v.at(slot.Up)
		var list []value.Value
		for g := range s.nodes {
			if handles(&s.body.Nodes[i], g) && s.nodes[g].fail != nil {
				list = append(list, s.nodes[g].fail.value())
			}
		}
		if slot.Kind == ir.SlotErrors {
			return value.List(list)
		}
		if len(list) == 0 {
			return value.Null
		}
		return list[0]
	}
	return value.Missing
}

func (f *refFail) value() value.Value {
	o := value.NewObject(0)
	o.Set("type", value.String(f.class))
	o.Set("input", f.input)
	return o.Value()
}

func (v *refEnv) loopVar(slot *ir.Slot) value.Value {
	loop, index, item := v.loop, int64(0), value.Missing
	if slot.Up > 0 {
		inner, _ := v.at(slot.Up - 1)
		loop, index, item = inner.loop, inner.index, inner.item
	} else if loop != nil {
		index = loop.next
	}
	switch slot.Loop {
	case "item":
		return item
	case "index", "iteration":
		return value.Int(index)
	case "state":
		if loop == nil || loop.state == nil {
			return value.Missing
		}
		return loop.state.Value()
	case "total":
		return value.Int(loop.total)
	case "is_first":
		return value.Bool(index == 0)
	case "is_last":
		return value.Bool(index == loop.total-1)
	}
	return value.Missing
}

func (v *refEnv) bare(name string) value.Value {
	if x := field(v.merged, name); !x.IsMissing() {
		return x
	}
	if name == "merged" && !v.merged.IsMissing() && v.merged.Kind() != value.KindObject {
		return v.merged
	}
	found := value.Missing
	for s, i := v.s, v.i; s != nil; s, i = s.outer, s.owner {
		one := s.body.Nodes[i].Single
		if one < 0 {
			continue
		}
		if s.nodes[one].status != "completed" {
			found = value.Null
			continue
		}
		if x := field(s.nodes[one].out, name); !x.IsMissing() {
			found = x
			if !x.IsNull() {
				return x
			}
		}
	}
	if x := field(v.r.input, name); !x.IsMissing() && !x.IsNull() {
		return x
	}
	if found.IsMissing() && name == "ctx" {
		return v.context()
	}
	return found
}

func (v *refEnv) context() value.Value {
	o := value.NewObject(0)
	o.Set("run_id", value.String(v.r.runID))
	o.Set("pipeline_name", value.String(v.r.p.Name))
	o.Set("node_name", value.String(v.n.Name))
	return o.Value()
}

// ambient is what counts as the run's input in a scope.
func (r *reference) ambient(s *refScope) value.Value {
	if s.outer == nil {
		return r.input
	}
	o := value.NewObject(0)
	if outer, ok := s.loop.input.Object(); ok {
		o = outer.Clone()
	}
	x := s.outer.body.Nodes[s.owner].Composite
	name := func(n, standard string) string {
		if n == "" {
			return standard
		}
		return n
	}
	switch x.Mode {
	case ir.ModeForEach:
		o.Set(name(x.ItemVar, "item"), s.item)
		o.Set(name(x.IndexVar, "index"), value.Int(s.index))
	case ir.ModeTimes:
		o.Set(name(x.IndexVar, "index"), value.Int(s.index))
	case ir.ModeWhile:
		o.Set("state", s.loop.state.Value())
		o.Set("iteration", value.Int(s.index))
	default:
		return s.loop.input
	}
	return o.Value()
}

// prepared is the prepared input of a node whose mapping has run.
func (r *reference) prepared(v *refEnv) value.Value {
	data, others, handler := dependencies(v.n)
	if len(data) == 0 && len(others) == 1 && !handler {
		data = others
	}
	ambient := r.ambient(v.s)
	results := value.NewObject(0)
	for _, d := range data {
		results.Set(v.s.body.Nodes[d].Name, v.s.nodes[d].out)
	}
	meant := map[string]bool{}
	var out value.Value
	switch {
	case v.n.Mapped && (len(v.n.Mapping) > 0 || v.n.Strict):
		o := results
		if v.n.Strict {
			o = value.NewObject(0)
		} else if !ambient.IsNull() {
			o.Set("input", ambient)
		}
		for i := range v.n.Mapping {
			o.Set(v.n.Mapping[i].Name, v.targets[i])
			meant[v.n.Mapping[i].Name] = nullMeant(&v.n.Mapping[i].Expr)
		}
		if v.n.Strict {
			return o.Value()
		}
		out = o.Value()
	case len(data) == 0:
		out = ambient
	case len(data) == 1:
		out = v.s.nodes[data[0]].out
	default:
		out = results.Value()
	}
	have, ok := out.Object()
	more, ok2 := ambient.Object()
	if !ok || !ok2 {
		return out
	}
	filled := have.Clone()
	for _, k := range more.Keys() {
		x, _ := more.Get(k)
		old, there := have.Get(k)
		if (!there || old.IsNull() && !meant[k]) && !x.IsNull() {
			filled.Set(k, x)
		}
	}
	return filled.Value()
}
