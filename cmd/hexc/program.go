package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/diag/render"
	"hexdag.dev/hexdag/lang/ir"
)

// maxInput is the size in bytes of the largest input that is read.
const maxInput = 256 << 20

// readInput reads a file, or standard input for "-".
func readInput(a *cli.App, path string) ([]byte, error) {
	in := a.In
	name := "standard input"
	if path != "-" {
		if err := cli.File(path); err != nil {
			return nil, err
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in, name = f, path
	}
	data, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxInput {
		return nil, cli.Usagef("%s has more than %d MB", name, maxInput>>20).Or("nothing that hexc writes is that large; check the name")
	}
	return data, nil
}

// program is the program in path: a compiled one as it is, a manifest compiled.
// Errors and warnings about a manifest are shown on standard error; if they keep
// it from being compiled, the error is Status(Findings).
func program(a *cli.App, path string) (*ir.Program, error) {
	if ext := strings.ToLower(filepath.Ext(path)); ext == ".yaml" || ext == ".yml" {
		if err := cli.File(path); err != nil {
			return nil, err
		}
		w, err := workspace(a)
		if err != nil {
			return nil, err
		}
		program, ds, err := w.Build(path, a.Name)
		if err != nil {
			return nil, err
		}
		if !a.Verbose {
			ds = slices.DeleteFunc(ds, func(d diag.Diagnostic) bool { return d.Severity > diag.Warning })
		}
		if len(ds) > 0 {
			if err := a.ReportTo(a.Err, render.Human, ds, 1, diag.Error); err != nil && err != cli.Status(cli.Findings) {
				return nil, err
			}
		}
		if program == nil {
			return nil, cli.Status(cli.Findings)
		}
		return program, nil
	}
	data, err := readInput(a, path)
	if err != nil {
		return nil, err
	}
	p, err := ir.Decode(data)
	if err != nil {
		return nil, cli.Usagef("%s: %s", path, err.Error())
	}
	return p, nil
}
