package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/diag/render"
	"hexdag.dev/hexdag/lang/explain"
)

func graphCommand(a *cli.App) *cobra.Command {
	c := &cobra.Command{
		Use:   "graph FILE",
		Short: "Show the nodes of a pipeline and how they depend on each other",
		Example: `  hexc graph pipeline.yaml
  hexc graph pipeline.yaml --format mermaid
  hexc graph pipeline.yaml --format svg > pipeline.svg`,
		Args: cli.Args(1, 1, "one FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			checked, err := checkedProgram(a, args[0])
			if err != nil {
				return err
			}
			g := explain.GraphOf(checked.Program)
			switch a.Format {
			case "json":
				return writeJSON(a.Out, g)
			case "mermaid":
				_, err = fmt.Fprint(a.Out, g.Mermaid())
			case "dot":
				_, err = fmt.Fprint(a.Out, g.DOT())
			case "svg":
				_, err = fmt.Fprint(a.Out, g.SVG())
			default:
				_, err = fmt.Fprint(a.Out, g.Tree())
			}
			return err
		},
	}
	cli.FormatFlag(c, a, "tree", "mermaid", "dot", "svg", "json")
	return c
}

// checkedProgram checks the program of a file. A program with errors can be
// shown all the same, as far as it was understood; they are reported on standard
// error. Without any the error is Status(Findings).
func checkedProgram(a *cli.App, path string) (*compile.Checked, error) {
	if err := cli.File(path); err != nil {
		return nil, err
	}
	w, err := workspace(a)
	if err != nil {
		return nil, err
	}
	checked, err := w.CheckProgram(path, a.Name)
	if err != nil {
		return nil, err
	}
	if diag.HasErrors(checked.Diags) || checked.Program == nil {
		if err := a.ReportTo(a.Err, render.Human, checked.Diags, 1, diag.Error); err != nil && checked.Program == nil {
			return nil, err
		}
	}
	if checked.Program == nil {
		return nil, cli.Status(cli.Findings)
	}
	return checked, nil
}
