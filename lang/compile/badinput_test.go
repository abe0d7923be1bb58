package compile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
)

// TestBadInput holds that whatever a file is, checking it ends in a finding or an
// error that says why, within 2 s of CPU and 500 MB.
func TestBadInput(t *testing.T) {
	pipeline := "kind: Pipeline\nmetadata: {name: p}\nspec:\n  nodes:\n"
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	repeat := "kind: Macro\nmetadata: {name: many}\nspec:\n  nodes:\n    - for: x\n      in: range(1000)\n      nodes:\n        - for: y\n          in: range(1000)\n          nodes:\n            - kind: data_node\n              metadata: {name: \"n{{ x }}_{{ y }}\"}\n              spec: {output: {a: 1}}\n---\n" +
		pipeline + "    - kind: macro_invocation\n      metadata: {name: call}\n      spec: {macro: many}\n"
	nested := "kind: Macro\nmetadata: {name: m0}\nspec:\n  nodes:\n    - kind: data_node\n      metadata: {name: leaf}\n      spec: {output: {a: 1}}\n"
	for i := 1; i <= 6; i++ {
		nested += fmt.Sprintf("---\nkind: Macro\nmetadata: {name: m%d}\nspec:\n  nodes:\n", i)
		for j := range 10 {
			nested += fmt.Sprintf("    - kind: macro_invocation\n      metadata: {name: c%d}\n      spec: {macro: m%d}\n", j, i-1)
		}
	}
	nested += "---\n" + pipeline + "    - kind: macro_invocation\n      metadata: {name: call}\n      spec: {macro: m6}\n"

	write := func(text string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string)
	}{
		{"100,000 nested brackets", write(strings.Repeat("[", 100_000))},
		{"100,000 nested braces in a field", write(pipeline + "    - " + strings.Repeat("{a: ", 100_000))},
		{"100,000 nested brackets in an expression", write(pipeline + "    - kind: expression_node\n      metadata: {name: e}\n      spec: {expressions: {a: \"" + strings.Repeat("(", 100_000) + "\"}}\n")},
		{"an alias bomb", write(bomb + pipeline)},
		{"invalid UTF-8", write(pipeline + "    - kind: \xff\xfe\n")},
		{"NUL bytes", write(pipeline + "    - kind: a\x00b\n")},
		{"nothing but NUL bytes", write(strings.Repeat("\x00", 1<<20))},
		{"a macro that repeats a million nodes", write(repeat)},
		{"macros that call each other a million times", write(nested)},
		{"a file of 1 GB", func(t *testing.T, path string) {
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := f.Truncate(1 << 30); err != nil {
				t.Skip("no sparse files here: ", err)
			}
		}},
		{"a folder", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o755); err != nil {
				t.Fatal(err)
			}
		}},
		{"an unreadable file", func(t *testing.T, path string) {
			write("kind: Pipeline\n")(t, path)
			if err := os.Chmod(path, 0); err != nil {
				t.Fatal(err)
			}
			if _, err := os.ReadFile(path); err == nil {
				t.Skip("this user may read every file")
			}
		}},
		{"an include of a folder", func(t *testing.T, path string) {
			write(pipeline+"    - !include sub\n")(t, path)
			if err := os.Mkdir(filepath.Join(filepath.Dir(path), "sub"), 0o755); err != nil {
				t.Fatal(err)
			}
		}},
		{"includes in a circle of symbolic links", func(t *testing.T, path string) {
			dir := filepath.Dir(path)
			write(pipeline+"    - !include one.yaml\n")(t, path)
			write("- !include two.yaml\n")(t, filepath.Join(dir, "real.yaml"))
			for _, name := range []string{"one.yaml", "two.yaml"} {
				if err := os.Symlink("real.yaml", filepath.Join(dir, name)); err != nil {
					t.Skip("no symbolic links here: ", err)
				}
			}
		}},
		{"a symbolic link to itself", func(t *testing.T, path string) {
			if err := os.Symlink(filepath.Base(path), path); err != nil {
				t.Skip("no symbolic links here: ", err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "bad.yaml")
			c.make(t, path)
			w, err := compile.New(compile.Options{Root: dir})
			if err != nil {
				t.Fatal(err)
			}
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := cpuTime()
			ds, err := w.CheckFile(path)
			used := cpuTime() - start
			runtime.ReadMemStats(&after)
			if err == nil && !diag.HasErrors(ds) {
				t.Errorf("it is accepted: %v", ds)
			}
			for _, d := range ds {
				if d.Code == diag.Internal {
					t.Errorf("%s %s", d.Code, d.Message)
				}
			}
			if limit := 2 * time.Second * slowness; used > limit {
				t.Errorf("it took %v of CPU", used)
			}
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 500<<20 {
				t.Errorf("it took %d MB", grown>>20)
			}
		})
	}
}
