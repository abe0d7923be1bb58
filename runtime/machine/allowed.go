package machine

import "hexdag.dev/hexdag/lang/ir"

// Allowed reports whether a program with these capabilities may make a call that
// needs want; "" is always allowed.
func Allowed(c *ir.Caps, want string) bool {
	s := newCapSet(c)
	return s.allows(want)
}

// FunctionCap is the capability that calls of a function need, "" for none.
func FunctionCap(f *ir.Function) string { return functionCap(f) }
