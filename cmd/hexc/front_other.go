//go:build front && !unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// takePlace runs path beside this process, which cannot be replaced here.
func takePlace(path string, args []string) (int, error) {
	cmd := exec.Command(path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 0, fmt.Errorf("%s can't be started: %w", path, err)
	}
	return 0, nil
}
