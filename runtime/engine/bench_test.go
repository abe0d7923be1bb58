package engine_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/engine"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
)

// chain is n expression nodes, each of which adds one to the one before.
func chain(n int) *ir.Program {
	b := irtest.New("chain")
	b.Expression("n0", []string{"v", "1"})
	for i := 1; i < n; i++ {
		b.Expression(fmt.Sprintf("n%d", i), []string{"v", fmt.Sprintf("n%d.v + 1", i-1)})
	}
	return b.Output("end", fmt.Sprintf("n%d", n-1)).Program()
}

// fan is one node, n nodes that read it, and one that reads all.
func fan(n int) *ir.Program {
	b := irtest.New("fan")
	b.Expression("n0", []string{"v", "1"})
	for i := 1; i <= n; i++ {
		b.Expression(fmt.Sprintf("n%d", i), []string{"v", "n0.v + 1"})
	}
	return b.Program()
}

// bareChain does what chain does with a goroutine and a channel for each node.
func bareChain(n int) int64 {
	in := make(chan value.Value, 1)
	in <- value.Int(1)
	for i := 1; i < n; i++ {
		out := make(chan value.Value, 1)
		go func(in <-chan value.Value) {
			v, _ := value.Add(<-in, value.Int(1))
			out <- v
		}(in)
		in = out
	}
	v, _ := (<-in).AsInt()
	return v
}

// bareFan does what fan does.
func bareFan(n int) int64 {
	ready := make(chan struct{})
	var root value.Value
	outs := make([]chan value.Value, n)
	for i := range outs {
		outs[i] = make(chan value.Value, 1)
		go func() {
			<-ready
			v, _ := value.Add(root, value.Int(1))
			outs[i] <- v
		}()
	}
	root = value.Int(1)
	close(ready)
	var sum int64
	for _, out := range outs {
		v, _ := (<-out).AsInt()
		sum += v
	}
	return sum
}

var loaded = sync.OnceValue(func() map[string]*machine.Prog {
	progs := map[string]*machine.Prog{}
	for _, n := range []int{1000, 10_000, 100_000} {
		for name, build := range map[string]func(int) *ir.Program{"chain": chain, "fan": fan} {
			prog, err := machine.Load(build(n))
			if err != nil {
				panic(err)
			}
			progs[fmt.Sprint(name, n)] = prog
		}
	}
	return progs
})

func runLoaded(b testing.TB, prog *machine.Prog) {
	store := journal.NewMemory()
	log, err := store.Create(b.Context(), journal.Run{ID: "r", MachineVersion: machine.Version})
	if err != nil {
		b.Fatal(err)
	}
	out, err := engine.Run(b.Context(), engine.Config{Prog: prog, Log: log}, machine.Start{RunID: "r"})
	if err != nil || out.Status != journal.Completed {
		b.Fatal(out, err)
	}
}

// BenchmarkEngine runs programs of expression nodes and reports how often the
// time of bare goroutines and channels that do the same it takes.
func BenchmarkEngine(b *testing.B) {
	for _, shape := range []string{"chain", "fan"} {
		for _, n := range []int{1000, 10_000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", shape, n), func(b *testing.B) {
				prog := loaded()[fmt.Sprint(shape, n)]
				bare := bareChain
				if shape == "fan" {
					bare = bareFan
				}
				const rounds = 5
				start := time.Now()
				for range rounds {
					bare(n)
				}
				reference := time.Since(start) / rounds
				b.ResetTimer()
				for range b.N {
					runLoaded(b, prog)
				}
				perRun := b.Elapsed() / time.Duration(b.N)
				b.ReportMetric(float64(perRun)/float64(reference), "×bare")
				b.ReportMetric(float64(perRun.Nanoseconds())/float64(n), "ns/node")
			})
		}
	}
}

// TestLongChainsAreLinear runs a chain of 1,000 and one of 20,000 nodes and
// expects a node to take about the same memory in both. Their times are what
// `make bench` shows.
func TestLongChainsAreLinear(t *testing.T) {
	perNode := func(n int) (allocs, bytes float64) {
		prog, err := machine.Load(chain(n))
		if err != nil {
			t.Fatal(err)
		}
		runLoaded(t, prog) // what is made once
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		runLoaded(t, prog)
		runtime.ReadMemStats(&after)
		return float64(after.Mallocs-before.Mallocs) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
	}
	allocs, bytes := perNode(1000)
	allocsLong, bytesLong := perNode(20_000)
	t.Logf("%.1f allocations and %.0f bytes a node in a short chain, %.1f and %.0f in a long one", allocs, bytes, allocsLong, bytesLong)
	if allocsLong > 2*allocs || bytesLong > 2*bytes {
		t.Errorf("a node of a chain of 20,000 takes %.1f allocations and %.0f bytes, one of a chain of 1,000 %.1f and %.0f", allocsLong, bytesLong, allocs, bytes)
	}
}
