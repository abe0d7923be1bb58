package program

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func load(t *testing.T, line string) port.Function {
	t.Helper()
	f, err := Host{}.Load(t.Context(), port.FunctionSpec{Name: line})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func object(t *testing.T, text string) value.Value {
	t.Helper()
	v, err := value.ParseJSON([]byte(text), value.JSONLimits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCalls(t *testing.T) {
	t.Setenv("MY_TOKEN", "canary")
	for _, c := range []struct{ name, line, in, want string }{
		{"its input comes back", "cat", `{"z":1,"a":["é",12345678901234567890123]}`, `{"z":1,"a":["é",12345678901234567890123]}`},
		{"a quoted argument", `sh -c 'echo "[1, 2]"'`, `null`, `[1,2]`},
		{"no output", "true", `1`, `null`},
		{"input that nobody reads", `sh -c 'echo 3'`, `"` + strings.Repeat("x", 1<<20) + `"`, `3`},
		{"no secrets in variables", `sh -c 'echo \"${MY_TOKEN:-none}\"'`, `1`, `"none"`},
		{"the idempotency key", `sh -c 'echo \"$HEXDAG_IDEMPOTENCY_KEY\"'`, `1`, `"run/a#1/0"`},
		{"a child that holds its output", `sh -c 'echo 1; sleep 50 &'`, `1`, `1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := load(t, c.line).Call(t.Context(), port.Call{Node: "n", Key: "run/a#1/0"}, object(t, c.in))
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := value.AppendJSON(nil, v); string(got) != c.want {
				t.Errorf("got %.80s, want %.80s", got, c.want)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	for _, c := range []struct{ name, line, class, want string }{
		{"a status", `sh -c 'echo first >&2; echo last >&2; exit 4'`, port.ClassFunction, "sh ended with exit status 4: last"},
		{"a signal", `sh -c 'kill -9 $$'`, port.ClassFunction, "signal: killed"},
		{"no JSON", "echo hello", port.ClassInvalidOutput, "did not write one JSON document"},
		{"two documents", `echo 1 2`, port.ClassInvalidOutput, "did not write one JSON document"},
		{"too much", "yes 1", port.ClassInvalidOutput, "more than 64 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, c.line).Call(t.Context(), port.Call{}, value.Null)
			if e := port.AsError(err); e == nil || e.Class != c.class || !strings.Contains(e.Message, c.want) {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestATimeoutKillsTheProgramAndItsChildren(t *testing.T) {
	file := filepath.Join(t.TempDir(), "alive")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for range 500 {
			if data, _ := os.ReadFile(file); len(data) > 0 {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	_, err := load(t, `sh -c '(while :; do date >> `+file+`; sleep 0.02; done) & wait'`).Call(ctx, port.Call{}, value.Null)
	if e := port.AsError(err); e == nil || e.Class != port.ClassTimeout || e.Definite {
		t.Errorf("got %+v", e)
	}
	before, _ := os.ReadFile(file)
	time.Sleep(200 * time.Millisecond)
	if after, _ := os.ReadFile(file); len(before) == 0 || len(after) > len(before)+64 {
		t.Errorf("the child still writes: %d then %d bytes", len(before), len(after))
	}
}

func TestWhatCannotBeLoaded(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"no-such-program-here x": "it is not there", "./nothing": "cannot be run", "'open": "is not closed", "  ": "no program is named",
		plain: "permission denied",
	} {
		_, err := Host{}.Load(t.Context(), port.FunctionSpec{Name: line})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v", line, err)
		}
	}
}

func TestWords(t *testing.T) {
	for line, want := range map[string]string{
		`a b  c`: "a|b|c", `a 'b c' "d e"`: "a|b c|d e", `a ''`: "a|", `a x'y z'w`: "a|xy zw", `a \n`: `a|\n`, `a "it's"`: "a|it's",
	} {
		got, err := Words(line)
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("%q gives %q, %v", line, got, err)
		}
	}
}
