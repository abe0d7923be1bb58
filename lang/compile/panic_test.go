package compile_test

import (
	"fmt"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/compile"
)

// TestPanicReachesTheCaller: a bug in a phase surfaces where the caller of Check
// can catch it, with the file's name, and not in a goroutine that ends the
// process.
func TestPanicReachesTheCaller(t *testing.T) {
	w, err := compile.New(compile.Options{Root: t.TempDir(), ReadFile: func(name string) ([]byte, error) {
		if strings.HasSuffix(name, "b.yaml") {
			panic("a bug")
		}
		return []byte("kind: Pipeline\n"), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p := fmt.Sprint(recover()); !strings.Contains(p, "b.yaml: a bug") {
			t.Errorf("the panic that arrives is %.80q", p)
		}
	}()
	_, _ = w.Check([]string{"a.yaml", "b.yaml", "c.yaml"})
}
