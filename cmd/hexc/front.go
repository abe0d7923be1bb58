//go:build front

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
)

// With the build tag `front`, hexc is two programs: this one with the compiler,
// and hexc-run, which is hexc without the tag and has every command. Linking the
// runtime, its SQLite store, Starlark and the language server costs some 5 ms at
// every start, which `hexc check` should not pay in an editor or a commit hook.
// A plain `go build ./cmd/hexc` gives one program that does it all.

// executing stands for the commands that hexc-run has, so that the help lists
// them and their names are completed.
func executing(*cli.App) []*cobra.Command {
	var out []*cobra.Command
	for _, c := range []struct{ use, short string }{
		{lspUse, lspShort},
		{runUse, runShort},
		{runsUse, runsShort},
	} {
		out = append(out, &cobra.Command{
			Use: c.use, Short: c.short,
			DisableFlagParsing: true,
			PersistentPreRunE:  func(*cobra.Command, []string) error { return nil },
			RunE: func(*cobra.Command, []string) error {
				status, err := other(os.Args[1:])
				if err != nil {
					return err
				}
				return cli.Status(status)
			},
		})
	}
	return out
}

// handOver gives an invocation about commands in general to hexc-run, which
// knows all flags. Where hexc-run is missing, this program answers what it can.
func handOver(args []string) (status int, done bool) {
	general := []string{"help", "completion", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}
	if len(args) == 0 || !slices.Contains(general, args[0]) {
		return 0, false
	}
	status, err := other(args)
	return status, err == nil
}

// other runs hexc-run in place of this process, where the system can do that,
// and else beside it. It looks in the folder of this program, links followed,
// and then on PATH.
func other(args []string) (int, error) {
	path, err := find()
	if err != nil {
		return 0, err
	}
	return takePlace(path, args)
}

func find() (string, error) {
	name := back
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	var dir string
	if self, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(self); err == nil {
			self = real
		}
		dir = filepath.Dir(self)
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, nil
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return "", cli.Usagef("%s, the program that has this command, is neither in %s nor on PATH", back, dir).
		Or("install it beside hexc: `make build` makes both")
}
