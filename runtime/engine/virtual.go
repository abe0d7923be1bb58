package engine

import (
	"container/heap"
	"sync"
	"time"
)

// virtualClock stands still until advance is called, and calls what is due then,
// on the goroutine of its caller.
type virtualClock struct {
	mu   sync.Mutex
	now  time.Time
	due  alarms
	made uint64
}

type alarm struct {
	at    time.Time
	order uint64 // of equal moments the first to be set is the first
	f     func() // nil once it was called or stopped
}

func newVirtualClock(now time.Time) *virtualClock { return &virtualClock{now: now} }

// Now implements Clock.
func (c *virtualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc implements Clock.
func (c *virtualClock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	a := &alarm{at: c.now.Add(max(0, d)), order: c.made, f: f}
	heap.Push(&c.due, a)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		waiting := a.f != nil
		a.f = nil
		return waiting
	}
}

// advance goes on to the next alarm and calls it; false if there is none.
func (c *virtualClock) advance() bool {
	c.mu.Lock()
	var f func()
	for f == nil && len(c.due) > 0 {
		a := heap.Pop(&c.due).(*alarm)
		if a.f != nil {
			f, a.f = a.f, nil
			c.now = a.at
		}
	}
	c.mu.Unlock()
	if f != nil {
		f()
	}
	return f != nil
}

// alarms is a heap by time.
type alarms []*alarm

func (h alarms) Len() int { return len(h) }
func (h alarms) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].order < h[j].order
}
func (h alarms) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *alarms) Push(x any)   { *h = append(*h, x.(*alarm)) }
func (h *alarms) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}
