//go:build unix

package main

import (
	"context"
	"fmt"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/port"
)

// nodes measures expression nodes in memory against goroutines and channels that do
// the same: a chain and a fan of 10,000.
func nodes() ([]row, error) {
	const n = 10_000
	chain := irtest.New("chain").Expression("n0", []string{"v", "1"})
	for i := 1; i < n; i++ {
		chain.Expression(fmt.Sprint("n", i), []string{"v", fmt.Sprintf("n%d.v + 1", i-1)})
	}
	fan := irtest.New("fan").Expression("n0", []string{"v", "1"})
	for i := 1; i < n; i++ {
		fan.Expression(fmt.Sprint("n", i), []string{"v", "n0.v + 1"})
	}
	var rows []row
	for _, shape := range []struct {
		name string
		p    *ir.Program
		bare func(int)
	}{{"chain", chain.Program(), bareChain}, {"fan", fan.Program(), bareFan}} {
		p, err := runtime.LoadIR(shape.p)
		if err != nil {
			return nil, err
		}
		r, err := runtime.New(runtime.Options{})
		if err != nil {
			return nil, err
		}
		if err := completed(r, p); err != nil { // what is made once
			return nil, err
		}
		var bare, ours time.Duration
		rounds := 0
		for ; rounds < 5 || bare+ours < 3*time.Second; rounds++ {
			start := time.Now()
			shape.bare(n)
			bare += time.Since(start)
			start = time.Now()
			if err := completed(r, p); err != nil {
				return nil, err
			}
			ours += time.Since(start)
		}
		perNode := ours / time.Duration(rounds*n)
		perMinute := float64(time.Minute) / float64(ours) * float64(rounds*n)
		ratio := float64(ours) / float64(bare)
		rows = append(rows,
			row{fmt.Sprintf("a node of a %s of %d / goroutine and channel", shape.name, n), fmt.Sprint(bare / time.Duration(rounds*n)), fmt.Sprint(perNode), ratio, "≤ 5", ratio <= 5},
			row{"expression nodes a minute, " + shape.name, "1 million", fmt.Sprintf("%.1f million", perMinute/1e6), perMinute / 1e6, "≥ 1", perMinute >= 1e6},
		)
	}
	return rows, nil
}

func completed(r *runtime.Runner, p *runtime.Program) error {
	res, err := r.Run(context.Background(), p, value.Null)
	if err == nil && res.Status != journal.Completed {
		err = res.Err()
	}
	return err
}

// bareChain is a chain of goroutines, each of which adds one.
func bareChain(n int) {
	in := make(chan value.Value, 1)
	in <- value.Int(1)
	for range n - 1 {
		out := make(chan value.Value, 1)
		go func(in <-chan value.Value) { out <- plusOne(<-in) }(in)
		in = out
	}
	<-in
}

// bareFan is one value that many goroutines read.
func bareFan(n int) {
	ready := make(chan struct{})
	var root value.Value
	outs := make([]chan value.Value, n-1)
	for i := range outs {
		outs[i] = make(chan value.Value, 1)
		go func() {
			<-ready
			outs[i] <- plusOne(root)
		}()
	}
	root = value.Int(1)
	close(ready)
	for _, out := range outs {
		<-out
	}
}

func plusOne(v value.Value) value.Value {
	sum, err := value.Add(v, value.Int(1))
	if err != nil {
		panic(err) // two ints
	}
	return sum
}

// slow is a model that takes its time.
type slow struct{ latency time.Duration }

func (slow) Class() port.Class { return port.Read }

func (s slow) Generate(ctx context.Context, _ *port.LLMRequest) (*port.LLMResponse, error) {
	if s.latency > 0 {
		t := time.NewTimer(s.latency)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return &port.LLMResponse{Text: "yes", Usage: port.Usage{Known: true}}, nil
}

// latency measures a hundred calls side by side of a model that takes 200 ms,
// against a run of the same program whose model takes no time.
func latency() ([]row, error) {
	const calls, each, most = 100, 200 * time.Millisecond, 250 * time.Millisecond
	b := irtest.New("parallel").Port("llm", "mock", irtest.Object()).Kernel(ir.MaxConcurrentNodes, value.Int(calls))
	for i := range calls {
		b.LLM(fmt.Sprint("n", i), "hello")
	}
	p, err := runtime.LoadIR(b.Program())
	if err != nil {
		return nil, err
	}
	best := func(latency time.Duration) (time.Duration, error) {
		r, err := runtime.New(runtime.Options{Ports: map[string]port.LLM{"llm": slow{latency}}})
		if err != nil {
			return 0, err
		}
		least := time.Hour
		for range 5 {
			start := time.Now()
			if err := completed(r, p); err != nil {
				return 0, err
			}
			least = min(least, time.Since(start))
		}
		return least, nil
	}
	startUp, err := best(0)
	if err != nil {
		return nil, err
	}
	took, err := best(each)
	if err != nil {
		return nil, err
	}
	return []row{{
		fmt.Sprintf("%d models of %v side by side / start-up + 250 ms", calls, each),
		fmt.Sprint((startUp + most).Round(time.Millisecond / 10)), fmt.Sprint(took.Round(time.Millisecond / 10)),
		float64(took) / float64(startUp+most), "≤ 1", took <= startUp+most,
	}}, nil
}
