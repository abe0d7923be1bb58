package sim

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// Chaos is one schedule: a random program in a random world, with everything in
// random order that an engine may meet. All of it follows from Seed.
type Chaos struct {
	Seed  uint64
	Shape Shape
	Rates Rates
	// Processes: the program is run by so many processes of a System; 0 for none.
	Processes int
	// Crashes is how often the process dies at most.
	Crashes int
	// Duplicates: outcomes come twice, late, or early timers fire.
	Duplicates bool
	// Holds: the run is drained and released now and then.
	Holds bool
	// Cancel: the run may be cancelled.
	Cancel bool
	// Interleave: events come between slices of work.
	Interleave bool
	// Work is the size of slices, 0 for the usual one.
	Work int64
	// Prepare is called with every machine that is made; for tests of the checks.
	Prepare func(*machine.Machine)
	// EarlyRelease breaks the engine: effects are released before the record that
	// caused them is durable. ForgetsAck: a durable cancellation is lost.
	EarlyRelease, ForgetsAck bool

	r     *rand.Rand
	ir    *ir.Program
	desc  Program
	prog  *machine.Prog
	world World
	st    machine.Start
	w     machine.Work

	m    *machine.Machine
	now  int64
	more bool
	cmds machine.Cmds

	durable []machine.Record
	pending []machine.Record
	held    []heldEffect
	heldEnd *machine.Finish
	events  []machine.Public // not yet released

	flying    []execution // released, not settled
	cancelled map[uint64]bool
	timers    map[uint64]int64
	old       []machine.Event // outcomes that came before, or too late
	snapshots []takenSnapshot
	mixed     bool // an event came between slices
	crashed   int
	end       *machine.Finish

	sent    int // signals
	signals []machine.Signal

	book book
}

type heldEffect struct {
	e     machine.StartEffect
	cause uint64 // record
}

type execution struct {
	token uint64
	at    int64
	o     machine.Outcome
}

type takenSnapshot struct {
	after int // records
	data  []byte
}

// Violation is an invariant that a schedule broke.
type Violation struct {
	Invariant string // its number in the design, and its name
	Detail    string
}

// Error is the violation in one line.
func (v *Violation) Error() string { return v.Invariant + ": " + v.Detail }

func violate(invariant, format string, args ...any) *Violation {
	return &Violation{invariant, fmt.Sprintf(format, args...)}
}

// Run plays the schedule and checks every invariant on the way.
func (c *Chaos) Run() *Violation {
	c.r = rand.New(rand.NewPCG(c.Seed, 0x6865786461))
	c.desc = Generate(c.r, c.Shape)
	p, err := Build(c.desc)
	if err != nil {
		panic(fmt.Sprintf("seed %d: %v", c.Seed, err))
	}
	c.ir, c.world = p, Random(c.Seed, c.Rates)
	if c.Processes > 0 {
		p, c.world = c.system(p), c.worlds()
	}
	if c.prog, err = machine.Load(p); err != nil {
		panic(fmt.Sprintf("seed %d: %v", c.Seed, err))
	}
	c.now, c.timers, c.cancelled = Epoch, map[uint64]int64{}, map[uint64]bool{}
	c.w = machine.Work{Steps: c.Work}
	c.st = machine.Start{
		RunID: "run", Seed: c.Seed, Input: c.input(),
		Prices: []machine.Price{{Port: "llm", Input: 20_000_000, Output: 60_000_000}},
	}
	c.book.init(c)
	c.m = c.machine(false)
	if v := c.apply(machine.Event{Kind: machine.RunStarted, Start: &c.st}); v != nil {
		return v
	}
	for actions := 0; c.end == nil; actions++ {
		if actions > 50_000 {
			return violate("15 termination", "the run is not over after %d actions: %+v", actions, c.m.Stats())
		}
		if v := c.act(); v != nil {
			return v
		}
	}
	return c.finalChecks()
}

