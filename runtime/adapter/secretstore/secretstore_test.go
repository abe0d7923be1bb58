package secretstore_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"hexdag.dev/hexdag/runtime/adapter/secretstore"
	"hexdag.dev/hexdag/runtime/port"
)

func TestChain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets")
	if err := os.WriteFile(path, []byte("# mine\n\nA = one\nexport B=\"two words\"\nC='x=y'\nD=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	keyring.MockInit()
	if err := keyring.Set("hexdag", "K", "from the ring"); err != nil {
		t.Fatal(err)
	}
	env := port.Environment{Lookup: func(name string) (string, bool) { return "from the environment", name == "A" }}
	c := secretstore.Chain{env, &secretstore.File{Path: path}, secretstore.Keyring{}}
	for name, want := range map[string]string{"A": "from the environment", "B": "two words", "C": "x=y", "K": "from the ring"} {
		if got, err := c.Secret(t.Context(), name); err != nil || got != want {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"D", "E"} {
		if got, err := c.Secret(t.Context(), name); err == nil || strings.Contains(err.Error(), "two words") {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	open, bad := filepath.Join(dir, "open"), filepath.Join(dir, "bad")
	if err := os.WriteFile(open, []byte("A=canary\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bad, []byte("A=1\ncanary\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{open: "by others", bad: "line 2", filepath.Join(dir, "none"): "cannot be read"} {
		if _, err := (&secretstore.File{Path: path}).Secret(t.Context(), "A"); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s gives %v", path, err)
		}
	}
}
