package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/diag/render"
	"hexdag.dev/hexdag/lang/format"
	"hexdag.dev/hexdag/lang/source"
)

// fmtOptions are the flags of fmt.
type fmtOptions struct{ write, check, diff bool }

func fmtCommand(a *cli.App) *cobra.Command {
	var o fmtOptions
	c := &cobra.Command{
		Use:   "fmt [PATH…]",
		Short: "Format manifests",
		Long: `fmt rewrites manifests in one layout: two spaces of indentation, one blank line
at most, comments where they were. It never changes what a manifest means, nor
the text of block scalars, and leaves a file with syntax errors as it is.

PATH is a file, a folder (every manifest under it) or - (standard input to
standard output). Without PATH it is the working directory.`,
		Example: `  hexc fmt                         every manifest under the working directory
  hexc fmt --check .               list what would change, exit 1 if anything
  hexc fmt --diff pipeline.yaml    show the change, write nothing
  hexc fmt - < pipeline.yaml       for editors`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] == "-" {
				if o.write {
					return cli.Usagef("-w can't write standard input").Or("leave -w out: the result goes to standard output")
				}
				return formatStdin(a, o)
			}
			for _, arg := range args {
				if arg == "-" {
					return cli.Usagef("- stands for standard input and can't be combined with files").Or("format them one by one")
				}
			}
			if !c.Flags().Changed("write") {
				o.write = !o.check && !o.diff
			}
			return formatPaths(a, args, o)
		},
	}
	f := c.Flags()
	f.BoolVarP(&o.write, "write", "w", false, "write the result to the files (the default, unless --check or --diff is given)")
	f.BoolVar(&o.check, "check", false, "list the files that would change; exit 1 if there are any")
	f.BoolVar(&o.diff, "diff", false, "show what would change")
	cli.FormatFlag(c, a, "human", "json")
	return c
}

// maxStdin is the size in bytes of the largest text that is formatted from
// standard input; the parser reports larger ones as it does for files.
const maxStdin = 64 << 20

func formatStdin(a *cli.App, o fmtOptions) error {
	text, err := readInput(a, "-")
	if err != nil {
		return err
	}
	if len(text) > maxStdin {
		return cli.Usagef("standard input has more than %d MB", maxStdin>>20)
	}
	f := source.NewFile("<stdin>", text)
	formatted, findings, ok := format.File(f)
	if !ok {
		return unformatted(a, findings, 1)
	}
	changed := string(formatted) != f.Text()
	switch {
	case o.diff:
		if changed {
			_, err = fmt.Fprint(a.Out, unified(f, formatted))
		}
	case o.check:
		if changed {
			_, err = fmt.Fprintln(a.Out, f.Path())
		}
	default:
		_, err = a.Out.Write(formatted)
	}
	if err == nil && changed && o.check {
		return cli.Status(cli.Findings)
	}
	return err
}

func formatPaths(a *cli.App, args []string, o fmtOptions) error {
	paths, ok, err := a.Manifests(args)
	if err != nil {
		return err
	}
	changed := []string{}
	var findings []diag.Diagnostic
	stop := a.Progress(fmt.Sprintf("formatting %d files", len(paths)))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			stop()
			return err
		}
		f := source.NewFile(path, text)
		formatted, ds, ok := format.File(f)
		if !ok {
			findings = append(findings, ds...)
			continue
		}
		if string(formatted) == f.Text() {
			continue
		}
		changed = append(changed, path)
		if a.Format == "human" {
			if o.diff {
				fmt.Fprint(a.Out, unified(f, formatted))
			} else if o.check {
				fmt.Fprintln(a.Out, path)
			}
		}
		if o.write {
			if err := replace(path, formatted); err != nil {
				stop()
				return err
			}
			a.Detail("formatted %s", path)
		}
	}
	stop()
	if a.Format == "json" {
		if err := writeJSON(a.Out, struct {
			Version     int      `json:"version"`
			Files       int      `json:"files"`
			Changed     []string `json:"changed"`
			Written     bool     `json:"written"`
			Diagnostics any      `json:"diagnostics"`
		}{1, len(paths), changed, o.write, render.Findings(findings)}); err != nil {
			return err
		}
	}
	switch verb := "formatted"; {
	case len(findings) > 0:
		return unformatted(a, findings, len(paths))
	case !ok:
		return cli.Status(cli.Usage)
	case o.check && len(changed) > 0:
		if !o.write {
			verb = "to be formatted"
		}
		a.Note("%s %s", render.Plural(len(changed), "file"), verb)
		return cli.Status(cli.Findings)
	case o.write:
		a.Note("%s formatted, %d unchanged", render.Plural(len(changed), "file"), len(paths)-len(changed))
	}
	return nil
}

// unformatted reports why files could not be formatted.
func unformatted(a *cli.App, findings []diag.Diagnostic, files int) error {
	if a.Format != "json" {
		if err := a.ReportTo(a.Err, render.Human, findings, files, diag.Error); err != nil && err != cli.Status(cli.Findings) {
			return err
		}
	}
	for _, d := range findings {
		if d.Code == diag.Internal {
			return cli.Status(cli.Internal)
		}
	}
	return cli.Status(cli.Findings)
}

// unified is the change as a patch.
func unified(f *source.File, formatted []byte) string {
	text := string(diff.Diff(f.Path(), f.Content(), f.Path(), formatted))
	_, text, _ = strings.Cut(text, "\n") // the line with the diff command
	return text
}

// replace writes a file as a whole or not at all. Its permissions stay, and a
// symbolic link goes on pointing to the file that is written.
func replace(path string, data []byte) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	return cli.WriteFile(target, data)
}
