// Package golden holds the golden tests of the whole: each archive under
// testdata/golden is a program with what every phase makes of it.
package golden

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag/render"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden compiles and runs every archive of testdata/golden and compares
// what comes out with what stands in it. `make golden` rewrites them.
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob("../../testdata/golden/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no golden archives: %v", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := results(t, a)
			if *update {
				if err := os.WriteFile(name, txtar.Format(merge(a, got)), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want := map[string]string{}
			for _, f := range a.Files {
				if isOutput(f.Name) {
					want[f.Name] = string(f.Data)
				}
			}
			for _, f := range got {
				if w := want[f.Name]; w != string(f.Data) {
					t.Errorf("%s differs; `make golden` rewrites it\n--- want\n%s\n--- got\n%s", f.Name, w, f.Data)
				}
				delete(want, f.Name)
			}
			for extra := range want {
				t.Errorf("%s is not made any more", extra)
			}
		})
	}
}

func isOutput(name string) bool {
	return name == "diagnostics.txt" || name == "ir.json" || name == "run.json"
}

// merge puts the outputs behind the inputs of an archive.
func merge(a *txtar.Archive, outputs []txtar.File) *txtar.Archive {
	out := &txtar.Archive{Comment: a.Comment}
	for _, f := range a.Files {
		if !isOutput(f.Name) {
			out.Files = append(out.Files, f)
		}
	}
	out.Files = append(out.Files, outputs...)
	return out
}

// results runs the phases over an archive's manifest.yaml.
func results(t *testing.T, a *txtar.Archive) []txtar.File {
	t.Helper()
	dir := t.TempDir()
	input := value.Null
	hasInput := false
	env := map[string]string{} // environment.json
	for _, f := range a.Files {
		if isOutput(f.Name) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, f.Name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		if f.Name == "environment.json" {
			if err := json.Unmarshal(f.Data, &env); err != nil {
				t.Fatal(err)
			}
		}
		if f.Name == "input.json" {
			v, err := value.ParseJSON(f.Data, value.JSONLimits{})
			if err != nil {
				t.Fatal(err)
			}
			input, hasInput = v, true
		}
	}
	w, err := compile.New(compile.Options{Root: dir, Dir: dir, Lookup: func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}})
	if err != nil {
		t.Fatal(err)
	}
	prog, ds, err := w.Build(filepath.Join(dir, "manifest.yaml"), "")
	if err != nil {
		t.Fatal(err)
	}
	var human bytes.Buffer
	if err := render.Write(&human, render.Human, ds, render.Options{Files: 1}); err != nil {
		t.Fatal(err)
	}
	out := []txtar.File{{Name: "diagnostics.txt", Data: human.Bytes()}}
	if prog == nil {
		return out
	}
	out = append(out, txtar.File{Name: "ir.json", Data: essence(t, ir.ShowJSON(prog))})
	if !hasInput {
		return out
	}
	p, err := runtime.LoadIR(prog)
	if err != nil {
		t.Fatal(err)
	}
	r, err := runtime.New(runtime.Options{NewID: func() string { return "run" }, Seed: func() uint64 { return 1 }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	res, err := r.Run(ctx, p, input)
	if err != nil {
		t.Fatal(err)
	}
	data, err := res.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, data, "", "  "); err != nil {
		t.Fatal(err)
	}
	text := durations.ReplaceAllString(indented.String(), `"duration_ms": 0`)
	return append(out, txtar.File{Name: "run.json", Data: []byte(text + "\n")})
}

var durations = regexp.MustCompile(`"duration_ms": [0-9.e+-]+`)

// essence keeps of the IR what a reader of a golden file wants to see: meaning,
// not the place of every byte.
func essence(t *testing.T, data []byte) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(strip(v), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

// dropped are the keys of places and encodings.
var dropped = map[string]bool{
	"at": true, "map": true, "origin": true, "reads": true, "tree": true, "uses": true, "from": true, "hash": true,
	"semantic_hash": true, "full_hash": true, "text_hash": true,
}

func strip(v any) any {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		out := map[string]any{}
		for _, k := range keys {
			if dropped[k] {
				continue
			}
			x := strip(v[k])
			switch y := x.(type) {
			case nil:
				continue
			case map[string]any:
				if len(y) == 0 {
					continue
				}
			case []any:
				if len(y) == 0 {
					continue
				}
			case string:
				if y == "" {
					continue
				}
			case bool:
				if !y {
					continue
				}
			}
			out[k] = x
		}
		return out
	case []any:
		for i := range v {
			v[i] = strip(v[i])
		}
	}
	return v
}
