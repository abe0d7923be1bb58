//go:build unix && !front

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const frontManifest = `kind: Pipeline
metadata: {name: hello}
spec:
  nodes:
    - kind: expression_node
      metadata: {name: greet}
      spec:
        expressions:
          text: "'Hello ' + $input.name"
  output: {text: greet.text}
`

// The front program does what the whole one does, by handing over to hexc-run.
func TestFront(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	dir := t.TempDir()
	front := filepath.Join(dir, "hexc")
	build := exec.Command("go", "build", "-tags", "front", "-o", front, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	work := t.TempDir()
	if err := os.WriteFile(filepath.Join(work, "p.yaml"), []byte(frontManifest), 0o600); err != nil {
		t.Fatal(err)
	}
	call := func(args ...string) (status int, stdout, stderr string) {
		cmd := exec.Command(front, args...)
		var out, errs strings.Builder
		cmd.Dir, cmd.Stdout, cmd.Stderr = work, &out, &errs
		cmd.Env = append(os.Environ(), "PATH=/nonexistent", "HEXDAG_STORE="+filepath.Join(work, "runs.db"))
		err := cmd.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return cmd.ProcessState.ExitCode(), out.String(), errs.String()
	}

	if status, _, stderr := call("run", "p.yaml"); status != 2 || !strings.Contains(stderr, "hexc-run") || !strings.Contains(stderr, "install it beside hexc") {
		t.Errorf("without hexc-run: status %d, %q", status, stderr)
	}
	if status, _, stderr := call("check"); status != 0 {
		t.Errorf("check without hexc-run: status %d, %q", status, stderr)
	}
	if status, stdout, _ := call("--help"); status != 0 || !strings.Contains(stdout, runShort) {
		t.Errorf("--help without hexc-run: status %d, %q", status, stdout)
	}

	whole, err := exec.LookPath("hexc")
	if err != nil {
		t.Fatal(err)
	}
	whole, err = filepath.EvalSymlinks(whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(whole, filepath.Join(dir, back)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"run p.yaml -i name=Ada", 0, `Hello Ada`},
		{"-q -C . run p.yaml -i name=Bo", 0, `Hello Bo`},
		{"run p.yaml --no-such-flag", 2, ""},
		{"run none.yaml", 2, ""},
		{"runs list --format json", 0, `"program"`},
		{"runs", 0, "hexc runs resume"},
		{"run --help", 0, "--input"},
		{"help run", 0, "--input"},
		{"completion bash", 0, "__complete"},
		{"__complete run --inp", 0, "--input"},
	} {
		status, stdout, stderr := call(strings.Fields(c.args)...)
		if status != c.status || !strings.Contains(stdout, c.want) {
			t.Errorf("hexc %s: status %d, want %d; %q must contain %q\n%s", c.args, status, c.status, stdout, c.want, stderr)
		}
	}
}
