package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/suggest"
)

func explainCommand(a *cli.App) *cobra.Command {
	c := &cobra.Command{
		Use:   "explain TARGET…",
		Short: "Explain a code, a field, a function, a value, a node, an edge or a run",
		Example: `  hexc explain HX0301              a code
  hexc explain unknown-reference   the same by its rule`,
		Args: cli.Args(1, -1, "what to explain"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var out []string
			for _, e := range diag.Entries() {
				out = append(out, string(e.Code)+"\t"+e.Summary)
			}
			return out, cobra.ShellCompDirectiveDefault
		},
		RunE: func(_ *cobra.Command, args []string) error { return explainCode(a, args[0]) },
	}
	cli.FormatFlag(c, a, "human", "json", "markdown")
	return c
}

// explainCode explains a diagnostic code or rule.
func explainCode(a *cli.App, name string) error {
	e, ok := diag.LookupRule(name)
	if !ok {
		var names []string
		for _, e := range diag.Entries() {
			names = append(names, string(e.Code), e.Rule)
		}
		u := cli.Usagef("nothing is known about %q", name).Or("`hexc explain --help` shows what can be explained")
		if near := suggest.Best(name, names); near != "" {
			u.Help = fmt.Sprintf("did you mean %q?", near)
		} else if near := suggest.Best(strings.ToUpper(name), names); near != "" {
			u.Help = fmt.Sprintf("did you mean %q?", near)
		}
		return u
	}
	switch a.Format {
	case "json":
		enc := json.NewEncoder(a.Out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(struct {
			Code     string `json:"code"`
			Rule     string `json:"rule"`
			Severity string `json:"severity"`
			Summary  string `json:"summary"`
			Detail   string `json:"detail"`
			Bad      string `json:"bad"`
			Good     string `json:"good"`
		}{string(e.Code), e.Rule, e.Severity.String(), e.Summary, e.Detail, e.Bad, e.Good})
	case "markdown":
		_, err := fmt.Fprint(a.Out, e.Markdown())
		return err
	}
	_, err := fmt.Fprint(a.Out, e.Text())
	return err
}
