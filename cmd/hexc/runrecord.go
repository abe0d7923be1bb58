//go:build !front

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/cassette"
	"hexdag.dev/hexdag/runtime/journal"
)

// record does a run and writes its cassette. The file is for its owner only: a
// recording holds what models were asked and what they answered.
func record(ctx context.Context, a *cli.App, o runOptions, p *runtime.Program, input value.Value, over runtime.Overrides) (err error) {
	f, err := os.OpenFile(o.record, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return drive(ctx, a, o, func(ctx context.Context, r *runtime.Runner) (*runtime.Result, error) {
		return r.Record(ctx, p, input, over, f)
	})
}

// playBack does a run with the outcomes of a cassette.
func playBack(ctx context.Context, a *cli.App, o runOptions, p *runtime.Program, input value.Value, over runtime.Overrides) error {
	f, err := os.Open(o.replay)
	if err != nil {
		return err
	}
	tape, err := cassette.Read(bufio.NewReader(f))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", o.replay, err)
	}
	err = driveIn(ctx, a, o, journal.NewMemory(), func(ctx context.Context, r *runtime.Runner) (*runtime.Result, error) {
		return r.PlayBack(ctx, p, input, over, tape)
	})
	if miss := (*cassette.MissError)(nil); errors.As(err, &miss) {
		a.Problem(miss)
		return cli.Status(cli.Findings)
	}
	return err
}
