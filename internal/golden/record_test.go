package golden

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/cassette"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// timing is what may differ between a run and its replay.
var timing = regexp.MustCompile(`"(duration_ms|time|delay_ms)": ?("[^"]*"|[0-9.e+-]+)`)

// watched is a run with its events, as text without times.
type watched struct{ bytes.Buffer }

func (w *watched) Lossless() {}

func (w *watched) Observe(e event.Event) {
	line, err := e.AppendJSON(nil)
	if err != nil {
		line = []byte(err.Error())
	}
	w.Write(append(timing.ReplaceAll(line, []byte(`"$1":0`)), '\n'))
}

// inOrder are the events of the history as they came, then those of the moment,
// which stand at no fixed place among the others, sorted.
func (w *watched) inOrder() string {
	var history, moments []string
	for line := range strings.Lines(w.String()) {
		if strings.HasPrefix(line, `{"seq":0,`) {
			moments = append(moments, line)
		} else {
			history = append(history, line)
		}
	}
	slices.Sort(moments)
	return strings.Join(append(history, moments...), "")
}

func documentOf(t *testing.T, r *runtime.Result) string {
	t.Helper()
	text, err := r.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(timing.ReplaceAll(text, []byte(`"$1":0`)))
}

// recordAndPlay records a run under o and plays it back where there are no
// adapters and no functions at all, and expects the same document and the
// same events. It returns the recording.
func recordAndPlay(t *testing.T, o runtime.Options, p *runtime.Program, input value.Value) []byte {
	t.Helper()
	var live, again watched
	o.Observers = []event.Observer{&live}
	o.NewID = func() string { return "recorded-run" }
	r, err := runtime.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var tape bytes.Buffer
	first, err := r.Record(ctx, p, input, runtime.Overrides{}, &tape)
	if err != nil {
		t.Fatal(err)
	}
	if first.Warning != nil {
		t.Error(first.Warning)
	}
	recorded := bytes.Clone(tape.Bytes())
	read, err := cassette.Read(&tape)
	if err != nil {
		t.Fatal(err)
	}
	player, err := runtime.New(runtime.Options{Registry: new(port.Registry), Secrets: noSecrets{}, Observers: []event.Observer{&again}})
	if err != nil {
		t.Fatal(err)
	}
	second, err := player.PlayBack(ctx, p, value.Missing, runtime.Overrides{}, read)
	if err != nil {
		t.Fatalf("%v\n%s", err, recorded)
	}
	if second.Warning != nil {
		t.Error(second.Warning)
	}
	if a, b := documentOf(t, first), documentOf(t, second); a != b {
		t.Errorf("the run is\n%s\nand its replay\n%s\nfrom\n%s", a, b, recorded)
	}
	if a, b := live.inOrder(), again.inOrder(); a != b {
		t.Errorf("the events are\n%s\nand those of the replay\n%s", a, b)
	}
	return recorded
}

// TestGoldenRunsPlayBack records each run of the golden archives and plays it
// back.
func TestGoldenRunsPlayBack(t *testing.T) {
	archives, err := filepath.Glob("../../testdata/golden/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no golden archives: %v", err)
	}
	played := 0
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		for _, f := range a.Files {
			files[f.Name] = f.Data
		}
		if files["run.json"] == nil {
			continue
		}
		played++
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			dir := t.TempDir()
			for name, data := range files {
				path := filepath.Join(dir, name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			env := map[string]string{}
			if text := files["environment.json"]; text != nil {
				if err := json.Unmarshal(text, &env); err != nil {
					t.Fatal(err)
				}
			}
			w, err := compile.New(compile.Options{Root: dir, Dir: dir, Lookup: func(name string) (string, bool) { v, ok := env[name]; return v, ok }})
			if err != nil {
				t.Fatal(err)
			}
			p, _, err := w.Build(filepath.Join(dir, "manifest.yaml"), "")
			if err != nil || p == nil {
				t.Fatal(err)
			}
			loaded, err := runtime.LoadIR(p)
			if err != nil {
				t.Fatal(err)
			}
			recordAndPlay(t, runtime.Options{}, loaded, object(t, string(files["input.json"])))
		})
	}
	if played < 8 {
		t.Errorf("only %d archives have a run", played)
	}
}

const recordable = `
kind: Pipeline
metadata: {name: p}
spec:
  input_schema: {id: int}
  ports:
    llm: {adapter: mock_llm}
  nodes:
    - kind: llm_node
      metadata: {name: ask}
      spec: {human_message: "What is {{ id }}?", stream: true, max_retries: 3, retry_delay: 20ms}
    - kind: function_node
      metadata: {name: odd}
      spec: {fn: go:odd}
    - kind: function_node
      metadata: {name: fails}
      spec: {fn: go:fails, on_error: mend}
    - kind: expression_node
      metadata: {name: mend}
      spec: {expressions: {why: $error.message}}
    - kind: wait_node
      metadata: {name: answer}
      spec: {event_key: "reply:{{ $input.id }}", timeout: 1h}
      dependencies: [ask]
    - kind: expression_node
      metadata: {name: end}
      spec: {expressions: {every: "[ask, answer, mend.why]"}}
  output: {every: end.every, odd: odd}
`

