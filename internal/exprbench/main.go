//go:build unix

// Command exprbench measures the expression language and prints one table of
// ratios.
//
// Input: nothing; the expressions, the template and the data stand in cases.go,
// each in the spelling of every engine. Output: a table on standard output.
//
// Invariants: what is compared gives equal results, or nothing is measured; it
// runs in turns, so that a busy machine slows down both; a time is processor
// time of the whole process, collector included, and the least of many rounds;
// compiling is not part of evaluating.
//
// The three hardest cases: an engine that is asked for less (every result is
// made anew, nothing is kept between two evaluations); CPython, whose times come
// from its own timeit, in a process of its own, with rounds in turns all the
// same; differences below the noise, for which the least of many short rounds is
// the steadiest number.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "exprbench:", err)
		os.Exit(1)
	}
}

func run() error {
	fmt.Printf("%-46s %14s %14s %10s  %s\n", "", "reference", "hexdag", "ratio", "wanted")
	for _, part := range []func() error{compareVM, comparePython, compareTemplate, measureParse} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

func row(name, reference, hexdag string, ratio float64, wanted string) {
	fmt.Printf("%-46s %14s %14s %10.2f  %s\n", name, reference, hexdag, ratio, wanted)
}

func ns(seconds float64) string { return fmt.Sprintf("%.0f ns", seconds*1e9) }
