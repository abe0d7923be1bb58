package runtime_test

import (
	"context"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"sync"
	"testing"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/journal/sqlite"
	"hexdag.dev/hexdag/runtime/port"
)

// soakRuns is how many runs a soak has: HEXDAG_SOAK, else few.
func soakRuns(t *testing.T) int {
	if s := os.Getenv("HEXDAG_SOAK"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 3000
}

// soakProgram has a model, a loop, a function that fails at first, and a handler.
func soakProgram() *ir.Program {
	return irtest.New("soak").Port("llm", "mock", irtest.Object("response", "fine")).
		LLM("ask", "about {{ $input }}", irtest.Stream()).
		ForEach("each", "[1, 2, 3]", 2, "what of {{ $item }}?").
		Go("fails", "fails", irtest.After("ask")).
		Expression("mend", []string{"why", "$error.message"}, irtest.Handles("fails")).
		Output("ask", "ask").Program()
}

// soak does n runs, eight at a time, and tells the heap after a fifth of them and at
// the end.
func soak(t *testing.T, o runtime.Options, p *ir.Program, n int) (early, late uint64) {
	o.Functions = map[string]port.Function{"fails": port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
		return value.Null, port.Errorf(port.ClassFunction, "out of paper")
	})}
	o.Observers = []event.Observer{event.ObserverFunc(func(event.Event) {})}
	r := runner(t, o)
	program := load(t, p)
	round := func(n int) uint64 {
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for range n / 8 {
					res, err := r.Run(t.Context(), program, value.String("soup"))
					if err != nil || res.Status != journal.Completed {
						t.Error(res, err)
						return
					}
				}
			})
		}
		group.Wait()
		goruntime.GC()
		goruntime.GC() // pools need two
		var m goruntime.MemStats
		goruntime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	early = round(n / 5)
	return early, round(n - n/5)
}

// TestMemoryStaysFlat does many runs and expects that they leave nothing behind.
// HEXDAG_SOAK sets how many.
func TestMemoryStaysFlat(t *testing.T) {
	n := soakRuns(t)
	goroutines := goruntime.NumGoroutine()
	early, late := soak(t, runtime.Options{}, soakProgram(), n)
	t.Logf("%d runs: %.1f MB after a fifth, %.1f MB at the end", n, float64(early)/1e6, float64(late)/1e6)
	if late > early+early/10+1<<20 {
		t.Errorf("the heap grew from %d to %d bytes", early, late)
	}
	if now := goruntime.NumGoroutine(); now > goroutines+2 {
		t.Errorf("there were %d goroutines and are %d", goroutines, now)
	}
}

// TestARunStoreWithRetentionStaysFlat does runs that are deleted soon after their
// end, and expects that the store's file stops growing.
func TestARunStoreWithRetentionStaysFlat(t *testing.T) {
	n := soakRuns(t) / 20
	path := filepath.Join(t.TempDir(), "runs.db")
	size := func() int64 {
		store, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		p := soakProgram()
		p.Effective.Kernel = append(p.Effective.Kernel, ir.Setting{Name: ir.Retention, Value: value.Int(1)})
		early, late := soak(t, runtime.Options{Journal: store}, p, n)
		if late > early+early/10+2<<20 {
			t.Errorf("the heap grew from %d to %d bytes", early, late)
		}
		list, err := store.List(t.Context(), journal.Filter{Limit: 1 << 20})
		if err != nil || len(list) > 100 {
			t.Errorf("%d runs are left (%v)", len(list), err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	first := size()
	second := size()
	t.Logf("%d runs twice: %.2f MB, %.2f MB", n, float64(first)/1e6, float64(second)/1e6)
	if second > first+first/5+1<<18 {
		t.Errorf("the store grew from %d to %d bytes", first, second)
	}
}
