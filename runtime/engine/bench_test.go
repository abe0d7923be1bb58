package engine_test

import (
	"fmt"
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
// expects the cost of a node to be about the same.
func TestLongChainsAreLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	perNode := func(n int) time.Duration {
		prog, err := machine.Load(chain(n))
		if err != nil {
			t.Fatal(err)
		}
		best := time.Hour
		for range 5 {
			start := time.Now()
			runLoaded(t, prog)
			best = min(best, time.Since(start))
		}
		return best / time.Duration(n)
	}
	short, long := perNode(1000), perNode(20_000)
	t.Logf("%s a node in a short chain, %s in a long one", short, long)
	if long > 20*short {
		t.Errorf("a node costs %s in a chain of 1,000 and %s in one of 20,000", short, long)
	}
}
