//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	goruntime "runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/port"
)

// waitingChild is the argument of the process in which the runs wait.
const (
	waitingChild = "-waiting"
	waitingRuns  = 10_000
)

// waiting measures the memory of many runs that all wait for a model.
func waiting() ([]row, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, waitingChild)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return nil, fmt.Errorf("the system does not tell how much memory a process took")
	}
	peak := int64(usage.Maxrss)
	if goruntime.GOOS == "linux" {
		peak *= 1024 // Linux counts kilobytes
	}
	const most = 1 << 30
	return []row{{
		fmt.Sprintf("%d runs that wait for a model (%s)", waitingRuns, strings.TrimSpace(string(out))), "1024 MB", fmt.Sprintf("%d MB", peak>>20),
		float64(peak) / most, "< 1 GB", peak < most,
	}}, nil
}

// gate is a model that answers nobody before everybody asks.
type gate struct {
	missing sync.WaitGroup
	open    chan struct{}
}

func (*gate) Class() port.Class { return port.Read }

func (g *gate) Generate(ctx context.Context, _ *port.LLMRequest) (*port.LLMResponse, error) {
	g.missing.Done()
	select {
	case <-g.open:
		return &port.LLMResponse{Text: "at last", Usage: port.Usage{Known: true}}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// wait is the process in which the runs wait.
func wait() error {
	g := &gate{open: make(chan struct{})}
	g.missing.Add(waitingRuns)
	r, err := runtime.New(runtime.Options{Ports: map[string]port.LLM{"llm": g}})
	if err != nil {
		return err
	}
	p, err := runtime.LoadIR(irtest.New("waiting").Port("llm", "mock", irtest.Object()).
		Expression("before", []string{"n", "1"}).LLM("ask", "number {{ before.n }}").
		Expression("after", []string{"said", "ask"}).Output("said", "after").Program())
	if err != nil {
		return err
	}
	var group sync.WaitGroup
	failed := make(chan error, waitingRuns)
	start := time.Now()
	for range waitingRuns {
		group.Go(func() {
			res, err := r.Run(context.Background(), p, value.Null)
			if err == nil && res.Status != journal.Completed {
				err = res.Err()
			}
			if err != nil {
				failed <- err
			}
		})
	}
	all := make(chan struct{})
	go func() {
		g.missing.Wait()
		close(all)
	}()
	select {
	case <-all:
	case err := <-failed:
		return err
	}
	asked := time.Since(start)
	close(g.open)
	group.Wait()
	select {
	case err := <-failed:
		return err
	default:
	}
	fmt.Printf("all asked after %.1f s", asked.Seconds())
	return nil
}
