package sim

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// book is what the checks remember of a schedule.
type book struct {
	parallel map[string]int // open bodies at most, by the composite's name
	bodyCap  map[string]int // effects at a time per body
	attempts map[string]int
	slots    int
	limit    machine.Amount // -1 for none

	cancelled bool // a cancellation was applied
	durable   bool // and is durable
	finished  bool
	now       int64

	idle      map[uint64]bool   // records that were stale or early
	paths     map[uint64]string // of every token
	ok        map[string]bool   // steps with a good outcome
	definites map[string]int    // failures that certainly did not happen
	keys      map[string]keyUse
	runs      map[string]int             // executions of a step
	tries     map[string]bool            // (path, try, lost) that was executed
	used      machine.Amount             // what the world knows was consumed
	public    map[[2]uint64]string       // events that were published
	ends      map[string]int             // terminal events of nodes
	open      map[string]map[string]bool // bodies by composite
}

type keyUse struct {
	key       string
	definites int
}

func (b *book) init(c *Chaos) {
	*b = book{
		parallel: map[string]int{}, bodyCap: map[string]int{}, attempts: map[string]int{}, slots: c.prog.MaxConcurrentNodes(),
		idle: map[uint64]bool{}, paths: map[uint64]string{}, runs: map[string]int{}, tries: map[string]bool{}, public: map[[2]uint64]string{}, ends: map[string]int{},
		limit: machine.Amount{Tokens: -1, LLMCalls: -1, ToolCalls: -1, CostMicro: -1},
	}
	b.restarted(c)
	for _, name := range []string{"body", "t0", "t1", "tool", "transition"} { // of a function as a body, of tools
		b.attempts[name] = 1
	}
	b.walk(c.desc.Nodes)
	if v, ok := c.desc.Limits[ir.MaxLLMCalls]; ok {
		b.limit.LLMCalls, _ = v.AsInt()
	}
	if v, ok := c.desc.Limits[ir.MaxToolCalls]; ok {
		b.limit.ToolCalls, _ = v.AsInt()
	}
	if v, ok := c.desc.Limits[ir.MaxTotalTokens]; ok {
		b.limit.Tokens, _ = v.AsInt()
	}
	if v, ok := c.desc.Limits[ir.MaxCostUSD]; ok {
		f, _ := v.AsFloat()
		b.limit.CostMicro = int64(f*1e6 + 0.5)
	}
}

func (b *book) walk(nodes []Node) {
	for i := range nodes {
		n := &nodes[i]
		b.attempts[n.Name] = max(1, n.Attempts)
		if n.Mode == 0 {
			continue
		}
		if n.Mode == ir.ModeMacro {
			b.parallel[n.Name] = 1
			b.walk(n.Body)
			continue
		}
		b.parallel[n.Name] = 1
		if n.Mode == ir.ModeForEach || n.Mode == ir.ModeTimes {
			b.parallel[n.Name] = max(1, n.Parallel)
		}
		if n.MaxInBody > 0 {
			b.bodyCap[n.Name] = n.MaxInBody
		}
		b.walk(n.Body)
		b.walk(n.Else)
		for j := range n.Cases {
			b.walk(n.Cases[j].Body)
		}
	}
}

// restarted makes the book what the durable records say.
func (b *book) restarted(c *Chaos) {
	b.ok, b.definites, b.keys = map[string]bool{}, map[string]int{}, map[string]keyUse{}
	b.open, b.cancelled, b.finished, b.now = nil, false, false, 0
	if c.crashed == 0 {
		b.open = map[string]map[string]bool{}
	}
	for i := range c.durable {
		if !b.idle[c.durable[i].Seq] {
			b.event(&c.durable[i].Event)
		}
	}
}

