package machine

import (
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// frame is what expressions of one node see: a lazy view over the scopes. A
// name costs nothing until it is read. It implements expr.Env.
type frame struct {
	m     *Machine
	scope int32
	n     *node
	act   *act // nil for nodes that need none
	now   int64

	code *code // being evaluated
	// vars are the expressions of an expression_node computed so far.
	vars []value.Value
	// merged is what merge_strategy made; Missing without one.
	merged value.Value
	// body is the result of the loop's body, Missing outside of state_update.
	body value.Value
	// targets are the mapping's values computed so far.
	targets []targetValue
	// fail is the failure of a mapping target that an expression reads.
	fail *Failure
}

type targetValue struct {
	v     value.Value
	state targetState
}

type targetState uint8

const (
	targetOpen targetState = iota
	targetBusy
	targetDone
)

// frameFor makes the view of a node. Only one is in use at a time.
func (m *Machine) frameFor(scope int32, n *node, a *act) *frame {
	f := &m.frame
	targets := f.targets
	if cap(targets) < len(n.targets) {
		targets = make([]targetValue, len(n.targets))
	}
	targets = targets[:len(n.targets)]
	clear(targets)
	*f = frame{m: m, scope: scope, n: n, act: a, now: m.now, merged: value.Missing, body: value.Missing, targets: targets, vars: f.vars[:0]}
	if a != nil {
		if a.agent != nil {
			f.now = a.began // the same prompt again asks the same
		}
		if a.comp != nil {
			for i := range a.comp.targets {
				f.targets[i] = targetValue{a.comp.targets[i], targetDone}
			}
		} else {
			f.now = a.began // a later attempt and a repair see the same clock
		}
	}
	return f
}

// Now implements expr.Env.
func (f *frame) Now() time.Time { return time.Unix(0, f.now).UTC() }

// Load implements expr.Env.
func (f *frame) Load(i int) value.Value {
	s := &f.code.slots[i]
	switch s.kind {
	case ir.SlotNode:
		return f.output(s)
	case ir.SlotTarget:
		if s.up == 0 {
			return f.target(int(s.index))
		}
		_, a := f.owner(s.up)
		return a.comp.targets[s.index]
	case ir.SlotVar:
		if int(s.index) < len(f.vars) {
			return f.vars[s.index]
		}
	case ir.SlotLoop:
		return f.loopVar(s)
	case ir.SlotBare:
		return f.bare(s)
	case ir.SlotInput:
		return f.m.input
	case ir.SlotCtx:
		return f.context()
	case ir.SlotError:
		return f.errors(s.up, true)
	case ir.SlotErrors:
		return f.errors(s.up, false)
	case ir.SlotBody:
		return f.body
	case ir.SlotAgent:
		return f.agentName(s.head)
	}
	return value.Missing
}

// up is the scope k bodies outward, and the node there that the frame's node
// stands in.
func (f *frame) outward(k int32) (scope int32, n *node) {
	scope, n = f.scope, f.n
	for ; k > 0; k-- {
		sc := &f.m.scopes[scope]
		scope, n = sc.parent, sc.body.owner
	}
	return scope, n
}

// owner is the scope k bodies outward seen from inside, and the act of its
// composite: for k = 1 the scope that the node stands in.
func (f *frame) owner(k int32) (*scope, *act) {
	at, _ := f.outward(k - 1)
	sc := &f.m.scopes[at]
	return sc, f.m.act(sc.act)
}

func (f *frame) output(s *slot) value.Value {
	at, _ := f.outward(s.up)
	sc := &f.m.scopes[at]
	if sc.nodes[s.index].st != Completed {
		return value.Null
	}
	v := sc.outs[s.index]
	if s.whole {
		if o, ok := v.Object(); ok {
			if field, ok := o.Get("output"); ok {
				return field
			}
		}
	}
	return v
}

// target is the value of a mapping target, computed when first read.
func (f *frame) target(i int) value.Value {
	t := &f.targets[i]
	switch t.state {
	case targetDone:
		return t.v
	case targetBusy:
		return value.Missing // it reads itself; the compiler does not make that
	}
	t.state = targetBusy
	v, fail := f.n.targets[i].code.eval(f)
	if fail != nil {
		if f.fail == nil {
			f.fail = fail
		}
		t.state = targetOpen
		return value.Missing
	}
	if v.IsNull() && f.n.targets[i].fill {
		v = f.m.inputField(f.scope, f.n.targets[i].name)
	}
	t.v, t.state = v, targetDone
	return v
}

// mapping computes every target, also those that nothing reads: an error in one
// fails the node.
func (f *frame) mapping() *Failure {
	for i := range f.targets {
		f.target(i)
		if f.fail != nil {
			fail := f.fail
			f.fail = nil
			return fail
		}
	}
	return nil
}

func (f *frame) loopVar(s *slot) value.Value {
	var sc *scope
	a := f.act
	if s.up > 0 {
		sc, a = f.owner(s.up)
	}
	if a == nil || a.comp == nil {
		return value.Missing
	}
	l := a.comp
	switch s.loop {
	case loopState:
		if l.state == nil {
			return value.Missing
		}
		return l.state.Value()
	case loopIteration:
		if sc != nil {
			return value.Int(sc.index)
		}
		return value.Int(l.next)
	case loopItem:
		if sc != nil {
			return sc.item
		}
	case loopIndex:
		if sc != nil {
			return value.Int(sc.index)
		}
		return value.Int(l.next)
	case loopTotal:
		if l.total >= 0 {
			return value.Int(l.total)
		}
		return value.Null
	case loopFirst:
		if sc != nil {
			return value.Bool(sc.index == 0)
		}
	case loopLast:
		if sc != nil && l.total >= 0 {
			return value.Bool(sc.index == l.total-1)
		}
		return value.Null
	}
	return value.Missing
}

// bare looks a name up at run time: in the results of the single dependencies,
// innermost first, then in the run's input. A null is taken only if nothing
// further out has the name with a value.
func (f *frame) bare(s *slot) value.Value {
	if !f.merged.IsMissing() {
		if o, ok := f.merged.Object(); ok {
			if v, ok := o.Get(s.head); ok {
				return v
			}
		} else if s.head == "merged" {
			return f.merged
		}
	}
	if f.act != nil && f.act.agent != nil && f.act.agent.carried != nil {
		if v, ok := f.act.agent.carried.Get(s.head); ok {
			return v
		}
	}
	found := value.Missing
	at, n := f.scope, f.n
	for {
		sc := &f.m.scopes[at]
		if i := n.ir.Single; i >= 0 {
			if sc.nodes[i].st != Completed {
				found = value.Null
			} else if o, ok := sc.outs[i].Object(); ok {
				if v, ok := o.Get(s.head); ok {
					if !v.IsNull() {
						return v
					}
					found = v
				}
			}
		}
		if sc.parent < 0 {
			break
		}
		at, n = sc.parent, sc.body.owner
	}
	if o, ok := f.m.input.Object(); ok {
		if v, ok := o.Get(s.head); ok && (!v.IsNull() || found.IsMissing()) {
			return v
		}
	}
	if !found.IsMissing() {
		return found
	}
	switch s.head {
	case "input":
		return f.m.input
	case "ctx":
		return f.context()
	case "state":
		return f.state()
	case "_input":
		if f.m.input.Kind() != value.KindObject {
			return f.m.input
		}
	}
	return value.Missing
}

// state is the state of the nearest while loop around.
func (f *frame) state() value.Value {
	if f.act != nil && f.act.comp != nil && f.act.comp.state != nil {
		return f.act.comp.state.Value()
	}
	for at := f.scope; at >= 0; at = f.m.scopes[at].parent {
		if a := f.m.act(f.m.scopes[at].act); a != nil && a.comp != nil && a.comp.state != nil {
			return a.comp.state.Value()
		}
	}
	return value.Missing
}

func (f *frame) context() value.Value {
	o := value.NewObject(3)
	o.Set("run_id", value.String(f.m.runID))
	o.Set("pipeline_name", value.String(f.m.prog.ir.Name))
	o.Set("node_name", value.String(f.n.ir.Name))
	return o.Value()
}

// errors is $error or $errors of the handler up bodies outward.
func (f *frame) errors(up int32, first bool) value.Value {
	at, n := f.outward(up)
	sc := &f.m.scopes[at]
	var list []value.Value
	for _, g := range n.guards {
		if fail := sc.fails[g]; fail != nil && sc.nodes[g].st == Failed {
			if first {
				return fail.value()
			}
			list = append(list, fail.value())
		}
	}
	if first {
		return value.Null
	}
	return value.List(list)
}
