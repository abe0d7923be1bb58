package machine

import "hexdag.dev/hexdag/lang/value"

// RunStatus is how far a run is.
type RunStatus uint8

// Run statuses. All but RunRunning are final.
const (
	RunRunning RunStatus = iota
	RunCompleted
	RunFailed
	RunCancelled
)

var runStatusNames = [...]string{"running", "completed", "failed", "cancelled"}

// String is the status as run documents show it.
func (s RunStatus) String() string { return runStatusNames[s] }

// Status is how far a node is.
type Status uint8

// Node statuses, in the order in which a node can go through them.
const (
	Idle      Status = iota // waits for its dependencies
	Ready                   // may start
	Running                 // started, with an effect in flight or a body under way
	Queued                  // started, its effect waits for a slot or for a limit
	Backoff                 // waits for its next attempt
	Waiting                 // waits for an event from outside
	Completed               // has an output
	Failed
	Skipped
	Aborted // cancelled
)

var statusNames = [...]string{"pending", "pending", "running", "running", "running", "waiting", "completed", "failed", "skipped", "cancelled"}

// String is the status as run documents show it.
func (s Status) String() string { return statusNames[s] }

// Final reports whether the status never changes again.
func (s Status) Final() bool { return s >= Completed }

// Result is what a run has produced so far; of a finished run, its result.
type Result struct {
	RunID  string
	Status RunStatus
	// Output is the declared output of a completed run, else Null.
	Output value.Value
	// Error is why a failed run failed: the first failure that no handler took.
	// Failures are all of them, in order.
	Error    *Failure
	Failures []*Failure
	// CancelledBy and Reason are set for a cancelled run.
	CancelledBy, Reason string
	// Nodes are the top-level nodes in document order.
	Nodes []NodeResult
	// Awaits are the events that the run waits for, the first registered first.
	Awaits         []Await
	Usage          Usage
	Started, Ended int64 // nanoseconds since 1970; Ended is 0 while it runs
}

// NodeResult is what became of one top-level node. The usage of a composite is
// that of everything inside.
type NodeResult struct {
	Name, ID, Kind string
	Status         Status
	Output         value.Value // Null unless completed
	// Dropped: nobody reads the output any more, and its value is gone.
	Dropped  bool
	Error    *Failure
	Why      string // skip or cancel reason
	Attempts int
	Usage    Usage
	Started  int64 // 0 if it never did
	Ended    int64
	// Child is the run of a System's process, nil before it started.
	Child *Result
}

// Status is how far the run is.
func (m *Machine) Status() RunStatus {
	switch {
	case m.phase != phaseFinished:
		return RunRunning
	case m.cancel != nil:
		return RunCancelled
	case m.scopes[0].fail != nil:
		return RunFailed
	}
	return RunCompleted
}

// Result is what the run has produced so far.
func (m *Machine) Result() Result {
	r := Result{RunID: m.runID, Status: m.Status(), Output: m.output, Failures: m.failures, Usage: m.usage, Started: m.started, Ended: m.ended}
	if m.phase == phaseNew {
		return r
	}
	r.Awaits = m.Waits()
	r.Usage.Known = r.Usage.Unknown == 0
	if m.cancel != nil {
		r.CancelledBy, r.Reason = m.cancel.By, m.cancel.Reason
	}
	top := &m.scopes[0]
	if r.Status == RunFailed || r.Status == RunRunning {
		r.Error = top.fail
	}
	r.Nodes = make([]NodeResult, len(top.nodes))
	for i := range top.nodes {
		nd, ns := &top.body.nodes[i], &top.nodes[i]
		n := NodeResult{
			Name: nd.ir.Name, ID: nd.ir.ID, Kind: nd.ir.Kind, Status: ns.st, Output: value.Null,
			Dropped: ns.flags&flagDropped != 0, Error: top.fails[int32(i)], Why: ns.why.String(), Attempts: int(ns.try),
			Started: m.times[i].began, Ended: m.times[i].ended,
		}
		if ns.st == Completed {
			n.Output = top.outs[i]
		}
		if u := m.usages[int32(i)]; u != nil {
			n.Usage = *u
		}
		n.Usage.Known = n.Usage.Unknown == 0
		r.Nodes[i] = n
	}
	for _, k := range m.kids {
		m.childResult(&r, k)
	}
	return r
}