func (b *book) event(ev *machine.Event) {
	switch ev.Kind {
	case machine.Settled:
		path := b.paths[ev.Token]
		if ev.Outcome.Failure == nil {
			b.ok[path] = true
		} else if ev.Outcome.Failure.Definite {
			b.definites[path]++
		}
	case machine.Cancelled:
		b.cancelled = b.cancelled || !b.finished
	}
}

// moment is what an event must leave alone if it is stale or early.
type moment struct {
	idle  bool
	state string
	early bool
}

func (b *book) before(c *Chaos, ev *machine.Event) moment {
	switch ev.Kind {
	case machine.Settled:
		if !flying(c.m, ev.Token) {
			return moment{idle: true, state: b.state(c)}
		}
	case machine.SignalArrived:
		if c.m.Knows(ev.Signal.ID) {
			return moment{idle: true, state: b.state(c)}
		}
	case machine.TimerFired:
		for _, t := range c.m.Timers() {
			if t.ID == ev.Timer {
				if max(ev.At, c.m.Now()) < t.At {
					return moment{idle: true, early: true, state: b.state(c)}
				}
				return moment{}
			}
		}
		return moment{idle: true, state: b.state(c)}
	}
	return moment{}
}

func flying(m *machine.Machine, token uint64) bool {
	for _, f := range m.Flights() {
		if f.Token == token {
			return true
		}
	}
	return false
}

// state is what a stale event must not change: statuses, outputs, flights.
func (b *book) state(c *Chaos) string {
	s := c.m.Stats()
	return fmt.Sprint(Describe(c.m.Result()), s.InFlight, s.Queued, s.Waiting, s.Timers, s.Held, s.Used, c.m.Waits())
}

func (b *book) applied(c *Chaos, ev *machine.Event, was moment) *Violation {
	if c.m.Now() < b.now {
		return violate("23 time", "the clock went from %d back to %d", b.now, c.m.Now())
	}
	b.now = c.m.Now()
	b.idle[c.m.Seq()] = was.idle
	if was.idle {
		// Work that earlier events left may go on in the same slice.
		if !c.mixed && (b.state(c) != was.state || len(c.cmds.Effects) > 0 || c.cmds.Finish != nil) {
			name := "10 fence"
			if was.early {
				name = "23 time"
			}
			return violate(name, "%s of an old token, timer or signal changed the run", ev.Kind)
		}
		if was.early && !rearmed(&c.cmds, ev.Timer) {
			return violate("23 time", "timer %d fired early and was not set again", ev.Timer)
		}
		return nil
	}
	if ev.Kind == machine.Settled && c.m.Current(ev.Token) {
		return violate("10 fence", "token %d is current after it settled", ev.Token)
	}
	b.event(ev)
	return nil
}

func rearmed(x *machine.Cmds, id uint64) bool {
	for _, t := range x.Timers {
		if t.ID == id {
			return true
		}
	}
	return false
}

// slice checks what a slice of work did.
func (b *book) slice(c *Chaos, x *machine.Cmds) *Violation {
	for i := range x.Effects {
		if v := b.started(c, &x.Effects[i]); v != nil {
			return v
		}
	}
	if x.Finish != nil {
		if b.finished {
			return violate("16 finish", "the run finished twice")
		}
		b.finished = true
		if v := b.closed(c); v != nil {
			return v
		}
	}
	if v := b.bodies(x); v != nil {
		return v
	}
	s := c.m.Stats()
	if s.InFlight > b.slots {
		return violate("21 slots", "%d effects in flight, %d allowed", s.InFlight, b.slots)
	}
	if !c.more && s.Startable {
		return violate("21 slots", "an effect waits although a slot is free: %+v", s)
	}
	if !c.more && s.Grantable {
		return violate("32 liveness of waits", "the first waiter could be granted: %+v", s)
	}
	for _, l := range [][3]int64{
		{s.Used.LLMCalls, s.Held.LLMCalls, b.limit.LLMCalls}, {s.Used.ToolCalls, s.Held.ToolCalls, b.limit.ToolCalls}, {s.Used.Tokens, s.Held.Tokens, b.limit.Tokens}, {s.Used.CostMicro, s.Held.CostMicro, b.limit.CostMicro},
	} {
		if l[2] >= 0 && l[0]+l[1] > l[2] || l[1] < 0 {
			return violate("11 limits", "used %d and held %d of %d", l[0], l[1], l[2])
		}
	}
	return b.flights(c)
}

