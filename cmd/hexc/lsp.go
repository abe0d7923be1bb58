//go:build !front

package main

import (
	"os"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/lsp"
)

func lspCommand(a *cli.App) *cobra.Command {
	var stdio bool
	c := &cobra.Command{
		Use:   lspUse,
		Short: lspShort,
		Long: `lsp speaks the Language Server Protocol with an editor on standard input and
output. It ends with status 0 if the editor shut it down in order, else with 1.`,
		Example: `  hexc lsp          what an editor's configuration starts`,
		Args:    cli.Args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			a.Graceful.Store(true)
			if status := lsp.Serve(c.Context(), a.In, a.Out, lsp.Options{Version: version(), Lookup: os.LookupEnv, Log: a.Err}); status != cli.OK {
				return cli.Status(status)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&stdio, "stdio", true, "use standard input and output (editors add this by habit)")
	return c
}
