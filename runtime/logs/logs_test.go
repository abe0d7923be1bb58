package logs

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/event"
)

// object makes the data of an event.
func object(pairs ...any) value.Value {
	o := value.NewObject(len(pairs) / 2)
	for i := 0; i < len(pairs); i += 2 {
		switch x := pairs[i+1].(type) {
		case string:
			o.Set(pairs[i].(string), value.String(x))
		case int:
			o.Set(pairs[i].(string), value.Int(int64(x)))
		case value.Value:
			o.Set(pairs[i].(string), x)
		}
	}
	return o.Value()
}

var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func logged(t *testing.T, c Config, events ...event.Event) string {
	t.Helper()
	var b bytes.Buffer
	l, err := Open(c, &b)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		l.Observe(e)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func failed() event.Event {
	cause := object("code", "HX1003", "message", "the server said no")
	return event.Event{Seq: 7, Time: noon, RunID: "r1", Type: "NodeFailed", Node: "loop[2]/ask", Data: object(
		"name", "ask", "attempt", 2, "error", object("code", "HX1004", "class", "provider", "message", "it broke\nbadly", "cause", cause))}
}

func TestOneRecordIsOneLineWithItsRunAndNode(t *testing.T) {
	text := logged(t, Config{Format: JSON}, failed())
	if strings.Count(text, "\n") != 1 {
		t.Fatalf("a record is more than one line: %q", text)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	e, _ := got["error"].(map[string]any)
	cause, _ := e["cause"].(map[string]any)
	if got["run_id"] != "r1" || got["node"] != "loop[2]/ask" || got["level"] != "ERROR" || got["attempt"] != 2.0 || e["code"] != "HX1004" || cause["code"] != "HX1003" || got["time"] != "2026-01-31T12:00:00Z" {
		t.Errorf("the record is %s", text)
	}
	text = logged(t, Config{NoTime: true, NoCauses: true}, failed())
	want := `level=ERROR msg="node failed" run_id=r1 node=loop[2]/ask seq=7 attempt=2 error.code=HX1004 error.class=provider error.message="it broke\nbadly"` + "\n"
	if text != want {
		t.Errorf("the record is\n%s not\n%s", text, want)
	}
}

func TestLevels(t *testing.T) {
	events := []event.Event{
		{Type: "NodeStarted", Node: "a"}, {Type: "NodeCompleted", Node: "a", Data: object("result", "a lot of data")}, {Type: "ResourceWarning", Data: object("resource", "max_llm_calls")},
		failed(), {Type: "PipelineCompleted", Data: object("status", "failed")}, {Type: "LLMTokenStreamed", Data: object("delta", "x")},
		{Type: "NodeCompleted", Node: "b", Replayed: true},
	}
	for level, want := range map[slog.Level]int{slog.LevelDebug: 6, slog.LevelInfo: 4, slog.LevelWarn: 3, slog.LevelError: 2, Critical: 1} {
		text := logged(t, Config{Level: level}, events...)
		if n := strings.Count(text, "\n"); n != want {
			t.Errorf("at %v there are %d records, not %d:\n%s", level, n, want, text)
		}
		if strings.Contains(text, "a lot of data") {
			t.Error("a node's result is in the log")
		}
	}
	if text := logged(t, Config{Level: Critical}, events...); !strings.Contains(text, "level=CRITICAL") {
		t.Errorf("got %q", text)
	}
}

func TestSettingsOfAProgram(t *testing.T) {
	settings := func(pairs ...any) *ir.Program {
		p := &ir.Program{}
		for i := 0; i < len(pairs); i += 2 {
			v, ok := pairs[i+1].(value.Value)
			if !ok {
				v = value.String(pairs[i+1].(string))
			}
			p.Effective.Logging = append(p.Effective.Logging, ir.Setting{Name: pairs[i].(string), Value: v})
		}
		return p
	}
	if _, ok, _ := Of(settings()); ok {
		t.Error("a program that says nothing of its log has one")
	}
	c, ok, err := Of(settings("level", "WARNING", "format", "console", "output_file", "run.log", "dual_sink", value.True, "include_timestamp", value.False, "backtrace", value.False))
	if err != nil || !ok || (c != Config{Level: slog.LevelWarn, Format: Text, File: "run.log", Dual: true, NoTime: true, NoCauses: true}) {
		t.Errorf("got %+v, %v", c, err)
	}
	if c, _, err := Of(settings("format", "dual", "output_file", "x")); err != nil || !c.Dual {
		t.Errorf("got %+v, %v", c, err)
	}
	for _, p := range []*ir.Program{settings("level", "loud"), settings("format", "yaml"), settings("dual_sink", value.True)} {
		if _, _, err := Of(p); err == nil {
			t.Errorf("%+v is accepted", p.Effective.Logging)
		}
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	text := logged(t, Config{File: "run.log", Dir: dir, Dual: true}, failed())
	data, err := os.ReadFile(filepath.Join(dir, "run.log"))
	if err != nil || !strings.HasPrefix(string(data), "{") || !strings.HasPrefix(text, "time=") {
		t.Errorf("the file has %q, the other %q, %v", data, text, err)
	}
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	for _, name := range []string{"../x.log", "/tmp/x.log", "link/x.log"} {
		if _, err := Open(Config{File: name, Dir: dir}, nil); err == nil {
			t.Errorf("%s is opened", name)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestAFullDiskDisturbsNothingAndIsReported(t *testing.T) {
	l, err := Open(Config{}, full{})
	if err != nil {
		t.Fatal(err)
	}
	l.Observe(failed())
	l.Observe(failed())
	if err := l.Close(); err == nil || !strings.Contains(err.Error(), "not complete: no space") {
		t.Errorf("got %v", err)
	}
}
