package fix

import (
	"os"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// replacing is a checker that wants words replaced by others, each a finding.
func replacing(safe bool, words map[string]string) Checker {
	return func(paths []string, read ReadFile) ([]diag.Diagnostic, error) {
		var out []diag.Diagnostic
		for _, p := range paths {
			text, err := read(p)
			if err != nil {
				return nil, err
			}
			f := source.NewFile(p, text)
			for word, by := range words {
				if i := strings.Index(f.Text(), word); i >= 0 {
					loc := source.Location{File: f, Span: source.Span{Start: int32(i), End: int32(i + len(word))}}
					out = append(out, diag.New(diag.Internal, loc, "x").WithFix("replace", safe, diag.Edit{Loc: loc, NewText: by}))
				}
			}
		}
		return out, nil
	}
}

func write(t *testing.T, files map[string]string) {
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestApplyGoesOnUntilNothingIsLeft(t *testing.T) {
	write(t, map[string]string{"a.yaml": "k: one one two\n", "b.yaml": "k: zero\n"})
	r, err := Apply([]string{"a.yaml", "b.yaml"}, replacing(true, map[string]string{"one": "1", "two": "2"}), false)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(r.Changed["a.yaml"]); got != "k: 1 1 2\n" || len(r.Changed) != 1 || r.Fixed != 3 || len(r.Remaining) != 0 {
		t.Errorf("%q, %+v", got, r)
	}
	if text, err := os.ReadFile("a.yaml"); err != nil || string(text) != "k: one one two\n" {
		t.Error("the file was written")
	}
}

func TestUnsafeFixesOnlyOnDemand(t *testing.T) {
	write(t, map[string]string{"a.yaml": "k: one\n"})
	check := replacing(false, map[string]string{"one": "1"})
	if r, err := Apply([]string{"a.yaml"}, check, false); err != nil || len(r.Changed) != 0 || len(r.Remaining) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := Apply([]string{"a.yaml"}, check, true); err != nil || len(r.Changed) != 1 || len(r.Remaining) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestFixesThatUndoEachOtherEnd(t *testing.T) {
	write(t, map[string]string{"a.yaml": "k: one\n"})
	r, err := Apply([]string{"a.yaml"}, replacing(true, map[string]string{"one": "two", "two": "one"}), false)
	if err != nil || len(r.Remaining) == 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAFixThatBreaksAFileIsRefused(t *testing.T) {
	write(t, map[string]string{"a.yaml": "k: one\n"})
	r, err := Apply([]string{"a.yaml"}, replacing(true, map[string]string{"one": "[1"}), false)
	if err != nil || len(r.Changed) != 0 || r.Fixed != 0 || len(r.Remaining) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestOtherFilesStayAsTheyAre(t *testing.T) {
	write(t, map[string]string{"a.yaml": "k: one\n", "b.yaml": "k: one\n"})
	inner := replacing(true, map[string]string{"one": "1"})
	r, err := Apply([]string{"a.yaml"}, func(_ []string, read ReadFile) ([]diag.Diagnostic, error) {
		return inner([]string{"a.yaml", "b.yaml"}, read)
	}, false)
	if err != nil || len(r.Changed) != 1 || r.Changed["a.yaml"] == nil || len(r.Remaining) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAFindingThatComesTwiceIsFixedOnce(t *testing.T) {
	write(t, map[string]string{"a.yaml": "k: one\n"})
	inner := replacing(true, map[string]string{"one": "1"})
	r, err := Apply([]string{"a.yaml"}, func(paths []string, read ReadFile) ([]diag.Diagnostic, error) {
		first, _ := inner(paths, read)
		second, err := inner(paths, read) // another source with the same text
		return append(first, second...), err
	}, false)
	if err != nil || string(r.Changed["a.yaml"]) != "k: 1\n" {
		t.Errorf("%+v, %v", r, err)
	}
}
