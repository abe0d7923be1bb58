package compile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
)

// workspaceOf writes an archive into a folder and makes its workspace.
func workspaceOf(t *testing.T, archive string) (*compile.Workspace, string) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w, err := compile.New(compile.Options{Root: dir, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return w, dir
}

// place is a finding as tests compare it: file:line code.
func place(d diag.Diagnostic) string {
	if d.Loc.File == nil {
		return string(d.Code)
	}
	return fmt.Sprintf("%s:%d %s", d.Loc.File.Path(), d.Loc.File.Position(int(d.Loc.Span.Start)).Line, d.Code)
}

func places(ds []diag.Diagnostic) string {
	var out []string
	for _, d := range ds {
		if d.Severity != diag.Info {
			out = append(out, place(d))
		}
	}
	return strings.Join(out, ", ")
}

// checkWithin checks main.yaml and fails if that takes more time or memory than
// any manifest may.
func checkWithin(t *testing.T, w *compile.Workspace, dir string) []diag.Diagnostic {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := cpuTime()
	ds, err := w.CheckFile(filepath.Join(dir, "main.yaml"))
	took := cpuTime() - start
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if took > 2*slowness*time.Second {
		t.Errorf("took %v", took)
	}
	if mb := (after.Sys - before.Sys) >> 20; mb > 500 {
		t.Errorf("took %d MB", mb)
	}
	for _, d := range ds {
		if d.Loc.File == nil || int(d.Loc.Span.End) > len(d.Loc.File.Text()) {
			t.Errorf("%s %s: its place is outside of its file", d.Code, d.Message)
		}
	}
	return ds
}

const pipelineOf = `-- main.yaml --
kind: Pipeline
metadata: {name: main}
spec:
  nodes:
    - `

// TestHostileIncludes: whatever an include names or brings, there is a finding at
// a place, in time.
func TestHostileIncludes(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'i'; c++ {
		p := string(c - 1)
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+p+", ", 10), ", "))
	}
	for _, c := range []struct {
		name, archive, want string
		prepare             func(t *testing.T, dir string)
	}{
		{"absolute", pipelineOf + "!include /etc/passwd\n", "main.yaml:5 HX0131", nil},
		{"home", pipelineOf + "!include ~/x.yaml\n", "main.yaml:5 HX0131", nil},
		{"drive", pipelineOf + "!include C:/x.yaml\n", "main.yaml:5 HX0131", nil},
		{"drive with backslashes", pipelineOf + `!include C:\x.yaml` + "\n", "main.yaml:5 HX0131", nil},
		{"share", pipelineOf + `!include \\host\x.yaml` + "\n", "main.yaml:5 HX0131", nil},
		{"address", pipelineOf + "!include http://localhost/x.yaml\n", "main.yaml:5 HX0131", nil},
		{"upward", pipelineOf + "!include ../x.yaml\n", "main.yaml:5 HX0131", nil},
		{"upward inside", pipelineOf + "!include a/../../x.yaml\n", "main.yaml:5 HX0131", nil},
		{"backslashes", pipelineOf + `!include a\x.yaml` + "\n", "main.yaml:5 HX0137", nil},
		{"NUL in the path", pipelineOf + `!include "a\0b.yaml"` + "\n", "main.yaml:5 HX0137", nil},
		{"line break in the path", pipelineOf + `!include "a\nb.yaml"` + "\n", "main.yaml:5 HX0137", nil},
		{"no path", pipelineOf + "!include\n", "main.yaml:5 HX0137", nil},
		{"empty path", pipelineOf + `!include ""` + "\n", "main.yaml:5 HX0137", nil},
		{"number", pipelineOf + "!include 42\n", "main.yaml:5 HX0137", nil},
		{"list", pipelineOf + "!include [a.yaml]\n", "main.yaml:5 HX0137", nil},
		{"only a fragment", pipelineOf + `!include "#x"` + "\n", "main.yaml:5 HX0137", nil},
		{"empty fragment", pipelineOf + `!include "x.yaml#"` + "\n", "main.yaml:5 HX0137", nil},
		{"template", pipelineOf + `!include "{{ name }}.yaml"` + "\n", "main.yaml:5 HX0137", nil},
		{"secret", pipelineOf + "!include ${MY_TOKEN}.yaml\n", "main.yaml:5 HX0610", nil},
		{"variables that are a list", pipelineOf + "!include {path: x.yaml, vars: [1]}\n", "main.yaml:5 HX0137", nil},
		{"a variable that no template can name", pipelineOf + "!include {path: x.yaml, vars: {a-b: 1}}\n-- x.yaml --\n[]\n", "main.yaml:5 HX0137", nil},
		{"folder", pipelineOf + "!include sub\n-- sub/x.yaml --\n[]\n", "main.yaml:5 HX0134", nil},
		{"unset in the path", pipelineOf + "!include ${DIR}/x.yaml\n", "main.yaml:5 HX0607", nil},
		{"beside other keys", pipelineOf + "{\"!include\": x.yaml, kind: data_node}\n-- x.yaml --\n[]\n", "", nil},
		{"unquoted key", pipelineOf + "!include: x.yaml\n-- x.yaml --\n[]\n", "", nil},
		{"merge of a list of texts", pipelineOf + "<<: !include x.yaml\n      kind: data_node\n      metadata: {name: a}\n      spec: {output: {x: 1}}\n-- x.yaml --\n[a, b]\n", "main.yaml:5 HX0122", nil},
		{"in a flow", pipelineOf + "{kind: data_node, metadata: {name: a}, spec: {output: {a: !include x.yaml}}}\n-- x.yaml --\n[\n", "x.yaml:1 HX0105", nil},
		{"in a flow list", pipelineOf + "{kind: data_node, metadata: {name: a}, spec: {output: {a: [1, !include x.yaml, 3]}}}\n-- x.yaml --\n[4, 5]\n", "", nil},
		{"invalid UTF-8", pipelineOf + "!include x.yaml\n-- x.yaml --\n- kind: \xff\xfe\n", "", nil},
		{"NUL", pipelineOf + "!include x.yaml\n-- x.yaml --\n- a\x00b\n", "", nil},
		{"brackets", pipelineOf + "!include x.yaml\n-- x.yaml --\n" + strings.Repeat("[", 100_000) + "\n", "", nil},
		{"closed brackets", pipelineOf + "!include x.yaml\n-- x.yaml --\n" + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "\n", "", nil},
		{"aliases", pipelineOf + "!include x.yaml\n-- x.yaml --\n" + bomb, "", nil},
		{"aliases many times", pipelineOf + "!include y.yaml\n-- y.yaml --\n" + strings.Repeat("- !include x.yaml#e\n", 1000) + "-- x.yaml --\n" + bomb, "", nil},
		{"alias of an anchor outside", pipelineOf + "&a !include x.yaml\n    - *a\n-- x.yaml --\n- *a\n", "x.yaml:1 HX0112", nil},
		{"circle over variables", pipelineOf + "!include {path: x.yaml, vars: {a: !include main.yaml}}\n-- x.yaml --\n[]\n", "main.yaml:5 HX0132", nil},
		{"circle of itself", pipelineOf + "!include x.yaml\n-- x.yaml --\n- !include x.yaml\n", "x.yaml:1 HX0132", nil},
		{"circle through a link", pipelineOf + "!include x.yaml\n-- x.yaml --\n- !include link.yaml\n", "x.yaml:1 HX0132", func(t *testing.T, dir string) {
			link(t, "x.yaml", filepath.Join(dir, "link.yaml"))
		}},
		{"circle through a link of a folder", pipelineOf + "!include sub/x.yaml\n-- sub/x.yaml --\n- !include loop/x.yaml\n", "sub/x.yaml:1 HX0132", func(t *testing.T, dir string) {
			link(t, ".", filepath.Join(dir, "sub", "loop"))
		}},
		{"link to the outside", pipelineOf + "!include link.yaml\n", "main.yaml:5 HX0131", func(t *testing.T, dir string) {
			outside := filepath.Join(t.TempDir(), "secret.yaml")
			if err := os.WriteFile(outside, []byte("secret: 1\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			link(t, outside, filepath.Join(dir, "link.yaml"))
		}},
		{"folder that is a link to the outside", pipelineOf + "!include link/nothing.yaml\n", "main.yaml:5 HX0131", func(t *testing.T, dir string) {
			link(t, t.TempDir(), filepath.Join(dir, "link"))
		}},
		{"links in a circle", pipelineOf + "!include a.yaml\n", "main.yaml:5 HX0134", func(t *testing.T, dir string) {
			link(t, "b.yaml", filepath.Join(dir, "a.yaml"))
			link(t, "a.yaml", filepath.Join(dir, "b.yaml"))
		}},
		{"link to nothing", pipelineOf + "!include a.yaml\n", "main.yaml:5 HX0130", func(t *testing.T, dir string) {
			link(t, "gone.yaml", filepath.Join(dir, "a.yaml"))
		}},
		{"a gigabyte", pipelineOf + "!include huge.yaml\n", "main.yaml:5 HX0134", func(t *testing.T, dir string) {
			f, err := os.Create(filepath.Join(dir, "huge.yaml"))
			if err == nil {
				err = f.Truncate(1 << 30)
				f.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
		}},
		{"unreadable", pipelineOf + "!include x.yaml\n-- x.yaml --\n[]\n", "main.yaml:5 HX0134", func(t *testing.T, dir string) {
			if os.Getuid() == 0 {
				t.Skip("everything is readable for root")
			}
			if err := os.Chmod(filepath.Join(dir, "x.yaml"), 0); err != nil {
				t.Fatal(err)
			}
		}},
		{"doubling over ten levels", pipelineOf + "!include d0.yaml\n" + doubling(10, 8), "", nil},
		{"eleven levels", pipelineOf + "!include d0.yaml\n" + doubling(11, 1), "d9.yaml:1 HX0133", nil},
		{"large file many times", pipelineOf + "!include y.yaml\n-- y.yaml --\n" + strings.Repeat("- !include x.yaml#e\n", 40) + "-- x.yaml --\ne: 1\nf:\n" + strings.Repeat("  - {a: 1, b: 2}\n", 60_000), "y.yaml:5 HX0138", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, dir := workspaceOf(t, c.archive)
			if c.prepare != nil {
				c.prepare(t, dir)
			}
			got := checkWithin(t, w, dir)
			if c.want != "" && !strings.Contains(places(got)+",", c.want+",") {
				t.Errorf("got %s, want %s\n%s", places(got), c.want, list(got))
			}
			if len(got) == 0 && c.name != "in a flow list" {
				t.Error("no finding")
			}
			if len(got) > 500 {
				t.Errorf("%d findings", len(got))
			}
		})
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skip(err)
	}
}

// doubling is a chain of files of which each includes the next n times.
func doubling(levels, n int) string {
	var b strings.Builder
	for i := range levels {
		fmt.Fprintf(&b, "-- d%d.yaml --\n%s", i, strings.Repeat(fmt.Sprintf("- !include d%d.yaml\n", i+1), n))
	}
	fmt.Fprintf(&b, "-- d%d.yaml --\n- kind: data_node\n", levels)
	return b.String()
}

// TestIncludeVariables: an include's variables are for its file alone, and one
// that the file does not have is remarked on.
func TestIncludeVariables(t *testing.T) {
	w, dir := workspaceOf(t, pipelineOf+`!include {path: a.yaml, vars: {name: first, nmae: second}}
    - kind: data_node
      metadata: {name: after}
      spec: {output: {x: "{{ first.seen }}"}}
-- a.yaml --
kind: data_node
metadata: {name: "{{ name }}"}
spec:
  output:
    seen: !include b.yaml
-- b.yaml --
"{{ name }}"
`)
	ds := checkWithin(t, w, dir)
	if got := places(ds); got != "main.yaml:5 HX0140" {
		t.Errorf("got %s\n%s", got, list(ds))
	}
	c, err := w.CheckProgram(filepath.Join(dir, "main.yaml"), "")
	if err != nil {
		t.Fatal(err)
	}
	// Of b.yaml `name` is no variable: it is read from the run's input.
	if in := c.Program.Inputs; len(in) != 1 || in[0].Name != "name" || in[0].Uses[0].File.Path() != "b.yaml" {
		t.Errorf("the inputs are %v", in)
	}
	if reads := c.File.Composed.Reads; len(reads) != 2 || reads[1].Name != "b.yaml" || reads[1].From != "a.yaml" || !reads[1].Found {
		t.Errorf("the reads are %v", reads)
	}
}

// TestFailedIncludeIsSaidOnce: names that the missing file may have are not
// reported besides.
func TestFailedIncludeIsSaidOnce(t *testing.T) {
	w, dir := workspaceOf(t, pipelineOf+`!include gone.yaml
    - kind: expression_node
      metadata: {name: after}
      spec: {expressions: {x: gone.value + 1}}
      dependencies: [gone]
`)
	if got := places(checkWithin(t, w, dir)); got != "main.yaml:5 HX0130" {
		t.Errorf("got %s", got)
	}
}
