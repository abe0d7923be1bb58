package machine_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"hexdag.dev/hexdag/runtime/machine/sim"
)

// schedule is a random schedule of one of several kinds.
func schedule(seed uint64) *sim.Chaos {
	c := &sim.Chaos{Seed: seed, Shape: sim.Shape{Nodes: 6, Depth: 2}, Rates: sim.Rates{Fail: 10, Flaky: 15, Garbage: 20, Unknown: 5}}
	c.Work = []int64{0, 0, 1, 5, 60}[sim.Hash(seed, "work")%5]
	c.Interleave = sim.Hash(seed, "interleave")%2 == 0
	c.Duplicates = sim.Hash(seed, "duplicates")%2 == 0
	if seed/4%4 == 1 {
		c.Processes, c.Shape.Nodes = 3, 4
	}
	switch seed % 4 {
	case 0: // what nothing interferes with must agree with the reference
		c.Crashes = 2
		c.Holds = true
	case 1:
		c.Shape.Limits, c.Shape.Caps, c.Shape.Timeouts = true, true, true
		c.Rates.Hang = 5
		c.Crashes = 5
	case 2:
		c.Shape.Policies, c.Shape.Timeouts = true, true
		c.Rates.Hang = 5
		c.Cancel, c.Holds = true, true
		c.Crashes = 3
	case 3:
		c.Shape.Limits, c.Shape.Policies = true, true
	}
	return c
}

// TestSchedules plays random schedules and checks the invariants on each. One
// seed is played again with MACHINE_SEED=n; MACHINE_SCHEDULES sets how many are
// played, MACHINE_FROM the first seed.
func TestSchedules(t *testing.T) {
	if s := os.Getenv("MACHINE_SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if v := schedule(seed).Run(); v != nil {
			t.Fatal(v)
		}
		return
	}
	n := uint64(10_000)
	if testing.Short() {
		n = 1000
	}
	if s := os.Getenv("MACHINE_SCHEDULES"); s != "" {
		var err error
		if n, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	first := uint64(0)
	if s := os.Getenv("MACHINE_FROM"); s != "" {
		var err error
		if first, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	for seed := first; seed < first+n; seed++ {
		if v := play(schedule(seed)); v != nil {
			t.Fatalf("MACHINE_SEED=%d: %v", seed, v)
		}
	}
}

// play runs a schedule; a panic is a violation too.
func play(c *sim.Chaos) (v *sim.Violation) {
	defer func() {
		if p := recover(); p != nil {
			v = &sim.Violation{Invariant: "panic", Detail: fmt.Sprint(p)}
		}
	}()
	return c.Run()
}
