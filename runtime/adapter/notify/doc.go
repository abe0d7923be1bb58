// Package notify holds adapters that send messages over SMTP and to webhooks.
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
