package sqlite

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"hexdag.dev/hexdag/runtime/journal"
)

// TestZombieIsGone: a process that was killed has ended even while its parent
// has not asked for its status, so its runs can go on at once.
func TestZombieIsGone(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux shows the state of a process this way")
	}
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Skipf("there is no sleep on this machine: %v", err)
	}
	self := newOwner()
	parts := strings.Split(self, "|")
	parts[3], parts[4] = strconv.Itoa(cmd.Process.Pid), startTime(cmd.Process.Pid)
	owner := strings.Join(parts, "|")
	if gone(owner, self) {
		t.Error("a process that runs counts as gone")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if gone(owner, self) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !gone(owner, self) {
		t.Error("a zombie counts as running")
	}
	_ = cmd.Wait()
	if !gone(owner, self) {
		t.Error("a process that is not there counts as running")
	}
}

// TestARunIsNotLostBeforeItIsThere lets the heartbeat come between the moment when a
// run is created and the one when the store has it, and after it was deleted.
func TestARunIsNotLostBeforeItIsThere(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "runs.db"))
	l := &log{store: s, run: journal.Run{ID: "new", Owner: s.owner, Epoch: 1}, lost: make(chan struct{})}
	over := &log{store: s, made: true, over: true, run: journal.Run{ID: "over", Owner: s.owner, Epoch: 1}, lost: make(chan struct{})}
	gone := &log{store: s, made: true, run: journal.Run{ID: "gone", Owner: s.owner, Epoch: 1}, lost: make(chan struct{})}
	if err := s.do(func(w *writer) error { return w.renew([]*log{l, over, gone}) }); err != nil {
		t.Fatal(err)
	}
	for l, want := range map[*log]bool{l: false, over: false, gone: true} {
		lost := false
		select {
		case <-l.lost:
			lost = true
		default:
		}
		if lost != want {
			t.Errorf("run %s is lost: %v", l.run.ID, lost)
		}
	}
}
