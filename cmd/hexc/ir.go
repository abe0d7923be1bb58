package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/ir"
)

func irCommand(a *cli.App) *cobra.Command {
	c := cli.Group(&cobra.Command{
		Use:   "ir",
		Short: "Look at compiled programs",
		Example: `  hexc ir show pipeline.hexir
  hexc ir verify pipeline.hexir`,
	})
	c.AddCommand(irShowCommand(a), irVerifyCommand(a))
	return c
}

func irShowCommand(a *cli.App) *cobra.Command {
	c := &cobra.Command{
		Use:   "show FILE",
		Short: "Show a compiled program, or the one a manifest compiles to, as JSON",
		Example: `  hexc ir show pipeline.hexir
  hexc ir show pipeline.yaml                   compiles it first
  hexc ir show pipeline.hexir | jq '.nodes[].name'`,
		Args: cli.Args(1, 1, "one FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			program, err := program(a, args[0])
			if err != nil {
				return err
			}
			_, err = a.Out.Write(ir.ShowJSON(program))
			return err
		},
	}
	cli.FormatFlag(c, a, "json")
	return c
}

func irVerifyCommand(a *cli.App) *cobra.Command {
	c := &cobra.Command{
		Use:   "verify FILE…",
		Short: "Check that compiled programs are complete and unchanged",
		Example: `  hexc ir verify pipeline.hexir
  hexc ir verify --format json *.hexir`,
		Args: cli.Args(1, -1, "a FILE"),
		RunE: func(_ *cobra.Command, args []string) error { return verify(a, args) },
	}
	cli.FormatFlag(c, a, "human", "json")
	return c
}

// verdict is what verify says about one file.
type verdict struct {
	File  string `json:"file"`
	OK    bool   `json:"ok"`
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Hash  string `json:"hash"`
	Error string `json:"error"`
}

func verify(a *cli.App, paths []string) error {
	var verdicts []verdict
	failed := false
	for _, path := range paths {
		data, err := readInput(a, path)
		if err != nil {
			return err
		}
		v := verdict{File: cli.Relative(path)}
		if p, err := ir.Decode(data); err != nil {
			v.Error = err.Error()
			failed = true
		} else {
			v.OK, v.Kind, v.Name, v.Hash = true, p.Kind, p.Name, ir.FullHash(p)
		}
		verdicts = append(verdicts, v)
	}
	if a.Format == "json" {
		if err := writeJSON(a.Out, struct {
			Version int       `json:"version"`
			Files   []verdict `json:"files"`
		}{1, verdicts}); err != nil {
			return err
		}
	} else {
		for _, v := range verdicts {
			if v.OK {
				fmt.Fprintf(a.Out, "%s: ok, %s %q, %s\n", v.File, v.Kind, v.Name, v.Hash)
			} else {
				fmt.Fprintf(a.Out, "%s: %s\n", v.File, v.Error)
			}
		}
	}
	if failed {
		return cli.Status(cli.Findings)
	}
	return nil
}

// writeJSON writes v as people read it, with `<`, `>` and `&` as they are.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
