// Package cassette records what the steps of a run asked of the world and what
// came back, so that the run can be played again without the world: without
// network, keys, or the functions that it called.
//
// Input: of a recording, the start of a run, its exchanges (one call of a model,
// a function, a port, with how it ended) and the signals that it took. Output:
// lines of JSON, see Recorder. Of a replay: such lines, and the requests of a run
// that goes the same way. Output: the recorded outcomes, or a *MissError at the
// first request that is not the recorded one.
//
// Invariants: an exchange belongs to a step of the run (its path) and to the
// number of times that the step asked, never to a moment or to the order among
// steps, so that a replay does not depend on timing; what comes in is recorded as
// it is, so whoever records removes secrets first, and references to secrets
// stay references; what is read back is equal to what was recorded, also where
// JSON has no form for it.
//
// The three hardest cases: values that JSON cannot carry (they are kept beside
// it); a request that differs somewhere deep inside of a long conversation (the
// error shows the place, not the conversation); a recording that its process did
// not finish (every whole line counts).
package cassette

import (
	"encoding/base64"
	"fmt"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// Version is the version of the format. A reader takes its own version only.
const Version = 1

// Head is how the recorded run began.
type Head struct {
	// Program, Kind and Hash are those of the program that was run.
	Program, Kind, Hash string
	// At is when the run started, in nanoseconds since 1970.
	At int64
	// Start is what it was started with.
	Start machine.Start
}

// Exchange is one request of a step and its outcome.
type Exchange struct {
	// Path names the step, Attempt counts its attempts from 1.
	Path    string
	Attempt int
	// Request is what was asked: an object.
	Request value.Value
	Outcome machine.Outcome
	// At is when the outcome came, after the start of the run; Took how long the
	// exchange lasted.
	At, Took time.Duration
	// Model and FinishReason are those of a model's answer.
	Model, FinishReason string
	// Deltas are the parts in which an answer was streamed, Lines what a function
	// wrote to its log.
	Deltas, Lines []string
}

// Signal is an event from outside that the run took.
type Signal struct {
	At     time.Duration // after the start of the run
	Signal machine.Signal
}

// Plain is v with a text in place of each reference to a secret: requests are
// compared and shown with it.
func Plain(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindSecret:
		parts, _ := v.SecretParts()
		text := ""
		for _, p := range parts {
			if p.Secret != "" {
				text += "[secret " + p.Secret + "]"
			} else {
				text += p.Text
			}
		}
		return value.String(text)
	case value.KindList, value.KindTuple, value.KindSet:
		items := v.Items()
		out := make([]value.Value, len(items))
		for i, item := range items {
			out[i] = Plain(item)
		}
		return value.List(out)
	case value.KindObject:
		o, _ := v.Object()
		out := value.NewObject(o.Len())
		for i := range o.Len() {
			k, x := o.At(i)
			if err := out.SetKey(Plain(k), Plain(x)); err != nil {
				return value.String(value.Repr(v)) // a key that is none: it cannot come up
			}
		}
		return out.Value()
	}
	return v
}

// exact is the suffix of fields that hold what JSON cannot, in base64.
const exact = "_cbor"

// set puts v into o, in a form that get reads back equal.
func set(o *value.Object, key string, v value.Value) error {
	if v.IsMissing() {
		return nil
	}
	body, err := value.AppendCBOR(nil, v)
	if err != nil {
		return err
	}
	if text, err := value.AppendJSON(nil, v); err == nil {
		if again, err := value.ParseJSON(text, value.JSONLimits{}); err == nil {
			if same, err := value.AppendCBOR(nil, again); err == nil && string(same) == string(body) {
				o.Set(key, v)
				return nil
			}
		}
	}
	o.Set(key+exact, value.String(base64.StdEncoding.EncodeToString(body)))
	return nil
}

// get reads what set wrote, Missing for nothing.
func get(o *value.Object, key string) (value.Value, error) {
	if v, ok := o.Get(key); ok {
		return v, nil
	}
	v, ok := o.Get(key + exact)
	if !ok {
		return value.Missing, nil
	}
	text, _ := v.AsString()
	body, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		v, err = value.DecodeCBOR(body)
	}
	if err != nil || text == "" {
		return value.Missing, fmt.Errorf("%s%s cannot be read", key, exact)
	}
	return v, nil
}
