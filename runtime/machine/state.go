package machine

import (
	"sort"

	"hexdag.dev/hexdag/lang/value"
)

// nodeState is what a run knows about one node of one scope. There may be
// millions: 24 bytes, no pointers.
type nodeState struct {
	st      Status
	why     Why
	flags   nodeFlags
	_       uint8
	try     uint16 // the current or last attempt, from 1; 0 before the first
	_       uint16
	pend    int32 // dependencies that have not settled
	skipped int32 // data dependencies that were skipped
	readers int32 // dependents that may still read the output
	act     int32 // index into Machine.acts + 1; 0 for none
}

type nodeFlags uint8

const (
	// flagUpstream: a data dependency failed or was cancelled.
	flagUpstream nodeFlags = 1 << iota
	// flagGuard: a node that this one handles has failed.
	flagGuard
	// flagHandled: the node failed, and a handler has taken it.
	flagHandled
	// flagDropped: the output is gone, since nobody reads it any more.
	flagDropped
	// flagStarted: NodeStarted was emitted.
	flagStarted
	// flagInside: the node inside an invocation that this one stands for has
	// completed, and its output is here.
	flagInside
)

// scopeMode is what may still start in a scope.
type scopeMode uint8

const (
	scopeOpen scopeMode = iota
	// scopeStopping: a failure was not handled. Only handlers start.
	scopeStopping
	// scopeHalted: nothing starts; what is in flight finishes.
	scopeHalted
)

// scope is one instance of a body: the pipeline's top level, an iteration of a
// loop, a branch.
type scope struct {
	body   *body // nil when the place in the arena is free
	age    uint64
	parent int32 // -1 at the top
	pnode  int32 // the composite in parent
	act    int32 // the composite's act + 1; 0 at the top
	slot   int32 // position among the composite's open bodies
	call   int32 // of an agent's tool call: which of the answer's it is
	index  int64 // position of the item
	item   value.Value
	nodes  []nodeState
	outs   []value.Value
	left   int32 // nodes that have not settled
	mode   scopeMode
	why    Why // reason of what is cancelled here
	// limited: a limit skipped a node here.
	limited bool
	flights int32 // effects in flight here and further in
	parked  queue // effects that wait for a place under the body's own bound
	fails   map[int32]*Failure
	fail    *Failure // of those that nobody handled, see unhandled
	failAt  int32    // its node
	began   int64
	prefix  string // of the paths of its nodes
}

// act is what a node needs beyond its nodeState while it is more than a pure
// computation: the state of an effect, of an LLM conversation, of a composite.
type act struct {
	scope, node int32
	used        bool
	began       int64  // when the node started
	calls       uint32 // effects that it has begun, the current one included
	epoch, lost uint16
	token       uint64   // of the effect in flight; 0 for none
	timer       uint64   // back-off or time-out; 0 for none
	want        want     // what it waits for in the ledger's queue
	fresh       bool     // the next effect is a new call, not one tried again
	last        *Failure // why the last attempt failed
	llm         *llmState
	comp        *compState  // of a composite, and of an agent for its tool calls
	agent       *agentState // nil between two attempts
	wait        *waitState
	transition  *transitionState
	// reduce is what the reducer of an expression_node is called with.
	reduce value.Value
	kid    int32  // a process's child + 1; 0 for none
	why    Why    // of the child's cancellation
	ticket uint64 // its place among those who wait for the System's budget
}

// flight is an effect that was started and has not settled.
type flight struct {
	token       uint64
	scope, node int32
	act         int32 // + 1
	call        uint32
	try         uint16
	epoch, lost uint16
	timeout     int64
	grant       Amount
	cancelled   bool
	why         Why // of the cancellation
}

type timerKind uint8

const (
	timerBackoff timerKind = iota + 1 // of an act
	timerNode                         // time-out of a composite's attempt
	timerRun                          // kernel.pipeline_timeout
	timerBusy                         // limits.max_duration
	timerWait                         // of a wait_node's event
)

type timer struct {
	id   uint64
	at   int64
	kind timerKind
	act  int32 // + 1
}

// entry is a node in a queue.
type entry struct {
	age         uint64 // of the scope
	scope, node int32
}

func (e entry) before(f entry) bool {
	if e.age != f.age {
		return e.age < f.age
	}
	return e.node < f.node
}

// queue is a heap: the node of the oldest scope first, in a scope in document
// order. Finishing old scopes first bounds how many are open.
type queue []entry

