package machine

import "testing"

// TestMeters: evaluations inside of evaluations have Meters of their own, which
// begin at zero and are used again.
func TestMeters(t *testing.T) {
	var m meters
	outer := m.take()
	outer.Steps = 5
	inner := m.take()
	if inner == outer || inner.Steps != 0 || inner.MaxSteps != maxSteps {
		t.Errorf("the inner meter is %+v", inner)
	}
	inner.Steps = 7
	if got := m.give(); got != 7 {
		t.Errorf("the inner evaluation took %d steps", got)
	}
	if again := m.take(); again != inner || again.Steps != 0 {
		t.Error("the meter is not used again")
	}
	m.give()
	if got := m.give(); got != 5 {
		t.Errorf("the outer evaluation took %d steps", got)
	}
	if n := testing.AllocsPerRun(100, func() { m.take(); m.give() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
