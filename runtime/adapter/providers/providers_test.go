package providers_test

import (
	"slices"
	"testing"

	"hexdag.dev/hexdag/runtime/adapter/outboard"
	"hexdag.dev/hexdag/runtime/adapter/providers"
	"hexdag.dev/hexdag/runtime/port"
)

// TestTheNamesThatHexcKnows are those that hexc-adapters has.
func TestTheNamesThatHexcKnows(t *testing.T) {
	r := new(port.Registry)
	providers.Register(r)
	adapters, schemes := r.Names()
	if !slices.Equal(adapters, outboard.Adapters) || !slices.Equal(schemes, outboard.Schemes) {
		t.Errorf("there are %v and %v, and hexc knows %v and %v", adapters, schemes, outboard.Adapters, outboard.Schemes)
	}
}
