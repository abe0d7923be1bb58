//go:build !front

package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/machine"
)

// replayedRecord is one record in the JSON form of `runs replay`.
type replayedRecord struct {
	Seq    uint64        `json:"seq"`
	At     string        `json:"at"`
	Kind   string        `json:"kind"`
	Path   string        `json:"path,omitempty"`
	Events []event.Event `json:"events"`
}

// divergence is where a replay left the recorded run.
type divergence struct {
	Seq     uint64 `json:"seq"`
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

func runsReplayCommand(a *cli.App) *cobra.Command {
	var store string
	c := &cobra.Command{
		Use:   "replay RUN [FILE]",
		Short: "Apply the journal of a run again, without doing anything",
		Long: `replay feeds the journal of a run to the machine again and shows each record with
the events that followed from it. Nothing is called. After each record the state
is compared with the one that the run had: the first record after which they
differ is reported, with exit status 1.

With FILE the records are applied to that program in place of the run's own, which
tells whether a change of the program would have changed the run.`,
		Example: `  hexc runs replay 0198c5f2-8f7e-7cc0-a3d4-6a1d5f0a9b11
  hexc runs replay 0198c5f2-8f7e-7cc0-a3d4-6a1d5f0a9b11 pipeline.yaml --format json`,
		Args: cli.Args(1, 2, "a RUN and at most one FILE"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			var p *runtime.Program
			if len(args) == 2 {
				compiled, err := program(a, args[1])
				if err != nil {
					return err
				}
				if p, err = runtime.LoadIR(compiled); err != nil {
					return err
				}
			}
			s, r, err := storeRunner(c.Context(), store)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			records := []replayedRecord{}
			result, err := r.ReplayWith(c.Context(), args[0], p, func(x runtime.Replayed) error {
				rec := replayedRecord{x.Record.Seq, stamp(time.Unix(0, x.Record.Event.At)), x.Record.Event.Kind.String(), x.Path, x.Events}
				if a.Format == "json" {
					records = append(records, rec)
					return nil
				}
				return writeReplayed(a, &rec)
			})
			var diverged *machine.Divergence
			if err != nil && !errors.As(err, &diverged) {
				return unknownRun(err, args[0])
			}
			return reportReplay(a, args[0], records, result, diverged)
		},
	}
	storeFlag(c, &store)
	cli.FormatFlag(c, a, "human", "json")
	return c
}

func writeReplayed(a *cli.App, rec *replayedRecord) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%6d  %s  %s", rec.Seq, rec.At, rec.Kind)
	if rec.Path != "" {
		b.WriteString(" " + rec.Path)
	}
	b.WriteByte('\n')
	for _, e := range rec.Events {
		fmt.Fprintf(&b, "        %s", e.Type)
		if e.Process != "" {
			fmt.Fprintf(&b, " %s:", e.Process)
		}
		if e.Node != "" {
			b.WriteString(" " + e.Node)
		}
		b.WriteByte('\n')
	}
	_, err := a.Out.Write([]byte(b.String()))
	return err
}

func reportReplay(a *cli.App, run string, records []replayedRecord, result *runtime.Result, d *machine.Divergence) error {
	var where *divergence
	status := "diverged"
	if d != nil {
		where = &divergence{d.Seq, d.Kind.String(), d.Error()}
	} else {
		status = string(result.Status)
	}
	if a.Format == "json" {
		err := writeJSON(a.Out, struct {
			Version  int              `json:"version"`
			RunID    string           `json:"run_id"`
			Status   string           `json:"status"`
			Records  []replayedRecord `json:"records"`
			Diverged *divergence      `json:"diverged"`
		}{1, run, status, records, where})
		if err != nil {
			return err
		}
	}
	if d == nil {
		a.Note("the run replays as it was: %s", status)
		return nil
	}
	if a.Format != "json" {
		a.Problem(fmt.Errorf("the replay diverges: %w; the records before it agree", d))
	}
	return cli.Status(cli.Findings)
}
