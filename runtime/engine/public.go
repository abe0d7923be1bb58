package engine

import (
	"strings"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/machine"
)

// fields builds the data of an event.
type fields struct{ *value.Object }

func (f fields) text(key, s string)         { f.Set(key, value.String(s)) }
func (f fields) number(key string, n int64) { f.Set(key, value.Int(n)) }
func (f fields) millis(key string, ns int64) {
	f.Set(key, value.Float(float64(ns/1000)/1000))
}

// public is an event of the machine as observers see it.
func (r *run) public(p *machine.Public) *event.Event {
	r.numbers.events++
	d := fields{value.NewObject(6)}
	name := p.Node[strings.LastIndexByte(p.Node, '/')+1:]
	switch p.Type {
	case machine.PipelineStarted:
		d.text("name", p.Text)
		d.number("total_nodes", int64(p.Total))
	case machine.PipelineCompleted:
		d.text("name", p.Text)
		d.text("status", p.Status.String())
		d.millis("duration_ms", p.Dur)
		d.Set("output", p.Value)
	case machine.ResourceWarning, machine.ResourceLimitExceeded:
		d.text("pipeline_name", r.pipelineName(p.Process))
		d.text("resource", p.Text)
		d.number("current", p.Current)
		d.number("limit", p.Limit)
		if p.Limit > 0 {
			d.Set("ratio", value.Float(float64(p.Current)/float64(p.Limit)))
		}
	case machine.SystemStarted, machine.SystemCompleted, machine.ProcessStarted, machine.ProcessCompleted:
		r.processEvent(p, d)
	case machine.CapDenied:
		d.text("name", name)
		d.text("capability", p.Text)
	case machine.BodyStarted:
		d.text("parent_node", name)
		d.number("total_nodes", int64(p.Total))
	case machine.BodyCompleted, machine.BodyFailed:
		d.text("parent_node", name)
		d.millis("duration_ms", p.Dur)
	default:
		d.text("name", name)
		if p.Attempt > 0 {
			d.number("attempt", int64(p.Attempt))
		}
		switch p.Type {
		case machine.NodeCompleted:
			d.Set("result", p.Value)
			d.millis("duration_ms", p.Dur)
		case machine.NodeFailed:
			d.millis("duration_ms", p.Dur)
		case machine.NodeSkipped, machine.NodeCancelled:
			d.text("reason", p.Text)
		case machine.WaitStarted:
			d.text("event_key", p.Text)
			if p.Dur > 0 {
				d.Set("timeout_seconds", value.Float(float64(p.Dur)/1e9))
			}
		case machine.StateTransition:
			if o, ok := p.Value.Object(); ok {
				for _, key := range o.Keys() {
					v, _ := o.Get(key)
					d.Set(key, v)
				}
			}
		case machine.NodeRetrying:
			d.millis("delay_ms", p.Dur)
		}
	}
	if p.Failure != nil {
		d.Set("error", FailureDocument(r.program, p.Failure))
	}
	return &event.Event{
		Seq: r.numbers.events, Time: time.Unix(0, p.At), RunID: r.id, Type: p.Type.String(),
		Node: p.Node, Process: p.Process, Data: d.Value(),
	}
}

// FailureDocument is a failure as run documents and events show it: code, class,
// message, help, node, attempt, file, range and cause; what is unknown is left
// out.
func FailureDocument(p *ir.Program, f *machine.Failure) value.Value {
	return failureAt(p, f, 0)
}

func failureAt(p *ir.Program, f *machine.Failure, depth int) value.Value {
	d := fields{value.NewObject(8)}
	d.text("code", string(f.Code))
	d.text("message", f.Message)
	if f.Help != "" {
		d.text("help", f.Help)
	}
	d.text("class", f.Class)
	if f.Node != "" {
		d.text("node", f.Node)
	}
	if f.Kind != "" && f.Node != "" {
		d.text("kind", f.Kind)
	}
	if f.Attempt > 0 {
		d.number("attempt", int64(f.Attempt))
	}
	if at := &f.Place; at.File >= 0 && at.File < len(p.Files) && at.Line > 0 {
		d.text("file", p.Files[at.File])
		d.Set("range", rangeDocument(at))
	}
	if f.Cause != nil && depth < 16 {
		d.Set("cause", failureAt(p, f.Cause, depth+1))
	}
	return d.Value()
}

func rangeDocument(at *ir.Place) value.Value {
	position := func(line, column, offset int) value.Value {
		d := fields{value.NewObject(3)}
		d.number("line", int64(line))
		d.number("column", int64(column))
		d.number("offset", int64(offset))
		return d.Value()
	}
	d := fields{value.NewObject(2)}
	d.Set("start", position(at.Line, at.Column, at.Offset))
	line, column, offset := at.EndLine, at.EndCol, at.EndOff
	if line == 0 {
		line, column, offset = at.Line, at.Column, at.Offset
	}
	d.Set("end", position(line, column, offset))
	return d.Value()
}

// log publishes a line that a function wrote.
func (r *run) log(f *flight, line string) {
	d := fields{value.NewObject(2)}
	d.text("name", f.call.Node)
	line = r.Secrets.RedactText(line)
	f.record.logged(line)
	d.text("message", line)
	r.tell(f, event.NodeLog, d.Object)
}
