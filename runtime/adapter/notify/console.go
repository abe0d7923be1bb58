// Package notify holds adapters that send messages: to the run's log, over SMTP,
// and to webhooks.
//
// Input: a port.Notification. Output: one message, or an error that says whether it
// may have been sent.
//
// Invariants: nothing is retried here; passwords and addresses with keys in them are
// in no error; a line of a message cannot become a header.
//
// The three hardest cases: line breaks in subjects and addresses; a mail server that
// cuts the connection after it took the message; one that offers no encryption when
// there is a password to give.
package notify

import (
	"context"
	"strings"

	"hexdag.dev/hexdag/runtime/port"
)

// ConsoleName is the canonical name of the adapter that writes to the run's log.
const ConsoleName = "console_notification"

// NewConsole is the port.Factory of the console. It has no settings.
func NewConsole(_ context.Context, spec port.Spec) (port.Adapter, error) {
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
