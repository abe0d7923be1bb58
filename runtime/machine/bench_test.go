package machine_test

import (
	"fmt"
	"testing"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// bigProgram has n expression nodes: a chain, or all behind the first.
func bigProgram(tb testing.TB, n int, chain bool) *machine.Prog {
	p := &ir.Program{Version: ir.Version, Kind: "Pipeline", Name: "big"}
	p.Body.Nodes = make([]ir.Node, n)
	for i := range p.Body.Nodes {
		nd := &p.Body.Nodes[i]
		name := fmt.Sprintf("n%d", i)
		*nd = ir.Node{ID: name, Name: name, Kind: "expression_node", Single: -1, Attempts: 1, Expression: &ir.Expression{}}
		e := ir.Expr{Mode: ir.ModeExpr, Text: "1"}
		if i > 0 {
			src := 0
			if chain {
				src = i - 1
			}
			head := fmt.Sprintf("n%d", src)
			e.Text = head + ".v + 1"
			e.Slots = []ir.Slot{{Head: head, Kind: ir.SlotNode, Index: src}}
			nd.Edges = []ir.Edge{{Node: src, Class: ir.EdgeData}}
			nd.Single = src
		}
		tree, _ := expr.Parse(expr.Text{Src: e.Text})
		e.Tree = expr.Encode(tree)
		nd.Expression.Vars = []ir.Binding{{Name: "v", Expr: e}}
	}
	prog, err := machine.Load(p)
	if err != nil {
		tb.Fatal(err)
	}
	return prog
}

func runBig(tb testing.TB, prog *machine.Prog, o machine.Options) {
	m := machine.New(prog, o)
	var x machine.Cmds
	more := m.Apply(machine.Event{Kind: machine.RunStarted, Start: &machine.Start{RunID: "r"}}, machine.Work{}, &x)
	for more {
		x.Reset()
		more = m.Continue(machine.Work{}, &x)
	}
	if x.Finish == nil || x.Finish.Status != machine.RunCompleted {
		tb.Fatalf("the run did not complete: %+v", m.Stats())
	}
}

func BenchmarkExpressionNodes(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		for _, chain := range []bool{true, false} {
			for _, quiet := range []bool{true, false} {
				b.Run(fmt.Sprintf("n=%d/chain=%v/quiet=%v", n, chain, quiet), func(b *testing.B) {
					prog := bigProgram(b, n, chain)
					b.ReportAllocs()
					for b.Loop() {
						runBig(b, prog, machine.Options{Quiet: quiet})
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/node")
				})
			}
		}
	}
}

// BenchmarkBareGoroutines does the arithmetic of the chain with a goroutine and
// a channel per node.
func BenchmarkBareGoroutines(b *testing.B) {
	const n = 10_000
	for b.Loop() {
		in := make(chan int, 1)
		in <- 0
		for range n {
			out := make(chan int, 1)
			go func(in <-chan int, out chan<- int) { out <- <-in + 1 }(in, out)
			in = out
		}
		if <-in != n {
			b.Fatal("wrong sum")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/node")
}

// TestTimeIsLinear runs large programs: a quadratic step would take minutes.
func TestTimeIsLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("large programs")
	}
	runBig(t, bigProgram(t, 100_000, true), machine.Options{})
	runBig(t, bigProgram(t, 100_000, false), machine.Options{})
}

func BenchmarkSnapshot(b *testing.B) {
	prog := bigProgram(b, 10_000, true)
	m := machine.New(prog, machine.Options{KeepOutputs: true, Quiet: true})
	var x machine.Cmds
	m.Apply(machine.Event{Kind: machine.RunStarted, Start: &machine.Start{RunID: "r", Input: value.Null}}, machine.Work{}, &x)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Snapshot(); err != nil {
			b.Fatal(err)
		}
	}
}
