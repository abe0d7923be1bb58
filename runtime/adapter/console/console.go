// Package console is the adapter "console_notification" of the port notification: it
// writes messages to the run's log.
package console

import (
	"context"
	"strings"

	"hexdag.dev/hexdag/runtime/port"
)

// Name is the canonical name of the adapter that writes to the run's log.
const Name = "console_notification"

// New is the port.Factory of the console. It has no settings.
func New(_ context.Context, spec port.Spec) (port.Adapter, error) {
	return Console{}, port.ReadConfig(spec).Err()
}

// Console writes messages to the run's log.
type Console struct{}

// Class is port.Write.
func (Console) Class() port.Class { return port.Write }

// Notify writes one message, each of its lines as one of the log's.
func (Console) Notify(ctx context.Context, n *port.Notification) error {
	head := "notification"
	if len(n.To) > 0 {
		head += " to " + strings.Join(n.To, ", ")
	}
	if n.Subject != "" {
		head += ": " + n.Subject
	}
	port.Log(ctx, port.OneLine(head))
	for line := range strings.Lines(n.Text) {
		port.Log(ctx, "  "+strings.TrimRight(line, "\r\n"))
	}
	return nil
}
