package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/cassette"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/node"
	"hexdag.dev/hexdag/runtime/port"
)

// flight is an effect from its command to its outcome.
type flight struct {
	cmd      machine.StartEffect
	class    machine.Class
	seq      uint64 // of the record that caused it
	ordinal  uint64 // of an LLM call, among those of its port
	call     port.Call
	llm      port.LLM
	function port.Function
	target   port.Adapter
	missing  *machine.Failure // why it cannot be carried out at all
	longer   int64            // bytes that node hooks added to a prompt

	dropped    bool // cancelled before it was started
	started    bool
	background bool // it has a goroutine of its own
	record     recorded
	played     *cassette.Exchange // of a replay
	step       *port.Step
	cancel     context.CancelFunc
	grace      func() bool // stops the timer that gives it up
	// where its goroutine is: under way, returned or given up
	where atomic.Int32
}

const (
	underWay int32 = iota
	landed
	givenUp
)

// MaxOutcome bounds the size of an effect's result, in bytes.
const MaxOutcome = 64 << 20

// errCancelled is the cause of the end of a cancelled effect's context.
var errCancelled = errors.New("the effect was cancelled")

// take makes a flight of a command.
func (r *run) take(cmd *machine.StartEffect) *flight {
	f := &flight{cmd: *cmd, class: cmd.Class, seq: r.machine.Seq()}
	f.call = port.Call{
		RunID: r.id, Path: cmd.Path, Node: cmd.Node.Name, NodeID: cmd.Node.ID,
		Attempt: cmd.Try, Key: cmd.Key,
	}
	r.flights[cmd.Token] = f
	r.numbers.start(f)
	var class port.Class
	switch {
	case r.Tape != nil:
		r.name(f)
		class = port.Hermetic
	case cmd.LLM != nil:
		f.call.Port, f.call.Repair, f.call.Ordinal = cmd.LLM.Port.Name, cmd.LLM.Repair, f.ordinal
		if f.llm = r.model(cmd); f.llm == nil {
			f.missing = unavailable("node %q needs the port %q, which this host does not have", cmd.Node.Name, cmd.LLM.Port.Name)
			break
		}
		class = f.llm.Class()
	case cmd.Function != nil:
		if f.function = r.Functions[cmd.Function.Function]; f.function == nil {
			f.missing = unavailable("node %q calls %s:%s, which this host does not have", cmd.Node.Name, cmd.Function.Function.Scheme, cmd.Function.Function.Name)
			break
		}
		class = f.function.Class()
	case cmd.Invoke != nil:
		f.call.Port = cmd.Invoke.Port.Name
		if f.target = r.target(cmd.Process, TargetKey(cmd.Invoke.Target, &cmd.Invoke.Port, cmd.Invoke.Name)); f.target == nil {
			f.missing = unavailable("what node %q calls is not there in this host", cmd.Node.Name)
			break
		}
		class = f.target.Class()
	}
	if r.Tape != nil || f.class == machine.ClassUndeclared {
		switch class {
		case port.Hermetic:
			f.class = machine.Hermetic
		case port.Read:
			f.class = machine.Read
		default:
			f.class = machine.Write
		}
	}
	if f.class == machine.Hermetic && r.Tape == nil && !r.Hooks.Empty() {
		f.class = machine.Write // hooks may do anything
	}
	if f.missing != nil {
		f.class = machine.Hermetic
	}
	return f
}

func unavailable(format string, args ...any) *machine.Failure {
	return &machine.Failure{Class: machine.ClassInvalidInput, Definite: true, Message: fmt.Sprintf(format, args...), Place: ir.Place{File: -1}}
}

func (r *run) model(cmd *machine.StartEffect) port.LLM {
	u, ports := cmd.LLM.Port, r.Ports
	if p := r.process(cmd.Process); p != nil {
		ports = p.Ports
	}
	if u.Port >= 0 && u.Port < len(ports) {
		return ports[u.Port]
	}
	return r.HostPorts[u.Name]
}

