package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"hexdag.dev/hexdag/runtime/journal"
)

// Send puts a signal into the inbox of a run.
func (s *Store) Send(_ context.Context, sig journal.Signal) (dup bool, err error) {
	var refused error
	err = s.do(func(w *writer) error {
		var status string
		err := w.row("SELECT status FROM runs WHERE id = ?", sig.Run).Scan(&status)
		if errors.Is(err, sql.ErrNoRows) {
			refused = journal.ErrNotFound
			return nil
		}
		if err != nil {
			return err
		}
		var known, waiting int
		if err := w.row("SELECT count(*) FROM inbox WHERE run = ? AND id = ?", sig.Run, sig.ID).Scan(&known); err != nil {
			return err
		}
		if dup = known > 0; dup {
			return nil
		}
		if journal.Status(status).Final() {
			refused = journal.ErrFinal
			return nil
		}
		if err := w.row("SELECT count(*) FROM inbox WHERE run = ? AND key = ? AND taken = 0", sig.Run, sig.Key).Scan(&waiting); err != nil {
			return err
		}
		if waiting >= journal.MaxInbox {
			refused = journal.ErrInboxFull
			return nil
		}
		_, err = w.exec("INSERT INTO inbox(run, id, key, principal, body, at) VALUES(?, ?, ?, ?, ?, ?)",
			sig.Run, sig.ID, sig.Key, sig.Principal, sig.Body, unix(sig.At))
		return err
	})
	if err == nil {
		err = refused
	}
	if err != nil || dup {
		return dup, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.logs {
		if l.run.ID != sig.Run {
			continue
		}
		select {
		case l.came <- struct{}{}:
		default:
		}
	}
	return false, nil
}

// Inbox are the signals that no commit has taken.
func (l *log) Inbox(ctx context.Context) (list []journal.Signal, err error) {
	rows, err := l.store.read.QueryContext(ctx, "SELECT id, key, principal, body, at FROM inbox WHERE run = ? AND taken = 0 ORDER BY rowid", l.run.ID)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		sig := journal.Signal{Run: l.run.ID}
		var at int64
		if err := rows.Scan(&sig.ID, &sig.Key, &sig.Principal, &sig.Body, &at); err != nil {
			return nil, err
		}
		sig.At = fromUnix(at)
		list = append(list, sig)
	}
	return list, rows.Err()
}

// Arrived gets a value when this process sent the run a signal.
func (l *log) Arrived() <-chan struct{} { return l.came }
