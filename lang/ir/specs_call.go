package ir

import "hexdag.dev/hexdag/lang/value"

// CallTarget is what a Call reaches.
type CallTarget uint8

// Call targets.
const (
	CallPort     CallTarget = iota + 1 // a port of the program or host
	CallService                        // a service of the program
	CallExternal                       // a node of a foreign kind that the host registered
)

// Call is a node that is one call out of the run: an api_call_node, a
// service_call_node or a node of a foreign kind.
type Call struct {
	Target CallTarget
	// Port is the port of CallPort.
	Port PortUse
	// Name is the service of CallService, which the host supplies if it is not in
	// Program.Services, or the kind of CallExternal.
	Name   string
	Method string
	// Args are evaluated for each attempt and make up one object.
	Args []Binding
	// Input: the prepared input goes along as the argument "input".
	Input bool
	// Output is the encoded type of output_schema, nil for none.
	Output []byte
	At     Place
}

// Service is an entry of spec.services.
type Service struct {
	Name  string
	Class string // dotted path, or a name that the host registered
	// Config are its settings; secrets stand as handles in it. Ports are the
	// settings whose text is the name of a port, which the host binds.
	Config value.Value
	Ports  []string
	At     Place
}

// Wait is a wait_node.
type Wait struct {
	// Key is the event's key, a template.
	Key Expr
	// Timeout is how long to wait, in nanoseconds; 0 for ever.
	Timeout int64
	// OnTimeout is the node in the same Body that handles only the end of the
	// time, while other handlers handle only other failures; -1 for none.
	OnTimeout int
	// Setup is called once the wait is registered; nil for none.
	Setup *Function
	// Output is the encoded type of the event's data, nil for any.
	Output []byte
}

// Transition is a transition node.
type Transition struct {
	Entity   string
	ToState  Expr
	EntityID *Expr // nil: the field entity_id of the prepared input
	Reason   *Expr
	Payload  []Binding
	// Payloaded tells an empty payload from none.
	Payloaded bool
	// Port is the entity_state port; nil: the run keeps the states itself.
	Port *PortUse
}

// StateMachine is the states of an entity type.
type StateMachine struct {
	Entity  string
	Initial string
	Ways    []Way
	// Handlers are called in order on each transition; a failure undoes it.
	Handlers []Function
	At       Place
}

// Way is one possible transition.
type Way struct {
	From, To string
	// Guard is an expression over payload, entity_type, entity_id, from_state,
	// to_state and reason; nil for none.
	Guard *Expr
	At    Place
}
