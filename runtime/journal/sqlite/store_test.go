package sqlite

import (
	"bytes"
	ctx "context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/journal/journaltest"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("HEXDAG_TEST_VICTIM"); path != "" {
		victim(path)
	}
	goleak.VerifyTestMain(m)
}

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStoreConforms(t *testing.T) {
	journaltest.Conform(t, func(t *testing.T) journal.Store {
		return open(t, filepath.Join(t.TempDir(), "a b%c?d#.db"))
	}, func(t *testing.T, s journal.Store) journal.Store {
		path := s.(*Store).path
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return open(t, path)
	})
}

func TestOpenRefusesFilesThatAreNoStore(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, bytes.Repeat([]byte("not a database\n"), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	other, newer := filepath.Join(dir, "other.db"), filepath.Join(dir, "newer.db")
	for path, statement := range map[string]string{
		other: "CREATE TABLE notes(text)",
		newer: fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = 99; CREATE TABLE runs(id)", applicationID),
	} {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		text: "not a run store", other: "database of another program", newer: "newer version", dir: "directory",
		filepath.Join(text, "x.db"): "not a directory",
	} {
		before, _ := os.ReadFile(path)
		s, err := Open(t.Context(), path)
		if err == nil {
			t.Errorf("%s was opened", path)
			_ = s.Close()
			continue
		}
		if msg := err.Error(); !strings.Contains(msg, want) || !strings.Contains(msg, path) || strings.Contains(msg, "\n") {
			t.Errorf("%s: the error is %q, want something with %q", path, msg, want)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
			t.Errorf("%s was changed", path)
		}
	}
}

func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "runs.db")
	open(t, path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
}

// victim is a process that dies in the middle of a run.
func victim(path string) {
	s, err := Open(ctx.Background(), path)
	if err != nil {
		panic(err)
	}
	l, err := s.Create(ctx.Background(), journal.Run{ID: "r1", Started: time.Now()})
	if err != nil {
		panic(err)
	}
	for seq := uint64(1); ; seq++ {
		done := make(chan error, 1)
		l.Commit(journal.Commit{Entries: []journal.Entry{{Seq: seq, Body: []byte("x")}}}, func(err error) { done <- err })
		if err := <-done; err != nil {
			panic(err)
		}
		fmt.Println(seq)
	}
}

func TestRunOfAKilledProcessGoesOnAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HEXDAG_TEST_VICTIM="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var seen uint64
	for seen < 20 {
		if _, err := fmt.Fscan(out, &seen); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, path)
	var owned *journal.OwnedError
	if _, err := s.Open(t.Context(), "r1"); !errors.As(err, &owned) || !strings.Contains(err.Error(), fmt.Sprint("process ", cmd.Process.Pid)) {
		t.Errorf("Open of a run of a living process gives %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for { // what it said to be durable before it died
		if _, err := fmt.Fscan(out, &seen); err != nil {
			break
		}
	}
	_ = cmd.Wait() // it was killed
	start := time.Now()
	l, err := s.Open(t.Context(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d > leaseTime/2 {
		t.Errorf("it took %s to take the run over", d)
	}
	_, entries, err := l.Latest(t.Context())
	if err != nil || uint64(len(entries)) < seen {
		t.Errorf("%d records were durable, and %d are there (%v)", seen, len(entries), err)
	}
}

func TestLoserOfALeaseCannotWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	a, b := open(t, path), open(t, path)
	la, err := a.Create(t.Context(), journal.Run{ID: "r1"})
	if err != nil {
		t.Fatal(err)
	}
	write := func(l journal.Log, seq uint64) error {
		done := make(chan error, 1)
		l.Commit(journal.Commit{Entries: []journal.Entry{{Seq: seq}}}, func(err error) { done <- err })
		return <-done
	}
	if err := write(la, 1); err != nil {
		t.Fatal(err)
	}
	b.now = func() time.Time { return time.Now().Add(leaseTime + time.Second) }
	lb, err := b.Open(t.Context(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	other, err := a.Create(t.Context(), journal.Run{ID: "r2"})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := write(la, 2); !errors.Is(err, journal.ErrLost) {
			t.Errorf("the loser's commit gives %v", err)
		}
	})
	if err := write(other, 1); err != nil {
		t.Errorf("another run of the loser's process gives %v", err)
	}
	wg.Wait()
	select {
	case <-la.Lost():
	default:
		t.Error("the loser was not told")
	}
	if err := write(lb, 2); err != nil {
		t.Error(err)
	}
}

func TestErrorPoisonsTheStore(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "runs.db"))
	l, err := s.Create(t.Context(), journal.Run{ID: "r1"})
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the disk went away")
	if err := s.do(func(*writer) error { return broken }); !errors.Is(err, broken) {
		t.Fatalf("the error is %v", err)
	}
	done := make(chan error, 1)
	l.Commit(journal.Commit{Entries: []journal.Entry{{Seq: 1}}}, func(err error) { done <- err })
	var poisoned *journal.PoisonedError
	if err := <-done; !errors.As(err, &poisoned) {
		t.Errorf("a later commit gives %v", err)
	}
}

