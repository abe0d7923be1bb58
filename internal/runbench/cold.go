//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// cold measures `hexc run` of a program of ten nodes, from the start of the process
// to its end with the run store on disk, against `hexc version`.
func cold() (rows []row, err error) {
	dir, err := os.MkdirTemp("", "hexdag-runbench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, args := range [][]string{
		{"build", "-trimpath", "-tags", "front", "-o", filepath.Join(dir, "hexc"), "./cmd/hexc"},
		{"build", "-trimpath", "-o", filepath.Join(dir, "hexc-run"), "./cmd/hexc"},
	} {
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, out)
		}
	}
	var text strings.Builder
	text.WriteString("kind: Pipeline\nmetadata: {name: ten}\nspec:\n  ports: {llm: {adapter: mock_llm, config: {response: fine}}}\n  nodes:\n")
	for i := range 9 {
		value := "1"
		if i > 0 {
			value = fmt.Sprintf("n%d.v + 1", i-1)
		}
		fmt.Fprintf(&text, "    - kind: expression_node\n      metadata: {name: n%d}\n      spec: {expressions: {v: %q}}\n", i, value)
	}
	text.WriteString("    - kind: llm_node\n      metadata: {name: ask}\n      spec: {human_message: \"{{ n8.v }}\"}\n  output: {said: ask}\n")
	manifest := filepath.Join(dir, "ten.yaml")
	if err := os.WriteFile(manifest, []byte(text.String()), 0o600); err != nil {
		return nil, err
	}
	hexc := filepath.Join(dir, "hexc")
	run := func(args ...string) (time.Duration, error) {
		cmd := exec.Command(hexc, args...)
		cmd.Dir = dir
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		start := time.Now()
		err := cmd.Run()
		if err != nil {
			return 0, fmt.Errorf("hexc %s: %w: %s", strings.Join(args, " "), err, out.Bytes())
		}
		return time.Since(start), nil
	}
	var version, whole []time.Duration
	for i := range 21 {
		v, err := run("version")
		if err != nil {
			return nil, err
		}
		// Each run gets a store of its own: making it is part of a cold run.
		w, err := run("run", "-q", manifest, "--store", filepath.Join(dir, fmt.Sprintf("s%d", i), "runs.db"))
		if err != nil {
			return nil, err
		}
		if i > 0 {
			version, whole = append(version, v), append(whole, w)
		}
	}
	slices.Sort(version)
	slices.Sort(whole)
	v, w := version[len(version)/2], whole[len(whole)/2]
	const most = 40 * time.Millisecond
	return []row{{
		"hexc run of ten nodes, cold / version",
		fmt.Sprint(v.Round(time.Millisecond / 10)), fmt.Sprint(w.Round(time.Millisecond / 10)), float64(w) / float64(v),
		fmt.Sprintf("≤ 40 ms more (%+.1f ms)", float64(w-v)/1e6), w-v <= most,
	}}, nil
}
