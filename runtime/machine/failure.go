package machine

import "hexdag.dev/hexdag/lang/value"

// value is the failure as $error shows it.
func (f *Failure) value() value.Value {
	o := value.NewObject(8)
	o.Set("node", value.String(f.Name))
	o.Set("type", value.String(f.Class))
	o.Set("message", value.String(f.Message))
	o.Set("attempt", value.Int(int64(f.Attempt)))
	o.Set("code", value.String(string(f.Code)))
	o.Set("kind", value.String(f.Kind))
	o.Set("input", f.Input)
	cause := value.Null
	if f.Cause != nil {
		cause = f.Cause.value()
	}
	o.Set("cause", cause)
	return o.Value()
}

// Error is the message with the node's name in front.
func (f *Failure) Error() string {
	if f.Node == "" {
		return f.Message
	}
	return f.Node + ": " + f.Message
}
