package filestore_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/adapter/filestore"
	"hexdag.dev/hexdag/runtime/port"
	"hexdag.dev/hexdag/runtime/port/porttest"
)

func open(t *testing.T, path string) port.Store {
	t.Helper()
	v, _ := value.FromGo(map[string]any{"path": path})
	a, err := filestore.New(t.Context(), port.Spec{Port: "memory", Config: v})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.(port.Closer).Close(context.Background()) })
	return a.(port.Store)
}

func TestStore(t *testing.T) {
	porttest.Store(t,
		func(t *testing.T) port.Store { t.Chdir(t.TempDir()); return open(t, "data/memory") },
		func(t *testing.T, _ port.Store) port.Store { return open(t, "data/memory") })
}

func TestItStaysBelowTheWorkingDirectory(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.Symlink("/tmp", "out"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"../x", "/tmp/x", "out/x", ""} {
		v, _ := value.FromGo(map[string]any{"path": path})
		if _, err := filestore.New(t.Context(), port.Spec{Port: "memory", Config: v}); err == nil {
			t.Errorf("%q is taken", path)
		}
	}
}

func TestDamagedFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	s := open(t, "m")
	if err := s.Set(t.Context(), "a", value.True, 0); err != nil {
		t.Fatal(err)
	}
	files, _ := os.ReadDir("m")
	if err := os.WriteFile("m/"+files[0].Name(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Get(t.Context(), "a"); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("got %v", err)
	}
}
