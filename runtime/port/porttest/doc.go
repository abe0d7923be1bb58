// Package porttest holds the tests that every adapter of a port must pass: one
// function for each type of port, as package journaltest does for journals.
//
// An adapter's own test calls the function with what makes an adapter, and, for
// services, with what the service sends on the wire: the tests speak the real
// protocol against a server on the loopback interface.
package porttest
