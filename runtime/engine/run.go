package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/cassette"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
)

// run is one run under way. All fields but mail are owned by the loop.
type run struct {
	Config
	program *ir.Program
	id      string
	ctx     context.Context // the caller's: its end cancels the run
	effects context.Context // what effects run under: not ended by ctx itself
	release context.CancelFunc
	mail    mailbox

	machine *machine.Machine
	more    bool // the machine has work left
	cmds    machine.Cmds
	finish  *machine.Finish

	flights map[uint64]*flight
	returns []message // outcomes of calls that returned at once
	timers  map[uint64]func() bool
	live    sync.WaitGroup // goroutines of effects that were not given up

	held    []held
	entries []journal.Entry
	size    int // bytes in entries
	written progress
	durable uint64 // records that are durable

	numbers numbers

	taken    map[string]bool // signals that were applied here
	nowTaken []string        // of them, those that the next commit takes

	cancelled, draining, stopped bool

	began time.Time // when the run started, of one that is recorded or played
}

// progress is what was handed to the journal since the last snapshot.
type progress struct {
	records uint64
	bytes   int
	last    int // bytes of the last snapshot
}

// held is a command that waits for its cause to be durable.
type held struct {
	seq    uint64
	effect *flight
	event  *event.Event
}

func newRun(ctx context.Context, c Config) *run {
	if c.Clock == nil {
		c.Clock = wallClock{}
	}
	if c.Tape != nil {
		c.Clock = newVirtualClock(time.Unix(0, c.Tape.Head.At))
		c.SuspendAfter = 1 // where the recorded run waited for what never came
	}
	if c.Host == nil {
		c.Host = new(Host)
	}
	if c.Grace <= 0 {
		c.Grace = 5 * time.Second
	}
	if c.DrainTime <= 0 {
		c.DrainTime = 10 * time.Second
	}
	r := &run{
		Config: c, program: c.Prog.Program(), id: c.Log.Run().ID, ctx: ctx,
		mail:    mailbox{signal: make(chan struct{}, 1)},
		flights: make(map[uint64]*flight), timers: make(map[uint64]func() bool),
		numbers: newNumbers(c.Prog.Program()),
	}
	r.effects, r.release = context.WithCancel(context.WithoutCancel(ctx))
	return r
}

// options of the machine: events are made only if somebody sees them or their
// numbers must go on after a restart.
func (r *run) options() machine.Options {
	return machine.Options{KeepOutputs: true, Quiet: r.Bus.Empty() && r.Ephemeral}
}

// message is something that happened outside of the loop.
type message struct {
	kind    messageKind
	token   uint64
	timer   uint64
	seq     uint64
	outcome *machine.Outcome
	event   *event.Event
	signal  *machine.Signal
	err     error
}

type messageKind uint8

const (
	effectSettled messageKind = iota + 1
	effectOverdue             // it did not return within its grace
	timerDue
	recordsDurable
	journalFailed
	momentCame
	signalPlayed
)

// mailbox takes messages without ever blocking the sender.
type mailbox struct {
	mu     sync.Mutex
	list   []message
	signal chan struct{} // has room for one
}

func (m *mailbox) put(msg message) {
	m.mu.Lock()
	m.list = append(m.list, msg)
	m.mu.Unlock()
	select {
	case m.signal <- struct{}{}:
	default:
	}
}

// take gives what came since the last take, in spare's memory.
func (m *mailbox) take(spare []message) []message {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := m.list
	clear(spare)
	m.list = spare[:0]
	return list
}

func (m *mailbox) empty() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.list) == 0
}

// errFailed wraps why the run cannot be carried on here.
func (r *run) failed(err error) error {
	if miss := (*cassette.MissError)(nil); errors.As(err, &miss) {
		return err
	}
	if errors.Is(err, journal.ErrLost) {
		return fmt.Errorf("run %s was stopped here: %w", r.id, err)
	}
	return fmt.Errorf("run %s was stopped, and can be resumed once this is mended: %w", r.id, err)
}

