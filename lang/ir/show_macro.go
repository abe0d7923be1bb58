package ir

import (
	"reflect"

	"hexdag.dev/hexdag/lang/value"
)

// macro shows an invocation of a macro: only what it has, with nodes by name.
func (s *shower) macro(c *Composite) value.Value {
	o := newObject()
	o.str("mode", c.Mode.String())
	exits := make([]string, len(c.Exits))
	for i, exit := range c.Exits {
		exits[i] = s.nodeName(c.Body, exit)
	}
	o.strs("exits", exits)
	if c.Outputs != nil {
		s.scope = append(s.scope, c.Body)
		o.set("outputs", s.bindings(c.Outputs))
		s.scope = s.scope[:len(s.scope)-1]
	}
	o.set("body", s.any(reflect.ValueOf(c.Body)))
	return o.value()
}
