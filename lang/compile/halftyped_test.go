package compile_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	runtimedebug "runtime/debug"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
)

// corpusTexts are all YAML files of the corpus.
func corpusTexts(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(corpus, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".yaml") {
			return err
		}
		data, err := os.ReadFile(name)
		out[name] = string(data)
		return err
	})
	if err != nil || len(out) == 0 {
		t.Skipf("the corpus is not there: %v", err)
	}
	return out
}

// checkAny checks a text and says what is wrong with the answer, not with the
// text.
func checkAny(dir, text string) (ds []diag.Diagnostic, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, runtimedebug.Stack())
		}
	}()
	w, err := compile.New(compile.Options{Root: dir, ReadFile: func(name string) ([]byte, error) {
		if filepath.Base(name) == "m.yaml" {
			return []byte(text), nil
		}
		return nil, errors.New("no such file")
	}})
	if err != nil {
		return nil, err
	}
	ds, err = w.CheckFile("m.yaml")
	if err != nil {
		return nil, err
	}
	for _, d := range ds {
		if d.Message == "" || strings.ContainsAny(d.Message, "\n\r") {
			return nil, fmt.Errorf("%s: the message is no line: %q", d.Code, d.Message)
		}
		if _, ok := diag.Lookup(d.Code); !ok {
			return nil, fmt.Errorf("%s is not in the table", d.Code)
		}
		locs := []diag.Related{{Loc: d.Loc}}
		locs = append(locs, d.Related...)
		for _, f := range d.Fixes {
			for _, e := range f.Edits {
				locs = append(locs, diag.Related{Loc: e.Loc})
			}
		}
		for _, l := range locs {
			if l.Loc.File == nil {
				continue
			}
			if s := l.Loc.Span; s.Start < 0 || s.End < s.Start || int(s.End) > len(l.Loc.File.Content()) {
				return nil, fmt.Errorf("%s: span %v is outside of the file of %d bytes", d.Code, s, len(l.Loc.File.Content()))
			}
		}
	}
	return ds, nil
}

// TestHalfTyped checks what an editor would: texts that end anywhere, and texts
// with a line missing. HEXDAG_LONG=1 takes every byte instead of a sample.
func TestHalfTyped(t *testing.T) {
	dir := t.TempDir()
	stride := 61
	if os.Getenv("HEXDAG_LONG") != "" {
		stride = 1
	}
	n := 0
	for name, text := range corpusTexts(t) {
		for end := n % stride; end < len(text); end += stride {
			if _, err := checkAny(dir, text[:end]); err != nil {
				t.Errorf("%s cut at byte %d: %v", name, end, err)
			}
			n++
		}
		lines := strings.SplitAfter(text, "\n")
		for i := n % 7; i < len(lines); i += 7 {
			if _, err := checkAny(dir, strings.Join(lines[:i], "")+strings.Join(lines[i+1:], "")); err != nil {
				t.Errorf("%s without line %d: %v", name, i+1, err)
			}
			n++
		}
	}
	t.Logf("%d half-typed manifests", n)
}

// FuzzCheck looks for texts that break the compiler.
func FuzzCheck(f *testing.F) {
	for _, e := range diag.Entries() {
		f.Add(e.Bad)
		f.Add(e.Good)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := checkAny(dir, text); err != nil {
			t.Error(err)
		}
	})
}
