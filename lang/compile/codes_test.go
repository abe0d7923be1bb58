package compile_test

import (
	"io/fs"
	"testing"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
)

// checkText checks one manifest that is in no file.
func checkText(t *testing.T, text string) []diag.Diagnostic {
	t.Helper()
	w, err := compile.New(compile.Options{
		Root: t.TempDir(),
		ReadFile: func(name string) ([]byte, error) {
			if name == "example.yaml" {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ds, err := w.CheckFile("example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// TestCodeExamples compiles the examples of every code: the failing one has the
// finding, the mended one has neither it nor any error.
func TestCodeExamples(t *testing.T) {
	for _, e := range diag.Entries() {
		t.Run(string(e.Code)+" "+e.Rule, func(t *testing.T) {
			if e.NoExample != "" {
				if e.Bad != "" || e.Good != "" {
					t.Error("it has both an example and a reason for having none")
				}
				return
			}
			found := false
			for _, d := range checkText(t, e.Bad) {
				found = found || d.Code == e.Code
			}
			if !found {
				t.Errorf("the failing example does not show it\n%s\n%s", e.Bad, list(checkText(t, e.Bad)))
			}
			for _, d := range checkText(t, e.Good) {
				if d.Code == e.Code || d.Severity == diag.Error {
					t.Errorf("the mended example has %s %s\n%s", d.Code, d.Message, e.Good)
				}
			}
		})
	}
}

func list(ds []diag.Diagnostic) string {
	s := ""
	for _, d := range ds {
		s += string(d.Code) + " " + d.Severity.String() + " " + d.Message + "\n"
	}
	return s
}