func (q *queue) push(e entry) {
	h := append(*q, e)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !e.before(h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = e
	*q = h
}

func (q *queue) pop() entry {
	h := *q
	top, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	i := 0
	for {
		c := 2*i + 1
		if c >= len(h) {
			break
		}
		if c+1 < len(h) && h[c+1].before(h[c]) {
			c++
		}
		if !h[c].before(last) {
			break
		}
		h[i] = h[c]
		i = c
	}
	if len(h) > 0 {
		h[i] = last
	}
	*q = h
	return top
}

// Machine is one run. It is not safe for concurrent use: one loop owns it.
type Machine struct {
	prog *Prog
	opts Options

	meters meters // of evaluations

	// header, fixed by RunStarted
	runID  string
	seed   uint64
	irHash string
	input  value.Value
	prices []Price

	// progress
	seq     uint64
	slices  uint32
	ord     uint32 // public events of this record so far
	now     int64
	digest  uint64
	phase   phase
	held    bool
	started int64
	ended   int64
	cancel  *Cancellation

	scopes    []scope
	freeScope []int32
	nextAge   uint64
	opened    int64 // scopes opened so far
	acts      []*act
	freeAct   []int32
	ready     queue // nodes that may start, composites that may go on
	queued    queue // effects that wait for a slot
	waiting   []entry
	flights   []flight // by token
	nextToken uint64
	timers    map[uint64]timer
	nextTimer uint64
	zombies   []zombie
	ledger    ledger
	busyUsed  int64 // nanoseconds with an effect in flight, until busySince
	busySince int64 // 0: nothing in flight
	runTimer  uint64
	busyTimer uint64
	usage     Usage
	output    value.Value
	failures  []*Failure
	// of the top scope's nodes
	times  []nodeTimes
	usages map[int32]*Usage

	// of a System: its children by when they started
	kids       []*Machine
	kidFlights int32
	kidFirst   int // children before it have nothing to do
	tickets    uint64
	// of a child
	parent   *Machine
	pnode    int32 // its process
	awaits   awaits
	entities entities

	// scratch, no part of the state
	work  int64
	out   *Cmds
	frame frame
	pool  map[int32][]scopeMemory
	fault fault
}

type nodeTimes struct{ began, ended int64 }

// zombie is an effect that settled without known usage: should its outcome come
// after all, its usage still counts.
type zombie struct {
	token uint64
	top   int32
}

type phase uint8

const (
	phaseNew phase = iota
	phaseRunning
	phaseFinished
)

// scopeMemory is the arrays of a closed scope, for the next one of its body.
type scopeMemory struct {
	nodes []nodeState
	outs  []value.Value
}

func (m *Machine) act(ref int32) *act {
	if ref == 0 {
		return nil
	}
	return m.acts[ref-1]
}

// newAct makes the act of a node.
func (m *Machine) newAct(s, n int32) int32 {
	a := &act{scope: s, node: n, used: true, began: m.now}
	var ref int32
	if k := len(m.freeAct); k > 0 {
		ref = m.freeAct[k-1]
		m.freeAct = m.freeAct[:k-1]
		m.acts[ref-1] = a
	} else {
		m.acts = append(m.acts, a)
		ref = int32(len(m.acts))
	}
	m.scopes[s].nodes[n].act = ref
	return ref
}

// dropAct ends the act of a settled node.
func (m *Machine) dropAct(s, n int32) {
	ns := &m.scopes[s].nodes[n]
	if ns.act == 0 {
		return
	}
	a := m.acts[ns.act-1]
	if a.timer != 0 {
		m.stopTimer(a.timer)
	}
	if a.wait != nil {
		m.forgetWait(ns.act, a.wait)
	}
	m.acts[ns.act-1] = nil
	m.freeAct = append(m.freeAct, ns.act)
	ns.act = 0
}

func (m *Machine) startTimer(at int64, k timerKind, act int32) uint64 {
	m.nextTimer++
	t := timer{id: m.nextTimer, at: at, kind: k, act: act}
	m.timers[t.id] = t
	m.mix(tagTimer, t.id, uint64(at))
	m.out.Timers = append(m.out.Timers, StartTimer{ID: t.id, At: at})
	return t.id
}

func (m *Machine) stopTimer(id uint64) {
	if _, ok := m.timers[id]; !ok {
		return
	}
	delete(m.timers, id)
	m.mix(tagStop, id, 0)
	m.out.Stops = append(m.out.Stops, id)
}

// flightAt is the index of a token in flights, or -1.
func (m *Machine) flightAt(token uint64) int {
	i := sort.Search(len(m.flights), func(i int) bool { return m.flights[i].token >= token })
	if i < len(m.flights) && m.flights[i].token == token {
		return i
	}
	return -1
}

func (m *Machine) node(s, n int32) *node { return &m.scopes[s].body.nodes[n] }

func (m *Machine) entry(s, n int32) entry { return entry{m.scopes[s].age, s, n} }

// live reports whether a queue's entry still means something.
func (m *Machine) live(e entry) bool {
	sc := &m.scopes[e.scope]
	return sc.body != nil && sc.age == e.age
}

// top is the top-level node that contains a node.
func (m *Machine) top(s, n int32) int32 {
	for m.scopes[s].parent >= 0 {
		n = m.scopes[s].pnode
		s = m.scopes[s].parent
	}
	return n
}

// path names a node: `triage[17]/answer`.
func (m *Machine) path(s, n int32) string {
	return m.scopes[s].prefix + m.node(s, n).local
}
