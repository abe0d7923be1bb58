package runtime

import (
	"testing"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/machine"
)

// TestPricesByWhoSaysThem: the operator's price comes before the program's, that
// before the built-in table; a port's own before all; nothing is free by not
// being known.
func TestPricesByWhoSaysThem(t *testing.T) {
	program := &ir.Program{Prices: []ir.Price{{Model: "ours-*", Input: 1, Output: 2}, {Model: "gpt-4o*", Input: 3, Output: 4}}}
	operator := []machine.Price{{Model: "ours-big", Input: 5, Output: 6}, {Port: "cheap"}}
	all := append(append([]machine.Price{}, operator...), listPrices(program, operator)...)
	for _, c := range []struct {
		port, model string
		want        int64
		known       bool
	}{
		{"llm", "ours-small", 1, true},
		{"llm", "ours-big", 5, true},
		{"llm", "gpt-4o", 3, true},
		{"llm", "gpt-4o-mini", 3, true},
		{"llm", "gpt-4.1", 2_000_000, true},
		{"cheap", "gpt-4.1", 0, true},
		{"llm", "nobody-knows", 0, false},
		{"llm", "", 0, false},
	} {
		p := machine.FindPrice(all, c.port, c.model)
		if (p != nil) != c.known || p != nil && p.Input != c.want {
			t.Errorf("%s at %s: %+v, want %d (%v)", c.model, c.port, p, c.want, c.known)
		}
	}
}
