package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/internal/fix"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/diag/render"
	"hexdag.dev/hexdag/lang/source"
)

func fixCommand(a *cli.App) *cobra.Command {
	var all, diff bool
	c := &cobra.Command{
		Use:   "fix [PATH…]",
		Short: "Apply the fixes that findings offer",
		Long: `fix applies the safe fixes of what check finds: those that keep the meaning of a
manifest that worked and need no judgement. --all applies the others too; look at
the result then. What remains is shown as check shows it.`,
		Example: `  hexc fix                         every manifest under the working directory
  hexc fix --diff pipeline.yaml    show the changes, write nothing
  hexc fix --all pipeline.yaml`,
		RunE: func(_ *cobra.Command, args []string) error {
			paths, ok, err := a.Manifests(args)
			if err != nil {
				return err
			}
			err = fixPaths(a, paths, all, diff)
			if err == nil && !ok {
				return cli.Status(cli.Usage)
			}
			return err
		},
	}
	c.Flags().BoolVar(&all, "all", false, "apply fixes that need judgement too")
	c.Flags().BoolVar(&diff, "diff", false, "show what would change, write nothing")
	cli.FormatFlag(c, a, "human", "json")
	return c
}

// write writes a fixed file, or one that a fix makes.
func write(path string, text []byte) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return cli.WriteFile(path, text)
	}
	return replace(path, text)
}

func fixPaths(a *cli.App, paths []string, all, diff bool) error {
	stop := a.Progress(fmt.Sprintf("fixing %d files", len(paths)))
	r, err := fix.Apply(paths, func(paths []string, read fix.ReadFile) ([]diag.Diagnostic, error) {
		w, err := workspaceOver(a, read)
		if err != nil {
			return nil, err
		}
		report, err := w.Check(paths)
		if err != nil {
			return nil, err
		}
		return report.Diagnostics, nil
	}, all)
	stop()
	if err != nil {
		return err
	}
	for _, path := range r.Paths() {
		if diff {
			if a.Format == "human" {
				before, err := os.ReadFile(path)
				if err != nil && !errors.Is(err, fs.ErrNotExist) { // a fix can make a file
					return err
				}
				fmt.Fprint(a.Out, unified(source.NewFile(path, before), r.Changed[path]))
			}
		} else if err := write(path, r.Changed[path]); err != nil {
			return err
		}
		a.Detail("fixed %s", path)
	}
	if a.Format == "json" {
		if err := writeJSON(a.Out, struct {
			Version     int      `json:"version"`
			Files       int      `json:"files"`
			Fixed       int      `json:"fixed"`
			Changed     []string `json:"changed"`
			Written     bool     `json:"written"`
			Diagnostics any      `json:"diagnostics"`
		}{1, len(paths), r.Fixed, append([]string{}, r.Paths()...), !diff, render.Findings(r.Remaining)}); err != nil {
			return err
		}
		if diag.HasErrors(r.Remaining) {
			return cli.Status(cli.Findings)
		}
		return nil
	}
	verb := "fixed"
	if diff {
		verb = "fixable"
	}
	a.Note("%s %s in %s", render.Plural(r.Fixed, "finding"), verb, render.Plural(len(r.Changed), "file"))
	// The output of --diff is a patch, so the rest goes elsewhere.
	return a.ReportTo(a.Err, render.Human, r.Remaining, len(paths), diag.Error)
}