// closed is always ready.
var closed = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// loop drives the run until it is over or suspended.
func (r *run) loop() (*Outcome, error) {
	drain, stop, done := r.Drain, r.Stop, r.ctx.Done()
	var drained <-chan struct{}
	var msgs []message
	look := true // at the inbox
	poll := time.NewTimer(time.Hour)
	defer poll.Stop()
	for {
		r.settleReturns() // they came first
		msgs = r.mail.take(msgs)
		for i := range msgs {
			if err := r.handle(&msgs[i]); err != nil {
				return nil, r.failed(err)
			}
			r.settleReturns()
		}
		for r.more && r.mail.empty() {
			r.more = r.machine.Continue(machine.Work{}, &r.cmds)
			r.carryOut()
			r.settleReturns()
		}
		if !r.awaiting() {
			look = true // once the next wait opens
		} else if look && !r.more {
			look = false
			if err := r.takeSignals(); err != nil {
				return nil, r.failed(err)
			}
			poll.Reset(inboxInterval)
		}
		if err := r.commit(); err != nil {
			return nil, r.failed(err)
		}
		r.letGo()
		advanced := false
		switch {
		case r.finish != nil && r.durable >= r.machine.Seq() && len(r.held) == 0:
			return r.over(), nil
		case r.stopped, r.draining && len(r.flights) == 0 && r.finish == nil && !r.more:
			return r.suspend(true)
		case r.advance():
			advanced = true
		case r.idle():
			if wake, ok := r.mayRest(); ok {
				return r.rest(wake)
			} else if len(r.timers) == 0 && !r.awaiting() {
				return nil, r.failed(errors.New("nothing is left to do, and the run is not over: this is a fault of the runtime, please report it"))
			}
		}
		// With work left, look for what else there is but do not wait for it.
		var busy <-chan struct{}
		if r.more || advanced || len(r.returns) > 0 {
			busy = closed
		}
		select {
		case <-busy:
		case <-r.mail.signal:
		case <-r.Log.Arrived():
			look = true
		case <-poll.C:
			look = true
		case <-done:
			done = nil
			r.cancel()
		case <-drain:
			drain = nil
			drained = r.drain()
		case <-drained:
			r.stopped = true
		case <-stop:
			r.stopped = true
		case <-r.Log.Lost():
			return nil, r.failed(journal.ErrLost)
		}
	}
}

// handle takes in one message.
func (r *run) handle(m *message) error {
	switch m.kind {
	case effectSettled:
		f := r.flights[m.token]
		if f == nil {
			// It was given up: what it consumed is all that still counts.
			if m.outcome.Usage.Known && r.finish == nil {
				r.step(machine.Event{Kind: machine.Settled, Token: m.token, Outcome: &machine.Outcome{Usage: m.outcome.Usage}})
			}
			return nil
		}
		r.settle(f, m.outcome)
	case effectOverdue:
		if f := r.flights[m.token]; f != nil {
			r.giveUp(f)
		}
	case timerDue:
		if _, set := r.timers[m.timer]; set {
			delete(r.timers, m.timer)
			r.step(machine.Event{Kind: machine.TimerFired, Timer: m.timer})
		}
	case recordsDurable:
		r.durable = max(r.durable, m.seq)
	case momentCame:
		r.told(m.seq, m.event)
	case signalPlayed:
		if r.finish == nil {
			r.step(machine.Event{Kind: machine.SignalArrived, Signal: m.signal})
		}
	case journalFailed:
		return m.err
	}
	return nil
}

// step applies an event and keeps its record for the journal.
func (r *run) step(ev machine.Event) {
	ev.At = r.Clock.Now().UnixNano()
	rec, more := r.machine.Step(ev, machine.Work{}, &r.cmds)
	r.more = more
	r.record(&rec)
	r.carryOut()
}

// cancel ends the run because the caller's context ended.
func (r *run) cancel() {
	if r.cancelled || r.finish != nil {
		return
	}
	r.cancelled = true
	reason := "the caller's context ended"
	if cause := context.Cause(r.ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		reason = cause.Error()
	}
	r.step(machine.Event{Kind: machine.Cancelled, Cancel: &machine.Cancellation{By: "host", Reason: r.Secrets.RedactText(reason)}})
}

// drain starts no further effects; the channel closes when those under way had
// their time.
func (r *run) drain() <-chan struct{} {
	r.draining = true
	r.step(machine.Event{Kind: machine.Hold})
	over := make(chan struct{})
	r.Clock.AfterFunc(r.DrainTime, func() { close(over) })
	return over
}

// idle reports whether only a timer can bring the run on.
func (r *run) idle() bool {
	return r.finish == nil && !r.draining && !r.more && len(r.flights) == 0 && len(r.returns) == 0 && len(r.held) == 0 && r.mail.empty()
}

