package sim

import (
	"container/heap"
	"fmt"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// Reply is what the world makes of an effect.
type Reply struct {
	// Delay is how long the effect takes, in nanoseconds of virtual time.
	Delay   int64
	Outcome machine.Outcome
}

// World answers effects. execution counts, from 1, how often the same step
// (path and call) was started before and now.
type World func(e *machine.StartEffect, execution int) Reply

// OK is an outcome with a result and known usage.
func OK(v value.Value, u machine.Usage) machine.Outcome {
	u.Known = true
	return machine.Outcome{Value: v, Usage: u}
}

// Fail is an outcome that failed, with known usage.
func Fail(class string, retryable bool, message string) machine.Outcome {
	return machine.Outcome{
		Failure: &machine.Failure{Class: class, Message: message, Retryable: retryable, Definite: true},
		Usage:   machine.Usage{Known: true},
	}
}

// Epoch is when virtual clocks start: 2026-01-01 in nanoseconds since 1970.
const Epoch = 1_767_225_600_000_000_000

// Engine drives a machine on a virtual clock: effects take no real time, and of
// what is due the earliest comes first. It is not safe for concurrent use.
type Engine struct {
	M     *machine.Machine
	World World
	Work  machine.Work
	Now   int64

	// Events are the public events so far, Records the journal, Effects what was
	// started.
	Events  []machine.Public
	Records []machine.Record
	Effects []machine.StartEffect
	Finish  *machine.Finish

	due   dueHeap
	order int
	seen  map[string]int
	gone  map[uint64]bool // timers that were stopped
	cmds  machine.Cmds
}

type due struct {
	at    int64
	order int
	ev    machine.Event
}

type dueHeap []due

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].order < h[j].order
}
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *dueHeap) Push(x any) { *h = append(*h, x.(due)) }

// Pop implements heap.Interface.
func (h *dueHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// NewEngine is an engine for one run.
func NewEngine(p *machine.Prog, o machine.Options, w World) *Engine {
	return &Engine{M: machine.New(p, o), World: w, Now: Epoch, seen: map[string]int{}, gone: map[uint64]bool{}}
}

// At plans an event for a virtual time after Epoch, in nanoseconds.
func (e *Engine) At(after int64, ev machine.Event) { e.plan(Epoch+after, ev) }

func (e *Engine) plan(at int64, ev machine.Event) {
	e.order++
	heap.Push(&e.due, due{at, e.order, ev})
}

// Run runs from the start until the run is over or nothing is left to happen.
func (e *Engine) Run(st machine.Start) machine.Result {
	e.Begin(st)
	for e.Step() {
	}
	return e.M.Result()
}

// Begin starts the run.
func (e *Engine) Begin(st machine.Start) {
	e.apply(machine.Event{Kind: machine.RunStarted, Start: &st})
}

// Step lets the next thing happen; false if there is none, or the run is over.
func (e *Engine) Step() bool {
	for len(e.due) > 0 && e.Finish == nil {
		d := heap.Pop(&e.due).(due)
		if d.ev.Kind == machine.TimerFired && e.gone[d.ev.Timer] {
			continue
		}
		e.Now = max(e.Now, d.at)
		e.apply(d.ev)
		return true
	}
	return false
}

func (e *Engine) apply(ev machine.Event) {
	ev.At = e.Now
	rec, more := e.M.Step(ev, e.Work, &e.cmds)
	e.Records = append(e.Records, rec)
	e.carryOut()
	for more {
		more = e.M.Continue(e.Work, &e.cmds)
		e.carryOut()
	}
}

func (e *Engine) carryOut() {
	c := &e.cmds
	e.Events = append(e.Events, c.Events...)
	for i := range c.Effects {
		e.start(c.Effects[i])
	}
	for _, token := range c.Cancels {
		e.plan(e.Now, machine.Event{Kind: machine.Settled, Token: token, Outcome: &machine.Outcome{
			Failure: &machine.Failure{Class: machine.ClassCancelled, Message: "cancelled"},
			Usage:   machine.Usage{Known: true},
		}})
	}
	for _, t := range c.Timers {
		e.plan(t.At, machine.Event{Kind: machine.TimerFired, Timer: t.ID})
	}
	for _, id := range c.Stops {
		e.gone[id] = true
	}
	if c.Finish != nil {
		if e.Finish != nil {
			panic("sim: a run finished twice")
		}
		f := *c.Finish
		e.Finish = &f
	}
	c.Reset()
}

func (e *Engine) start(x machine.StartEffect) {
	e.Effects = append(e.Effects, x)
	e.seen[x.Path]++
	r := e.World(&x, e.seen[x.Path])
	if x.Timeout > 0 && r.Delay > x.Timeout {
		r.Delay = x.Timeout
		r.Outcome = machine.Outcome{Failure: TimedOut(&x)}
	}
	e.plan(e.Now+r.Delay, machine.Event{Kind: machine.Settled, Token: x.Token, Outcome: &r.Outcome})
}

// TimedOut is the failure of an attempt that took too long.
func TimedOut(x *machine.StartEffect) *machine.Failure {
	return &machine.Failure{
		Class: machine.ClassTimeout, Retryable: true,
		Message: fmt.Sprintf("%q took longer than its time-out", x.Node.Name),
	}
}
