package main

import (
	"os"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

type report struct {
	Diagnostics []diag.Diagnostic
	Files       int
}

type syntaxOnly struct{}

func workspace(*cli.App) syntaxOnly { return syntaxOnly{} }

func (syntaxOnly) Check(paths []string) *report {
	r := &report{Files: len(paths)}
	for _, p := range paths {
		content, err := os.ReadFile(p)
		if err != nil {
			continue
		}
		r.Diagnostics = append(r.Diagnostics, syntax.Parse(source.NewFile(p, content), syntax.Budget{}).Diags...)
	}
	return r
}
