package port

import (
	"context"

	"hexdag.dev/hexdag/lang/value"
)

// Notifier sends messages to people or programs: the ports notification and
// email.
type Notifier interface {
	Adapter
	// Notify sends one message. It must not retry by itself, and is called
	// concurrently.
	Notify(ctx context.Context, n *Notification) error
}

// Notification is one message.
type Notification struct {
	Call Call
	// To are the recipients, as the adapter writes them; nil for its own.
	To      []string
	Subject string
	Text    string
	// Data goes with it where the channel can carry it; Null for none.
	Data value.Value
}
