//go:build front && unix

package main

import (
	"fmt"
	"os"
	"syscall"
)

// takePlace turns this process into path: signals, terminal and process id stay
// those of hexc. It returns only if that fails.
func takePlace(path string, args []string) (int, error) {
	err := syscall.Exec(path, append([]string{"hexc"}, args...), os.Environ())
	return 0, fmt.Errorf("%s can't be started: %w", path, err)
}
