package sim

import (
	"fmt"

	"hexdag.dev/hexdag/runtime/machine"
)

// signal sends the event of a key, under an id of its own.
func (c *Chaos) signal(key string) *Violation {
	c.sent++
	s := machine.Signal{ID: fmt.Sprint("signal ", c.sent), Key: key, Payload: awaited(c.Seed, key), Principal: "test"}
	c.signals = append(c.signals, s)
	return c.apply(machine.Event{Kind: machine.SignalArrived, Signal: &s})
}

// signalAgain sends an event again under the id that it had.
func (c *Chaos) signalAgain() *Violation {
	s := c.signals[c.r.IntN(len(c.signals))]
	return c.apply(machine.Event{Kind: machine.SignalArrived, Signal: &s})
}