func (c *Chaos) input() value.Value {
	o := value.NewObject(2)
	o.Set("a", value.Int(int64(Hash(c.Seed, "a")%9)))
	o.Set("b", value.Int(int64(Hash(c.Seed, "b")%9)))
	return o.Value()
}

func (c *Chaos) machine(quiet bool) *machine.Machine {
	m := machine.New(c.prog, machine.Options{KeepOutputs: true, Quiet: quiet})
	if c.Prepare != nil {
		c.Prepare(m)
	}
	return m
}

// act lets one thing happen.
func (c *Chaos) act() *Violation {
	type action struct {
		weight int
		do     func() *Violation
	}
	var list []action
	add := func(weight int, ok bool, do func() *Violation) {
		if ok {
			list = append(list, action{weight, do})
		}
	}
	quiet := !c.more || c.Interleave
	add(20, c.more, c.goOn)
	add(6, len(c.pending) > 0 || len(c.held) > 0 || c.heldEnd != nil, c.flush)
	add(10, quiet && len(c.flying) > 0, c.deliver)
	add(4, quiet && len(c.timers) > 0, c.fire)
	crash, calm := 1, 20
	if c.ForgetsAck {
		crash, calm = 5, 4 // what it breaks shows only after both
	}
	add(crash, c.Crashes > c.crashed && len(c.durable) > 0, c.crash)
	add(1, quiet && c.Holds, func() *Violation {
		kind := machine.Hold
		if c.m.Held() {
			kind = machine.Release
		}
		return c.apply(machine.Event{Kind: kind})
	})
	add(2, quiet && c.Duplicates && len(c.old) > 0, c.repeat)
	add(1, quiet && c.Duplicates && len(c.timers) > 0, c.fireEarly)
	add(1, quiet && c.Cancel && !c.book.cancelled && c.r.IntN(calm) == 0, func() *Violation {
		return c.apply(machine.Event{Kind: machine.Cancelled, Cancel: &machine.Cancellation{By: "test", Reason: "chance"}})
	})
	waits := c.m.Waits()
	add(3, quiet && len(waits) > 0, func() *Violation { return c.signal(waits[c.r.IntN(len(waits))].Key) })
	add(1, quiet && c.Duplicates && c.sent > 0, c.signalAgain)
	stuck := len(waits) == 0 && !c.more && len(c.pending) == 0 && len(c.flying) == 0 && len(c.timers) == 0 && len(c.held) == 0 && c.heldEnd == nil
	if stuck && c.m.Held() {
		return c.apply(machine.Event{Kind: machine.Release})
	}
	if stuck {
		return violate("15 termination", "nothing is left to happen and the run is not over: %+v", c.m.Stats())
	}
	total := 0
	for _, a := range list {
		total += a.weight
	}
	dice := c.r.IntN(total)
	for _, a := range list {
		if dice -= a.weight; dice < 0 {
			return a.do()
		}
	}
	return nil
}

// apply gives the machine an event, with a clock that may jump either way.
func (c *Chaos) apply(ev machine.Event) *Violation {
	if c.m.Slices() > 0 && c.more {
		c.mixed = true
	}
	c.mixed = c.mixed || c.more
	ev.At = c.now
	if c.r.IntN(30) == 0 {
		ev.At -= int64(c.r.IntN(1_000_000))
	}
	before := c.book.before(c, &ev)
	rec, more := c.m.Step(ev, c.w, &c.cmds)
	c.more = more
	// Through the codec, as a journal would keep it.
	enc, err := rec.Append(nil)
	if err != nil {
		return violate("1 determinism", "record %d cannot be encoded: %v", rec.Seq, err)
	}
	back, err := machine.DecodeRecord(enc)
	if err != nil {
		return violate("1 determinism", "record %d cannot be decoded: %v", rec.Seq, err)
	}
	if again, _ := back.Append(nil); !bytes.Equal(enc, again) {
		return violate("1 determinism", "record %d changes in the codec", rec.Seq)
	}
	c.pending = append(c.pending, back)
	if v := c.book.applied(c, &ev, before); v != nil {
		return v
	}
	if c.r.IntN(4) == 0 {
		if v := c.snapshot(); v != nil {
			return v
		}
	}
	return c.collect()
}

