//go:build !unix

package compile_test

import "time"

var began = time.Now()

// cpuTime is the time since the start.
func cpuTime() time.Duration { return time.Since(began) }
