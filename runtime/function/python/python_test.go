package python

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const module = `
import dataclasses, datetime, decimal, os, sys, time, asyncio, subprocess

def add(a, b=10):
    return a + b

def echo(x):
    return x

async def later(x):
    await asyncio.sleep(0.01)
    return {"later": x}

def loud(x):
    print("one")
    sys.stdout.write("two")
    os.system("echo noise")
    return x

@dataclasses.dataclass
class Point:
    x: int
    y: int

def rich(x):
    return {"p": Point(1, 2), "d": decimal.Decimal("1.5"), "t": datetime.date(2026, 1, 2), "s": {2, 1}, "u": (1, "é😀")}

def bad(x):
    raise ValueError("no " + str(x))

def nan(x):
    return float("nan")

def opaque(x):
    return object()

def sleep(x):
    open(x, "w").close()
    child = subprocess.Popen(["sh", "-c", "while :; do date >> %s; sleep 0.02; done" % x])
    time.sleep(60)

def die(x):
    print("it hurts", file=sys.stderr)
    os._exit(9)

def leave(x):
    sys.exit("enough")

def huge(x):
    return "x" * (65 << 20)

def deep(x):
    y = []
    for _ in range(100000):
        y = [y]
    return y

def who(x):
    return os.getpid()

def secret(x):
    return os.environ.get("MY_API_KEY", "none")

def stdin(x):
    return sys.stdin.read()

class Tools:
    @staticmethod
    def twice(x):
        return [x, x]
`

