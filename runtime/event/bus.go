package event

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hexdag.dev/hexdag/lang/value"
)

// Observer sees events. Observe is called by one goroutine at a time, in the
// order of the events.
type Observer interface {
	Observe(Event)
}

// ObserverFunc is a function that observes.
type ObserverFunc func(Event)

// Observe calls f.
func (f ObserverFunc) Observe(e Event) { f(e) }

// Lossless is an observer that must see everything: a run waits for it rather
// than drop an event. It must not block for ever.
type Lossless interface {
	Observer
	Lossless()
}

// QueueSize is how many events may wait for one observer.
const QueueSize = 1 << 16

// Bus hands events to observers. It is safe for concurrent use.
type Bus struct {
	queues []*queue
	done   sync.WaitGroup
}

// NewBus starts a goroutine for each observer; Close ends them.
func NewBus(observers ...Observer) *Bus {
	b := &Bus{}
	for _, o := range observers {
		q := &queue{observer: o}
		_, q.lossless = o.(Lossless)
		q.more = sync.NewCond(&q.mu)
		b.queues = append(b.queues, q)
		b.done.Go(q.run)
	}
	return b
}

// Empty reports whether nobody watches, so that events need not be made.
func (b *Bus) Empty() bool { return b == nil || len(b.queues) == 0 }

// Publish hands e to every observer. It waits only for one that is lossless and
// full.
func (b *Bus) Publish(e Event) {
	if b == nil {
		return
	}
	for _, q := range b.queues {
		q.put(e)
	}
}

// Close waits until every observer has seen what was published, but no longer
// than ctx, and returns the faults of observers that panicked or did not get
// done. Publish must not be called any more.
func (b *Bus) Close(ctx context.Context) error {
	if b == nil {
		return nil
	}
	for _, q := range b.queues {
		q.close()
	}
	all := make(chan struct{})
	go func() {
		b.done.Wait()
		close(all)
	}()
	select {
	case <-all:
	case <-ctx.Done():
		for _, q := range b.queues {
			q.abandon()
		}
		return fmt.Errorf("an observer did not see all events in time: %w", ctx.Err())
	}
	for _, q := range b.queues {
		if q.fault != nil {
			return q.fault
		}
	}
	return nil
}

type queue struct {
	observer Observer
	lossless bool

	mu      sync.Mutex
	more    *sync.Cond // events came, room came, or closed
	events  []Event
	head    int // events before it are gone
	moments int // of the waiting events, those without a number
	dropped int
	closed  bool
	fault   error // the observer panicked: it sees nothing more
}

func (q *queue) len() int { return len(q.events) - q.head }

func (q *queue) put(e Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.lossless && q.len() >= QueueSize && q.fault == nil && !q.closed {
		q.more.Wait()
	}
	switch {
	case q.closed || q.fault != nil:
		return
	case q.len() >= QueueSize && (e.Seq == 0 || !q.makeRoom()):
		q.dropped++
		return
	}
	q.announce(e)
	q.events = append(q.events, e)
	if e.Seq == 0 {
		q.moments++
	}
	q.more.Broadcast()
}

// announce tells of events that were dropped before e.
func (q *queue) announce(e Event) {
	if q.dropped == 0 {
		return
	}
	data := value.NewObject(1)
	data.Set("count", value.Int(int64(q.dropped)))
	q.events = append(q.events, Event{Time: e.Time, RunID: e.RunID, Type: EventsDropped, Data: data.Value()})
	q.dropped = 0
}

// makeRoom drops the events of the moment, and reports whether there were any.
func (q *queue) makeRoom() bool {
	if q.moments == 0 {
		return false
	}
	kept := q.events[:q.head]
	for _, e := range q.events[q.head:] {
		if e.Seq > 0 || e.Type == EventsDropped {
			kept = append(kept, e)
		}
	}
	n := len(q.events) - len(kept)
	clear(q.events[len(kept):])
	q.events, q.moments = kept, 0
	q.dropped += n
	return n > 0
}

func (q *queue) close() {
	q.mu.Lock()
	if q.dropped > 0 {
		q.announce(Event{Time: time.Now()})
	}
	q.closed = true
	q.more.Broadcast()
	q.mu.Unlock()
}

// abandon drops what waits.
func (q *queue) abandon() {
	q.mu.Lock()
	q.events, q.head = nil, 0
	q.mu.Unlock()
}

func (q *queue) next() (Event, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.len() == 0 && !q.closed {
		q.more.Wait()
	}
	if q.len() == 0 {
		return Event{}, false
	}
	e := q.events[q.head]
	if e.Seq == 0 && e.Type != EventsDropped {
		q.moments--
	}
	q.events[q.head] = Event{}
	if q.head++; q.head == len(q.events) {
		q.events, q.head = q.events[:0], 0
	} else if q.head > QueueSize {
		q.events = append(q.events[:0], q.events[q.head:]...)
		q.head = 0
	}
	if q.lossless {
		q.more.Broadcast()
	}
	return e, true
}

func (q *queue) run() {
	for {
		e, ok := q.next()
		if !ok {
			return
		}
		if !q.observe(e) {
			return
		}
	}
}

func (q *queue) observe(e Event) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			q.mu.Lock()
			q.fault = fmt.Errorf("an observer panicked at %s: %v", e.Type, p)
			q.events, q.head = nil, 0
			q.more.Broadcast()
			q.mu.Unlock()
		}
	}()
	q.observer.Observe(e)
	return true
}
