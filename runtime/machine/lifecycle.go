package machine

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// start begins the run.
func (m *Machine) start(st *Start) {
	m.runID, m.seed, m.irHash, m.prices = st.RunID, st.Seed, st.IRHash, st.Prices
	m.input = st.Input
	if m.input.IsNull() || m.input.IsMissing() {
		m.input = value.NewObject(0).Value()
	}
	m.phase, m.started = phaseRunning, m.now
	m.digest = hashValue(hashWords(hashString(m.digest, st.RunID), st.Seed, 0), m.input)
	m.ledger = newLedger(&m.prog.limits)
	m.ledger.fault = m.fault
	if m.parent != nil {
		m.ledger.up = &m.parent.ledger
	}
	top := m.prog.bodies[0]
	m.times = make([]nodeTimes, len(top.nodes))
	m.usages = map[int32]*Usage{}
	m.emit(Public{Type: m.kindOf(PipelineStarted, SystemStarted), Text: m.prog.ir.Name, Total: len(top.nodes)})
	if m.prog.runTimeout > 0 {
		m.runTimer = m.startTimer(m.now+m.prog.runTimeout, timerRun, 0)
	}
	fail := m.checkInput()
	m.openScope(top, -1, 0, 0, 0, value.Null, "")
	if fail != nil {
		m.failRun(fail, WhyRunFailed)
	}
}

// checkInput says in one failure what is wrong with the run's input, and
// replaces it by what the schema makes of it.
func (m *Machine) checkInput() *Failure {
	o, isObject := m.input.Object()
	var absent []string
	at := ir.Place{File: -1}
	for i := range m.prog.ir.Inputs {
		in := &m.prog.ir.Inputs[i]
		if !in.Required || in.Supplied {
			continue
		}
		if isObject {
			if _, ok := o.Get(in.Name); ok {
				continue
			}
		}
		if absent == nil && len(in.Uses) > 0 {
			at = in.Uses[0]
		}
		absent = append(absent, in.Name)
	}
	if absent != nil {
		return &Failure{
			Code: diag.RunInputMissing, Class: ClassInvalidInput, Definite: true, Place: at,
			Message: "the run's input lacks " + strings.Join(absent, ", "),
			Help:    fmt.Sprintf("give it with -i %s=…, or make its use optional: {{ %s | default('…') }}", absent[0], absent[0]),
		}
	}
	if m.prog.input == nil {
		return nil
	}
	v, wrong := m.prog.input.Coerce(m.input)
	if len(wrong) > 0 {
		return &Failure{
			Code: diag.RunInputInvalid, Class: ClassInvalidInput, Definite: true, Place: m.prog.ir.Origin,
			Message: "the run's input does not fit input_schema: " + mismatches(wrong),
		}
	}
	m.input = v
	return nil
}

