package starlark

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.starlark.net/starlark"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

func load(t *testing.T, text string, unpack bool) port.Function {
	t.Helper()
	f, err := Host{}.Load(t.Context(), port.FunctionSpec{Name: "f", Code: text, File: "f.star", Unpack: unpack})
	if err != nil {
		t.Fatal(err)
	}
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
	for _, c := range []struct {
		name, text, input string
		unpack            bool
		want              string // the result's repr, or the error
	}{
		{"the input is one dict", "def f(x): return x['a'] + 1", `{"a": 1}`, false, "2"},
		{"dicts keep their order", "def f(x):\n    x['z'] = 1\n    return x", `{"b": 1, "a": 2}`, false, "{'b': 1, 'a': 2, 'z': 1}"},
		{"big integers", "def f(x): return x * x", `100000000000000000000`, false, "10000000000000000000000000000000000000000"},
		{"floats and null", "def f(x): return [x / 2, None, True]", `3`, false, "[1.5, None, True]"},
		{"tuples and sets", "def f(x): return ((1, 'a'), set([2, 1, 2]))", `null`, false, "((1, 'a'), {2, 1})"},
		{"a range", "def f(x): return range(3)", `null`, false, "[0, 1, 2]"},
		{"json and math", "def f(x): return math.floor(json.decode(x)['n'])", `"{\"n\": 2.5}"`, false, "2"},
		{"while", "def f(x):\n    n = 0\n    while n < 10: n += 1\n    return n", `null`, false, "10"},
		{"fields as arguments", "def f(a, b=5): return a + b", `{"a": 1, "extra": 9}`, true, "6"},
		{"all fields", "def f(**kw): return kw", `{"a": 1, "b": 2}`, true, "{'a': 1, 'b': 2}"},
		{"a missing field", "def f(a, b): return a", `{"a": 1}`, true, "error: f.star:1:21: in f: function f missing 1 argument (b)"},
		{"no object to unpack", "def f(a): return a", `[1]`, true, "error: unpack_input needs an object, and the prepared input is a list"},
		{"a failure", "def g(x):\n    fail('no', x)\ndef f(x):\n    g(x)", `1`, false, "error: f.star:2:9: in g: fail: no 1"},
		{"a fault", "def f(x):\n    return x.y", `1`, false, "error: f.star:2:13: in f: int has no .y field or method"},
		{"no loading", "load('x.star', 'y')\ndef f(x): return 1", `1`, false, "load: error: f.star:1:1: cannot load x.star: load is not available: a function is one self-contained text"},
		{"recursion", "def f(x): return f(x)", `1`, false, "error: f.star:1:18: in f: function f called recursively"},
		{"globals are frozen", "n = []\ndef f(x):\n    n.append(1)", `1`, false, "error: f.star:3:13: in f: append: cannot append to frozen list"},
		{"a function as result", "def f(x): return f", `1`, false, "error: f.star:1:1: the result of f holds a function, which is no data"},
		{"bytes as result", "def f(x): return b'a'", `1`, false, "error: f.star:1:1: the result of f holds bytes, which are no data for a pipeline; make text of them"},
		{"a result that holds itself", "def f(x):\n    l = []\n    l.append(l)\n    return l", `1`, false, "error: f.star:1:1: the result of f is nested more than 500 levels deep, or contains itself"},
		{"a tuple as key", "def f(x): return {(1, 2): 3}", `1`, false, "{(1, 2): 3}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Host{}.Load(t.Context(), port.FunctionSpec{Name: "f", Code: c.text, File: "f.star", Unpack: c.unpack})
			if err != nil {
				if got := "load: error: " + err.Error(); got != c.want {
					t.Errorf("got %s", got)
				}
				return
			}
			v, err := f.Call(t.Context(), port.Call{}, parse(t, c.input))
			got := value.Repr(v)
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestValuesComeBackAsTheyWere(t *testing.T) {
	set, err := value.Set([]value.Value{value.Int(1), value.String("x")})
	if err != nil {
		t.Fatal(err)
	}
	obj := value.NewObject(1)
	if err := obj.SetKey(value.Int(3), value.Null); err != nil {
		t.Fatal(err)
	}
	f := load(t, "def f(x): return x", false)
	for _, v := range []value.Value{
		value.Null, value.True, value.Int(-1 << 63), value.Float(0.1), value.String("é\x00"), set, obj.Value(),
		value.Tuple([]value.Value{value.List(nil), value.Int(2)}),
	} {
		got, err := f.Call(t.Context(), port.Call{}, v)
		if err != nil || !value.Equal(got, v) || got.Kind() != v.Kind() {
			t.Errorf("%s came back as %s (%v)", value.Repr(v), value.Repr(got), err)
		}
	}
	d, err := value.ParseDecimal("1.50")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Call(t.Context(), port.Call{}, d); err != nil || value.Repr(got) != "1.5" {
		t.Errorf("a decimal came back as %s (%v)", value.Repr(got), err)
	}
}

func TestLoadReportsMistakesWithTheirPlace(t *testing.T) {
	for text, want := range map[string]string{
		"def f(x):\n  return (":      "f.star:2:11",
		"def f(x): return undefined": "f.star:1:18: undefined: undefined",
		"def g(x): return 1":         `f.star defines no function "f" (it defines g)`,
		"f = 5":                      `"f" in f.star is a int, not a function`,
		"x = 1 // 0\ndef f(x): pass": "f.star:1:7: floored division by zero",
	} {
		_, err := Host{}.Load(t.Context(), port.FunctionSpec{Name: "f", Code: text, File: "f.star"})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q gives %v, want %s", text, err, want)
		}
	}
}

func TestStepsAreBounded(t *testing.T) {
	loop := "def f(x):\n    while True: pass"
	f, err := Host{MaxSteps: 10_000}.Load(t.Context(), port.FunctionSpec{Name: "f", Code: loop, File: "f.star"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Call(t.Context(), port.Call{}, value.Null); err == nil || !strings.Contains(err.Error(), "more than 10000 steps") {
		t.Errorf("an endless loop gives %v", err)
	}
	if _, err := (Host{MaxSteps: 10_000}).Load(t.Context(), port.FunctionSpec{Name: "f", Code: "while True: pass"}); err == nil {
		t.Error("an endless text was loaded")
	}
}

func TestCallEndsWithItsContext(t *testing.T) {
	f, err := Host{MaxSteps: 1 << 60}.Load(t.Context(), port.FunctionSpec{Name: "f", Code: "def f(x):\n    while True: pass", File: "f.star"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := f.Call(ctx, port.Call{}, value.Null); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestPrintGoesToTheLog(t *testing.T) {
	var lines []string
	ctx := port.WithLog(t.Context(), func(line string) { lines = append(lines, line) })
	if _, err := load(t, "def f(x): print('x is', x)", false).Call(ctx, port.Call{}, value.Int(4)); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 1 || lines[0] != "x is 4" {
		t.Errorf("the log is %q", lines)
	}
}

func TestCallsAreIndependent(t *testing.T) {
	f := load(t, "def f(x):\n    x.append(len(x))\n    return x", false)
	in := parse(t, "[1]")
	for range 3 {
		out, err := f.Call(t.Context(), port.Call{}, in)
		if err != nil || value.Repr(out) != "[1, 1]" {
			t.Errorf("got %s, %v", value.Repr(out), err)
		}
	}
	if value.Repr(in) != "[1]" {
		t.Errorf("the input was changed to %s", value.Repr(in))
	}
}

func TestResultsThatShareTheirPartsAreBounded(t *testing.T) {
	list := starlark.NewList(nil)
	for range 60 { // its copy would have 2⁶⁰ parts
		list = starlark.NewList([]starlark.Value{list, list})
	}
	d := decoder{left: 1000}
	if _, err := d.decode(list, 0); err == nil || !strings.Contains(err.Error(), "parts") {
		t.Errorf("got %v", err)
	}
}
