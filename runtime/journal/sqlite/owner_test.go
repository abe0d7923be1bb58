package sqlite

import (
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
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
