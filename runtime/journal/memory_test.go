package journal_test

import (
	"testing"
	"time"

	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/journal/journaltest"
)

func TestMemoryConforms(t *testing.T) {
	journaltest.Conform(t, func(*testing.T) journal.Store {
		m := journal.NewMemory()
		m.Keep = 100
		return m
	}, nil)
}

func TestMemoryDropsRunsThatAreOver(t *testing.T) {
	m := journal.NewMemory()
	m.Keep = 1
	for _, id := range []string{"a", "b", "c"} {
		l, err := m.Create(t.Context(), journal.Run{ID: id})
		if err != nil {
			t.Fatal(err)
		}
		l.Commit(journal.Commit{Status: journal.Completed, Ended: time.Unix(1, 0)}, func(err error) {
			if err != nil {
				t.Error(err)
			}
		})
	}
	list, err := m.List(t.Context(), journal.Filter{})
	if err != nil || len(list) != 1 || list[0].ID != "c" {
		t.Errorf("List gives %+v, %v", list, err)
	}
}
