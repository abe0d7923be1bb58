package main

import (
	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
)

// completionCommand stands in for cobra's own, which makes five commands at
// every start and takes an unknown shell for a request for help.
func completionCommand(a *cli.App) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Write a script that completes hexc's commands in a shell",
		Long:  "completion writes a script that completes hexc's commands, flags and their values in\nSHELL: bash, zsh, fish or powershell.",
		Example: `  source <(hexc completion bash)
  hexc completion zsh > "${fpath[1]}/_hexc"
  hexc completion fish > ~/.config/fish/completions/hexc.fish
  hexc completion powershell | Out-String | Invoke-Expression`,
		Args:              cli.Args(1, 1, "a SHELL: bash, zsh, fish or powershell"),
		ValidArgsFunction: cobra.FixedCompletions(shells, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(c *cobra.Command, args []string) error {
			root := c.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.Out, true)
			case "zsh":
				return root.GenZshCompletion(a.Out)
			case "fish":
				return root.GenFishCompletion(a.Out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.Out)
			}
			return cli.Usagef("there is no completion for %q", args[0]).Or("choose one of bash, zsh, fish, powershell")
		},
	}
}