func (b *book) flights(c *Chaos) *Violation {
	seen, inBody := map[string]bool{}, map[string]int{}
	for _, f := range c.m.Flights() {
		if seen[f.Path] && c.m.Current(f.Token) {
			return violate("8 bounded re-run", "%s is in flight twice", f.Path)
		}
		seen[f.Path] = true
		at := 0
		for {
			i := strings.IndexByte(f.Path[at:], '/')
			if i < 0 {
				break
			}
			at += i + 1
			inBody[f.Path[:at-1]]++
		}
	}
	for body, n := range inBody {
		if most := b.bodyCap[ownerOf(body)]; most > 0 && n > most {
			return violate("21 slots", "%d effects in %s, %d allowed", n, body, most)
		}
	}
	return nil
}

// ownerOf is the name of the composite whose body a path names: `a[1]/loop@2[3]`
// or `a[1]/gate/then` without the last part.
func ownerOf(body string) string {
	last := body[strings.LastIndexByte(body, '/')+1:]
	if last == "then" || last == "else" || strings.HasPrefix(last, "case[") {
		body = body[:len(body)-len(last)-1]
		last = body[strings.LastIndexByte(body, '/')+1:]
	} else if i := strings.IndexByte(last, '['); i >= 0 {
		last = last[:i]
	}
	name, _, _ := strings.Cut(last, "@")
	return name
}

func (b *book) started(c *Chaos, e *machine.StartEffect) *Violation {
	switch {
	case b.finished:
		return violate("16 finish", "%s started after the end", e.Path)
	case b.cancelled && !c.ForgetsAck: // what it forgets is to be noticed at the end
		return violate("24 cancel", "%s started after the cancellation", e.Path)
	case e.LLM != nil && c.desc.Caps != nil:
		return violate("14 caps", "%s started without its capability", e.Path)
	case b.ok[e.Path]:
		return violate("7 no re-run", "%s started again after it had succeeded", e.Path)
	case e.Try > b.attempts[e.Node.Name] || e.Lost > 2:
		return violate("8 bounded re-run", "%s starts try %d, lost %d", e.Path, e.Try, e.Lost)
	case c.m.Held():
		return violate("25 drain", "%s started while the run was held", e.Path)
	}
	b.paths[e.Token] = e.Path
	use := keyUse{e.Key, b.definites[e.Path]}
	if last, ok := b.keys[e.Path]; ok && (last.definites == use.definites) != (last.key == use.key) {
		return violate("9 key stability", "%s: key %s after %s, definite failures %d after %d", e.Path, use.key, last.key, use.definites, last.definites)
	}
	b.keys[e.Path] = use
	return nil
}

// executed notes that the world sees an effect.
func (b *book) executed(c *Chaos, e *machine.StartEffect) (int, *Violation) {
	b.runs[e.Path]++
	id := fmt.Sprint(e.Path, " ", e.Try, " ", e.Lost)
	if b.tries[id] {
		return 0, violate("8 bounded re-run", "%s was executed twice as try %d, lost %d", e.Path, e.Try, e.Lost)
	}
	b.tries[id] = true
	if e.LLM != nil {
		b.used.LLMCalls++
	}
	if e.Node.Kind == "tool" {
		b.used.ToolCalls++
	}
	if b.limit.ToolCalls >= 0 && b.used.ToolCalls > b.limit.ToolCalls {
		return 0, violate("11 limits", "the world saw tool call %d of %d", b.used.ToolCalls, b.limit.ToolCalls)
	}
	if b.limit.LLMCalls >= 0 && b.used.LLMCalls > b.limit.LLMCalls {
		return 0, violate("11 limits", "the world saw call %d of %d", b.used.LLMCalls, b.limit.LLMCalls)
	}
	return b.runs[e.Path], nil
}

