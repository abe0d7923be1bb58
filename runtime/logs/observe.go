package logs

import (
	"log/slog"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/event"
)

// entry says how an event is logged.
type entry struct {
	level   slog.Level
	message string
	fields  []string // of its data
}

// entries are the events that are logged. What is not here (tokens, states of loops)
// is too fine for a log.
var entries = map[string]entry{
	"PipelineStarted":       {slog.LevelInfo, "pipeline started", []string{"name", "total_nodes"}},
	"PipelineCompleted":     {slog.LevelInfo, "pipeline ended", []string{"name", "status", "duration_ms"}},
	event.RunSuspended:      {slog.LevelInfo, "run suspended", []string{"reason"}},
	event.RunResumed:        {slog.LevelInfo, "run resumed", nil},
	"SystemStarted":         {slog.LevelInfo, "system started", []string{"name"}},
	"SystemCompleted":       {slog.LevelInfo, "system ended", []string{"name", "status", "duration_ms"}},
	"ProcessStarted":        {slog.LevelInfo, "process started", []string{"name", "process_name"}},
	"ProcessCompleted":      {slog.LevelInfo, "process ended", []string{"name", "process_name", "status", "duration_ms"}},
	"NodeStarted":           {slog.LevelDebug, "node started", []string{"attempt"}},
	"NodeCompleted":         {slog.LevelInfo, "node completed", []string{"duration_ms"}},
	"NodeSkipped":           {slog.LevelInfo, "node skipped", []string{"reason"}},
	"NodeCancelled":         {slog.LevelWarn, "node cancelled", []string{"reason"}},
	"NodeRetrying":          {slog.LevelWarn, "node is tried again", []string{"attempt", "delay_ms"}},
	"NodeFailed":            {slog.LevelError, "node failed", []string{"attempt", "duration_ms"}},
	"WaitStarted":           {slog.LevelInfo, "waiting for an event", []string{"event_key", "timeout_seconds"}},
	"StateTransition":       {slog.LevelInfo, "entity changed its state", []string{"entity_type", "entity_id", "from_state", "to_state"}},
	"ResourceWarning":       {slog.LevelWarn, "a limit is nearly reached", []string{"resource", "current", "limit", "ratio"}},
	"ResourceLimitExceeded": {slog.LevelWarn, "a limit is reached", []string{"resource", "current", "limit"}},
	"CapDenied":             {slog.LevelWarn, "a capability is missing", []string{"capability"}},
	event.LLMPortCall:       {slog.LevelDebug, "model called", []string{"port", "model", "attempt", "duration_ms", "finish_reason"}},
	event.ToolRouterCall:    {slog.LevelDebug, "tool called", []string{"tool_name", "attempt", "duration_ms"}},
	event.PortCall:          {slog.LevelDebug, "port called", []string{"port_type", "port", "method", "attempt", "duration_ms"}},
	event.NodeLog:           {slog.LevelInfo, "node says", []string{"line", "message"}},
	event.EventsDropped:     {slog.LevelWarn, "events were dropped, since the log was too slow", []string{"count"}},
}

// Observe logs an event. An event that was made again after a restart is logged at
// debug level: it was before.
func (l *Log) Observe(e event.Event) {
	x, ok := entries[e.Type]
	if !ok {
		return
	}
	data, _ := e.Data.Object()
	get := func(o *value.Object, key string) (value.Value, bool) {
		if o == nil {
			return value.Null, false
		}
		v, ok := o.Get(key)
		return v, ok && !v.IsNull() && !v.IsMissing()
	}
	level := x.level
	if e.Type == "PipelineCompleted" || e.Type == "SystemCompleted" || e.Type == "ProcessCompleted" {
		if s, _ := get(data, "status"); value.Str(s) == "failed" {
			level = slog.LevelError
			if e.Type != "ProcessCompleted" && e.Process == "" {
				level = Critical
			}
		}
	}
	attrs := []slog.Attr{slog.String("run_id", e.RunID)}
	if e.Process != "" {
		attrs = append(attrs, slog.String("process", e.Process))
	}
	if e.Node != "" {
		attrs = append(attrs, slog.String("node", e.Node))
	}
	if e.Seq > 0 {
		attrs = append(attrs, slog.Uint64("seq", e.Seq))
	}
	if e.Replayed {
		attrs = append(attrs, slog.Bool("replayed", true))
		level = slog.LevelDebug
	}
	for _, name := range x.fields {
		if v, ok := get(data, name); ok {
			attrs = append(attrs, slog.Attr{Key: name, Value: plain(v)})
		}
	}
	if usage, ok := get(data, "usage"); ok {
		o, _ := usage.Object()
		for _, name := range []string{"input_tokens", "output_tokens"} {
			if v, ok := get(o, name); ok {
				attrs = append(attrs, slog.Attr{Key: name, Value: plain(v)})
			}
		}
	}
	if v, ok := get(data, "error"); ok {
		attrs = append(attrs, l.failure(v, 0)...)
	}
	l.write(e.Time, level, x.message, attrs)
}

// failure are the attributes of an error: its code, class and message, and those of
// its causes behind them.
func (l *Log) failure(v value.Value, depth int) []slog.Attr {
	key := "error"
	if depth > 0 {
		key = "cause"
	}
	o, ok := v.Object()
	if !ok {
		return []slog.Attr{slog.String(key, value.Str(v))}
	}
	var inner []any
	for _, name := range []string{"code", "class", "message", "help", "file"} {
		if x, ok := o.Get(name); ok && !x.IsNull() {
			inner = append(inner, slog.Attr{Key: name, Value: plain(x)})
		}
	}
	if r, ok := o.Get("range"); ok {
		if ro, ok := r.Object(); ok {
			start, _ := ro.Get("start")
			if so, ok := start.Object(); ok {
				if line, ok := so.Get("line"); ok {
					inner = append(inner, slog.Attr{Key: "line", Value: plain(line)})
				}
			}
		}
	}
	if cause, ok := o.Get("cause"); ok && !cause.IsNull() && !l.noCauses && depth < 16 {
		for _, a := range l.failure(cause, depth+1) {
			inner = append(inner, a)
		}
	}
	return []slog.Attr{slog.Group(key, inner...)}
}
