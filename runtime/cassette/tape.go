package cassette

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// MaxLine bounds one line of a cassette, in bytes.
const MaxLine = 256 << 20

// Tape is a cassette that was read, for one replay. It is used by one goroutine.
type Tape struct {
	Head    Head
	Signals []Signal // in the order in which they were taken

	exchanges []Exchange
	byPath    map[string][]int // numbers of exchanges that were not played yet
	played    int
}

// Read reads a cassette. A last line without an end is left out: its process was
// interrupted while it wrote it.
func Read(r io.Reader) (*Tape, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	t := &Tape{byPath: map[string][]int{}}
	for n := 1; ; n++ {
		line, err := readLine(in)
		if errors.Is(err, io.EOF) {
			if n == 1 {
				return nil, errors.New("the cassette has no whole line; record it again")
			}
			return t, nil
		}
		if err == nil {
			err = t.line(n, line)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d of the cassette: %w; record it again", n, err)
		}
	}
}

// readLine is the next whole line.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > MaxLine {
			return nil, fmt.Errorf("it has more than %d MiB", MaxLine>>20)
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimRight(line, "\r\n"), err
		}
	}
}

func (t *Tape) line(n int, text []byte) error {
	v, err := value.ParseJSON(text, value.JSONLimits{MaxItems: 1 << 26})
	if err != nil {
		return err
	}
	obj, ok := v.Object()
	if !ok {
		return fmt.Errorf("it is a %s, not an object", v.TypeName())
	}
	o := reader{Object: obj}
	switch {
	case n == 1:
		if v := o.number("cassette"); v != Version {
			if v == 0 {
				return errors.New("it is no cassette")
			}
			return fmt.Errorf("it is of version %d, and this program reads version %d", v, Version)
		}
		t.head(&o)
	case o.has("signal"):
		t.Signals = append(t.Signals, Signal{At: time.Duration(o.number("at_ns")), Signal: machine.Signal{
			Key: o.text("signal"), ID: o.text("id"), Payload: orNull(o.value("payload")), Principal: o.text("principal"),
		}})
	case o.has("call"):
		t.exchange(&o)
	default:
		return errors.New("it is neither a call nor a signal")
	}
	return o.err
}

func (t *Tape) head(o *reader) {
	p := o.object("program")
	h := &t.Head
	h.Kind, h.Program, h.Hash = p.text("kind"), p.text("name"), p.text("hash")
	h.At = o.number("started_at_ns")
	seed, err := strconv.ParseUint(o.text("seed"), 16, 64)
	if err != nil {
		o.fail("seed")
	}
	h.Start = machine.Start{RunID: o.text("run_id"), Seed: seed, Input: orNull(o.value("input")), IRHash: h.Hash}
	for _, x := range o.items("prices") {
		price, ok := x.Object()
		if !ok {
			o.fail("prices")
			return
		}
		r := reader{Object: price}
		h.Start.Prices = append(h.Start.Prices, machine.Price{Port: r.text("port"), Model: r.text("model"), Input: r.number("input"), Output: r.number("output")})
		o.take(&r)
	}
	o.take(&p)
}

func (t *Tape) exchange(o *reader) {
	x := Exchange{
		Path: o.text("call"), Attempt: int(o.number("attempt")), Request: o.value("request"),
		At: time.Duration(o.number("at_ns")), Took: time.Duration(o.number("took_ns")),
		Model: o.text("model"), FinishReason: o.text("finish_reason"),
		Deltas: o.texts("stream"), Lines: o.texts("log"),
	}
	x.Outcome.Value = orNull(o.value("value"))
	if o.has("failure") {
		f := o.object("failure")
		x.Outcome.Failure = &machine.Failure{
			Code: diag.Code(f.text("code")), Class: f.text("class"), Message: f.text("message"), Help: f.text("help"),
			Retryable: f.flag("retryable"), Definite: f.flag("definite"), RetryAfter: f.number("retry_after_ns"),
			Place: ir.Place{File: -1},
		}
		o.take(&f)
	}
	u := o.object("usage")
	x.Outcome.Usage = machine.Usage{
		Known: u.flag("known"), Unsent: u.flag("unsent"), LLMCalls: u.number("llm_calls"), ToolCalls: u.number("tool_calls"),
		InputTokens: u.number("input_tokens"), OutputTokens: u.number("output_tokens"), CostMicro: u.number("cost_micro_usd"),
		Unknown: u.number("unknown"),
	}
	o.take(&u)
	t.byPath[x.Path] = append(t.byPath[x.Path], len(t.exchanges))
	t.exchanges = append(t.exchanges, x)
}

func orNull(v value.Value) value.Value {
	if v.IsMissing() {
		return value.Null
	}
	return v
}

// reader reads fields of an object and keeps the first that is not what it must
// be.
type reader struct {
	*value.Object
	err error
}

func (r *reader) fail(key string) {
	if r.err == nil {
		r.err = fmt.Errorf("its field %q cannot be read", key)
	}
}

func (r *reader) take(inner *reader) {
	if r.err == nil {
		r.err = inner.err
	}
}

func (r *reader) has(key string) bool { _, ok := r.Get(key); return ok }

func (r *reader) text(key string) string {
	v, ok := r.Get(key)
	s, isText := v.AsString()
	if ok && !isText {
		r.fail(key)
	}
	return s
}

func (r *reader) number(key string) int64 {
	v, ok := r.Get(key)
	n, isInt := v.AsInt()
	if ok && !isInt {
		r.fail(key)
	}
	return n
}

func (r *reader) flag(key string) bool {
	v, ok := r.Get(key)
	b, isBool := v.AsBool()
	if ok && !isBool {
		r.fail(key)
	}
	return b
}

func (r *reader) items(key string) []value.Value {
	v, ok := r.Get(key)
	if ok && v.Kind() != value.KindList {
		r.fail(key)
		return nil
	}
	return v.Items()
}

func (r *reader) texts(key string) (list []string) {
	for _, v := range r.items(key) {
		s, ok := v.AsString()
		if !ok {
			r.fail(key)
		}
		list = append(list, s)
	}
	return list
}

func (r *reader) object(key string) reader {
	v, _ := r.Get(key)
	o, ok := v.Object()
	if !ok {
		r.fail(key)
		o = value.NewObject(0)
	}
	return reader{Object: o}
}

func (r *reader) value(key string) value.Value {
	v, err := get(r.Object, key)
	if err != nil && r.err == nil {
		r.err = err
	}
	return v
}