func (b *book) consumed(c *Chaos, e *machine.StartEffect, u *machine.Usage) *Violation {
	if e.LLM == nil {
		return nil
	}
	u.CostMicro = (20_000_000*u.InputTokens + 60_000_000*u.OutputTokens + 999_999) / 1_000_000
	b.used.Tokens += u.InputTokens + u.OutputTokens
	b.used.CostMicro += u.CostMicro
	if b.limit.Tokens >= 0 && b.used.Tokens > b.limit.Tokens || b.limit.CostMicro >= 0 && b.used.CostMicro > b.limit.CostMicro {
		return violate("11 limits", "the world consumed %+v of %+v", b.used, b.limit)
	}
	return nil
}

// bodies follows which bodies are open.
func (b *book) bodies(x *machine.Cmds) *Violation {
	if b.open == nil {
		return nil // after a crash the events of before are not here
	}
	for _, e := range x.Events {
		owner, _, _ := strings.Cut(e.Node, "\x00")
		if i := strings.LastIndexByte(owner, '['); i >= 0 && strings.HasSuffix(owner, "]") {
			owner = owner[:i]
		}
		owner = e.Process + "/" + owner
		switch e.Type {
		case machine.BodyStarted:
			if b.open[owner] == nil {
				b.open[owner] = map[string]bool{}
			}
			b.open[owner][e.Node] = true
			if most := b.parallel[ownerOf(e.Node)]; len(b.open[owner]) > most {
				return violate("22 composites", "%d bodies of %s are open, %d allowed", len(b.open[owner]), owner, most)
			}
		case machine.BodyCompleted, machine.BodyFailed:
			delete(b.open[owner], e.Node)
		}
	}
	return nil
}

// closed checks the ledger at the end.
func (b *book) closed(c *Chaos) *Violation {
	s := c.m.Stats()
	if s.Held != (machine.Amount{}) || s.Waiting > 0 || s.InFlight > 0 {
		return violate("13 ledger closure", "at the end: %+v", s)
	}
	if len(c.m.Timers()) > 0 {
		return violate("16 finish", "%d timers are left", len(c.m.Timers()))
	}
	return nil
}

func (b *book) flushed(c *Chaos) {
	for i := range c.durable {
		if c.durable[i].Event.Kind == machine.Cancelled {
			b.durable = true
		}
	}
}

// published checks events as an observer sees them.
func (b *book) published(c *Chaos, events []machine.Public) *Violation {
	for i := range events {
		e := &events[i]
		id := [2]uint64{e.Seq, uint64(e.Ord)}
		what := fmt.Sprint(e.Type, e.Process, e.State, e.Node, e.Attempt, e.Text, e.Status, Render(e.Value))
		if was, ok := b.public[id]; ok {
			if was != what {
				return violate("28 events", "event %d.%d was %s and is %s", e.Seq, e.Ord, was, what)
			}
			continue
		}
		b.public[id] = what
		switch e.Type {
		case machine.NodeCompleted, machine.NodeFailed, machine.NodeSkipped, machine.NodeCancelled:
			node := e.Process + "/" + e.Node
			b.ends[node]++
			if b.ends[node] > 1 {
				return violate("28 events", "%s ended twice", node)
			}
		case machine.PipelineCompleted, machine.SystemCompleted, machine.ProcessCompleted:
			run := fmt.Sprint(e.Type, " ", e.Process)
			b.ends[run]++
			if b.ends[run] > 1 {
				return violate("28 events", "%s came twice", run)
			}
		}
	}
	return nil
}

// Render is a value as JSON, or as Python prints it where JSON cannot.
func Render(v value.Value) string { return text(v) }
