package runtime_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestRuntimeKnowsOnlyTheIR keeps the compiler and its libraries out of programs
// that only run.
func TestRuntimeKnowsOnlyTheIR(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{"ir": true, "expr": true, "value": true, "diag": true, "source": true, "suggest": true}
	for _, path := range strings.Fields(string(out)) {
		for _, banned := range []string{"yaml", "cuelang.org", "cobra", "lipgloss"} {
			if strings.Contains(path, banned) {
				t.Errorf("the runtime imports %s", path)
			}
		}
		if rest, ok := strings.CutPrefix(path, "hexdag.dev/hexdag/lang/"); ok && !allowed[rest] {
			t.Errorf("the runtime imports %s", path)
		}
	}
}
