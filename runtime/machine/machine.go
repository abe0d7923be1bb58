package machine

import (
	"hexdag.dev/hexdag/lang/value"
)

// Options are the choices of an engine that do not change what a run means.
type Options struct {
	// KeepOutputs keeps the outputs of top-level nodes that nobody will read
	// again, so that Result can show them. Without it they are dropped.
	KeepOutputs bool
	// Quiet leaves out public events.
	Quiet bool
}

// Work bounds one slice of work.
type Work struct {
	// Steps is the number of evaluator steps after which the slice ends. Zero
	// stands for SliceSteps. A journal only replays with the bound that it was
	// written with.
	Steps int64
}

// SliceSteps is the size of a slice of work unless Work says otherwise.
const SliceSteps = 200_000

// Version is the version of the machine and of the expression evaluator: with
// another one a journal may replay differently.
const Version = 1

// New is a run that has not started: the first event must be RunStarted.
func New(p *Prog, o Options) *Machine {
	return &Machine{prog: p, opts: o, timers: map[uint64]timer{}, input: value.Null, output: value.Null}
}

// Apply takes one event in and does work up to w. More work is left if more is
// true: call Continue until it is false, between which other events may be
// applied. An event that cannot belong to this run (an unknown token, a second
// RunStarted) changes nothing but usage.
func (m *Machine) Apply(ev Event, w Work, out *Cmds) (more bool) {
	m.begin(w, out)
	m.seq++
	m.slices, m.ord = 0, 0
	if ev.At > m.now {
		down := ev.At - m.now
		if ev.Kind == Lost && m.busySince != 0 {
			m.busySince += down // nothing ran while the process was down
		}
		m.now = ev.At
		m.wakeKids(&ev, down)
	}
	m.kidFirst = 0
	m.mix(tagEvent, m.seq, uint64(ev.Kind)<<48^ev.Token^ev.Timer<<1)
	if k := m.kidOf(ev.Token | ev.Timer); k != nil {
		m.inKid(k, func() { k.deliver(ev) })
	} else {
		m.deliver(ev)
	}
	return m.work1()
}

// deliver carries out one event.
func (m *Machine) deliver(ev Event) {
	switch {
	case m.phase == phaseNew:
		if ev.Kind == RunStarted && ev.Start != nil {
			m.start(ev.Start)
		}
	case ev.Kind == Settled && ev.Outcome != nil:
		m.settled(ev.Token, ev.Outcome)
	case m.phase == phaseFinished:
	case ev.Kind == Lost:
		m.lost(ev.Token)
	case ev.Kind == TimerFired:
		m.timerFired(ev.Timer)
	case ev.Kind == Cancelled:
		m.cancelRun(ev.Cancel)
	case ev.Kind == Hold:
		m.held = true
	case ev.Kind == Release:
		m.held, m.kidFirst = false, 0
	case ev.Kind == SignalArrived:
		m.signalled(ev.Signal)
	}
}

// Continue does more of the work that Apply left.
func (m *Machine) Continue(w Work, out *Cmds) (more bool) {
	m.begin(w, out)
	m.slices++
	if m.broken(faultSliceClock) {
		m.now++
		m.mix(tagEvent, uint64(m.now), 0)
	}
	return m.work1()
}

func (m *Machine) begin(w Work, out *Cmds) {
	m.work, m.out = w.Steps, out
	if m.work <= 0 {
		m.work = SliceSteps
	}
}

// work1 does one slice: effects first, since the world works on them meanwhile.
func (m *Machine) work1() (more bool) {
	for m.phase == phaseRunning {
		if m.work <= 0 {
			if len(m.ready) > 0 || m.dispatchable() || m.kidsReady() {
				more = true
			}
			break
		}
		m.work--
		if m.stepKids() {
			continue
		}
		if m.dispatchable() && m.dispatch() {
			continue
		}
		if len(m.ready) == 0 {
			break
		}
		m.activate(m.ready.pop())
	}
	for _, k := range m.kids {
		if k.phase == phaseRunning {
			m.inKid(k, k.busyClock)
		}
	}
	m.busyClock()
	m.out = nil
	return more
}

// Seq is the number of events applied so far.
func (m *Machine) Seq() uint64 { return m.seq }

// Slices is the number of calls of Continue since the last event.
func (m *Machine) Slices() uint32 { return m.slices }

// Now is the machine's time in nanoseconds since 1970; it never decreases.
func (m *Machine) Now() int64 { return m.now }

// Digest is a hash over everything that the run has decided so far: equal
// histories have equal digests.
func (m *Machine) Digest() uint64 {
	h := m.digest
	for i, k := range m.kids {
		if k.phase == phaseRunning {
			h = hashWords(h, k.digest, uint64(i))
		}
	}
	return h
}

// Held reports whether the run is between Hold and Release.
func (m *Machine) Held() bool { return m.held }

// Current reports whether an effect's token is in flight and not cancelled.
func (m *Machine) Current(token uint64) bool {
	if k := m.kidOf(token); k != nil {
		return k.Current(token)
	}
	i := m.flightAt(token)
	return i >= 0 && !m.flights[i].cancelled
}

// Timers are the timers that are set, by time, then id.
func (m *Machine) Timers() []StartTimer {
	list := make([]StartTimer, 0, len(m.timers))
	for _, t := range m.timers {
		list = append(list, StartTimer{ID: t.id, At: t.at})
	}
	for _, k := range m.kids {
		list = append(list, k.Timers()...)
	}
	sortTimers(list)
	return list
}