// snapshot keeps the state after the last record; it is usable once that record
// is durable.
func (c *Chaos) snapshot() *Violation {
	data, err := c.m.Snapshot()
	if err != nil {
		return violate("4 snapshot", "%v", err)
	}
	m, err := machine.Restore(c.prog, machine.Options{KeepOutputs: true}, data)
	if err != nil {
		return violate("4 snapshot", "after record %d: %v", c.m.Seq(), err)
	}
	again, err := m.Snapshot()
	if err != nil || !bytes.Equal(data, again) {
		return violate("4 snapshot", "after record %d the restored state has another encoding (%v)", c.m.Seq(), err)
	}
	if c.m.Slices() == 0 {
		c.snapshots = append(c.snapshots, takenSnapshot{len(c.durable) + len(c.pending), data})
	}
	return nil
}

func (c *Chaos) goOn() *Violation {
	c.more = c.m.Continue(c.w, &c.cmds)
	return c.collect()
}

// collect takes the machine's commands.
func (c *Chaos) collect() *Violation {
	x := &c.cmds
	defer x.Reset()
	if v := c.book.slice(c, x); v != nil {
		return v
	}
	for i := range x.Effects {
		c.held = append(c.held, heldEffect{x.Effects[i], c.m.Seq()})
	}
	for _, token := range x.Cancels {
		c.cancelled[token] = true
	}
	for _, t := range x.Timers {
		c.timers[t.ID] = t.At
	}
	for _, id := range x.Stops {
		delete(c.timers, id)
	}
	c.events = append(c.events, x.Events...)
	if x.Finish != nil {
		f := *x.Finish
		c.heldEnd = &f
	}
	if c.EarlyRelease {
		return c.release()
	}
	return nil
}

// flush makes the batch durable and releases what it held.
func (c *Chaos) flush() *Violation {
	c.durable = append(c.durable, c.pending...)
	c.pending = nil
	c.book.flushed(c)
	return c.release()
}

func (c *Chaos) release() *Violation {
	for _, h := range c.held {
		if h.cause > uint64(len(c.durable)) {
			return violate("5 output commit", "%s started while record %d of %d was durable", h.e.Path, h.cause, len(c.durable))
		}
		if c.cancelled[h.e.Token] {
			c.flying = append(c.flying, execution{h.e.Token, c.now, machine.Outcome{
				Failure: &machine.Failure{Class: machine.ClassCancelled, Message: "cancelled"},
				Usage:   machine.Usage{Known: true, Unsent: true},
			}})
			continue
		}
		n, v := c.book.executed(c, &h.e)
		if v != nil {
			return v
		}
		r := c.world(&h.e, n)
		if h.e.Timeout > 0 && r.Delay > h.e.Timeout {
			r.Delay, r.Outcome = h.e.Timeout, machine.Outcome{Failure: TimedOut(&h.e)}
		}
		if v := c.book.consumed(c, &h.e, &r.Outcome.Usage); v != nil {
			return v
		}
		c.flying = append(c.flying, execution{h.e.Token, c.now + r.Delay, r.Outcome})
	}
	c.held = nil
	if v := c.book.published(c, c.events); v != nil {
		return v
	}
	c.events = nil
	if c.heldEnd != nil && c.heldEnd.At >= 0 && len(c.pending) == 0 {
		c.end = c.heldEnd
	}
	return nil
}

// deliver brings the outcome of some effect in flight.
func (c *Chaos) deliver() *Violation {
	i := c.r.IntN(len(c.flying))
	x := c.flying[i]
	c.flying = append(c.flying[:i], c.flying[i+1:]...)
	c.now = max(c.now, x.at)
	o := x.o
	if c.cancelled[x.token] && c.r.IntN(2) == 0 {
		o = machine.Outcome{Failure: &machine.Failure{Class: machine.ClassCancelled, Message: "cancelled"}, Usage: o.Usage}
	}
	ev := machine.Event{Kind: machine.Settled, Token: x.token, Outcome: &o}
	c.old = append(c.old, ev)
	return c.apply(ev)
}

