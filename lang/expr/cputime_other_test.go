//go:build !unix

package expr

import "time"

var began = time.Now()

// cpuTime is the time since the start.
func cpuTime() time.Duration { return time.Since(began) }
