package sqlite

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/google/uuid"
)

// An owner is "host|boot|namespace|pid|start|nonce": enough to tell, on the same
// machine, whether the process is still there, so that the runs of a process
// that was killed can go on at once. Elsewhere only the lease tells.

func newOwner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	pid := os.Getpid()
	return strings.Join([]string{
		strings.ReplaceAll(host, "|", "_"), bootID(), pidNamespace(),
		strconv.Itoa(pid), startTime(pid), uuid.NewString(),
	}, "|")
}

// describeOwner is an owner for people.
func describeOwner(owner string) string {
	parts := strings.Split(owner, "|")
	if len(parts) != 6 {
		return "another process"
	}
	return fmt.Sprintf("process %s on %s", parts[3], parts[0])
}

// gone reports whether the process that owner names has certainly ended.
func gone(owner, self string) bool {
	theirs, ours := strings.Split(owner, "|"), strings.Split(self, "|")
	if len(theirs) != 6 || len(ours) != 6 || theirs[0] != ours[0] {
		return false
	}
	if theirs[1] != ours[1] {
		return theirs[1] != "" && ours[1] != "" // the machine was started again
	}
	pid, err := strconv.Atoi(theirs[3])
	if err != nil || theirs[2] != ours[2] {
		return false
	}
	if state, start := process(pid); start != "" && theirs[4] != "" {
		// A zombie has ended; only its parent has not asked for its status yet.
		return start != theirs[4] || state == "Z" || state == "X"
	}
	other, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	err = other.Signal(syscall.Signal(0))
	return errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH)
}

func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

func pidNamespace() string {
	ns, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(ns, "|", "_")
}

// startTime is when a process started, in ticks since the boot, "" if unknown.
func startTime(pid int) string {
	_, start := process(pid)
	return start
}

// process is the state of a process, as the letter of proc(5), and when it
// started, in ticks since the boot; both are "" if they are unknown.
func process(pid int) (state, start string) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", ""
	}
	// The second field is the name in parentheses and may hold anything.
	text := string(stat)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	const startTimeField = 22 - 3 // the first one here is field 3
	if len(fields) <= startTimeField {
		return "", ""
	}
	return fields[0], fields[startTimeField]
}