// fire lets the earliest timer fire.
func (c *Chaos) fire() *Violation {
	id, at := c.earliest()
	c.now = max(c.now, at)
	delete(c.timers, id)
	return c.apply(machine.Event{Kind: machine.TimerFired, Timer: id})
}

func (c *Chaos) earliest() (id uint64, at int64) {
	for i, t := range c.timers {
		if id == 0 || t < at || t == at && i < id {
			id, at = i, t
		}
	}
	return id, at
}

// fireEarly lets a timer fire before its time: a clock that was set back.
func (c *Chaos) fireEarly() *Violation {
	id, at := c.earliest()
	if c.m.Now() >= at || c.now >= at {
		return nil
	}
	delete(c.timers, id)
	return c.apply(machine.Event{Kind: machine.TimerFired, Timer: id})
}

// repeat delivers an outcome again.
func (c *Chaos) repeat() *Violation {
	return c.apply(c.old[c.r.IntN(len(c.old))])
}

// crash loses what is not durable, and starts again from a snapshot and the
// journal.
func (c *Chaos) crash() *Violation {
	c.crashed++
	for _, x := range c.flying {
		if c.r.IntN(2) == 0 {
			o := x.o
			c.old = append(c.old, machine.Event{Kind: machine.Settled, Token: x.token, Outcome: &o})
		}
	}
	c.pending, c.held, c.events, c.heldEnd, c.flying = nil, nil, nil, nil, nil
	from := 0
	m := c.machine(false)
	if len(c.snapshots) > 0 && c.r.IntN(3) > 0 {
		s := c.snapshots[c.r.IntN(len(c.snapshots))]
		if s.after <= len(c.durable) {
			var err error
			if m, err = machine.Restore(c.prog, machine.Options{KeepOutputs: true}, s.data); err != nil {
				return violate("4 snapshot", "%v", err)
			}
			if c.Prepare != nil {
				c.Prepare(m)
			}
			from = s.after
		}
	}
	c.m = m
	c.book.restarted(c)
	c.snapshots = nil
	records := c.durable
	if c.ForgetsAck {
		records = withoutCancel(records)
	}
	c.more = false
	for _, rec := range records[min(from, len(records)):] {
		var err error
		if c.more, err = m.Replay(rec, c.w, &c.cmds); err != nil {
			return violate("1 determinism", "%v", err)
		}
		if v := c.replayed(); v != nil {
			return v
		}
	}
	lost := m.Recover(c.w, &c.cmds)
	c.more = false
	if v := c.replayed(); v != nil {
		return v
	}
	c.timers = map[uint64]int64{}
	for _, t := range m.Timers() {
		c.timers[t.ID] = t.At
	}
	c.cancelled = map[uint64]bool{}
	if m.Status() != machine.RunRunning {
		c.heldEnd = &machine.Finish{Status: m.Status(), At: m.Now()}
		return c.release()
	}
	if c.r.IntN(2) == 0 {
		c.now += int64(c.r.IntN(10_000)) // down-time
	}
	for _, f := range lost {
		if v := c.apply(machine.Event{Kind: machine.Lost, Token: f.Token}); v != nil {
			return v
		}
		for c.more && !c.Interleave {
			if v := c.goOn(); v != nil {
				return v
			}
		}
	}
	return nil
}

// replayed drops the commands of a replay but for its events, which come again
// under the same numbers.
func (c *Chaos) replayed() *Violation {
	v := c.book.published(c, c.cmds.Events)
	c.cmds.Reset()
	return v
}

func withoutCancel(records []machine.Record) []machine.Record {
	for i, r := range records {
		if r.Event.Kind == machine.Cancelled {
			return records[:i]
		}
	}
	return records
}
