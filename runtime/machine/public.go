package machine

import "hexdag.dev/hexdag/lang/value"

// PublicType is the type of a public event.
type PublicType uint8

// Types of public events.
const (
	PipelineStarted PublicType = iota + 1
	PipelineCompleted
	NodeStarted
	NodeCompleted
	NodeFailed
	NodeSkipped
	NodeCancelled
	NodeRetrying
	BodyStarted
	BodyCompleted
	BodyFailed
	ResourceWarning
	ResourceLimitExceeded
	CapDenied
	SystemStarted
	SystemCompleted
	ProcessStarted
	ProcessCompleted
	// WaitStarted: a wait is registered. Text is its key, Dur its time-out.
	WaitStarted
	// StateTransition: an entity is in another state. Value tells which.
	StateTransition
)

var publicNames = [...]string{
	PipelineStarted: "PipelineStarted", PipelineCompleted: "PipelineCompleted",
	NodeStarted: "NodeStarted", NodeCompleted: "NodeCompleted", NodeFailed: "NodeFailed",
	NodeSkipped: "NodeSkipped", NodeCancelled: "NodeCancelled", NodeRetrying: "NodeRetrying",
	BodyStarted: "BodyStarted", BodyCompleted: "BodyCompleted", BodyFailed: "BodyFailed",
	ResourceWarning: "ResourceWarning", ResourceLimitExceeded: "ResourceLimitExceeded", CapDenied: "CapDenied",
	SystemStarted: "SystemStarted", SystemCompleted: "SystemCompleted",
	ProcessStarted: "ProcessStarted", ProcessCompleted: "ProcessCompleted",
	WaitStarted: "WaitStarted", StateTransition: "StateTransitionEvent",
}

// String is the type's name as observers see it.
func (t PublicType) String() string {
	if int(t) < len(publicNames) && publicNames[t] != "" {
		return publicNames[t]
	}
	return "unknown"
}

// Public is an event for observers. (Seq, Ord) numbers it: after a crash the
// same event comes again under the same number.
type Public struct {
	Seq  uint64 // of the record that caused it
	Ord  uint32 // position among that record's events
	Type PublicType
	At   int64 // the machine's time, nanoseconds since 1970
	// Node is the path of the node or of the body's owner, with its scope:
	// `triage[17]/answer`. Empty for the pipeline's events.
	Node string
	// Process is the System's process that it is about, "" for none.
	Process string
	// Attempt is the attempt that starts, failed or is waited for, from 1.
	Attempt int
	// Dur is how long the node, body or run took, or the pause before the next
	// attempt, in nanoseconds.
	Dur int64
	// Text is a skip or cancel reason, a pipeline's name, the resource of a limit,
	// or the capability.
	Text string
	// Value is a node's or a pipeline's output.
	Value value.Value
	// Failure is why something failed or is tried again.
	Failure *Failure
	// Current and Limit are the amounts of a resource.
	Current, Limit int64
	// State is how a process ended.
	State Status
	// Status is how a run ended.
	Status RunStatus
	// Total is the number of nodes of a pipeline or body.
	Total int
}
