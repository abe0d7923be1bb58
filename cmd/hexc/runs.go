//go:build !front

package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/journal"
)

func runsCommand(a *cli.App) *cobra.Command {
	c := cli.Group(&cobra.Command{
		Use:   runsUse,
		Short: runsShort,
		Example: `  hexc runs list
  hexc runs show 0198c5f2-8f7e-7cc0-a3d4-6a1d5f0a9b11
  hexc runs resume 0198c5f2-8f7e-7cc0-a3d4-6a1d5f0a9b11`,
	})
	c.AddCommand(runsListCommand(a), runsShowCommand(a), runsResumeCommand(a), runsCancelCommand(a), runsSignalCommand(a), runsReplayCommand(a))
	return c
}

// listedRun is one run in the JSON form of `runs list`.
type listedRun struct {
	RunID     string `json:"run_id"`
	Program   string `json:"program"`
	Kind      string `json:"kind"`
	Status    string `json:"status"`
	StartedAt string `json:"started_at"`
	EndedAt   string `json:"ended_at,omitempty"`
	WakeAt    string `json:"wake_at,omitempty"`
}

func runsListCommand(a *cli.App) *cobra.Command {
	var store, status, name string
	var limit int
	c := &cobra.Command{
		Use:   "list",
		Short: "List runs, the newest first",
		Example: `  hexc runs list
  hexc runs list --status suspended
  hexc runs list --format json --store runs.db`,
		Args: cli.Args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 {
				return cli.Usagef("--limit %d lists nothing", limit).Or("it is a number from 1")
			}
			s, err := openStore(c.Context(), store)
			if err != nil {
				return err
			}
			runs, err := s.List(c.Context(), journal.Filter{Status: journal.Status(status), Program: name, Limit: limit})
			if err = errors.Join(err, s.Close()); err != nil {
				return err
			}
			return writeRuns(a, runs)
		},
	}
	cli.Choice(c.Flags(), &status, "status", "", "only runs with this status", "running", "suspended", "completed", "failed", "cancelled")
	c.Flags().StringVar(&name, "program", "", "only runs of the program `NAME`")
	c.Flags().IntVar(&limit, "limit", 100, "list at most `N` runs")
	storeFlag(c, &store)
	cli.FormatFlag(c, a, "human", "json")
	return c
}

func writeRuns(a *cli.App, runs []journal.Run) error {
	if a.Format == "json" {
		list := make([]listedRun, 0, len(runs))
		for _, r := range runs {
			list = append(list, listedRun{r.ID, r.Program, r.Kind, string(r.Status), stamp(r.Started), stamp(r.Ended), stamp(r.WakeAt)})
		}
		return writeJSON(a.Out, struct {
			Version int         `json:"version"`
			Runs    []listedRun `json:"runs"`
		}{1, list})
	}
	if len(runs) == 0 {
		a.Note("no runs")
		return nil
	}
	w := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RUN\tPROGRAM\tSTATUS\tSTARTED")
	for _, r := range runs {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Program, r.Status, r.Started.Local().Format(time.DateTime))
	}
	return w.Flush()
}

// stamp is a time in RFC 3339, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func runsShowCommand(a *cli.App) *cobra.Command {
	var store string
	c := &cobra.Command{
		Use:     "show RUN",
		Short:   "Show what is known about a run, as JSON",
		Example: `  hexc runs show 0198c5f2-8f7e-7cc0-a3d4-6a1d5f0a9b11`,
		Args:    cli.Args(1, 1, "one RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := openStore(c.Context(), store)
			if err != nil {
				return err
			}
			info, document, err := s.Get(c.Context(), args[0])
			if err = errors.Join(err, s.Close()); err != nil {
				return unknownRun(err, args[0])
			}
			if document == nil {
				// It has no document before it has stopped once.
				return writeJSON(a.Out, struct {
					Version   int               `json:"version"`
					RunID     string            `json:"run_id"`
					Program   map[string]string `json:"program"`
					Status    string            `json:"status"`
					StartedAt string            `json:"started_at"`
				}{1, info.ID, map[string]string{"kind": info.Kind, "name": info.Program, "hash": info.IRHash}, string(info.Status), stamp(info.Started)})
			}
			v, err := value.ParseJSON(document, value.JSONLimits{})
			if err != nil {
				return err
			}
			return writeValue(a, v, false)
		},
	}
	storeFlag(c, &store)
	cli.FormatFlag(c, a, "json")
	return c
}

// unknownRun gives an error about a run its name and a way out.
func unknownRun(err error, run string) error {
	if errors.Is(err, journal.ErrNotFound) {
		return cli.Usagef("there is no run %q in the run store", run).Or("`hexc runs list` lists them; --store names another store")
	}
	return err
}

func runsResumeCommand(a *cli.App) *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:     "resume RUN",
		Short:   "Go on with a run, as `hexc run --resume` does",
		Example: `  hexc runs resume 0198c5f2-8f7e-7cc0-a3d4-6a1d5f0a9b11`,
		Args:    cli.Args(1, 1, "one RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			a.Graceful.Store(true)
			o.resume = args[0]
			return resume(c.Context(), a, o, nil)
		},
	}
	c.Flags().StringVar(&o.events, "events", "", "write what happens to `FILE` as JSON lines, - for standard output")
	storeFlag(c, &o.store)
	cli.FormatFlag(c, a, "human", "json")
	return c
}

func runsCancelCommand(a *cli.App) *cobra.Command {
	var store, reason string
	c := &cobra.Command{
		Use:     "cancel RUN",
		Short:   "Cancel a run that is suspended, or whose process died",
		Example: `  hexc runs cancel 0198c5f2-8f7e-7cc0-a3d4-6a1d5f0a9b11 --reason "not needed any more"`,
		Args:    cli.Args(1, 1, "one RUN"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			s, r, err := storeRunner(c.Context(), store)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			result, err := r.Cancel(c.Context(), args[0], "operator", reason)
			if err != nil {
				return unknownRun(err, args[0])
			}
			a.Note("%s", summary(result))
			if a.Format == "json" {
				return writeValue(a, runDocument(a, result), false)
			}
			return nil
		},
	}
	c.Flags().StringVar(&reason, "reason", "cancelled on the command line", "why, for the run's result")
	storeFlag(c, &store)
	cli.FormatFlag(c, a, "human", "json")
	return c
}
