package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"hexdag.dev/hexdag/runtime/journal"
)

// request is one thing to write: a commit of a run, or other work.
type request struct {
	log    *log
	commit journal.Commit
	work   func(*writer) error
	lazy   bool // nobody waits: it may go with a later one
	done   func(error)
}

// writer owns the one connection that writes.
type writer struct {
	store  *Store
	conn   *sql.Conn
	stmts  map[string]*sql.Stmt
	poison error // *journal.PoisonedError
}

func newWriter(s *Store, conn *sql.Conn) *writer {
	return &writer{store: s, conn: conn, stmts: make(map[string]*sql.Stmt)}
}

// maxBatch bounds the records of one transaction.
const maxBatch = 4096

// loop writes until the queue is closed and empty.
func (w *writer) loop() {
	defer close(w.store.done)
	var batch []request
	for first := range w.store.queue {
		batch = append(batch[:0], first)
		batch = w.collect(batch)
		w.write(batch)
		clear(batch)
	}
}

// collect takes what else waits; while nobody waits for any of it, it gives
// others some time to come.
func (w *writer) collect(batch []request) []request {
	size := func(r *request) int { return 1 + len(r.commit.Entries) }
	total, urgent := size(&batch[0]), !batch[0].lazy
	var late <-chan time.Time
	for total < maxBatch {
		if urgent {
			select {
			case r, ok := <-w.store.queue:
				if !ok {
					return batch
				}
				batch, total = append(batch, r), total+size(&r)
				continue
			default:
				return batch
			}
		}
		if late == nil {
			t := time.NewTimer(lazyTime)
			defer t.Stop()
			late = t.C
		}
		select {
		case r, ok := <-w.store.queue:
			if !ok {
				return batch
			}
			batch, total, urgent = append(batch, r), total+size(&r), !r.lazy
		case <-late:
			return batch
		}
	}
	return batch
}

// write makes a batch durable in one transaction and reports to each of it.
func (w *writer) write(batch []request) {
	lost := make(map[*log]bool)
	if w.poison == nil {
		if err := w.transaction(batch, lost); err != nil {
			w.poison = &journal.PoisonedError{Err: plain(err)}
		}
	}
	for i := range batch {
		r := &batch[i]
		switch {
		case w.poison != nil:
			r.done(w.poison)
		case r.log != nil && lost[r.log]:
			r.log.lose()
			r.done(journal.ErrLost)
		default:
			if s := r.commit.Status; r.log != nil && (s.Final() || s == journal.Suspended) {
				r.log.given.Store(true)
			}
			r.done(nil)
		}
	}
}

func (w *writer) transaction(batch []request, lost map[*log]bool) (err error) {
	if err := w.begin(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, rollback := w.exec("ROLLBACK")
			err = errors.Join(err, rollback)
		}
	}()
	checked := make(map[*log]bool)
	advances := advancesOf(batch)
	for i := range batch {
		r := &batch[i]
		if r.work != nil {
			if err := r.work(w); err != nil {
				return err
			}
			continue
		}
		if !checked[r.log] {
			checked[r.log] = true
			owned, err := w.advance(r.log, advances[r.log])
			if err != nil {
				return err
			}
			lost[r.log] = !owned
		}
		if !lost[r.log] {
			if err := w.commit(r.log, &r.commit); err != nil {
				return err
			}
		}
	}
	_, err = w.exec("COMMIT")
	return err
}

// begin waits for the write lock, which another process may hold.
func (w *writer) begin() error {
	return patiently(context.Background(), func() error {
		_, err := w.exec("BEGIN IMMEDIATE")
		return err
	})
}

// advance is how far the records of a run go on in one transaction: from first to
// last; first is 0 for no records.
type advance struct{ first, last uint64 }

// advancesOf are the advances of the runs of a batch. Records that do not follow
// each other end the advance, and so fail the check of what the store has.
func advancesOf(batch []request) map[*log]advance {
	out := make(map[*log]advance, len(batch))
	for i := range batch {
		entries := batch[i].commit.Entries
		if len(entries) == 0 {
			continue
		}
		a := out[batch[i].log]
		for j := range entries {
			switch seq := entries[j].Seq; {
			case a.first == 0:
				a = advance{seq, seq}
			case seq == a.last+1:
				a.last = seq
			default:
				a.first = noRecord
			}
		}
		out[batch[i].log] = a
	}
	return out
}

// noRecord is the number of no record.
const noRecord = 1<<63 - 1

// advance checks that the run is still ours, renews its lease and moves the number
// of its last record, in one statement: with many runs in a transaction there is one
// for each.
func (w *writer) advance(l *log, a advance) (owned bool, err error) {
	if a.first == 0 {
		return w.owned(l)
	}
	select {
	case <-l.lost:
		return false, nil
	default:
	}
	n, err := w.exec("UPDATE runs SET lease_until = ?, records = ? WHERE id = ? AND owner = ? AND owner_epoch = ? AND records = ?",
		w.store.now().Add(leaseTime).UnixNano(), int64(a.last), l.run.ID, l.run.Owner, l.run.Epoch, int64(a.first-1))
	if err != nil || n == 1 {
		return n == 1, err
	}
	if owned, err = w.owned(l); err != nil || !owned {
		return false, err
	}
	return false, fmt.Errorf("the records of run %s do not follow the ones before", l.run.ID)
}

