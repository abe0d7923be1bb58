package expr

import "hexdag.dev/hexdag/lang/value"

// Bounds of a Meter whose own are 0.
const (
	DefaultMaxSteps = 5_000_000
	DefaultMaxBytes = 256 << 20
	DefaultMaxText  = 16 << 20
	// maxValueDepth bounds the nesting of values that an evaluation makes.
	maxValueDepth = 1000
)

// Meter bounds and counts the work of evaluations. It is not safe for
// concurrent use, nor copied after its first use; several evaluations one after
// the other may share one, and then share its bounds and its memory. The zero
// Meter has the default bounds.
type Meter struct {
	_ noCopy
	// Steps counts operations, items of loops, and the size of long texts,
	// lists and numbers; a million take about a tenth of a second.
	Steps, MaxSteps int64
	// Bytes counts the memory of all values made, in bytes, whether they are
	// still in use or not.
	Bytes, MaxBytes int64
	// MaxText bounds the text of a template, in bytes.
	MaxText int

	spare *frame // of the last evaluation, for the next one
	used  bool   // a Meter for one evaluation alone keeps none
}

// Reset takes the counts back to zero and keeps the bounds and the memory, so that
// one Meter serves any number of evaluations, each with bounds of its own.
func (m *Meter) Reset() { m.Steps, m.Bytes = 0, 0 }

// noCopy makes go vet report copies.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

func (m *Meter) maxSteps() int64 {
	if m.MaxSteps > 0 {
		return m.MaxSteps
	}
	return DefaultMaxSteps
}

func (m *Meter) maxBytes() int64 {
	if m.MaxBytes > 0 {
		return m.MaxBytes
	}
	return DefaultMaxBytes
}

func (m *Meter) maxText() int {
	if m.MaxText > 0 {
		return m.MaxText
	}
	return DefaultMaxText
}

// spend counts n steps of the sub-expression at.
func (fr *frame) spend(n int64, at Node) *EvalError {
	if fr.steps += n; fr.steps > fr.maxSteps || n > fr.maxSteps {
		return fr.tooManySteps(at)
	}
	return nil
}

func (fr *frame) tooManySteps(at Node) *EvalError {
	return evalErrorf(ErrLimit, at, "work on fewer items, or do the work in a function_node", "the evaluation takes more than %d steps", fr.maxSteps)
}

// made counts n bytes of a new value, and the steps of writing them.
func (fr *frame) made(n int64, at Node) *EvalError {
	if n < 0 {
		n = 0
	}
	fr.bytes += n
	if fr.bytes > fr.maxBytes {
		return evalErrorf(ErrLimit, at, "work on fewer or smaller items", "the evaluation needs more than %d MiB", fr.maxBytes>>20)
	}
	return fr.spend(n>>6, at)
}

// product counts a value that an operation made: its own size, not that of the
// items that it shares with others.
func (fr *frame) product(v value.Value, at Node) *EvalError {
	if v.IsScalar() {
		return nil
	}
	var n int64
	switch v.Kind() {
	case value.KindString:
		s, _ := v.AsString()
		n = int64(len(s))
	case value.KindList, value.KindTuple, value.KindSet:
		n = 24 * int64(len(v.Items()))
	case value.KindObject:
		o, _ := v.Object()
		n = 56 * int64(o.Len())
	case value.KindInt:
		n = v.Size() - 24 // big ones
		if n > 64 {
			n *= 8 // multiplying them is not linear
		}
	}
	if n < 64 {
		return nil
	}
	if v.Depth() > maxValueDepth {
		return evalErrorf(ErrLimit, at, "", "the value is nested more than %d levels deep", maxValueDepth)
	}
	return fr.made(n, at)
}

// whole pays for an operation that looks at all of v: prints, compares or hashes
// it. Parts that v holds more than once count each time, as they cost each time.
func (fr *frame) whole(v value.Value, at Node) *EvalError {
	if v.IsScalar() {
		return nil
	}
	if n := v.Size() >> 7; n > 0 {
		return fr.spend(n, at)
	}
	return nil
}

// noSecret refuses a value that would become part of a text and has a secret in
// it; it pays for looking.
func (fr *frame) noSecret(v value.Value, at Node) *EvalError {
	if v.Depth() == 0 && v.Kind() != value.KindSecret {
		return nil
	}
	if err := fr.whole(v, at); err != nil {
		return err
	}
	if HoldsSecret(v) {
		return evalErrorf(ErrSecret, at, "pass the secret on as a whole value, or put it into a template by itself: Bearer {{ key }}", "a secret cannot become part of a text here")
	}
	return nil
}