func TestExpiredRunsAreDeleted(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "runs.db"))
	big := bytes.Repeat([]byte("b"), journal.MaxInline+1)
	finish := func(id string, expires time.Time) {
		if err := s.PutProgram(t.Context(), "sha256:"+id, []byte(id)); err != nil {
			t.Fatal(err)
		}
		l, err := s.Create(t.Context(), journal.Run{ID: id, IRHash: "sha256:" + id})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		l.Commit(journal.Commit{Entries: []journal.Entry{{Seq: 1, Body: big}}, Status: journal.Completed,
			Ended: time.Now(), Expires: expires}, func(err error) { done <- err })
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	finish("old", time.Now().Add(-time.Hour))
	finish("kept", time.Time{})
	if _, _, err := s.Get(t.Context(), "old"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("the expired run gives %v", err)
	}
	if _, err := s.Program(t.Context(), "sha256:old"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("its program gives %v", err)
	}
	for e, err := range s.Entries(t.Context(), "kept", 0) {
		if err != nil || !bytes.Equal(e.Body, big) {
			t.Errorf("the other run lost its blob (%v)", err)
		}
	}
	var refs int
	if err := s.read.QueryRow("SELECT refs FROM blobs").Scan(&refs); err != nil || refs != 1 {
		t.Errorf("the blob has %d references (%v)", refs, err)
	}
}

func BenchmarkCommit(b *testing.B) {
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "runs.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	l, err := s.Create(b.Context(), journal.Run{ID: "r1"})
	if err != nil {
		b.Fatal(err)
	}
	body := bytes.Repeat([]byte("x"), 256)
	var wg sync.WaitGroup
	for i := range b.N {
		wg.Add(1)
		l.Commit(journal.Commit{Entries: []journal.Entry{{Seq: uint64(i + 1), Body: body}}}, func(err error) { wg.Done() })
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func TestProcessesShareAStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			s, err := Open(t.Context(), path) // all of them at once, on an empty file
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			for j := range 10 {
				l, err := s.Create(t.Context(), journal.Run{ID: fmt.Sprintf("r%d-%d", i, j)})
				if err != nil {
					t.Error(err)
					return
				}
				for seq := uint64(1); seq <= 5; seq++ {
					done := make(chan error, 1)
					c := journal.Commit{Entries: []journal.Entry{{Seq: seq}}}
					if seq == 5 {
						c.Status = journal.Completed
					}
					l.Commit(c, func(err error) { done <- err })
					if err := <-done; err != nil {
						t.Error(err)
						return
					}
				}
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	runs, err := open(t, path).List(t.Context(), journal.Filter{Status: journal.Completed})
	if err != nil || len(runs) != 40 {
		t.Errorf("there are %d runs (%v)", len(runs), err)
	}
}

// TestFullQueueDoesNotStopTheWriter fills the queue while the writer has work
// that needs the store's own state.
func TestFullQueueDoesNotStopTheWriter(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "runs.db"))
	var wg sync.WaitGroup
	for i := range 4 * cap(s.queue) {
		wg.Add(1)
		err := s.enqueue(request{done: func(error) { wg.Done() }, work: func(w *writer) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			_, err := w.exec("INSERT INTO programs(hash, data) VALUES(?, '')", fmt.Sprint(i))
			return err
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
}
