// Package sqlite is the run store on disk: one SQLite file, shared by all
// processes of a machine.
//
// Input: commits of the runs that this process owns. Output: the same after a
// restart. See package journal for what a store promises.
//
// One goroutine writes. It takes all commits that wait and makes them durable in
// one transaction (group commit), with a write-ahead log and synchronous=FULL, so
// that a commit costs one fsync however many runs take part in it.
//
// The three hardest cases: a lost run in a transaction with others; a write lock
// that another process holds for long; a file that is not a run store, or one of
// a newer version, which must stay as it is.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"

	"hexdag.dev/hexdag/runtime/journal"
)

const (
	leaseTime = 15 * time.Second
	heartbeat = 5 * time.Second
	// lazyTime is how long a commit that nobody waits for may wait for company.
	lazyTime = 100 * time.Millisecond
	// busyTime is how long another process may hold the write lock.
	busyTime = 30 * time.Second
)

// Store is a journal.Store in a file.
type Store struct {
	path   string
	owner  string
	read   *sql.DB
	write  *sql.DB
	writer *writer
	now    func() time.Time

	queue  chan request
	done   chan struct{} // the writer has ended
	stop   chan struct{} // the heartbeat shall end
	beaten sync.WaitGroup

	gate   sync.RWMutex // Close waits here for those who are putting into the queue
	closed bool

	mu       sync.Mutex
	logs     map[*log]struct{}
	programs map[string]struct{} // hashes that were put already
}

var _ journal.Store = (*Store)(nil)

// Open opens the run store at path and makes it if it is not there. The folder
// must exist or be makeable; the file is readable by its owner only.
func Open(ctx context.Context, path string) (*Store, error) {
	fail := func(err error) (*Store, error) {
		return nil, fmt.Errorf("cannot open the run store %s: %w", path, plain(err))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fail(err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fail(err)
	}
	if err := file.Close(); err != nil {
		return fail(err)
	}
	s := &Store{
		path: path, owner: newOwner(), now: time.Now,
		queue: make(chan request, 1024), done: make(chan struct{}), stop: make(chan struct{}),
		logs: make(map[*log]struct{}), programs: make(map[string]struct{}),
	}
	if s.write, err = sql.Open("sqlite", dsn(path)); err != nil {
		return fail(err)
	}
	s.write.SetMaxOpenConns(1)
	conn, err := s.write.Conn(ctx)
	if err == nil {
		err = patiently(ctx, func() error { return migrate(ctx, conn) })
	}
	if err == nil {
		// Only now: the file of another program stays as it is.
		err = patiently(ctx, func() error {
			_, err := conn.ExecContext(ctx, "PRAGMA journal_mode(WAL)")
			return err
		})
	}
	if err == nil {
		s.writer = newWriter(s, conn)
	}
	if err == nil {
		s.read, err = sql.Open("sqlite", dsn(path))
	}
	if err != nil {
		return fail(errors.Join(err, s.write.Close()))
	}
	s.read.SetMaxOpenConns(4)
	go s.writer.loop()
	s.beaten.Add(1)
	go s.beat()
	return s, nil
}

// patiently repeats f while another process holds the file's lock: SQLite does
// not wait by itself where waiting could be a deadlock.
func patiently(ctx context.Context, f func() error) error {
	deadline := time.Now().Add(busyTime)
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		err := f()
		if !isBusy(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func dsn(path string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	q := url.Values{}
	// Records of many runs stand on many pages: they should be found in memory (64
	// MiB), and be copied out of the log less often (each 16 MiB).
	for _, pragma := range []string{"busy_timeout(2000)", "synchronous(FULL)", "cache_size(-65536)", "wal_autocheckpoint(4096)"} {
		q.Add("_pragma", pragma)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// plain is err without the driver's numbers and with the way out.
func plain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case 26: // SQLITE_NOTADB
		return errors.New("the file is not a run store; choose another one")
	case 11: // SQLITE_CORRUPT
		return errors.New("the file is damaged; move it away, and a new one is made")
	case 13: // SQLITE_FULL
		return errors.New("the disk is full")
	case 8: // SQLITE_READONLY
		return errors.New("the file cannot be written")
	}
	return err
}

func isBusy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == 5 || e.Code()&0xff == 6) // BUSY, LOCKED
}

// enqueue hands r to the writer.
func (s *Store) enqueue(r request) error {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.closed {
		return journal.ErrClosed
	}
	s.queue <- r
	return nil
}

// do runs f in the writer's next transaction and waits for it to be durable.
func (s *Store) do(f func(tx *writer) error) error {
	result := make(chan error, 1)
	if err := s.enqueue(request{work: f, done: func(err error) { result <- err }}); err != nil {
		return err
	}
	return <-result
}

// PutProgram keeps an encoded program. It becomes durable with the next commit.
func (s *Store) PutProgram(_ context.Context, hash string, data []byte) error {
	s.mu.Lock()
	_, known := s.programs[hash]
	s.programs[hash] = struct{}{}
	s.mu.Unlock()
	if known {
		return nil
	}
	return s.enqueue(request{lazy: true, done: func(error) {}, work: func(w *writer) error {
		_, err := w.exec("INSERT INTO programs(hash, data) VALUES(?, ?) ON CONFLICT(hash) DO NOTHING", hash, data)
		return err
	}})
}

// Program gives a program back.
func (s *Store) Program(ctx context.Context, hash string) (data []byte, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT data FROM programs WHERE hash = ?", hash).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, journal.ErrNotFound
	}
	return data, err
}

