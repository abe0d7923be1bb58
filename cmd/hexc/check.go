package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/diag"
)

func checkCommand(a *cli.App) *cobra.Command {
	var policies []string
	c := &cobra.Command{
		Use:   "check [PATH…]",
		Short: "Report every error and warning",
		Long: `check compiles without output. A folder means every manifest under it: each
.yaml and .yml file that declares a hexDAG kind and is not excluded by a
.gitignore. Fragments are checked where they are included. With -v it also says
where another spelling would be the canonical one.

--policy adds an organisation's own constraints: a CUE file whose definitions
#Pipeline, #System, … hold for documents and #Program for what they compile to,
and whose list deny has what the policy itself finds. It needs the program
hexc-cue beside hexc or on PATH.`,
		Example: `  hexc check                       every manifest under the working directory
  hexc check pipelines/a.yaml
  hexc check --policy org.cue .
  hexc check --format sarif . > findings.sarif`,
		RunE: func(c *cobra.Command, args []string) error {
			// A check allocates much and lives shortly: collecting less often is
			// faster and stays well below what a machine has. GOGC still decides.
			if os.Getenv("GOGC") == "" {
				debug.SetGCPercent(200)
			}
			w, err := workspace(a)
			if err != nil {
				return err
			}
			paths, ok, err := a.Manifests(args)
			if err != nil {
				return err
			}
			stop := a.Progress(fmt.Sprintf("checking %d files", len(paths)))
			report, err := w.Check(paths)
			if err == nil && len(policies) > 0 {
				var more []diag.Diagnostic
				more, err = judge(c.Context(), w, policies, paths)
				if report != nil {
					report.Diagnostics = append(report.Diagnostics, more...)
					diag.Sort(report.Diagnostics)
				}
			}
			stop()
			if err != nil {
				return err
			}
			err = a.Report(report.Diagnostics, report.Files, diag.Error)
			if err == nil && !ok {
				return cli.Status(cli.Usage)
			}
			return err
		},
	}
	c.Flags().StringArrayVar(&policies, "policy", nil, "judge documents and programs by the constraints of the CUE `FILE`, too; may be given several times")
	cli.FormatFlag(c, a)
	return c
}
