// Package cputime measures work by the processor time that it used: a busy
// machine makes a wall clock run on, but not this one.
//
// Input: a function. Output: the time that the calling thread spent in it. What
// other goroutines do on other threads, the garbage collector's for one, is not
// counted. Elsewhere than on Linux it is the wall clock.
package cputime

import (
	"runtime"
	"time"
)

// Of runs f and gives the time that it took.
func Of(f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := now()
	f()
	return now() - start
}
