package cassette_test

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/cassette"
	"hexdag.dev/hexdag/runtime/machine"
)

func object(pairs ...any) value.Value {
	o := value.NewObject(len(pairs) / 2)
	for i := 0; i < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1].(value.Value))
	}
	return o.Value()
}

func recordOf(t *testing.T, exchanges ...cassette.Exchange) []byte {
	t.Helper()
	var b bytes.Buffer
	r := cassette.NewRecorder(&b)
	r.Begin(cassette.Head{Program: "p", Kind: "Pipeline", Hash: "sha256:1", At: 7, Start: machine.Start{
		RunID: "r", Seed: math.MaxUint64, Input: object("a", value.Int(1)), IRHash: "sha256:1",
		Prices: []machine.Price{{Model: "m", Input: 3}},
	}})
	for i := range exchanges {
		r.Exchange(&exchanges[i])
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return b.Bytes()
}

func read(t *testing.T, data []byte) *cassette.Tape {
	t.Helper()
	tape, err := cassette.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return tape
}

func TestWhatIsRecordedIsReadBack(t *testing.T) {
	odd := value.List([]value.Value{value.Float(math.Inf(1)), value.Tuple([]value.Value{value.Int(1)}), value.Float(1), value.String("\x00é\"")})
	x := cassette.Exchange{
		Path: "a[1]/b#2", Attempt: 2, Request: object("port", value.String("llm"), "n", odd),
		Outcome: machine.Outcome{Value: odd, Usage: machine.Usage{Known: true, InputTokens: 3, CostMicro: 4}},
		At:      time.Second, Took: time.Millisecond, Model: "m", FinishReason: "stop",
		Deltas: []string{"a", ""}, Lines: []string{"l"},
	}
	failed := cassette.Exchange{Path: "c#1", Attempt: 1, Request: object(), Outcome: machine.Outcome{Value: value.Null, Failure: &machine.Failure{
		Code: "HX1008", Class: "network", Message: "cut", Help: "try", Retryable: true, Definite: true, RetryAfter: 5, Place: ir.Place{File: -1},
	}}}
	tape := read(t, recordOf(t, x, failed))
	if h := tape.Head; h.Program != "p" || h.At != 7 || h.Start.Seed != math.MaxUint64 || h.Start.RunID != "r" || len(h.Start.Prices) != 1 || !value.Equal(h.Start.Input, object("a", value.Int(1))) {
		t.Errorf("the head is %+v", h)
	}
	got, err := tape.Next("a[1]/b#2", x.Request)
	if err != nil {
		t.Fatal(err)
	}
	if value.Digest(got.Outcome.Value) != value.Digest(odd) {
		t.Errorf("the value is %s", value.Repr(got.Outcome.Value))
	}
	same := *got
	same.Outcome.Value, same.Request = x.Outcome.Value, x.Request
	if !reflect.DeepEqual(same, x) {
		t.Errorf("the exchange is\n%+v, not\n%+v", same, x)
	}
	if n, first := tape.Left(); n != 1 || first != "c#1" {
		t.Errorf("%d are left, first %q", n, first)
	}
	if got, err = tape.Next("c#1", object()); err != nil || !reflect.DeepEqual(got.Outcome.Failure, failed.Outcome.Failure) {
		t.Errorf("the failure is %+v, %v", got, err)
	}
	if n, _ := tape.Left(); n != 0 {
		t.Errorf("%d are left", n)
	}
}

func TestReferencesToSecretsAreNames(t *testing.T) {
	request := object("key", value.Secret("KEY"), "list", value.List([]value.Value{value.SecretText([]value.SecretPart{{Text: "Bearer "}, {Secret: "KEY"}})}))
	data := recordOf(t, cassette.Exchange{Path: "a#1", Request: request})
	if !bytes.Contains(data, []byte(`"key":"[secret KEY]","list":["Bearer [secret KEY]"]`)) {
		t.Errorf("the recording is %s", data)
	}
	if _, err := read(t, data).Next("a#1", request); err != nil {
		t.Error(err)
	}
}

func TestMisses(t *testing.T) {
	long := strings.Repeat("äöü ", 1000)
	recorded := object("text", value.String(long+"one"), "items", value.List([]value.Value{value.Int(1), value.Int(2)}), "gone", value.Bool(true))
	for name, x := range map[string]struct {
		request value.Value
		want    []string
	}{
		"deep in a long text": {object("text", value.String(long+"two"), "items", value.List([]value.Value{value.Int(1), value.Int(2)}), "gone", value.Bool(true)), []string{`text was "…äöü äöü äöü one"`, `and is "…`, `two"`}},
		"lists and fields":    {object("text", value.String(long+"one"), "items", value.List([]value.Value{value.Int(5)})), []string{"items[0] was 1 and is 5", "items had 2 items and has 1", "gone was true and is not there"}},
		"order":               {object("items", value.List([]value.Value{value.Int(1), value.Int(2)}), "text", value.String(long+"one"), "gone", value.Bool(true)), []string{"the request has its fields in another order"}},
		"another kind":        {value.Int(3), []string{"the request was {"}},
	} {
		_, err := read(t, recordOf(t, cassette.Exchange{Path: "a#1", Request: recorded})).Next("a#1", x.request)
		var miss *cassette.MissError
		if !errors.As(err, &miss) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range x.want {
			if !strings.Contains(err.Error(), want) || len(err.Error()) > 600 {
				t.Errorf("%s: the error is %q, want %q", name, err, want)
			}
		}
	}
	tape := read(t, recordOf(t, cassette.Exchange{Path: "a#1", Request: recorded}))
	if _, err := tape.Next("a#1", recorded); err != nil {
		t.Fatal(err)
	}
	if _, err := tape.Next("a#1", recorded); err == nil || !strings.Contains(err.Error(), "less often") {
		t.Errorf("asking again gives %v", err)
	}
	if _, err := tape.Next("b#1", recorded); err == nil || !strings.Contains(err.Error(), "did not make") {
		t.Errorf("asking what was not asked gives %v", err)
	}
}

func TestUnreadableCassettes(t *testing.T) {
	good := string(recordOf(t, cassette.Exchange{Path: "a#1", Request: object()}))
	head, _, _ := strings.Cut(good, "\n")
	for text, want := range map[string]string{
		"":                       "no whole line",
		"{}":                     "no whole line",
		"x\n":                    "line 1",
		"[]\n":                   "it is a list",
		"{}\n":                   "no cassette",
		`{"cassette": 2}` + "\n": "version 2",
		strings.Replace(head, "ff", "xx", 1) + "\n": `"seed"`,
		head + "\n{}\n":                                                            "line 2 of the cassette: it is neither a call nor a signal",
		head + "\n" + `{"call": 1}` + "\n":                                         `"call"`,
		head + "\n" + `{"call": "a", "usage": 3}` + "\n":                           `"usage"`,
		head + "\n" + `{"call": "a", "usage": {}, "value_cbor": "!"}` + "\n":       "value_cbor",
		head + "\n" + `{"call": "a", "usage": {}, "stream": [1]}` + "\n":           `"stream"`,
		head + "\n" + `{"signal": "a", "at_ns": "x"}` + "\n":                       `"at_ns"`,
		head + "\n" + `{"call": "a", "usage": {}, "failure": {"class": 1}}` + "\n": `"class"`,
	} {
		if _, err := cassette.Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q gives %v, want %s", text, err, want)
		}
	}
	// A process that was killed while it wrote leaves whole lines and the rest of one.
	if tape := read(t, []byte(good+`{"call": "b#`)); tape.Head.Program != "p" {
		t.Error("the whole lines do not count")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestARecordingThatCannotBeWrittenSaysSo(t *testing.T) {
	r := cassette.NewRecorder(full{})
	r.Begin(cassette.Head{})
	r.Exchange(&cassette.Exchange{})
	if err := r.Err(); err == nil || !strings.Contains(err.Error(), "not complete: the disk is full") {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"cassette":1,"program":{},"seed":"1"}` + "\n" + `{"call":"a","request":{},"usage":{}}` + "\n"))
	f.Add([]byte(`{"cassette":1,"program":{},"seed":"1","prices":[{}],"input_cbor":"2mhk"}` + "\n" + `{"signal":"a"}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		tape, err := cassette.Read(bytes.NewReader(data))
		if err == nil {
			_, _ = tape.Next("a", value.Null)
			tape.Left()
		}
	})
}
