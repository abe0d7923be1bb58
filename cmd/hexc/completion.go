package main

import (
	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
)

// addCompletion adds cobra's command that writes completion scripts, and makes
// an unknown shell an error.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Short = "Write a script that completes hexc's commands in a shell"
			c.Example = `  source <(hexc completion bash)
  hexc completion zsh > "${fpath[1]}/_hexc"
  hexc completion fish > ~/.config/fish/completions/hexc.fish`
			cli.Group(c)
		}
	}
}
