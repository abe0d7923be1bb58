//go:build unix

// Command bench measures hexc and prints one table of ratios.
//
// Input: nothing; it builds hexc, a program with one cobra command, and
// actionlint, and generates the manifests and workflows that they read. Output:
// a table on standard output.
//
// Invariants: what is compared runs in turns, so that a busy machine slows down
// both; a time is the median of many runs; memory is the largest resident size
// that the system reports for the process; the generated files are the same at
// every run.
//
// The three hardest cases: start-up times of a few milliseconds, which need many
// runs; a tool that reports findings where there should be none, which makes it
// slower and fails the run; comparing throughput over different inputs, for
// which both get files of the same shape: twenty steps with an expression each.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// actionlint is the program that throughput is compared with: it checks typed
// expressions inside YAML strings, as hexc does.
const actionlint = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"

const (
	files = 1000 // manifests and workflows for the throughput
	nodes = 20   // in each
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	dir, err := os.MkdirTemp("", "hexdag-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p, err := buildPrograms(dir)
	if err != nil {
		return err
	}
	manifests, workflows := filepath.Join(dir, "manifests"), filepath.Join(dir, "repository")
	manifestBytes, err := writeManifests(manifests)
	if err != nil {
		return err
	}
	workflowBytes, err := writeWorkflows(filepath.Join(workflows, ".github", "workflows"))
	if err != nil {
		return err
	}
	// actionlint looks for workflows from the root of a repository on.
	if err := os.Mkdir(filepath.Join(workflows, ".git"), 0o755); err != nil {
		return err
	}
	one := filepath.Join(manifests, "p0000.yaml")

	// Findings would make the comparison one of the output.
	if out, err := output(p.hexc, "check", "--format", "jsonl", manifests); err != nil || out != "" {
		return fmt.Errorf("the generated manifests have findings: %w\n%.1000s", err, out)
	}

	version := command(dir, p.hexc, "version")
	start, err := compare(60, command(dir, p.bare, "version"), version)
	if err != nil {
		return err
	}
	check, err := compare(60, version, command(dir, p.hexc, "check", "-q", one))
	if err != nil {
		return err
	}
	bulk, err := compare(5,
		command(workflows, p.actionlint, "-shellcheck=", "-pyflakes="),
		command(manifests, p.hexc, "check", "-q", "."))
	if err != nil {
		return err
	}
	flat, composed := filepath.Join(dir, "flat"), filepath.Join(dir, "composed")
	if err := writeSystems(flat, composed); err != nil {
		return err
	}
	system, err := compare(5,
		command(flat, p.hexc, "build", "-q", "system.yaml", "-o", "out.hexir"),
		command(composed, p.hexc, "build", "-q", "system.yaml", "-o", "out.hexir"))
	if err != nil {
		return err
	}
	theirs, ours := rate(workflowBytes, bulk.a), rate(manifestBytes, bulk.b)

	fmt.Printf("%-46s %14s %14s %10s  %s\n", "", "reference", "hexc", "ratio", "wanted")
	row := func(name, reference, hexc string, ratio float64, wanted string) {
		fmt.Printf("%-46s %14s %14s %10.2f  %s\n", name, reference, hexc, ratio, wanted)
	}
	row("start: version / a bare cobra program", ms(start.a), ms(start.b), start.ratio(), fmt.Sprintf("≤ 5 ms more (%+.1f ms)", start.more()))
	row(fmt.Sprintf("check of a file of %d nodes / version", nodes), ms(check.a), ms(check.b), check.ratio(), fmt.Sprintf("≤ 5 ms more (%+.1f ms)", check.more()))
	row(fmt.Sprintf("check of %d files / actionlint, MB/s", files), fmt.Sprintf("%.2f MB/s", theirs), fmt.Sprintf("%.2f MB/s", ours), ours/theirs, "≥ 2")
	row(fmt.Sprintf("memory for %d files / actionlint", files), mb(bulk.a.peak), mb(bulk.b.peak), float64(bulk.b.peak)/float64(bulk.a.peak), "< 100 MB")
	row(fmt.Sprintf("System of %d nodes: composed / flat", processes*steps), ms(system.a), ms(system.b), system.ratio(), "< 10")
	fmt.Printf("\n%d manifests of %.1f KB, %d workflows of %.1f KB\n", files, float64(manifestBytes)/files/1000, files, float64(workflowBytes)/files/1000)
	return nil
}

// rate is megabytes in a second.
func rate(bytes int, s sample) float64 { return float64(bytes) / 1e6 / s.seconds }

func ms(s sample) string { return fmt.Sprintf("%.2f ms", s.seconds*1e3) }
func mb(bytes int64) string {
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}
