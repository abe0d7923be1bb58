package engine

import (
	"errors"
	"fmt"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// inboxInterval is how often a run that waits for an event looks for signals
// that other processes sent.
const inboxInterval = 250 * time.Millisecond

// EncodeSignal is the body of a signal for the journal.
func EncodeSignal(payload value.Value) ([]byte, error) {
	if payload.IsMissing() {
		payload = value.Null
	}
	body, err := value.AppendCBOR(nil, payload)
	if err != nil {
		return nil, fmt.Errorf("the data of the signal cannot be kept: %w", err)
	}
	return body, nil
}

// awaiting reports whether an event from outside can bring the run on.
func (r *run) awaiting() bool { return r.finish == nil && !r.draining && r.machine.Awaiting() }

// takeSignals applies the signals in the run's inbox.
func (r *run) takeSignals() error {
	list, err := r.Log.Inbox(r.effects)
	if err != nil {
		return err
	}
	for i := range list {
		s := &list[i]
		if r.taken[s.ID] || r.finish != nil {
			continue
		}
		if r.taken == nil {
			r.taken = map[string]bool{}
		}
		r.taken[s.ID] = true
		payload := value.Null
		if s.Body != nil {
			if payload, err = value.DecodeCBOR(s.Body); err != nil {
				return errors.New("the signal " + s.ID + " cannot be read: " + err.Error())
			}
		}
		r.nowTaken = append(r.nowTaken, s.ID)
		sig := &machine.Signal{ID: s.ID, Key: s.Key, Payload: r.Secrets.Redact(payload), Principal: s.Principal}
		r.tapeSignal(sig)
		r.step(machine.Event{Kind: machine.SignalArrived, Signal: sig})
		r.settleReturns()
	}
	return nil
}
