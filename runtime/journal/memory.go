package journal

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
)

// Memory is a Store that lives as long as its process. Commits are durable at
// once. The records of a run are dropped when it is over, unless Keep is set;
// then only the newest runs are kept.
type Memory struct {
	// Keep is how many runs that are over keep their records and documents.
	Keep int

	mu       sync.Mutex
	runs     map[string]*memoryRun
	order    []string // ids in the order of creation
	over     []string // ids of kept runs that are over, oldest first
	programs map[string][]byte
	users    map[string]int // runs by the hash of their program
}

// NewMemory is an empty store.
func NewMemory() *Memory {
	return &Memory{runs: make(map[string]*memoryRun), programs: make(map[string][]byte), users: make(map[string]int)}
}

type memoryRun struct {
	store    *Memory
	run      Run
	entries  []Entry
	snapshot *Snapshot
	result   []byte
	inbox    []Signal
	known    map[string]bool // ids of signals that came
	arrived  chan struct{}   // has room for one
}

// PutProgram keeps an encoded program.
func (m *Memory) PutProgram(_ context.Context, hash string, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.programs[hash] = data
	return nil
}

// Program gives a program back.
func (m *Memory) Program(_ context.Context, hash string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if data, ok := m.programs[hash]; ok {
		return data, nil
	}
	return nil, ErrNotFound
}

// Create adds a run.
func (m *Memory) Create(_ context.Context, r Run) (Log, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, dup := m.runs[r.ID]; dup {
		return nil, fmt.Errorf("run %s exists already", r.ID)
	}
	r.Status, r.Owner, r.Epoch = Running, "this process", 1
	x := &memoryRun{store: m, run: r, arrived: make(chan struct{}, 1)}
	m.users[r.IRHash]++
	m.runs[r.ID] = x
	m.order = append(m.order, r.ID)
	return &memoryLog{x, r.Epoch, r}, nil
}

// Open takes over a run that was given up.
func (m *Memory) Open(_ context.Context, id string) (Log, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	x, ok := m.runs[id]
	switch {
	case !ok:
		return nil, ErrNotFound
	case x.run.Status.Final():
		return nil, ErrFinal
	case x.run.Owner != "":
		return nil, &OwnedError{ID: id, Owner: x.run.Owner}
	}
	x.run.Status, x.run.Owner = Running, "this process"
	x.run.Epoch++
	return &memoryLog{x, x.run.Epoch, x.run}, nil
}

// Get is a run and its document.
func (m *Memory) Get(_ context.Context, id string) (Run, []byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	x, ok := m.runs[id]
	if !ok {
		return Run{}, nil, ErrNotFound
	}
	return x.run, x.result, nil
}

// List gives runs, the newest first.
func (m *Memory) List(_ context.Context, f Filter) ([]Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	limit := f.Limit
	if limit <= 0 {
		limit = 1000
	}
	var list []Run
	for _, id := range slices.Backward(m.order) {
		r := m.runs[id].run
		if f.Status != "" && r.Status != f.Status || f.Program != "" && r.Program != f.Program || !strings.HasPrefix(r.ID, f.Prefix) {
			continue
		}
		if list = append(list, r); len(list) == limit {
			break
		}
	}
	return list, nil
}

// Entries are the records of a run after a number.
func (m *Memory) Entries(_ context.Context, id string, after uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		m.mu.Lock()
		x, ok := m.runs[id]
		var entries []Entry
		if ok {
			entries = x.entries[:len(x.entries):len(x.entries)]
		}
		m.mu.Unlock()
		if !ok {
			yield(Entry{}, ErrNotFound)
			return
		}
		for _, e := range entries {
			if e.Seq > after && !yield(e, nil) {
				return
			}
		}
	}
}