// launch starts an effect. One that returns at once is carried out right here.
func (r *run) launch(f *flight) {
	f.started = true
	if r.Tape != nil {
		r.play(f)
		return
	}
	r.clockIn(f)
	if f.missing == nil && r.Host.zombies.Load() > MaxZombies {
		f.missing = unavailable("more than %d calls that were given up are still running, so no further one is made", MaxZombies)
		f.missing.Help = "code that the run calls ignores its context; mend it and start the process again"
		f.missing.Class, f.missing.Retryable = machine.ClassFunction, true
	}
	if f.missing != nil {
		r.returns = append(r.returns, message{kind: effectSettled, token: f.cmd.Token, outcome: &machine.Outcome{
			Failure: f.missing, Usage: machine.Usage{Known: true, Unsent: true},
		}})
		return
	}
	ctx, cancel := context.WithCancelCause(r.effects)
	reserved := f.cmd.Grant.LLMCalls
	if f.llm != nil {
		reserved = max(1, reserved)
	}
	f.step = port.NewStep(reserved, r.further(f))
	f.cancel = func() { cancel(errCancelled) }
	stopTimeout := func() {}
	if t := time.Duration(f.cmd.Timeout); t > 0 {
		// The deadline is monotonic, also across a change of the wall clock.
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, t)
		stopTimeout = stop
		token := f.cmd.Token
		f.grace = time.AfterFunc(t+r.Grace, func() { r.mail.put(message{kind: effectOverdue, token: token}) }).Stop
	}
	ctx = port.WithStep(ctx, f.step)
	if f.llm != nil && port.IsInstant(f.llm) && r.Hooks.Empty() {
		out := r.perform(ctx, f)
		stopTimeout()
		r.returns = append(r.returns, message{kind: effectSettled, token: f.cmd.Token, outcome: out})
		return
	}
	r.live.Add(1)
	f.background = true
	go func() {
		var out *machine.Outcome
		defer func() {
			if out == nil { // the goroutine was ended from inside
				out = &machine.Outcome{Failure: node.Failure(port.Errorf(port.ClassFunction, "the code of node %q ended its goroutine", f.call.Node))}
			}
			r.returned(f, out)
		}()
		out = r.perform(ctx, f)
		stopTimeout()
	}()
}

// returned brings in the outcome of an effect with a goroutine of its own.
func (r *run) returned(f *flight, out *machine.Outcome) {
	r.mail.put(message{kind: effectSettled, token: f.cmd.Token, outcome: out})
	if f.where.CompareAndSwap(underWay, landed) {
		r.live.Done()
	} else {
		r.Host.zombies.Add(-1)
	}
}

// further decides about requests of a step beyond those that were reserved: with
// a limit on what they draw from there is nothing to count them against.
func (r *run) further(f *flight) func() error {
	if p := r.process(f.cmd.Process); limited(&r.program.Effective) || p != nil && limited(&p.Program.Effective) {
		return nil
	}
	return func() error { return nil }
}

// perform carries out an effect and returns its outcome, without secrets in it.
// It runs on the effect's own goroutine.
func (r *run) perform(ctx context.Context, f *flight) (out *machine.Outcome) {
	defer func() {
		if p := recover(); p != nil { // in our own code: foreign code is guarded
			out = &machine.Outcome{Failure: node.Failure(port.PanicError("the runtime", p))}
		}
		if out == nil {
			return // the goroutine is being ended from inside
		}
		out.Value = r.Secrets.Redact(out.Value)
		if size := out.Value.Size(); size > MaxOutcome {
			out.Value, out.Failure = value.Null, unavailable("the result of node %q has about %d MiB, more than the %d that a run keeps", f.call.Node, size>>20, int64(MaxOutcome)>>20)
			out.Failure.Class = machine.ClassInvalidOutput
			out.Failure.Help = "return a reference to the data, such as a path or a key, instead of the data"
		}
		if x := out.Failure; x != nil {
			x.Message, x.Help = r.Secrets.RedactText(x.Message), r.Secrets.RedactText(x.Help)
			x.Class = r.Secrets.RedactText(x.Class)
			if ctx.Err() != nil {
				r.ended(ctx, f, x)
			}
		}
	}()
	ctx = port.WithLog(ctx, func(line string) { r.log(f, line) })
	return r.hooked(ctx, f)
}

// work carries out an effect itself.
func (r *run) work(ctx context.Context, f *flight) *machine.Outcome {
	if f.llm != nil {
		return r.callModel(ctx, f)
	}
	if f.cmd.Invoke != nil {
		return r.invoke(ctx, f)
	}
	req := *f.cmd.Function
	input, err := r.Secrets.Substitute(ctx, req.Input)
	if err != nil {
		return &machine.Outcome{Failure: node.Failure(err), Usage: machine.Usage{Known: true, Unsent: true}}
	}
	req.Input = input
	began := r.Clock.Now()
	o := node.Function(ctx, f.function, f.call, &req)
	if f.cmd.Node.Kind == "tool" {
		r.called(f, event.ToolRouterCall, f.call.Node, "call_tool", f.cmd.Function.Input, &o, fields{value.NewObject(6)}, r.Clock.Now().Sub(began))
	}
	if o.Failure == nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		o = machine.Outcome{Usage: o.Usage, Failure: &machine.Failure{Place: ir.Place{File: -1}}}
	}
	return &o
}

