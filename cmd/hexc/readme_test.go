package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// slip is the manifest with which the README shows a finding.
const slip = `kind: Pipeline
metadata:
  name: slip
spec:
  input_schema: {rows: list}
  nodes:
    - kind: expression_node
      metadata:
        name: stats
      spec:
        expressions: {urgent: "[r for r in rows if r.urgency > 4]"}
    - kind: composite_node
      metadata:
        name: route
      spec:
        mode: switch
        route_downstream: true
        branches:
          # the node is called stats
          - condition: len(stat.urgent) > 0
            action: call_engineer
    - kind: data_node
      metadata:
        name: call_engineer
      spec:
        output: {text: Please take over.}
`

// TestReadme runs the commands of the README's console blocks in the folder of
// the example and compares what they print. A line with … stands for any
// number of lines; times are not compared.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../examples/support-triage")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "slip.yaml"), []byte(slip), 0o644); err != nil {
		t.Fatal(err)
	}
	hexc := filepath.Join(dir, "hexc")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, hexc); err != nil { // TestMain runs hexc under that name
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```console\n\\$ hexc ([^\n]*)\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) == 0 {
		t.Fatal("the README has no console blocks")
	}
	for _, b := range blocks {
		cmd := exec.Command(hexc, strings.Fields(b[1])...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "NO_COLOR=1", "HEXDAG_STORE="+filepath.Join(dir, "runs.db"))
		var stdout, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		_ = cmd.Run() // some of the commands show a failure
		out := stdout.String() + stderr.String()
		if !matches(strings.Split(times(b[2]), "\n"), strings.Split(times(out), "\n")) {
			t.Errorf("hexc %s prints something else than the README shows\n--- README\n%s--- now\n%s", b[1], b[2], out)
		}
	}
}

func times(s string) string {
	return regexp.MustCompile(`[0-9.]+(µs|ms|s)\b`).ReplaceAllString(strings.TrimSpace(s), "TIME")
}

// matches compares lines; … in the pattern stands for any number of them.
func matches(pattern, lines []string) bool {
	if len(pattern) == 0 {
		return len(lines) == 0
	}
	if strings.TrimSpace(pattern[0]) == "…" {
		for i := 0; i <= len(lines); i++ {
			if matches(pattern[1:], lines[i:]) {
				return true
			}
		}
		return false
	}
	return len(lines) > 0 && strings.TrimRight(pattern[0], " ") == strings.TrimRight(lines[0], " ") && matches(pattern[1:], lines[1:])
}