// Send puts a signal into the inbox of a run.
func (m *Memory) Send(_ context.Context, s Signal) (dup bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	x, ok := m.runs[s.Run]
	switch {
	case !ok:
		return false, ErrNotFound
	case x.known[s.ID]:
		return true, nil
	case x.run.Status.Final():
		return false, ErrFinal
	}
	n := 0
	for i := range x.inbox {
		if x.inbox[i].Key == s.Key {
			n++
		}
	}
	if n >= MaxInbox {
		return false, ErrInboxFull
	}
	if x.known == nil {
		x.known = make(map[string]bool)
	}
	x.known[s.ID] = true
	x.inbox = append(x.inbox, s)
	select {
	case x.arrived <- struct{}{}:
	default:
	}
	return false, nil
}

// Close does nothing.
func (m *Memory) Close() error { return nil }

type memoryLog struct {
	x      *memoryRun
	epoch  int64
	opened Run
}

func (l *memoryLog) Run() Run { return l.opened }

func (l *memoryLog) Commit(c Commit, done func(error)) { done(l.commit(c)) }

func (l *memoryLog) commit(c Commit) error {
	m := l.x.store
	m.mu.Lock()
	defer m.mu.Unlock()
	x := l.x
	if x.run.Owner == "" || x.run.Epoch != l.epoch {
		return ErrLost
	}
	for _, e := range c.Entries {
		if e.Seq != x.run.Records+1 {
			return fmt.Errorf("record %d does not follow record %d", e.Seq, x.run.Records)
		}
		x.entries = append(x.entries, e)
		x.run.Records = e.Seq
	}
	if c.Snapshot != nil {
		x.snapshot = c.Snapshot
		if m.Keep == 0 { // what stands in the snapshot is not needed again
			i, _ := slices.BinarySearchFunc(x.entries, c.Snapshot.Seq+1, bySeq)
			x.entries = slices.Clone(x.entries[i:])
		}
	}
	if len(c.Taken) > 0 {
		x.inbox = slices.DeleteFunc(x.inbox, func(s Signal) bool { return slices.Contains(c.Taken, s.ID) })
	}
	if c.Status == "" {
		return nil
	}
	x.run.Status, x.run.WakeAt = c.Status, c.WakeAt
	if c.Status == Suspended {
		x.run.Owner = ""
	}
	if c.Status.Final() {
		x.run.Owner, x.run.Ended, x.result = "", c.Ended, c.Result
		m.retire(x)
	}
	return nil
}

// retire drops what is not kept of runs that are over. m is locked.
func (m *Memory) retire(x *memoryRun) {
	m.over = append(m.over, x.run.ID)
	for len(m.over) > m.Keep {
		id := m.over[0]
		m.over = m.over[1:]
		hash := m.runs[id].run.IRHash
		if m.users[hash]--; m.users[hash] <= 0 {
			delete(m.users, hash)
			delete(m.programs, hash)
		}
		delete(m.runs, id)
		if i := slices.Index(m.order, id); i >= 0 {
			m.order = slices.Delete(m.order, i, i+1)
		}
	}
}

func (l *memoryLog) Latest(context.Context) (*Snapshot, []Entry, error) {
	m := l.x.store
	m.mu.Lock()
	defer m.mu.Unlock()
	after := uint64(0)
	if l.x.snapshot != nil {
		after = l.x.snapshot.Seq
	}
	i, _ := slices.BinarySearchFunc(l.x.entries, after+1, bySeq)
	return l.x.snapshot, slices.Clone(l.x.entries[i:]), nil
}

func bySeq(e Entry, seq uint64) int { return cmp.Compare(e.Seq, seq) }

func (l *memoryLog) Inbox(context.Context) ([]Signal, error) {
	m := l.x.store
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(l.x.inbox), nil
}

func (l *memoryLog) Arrived() <-chan struct{} { return l.x.arrived }

// Lost never closes: nobody else can own the run.
func (l *memoryLog) Lost() <-chan struct{} { return nil }

func (l *memoryLog) Close() error {
	m := l.x.store
	m.mu.Lock()
	defer m.mu.Unlock()
	if l.x.run.Epoch == l.epoch {
		l.x.run.Owner = ""
	}
	return nil
}
