package machine_test

import (
	"strings"
	"testing"

	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/machine/sim"
)

// TestTheChecksNotice breaks one rule after the other, and expects the check of
// the invariant that the rule keeps to notice.
func TestTheChecksNotice(t *testing.T) {
	tests := []struct {
		fault     string // of the machine; "" if the engine is broken
		invariant string
		engine    func(*sim.Chaos)
	}{
		{fault: "counter", invariant: "1 determinism"},
		{fault: "observers", invariant: "1 determinism"},
		{fault: "slice clock", invariant: "2 slices"},
		{fault: "snapshot epoch", invariant: "4 snapshot"},
		{invariant: "5 output commit", engine: func(c *sim.Chaos) { c.EarlyRelease = true }},
		{invariant: "6 acknowledgement", engine: func(c *sim.Chaos) { c.ForgetsAck = true }},
		{fault: "same call", invariant: "7 no re-run"},
		{fault: "extra try", invariant: "8 bounded re-run"},
		{fault: "new key", invariant: "9 key stability"},
		{fault: "stale", invariant: "10 fence"},
		{fault: "signal twice", invariant: "10 fence"},
		{fault: "overgrant", invariant: "11 limits"},
		{fault: "keep held", invariant: "13 ledger closure"},
		{fault: "no caps", invariant: "14 caps"},
		{fault: "lost timer", invariant: "15 termination"},
		{fault: "lost wakeup", invariant: "21 slots"},
		{fault: "early end", invariant: "16 finish"},
		{fault: "early start", invariant: "17 order"},
		{fault: "any skip", invariant: "18 skip"},
		{fault: "handler", invariant: "19 error routes"},
		{fault: "skipped exit", invariant: "20 confluence"},
		{fault: "lost export", invariant: "20 confluence"},
		{fault: "result order", invariant: "20 confluence"},
		{fault: "extra slot", invariant: "21 slots"},
		{fault: "lazy", invariant: "21 slots"},
		{fault: "extra body", invariant: "22 composites"},
		{fault: "early timer", invariant: "23 time"},
		{fault: "cancel starts", invariant: "24 cancel"},
		{fault: "ignore hold", invariant: "25 drain"},
		{fault: "twice", invariant: "28 events"},
		{fault: "deaf", invariant: "32 liveness of waits"},
		{fault: "kid budget", invariant: "11 limits"},
		{fault: "kid slots", invariant: "21 slots"},
		{fault: "deaf kids", invariant: "32 liveness of waits"},
		{fault: "kid id", invariant: "27 children"},
	}
	for _, tt := range tests {
		t.Run(tt.fault+" → "+tt.invariant, func(t *testing.T) {
			seen := map[string]int{}
			for seed := range uint64(6000) {
				c := schedule(seed)
				if tt.engine != nil {
					tt.engine(c)
				} else {
					c.Prepare = func(m *machine.Machine) { m.Break(tt.fault) }
				}
				v := play(c)
				if v == nil {
					continue
				}
				if strings.HasPrefix(v.Invariant, tt.invariant) {
					return
				}
				seen[v.Invariant]++
			}
			t.Errorf("nobody noticed by invariant %s; others: %v", tt.invariant, seen)
		})
	}
}
