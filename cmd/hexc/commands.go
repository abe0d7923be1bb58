//go:build !front

package main

import (
	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
)

// executing are the commands that need more than the compiler: the runtime with
// its run store, the language server. In the front program they stand for the
// ones of this program, see front.go.
func executing(a *cli.App) []*cobra.Command {
	return []*cobra.Command{lspCommand(a), runCommand(a), runsCommand(a)}
}

// handOver does nothing here: this program has every command.
func handOver([]string) (status int, done bool) { return 0, false }
