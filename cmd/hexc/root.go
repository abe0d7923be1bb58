package main

import (
	"os"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
)

func rootCommand(a *cli.App) *cobra.Command {
	root := cli.Group(&cobra.Command{
		Use:   "hexc",
		Short: "Compile, check, format, explain and run hexDAG manifests",
		Long: `hexc is the compiler of hexDAG, an operating system for AI agents. Its sources
are YAML manifests.

Exit status: 0 fine · 1 findings or a failed run · 2 wrong usage · 3 a run waits
· 4 a bug of hexc · 130 interrupted.`,
		Example: `  hexc check                       every manifest under the working directory
  hexc run pipeline.yaml -i name=Ada
  hexc explain HX0301              what a code means
  hexc fmt --check .               for continuous integration`,
	})
	f := root.PersistentFlags()
	cli.Choice(f, &a.Color, "color", "auto", "when to use colours", "auto", "always", "never")
	f.StringVarP(&a.Dir, "directory", "C", "", "change to `DIR` before anything else")
	f.StringVar(&a.Root, "root", "", "workspace root `DIR` (default: the nearest folder with hexdag.yaml or .git, else the working directory)")
	f.StringVar(&a.Config, "config", "", "the `FILE` with the kind: Config to use")
	f.StringVar(&a.Env, "env", "", "pick documents by metadata.namespace `NAME`")
	f.StringVar(&a.Name, "name", "", "pick the program with the metadata.name `NAME`")
	f.BoolVarP(&a.Quiet, "quiet", "q", false, "say nothing but findings and results")
	f.BoolVarP(&a.Verbose, "verbose", "v", false, "say more about the work")
	cli.CompleteFlag(root, "color", []string{"auto", "always", "never"})
	for _, name := range []string{"directory", "root"} {
		if err := root.MarkPersistentFlagDirname(name); err != nil {
			panic(err)
		}
	}
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if c.Name() != "version" {
			a.Watch()
		}
		if a.Dir != "" {
			if err := os.Chdir(a.Dir); err != nil {
				return cli.Missing(a.Dir, err)
			}
		}
		return nil
	}
	root.AddCommand(
		buildCommand(a),
		checkCommand(a),
		completionCommand(a),
		explainCommand(a),
		fixCommand(a),
		fmtCommand(a),
		graphCommand(a),
		irCommand(a),
		schemaCommand(a),
		versionCommand(a),
	)
	root.AddCommand(executing(a)...)
	root.SetHelpCommand(helpCommand(root))
	root.CompletionOptions.DisableDefaultCmd = true
	return root
}
