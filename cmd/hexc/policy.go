package main

import (
	"context"
	"errors"
	"os"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/internal/orgpolicy"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
)

// maxPolicy is the length of the longest policy file that is read, in bytes.
const maxPolicy = 1 << 20

// judge checks files by an organisation's policies.
func judge(ctx context.Context, w *compile.Workspace, policies, paths []string) ([]diag.Diagnostic, error) {
	var files []orgpolicy.File
	for _, name := range policies {
		if err := cli.File(name); err != nil {
			return nil, err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if len(text) > maxPolicy {
			return nil, cli.Usagef("the policy %s has %d bytes; at most %d are read", name, len(text), maxPolicy).Or("split it, and give --policy several times")
		}
		files = append(files, orgpolicy.File{Name: cli.Relative(name), Text: text})
	}
	program, err := orgpolicy.Find()
	var missing *orgpolicy.MissingError
	if errors.As(err, &missing) {
		return nil, cli.Usagef("%s", missing.Error()).Or("%s", missing.Help())
	}
	if err != nil {
		return nil, err
	}
	return orgpolicy.Check(ctx, program, files, func(yield func(*compile.Subject) error) error {
		return w.Subjects(paths, yield)
	})
}
