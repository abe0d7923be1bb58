package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheExampleOfASystem checks and runs examples/support-system as its first
// lines say.
func TestTheExampleOfASystem(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../examples/support-system")); err != nil {
		t.Fatal(err)
	}
	hexc := filepath.Join(dir, "hexc")
	if err := os.Symlink(self, hexc); err != nil { // TestMain runs hexc under that name
		t.Fatal(err)
	}
	run := func(args ...string) (stdout, stderr string) {
		t.Helper()
		cmd := exec.Command(hexc, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "NO_COLOR=1", "HEXDAG_STORE="+filepath.Join(dir, "runs.db"))
		var out, errs strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); err != nil {
			t.Fatalf("hexc %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), errs.String())
		}
		return out.String(), errs.String()
	}
	if out, _ := run("check", "."); strings.TrimSpace(out) != "" {
		t.Errorf("the example has findings:\n%s", out)
	}
	out, note := run("run", "system.yaml", "-i", "message=The parcel is late.")
	want := `{
  "topic": "delivery",
  "reply": "We are sorry. Your parcel arrives tomorrow.",
  "ticket": null
}
`
	if out != want {
		t.Errorf("the System gives\n%s, want\n%s", out, want)
	}
	if !strings.HasPrefix(note, "completed: 3 processes, 1 skipped, 2 nodes, 2 model calls") {
		t.Errorf("the summary is %s", note)
	}
}