// Create adds a run. It becomes durable with its first commit.
func (s *Store) Create(_ context.Context, r journal.Run) (journal.Log, error) {
	r.Status, r.Owner, r.Epoch = journal.Running, s.owner, 1
	l := &log{store: s, run: r, lost: make(chan struct{}), came: make(chan struct{}, 1)}
	s.mu.Lock()
	s.logs[l] = struct{}{}
	s.mu.Unlock()
	err := s.enqueue(request{lazy: true, done: func(error) {}, work: func(w *writer) error {
		if err := w.prune(20); err != nil {
			return err
		}
		n, err := w.exec(`INSERT INTO runs(id, parent, program, kind, ir_hash, machine_version, status, owner,
			owner_epoch, lease_until, started, ended, wake_at, expires, flags, records)
			VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, 0) ON CONFLICT(id) DO NOTHING`,
			r.ID, r.Parent, r.Program, r.Kind, r.IRHash, r.MachineVersion, string(r.Status), r.Owner,
			r.Epoch, s.now().Add(leaseTime).UnixNano(), unix(r.Started), r.Flags)
		if err == nil && n == 0 {
			l.lose() // the id is taken: its commits will be refused
		}
		l.made = true
		return err
	}})
	if err != nil {
		s.forget(l)
		return nil, err
	}
	return l, nil
}

