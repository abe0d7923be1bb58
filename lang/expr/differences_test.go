package expr

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/value"
)

// TestDifferencesHold computes the examples of the table, and asks CPython where
// the table names its value.
func TestDifferencesHold(t *testing.T) {
	var list strings.Builder
	for _, d := range Differences() {
		list.WriteString(value.Repr(value.String(d.Expr)) + ",")
	}
	var python []string
	if path, err := exec.LookPath("python3"); err == nil {
		out, err := exec.Command(path, "-W", "ignore", "-c", strings.ReplaceAll(differencesScript, "EXPRS", list.String())).Output()
		if err != nil {
			t.Fatal(err)
		}
		python = strings.Split(string(out), "\n")
	}
	for i, d := range Differences() {
		v, err := evaluated(parsed(t, d.Expr), value.Null)
		got := ""
		var e *EvalError
		if errors.As(err, &e) {
			got = e.Kind.String()
		} else {
			got = value.Repr(v)
		}
		if got != d.Ours {
			t.Errorf("%s is %s, the table says %s (%v)", d.Expr, got, d.Ours, err)
		}
		if python == nil || strings.Contains(d.Python, "MemoryError") {
			continue
		}
		if want := python[i]; want != d.Python {
			t.Errorf("%s is %s in CPython, the table says %s", d.Expr, want, d.Python)
		}
	}
}

const differencesScript = `
from decimal import Decimal
for e in [EXPRS]:
    if "10 ** 9" in e:
        print()
        continue
    try:
        v = eval(e)
        r = repr(v)
        print("complex" if isinstance(v, complex) else "<" + type(v).__name__ + ">" if " object at " in r else r)
    except Exception as x:
        print(type(x).__name__)
`
