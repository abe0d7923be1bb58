package runtime

import (
	"errors"
	"fmt"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/engine"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
)

// Result is what became of a run.
type Result struct {
	machine.Result
	// Status is completed, failed, suspended or cancelled.
	Status journal.Status
	// WakeAt is when a suspended run wants to go on, zero for not by itself.
	WakeAt time.Time
	// Interrupted: a suspended run was asked to stop.
	Interrupted bool
	// Warning is what went wrong around the run without changing it: an observer
	// that did not see everything, an adapter that could not be closed.
	Warning error

	program *Program
	at      time.Time // when it was made
}

// Program is the program that was run, without overrides.
func (r *Result) Program() *Program { return r.program }

// Err is nil for a completed run, else why it did not complete.
func (r *Result) Err() error {
	switch {
	case r.Status == journal.Completed:
		return nil
	case r.Error != nil:
		return r.Error
	case r.Status == journal.Cancelled:
		return fmt.Errorf("the run was cancelled by %s: %s", r.CancelledBy, r.Reason)
	}
	return errors.New("the run is " + string(r.Status))
}

// Kind is what ran: ir.KindPipeline or ir.KindSystem. The nodes of a System are
// its processes.
func (r *Result) Kind() string {
	if r.program == nil {
		return ir.KindPipeline
	}
	return r.program.Kind()
}

// Node is what became of the top-level node called name.
func (r *Result) Node(name string) (machine.NodeResult, bool) {
	for i := range r.Nodes {
		if r.Nodes[i].Name == name {
			return r.Nodes[i], true
		}
	}
	return machine.NodeResult{}, false
}

// MarshalJSON is the run document: version, run_id, program, status, output,
// error, nodes, usage, duration_ms. Keys have a fixed order.
func (r *Result) MarshalJSON() ([]byte, error) {
	return value.AppendJSON(nil, r.Document())
}

// Document is the run document as a value.
func (r *Result) Document() value.Value {
	return document(r.program, &r.Result, r.Status, r.WakeAt, r.at)
}

// document is what MarshalJSON shows.
func document(p *Program, res *machine.Result, status journal.Status, wake, now time.Time) value.Value {
	d := value.NewObject(10)
	d.Set("version", value.Int(1))
	d.Set("run_id", value.String(res.RunID))
	program := value.NewObject(3)
	program.Set("kind", value.String(p.Kind()))
	program.Set("name", value.String(p.Name()))
	program.Set("hash", value.String(p.Hash()))
	d.Set("program", program.Value())
	d.Set("status", value.String(string(status)))
	d.Set("output", value.Shown(res.Output))
	failure := value.Null
	switch {
	case res.Error != nil:
		failure = engine.FailureDocument(p.IR(), res.Error)
	case status == journal.Cancelled:
		failure = engine.FailureDocument(p.IR(), cancelled(res))
	}
	d.Set("error", failure)
	if p.Kind() == ir.KindSystem {
		d.Set("processes", processDocuments(p, res, now))
	} else {
		d.Set("nodes", nodeDocuments(p.IR(), res))
	}
	if len(res.Awaits) > 0 {
		d.Set("waits", awaitsDocument(res.Awaits))
	}
	d.Set("usage", usageDocument(&res.Usage))
	ended := res.Ended
	if ended == 0 {
		ended = now.UnixNano()
	}
	d.Set("duration_ms", millis(res.Started, ended))
	if !wake.IsZero() {
		d.Set("wake_at", value.String(wake.UTC().Format(time.RFC3339Nano)))
	}
	return d.Value()
}

func nodeDocuments(p *ir.Program, res *machine.Result) value.Value {
	nodes := value.NewObject(len(res.Nodes))
	for i := range res.Nodes {
		nodes.Set(res.Nodes[i].Name, nodeDocument(p, &res.Nodes[i]))
	}
	return nodes.Value()
}

func cancelled(res *machine.Result) *machine.Failure {
	return &machine.Failure{
		Code: "HX1020", Class: machine.ClassCancelled, Place: ir.Place{File: -1},
		Message: fmt.Sprintf("the run was cancelled by %s: %s", res.CancelledBy, res.Reason),
	}
}

func nodeDocument(p *ir.Program, n *machine.NodeResult) value.Value {
	d := value.NewObject(7)
	status := n.Status.String()
	if !n.Status.Final() {
		status = "pending"
	}
	d.Set("status", value.String(status))
	d.Set("output", value.Shown(n.Output))
	failure, why := value.Null, value.Null
	if n.Error != nil {
		failure = engine.FailureDocument(p, n.Error)
	}
	if n.Status == machine.Skipped || n.Status == machine.Aborted {
		why = value.String(n.Why)
	}
	d.Set("error", failure)
	d.Set("skip_reason", why)
	if n.Status == machine.Completed && n.Why != "" {
		d.Set("stopped_by", value.String(n.Why))
	}
	d.Set("attempts", value.Int(int64(n.Attempts)))
	d.Set("duration_ms", millis(n.Started, n.Ended))
	d.Set("usage", usageDocument(&n.Usage))
	return d.Value()
}

// awaitsDocument is the events that a run waits for.
func awaitsDocument(list []machine.Await) value.Value {
	items := make([]value.Value, len(list))
	for i, w := range list {
		d := value.NewObject(3)
		d.Set("key", value.String(w.Key))
		d.Set("node", value.String(w.Node))
		if w.Process != "" {
			d.Set("process", value.String(w.Process))
		}
		if w.Deadline != 0 {
			d.Set("deadline", value.String(time.Unix(0, w.Deadline).UTC().Format(time.RFC3339Nano)))
		}
		items[i] = d.Value()
	}
	return value.List(items)
}

func usageDocument(u *machine.Usage) value.Value {
	d := value.NewObject(5)
	d.Set("llm_calls", value.Int(u.LLMCalls))
	d.Set("tool_calls", value.Int(u.ToolCalls))
	d.Set("input_tokens", value.Int(u.InputTokens))
	d.Set("output_tokens", value.Int(u.OutputTokens))
	d.Set("cost_usd", value.Float(float64(u.CostMicro)/1e6))
	return d.Value()
}

// millis is a time between two moments in milliseconds, 0 if one is unknown.
func millis(from, to int64) value.Value {
	if from == 0 || to < from {
		return value.Int(0)
	}
	return value.Float(float64((to-from)/1000) / 1000)
}
