//go:build unix

package main

import (
	"math"
	"syscall"
)

const (
	rounds = 40
	// roundSeconds is how long one round of one side takes: long enough for the
	// clock, short enough to fall between two other programs.
	roundSeconds = 0.004
)

// processorSeconds is what this process used so far, in all its threads.
func processorSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // cannot fail for the own process
	}
	t := func(v syscall.Timeval) float64 { return float64(v.Sec) + float64(v.Usec)/1e6 }
	return t(u.Utime) + t(u.Stime)
}

// side is one of the two that are compared: it works n times and returns how
// many seconds that took.
type side func(n int) (float64, error)

// here is a side that runs in this process.
func here(work func() error) side {
	return func(n int) (float64, error) {
		start := processorSeconds()
		for range n {
			if err := work(); err != nil {
				return 0, err
			}
		}
		return processorSeconds() - start, nil
	}
}

// calibrate is how often a side can work in a round.
func calibrate(s side) (int, error) {
	for n := 1; ; n *= 2 {
		t, err := s(n)
		if err != nil {
			return 0, err
		}
		if t >= roundSeconds/2 {
			return max(1, int(float64(n)*roundSeconds/t)), nil
		}
	}
}

// fastest runs the sides in turns and returns the seconds that each takes for
// working once.
func fastest(sides ...side) ([]float64, error) {
	best, count := make([]float64, len(sides)), make([]int, len(sides))
	for i, s := range sides {
		n, err := calibrate(s)
		if err != nil {
			return nil, err
		}
		best[i], count[i] = math.Inf(1), n
	}
	for range rounds {
		for i, s := range sides {
			t, err := s(count[i])
			if err != nil {
				return nil, err
			}
			best[i] = min(best[i], t/float64(count[i]))
		}
	}
	return best, nil
}
