package machine

import (
	"fmt"
	"strconv"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// startComposite begins an attempt: the mapping, then what the mode needs before
// its first body.
func (m *Machine) startComposite(f *frame) {
	s, nd := f.scope, f.n
	n := nd.index
	ref := m.scopes[s].nodes[n].act
	if ref == 0 {
		ref = m.newAct(s, n)
	}
	a := m.acts[ref-1]
	c := &compState{total: -1, bestAt: -1, chosen: -1, best: value.Null, result: value.Null, input: value.Null}
	for i := range f.targets {
		c.targets = append(c.targets, f.targets[i].v)
	}
	a.comp = c
	f.act = a
	m.scopes[s].nodes[n].st = Running
	m.startedNode(s, n)
	if nd.ir.Timeout > 0 {
		a.timer = m.startTimer(saturatingAdd(m.now, nd.ir.Timeout), timerNode, ref)
	}
	var fail *Failure
	switch nd.loop.ir.Mode {
	case ir.ModeForEach:
		fail = m.beginItems(f, nd, c)
	case ir.ModeTimes:
		fail = m.beginCount(f, nd, c)
	case ir.ModeWhile:
		fail = m.beginWhile(f, nd, c)
	case ir.ModeIfElse:
		fail = m.chooseIf(f, nd, c)
	case ir.ModeSwitch:
		fail = m.chooseCase(f, nd, c)
	case ir.ModeMacro:
		m.beginBranch(f, nd, c, nd.loop.body)
	}
	if fail != nil {
		m.attemptFailed(s, n, fail)
		return
	}
	m.wake(a)
}

// restartComposite begins another attempt after a back-off.
func (m *Machine) restartComposite(a *act) {
	s, nd := a.scope, m.node(a.scope, a.node)
	if ok, why := m.mayStart(s, a.node); !ok {
		m.abort(s, a.node, why)
		return
	}
	a.comp, a.began = nil, m.now
	f := m.frameFor(s, nd, a)
	if fail := f.mapping(); fail != nil {
		m.failNode(s, a.node, fail)
		return
	}
	m.startComposite(f)
}

func (m *Machine) beginItems(f *frame, nd *node, c *compState) *Failure {
	v, fail := nd.loop.items.eval(f)
	if fail != nil {
		return fail
	}
	items, err := value.Iterate(v)
	if value.Is(err, value.LimitError) {
		return &Failure{
			Code: diag.RunLoopBounds, Class: ClassExpression, Definite: true, Place: nd.loop.items.src.At,
			Message: fmt.Sprintf("items gave more than a loop can go over: at most %d", value.MaxItems),
		}
	}
	if err != nil || v.IsNull() {
		return &Failure{
			Code: diag.RunLoopBounds, Class: ClassExpression, Definite: true, Place: nd.loop.items.src.At,
			Message: fmt.Sprintf("items gave %s, which has nothing to iterate over", article(v)),
			Help:    "give a list; for what may be null write `coalesce(…, [])`",
		}
	}
	c.items, c.total = items, int64(len(items))
	return m.prepareResults(nd, c)
}

func (m *Machine) beginCount(f *frame, nd *node, c *compState) *Failure {
	v, fail := nd.loop.count.eval(f)
	if fail != nil {
		return fail
	}
	n, ok := v.AsInt()
	if !ok || n < 0 {
		return &Failure{
			Code: diag.RunLoopBounds, Class: ClassExpression, Definite: true, Place: nd.loop.count.src.At,
			Message: fmt.Sprintf("count gave %s instead of an int that is not negative", article(v)),
		}
	}
	c.total = n
	return m.prepareResults(nd, c)
}

// article words a value's type for a message.
func article(v value.Value) string {
	if v.IsNull() {
		return "null"
	}
	if n, ok := v.AsInt(); ok {
		return "the int " + strconv.FormatInt(n, 10)
	}
	return "a value of type " + v.TypeName()
}

func (m *Machine) prepareResults(nd *node, c *compState) *Failure {
	if c.total > m.prog.maxScopes-m.opened {
		return m.tooManyScopes(nd)
	}
	switch nd.loop.ir.Collect {
	case "first", "last":
	default:
		c.results = make([]value.Value, c.total)
	}
	return nil
}

func (m *Machine) tooManyScopes(nd *node) *Failure {
	return &Failure{
		Code: diag.RunTooManyScopes, Class: ClassLimit, Definite: true, Place: nd.ir.Origin,
		Message: fmt.Sprintf("%q would open more than %d bodies in this run (max_scopes)", nd.ir.Name, m.prog.maxScopes),
	}
}

func (m *Machine) beginWhile(f *frame, nd *node, c *compState) *Failure {
	state := value.NewObject(len(nd.loop.initial) + 1)
	for i, x := range nd.loop.initial {
		v, fail := x.eval(f)
		if fail != nil {
			return fail
		}
		state.Set(nd.loop.ir.InitialState[i].Name, v)
	}
	c.state = state
	return nil
}

func (m *Machine) chooseIf(f *frame, nd *node, c *compState) *Failure {
	met, fail := nd.loop.condition.truth(f)
	if fail != nil {
		return fail
	}
	c.met, c.stop = met, stopCondition
	body := nd.loop.other
	if met {
		body = nd.loop.body
	}
	m.beginBranch(f, nd, c, body)
	return nil
}

func (m *Machine) chooseCase(f *frame, nd *node, c *compState) *Failure {
	c.stop = stopElse
	body := nd.loop.other
	for i, test := range nd.loop.tests {
		met, fail := test.truth(f)
		if fail != nil {
			return fail
		}
		c.evaluations = append(c.evaluations, met)
		if met {
			c.chosen, c.stop = int32(i), stopMatched
			body = nd.loop.cases[i]
			break
		}
	}
	m.beginBranch(f, nd, c, body)
	return nil
}

// beginBranch opens the body that was chosen, if there is one.
func (m *Machine) beginBranch(f *frame, nd *node, c *compState, b *body) {
	c.total = 0
	if b == nil {
		return
	}
	c.total = 1
	if m.opened >= m.prog.maxScopes {
		c.failure, c.fatal, c.closed = m.tooManyScopes(nd), true, true
		return
	}
	m.openBody(f.scope, nd.index, f.act, b, value.Null)
}
