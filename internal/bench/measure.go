//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// sample is what running a command costs.
type sample struct {
	seconds float64 // wall clock
	peak    int64   // largest resident size, bytes
}

// comparison is the median of two commands that ran in turns.
type comparison struct{ a, b sample }

func (c comparison) ratio() float64 { return c.b.seconds / c.a.seconds }

// more is how many milliseconds b takes more than a.
func (c comparison) more() float64 { return (c.b.seconds - c.a.seconds) * 1e3 }

// command makes a function that runs a program in dir once. A program that fails
// is an error: what it measured would be something else.
func command(dir, program string, args ...string) func() (sample, error) {
	return func() (sample, error) {
		cmd := exec.Command(program, args...)
		cmd.Dir = dir
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		start := time.Now()
		err := cmd.Run()
		s := sample{seconds: time.Since(start).Seconds()}
		if err != nil {
			return s, fmt.Errorf("%s %q: %w\n%s", program, args, err, out.Bytes()[:min(out.Len(), 2000)])
		}
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			s.peak = int64(usage.Maxrss)
			if runtime.GOOS == "linux" {
				s.peak *= 1024 // Linux counts kilobytes
			}
		}
		return s, nil
	}
}

// compare runs two commands in turns, n times each after one run to warm up.
func compare(n int, a, b func() (sample, error)) (comparison, error) {
	var as, bs []sample
	for i := range n + 1 {
		x, err := a()
		if err != nil {
			return comparison{}, err
		}
		y, err := b()
		if err != nil {
			return comparison{}, err
		}
		if i > 0 {
			as, bs = append(as, x), append(bs, y)
		}
	}
	return comparison{median(as), median(bs)}, nil
}

// median is the median time and the largest peak.
func median(samples []sample) sample {
	slices.SortFunc(samples, func(a, b sample) int {
		switch {
		case a.seconds < b.seconds:
			return -1
		case a.seconds > b.seconds:
			return 1
		}
		return 0
	})
	m := sample{seconds: samples[len(samples)/2].seconds}
	for _, s := range samples {
		m.peak = max(m.peak, s.peak)
	}
	return m
}