// mismatches words what does not fit a type, at most five of it.
func mismatches(wrong []expr.Mismatch) string {
	var b strings.Builder
	for i, w := range wrong {
		if i == 5 {
			fmt.Fprintf(&b, "; and %d more", len(wrong)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(w.String())
	}
	return b.String()
}

// failRun fails the whole run for a reason outside of its nodes.
func (m *Machine) failRun(f *Failure, why Why) {
	f.Seq = m.seq
	if f.Name == "" {
		f.Kind = m.prog.ir.Kind
	}
	m.failures = append(m.failures, f)
	if m.scopes[0].fail == nil {
		m.scopes[0].fail = f
	}
	m.haltScope(0, why, true)
}

// cancelRun carries out a cancellation.
func (m *Machine) cancelRun(c *Cancellation) {
	if m.cancel != nil || m.scopes[0].left == 0 {
		return // cancelled before, or over but for the last line
	}
	if c == nil {
		c = &Cancellation{}
	}
	m.cancel = c
	m.haltScope(0, WhyCancelled, true)
}

// finish ends the run: its top scope has settled.
func (m *Machine) finish() {
	top := &m.scopes[0]
	status := RunCompleted
	switch {
	case m.cancel != nil:
		status = RunCancelled
	case top.fail != nil:
		status = RunFailed
	default:
		out, fail := m.makeOutput()
		if fail != nil {
			fail.Seq = m.seq
			m.failures = append(m.failures, fail)
			top.fail = fail
			status = RunFailed
		} else {
			m.output = out
		}
	}
	ids := make([]uint64, 0, len(m.timers))
	for id := range m.timers {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	for _, id := range ids {
		m.stopTimer(id)
	}
	m.phase, m.ended = phaseFinished, m.now
	m.ready, m.queued, m.waiting = nil, nil, nil
	m.mix(tagFinish, uint64(status), 0)
	m.digest = hashValue(m.digest, m.output)
	e := Public{Type: m.kindOf(PipelineCompleted, SystemCompleted), Text: m.prog.ir.Name, Status: status, Value: m.output, Failure: top.fail, Dur: m.now - m.started}
	if status == RunCancelled {
		e.Failure = nil
	}
	m.emit(e)
	if m.parent == nil {
		m.out.Finish = &Finish{Status: status, At: m.now}
	}
}

// makeOutput is the pipeline's declared output.
func (m *Machine) makeOutput() (value.Value, *Failure) {
	top := &m.scopes[0]
	o := value.NewObject(len(m.prog.outputs))
	for _, f := range m.prog.outputs {
		if top.nodes[f.Node].st != Completed {
			o.Set(f.Name, value.Null)
			continue
		}
		t := top.body.nodes[f.Node].result
		v := top.outs[f.Node]
		for _, name := range f.Path {
			field := value.Missing
			if x, ok := v.Object(); ok {
				field, _ = x.Get(name)
			}
			if t != nil {
				declared, known := t.Field(name)
				t = declared.Type
				if !known && field.IsMissing() {
					return value.Null, &Failure{
						Code: diag.RunOutputMissing, Class: ClassInvalidOutput, Definite: true, Place: f.At,
						Name: top.body.nodes[f.Node].ir.Name, Node: top.body.nodes[f.Node].ir.Name, Kind: top.body.nodes[f.Node].ir.Kind,
						Message: fmt.Sprintf("output %q reads %s.%s, which the result does not have", f.Name, top.body.nodes[f.Node].ir.Name, strings.Join(f.Path, ".")),
					}
				}
			}
			if field.IsMissing() {
				field = value.Null
			}
			v = field
		}
		o.Set(f.Name, v)
	}
	if t := m.prog.output; t != nil {
		v, wrong := t.Coerce(o.Value())
		if len(wrong) > 0 {
			return value.Null, &Failure{
				Code: diag.RunInvalidOutput, Class: ClassInvalidOutput, Definite: true, Place: m.prog.ir.Origin, Kind: m.prog.ir.Kind,
				Message: "the output does not fit output_schema: " + mismatches(wrong),
			}
		}
		return v, nil
	}
	return o.Value(), nil
}

// timerFired carries out a timer. One that fires early is set again.
func (m *Machine) timerFired(id uint64) {
	t, ok := m.timers[id]
	if !ok {
		return
	}
	if m.now < t.at && !m.broken(faultEarlyTimer) {
		m.out.Timers = append(m.out.Timers, StartTimer{ID: t.id, At: t.at})
		return
	}
	delete(m.timers, id)
	switch t.kind {
	case timerBackoff:
		if a := m.act(t.act); a != nil {
			a.timer = 0
			if m.broken(faultLostTimer) {
				return
			}
			m.resume(a)
		}
	case timerNode:
		if a := m.act(t.act); a != nil && a.comp != nil {
			a.timer = 0
			m.timeOutComposite(a)
		}
	case timerWait:
		if a := m.act(t.act); a != nil && a.wait != nil {
			a.timer = 0
			m.waitTimedOut(a)
		}
	case timerRun:
		m.runTimer = 0
		m.failRun(&Failure{
			Code: diag.RunPipelineTimeout, Class: ClassTimeout, Place: m.prog.ir.Origin,
			Message: "the run took longer than pipeline_timeout (" + duration(m.prog.runTimeout) + ")",
		}, WhyRunTimeout)
	case timerBusy:
		m.busyTimer = 0
		if left := m.prog.limits.duration - m.busyNow(); left > 0 {
			m.busyTimer = m.startTimer(m.now+left, timerBusy, 0) // the process was down meanwhile
			return
		}
		m.busyOver()
	}
}

// duration words a number of nanoseconds.
func duration(ns int64) string { return time.Duration(ns).String() }

// busyClock runs limits.max_duration while something is in flight.
func (m *Machine) busyClock() {
	busy := m.inFlight() > 0 && m.phase == phaseRunning
	switch {
	case busy && m.busySince == 0:
		m.busySince = max(m.now, 1)
		if m.prog.limits.duration >= 0 {
			left := max(0, m.prog.limits.duration-m.busyUsed)
			m.busyTimer = m.startTimer(m.now+left, timerBusy, 0)
		}
	case !busy && m.busySince != 0:
		m.busyUsed += m.now - m.busySince
		m.busySince = 0
		if m.busyTimer != 0 {
			m.stopTimer(m.busyTimer)
			m.busyTimer = 0
		}
	}
}

// busyNow is how long something was in flight, up to now.
func (m *Machine) busyNow() int64 {
	if m.busySince == 0 {
		return m.busyUsed
	}
	return m.busyUsed + m.now - m.busySince
}

// busyOver ends what max_duration has no more room for.
func (m *Machine) busyOver() {
	m.limitReached(resDuration, m.busyNow(), m.prog.limits.duration)
	if m.prog.limits.skip {
		for i := range m.flights {
			m.cancelFlight(&m.flights[i], WhyLimitDuration)
		}
		for _, k := range m.kids {
			m.inKid(k, func() {
				for i := range k.flights {
					k.cancelFlight(&k.flights[i], WhyLimitDuration)
				}
			})
		}
		return
	}
	m.failRun(&Failure{
		Code: diag.RunLimit, Class: ClassLimit, Place: m.prog.ir.Origin,
		Message: "max_duration (" + duration(m.prog.limits.duration) + ") is used up",
	}, WhyRunFailed)
}