func (r *run) callModel(ctx context.Context, f *flight) *machine.Outcome {
	var stream func(string)
	var tail *port.StreamRedactor
	if f.cmd.LLM.Stream && !r.Bus.Empty() {
		index := 0
		if f.cmd.Try > 1 || f.cmd.Lost > 0 {
			r.tell(f, event.StreamReset, value.NewObject(0))
		}
		tail = r.Secrets.RedactStream(func(delta string) {
			f.record.streamed(delta)
			r.streamed(f, index, delta)
			index++
		})
		stream = tail.Write
	}
	began := r.Clock.Now()
	o, resp := node.LLM(ctx, r.hookedModel(f), f.step, f.call, f.cmd.LLM, stream, r.Prices, r.toolbox(f))
	if tail != nil {
		tail.Flush()
	}
	if o.Failure == nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		o = machine.Outcome{Usage: o.Usage, Failure: &machine.Failure{Place: ir.Place{File: -1}}}
	}
	if resp != nil && !r.Secrets.Empty() { // whoever answers also chooses these
		clean := *resp
		clean.Model, clean.FinishReason = r.Secrets.RedactText(resp.Model), r.Secrets.RedactText(resp.FinishReason)
		resp = &clean
	}
	f.record.answered(resp)
	r.portCall(f, &o, resp, r.Clock.Now().Sub(began))
	return &o
}

// streamed publishes a part of an answer.
func (r *run) streamed(f *flight, index int, delta string) {
	data := value.NewObject(3)
	data.Set("node_name", value.String(f.call.Node))
	data.Set("delta", value.String(delta))
	data.Set("index", value.Int(int64(index)))
	r.tell(f, event.LLMTokenStreamed, data)
}

// ended words the failure of an effect whose context ended.
func (r *run) ended(ctx context.Context, f *flight, x *machine.Failure) {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		*x = *node.Timeout(f.call, time.Duration(f.cmd.Timeout))
		return
	}
	x.Class, x.Retryable = machine.ClassCancelled, false
	if x.Message == "" {
		x.Message = "the call was cancelled"
	}
}

// settle brings an outcome to the machine.
func (r *run) settle(f *flight, o *machine.Outcome) {
	r.land(f)
	r.tape(f, o)
	r.step(machine.Event{Kind: machine.Settled, Token: f.cmd.Token, Outcome: o})
}

// land ends a flight: its step makes no further call.
func (r *run) land(f *flight) {
	delete(r.flights, f.cmd.Token)
	r.numbers.land(f)
	if f.step != nil {
		f.step.End()
	}
	if f.cancel != nil {
		f.cancel()
	}
	if f.grace != nil {
		f.grace()
	}
}

// settleReturns brings in the outcomes of calls that returned at once, in the
// order in which they were started.
func (r *run) settleReturns() {
	for i := 0; i < len(r.returns); i++ {
		m := r.returns[i]
		if f := r.flights[m.token]; f != nil {
			r.settle(f, m.outcome)
		}
	}
	clear(r.returns)
	r.returns = r.returns[:0]
}

// stopEffect cancels an effect. One that was not started yet settles at once.
func (r *run) stopEffect(f *flight) {
	if !f.started {
		f.dropped = true
		r.returns = append(r.returns, message{kind: effectSettled, token: f.cmd.Token, outcome: &machine.Outcome{
			Failure: &machine.Failure{Class: machine.ClassCancelled, Message: "cancelled before it was started", Definite: true, Place: ir.Place{File: -1}},
			Usage:   machine.Usage{Known: true, Unsent: true},
		}})
		return
	}
	if r.Tape != nil {
		r.eject(f)
		return
	}
	if f.cancel == nil {
		return // it returned already, and its outcome waits
	}
	f.cancel()
	token := f.cmd.Token
	if f.grace != nil {
		f.grace()
	}
	f.grace = time.AfterFunc(r.Grace, func() { r.mail.put(message{kind: effectOverdue, token: token}) }).Stop
}

// giveUp settles an effect that does not return. Its goroutine is left behind.
func (r *run) giveUp(f *flight) {
	x := node.Timeout(f.call, time.Duration(f.cmd.Timeout))
	if !r.machine.Current(f.cmd.Token) {
		x.Class, x.Message, x.Retryable = machine.ClassCancelled, "the call was cancelled and did not return", false
	}
	x.Help = "the code that it calls ignores its context, and still runs"
	r.abandon(f)
	r.settle(f, &machine.Outcome{Failure: x})
}

// abandon fences an effect and lets the run end without it.
func (r *run) abandon(f *flight) {
	if f.step != nil {
		f.step.End()
	}
	if f.cancel != nil {
		f.cancel()
	}
	if f.background && f.where.CompareAndSwap(underWay, givenUp) {
		r.Host.zombies.Add(1)
		r.live.Done() // nobody waits for it any more
	}
}

func nodePath(path string) string {
	if i := strings.LastIndexByte(path, '#'); i >= 0 {
		return path[:i]
	}
	return path
}
