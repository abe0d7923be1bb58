package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/ir"
)

func versionCommand(a *cli.App) *cobra.Command {
	c := &cobra.Command{
		Use:   "version",
		Short: "Show the version",
		Example: `  hexc version
  hexc version --format json`,
		Args: cli.Args(0, 0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			platform := runtime.GOOS + "/" + runtime.GOARCH
			if a.Format == "json" {
				enc := json.NewEncoder(a.Out)
				enc.SetIndent("", "  ")
				return enc.Encode(struct {
					Version   string `json:"version"`
					Commit    string `json:"commit"`
					Go        string `json:"go"`
					Platform  string `json:"platform"`
					IRVersion int    `json:"ir_version"`
				}{version(), commit(), runtime.Version(), platform, ir.Version})
			}
			text := "hexc " + version()
			if c := commit(); c != "" {
				text += " (" + c[:min(12, len(c))] + ")"
			}
			_, err := fmt.Fprintf(a.Out, "%s, IR %d, %s %s\n", text, ir.Version, runtime.Version(), platform)
			return err
		},
	}
	cli.FormatFlag(c, a, "human", "json")
	return c
}

// buildInfo is what Go knows about how the program was built. Reading it takes as
// long as half of the rest of a small command, so it is read only when asked for.
var buildInfo = sync.OnceValue(func() *debug.BuildInfo {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return &debug.BuildInfo{}
	}
	return info
})

// version is the version that the module was built as, "devel" for a build of a
// working copy that Go gave none.
func version() string {
	v := buildInfo().Main.Version
	if v == "" || v == "(devel)" {
		return "devel"
	}
	return strings.TrimPrefix(v, "v")
}

// commit is the commit that was built, "" if that is not known.
func commit() string {
	for _, s := range buildInfo().Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
