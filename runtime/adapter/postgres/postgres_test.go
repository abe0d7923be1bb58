package postgres_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/adapter/postgres"
	"hexdag.dev/hexdag/runtime/port"
	"hexdag.dev/hexdag/runtime/port/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is the address of a real server: HEXDAG_TEST_POSTGRES, or one of our own,
// if the programs are installed.
func server(t *testing.T) string {
	t.Helper()
	if dsn := os.Getenv("HEXDAG_TEST_POSTGRES"); dsn != "" {
		return dsn
	}
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(bins) == 0 || os.Getuid() == 0 {
		t.Skip("there is no PostgreSQL: install the package postgresql and run the test as another user than root, or set HEXDAG_TEST_POSTGRES")
	}
	bin, dir := filepath.Dir(bins[len(bins)-1]), t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	if out, err := exec.Command(filepath.Join(bin, "initdb"), "-D", dir, "-U", "test", "-A", "trust").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", dir, "-p", fmt.Sprint(at), "-c", "listen_addresses=127.0.0.1", "-k", dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	for range 200 {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", at)); err == nil {
			_ = conn.Close()
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Sprintf("postgres://test@127.0.0.1:%d/postgres", at)
}

func open(t *testing.T, dsn string) port.Adapter {
	t.Helper()
	v, _ := value.FromGo(map[string]any{"dsn": dsn})
	a, err := postgres.New(t.Context(), port.Spec{Port: "db", Config: v})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.(port.Closer).Close(context.Background()) })
	return a
}

func TestPostgreSQL(t *testing.T) {
	dsn := server(t)
	t.Run("store", func(t *testing.T) {
		porttest.Store(t, func(t *testing.T) port.Store {
			a := open(t, dsn)
			for range 100 { // a server of our own needs a moment
				if _, err := a.(port.Database).Query(t.Context(), "DROP TABLE IF EXISTS hexdag_store", nil); err == nil {
					break
				}
				time.Sleep(50 * time.Millisecond)
			}
			return a.(port.Store)
		}, func(t *testing.T, _ port.Store) port.Store { return open(t, dsn).(port.Store) })
	})
	t.Run("queries", func(t *testing.T) {
		porttest.Database(t, func(t *testing.T) port.Database { return open(t, dsn).(port.Database) }, func(n int) string { return fmt.Sprint("$", n) })
	})
}

func TestThePasswordIsInNoError(t *testing.T) {
	const canary = "canary-77aa0c"
	a := open(t, "postgres://me:"+canary+"@127.0.0.1:1/x?connect_timeout=2")
	_, _, err := a.(port.Store).Get(t.Context(), "a")
	if e := port.AsError(err); e == nil || !e.Retryable || strings.Contains(fmt.Sprint(e.Message, e.Help, e.Err), canary) {
		t.Errorf("got %+v", e)
	}
	v, _ := value.FromGo(map[string]any{"dsn": "postgres://me:" + canary + "@host:port/x"})
	if _, err := postgres.New(t.Context(), port.Spec{Port: "db", Config: v}); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v", err)
	}
}
