package journaltest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"hexdag.dev/hexdag/runtime/journal"
)

func testInbox(t *testing.T, s journal.Store) {
	l := create(t, s, "r1")
	commit(t, l, journal.Commit{Entries: entries(1, 1)})
	send := func(id, key string) (bool, error) {
		return s.Send(t.Context(), journal.Signal{ID: id, Run: "r1", Key: key, Principal: "p", Body: []byte(id), At: time.Unix(9, 0).UTC()})
	}
	for i, c := range []struct {
		id  string
		dup bool
	}{{"b", false}, {"a", false}, {"b", true}, {"c", false}} {
		if dup, err := send(c.id, "k"); err != nil || dup != c.dup {
			t.Fatalf("signal %d: dup %v, %v", i, dup, err)
		}
	}
	select {
	case <-l.Arrived():
	default:
		t.Error("nobody is told that a signal was sent")
	}
	ids := func() (text string) {
		list, err := l.Inbox(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			text += x.ID
			if x.Run != "r1" || x.Key != "k" || x.Principal != "p" || string(x.Body) != x.ID || !x.At.Equal(time.Unix(9, 0)) {
				t.Errorf("the inbox holds %+v", x)
			}
		}
		return text
	}
	if got := ids(); got != "bac" {
		t.Errorf("the inbox holds %s, want bac", got)
	}
	commit(t, l, journal.Commit{Entries: entries(2, 2), Taken: []string{"b", "c"}})
	if got := ids(); got != "a" {
		t.Errorf("after a commit the inbox holds %s, want a", got)
	}
	if dup, err := send("c", "k"); err != nil || !dup {
		t.Errorf("a signal that was taken came again: %v, %v", dup, err)
	}
	if _, err := s.Send(t.Context(), journal.Signal{ID: "x", Run: "nobody", Key: "k"}); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("no run took a signal: %v", err)
	}
	for i := range journal.MaxInbox {
		if _, err := send(fmt.Sprint("many ", i), "other"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := send("one more", "other"); !errors.Is(err, journal.ErrInboxFull) {
		t.Errorf("signal %d of one key gives %v", journal.MaxInbox+1, err)
	}
	commit(t, l, journal.Commit{Entries: entries(3, 3), Status: journal.Completed, Ended: time.Unix(5, 0)})
	if _, err := send("late", "k"); !errors.Is(err, journal.ErrFinal) && !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("a run that is over took a signal: %v", err)
	}
}
