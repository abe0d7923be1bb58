//go:build !front

package main

import (
	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/logs"
)

// openLog is the log that the flags or else the program ask for; nil if neither
// does. p is nil where the program is not known.
func openLog(a *cli.App, o runOptions, p *ir.Program) (*logs.Log, error) {
	var c logs.Config
	wanted := false
	if p != nil {
		var err error
		if c, wanted, err = logs.Of(p); err != nil {
			return nil, err
		}
	}
	if o.logLevel != "" {
		level, err := logs.ParseLevel(o.logLevel)
		if err != nil {
			return nil, cli.Usagef("--log-level: %v", err)
		}
		c.Level, wanted = level, true
	}
	if o.logFormat != "" {
		format, err := logs.ParseFormat(o.logFormat)
		if err != nil {
			return nil, cli.Usagef("--log-format: %v", err)
		}
		c.Format, wanted = format, true
	}
	if !wanted {
		return nil, nil
	}
	c.Dir = a.Dir
	return logs.Open(c, a.Err)
}
