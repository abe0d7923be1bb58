package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/diag/render"
	"hexdag.dev/hexdag/lang/ir"
)

// extension is that of a compiled program.
const extension = ".hexir"

func buildCommand(a *cli.App) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "build FILE…",
		Short: "Compile manifests to IR",
		Long: `build writes the compiled program of each FILE beside it, as FILE with the
extension .hexir. The same sources give the same bytes on every machine. A
program with errors is not written; findings are shown as check shows them.`,
		Example: `  hexc build pipeline.yaml                     writes pipeline.hexir
  hexc build pipeline.yaml -o out.hexir
  hexc build pipeline.yaml -o - | hexc ir show -
  hexc build stream.yaml --name triage         one of several programs`,
		Args: cli.Args(1, -1, "a FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			if out != "" && len(args) > 1 {
				return cli.Usagef("-o names one file, but there are %d to build", len(args)).Or("leave -o out, or build them one by one")
			}
			for _, path := range args {
				if err := cli.File(path); err != nil {
					return err
				}
			}
			return build(a, args, out)
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "write the program to `FILE`, - for standard output")
	cli.FormatFlag(c, a)
	return c
}

func build(a *cli.App, paths []string, out string) error {
	w, err := workspace(a)
	if err != nil {
		return err
	}
	var findings []diag.Diagnostic
	for _, path := range paths {
		program, ds, err := w.Build(path, a.Name)
		if err != nil {
			return err
		}
		findings = append(findings, ds...)
		if program == nil {
			continue
		}
		target := out
		if target == "" {
			target = strings.TrimSuffix(path, filepath.Ext(path)) + extension
		}
		if err := writeProgram(a, target, ir.Encode(program)); err != nil {
			return err
		}
	}
	if out == "-" {
		return a.ReportTo(a.Err, render.Format(a.Format), findings, len(paths), diag.Error)
	}
	return a.Report(findings, len(paths), diag.Error)
}

func writeProgram(a *cli.App, target string, data []byte) error {
	if target == "-" {
		_, err := a.Out.Write(data)
		return err
	}
	if err := cli.WriteFile(target, data); err != nil {
		return err
	}
	a.Detail("wrote %s (%d bytes)", target, len(data))
	return nil
}
