//go:build !unix

package subprocess

import "os/exec"

func group(*exec.Cmd) {}

// killGroup ends the program; systems without process groups let its children run.
func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = cmd.Process.Kill()
	}
}
