//go:build unix

// Command runbench measures the runtime and prints one table of ratios.
//
// Input: nothing, or the names of measurements. It makes its programs, its models
// and its run stores itself, and builds hexc for the last measurement. Output: a
// table on standard output, with the bound that each number has to keep.
//
// Invariants: what is compared runs in the same process, or in turns, so that a busy
// machine slows down both; the reference does the same work with nothing around it;
// memory is the largest resident size that the system reports for a process of its
// own.
//
// The three hardest cases: a journal's throughput, which is the disk's (so the
// reference appends the same bytes with the same guarantees); latencies with start-up
// in them (so the same program is also run without latency); memory of ten thousand
// runs, which must all wait at the same moment.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// measurement is one row, or a few.
type measurement struct {
	name string
	run  func() ([]row, error)
}

type row struct {
	what, reference, ours string
	ratio                 float64
	wanted                string
	kept                  bool
}

var measurements = []measurement{
	{"nodes", nodes},
	{"latency", latency},
	{"durable", durable},
	{"waiting", waiting},
	{"cold", cold},
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == waitingChild {
		if err := wait(); err != nil {
			fmt.Fprintln(os.Stderr, "runbench:", err)
			os.Exit(1)
		}
		return
	}
	names := make([]string, len(measurements))
	for i, m := range measurements {
		names[i] = m.name
	}
	for _, arg := range os.Args[1:] {
		if !slices.Contains(names, arg) {
			fmt.Fprintf(os.Stderr, "runbench: there is no measurement %q; there are %s\n", arg, strings.Join(names, ", "))
			os.Exit(2)
		}
	}
	fmt.Printf("%-52s %16s %16s %8s  %s\n", "", "reference", "hexDAG", "ratio", "wanted")
	missed := 0
	for _, m := range measurements {
		if len(os.Args) > 1 && !slices.Contains(os.Args[1:], m.name) {
			continue
		}
		rows, err := m.run()
		if err != nil {
			fmt.Fprintf(os.Stderr, "runbench: %s: %v\n", m.name, err)
			os.Exit(1)
		}
		for _, r := range rows {
			verdict := ""
			if !r.kept {
				verdict = "  MISSED"
				missed++
			}
			fmt.Printf("%-52s %16s %16s %8.2f  %s%s\n", r.what, r.reference, r.ours, r.ratio, r.wanted, verdict)
		}
	}
	if missed > 0 {
		fmt.Printf("\n%d of the bounds were missed; on a busy machine, try again\n", missed)
	}
}
