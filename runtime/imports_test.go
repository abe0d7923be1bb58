package runtime_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestRuntimeKnowsOnlyTheIR keeps the compiler and its libraries out of programs
// that only run. The adapters of providers are apart: what a provider's SDK brings
// along is in a program only if it names that adapter.
func TestRuntimeKnowsOnlyTheIR(t *testing.T) {
	out, err := exec.Command("go", "list", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"list", "-deps"}
	for _, path := range strings.Fields(string(out)) {
		switch strings.TrimPrefix(path, "hexdag.dev/hexdag/runtime/adapter/") {
		case "anthropic", "mcp", "ollama", "openai", "providers":
		default:
			args = append(args, path)
		}
	}
	if out, err = exec.Command("go", args...).Output(); err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{"ir": true, "expr": true, "value": true, "diag": true, "source": true, "suggest": true, "price": true}
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