// owned checks that the run is still ours and renews its lease.
func (w *writer) owned(l *log) (bool, error) {
	select {
	case <-l.lost:
		return false, nil
	default:
	}
	n, err := w.exec("UPDATE runs SET lease_until = ? WHERE id = ? AND owner = ? AND owner_epoch = ?",
		w.store.now().Add(leaseTime).UnixNano(), l.run.ID, l.run.Owner, l.run.Epoch)
	return n == 1, err
}

func (w *writer) commit(l *log, c *journal.Commit) error {
	id := l.run.ID
	for i := range c.Entries {
		if err := w.entry(id, &c.Entries[i]); err != nil {
			return err
		}
	}
	for _, signal := range c.Taken {
		if _, err := w.exec("UPDATE inbox SET taken = 1, body = NULL WHERE run = ? AND id = ?", id, signal); err != nil {
			return err
		}
	}
	if s := c.Snapshot; s != nil {
		if _, err := w.exec("DELETE FROM snapshots WHERE run = ?", id); err != nil {
			return err
		}
		if _, err := w.exec("INSERT INTO snapshots(run, seq, body) VALUES(?, ?, ?)", id, s.Seq, s.Body); err != nil {
			return err
		}
	}
	if c.Status == "" {
		return nil
	}
	owner := l.run.Owner
	if c.Status.Final() || c.Status == journal.Suspended {
		owner, l.over = "", true
	}
	if c.Status.Final() {
		if _, err := w.exec("DELETE FROM snapshots WHERE run = ?", id); err != nil {
			return err
		}
	}
	_, err := w.exec("UPDATE runs SET status = ?, owner = ?, ended = ?, wake_at = ?, expires = ?, result = coalesce(?, result) WHERE id = ?",
		string(c.Status), owner, unix(c.Ended), unix(c.WakeAt), unix(c.Expires), c.Result, id)
	return err
}

func (w *writer) entry(id string, e *journal.Entry) error {
	body, blob := e.Body, []byte(nil)
	if len(body) > journal.MaxInline {
		sum := sha256.Sum256(body)
		blob = sum[:]
		if _, err := w.exec("INSERT INTO blobs(hash, refs, size, data) VALUES(?, 1, ?, ?) ON CONFLICT(hash) DO UPDATE SET refs = refs + 1",
			blob, len(body), body); err != nil {
			return err
		}
		body = nil
	}
	_, err := w.exec("INSERT INTO events(run, seq, at, slices, kind, path, body, blob, digest) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
		id, e.Seq, e.At, e.Slices, e.Kind, e.Path, body, blob, int64(e.Digest))
	return err
}

// renew extends the leases of this process and finds the runs it has lost.
func (w *writer) renew(logs []*log) error {
	if _, err := w.exec("UPDATE runs SET lease_until = ? WHERE owner = ?", w.store.now().Add(leaseTime).UnixNano(), w.store.owner); err != nil {
		return err
	}
	for _, l := range logs {
		if !l.made || l.over {
			continue // it is not there yet, or over and perhaps deleted already
		}
		var n int
		err := w.row("SELECT count(*) FROM runs WHERE id = ? AND (owner = ? AND owner_epoch = ? OR owner = '')", l.run.ID, l.run.Owner, l.run.Epoch).Scan(&n)
		if err != nil {
			return err
		}
		if n == 0 {
			l.lose()
		}
	}
	return nil
}

// prune deletes up to n runs whose time is over, and what only they used.
func (w *writer) prune(n int) error {
	rows, err := w.conn.QueryContext(context.Background(), "SELECT id FROM runs WHERE expires > 0 AND expires < ? LIMIT ?", w.store.now().UnixNano(), n)
	if err != nil {
		return err
	}
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return errors.Join(err, rows.Close())
		}
		ids = append(ids, id)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(ids) == 0 {
		return err
	}
	for _, id := range ids {
		for _, q := range []string{
			`UPDATE blobs SET refs = refs - (SELECT count(*) FROM events WHERE run = ?1 AND blob = hash)
				WHERE hash IN (SELECT blob FROM events WHERE run = ?1 AND blob IS NOT NULL)`,
			"DELETE FROM blobs WHERE refs <= 0 AND ?1 <> ''",
			"DELETE FROM events WHERE run = ?1",
			"DELETE FROM snapshots WHERE run = ?1",
			"DELETE FROM inbox WHERE run = ?1",
			"DELETE FROM runs WHERE id = ?1",
		} {
			if _, err := w.exec(q, id); err != nil {
				return err
			}
		}
	}
	w.store.mu.Lock()
	clear(w.store.programs) // what is put again must be written again
	w.store.mu.Unlock()
	_, err = w.exec("DELETE FROM programs WHERE hash NOT IN (SELECT ir_hash FROM runs)")
	return err
}

// stmt prepares a statement once.
func (w *writer) stmt(query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), query)
	if err == nil {
		w.stmts[query] = s
	}
	return s, err
}

func (w *writer) exec(query string, args ...any) (affected int64, err error) {
	s, err := w.stmt(query)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (w *writer) row(query string, args ...any) *sql.Row {
	return w.conn.QueryRowContext(context.Background(), query, args...)
}

func (w *writer) close() error {
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}
