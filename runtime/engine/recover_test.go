package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/engine"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// dyingLog is a journal of a process that dies: nothing is written after that.
type dyingLog struct {
	journal.Log
	dead *atomic.Bool
}

func (l dyingLog) Commit(c journal.Commit, done func(error)) {
	if l.dead.Load() {
		go done(&journal.PoisonedError{Err: errors.New("the process died")})
		return
	}
	l.Log.Commit(c, done)
}

// TestEffectsStartedAfterTheLastRecordAreLostToo: one event may cause more work
// than one slice does, so that an effect starts without a record behind it. When
// the process dies then, the effect may have run and has to count as lost: the
// third time it is given up.
func TestEffectsStartedAfterTheLastRecordAreLostToo(t *testing.T) {
	w := newWorld()
	calls := 0
	dead := &atomic.Bool{}
	w.functions["slow"] = keyed{func(context.Context, port.Call) (value.Value, error) {
		calls++
		dead.Store(true)
		return value.Null, nil
	}}
	heavy := []string{"n", "sum([x % 7 for x in range(90000)])"}
	p := irtest.New("slices").
		Expression("one", heavy).
		Expression("two", heavy, irtest.After("one")).
		Expression("three", heavy, irtest.After("two")).
		Go("a", "slow", irtest.After("three")).Program()
	die := func(err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "the process died") {
			t.Fatalf("the process did not die after %d calls: %v", calls, err)
		}
		dead.Store(false)
	}
	first := w.create(t)
	_, err := engine.Run(t.Context(), w.equip(t, p, dyingLog{first, dead}), machine.Start{RunID: w.name, Seed: 1})
	die(errors.Join(err, first.Close()))
	for range 2 {
		log, err := w.store.Open(t.Context(), w.name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = engine.Resume(t.Context(), w.equip(t, p, dyingLog{log, dead}))
		die(errors.Join(err, log.Close()))
	}
	if out := w.resume(t, p, w.name); out.Status != journal.Failed || calls != 3 {
		t.Errorf("the run is %s after %d calls; the third loss is a failure", out.Status, calls)
	}
}
