// Package journaltest holds the tests that every journal.Store must pass.
package journaltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"hexdag.dev/hexdag/runtime/journal"
)

// Conform tests a store. open gives an empty one that keeps the records of runs
// that are over; reopen gives the same one as another process would see it, or
// nil if that cannot be.
func Conform(t *testing.T, open func(t *testing.T) journal.Store, reopen func(t *testing.T, s journal.Store) journal.Store) {
	for name, test := range map[string]func(*testing.T, journal.Store){
		"a run is created, written and over":        testLife,
		"a suspended run is opened by one":          testOpen,
		"records follow each other without gaps":    testGaps,
		"commits of many runs at the same time":     testMany,
		"large records come back whole":             testLarge,
		"a snapshot replaces the records before it": testSnapshot,
		"programs are kept by hash":                 testPrograms,
		"signals wait in an inbox until taken":      testInbox,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
	if reopen == nil {
		return
	}
	t.Run("everything is there for another process", func(t *testing.T) {
		s := open(t)
		l := create(t, s, "r1")
		commit(t, l, journal.Commit{Entries: entries(1, 3)})
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		s = reopen(t, s)
		r, _, err := s.Get(t.Context(), "r1")
		if err != nil || r.Status != journal.Suspended || r.Records != 3 {
			t.Fatalf("Get gives %+v, %v", r, err)
		}
		l, err = s.Open(t.Context(), "r1")
		if err != nil {
			t.Fatal(err)
		}
		if _, got, err := l.Latest(t.Context()); err != nil || len(got) != 3 || !bytes.Equal(got[2].Body, entries(3, 3)[0].Body) {
			t.Errorf("Latest gives %v, %v", got, err)
		}
		commit(t, l, journal.Commit{Entries: entries(4, 4), Status: journal.Completed, Ended: time.Unix(5, 0)})
	})
}

func create(t *testing.T, s journal.Store, id string) journal.Log {
	t.Helper()
	l, err := s.Create(t.Context(), journal.Run{ID: id, Program: "p", Kind: "Pipeline", IRHash: "sha256:00",
		MachineVersion: 1, Started: time.Unix(1, 2).UTC(), Flags: []byte("flags")})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func entries(from, to uint64) []journal.Entry {
	var list []journal.Entry
	for seq := from; seq <= to; seq++ {
		list = append(list, journal.Entry{Seq: seq, At: int64(seq) * 10, Slices: 2, Kind: "Settled", Path: "a#1",
			Body: []byte(fmt.Sprintf("body %d", seq)), Digest: 1<<63 + seq})
	}
	return list
}

func commit(t *testing.T, l journal.Log, c journal.Commit) {
	t.Helper()
	if err := wait(l, c); err != nil {
		t.Fatal(err)
	}
}

func wait(l journal.Log, c journal.Commit) error {
	done := make(chan error, 1)
	l.Commit(c, func(err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-time.After(30 * time.Second):
		return errors.New("the commit was not reported on")
	}
}

func read(t *testing.T, s journal.Store, id string, after uint64) []journal.Entry {
	t.Helper()
	var list []journal.Entry
	for e, err := range s.Entries(t.Context(), id, after) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

func testLife(t *testing.T, s journal.Store) {
	if _, _, err := s.Get(t.Context(), "r1"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("Get of no run gives %v", err)
	}
	l := create(t, s, "r1")
	commit(t, l, journal.Commit{Entries: entries(1, 2)})
	r, doc, err := s.Get(t.Context(), "r1")
	if err != nil || r.Status != journal.Running || doc != nil || r.Owner == "" || string(r.Flags) != "flags" || !r.Started.Equal(time.Unix(1, 2)) {
		t.Errorf("Get gives %+v, %q, %v", r, doc, err)
	}
	commit(t, l, journal.Commit{Entries: entries(3, 3), Status: journal.Failed, Ended: time.Unix(9, 0), Result: []byte("{}")})
	r, doc, err = s.Get(t.Context(), "r1")
	if err != nil || r.Status != journal.Failed || string(doc) != "{}" || r.Owner != "" || !r.Ended.Equal(time.Unix(9, 0)) {
		t.Errorf("Get of a run that is over gives %+v, %q, %v", r, doc, err)
	}
	if got := read(t, s, "r1", 1); len(got) != 2 || got[1].Digest != 1<<63+3 || got[1].Slices != 2 || got[1].Kind != "Settled" || got[1].At != 30 {
		t.Errorf("the records are %+v", got)
	}
	if err := wait(l, journal.Commit{Entries: entries(4, 4)}); err == nil {
		t.Error("a run that is over can be written")
	}
	if _, err := s.Open(t.Context(), "r1"); !errors.Is(err, journal.ErrFinal) {
		t.Errorf("Open of a run that is over gives %v", err)
	}
	create(t, s, "r2")
	list, err := s.List(t.Context(), journal.Filter{Status: journal.Failed})
	if err != nil || len(list) != 1 || list[0].ID != "r1" {
		t.Errorf("List gives %+v, %v", list, err)
	}
	if list, err := s.List(t.Context(), journal.Filter{Prefix: "r", Limit: 1}); err != nil || len(list) != 1 {
		t.Errorf("List of one run gives %+v, %v", list, err)
	}
}

func testOpen(t *testing.T, s journal.Store) {
	l := create(t, s, "r1")
	commit(t, l, journal.Commit{Entries: entries(1, 1)})
	var owned *journal.OwnedError
	if _, err := s.Open(t.Context(), "r1"); !errors.As(err, &owned) {
		t.Errorf("Open of a run under way gives %v", err)
	}
	commit(t, l, journal.Commit{Status: journal.Suspended, WakeAt: time.Unix(77, 0)})
	if r, _, err := s.Get(t.Context(), "r1"); err != nil || r.Status != journal.Suspended || !r.WakeAt.Equal(time.Unix(77, 0)) {
		t.Errorf("Get of a suspended run gives %+v, %v", r, err)
	}
	var won []journal.Log
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			l, err := s.Open(context.Background(), "r1")
			if err != nil {
				return
			}
			mu.Lock()
			won = append(won, l)
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Fatalf("%d of 8 got the run", len(won))
	}
	if e := won[0].Run().Epoch; e != 2 {
		t.Errorf("the epoch is %d after one change of hands", e)
	}
	if err := wait(l, journal.Commit{Entries: entries(2, 2)}); err == nil {
		t.Error("the former owner can still write")
	}
	commit(t, won[0], journal.Commit{Entries: entries(2, 2)})
	if got := read(t, s, "r1", 0); len(got) != 2 {
		t.Errorf("there are %d records instead of 2", len(got))
	}
}

func testGaps(t *testing.T, s journal.Store) {
	l := create(t, s, "r1")
	commit(t, l, journal.Commit{Entries: entries(1, 1)})
	if err := wait(l, journal.Commit{Entries: entries(3, 3)}); err == nil {
		t.Error("a gap was accepted")
	}
}

func testMany(t *testing.T, s journal.Store) {
	const runs, commits = 20, 50
	var wg sync.WaitGroup
	for i := range runs {
		id := fmt.Sprintf("r%02d", i)
		l := create(t, s, id)
		wg.Go(func() {
			var last sync.WaitGroup
			next := uint64(1)
			order := make(chan uint64, commits)
			for range commits {
				seq := next
				last.Add(1)
				l.Commit(journal.Commit{Entries: entries(seq, seq+1)}, func(err error) {
					if err != nil {
						t.Error(err)
					}
					order <- seq
					last.Done()
				})
				next += 2
			}
			last.Wait()
			for i := range commits {
				if seq := <-order; seq != uint64(2*i+1) {
					t.Errorf("commit %d of run %s was reported in place %d", seq, id, i)
				}
			}
		})
	}
	wg.Wait()
	for i := range runs {
		if got := read(t, s, fmt.Sprintf("r%02d", i), 0); len(got) != 2*commits {
			t.Errorf("run %d has %d records", i, len(got))
		}
	}
}

func testLarge(t *testing.T, s journal.Store) {
	l := create(t, s, "r1")
	big := bytes.Repeat([]byte("x"), journal.MaxInline+1)
	list := entries(1, 3)
	list[0].Body, list[2].Body = big, big
	commit(t, l, journal.Commit{Entries: list})
	got := read(t, s, "r1", 0)
	if len(got) != 3 || !bytes.Equal(got[0].Body, big) || string(got[1].Body) != "body 2" || !bytes.Equal(got[2].Body, big) {
		t.Error("a large record did not come back")
	}
}

func testSnapshot(t *testing.T, s journal.Store) {
	l := create(t, s, "r1")
	commit(t, l, journal.Commit{Entries: entries(1, 4)})
	commit(t, l, journal.Commit{Entries: entries(5, 5), Snapshot: &journal.Snapshot{Seq: 4, Body: []byte("state")}})
	snapshot, tail, err := l.Latest(t.Context())
	if err != nil || snapshot == nil || snapshot.Seq != 4 || string(snapshot.Body) != "state" || len(tail) != 1 || tail[0].Seq != 5 {
		t.Errorf("Latest gives %+v, %+v, %v", snapshot, tail, err)
	}
}

func testPrograms(t *testing.T, s journal.Store) {
	for range 2 {
		if err := s.PutProgram(t.Context(), "sha256:00", []byte("program")); err != nil {
			t.Fatal(err)
		}
	}
	l := create(t, s, "r1")
	commit(t, l, journal.Commit{Entries: entries(1, 1)})
	if data, err := s.Program(t.Context(), "sha256:00"); err != nil || string(data) != "program" {
		t.Errorf("Program gives %q, %v", data, err)
	}
	if _, err := s.Program(t.Context(), "sha256:11"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("an unknown program gives %v", err)
	}
}
