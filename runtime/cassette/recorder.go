package cassette

import (
	"fmt"
	"io"
	"strconv"
	"sync"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// Recorder writes a cassette: JSON lines, UTF-8. The first line is the head, an
// object with cassette (the version), program {kind, name, hash}, run_id,
// started_at_ns, seed (hexadecimal), input and prices. Each further line is an
// exchange with call (the path of the step), attempt, request, value or failure,
// usage, at_ns, took_ns, and where there is such a thing model, finish_reason,
// stream and log; or a signal with signal (its key), id, payload, principal and
// at_ns. A field KEY_cbor holds in base64 what KEY would hold if JSON could. A
// field that is zero is left out.
//
// Lines come in the order in which exchanges ended. A Recorder is safe for
// concurrent use; after an error of the writer it writes nothing more, and Err
// tells.
type Recorder struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

// NewRecorder records one run to w, a line with each Write.
func NewRecorder(w io.Writer) *Recorder { return &Recorder{w: w} }

// Err is the first error.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *Recorder) line(o *value.Object, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return
	}
	var text []byte
	if err == nil {
		text, err = value.AppendJSON(nil, o.Value())
	}
	if err == nil {
		_, err = r.w.Write(append(text, '\n'))
	}
	if err != nil {
		r.err = fmt.Errorf("the recording is not complete: %w", err)
	}
}

// fields sets fields that are not zero.
type fields struct{ *value.Object }

func (f fields) text(key, s string) {
	if s != "" {
		f.Set(key, value.String(s))
	}
}

func (f fields) number(key string, n int64) {
	if n != 0 {
		f.Set(key, value.Int(n))
	}
}

func (f fields) flag(key string, b bool) {
	if b {
		f.Set(key, value.Bool(true))
	}
}

func (f fields) texts(key string, list []string) {
	if len(list) == 0 {
		return
	}
	items := make([]value.Value, len(list))
	for i, s := range list {
		items[i] = value.String(s)
	}
	f.Set(key, value.List(items))
}

// Begin writes the head. It comes first, and once.
func (r *Recorder) Begin(h Head) {
	o := fields{value.NewObject(8)}
	o.Set("cassette", value.Int(Version))
	p := fields{value.NewObject(3)}
	p.text("kind", h.Kind)
	p.text("name", h.Program)
	p.text("hash", h.Hash)
	o.Set("program", p.Value())
	o.text("run_id", h.Start.RunID)
	o.number("started_at_ns", h.At)
	o.text("seed", strconv.FormatUint(h.Start.Seed, 16))
	err := set(o.Object, "input", h.Start.Input)
	var prices []value.Value
	for _, x := range h.Start.Prices {
		price := fields{value.NewObject(4)}
		price.text("port", x.Port)
		price.text("model", x.Model)
		price.number("input", x.Input)
		price.number("output", x.Output)
		prices = append(prices, price.Value())
	}
	if len(prices) > 0 {
		o.Set("prices", value.List(prices))
	}
	r.line(o.Object, err)
}

// Exchange writes an exchange.
func (r *Recorder) Exchange(x *Exchange) {
	o := fields{value.NewObject(12)}
	o.text("call", x.Path)
	o.number("attempt", int64(x.Attempt))
	err := set(o.Object, "request", Plain(x.Request))
	if f := x.Outcome.Failure; f != nil {
		o.Set("failure", failure(f))
	} else if e := set(o.Object, "value", x.Outcome.Value); err == nil {
		err = e
	}
	o.Set("usage", usage(&x.Outcome.Usage))
	o.number("at_ns", int64(x.At))
	o.number("took_ns", int64(x.Took))
	o.text("model", x.Model)
	o.text("finish_reason", x.FinishReason)
	o.texts("stream", x.Deltas)
	o.texts("log", x.Lines)
	r.line(o.Object, err)
}

// Signal writes a signal.
func (r *Recorder) Signal(s *Signal) {
	o := fields{value.NewObject(5)}
	o.Set("signal", value.String(s.Signal.Key))
	o.text("id", s.Signal.ID)
	err := set(o.Object, "payload", s.Signal.Payload)
	o.text("principal", s.Signal.Principal)
	o.number("at_ns", int64(s.At))
	r.line(o.Object, err)
}

func failure(f *machine.Failure) value.Value {
	o := fields{value.NewObject(7)}
	o.text("code", string(f.Code))
	o.text("class", f.Class)
	o.text("message", f.Message)
	o.text("help", f.Help)
	o.flag("retryable", f.Retryable)
	o.flag("definite", f.Definite)
	o.number("retry_after_ns", f.RetryAfter)
	return o.Value()
}

func usage(u *machine.Usage) value.Value {
	o := fields{value.NewObject(8)}
	o.flag("known", u.Known)
	o.flag("unsent", u.Unsent)
	o.number("llm_calls", u.LLMCalls)
	o.number("tool_calls", u.ToolCalls)
	o.number("input_tokens", u.InputTokens)
	o.number("output_tokens", u.OutputTokens)
	o.number("cost_micro_usd", u.CostMicro)
	o.number("unknown", u.Unknown)
	return o.Value()
}