// carryOut does what the machine asked for.
func (r *run) carryOut() {
	c := &r.cmds
	seq := r.machine.Seq()
	if r.Bus.Empty() {
		r.numbers.events += uint64(len(c.Events))
	} else {
		for i := range c.Events {
			r.hold(held{seq: seq, event: r.public(&c.Events[i])})
		}
	}
	for i := range c.Effects {
		f := r.take(&c.Effects[i])
		if f.class == machine.Hermetic {
			r.launch(f)
			continue
		}
		r.hold(held{seq: seq, effect: f})
	}
	for _, token := range c.Cancels {
		if f := r.flights[token]; f != nil {
			r.stopEffect(f)
		}
	}
	for _, t := range c.Timers {
		r.setTimer(t)
	}
	for _, id := range c.Stops {
		if stop := r.timers[id]; stop != nil {
			stop()
			delete(r.timers, id)
		}
	}
	if c.Finish != nil {
		r.finish = c.Finish
	}
	c.Reset()
}

func (r *run) hold(h held) { r.held = append(r.held, h) }

// letGo carries out the commands whose causes are durable.
func (r *run) letGo() {
	n := 0
	for n < len(r.held) && r.held[n].seq <= r.durable {
		h := &r.held[n]
		n++
		switch {
		case h.event != nil:
			r.Bus.Publish(*h.event)
		case h.effect != nil && !h.effect.dropped:
			r.launch(h.effect)
		}
	}
	clear(r.held[:n])
	r.held = r.held[n:]
	if len(r.held) == 0 {
		r.held = nil
	}
}

// setTimer arranges for a timer to fire, never early.
func (r *run) setTimer(t machine.StartTimer) {
	wait := time.Duration(t.At - r.Clock.Now().UnixNano())
	r.timers[t.ID] = r.Clock.AfterFunc(max(0, wait), func() {
		if early := t.At - r.Clock.Now().UnixNano(); early > 0 {
			// The wall clock was set back meanwhile.
			r.Clock.AfterFunc(time.Duration(early), func() { r.mail.put(message{kind: timerDue, timer: t.ID}) })
			return
		}
		r.mail.put(message{kind: timerDue, timer: t.ID})
	})
}

// over is the end of a run that is durable.
func (r *run) over() *Outcome {
	res := r.machine.Result()
	return &Outcome{Status: finalStatus(r.finish.Status), Result: res}
}

func finalStatus(s machine.RunStatus) journal.Status {
	switch s {
	case machine.RunCompleted:
		return journal.Completed
	case machine.RunCancelled:
		return journal.Cancelled
	}
	return journal.Failed
}

// close ends everything that belongs to the run.
func (r *run) close() {
	for _, f := range r.flights {
		if f.step != nil {
			f.step.End()
		}
		if f.grace != nil {
			f.grace()
		}
	}
	for _, stop := range r.timers {
		stop()
	}
	r.release()
	grace := r.Grace
	if r.stopped {
		grace = min(grace, 100*time.Millisecond)
	}
	// Those that look at their context return now; the others are given up.
	all := make(chan struct{})
	go func() {
		r.live.Wait()
		close(all)
	}()
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case <-all:
	case <-t.C:
		for _, f := range r.flights {
			r.abandon(f)
		}
	}
}

// moment publishes an event that is not part of the history.
func (r *run) moment(kind, node string, data *value.Object) {
	if r.Bus.Empty() {
		return
	}
	r.Bus.Publish(event.Event{Time: r.Clock.Now(), RunID: r.id, Type: kind, Node: node, Data: data.Value()})
}

// tell publishes such an event of an effect, behind those of its start.
func (r *run) tell(f *flight, kind string, data *value.Object) {
	if r.Bus.Empty() {
		return
	}
	process, path := r.split(&f.cmd)
	e := event.Event{Time: r.Clock.Now(), RunID: r.id, Type: kind, Node: nodePath(path), Process: process, Data: data.Value()}
	if f.background {
		r.mail.put(message{kind: momentCame, seq: f.seq, event: &e})
		return
	}
	r.told(f.seq, &e)
}

// told publishes an event of the moment once what caused it is visible.
func (r *run) told(seq uint64, e *event.Event) {
	if seq <= r.durable {
		r.Bus.Publish(*e)
		return
	}
	r.hold(held{seq: seq, event: e})
}
