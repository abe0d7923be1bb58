//go:build !front

package main

import (
	"errors"

	"github.com/spf13/cobra"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
)

func runsSignalCommand(a *cli.App) *cobra.Command {
	var store, data, id string
	c := &cobra.Command{
		Use:   "signal RUN KEY",
		Short: "Send an event to a run that waits for it",
		Long: `signal gives a run the event with the key KEY, as a wait_node names it. The data
becomes the result of that node. A run that another process runs goes on at once;
a suspended one does when it is resumed. An event that comes before its wait is
kept. Sending an event again under the same --id changes nothing.`,
		Example: `  hexc runs signal 0198c5f2-8f7e-7cc0-a3d4-6a1d5f0a9b11 approval:42 --data '{"approved": true}'
  hexc runs signal 0198c5f2-8f7e-7cc0-a3d4-6a1d5f0a9b11 approval:42 --data @event.json --id mail-7`,
		Args: cli.Args(2, 2, "a RUN and a KEY"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if args[1] == "" {
				return cli.Usagef("the key of the event is empty").Or("it is what the wait_node's event_key gives")
			}
			payload := value.Null
			if data != "" {
				if payload, err = inputDocument(a, "--data", data); err != nil {
					return err
				}
			}
			s, r, err := storeRunner(c.Context(), store)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			dup, err := r.Signal(c.Context(), args[0], machine.Signal{ID: id, Key: args[1], Payload: payload, Principal: "operator"})
			if err != nil {
				return unknownRun(err, args[0])
			}
			if dup {
				a.Note("the run has got a signal with the id %q before; nothing was done", id)
				return nil
			}
			info, _, err := s.Get(c.Context(), args[0])
			if err != nil {
				return err
			}
			if info.Status == journal.Suspended {
				a.Note("sent; the run is suspended, go on with `hexc runs resume %s`", args[0])
				return nil
			}
			a.Note("sent")
			return nil
		},
	}
	c.Flags().StringVar(&data, "data", "", "the event's data: `JSON`, @FILE, or - for standard input")
	c.Flags().StringVar(&id, "id", "", "an `ID` under which the event is delivered once")
	storeFlag(c, &store)
	return c
}
