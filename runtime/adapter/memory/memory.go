// Package memory is a store in the memory of the process: the adapter
// "in_memory_memory" of the ports memory and data_store.
//
// It takes no settings but max_size, the number of keys that it keeps (default
// 100,000): one more is an error. Its content ends with the run.
package memory

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// Name is the adapter's canonical name.
const Name = "in_memory_memory"

// New is the port.Factory of the adapter.
func New(_ context.Context, spec port.Spec) (port.Adapter, error) {
	c := port.ReadConfig(spec)
	s := &Store{most: port.MaxKeys, entries: map[string]entry{}, now: time.Now}
	if n, ok := c.Number("max_size"); ok {
		if n < 1 || n > port.MaxKeys || n != float64(int(n)) {
			c.Faultf("\"max_size\" must be a whole number from 1 to %d", port.MaxKeys)
		}
		s.most = int(n)
	}
	return s, c.Err()
}

// Store keeps values in memory. It is safe for concurrent use.
type Store struct {
	most int
	now  func() time.Time

	mu      sync.RWMutex
	entries map[string]entry
}

type entry struct {
	v    value.Value
	till time.Time // zero: for ever
}

func (e entry) alive(now time.Time) bool { return e.till.IsZero() || now.Before(e.till) }

// Class is port.Write: what is written must not be forgotten by a resumed run
// without notice.
func (s *Store) Class() port.Class { return port.Write }

// Get is the value under key.
func (s *Store) Get(_ context.Context, key string) (value.Value, bool, error) {
	if err := port.CheckKey(key); err != nil {
		return value.Null, false, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	e, ok := s.entries[key]
	if !ok || !e.alive(s.now()) {
		return value.Null, false, nil
	}
	return e.v, true, nil
}

// Set puts v under key.
func (s *Store) Set(_ context.Context, key string, v value.Value, ttl time.Duration) error {
	if err := port.CheckKey(key); err != nil {
		return err
	}
	if _, err := value.AppendJSON(nil, v); err != nil {
		return port.Errorf(port.ClassInvalidInput, "the value under %.40q has no JSON: %s", key, err)
	}
	e := entry{v: v}
	if ttl > 0 {
		e.till = s.now().Add(ttl)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.entries[key]; !ok && len(s.entries) >= s.most {
		for k, old := range s.entries {
			if !old.alive(s.now()) {
				delete(s.entries, k)
			}
		}
		if len(s.entries) >= s.most {
			return port.Errorf(port.ClassLimit, "the memory holds %d keys, as many as it may", s.most)
		}
	}
	s.entries[key] = e
	return nil
}

// Delete removes what is under key.
func (s *Store) Delete(_ context.Context, key string) (bool, error) {
	if err := port.CheckKey(key); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries[key]
	delete(s.entries, key)
	return ok && e.alive(s.now()), nil
}

// Keys are the keys that start with prefix.
func (s *Store) Keys(_ context.Context, prefix string) ([]string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	keys := []string{}
	for k, e := range s.entries {
		if strings.HasPrefix(k, prefix) && e.alive(s.now()) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys, nil
}
