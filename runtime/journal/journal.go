// Package journal keeps what runs did, so that they survive their process.
//
// Input: commits of a run: the records of the events that were applied to it, in
// order, snapshots of its state and changes of its status. Output: the same
// again after a restart, and lists of runs.
//
// A Store holds many runs. One process at a time owns a run: it holds its Log.
// Ownership is a lease with an epoch that grows with every change of hands, and
// each commit is checked against it in its own transaction, so that a process
// that lost a run (it was suspended, its clock stood still) cannot write to it
// any more.
//
// Invariants: the records of a run are numbered from 1 without gaps; a commit is
// whole or not there; commits of a run become durable in the order in which they
// were made; after an error of input or output the store is poisoned and nothing
// more is said to be durable (a failed fsync must never be tried again).
//
// The three hardest cases: a loser of ownership that wakes up in the middle of a
// commit; many runs that commit at the same time, whose commits share one
// transaction, of which one run may have been lost; a store that another version
// of this program wrote.
package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// Run is what a store knows about a run beside its records.
type Run struct {
	ID     string
	Parent string // the run that started it, "" for none
	// Program and Kind are the program's name and kind, IRHash its hash, under
	// which the store keeps the program itself.
	Program, Kind, IRHash string
	MachineVersion        int
	Status                Status
	// Owner is who runs it, "" when nobody does; Epoch counts changes of hands.
	Owner      string
	Epoch      int64
	LeaseUntil time.Time
	Started    time.Time
	Ended      time.Time // zero while it has not ended
	// WakeAt is when a suspended run wants to go on, zero for not by itself.
	WakeAt time.Time
	// Flags are the choices that the run was started with, encoded by the
	// runtime; they hold for every resumption.
	Flags []byte
	// Records is the number of the last record.
	Records uint64
}

// Status is how far a run is.
type Status string

// Statuses.
const (
	Running   Status = "running"
	Suspended Status = "suspended" // nobody runs it; it can be resumed
	Completed Status = "completed"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

// Final reports whether a run of this status is over.
func (s Status) Final() bool { return s == Completed || s == Failed || s == Cancelled }

// Entry is one record of a run.
type Entry struct {
	Seq    uint64 // from 1
	At     int64  // nanoseconds since 1970
	Slices uint32
	Kind   string // of the event, for people and queries
	Path   string // of the step it is about, "" for none
	Body   []byte // the encoded event
	Digest uint64
}

// Snapshot is a run's state after record Seq.
type Snapshot struct {
	Seq  uint64
	Body []byte
}

// Commit is what becomes durable together.
type Commit struct {
	Entries  []Entry
	Snapshot *Snapshot
	// Status, if not "", becomes the run's. A final status also stores Ended and
	// Result and gives the run up, as Suspended does.
	Status Status
	Ended  time.Time
	// Expires is when the run may be deleted, zero for never.
	Expires time.Time
	WakeAt  time.Time
	// Result is the run's document, for lists and later questions.
	Result []byte
	// Taken are the ids of the signals whose records are among Entries: they leave
	// the run's inbox.
	Taken []string
	// Lazy: nobody waits for this commit, so that it may wait for a later one.
	Lazy bool
}

// Log is one run of which this process is the owner. Its methods are safe for
// concurrent use.
type Log interface {
	// Run is the run as it was when it was created or opened.
	Run() Run
	// Commit makes c durable. done is called once, with nil when c and every
	// earlier commit of the run are durable, else with the reason, after which no
	// commit succeeds; it may be called before Commit returns and must not block.
	// c and what it leads to must not be changed afterwards.
	Commit(c Commit, done func(error))
	// Latest is the newest snapshot of those that were durable when the run was
	// opened, and the records after it.
	Latest(ctx context.Context) (*Snapshot, []Entry, error)
	// Inbox are the run's signals that no commit has taken, in the order in which
	// they were sent.
	Inbox(ctx context.Context) ([]Signal, error)
	// Arrived gets a value when this process sent the run a signal; signals that
	// other processes sent are found by looking at the inbox now and then.
	Arrived() <-chan struct{}
	// Lost is closed when the store learns that another process owns the run.
	Lost() <-chan struct{}
	// Close gives the run up without a change of its status. Commits under way
	// are finished first.
	Close() error
}

// Store keeps runs. Its methods are safe for concurrent use.
type Store interface {
	// PutProgram keeps an encoded program under its hash.
	PutProgram(ctx context.Context, hash string, data []byte) error
	// Program is the program with that hash, or ErrNotFound.
	Program(ctx context.Context, hash string) ([]byte, error)
	// Create adds a run, owned by this process. Its id must be new.
	Create(ctx context.Context, r Run) (Log, error)
	// Open takes a run over that nobody owns, or whose owner is gone. It returns
	// ErrNotFound, an *OwnedError, or ErrFinal for a run that is over.
	Open(ctx context.Context, id string) (Log, error)
	// Get is a run and its document, nil while it has none; or ErrNotFound.
	Get(ctx context.Context, id string) (Run, []byte, error)
	// List gives runs, the newest first.
	List(ctx context.Context, f Filter) ([]Run, error)
	// Entries are the records of a run after number after, without owning it.
	Entries(ctx context.Context, id string, after uint64) iter.Seq2[Entry, error]
	// Send puts a signal into the inbox of a run, which nobody needs to run at the
	// time, and returns once that is durable. dup tells that the run got a signal
	// of that id before, and nothing was done. It returns ErrNotFound, ErrFinal or
	// ErrInboxFull.
	Send(ctx context.Context, s Signal) (dup bool, err error)
	// Close finishes commits under way. Logs must be closed before.
	Close() error
}

// Signal is an event from outside for a run.
type Signal struct {
	// ID makes sending it again harmless; it is unique among the run's signals.
	ID        string
	Run       string
	Key       string // what a wait names
	Principal string // who sent it, "" if that is not known
	Body      []byte // encoded by the runtime
	At        time.Time
}

// MaxInbox bounds the signals of one key that wait for a run.
const MaxInbox = 1000

// Filter chooses runs.
type Filter struct {
	Status  Status // "" for all
	Program string // "" for all
	Prefix  string // of the id
	Limit   int    // 0 for 1,000
}

// Errors of stores.
var (
	ErrNotFound = errors.New("there is no such run")
	ErrFinal    = errors.New("the run is over")
	ErrLost     = errors.New("another process has taken the run over")
	ErrClosed   = errors.New("the run store is closed")
	// ErrInboxFull: MaxInbox signals of one key wait for the run already.
	ErrInboxFull = errors.New("too many signals of this key wait for the run already")
)

// OwnedError is the refusal to open a run that another process runs.
type OwnedError struct {
	ID, Owner string
	Until     time.Time
}

// Error tells who owns the run and what to do.
func (e *OwnedError) Error() string {
	return fmt.Sprintf("run %s is being run by %s; stop that process, or wait until its lease ends at %s",
		e.ID, e.Owner, e.Until.UTC().Format(time.RFC3339))
}

// PoisonedError is what every commit gets after an error of input or output.
type PoisonedError struct{ Err error }

// Error is the first error.
func (e *PoisonedError) Error() string {
	return "the run store cannot be written any more: " + e.Err.Error()
}

// Unwrap gives the first error.
func (e *PoisonedError) Unwrap() error { return e.Err }

// Entries over MaxInline bytes are kept as blobs, by hash, and only once;
// entries over MaxBody are refused.
const (
	MaxInline = 64 << 10
	MaxBody   = 256 << 20
)