// Open takes over a run that nobody owns any more.
func (s *Store) Open(_ context.Context, id string) (journal.Log, error) {
	l := &log{store: s, made: true, lost: make(chan struct{}), came: make(chan struct{}, 1)}
	var refused error
	err := s.do(func(w *writer) error {
		r, _, err := scanRun(w.row("SELECT "+runColumns+" FROM runs WHERE id = ?", id))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			refused = journal.ErrNotFound
			return nil
		case err != nil:
			return err
		case r.Status.Final():
			refused = journal.ErrFinal
			return nil
		case s.held(r):
			refused = &journal.OwnedError{ID: id, Owner: describeOwner(r.Owner), Until: r.LeaseUntil}
			return nil
		}
		r.Owner, r.Status, r.LeaseUntil = s.owner, journal.Running, s.now().Add(leaseTime)
		r.Epoch++
		l.run = r
		_, err = w.exec("UPDATE runs SET owner = ?, owner_epoch = ?, lease_until = ?, status = ? WHERE id = ?",
			r.Owner, r.Epoch, r.LeaseUntil.UnixNano(), string(r.Status), id)
		return err
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.logs[l] = struct{}{}
	s.mu.Unlock()
	return l, nil
}

// held reports whether a living process may own r.
func (s *Store) held(r journal.Run) bool {
	return r.Owner != "" && s.now().Before(r.LeaseUntil) && !gone(r.Owner, s.owner)
}

func (s *Store) forget(l *log) {
	s.mu.Lock()
	delete(s.logs, l)
	s.mu.Unlock()
}

// beat renews the leases and finds out about lost runs.
func (s *Store) beat() {
	defer s.beaten.Done()
	t := time.NewTicker(heartbeat)
	defer t.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-t.C:
		}
		s.mu.Lock()
		var logs []*log
		for l := range s.logs {
			logs = append(logs, l)
		}
		s.mu.Unlock()
		if len(logs) == 0 {
			continue
		}
		err := s.enqueue(request{lazy: true, done: func(error) {}, work: func(w *writer) error { return w.renew(logs) }})
		if err != nil {
			return
		}
	}
}

// Close finishes commits under way and closes the file.
func (s *Store) Close() error {
	s.gate.Lock()
	if s.closed {
		s.gate.Unlock()
		return nil
	}
	s.closed = true
	close(s.stop)
	close(s.queue)
	s.gate.Unlock()
	<-s.done
	s.beaten.Wait()
	return errors.Join(s.writer.close(), s.read.Close(), s.write.Close())
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromUnix(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// log is one run that this process owns.
type log struct {
	store *Store
	run   journal.Run
	once  sync.Once
	lost  chan struct{}
	// made and over belong to the writer: the run's row is in the store; a status
	// that gives the run up is, or will be with the transaction under way.
	made, over bool
	given      atomic.Bool   // a status that gives the run up is durable
	came       chan struct{} // has room for one: a signal was sent here
}

func (l *log) Run() journal.Run      { return l.run }
func (l *log) Lost() <-chan struct{} { return l.lost }
func (l *log) lose()                 { l.once.Do(func() { close(l.lost) }) }

// Commit hands c to the writer.
func (l *log) Commit(c journal.Commit, done func(error)) {
	for i := range c.Entries {
		if n := len(c.Entries[i].Body); n > journal.MaxBody {
			done(fmt.Errorf("record %d has %d bytes, more than the %d that the run store keeps", c.Entries[i].Seq, n, journal.MaxBody))
			return
		}
	}
	if err := l.store.enqueue(request{log: l, commit: c, lazy: c.Lazy, done: done}); err != nil {
		done(err)
	}
}

// Close gives the run up; a run without a final status becomes suspended.
func (l *log) Close() error {
	l.store.forget(l)
	if l.given.Load() {
		return nil
	}
	err := l.store.do(func(w *writer) error {
		_, err := w.exec("UPDATE runs SET owner = '', status = CASE status WHEN 'running' THEN 'suspended' ELSE status END WHERE id = ? AND owner = ? AND owner_epoch = ?",
			l.run.ID, l.run.Owner, l.run.Epoch)
		return err
	})
	if errors.Is(err, journal.ErrClosed) {
		return nil
	}
	return err
}

// runFilter is the WHERE clause of a filter.
func runFilter(f journal.Filter) (where string, args []any) {
	clauses := []string{"1"}
	if f.Program != "" {
		clauses, args = append(clauses, "program = ?"), append(args, f.Program)
	}
	if f.Prefix != "" {
		clauses, args = append(clauses, "substr(id, 1, ?) = ?"), append(args, len(f.Prefix), f.Prefix)
	}
	switch f.Status {
	case "":
	case journal.Running, journal.Suspended: // which of the two depends on the owner
		clauses = append(clauses, "status IN ('running', 'suspended')")
	default:
		clauses, args = append(clauses, "status = ?"), append(args, string(f.Status))
	}
	return strings.Join(clauses, " AND "), args
}
