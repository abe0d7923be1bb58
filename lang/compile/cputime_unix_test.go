//go:build unix

package compile_test

import (
	"syscall"
	"time"
)

// cpuTime is the processor time that this process used so far: what bounds of
// time are held to, since a busy machine does not make it longer.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
