package middleware

import (
	"container/list"
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/port"
)

// cache answers calls that are equal to an earlier one which succeeded. It keeps
// the entries that were used last, in memory.
type cache struct {
	ttl  time.Duration
	most int
	now  func() time.Time

	mu     sync.Mutex
	byKey  map[[sha256.Size]byte]*list.Element
	recent *list.List // of *entry, the last used first
}

type entry struct {
	key  [sha256.Size]byte
	resp *port.LLMResponse
	till time.Time // zero: for ever
}

func newCache(c *ir.CacheLayer) *cache {
	return &cache{ttl: time.Duration(c.TTL), most: max(1, c.MaxEntries), now: time.Now,
		byKey: map[[sha256.Size]byte]*list.Element{}, recent: list.New()}
}

// Do answers from memory, or makes the call and remembers its answer.
func (l *cache) Do(ctx context.Context, c *Call, next Next) (*port.LLMResponse, error) {
	key, ok := fingerprint(c.Request)
	if ok {
		if resp := l.get(key); resp != nil {
			if c.Request.Stream != nil && resp.Text != "" {
				c.Request.Stream(resp.Text)
			}
			return resp, nil
		}
	}
	resp, err := next(ctx, c.Request)
	if ok && err == nil && resp != nil {
		l.put(key, resp)
	}
	return resp, err
}

// get is a copy of what is remembered, which cost nothing.
func (l *cache) get(key [sha256.Size]byte) *port.LLMResponse {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.byKey[key]
	if at == nil {
		return nil
	}
	e := at.Value.(*entry)
	if !e.till.IsZero() && !l.now().Before(e.till) {
		l.recent.Remove(at)
		delete(l.byKey, key)
		return nil
	}
	l.recent.MoveToFront(at)
	out := *e.resp
	out.Usage = port.Usage{Known: true}
	return &out
}

func (l *cache) put(key [sha256.Size]byte, resp *port.LLMResponse) {
	own := *resp
	e := &entry{key: key, resp: &own}
	if l.ttl > 0 {
		e.till = l.now().Add(l.ttl)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := l.byKey[key]; at != nil {
		at.Value = e
		l.recent.MoveToFront(at)
		return
	}
	l.byKey[key] = l.recent.PushFront(e)
	if l.recent.Len() > l.most {
		last := l.recent.Back()
		delete(l.byKey, last.Value.(*entry).key)
		l.recent.Remove(last)
	}
}
