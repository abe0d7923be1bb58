package expr

import (
	"bufio"
	"bytes"
	"encoding/json"
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
		list.WriteString(value.Repr(value.String(d.Text)) + ",")
	}
	var python []string
	if path, err := exec.LookPath("python3"); err == nil {
		out, err := exec.Command(path, "-X", "utf8", "-W", "ignore", "-c", strings.ReplaceAll(differencesScript, "EXPRS", list.String())).Output()
		if err != nil {
			t.Fatal(err)
		}
		python = strings.Split(string(out), "\n")
	}
	for i, d := range Differences() {
		if got, err := outcome(d.Text); got != d.Ours {
			t.Errorf("%s is %s, the table says %s (%v)", d.Text, got, d.Ours, err)
		}
		if d.Ours == d.Theirs || d.Why == "" {
			t.Errorf("%s: no difference, or no reason", d.Text)
		}
		if python == nil || strings.Contains(d.Theirs, "MemoryError") || strings.Contains(d.Theirs, "some C libraries") {
			continue
		}
		if want := python[i]; want != d.Theirs {
			t.Errorf("%s is %s in CPython, the table says %s", d.Text, want, d.Theirs)
		}
	}
}

// outcome is what Difference.Ours says of an expression.
func outcome(src string) (string, error) {
	n, ds := Parse(Text{Src: src})
	if len(ds) > 0 {
		return Rejected, errors.New(ds[0].Message)
	}
	v, err := evaluated(n, value.Null)
	var e *EvalError
	if errors.As(err, &e) {
		return e.Kind.String(), err
	}
	return value.Repr(v), err
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

// TestTemplateDifferencesHold renders the examples of the table, and asks Jinja
// for its text if it is installed.
func TestTemplateDifferencesHold(t *testing.T) {
	jinja := renderedByJinja(t, TemplateDifferences())
	for i, d := range TemplateDifferences() {
		_, ds := ParseTemplate(Text{Src: d.Text})
		got := rendered(d.Text, value.Null)
		switch {
		case len(ds) > 0:
			got = Rejected
		case strings.HasPrefix(got, "!"):
			got = "error"
		}
		if got != d.Ours {
			t.Errorf("%s is %q, the table says %q", d.Text, got, d.Ours)
		}
		if d.Ours == d.Theirs || d.Why == "" {
			t.Errorf("%s: no difference, or no reason", d.Text)
		}
		if jinja != nil && jinja[i] != d.Theirs {
			t.Errorf("%s is %q in Jinja, the table says %q", d.Text, jinja[i], d.Theirs)
		}
	}
}

// renderedByJinja is what Jinja makes of the templates, with nothing but strict
// undefined values set; nil if it is not installed.
func renderedByJinja(t *testing.T, list []Difference) []string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import jinja2").Run() != nil {
		t.Log("the Python package jinja2 is not installed: its side of the table is not checked")
		return nil
	}
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, d := range list {
		enc.Encode(map[string]any{"t": d.Text, "d": map[string]any{}, "plain": true})
	}
	cmd := exec.Command(python, "testdata/jinja.py")
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	sc := bufio.NewScanner(bytes.NewReader(out))
	for sc.Scan() {
		var s string
		if err := json.Unmarshal(sc.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.HasPrefix(s, "!"):
			s = "error"
		case strings.HasPrefix(s, "<generator object"):
			s = "<generator>"
		}
		texts = append(texts, s)
	}
	return texts
}
