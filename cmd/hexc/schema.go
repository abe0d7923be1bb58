package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/schema"
)

func schemaCommand(a *cli.App) *cobra.Command {
	c := &cobra.Command{
		Use:   "schema [KIND]",
		Short: "Show the schema of manifests, or of one kind",
		Long: `schema shows what a manifest may hold: of one KIND (Pipeline, llm_node, …), or of
every manifest. JSON Schema serves editors without a language server.`,
		Example: `  hexc schema > hexdag.schema.json
  hexc schema llm_node
  hexc schema Pipeline --format cue
  hexc schema System --format markdown | less`,
		Args: cli.Args(0, 1, "at most one KIND"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return schema.RootNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			kind := ""
			if len(args) > 0 {
				kind = args[0]
			}
			var text string
			var err error
			switch a.Format {
			case "cue":
				text, err = schema.CUE(kind)
			case "markdown":
				text, err = schema.Markdown(kind)
			default:
				var doc []byte
				doc, err = schema.JSONSchema(kind)
				text = string(doc)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(a.Out, strings.TrimRight(text, "\n")+"\n")
			return err
		},
	}
	cli.FormatFlag(c, a, "json-schema", "cue", "markdown")
	return c
}
