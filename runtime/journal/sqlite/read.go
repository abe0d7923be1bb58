package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"strings"

	"hexdag.dev/hexdag/runtime/journal"
)

const runColumns = "id, parent, program, kind, ir_hash, machine_version, status, owner, owner_epoch, lease_until, started, ended, wake_at, flags, records, result"

func scanRun(row interface{ Scan(...any) error }) (r journal.Run, result []byte, err error) {
	var status string
	var lease, started, ended, wake int64
	err = row.Scan(&r.ID, &r.Parent, &r.Program, &r.Kind, &r.IRHash, &r.MachineVersion, &status, &r.Owner, &r.Epoch,
		&lease, &started, &ended, &wake, &r.Flags, &r.Records, &result)
	r.Status = journal.Status(status)
	r.LeaseUntil, r.Started, r.Ended, r.WakeAt = fromUnix(lease), fromUnix(started), fromUnix(ended), fromUnix(wake)
	return r, result, err
}

// shown is r as others see it: a run that nobody runs any more is suspended.
func (s *Store) shown(r journal.Run) journal.Run {
	if r.Status == journal.Running && !s.held(r) {
		r.Status, r.Owner = journal.Suspended, ""
	}
	if r.Owner != "" {
		r.Owner = describeOwner(r.Owner)
	}
	return r
}

// Get is a run and its document.
func (s *Store) Get(ctx context.Context, id string) (journal.Run, []byte, error) {
	r, result, err := scanRun(s.read.QueryRowContext(ctx, "SELECT "+runColumns+" FROM runs WHERE id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return journal.Run{}, nil, journal.ErrNotFound
	}
	return s.shown(r), result, err
}

// List gives runs, the newest first.
func (s *Store) List(ctx context.Context, f journal.Filter) (list []journal.Run, err error) {
	where, args := runFilter(f)
	limit := f.Limit
	if limit <= 0 {
		limit = 1000
	}
	rows, err := s.read.QueryContext(ctx, "SELECT "+strings.TrimSuffix(runColumns, "result")+"NULL FROM runs WHERE "+where+" ORDER BY started DESC, id DESC", args...)
	if err != nil {
		return nil, plain(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() && len(list) < limit {
		r, _, err := scanRun(rows)
		if err != nil {
			return nil, err
		}
		if r = s.shown(r); f.Status == "" || r.Status == f.Status {
			list = append(list, r)
		}
	}
	return list, rows.Err()
}

// Entries are the records of a run after a number.
func (s *Store) Entries(ctx context.Context, id string, after uint64) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		rows, err := s.read.QueryContext(ctx, `SELECT e.seq, e.at, e.slices, e.kind, e.path, coalesce(e.body, b.data), e.digest
			FROM events e LEFT JOIN blobs b ON b.hash = e.blob WHERE e.run = ? AND e.seq > ? ORDER BY e.seq`, id, after)
		if err != nil {
			yield(journal.Entry{}, plain(err))
			return
		}
		defer func() { _ = rows.Close() }() // what it reports was reported by Err
		for rows.Next() {
			var e journal.Entry
			var digest int64
			if err := rows.Scan(&e.Seq, &e.At, &e.Slices, &e.Kind, &e.Path, &e.Body, &digest); err != nil {
				yield(e, err)
				return
			}
			e.Digest = uint64(digest)
			if !yield(e, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(journal.Entry{}, plain(err))
		}
	}
}

// Latest is the newest snapshot and the records after it.
func (l *log) Latest(ctx context.Context) (*journal.Snapshot, []journal.Entry, error) {
	snapshot := new(journal.Snapshot)
	err := l.store.read.QueryRowContext(ctx, "SELECT seq, body FROM snapshots WHERE run = ? ORDER BY seq DESC LIMIT 1", l.run.ID).
		Scan(&snapshot.Seq, &snapshot.Body)
	if errors.Is(err, sql.ErrNoRows) {
		snapshot, err = nil, nil
	}
	if err != nil {
		return nil, nil, plain(err)
	}
	after := uint64(0)
	if snapshot != nil {
		after = snapshot.Seq
	}
	var entries []journal.Entry
	for e, err := range l.store.Entries(ctx, l.run.ID, after) {
		if err != nil {
			return nil, nil, err
		}
		entries = append(entries, e)
	}
	return snapshot, entries, nil
}
