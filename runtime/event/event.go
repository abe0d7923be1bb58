// Package event brings what happens in a run to those who watch it.
//
// Input: events of the engine, in their order. Output: the same events at each
// observer, in that order, each observer at its own pace.
//
// An event with a number is part of the run's history: after a crash it may come
// again, under the same number and marked as replayed, and it never comes before
// what caused it is durable. An event without a number (tokens, log lines, port
// calls) tells of the moment: it is dropped first when an observer cannot keep
// up, and does not come again.
//
// Invariants: an observer sees events one after the other; a slow or broken one
// disturbs neither the run nor other observers; what was dropped is announced by
// EventsDropped; events hold no secret.
//
// The three hardest cases: an observer that blocks for ever; a run that emits
// hundreds of thousands of events at once; closing while events are under way.
package event

import (
	"strconv"
	"time"

	"hexdag.dev/hexdag/lang/value"
)

// Event is one thing that happened.
type Event struct {
	// Seq numbers the events of a run from 1 without gaps; 0 for one that is not
	// part of the history.
	Seq   uint64
	Time  time.Time
	RunID string
	// Type is the name of the kind: NodeStarted, ResourceWarning, …
	Type string
	// Node is the path of the node it is about, "" for none.
	Node string
	// Process is the System process it is about, "" for none.
	Process string
	// Data are the fields of the type, an object.
	Data value.Value
	// Replayed marks an event that was made again after a restart and may have
	// been seen before.
	Replayed bool
}

// Names of events that are not part of the history.
const (
	LLMPortCall      = "LLMPortCall"
	ToolRouterCall   = "ToolRouterCall" // an agent's call of a tool
	PortCall         = "PortCallEvent"  // a call of another port or service
	LLMTokenStreamed = "LLMTokenStreamed"
	StreamReset      = "StreamReset" // the step streams again from its start
	NodeLog          = "NodeLog"
	EventsDropped    = "EventsDropped"
	RunSuspended     = "PipelineSuspended"
	RunResumed       = "PipelineResumed"
)

// AppendJSON appends e as one JSON object without a line break: seq, time (RFC
// 3339, UTC), run_id, type, node and process (null for none), data, and replayed
// where it is true.
func (e Event) AppendJSON(dst []byte) ([]byte, error) {
	dst = strconv.AppendUint(append(dst, `{"seq":`...), e.Seq, 10)
	dst = append(dst, `,"time":"`...)
	dst = e.Time.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000000Z07:00")
	dst = append(dst, '"')
	var err error
	for _, field := range []struct{ key, text string }{{"run_id", e.RunID}, {"type", e.Type}, {"node", e.Node}, {"process", e.Process}} {
		dst = append(append(append(dst, `,"`...), field.key...), `":`...)
		if field.text == "" && (field.key == "node" || field.key == "process") {
			dst = append(dst, "null"...)
			continue
		}
		if dst, err = value.AppendJSON(dst, value.String(field.text)); err != nil {
			return nil, err
		}
	}
	dst = append(dst, `,"data":`...)
	if e.Data.IsNull() {
		dst = append(dst, "{}"...)
	} else if data, err := value.AppendJSON(dst, e.Data); err == nil {
		dst = data
	} else if dst, err = value.AppendJSON(dst, value.Shown(e.Data)); err != nil {
		return nil, err
	}
	if e.Replayed {
		dst = append(dst, `,"replayed":true`...)
	}
	return append(dst, '}'), nil
}

// MarshalJSON is AppendJSON for encoding/json.
func (e Event) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil) }
