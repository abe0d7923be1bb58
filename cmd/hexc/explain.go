package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/diag/render"
	"hexdag.dev/hexdag/lang/explain"
)

func explainCommand(a *cli.App) *cobra.Command {
	var budget bool
	c := &cobra.Command{
		Use:   "explain TARGET…",
		Short: "Explain a code, a field, a function, a program, a value, a node or an edge",
		Example: `  hexc explain HX0301                                       a code
  hexc explain llm_node.output_schema                       a field
  hexc explain coalesce                                     a function
  hexc explain pipeline.yaml                                a program
  hexc explain pipeline.yaml spec.limits.max_llm_calls      an effective value, and who set it
  hexc explain pipeline.yaml --budget                       calls, tokens and dollars at worst
  hexc explain pipeline.yaml analyzer                       a node
  hexc explain pipeline.yaml analyzer writer                an edge`,
		Args: cli.Args(1, 3, "what to explain"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var out []string
			if len(args) == 0 {
				for _, e := range diag.Entries() {
					out = append(out, string(e.Code)+"\t"+e.Summary)
				}
			}
			return out, cobra.ShellCompDirectiveDefault
		},
		RunE: func(_ *cobra.Command, args []string) error {
			w, err := workspace(a)
			if err != nil {
				return err
			}
			target := explain.Target
			if budget {
				if len(args) != 1 {
					return cli.Usagef("--budget explains one file, not %d targets", len(args))
				}
				target = explain.Budget
			}
			answer, err := target(w, a.Name, args)
			if err != nil {
				return explainError(a, err)
			}
			if a.Format == "json" {
				return writeJSON(a.Out, answer)
			}
			text := answer.String()
			if m, ok := answer.(interface{ Markdown() string }); ok && a.Format == "markdown" {
				text = m.Markdown()
			}
			_, err = fmt.Fprint(a.Out, strings.TrimRight(text, "\n")+"\n")
			return err
		},
	}
	c.Flags().BoolVar(&budget, "budget", false, "explain what the program of a file uses at least and at most, per node and in all")
	cli.FormatFlag(c, a, "human", "json", "markdown")
	return c
}

// explainError turns what keeps a target from being explained into findings, or
// into wrong usage.
func explainError(a *cli.App, err error) error {
	var none *explain.NoProgramError
	if errors.As(err, &none) {
		if err := a.ReportTo(a.Err, render.Human, none.Diags, 1, diag.Error); err != nil {
			return err
		}
		return cli.Status(cli.Findings)
	}
	var unknown *explain.UnknownError
	if errors.As(err, &unknown) {
		return cli.Usagef("%s", unknown.Error())
	}
	return err
}
