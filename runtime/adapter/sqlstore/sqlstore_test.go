package sqlstore

import (
	"context"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
	"hexdag.dev/hexdag/runtime/port/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func sqlite(t *testing.T, path string) *Store {
	t.Helper()
	v, _ := value.FromGo(map[string]any{"path": path})
	a, err := NewSQLite(t.Context(), port.Spec{Port: "db", Config: v})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.(port.Closer).Close(context.Background()) })
	return a.(*Store)
}

func TestSQLite(t *testing.T) {
	t.Run("in memory", func(t *testing.T) {
		porttest.Store(t, func(t *testing.T) port.Store { return sqlite(t, ":memory:") }, nil)
	})
	t.Run("in a file", func(t *testing.T) {
		porttest.Store(t,
			func(t *testing.T) port.Store { t.Chdir(t.TempDir()); return sqlite(t, "data/x y?.db") },
			func(t *testing.T, _ port.Store) port.Store { return sqlite(t, "data/x y?.db") })
	})
	t.Run("queries", func(t *testing.T) {
		porttest.Database(t, func(t *testing.T) port.Database { return sqlite(t, ":memory:") }, func(int) string { return "?" })
	})
}

func TestSQLiteStaysInItsFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Symlink("/tmp/hexdag-elsewhere.db", "out.db"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"../x.db", "/tmp/x.db", "out.db"} {
		v, _ := value.FromGo(map[string]any{"path": path})
		if _, err := NewSQLite(t.Context(), port.Spec{Port: "db", Config: v}); err == nil {
			t.Errorf("%q is taken", path)
		}
	}
	s := sqlite(t, "own.db")
	for _, text := range []string{"ATTACH DATABASE '/tmp/x.db' AS x", " /* x */ attach '/tmp/x.db' as x", "VACUUM INTO '/tmp/x.db'", "PRAGMA journal_mode=DELETE"} {
		if _, err := s.Query(t.Context(), text, nil); err == nil || !strings.Contains(err.Error(), "is not run") {
			t.Errorf("%s gives %v", text, err)
		}
	}
}

func TestInspect(t *testing.T) {
	for text, want := range map[string]string{
		"select 1": "SELECT", " -- x\n Insert into t values (';')": "INSERT", "SELECT 1;": "SELECT", "SELECT 1; -- end\n": "SELECT",
		"SELECT 1; SELECT 2": "!", "(SELECT 1)": "SELECT", "SELECT \"a;b\"": "SELECT", "": "", "; SELECT 1": "!",
	} {
		keyword, single := inspect(text)
		if !single {
			keyword = "!"
		}
		if keyword != want {
			t.Errorf("%q gives %q", text, keyword)
		}
	}
}
