//go:build !front

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/journal/sqlite"
)

func storeFlag(c *cobra.Command, store *string) {
	c.Flags().StringVar(store, "store", "", "the run store `FILE` (default: HEXDAG_STORE, else hexdag/runs.db under XDG_STATE_HOME or ~/.local/state)")
}

// openStore opens the run store that the flag names, or the environment, or the
// one of the user.
func openStore(ctx context.Context, path string) (journal.Store, error) {
	if path == "" {
		path = os.Getenv("HEXDAG_STORE")
	}
	if path == "" {
		state := os.Getenv("XDG_STATE_HOME")
		if !filepath.IsAbs(state) { // relative ones are to be ignored
			home, err := os.UserHomeDir()
			if err != nil {
				return nil, cli.Usagef("there is no place for the run store: %s", err.Error()).Or("name one with --store FILE")
			}
			state = filepath.Join(home, ".local", "state")
		}
		path = filepath.Join(state, "hexdag", "runs.db")
	}
	return sqlite.Open(context.WithoutCancel(ctx), path)
}

// storeRunner is the run store and a runner over it, for commands that need no
// adapters. The caller closes the store.
func storeRunner(ctx context.Context, path string) (journal.Store, *runtime.Runner, error) {
	s, err := openStore(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	r, err := runtime.New(runtime.Options{Journal: s})
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, r, nil
}