// flaky is a language model that is busy at first, and streams.
type flaky struct{ asked atomic.Int32 }

func (*flaky) Class() port.Class { return port.Write }

func (f *flaky) Generate(_ context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	if f.asked.Add(1) == 1 {
		return nil, &port.Error{Class: port.ClassRateLimit, Message: "too busy", Retryable: true, Definite: true}
	}
	req.Stream("mostly ")
	req.Stream("harmless")
	return &port.LLMResponse{Text: "mostly harmless", Model: "flaky-1", FinishReason: "stop", Usage: port.Usage{Known: true, OutputTokens: 2}}, nil
}

// TestWhatHappensInARunPlaysBack records retries, streams, failures, waits and
// values that JSON does not have, and plays them back without waiting.
func TestWhatHappensInARunPlaysBack(t *testing.T) {
	big, err := value.ParseJSON([]byte("123456789012345678901234567890"), value.JSONLimits{})
	if err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int32
	o := runtime.Options{Journal: journal.NewMemory(), Ports: map[string]port.LLM{"llm": new(flaky)}, Functions: map[string]port.Function{
		"odd": port.FunctionOf(port.Write, func(ctx context.Context, _ value.Value) (value.Value, error) {
			calls.Add(1)
			port.Log(ctx, "about to make a tuple")
			return value.Tuple([]value.Value{big, value.Int(2)}), nil
		}),
		"fails": port.FunctionOf(port.Write, func(context.Context, value.Value) (value.Value, error) {
			return value.Null, errors.New("out of paper")
		}),
	}}
	go func() {
		r, _ := runtime.New(o)
		for range 1000 {
			if _, err := r.Signal(context.Background(), "recorded-run", machine.Signal{Key: "reply:7", Payload: value.String("yes")}); err == nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	tape := recordAndPlay(t, o, program(t, recordable), object(t, `{"id": 7}`))
	if calls.Load() != 1 {
		t.Errorf("the function was called %d times", calls.Load())
	}
	for _, want := range []string{`"signal":"reply:7"`, `"class":"rate_limit"`, `"attempt":2`, `"message":"out of paper"`, `"value_cbor":`, `"stream":[`, `"log":["about to make a tuple"]`} {
		if !bytes.Contains(tape, []byte(want)) {
			t.Errorf("the recording lacks %s:\n%s", want, tape)
		}
	}
}

// TestReplayEndsAtTheFirstDifference changes a program after it was recorded.
func TestReplayEndsAtTheFirstDifference(t *testing.T) {
	const text = `
kind: Pipeline
metadata: {name: p}
spec:
  ports: {llm: {adapter: mock, config: {response: fine}}}
  nodes:
    - kind: llm_node
      metadata: {name: ask}
      spec: {human_message: "Dear {{ name }}, how are you?"}
    - kind: expression_node
      metadata: {name: end}
      spec: {expressions: {x: "ask + '!'"}}
  output: {x: end.x}
`
	r, err := runtime.New(runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var tape bytes.Buffer
	if _, err := r.Record(t.Context(), program(t, text), object(t, `{"name": "Ada"}`), runtime.Overrides{}, &tape); err != nil {
		t.Fatal(err)
	}
	play := func(text, input string) (*runtime.Result, error) {
		in := value.Missing
		if input != "" {
			in = object(t, input)
		}
		read, err := cassette.Read(bytes.NewReader(tape.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		return r.PlayBack(t.Context(), program(t, text), in, runtime.Overrides{}, read)
	}
	for name, x := range map[string]struct{ text, input, want string }{
		"input":   {text, `{"name": "Bob"}`, `the call ask#1, which differs from the recorded one: messages[0].content was "Dear Ada, how are you?" and is "Dear Bob, how are you?"; if that is meant, record the run again`},
		"prompt":  {strings.Replace(text, "how are", "where are", 1), "", `messages[0].content was "Dear Ada, how`},
		"setting": {strings.Replace(text, "human_message:", "temperature: 0.5, human_message:", 1), "", `temperature is 0.5 and was not there`},
		"name":    {strings.ReplaceAll(text, "ask", "other"), "", `the call other#1, which the recorded run did not make`},
	} {
		var miss *cassette.MissError
		if _, err := play(x.text, x.input); !errors.As(err, &miss) || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: the replay gives %v", name, err)
		}
	}
	if res, err := play(strings.Replace(text, "'!'", "'?'", 1), ""); err != nil || jsonOf(res.Output) != `{"x":"fine?"}` {
		t.Errorf("a change behind the calls gives %v, %v", res, err)
	}
	res, err := play(strings.Replace(text, "ask + '!'", "'no'", 1), "")
	if err != nil || res.Warning != nil {
		t.Errorf("%v, %v", err, res)
	}
	res, err = play(strings.Replace(text, "spec: {human", "spec: {when: 'false', human", 1), "")
	if err != nil || res.Warning == nil || !strings.Contains(res.Warning.Error(), "1 of the recorded calls were not made, the first is ask#1") {
		t.Errorf("a call that is not made gives %v, %v", err, res)
	}
}