func host(t *testing.T) *Host {
	t.Helper()
	// The interpreter itself: what stands on PATH may be a slow shim.
	path, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
	if err != nil {
		t.Skip("python3 is not installed")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.py"), []byte(module), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "broken.py"), []byte("x = 1\ny = (\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := &Host{Dir: dir, Python: strings.TrimSpace(string(path))}
	load(t, h, port.FunctionSpec{Name: "mine.echo"}) // keeps workers until the test ends
	return h
}

func load(t *testing.T, h *Host, spec port.FunctionSpec) port.Function {
	t.Helper()
	f, err := h.Load(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.(port.Closer).Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return f
}

func parse(t *testing.T, text string) value.Value {
	t.Helper()
	v, err := value.ParseJSON([]byte(text), value.JSONLimits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCalls(t *testing.T) {
	t.Setenv("MY_API_KEY", "sk-canary")
	h := host(t)
	big := "123456789012345678901234567890"
	for _, c := range []struct {
		name   string
		fn     string
		unpack bool
		in     string
		want   string
	}{
		{"a value as it is", "mine.echo", false, `{"z":1,"a":[null,true,1.5,"é😀",` + big + `]}`, `{"z":1,"a":[null,true,1.5,"é😀",` + big + `]}`},
		{"keyword arguments", "mine.add", true, `{"a":1,"other":5}`, `11`},
		{"a coroutine", "mine.later", false, `1`, `{"later":1}`},
		{"a method of a class", "mine.Tools.twice", false, `1`, `[1,1]`},
		{"what is no JSON by itself", "mine.rich", false, `1`, `{"p":{"x":1,"y":2},"d":1.5,"t":"2026-01-02","s":[1,2],"u":[1,"é😀"]}`},
		{"no secrets in variables", "mine.secret", false, `1`, `"none"`},
		{"no input of its own", "mine.stdin", false, `1`, `""`},
		{"the standard library", "json.dumps", false, `[1]`, `"[1]"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := load(t, h, port.FunctionSpec{Name: c.fn, Unpack: c.unpack})
			v, err := f.Call(t.Context(), port.Call{}, parse(t, c.in))
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := value.AppendJSON(nil, v); string(got) != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestABlock(t *testing.T) {
	h := host(t)
	code := "import math\n\ndef _helper(x):\n    return math.floor(x)\n\ndef process(input):\n    if input < 0:\n        raise KeyError('negative')\n    return _helper(input) + 1\n"
	f := load(t, h, port.FunctionSpec{Name: "process", Code: code, File: "a.yaml"})
	if v, err := f.Call(t.Context(), port.Call{}, value.Float(2.5)); err != nil || value.Repr(v) != "3" {
		t.Errorf("got %v, %v", v, err)
	}
	_, err := f.Call(t.Context(), port.Call{}, value.Int(-1))
	if err == nil || err.Error() != "a.yaml:8: in process: KeyError: 'negative'" {
		t.Errorf("got %v", err)
	}
}

func TestWhatCannotBeLoaded(t *testing.T) {
	h := host(t)
	for name, want := range map[string]string{
		"no.such.thing": `there is no module 'no.such'`, "mine.nothing": `mine has no 'nothing'`,
		"broken.f": "broken.py:2", "mine.Point.x.y": "has no 'x'", "mine.dataclasses": "is a module, not a function",
	} {
		_, err := h.Load(t.Context(), port.FunctionSpec{Name: name})
		if err == nil || !strings.Contains(err.Error(), want) || port.AsError(err).Class != port.ClassInvalidInput {
			t.Errorf("%s gives %v", name, err)
		}
	}
	if _, err := (&Host{Python: "no-such-python"}).Load(t.Context(), port.FunctionSpec{Name: "json.dumps"}); err == nil || !strings.Contains(err.Error(), "is not there") {
		t.Errorf("a missing interpreter gives %v", err)
	}
	if _, err := (&Host{Python: "/bin/false"}).Load(t.Context(), port.FunctionSpec{Name: "json.dumps"}); err == nil || !strings.Contains(err.Error(), "cannot run the worker") {
		t.Errorf("another program gives %v", err)
	}
}

func TestFailures(t *testing.T) {
	h := host(t)
	for name, want := range map[string]struct{ class, text string }{
		"mine.bad":    {port.ClassFunction, "mine.py:29: in mine.bad: ValueError: no 1"},
		"mine.nan":    {port.ClassFunction, "ValueError: Out of range float"},
		"mine.opaque": {port.ClassFunction, "TypeError: a object is no data"},
		"mine.die":    {port.ClassFunction, "the Python worker ended while it ran mine.die (exit status 9): it hurts"},
		"mine.leave":  {port.ClassFunction, "the function ended its program: enough"},
		"mine.huge":   {port.ClassInvalidOutput, "more than 64 MiB"},
		"mine.deep":   {port.ClassFunction, "RecursionError"},
	} {
		t.Run(name, func(t *testing.T) {
			f := load(t, h, port.FunctionSpec{Name: name})
			_, err := f.Call(t.Context(), port.Call{}, value.Int(1))
			e := port.AsError(err)
			if e == nil || e.Class != want.class || !strings.Contains(e.Message, want.text) || strings.Contains(e.Message, "\n") {
				t.Fatalf("got %v", err)
			}
			ok := load(t, h, port.FunctionSpec{Name: "mine.echo"})
			if v, err := ok.Call(t.Context(), port.Call{}, value.Int(7)); err != nil || value.Repr(v) != "7" {
				t.Errorf("the next call gives %v, %v", v, err)
			}
		})
	}
}

func TestPrintGoesToTheLog(t *testing.T) {
	f := load(t, host(t), port.FunctionSpec{Name: "mine.loud"})
	var log []string
	ctx := port.WithLog(t.Context(), func(line string) { log = append(log, line) })
	if v, err := f.Call(ctx, port.Call{}, value.Int(3)); err != nil || value.Repr(v) != "3" {
		t.Errorf("got %v, %v", v, err)
	}
	if strings.Join(log, "|") != "one|two" {
		t.Errorf("the log is %q", log)
	}
}

func TestATimeoutKillsTheWorkerAndItsChildren(t *testing.T) {
	h := host(t)
	f := load(t, h, port.FunctionSpec{Name: "mine.sleep"})
	file := filepath.Join(h.Dir, "alive")
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
	began := time.Now()
	_, err := f.Call(ctx, port.Call{}, value.String(file))
	if e := port.AsError(err); e == nil || e.Class != port.ClassTimeout || e.Definite {
		t.Errorf("got %+v", e)
	}
	if time.Since(began) > 20*time.Second {
		t.Error("it was waited for")
	}
	before, _ := os.ReadFile(file)
	time.Sleep(200 * time.Millisecond)
	if after, _ := os.ReadFile(file); len(before) == 0 || len(after) > len(before)+64 {
		t.Errorf("the child still writes: %d then %d bytes", len(before), len(after))
	}
	if v, err := load(t, h, port.FunctionSpec{Name: "mine.echo"}).Call(t.Context(), port.Call{}, value.Int(1)); err != nil {
		t.Errorf("the next call gives %v, %v", v, err)
	}
}

func TestWorkersAreBoundedAndUsedAgain(t *testing.T) {
	first := host(t)
	h := &Host{Dir: first.Dir, Python: first.Python, Workers: 2}
	f := load(t, h, port.FunctionSpec{Name: "mine.who"})
	var mu sync.Mutex
	pids := map[string]bool{}
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			v, err := f.Call(context.Background(), port.Call{}, value.Null)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			pids[value.Repr(v)] = true
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(pids) == 0 || len(pids) > 2 {
		t.Errorf("%d processes were used", len(pids))
	}
}
