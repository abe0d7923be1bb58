package ir

import (
	"fmt"
	"slices"

	"hexdag.dev/hexdag/lang/value"
)

// Init is what starts a System. Times are in nanoseconds, 0 for not given.
type Init struct {
	Type string // "manual", "schedule", "continuous" or "event"
	At   Place

	// of a schedule

	Cron     string // five fields, or six with seconds first; "" if Every holds
	Timezone string // IANA name
	Every    int64
	Jitter   int64
	Delay    int64
	Overlap  string // "skip", "queue" or "allow"
	CatchUp  bool
	MaxRuns  int64 // 0 for without end

	// continuous

	Restart       string // "always", "on_failure" or "never"
	BackoffFirst  int64
	BackoffMax    int64
	BackoffFactor float64
	MaxRestarts   int64 // within Window; -1 for without bound
	Window        int64
	Cooldown      int64

	// of an event

	Topics      []string
	Filter      *Expr // over topic and payload, which are slots of the kind input
	Mapping     []Binding
	Mapped      bool
	Concurrency int64
	DedupeKey   *Expr

	// Input is the input of each run, constants.
	Input value.Value
}

// Kinds of Init.
const (
	InitManual     = "manual"
	InitSchedule   = "schedule"
	InitContinuous = "continuous"
	InitEvent      = "event"
)

func (v *verifier) init(x *Init) {
	if x == nil {
		return
	}
	const where = "init"
	v.place(where, &x.At)
	bad := func(ok bool, format string, args ...any) {
		if !ok {
			v.failf(where, "%s", fmt.Sprintf(format, args...))
		}
	}
	bad(x.Every >= 0 && x.Jitter >= 0 && x.Delay >= 0 && x.MaxRuns >= 0 && x.BackoffFirst >= 0 && x.BackoffMax >= 0 &&
		x.Window >= 0 && x.Cooldown >= 0 && x.Concurrency >= 0 && x.MaxRestarts >= -1, "has a negative time or count")
	switch x.Type {
	case InitManual:
	case InitSchedule:
		bad((x.Cron == "") != (x.Every == 0), "has neither times nor a pause, or both")
		bad(slices.Contains([]string{"skip", "queue", "allow"}, x.Overlap), "has the unknown overlap %.40q", x.Overlap)
	case InitContinuous:
		bad(slices.Contains([]string{"always", "on_failure", "never"}, x.Restart), "has the unknown restart %.40q", x.Restart)
	case InitEvent:
		bad(len(x.Topics) > 0, "has no topics")
	default:
		bad(false, "has the unknown type %.40q", x.Type)
	}
	v.value(where, x.Input)
	for _, e := range []*Expr{x.Filter, x.DedupeKey} {
		v.outer(where, e)
	}
	for i := range x.Mapping {
		v.outer(where, &x.Mapping[i].Expr)
		v.place(where, &x.Mapping[i].At)
	}
}

// outer checks an expression that stands outside of any node: it reads the event
// alone.
func (v *verifier) outer(where string, e *Expr) {
	if e == nil || v.err != nil {
		return
	}
	v.place(where, &e.At)
	v.value(where, e.Const)
	for i := range e.Slots {
		if k := e.Slots[i].Kind; k != SlotBare && k != SlotInput {
			v.failf(where, "reads %.80q, which is no part of an event", e.Slots[i].Head)
			return
		}
	}
	for i := range e.Items {
		v.outer(where, &e.Items[i])
	}
	if e.Mode == ModeExpr || e.Mode == ModeTemplate || e.Mode == ModeMapping {
		v.tree(where, e)
	}
}
