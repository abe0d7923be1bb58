package machine

import (
	"time"

	"hexdag.dev/hexdag/lang/value"
)

// guardEnv is what the guard of a transition sees: the transition, and the
// fields of its payload. It implements expr.Env.
type guardEnv struct {
	m     *Machine
	t     *transitionState
	names []string // by slot
}

// Now implements expr.Env.
func (e *guardEnv) Now() time.Time { return time.Unix(0, e.m.now).UTC() }

// Load implements expr.Env.
func (e *guardEnv) Load(i int) value.Value {
	switch name := e.names[i]; name {
	case "payload":
		return e.t.payload
	case "entity_type":
		return value.String(e.t.key.kind)
	case "entity_id":
		return value.String(e.t.key.id)
	case "from_state":
		return value.String(e.t.from)
	case "to_state":
		return value.String(e.t.to)
	case "reason":
		return e.t.reason
	default:
		if o, ok := e.t.payload.Object(); ok {
			if v, ok := o.Get(name); ok {
				return v
			}
		}
		return value.Null
	}
}
