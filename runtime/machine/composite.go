package machine

import (
	"fmt"
	"strconv"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// compState is the state of one attempt of a composite.
type compState struct {
	targets []value.Value // of its mapping, computed once
	// input is its prepared input, the ambient input of its bodies.
	input    value.Value
	prepared bool

	total int64 // iterations to come in all; -1 for a while loop
	next  int64 // the next iteration to open
	live  []int32
	items []value.Value // of a for-each, fixed at the start

	results []value.Value // by index, for list, dict and reduce
	best    value.Value   // for first and last
	bestAt  int64         // -1 for none

	ok, failed, skipped int64
	errs                []itemError
	// failure is that of the lowest failed index; fatal that it fails the node
	// whatever error_handling says.
	failure *Failure
	failAt  int64
	fatal   bool

	stop    stopReason
	closed  bool // opens no more bodies
	aborted bool // a body was cancelled from outside
	expired bool // the attempt's time is over
	queued  bool // has an entry in the ready queue

	state *value.Object // of a while loop

	// of a branch
	chosen      int32 // index of the matched branch; -1 for none
	met         bool
	evaluations []bool
	result      value.Value
}

type itemError struct {
	index   int64
	message string
}

// stopReason is metadata.stopped_by.
type stopReason uint8

const (
	stopExhausted stopReason = iota
	stopCondition
	stopLimit
	stopMatched
	stopElse
)

var stopNames = [...]string{"exhausted", "condition", "limit", "branch_matched", "else"}

// loops, by what they go over
type loopOver uint8

const (
	overNothing loopOver = iota // if-else, switch
	overItems
	overCount
	overState
)

func loopKind(x *ir.Composite) loopOver {
	switch x.Mode {
	case ir.ModeForEach:
		return overItems
	case ir.ModeTimes:
		return overCount
	case ir.ModeWhile:
		return overState
	}
	return overNothing
}

// defaultMaxIterations bounds a while loop without max_iterations.
const defaultMaxIterations = 100

func (l *loopSpec) maxIterations() int64 {
	if l.ir.MaxIter > 0 {
		return int64(l.ir.MaxIter)
	}
	return defaultMaxIterations
}

// wake lets a composite go on.
func (m *Machine) wake(a *act) {
	if !a.comp.queued {
		a.comp.queued = true
		m.ready.push(m.entry(a.scope, a.node))
	}
}

// pump opens the bodies that may be open, or ends the attempt.
func (m *Machine) pump(s, n int32) {
	nd := m.node(s, n)
	a := m.act(m.scopes[s].nodes[n].act)
	c := a.comp
	c.queued = false
	if a.token != 0 {
		return // the reducer is in flight
	}
	if c.expired {
		if len(c.live) == 0 {
			m.attemptFailed(s, n, expiredFailure(nd))
		}
		return
	}
	if ok, why := m.mayStart(s, n); !ok {
		if len(c.live) > 0 {
			return
		}
		if c.aborted || c.total < 0 || c.next < c.total || nd.loop.ir.Collect == "reduce" || c.failure != nil {
			m.abort(s, n, why)
			return
		}
		// All its bodies have finished: so has it.
	}
	if c.total < 0 {
		m.pumpWhile(s, nd, a)
		return
	}
	parallel := nd.loop.parallel
	if m.broken(faultExtraBody) {
		parallel++
	}
	for first := true; !c.closed && c.next < c.total && int64(len(c.live)) < parallel; first = false {
		if m.work <= 0 && !first { // at least one, so that every slice gets on
			m.wake(a)
			return
		}
		item := value.Null
		if c.items != nil {
			item = c.items[c.next]
		}
		if m.opened >= m.prog.maxScopes {
			c.failure, c.fatal, c.closed = m.tooManyScopes(nd), true, true
			break
		}
		m.openBody(s, n, a, nd.loop.body, item)
	}
	if len(c.live) == 0 {
		m.endLoop(s, n, a)
	}
}

func (m *Machine) pumpWhile(s int32, nd *node, a *act) {
	c := a.comp
	if len(c.live) > 0 {
		return
	}
	if c.closed {
		m.endLoop(s, nd.index, a)
		return
	}
	if c.next >= nd.loop.maxIterations() {
		c.stop, c.closed = stopLimit, true
		m.endLoop(s, nd.index, a)
		return
	}
	met, fail := nd.loop.condition.truth(m.frameForLoop(s, nd, a))
	switch {
	case fail != nil:
		m.attemptFailed(s, nd.index, fail)
	case !met:
		c.stop, c.closed = stopCondition, true
		m.endLoop(s, nd.index, a)
	case m.opened >= m.prog.maxScopes:
		c.failure, c.fatal, c.closed = m.tooManyScopes(nd), true, true
		m.endLoop(s, nd.index, a)
	default:
		m.openBody(s, nd.index, a, nd.loop.body, value.Null)
	}
}

// frameForLoop is the view of a composite's own expressions between bodies; they
// see the clock go on.
func (m *Machine) frameForLoop(s int32, nd *node, a *act) *frame {
	f := m.frameFor(s, nd, a)
	f.now = m.now
	return f
}

// openBody opens the next body of a composite.
func (m *Machine) openBody(s, n int32, a *act, b *body, item value.Value) {
	c := a.comp
	index := c.next
	c.next++
	path := m.path(s, n)
	if try := m.scopes[s].nodes[n].try; try > 1 {
		path += "@" + strconv.Itoa(int(try))
	}
	switch {
	case b.owner.loop.ir.Mode == ir.ModeMacro:
	case b.tag == "":
		path += "[" + strconv.FormatInt(index, 10) + "]"
	default:
		path += "/" + b.tag
	}
	ref := m.scopes[s].nodes[n].act
	at := m.openScope(b, s, n, ref, index, item, path+"/")
	m.scopes[at].slot = int32(len(c.live))
	c.live = append(c.live, at)
	m.emit(Public{Type: BodyStarted, Node: path, Total: len(b.nodes)})
}

// bodyDone takes in that a body has settled.
func (m *Machine) bodyDone(at int32) {
	sc := &m.scopes[at]
	a := m.act(sc.act)
	if a.agent != nil {
		m.toolDone(at)
		return
	}
	c := a.comp
	nd := m.node(a.scope, a.node)
	result, any := value.Null, false
	for i := len(sc.nodes) - 1; i >= 0; i-- {
		if sc.nodes[i].st == Completed {
			result, any = sc.outs[i], true
			break
		}
	}
	fail, limited, index := sc.fail, sc.limited, sc.index
	cut := fail == nil && sc.mode == scopeHalted
	if nd.loop.ir.Mode == ir.ModeMacro && fail == nil && !cut {
		result, any, fail = m.macroResult(at, nd)
		c.fatal = fail != nil
		m.scopes[a.scope].limited = m.scopes[a.scope].limited || limited
		limited = false
		sc = &m.scopes[at]
	}
	if !m.opts.Quiet {
		e := Public{Type: BodyCompleted, Node: sc.prefix[:len(sc.prefix)-1], Dur: m.now - sc.began}
		if fail != nil || cut {
			e.Type, e.Failure = BodyFailed, fail
			e.Text = sc.why.String()
		}
		m.emit(e)
	} else {
		m.host().ord++
	}
	last := len(c.live) - 1
	moved := c.live[last]
	c.live[sc.slot] = moved
	m.scopes[moved].slot = sc.slot
	c.live = c.live[:last]
	m.closeScope(at)
	switch {
	case cut:
		c.aborted = true
	case fail != nil:
		result = value.Null
		m.itemFailed(nd, c, index, fail)
	case limited:
		c.skipped++
		c.stop, c.closed = stopLimit, true
		m.collected(nd, c, index, value.Null)
		if loopKind(nd.loop.ir) == overNothing {
			m.scopes[a.scope].limited = true
		}
	case !any:
		c.skipped++
		m.collected(nd, c, index, value.Null)
	default:
		c.ok++
		m.collected(nd, c, index, result)
	}
	if !cut && !c.closed && c.total < 0 {
		if f := m.updateState(nd, a, result); f != nil && c.failure == nil {
			c.failure, c.fatal, c.closed = f, true, true
		}
	}
	m.wake(a)
}

// updateState computes the next state of a while loop: each update sees those
// before it.
func (m *Machine) updateState(nd *node, a *act, result value.Value) *Failure {
	c := a.comp
	f := m.frameForLoop(a.scope, nd, a)
	f.body = result
	state := c.state
	// While the updates run, iteration is the one that has just ended.
	c.next--
	for i, x := range nd.loop.update {
		v, fail := x.eval(f)
		if fail == nil {
			fail = tooLarge(nd, "state", v)
		}
		if fail != nil {
			c.next++
			return fail
		}
		state = state.Clone()
		state.Set(nd.loop.ir.StateUpdate[i].Name, v)
		c.state = state
	}
	c.next++
	state = state.Clone()
	state.Set("iteration", value.Int(c.next))
	c.state = state
	return nil
}

// timeOutComposite ends an attempt whose time is over.
func (m *Machine) timeOutComposite(a *act) {
	s, n := a.scope, a.node
	a.comp.expired, a.comp.closed = true, true
	if m.scopes[s].nodes[n].st == Queued {
		m.attemptFailed(s, n, expiredFailure(m.node(s, n)))
		m.unpark(s)
		return
	}
	m.haltInside(s, n, WhyNodeTimeout, true)
}

func expiredFailure(nd *node) *Failure {
	return &Failure{
		Code: diag.RunTimeout, Class: ClassTimeout, Retryable: true, Place: nd.ir.Origin,
		Message: fmt.Sprintf("%q took longer than %s", nd.ir.Name, duration(nd.ir.Timeout)),
	}
}

// endLoop ends an attempt all of whose bodies have settled.
func (m *Machine) endLoop(s, n int32, a *act) {
	c, nd := a.comp, m.node(s, n)
	x := nd.loop.ir
	if f := c.failure; f != nil {
		over := loopKind(x)
		switch {
		case c.fatal:
			m.attemptFailed(s, n, f)
			return
		case over == overNothing || x.OnError == "" || x.OnError == "fail_fast":
			m.attemptFailed(s, n, bodyFailure(nd, over, c.failAt, f))
			return
		}
	}
	if x.Collect == "reduce" && loopKind(x) != overNothing {
		kept := make([]value.Value, 0, len(c.results))
		for _, v := range c.results {
			if !v.IsNull() {
				kept = append(kept, v)
			}
		}
		c.results = nil
		if len(kept) > 0 {
			a.reduce = value.List(kept)
			a.fresh = true
			m.enqueue(s, n)
			return
		}
		m.completeLoop(s, n, a, value.Null)
		return
	}
	v, fail := m.collectedResult(nd, c)
	if fail != nil {
		m.attemptFailed(s, n, fail)
		return
	}
	m.completeLoop(s, n, a, v)
}

func bodyFailure(nd *node, over loopOver, index int64, cause *Failure) *Failure {
	what := fmt.Sprintf("the body of %q", nd.ir.Name)
	if over != overNothing {
		what = fmt.Sprintf("iteration %d of %q", index, nd.ir.Name)
	}
	return &Failure{
		Code: diag.RunBodyFailed, Class: cause.Class, Definite: cause.Definite, Retryable: cause.Retryable, Place: cause.Place,
		Message: what + " failed: " + cause.Message, Cause: cause,
	}
}
