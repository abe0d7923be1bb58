//go:build unix

package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/journal/sqlite"
	"hexdag.dev/hexdag/runtime/port"
)

const (
	durableRuns = 1000
	durableEach = 100 // effects
	group       = 100 // appends in one transaction of the reference
)

// durable measures the records a second of many runs in parallel in a run store,
// against the same number of records appended to a bare table of the same driver,
// with the same guarantees, a hundred in a transaction.
func durable() (rows []row, err error) {
	dir, err := os.MkdirTemp("", "hexdag-runbench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	records, size, took, err := durableRunsIn(filepath.Join(dir, "runs.db"))
	if err != nil {
		return nil, err
	}
	bare, err := bareAppends(filepath.Join(dir, "bare.db"), records, size)
	if err != nil {
		return nil, err
	}
	ours, theirs := float64(records)/took.Seconds(), float64(records)/bare.Seconds()
	return []row{{
		fmt.Sprintf("%d durable runs of %d effects / bare appends", durableRuns, durableEach),
		fmt.Sprintf("%.0f /s", theirs), fmt.Sprintf("%.0f /s", ours), ours / theirs, "≥ 0.6", ours >= 0.6*theirs,
	}}, nil
}

// durableRunsIn does the runs, and tells how many records they left and how large
// one is.
func durableRunsIn(path string) (records, size int, took time.Duration, err error) {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return 0, 0, 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	b := irtest.New("durable").Go("n0", "step")
	for i := 1; i < durableEach; i++ {
		b.Go(fmt.Sprint("n", i), "step", irtest.After(fmt.Sprint("n", i-1)))
	}
	p, err := runtime.LoadIR(b.Program())
	if err != nil {
		return 0, 0, 0, err
	}
	r, err := runtime.New(runtime.Options{Journal: store, Functions: map[string]port.Function{
		"step": port.FunctionOf(port.Write, func(_ context.Context, in value.Value) (value.Value, error) { return value.Int(1), nil }),
	}})
	if err != nil {
		return 0, 0, 0, err
	}
	var all sync.WaitGroup
	failed := make(chan error, durableRuns)
	start := time.Now()
	for range durableRuns {
		all.Go(func() {
			if err := completed(r, p); err != nil {
				failed <- err
			}
		})
	}
	all.Wait()
	took = time.Since(start)
	select {
	case err := <-failed:
		return 0, 0, 0, err
	default:
	}
	runs, err := store.List(ctx, journal.Filter{Limit: durableRuns})
	if err != nil {
		return 0, 0, 0, err
	}
	for i := range runs {
		records += int(runs[i].Records)
	}
	for e, err := range store.Entries(ctx, runs[0].ID, 1) {
		if err != nil {
			return 0, 0, 0, err
		}
		size = max(size, len(e.Body))
	}
	return records, size, took, nil
}

func bareAppends(path string, n, size int) (took time.Duration, err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE events(run TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB, PRIMARY KEY(run, seq)) WITHOUT ROWID"); err != nil {
		return 0, err
	}
	body := bytes.Repeat([]byte("x"), size)
	start := time.Now()
	for done := 0; done < n; {
		tx, err := db.Begin()
		if err != nil {
			return 0, err
		}
		insert, err := tx.Prepare("INSERT INTO events(run, seq, body) VALUES(?, ?, ?)")
		if err != nil {
			return 0, errors.Join(err, tx.Rollback())
		}
		for range min(group, n-done) {
			if _, err := insert.Exec("run", done, body); err != nil {
				return 0, errors.Join(err, tx.Rollback())
			}
			done++
		}
		if err := tx.Commit(); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}
