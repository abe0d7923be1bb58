package shape_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/format/edit"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

func check(name, text string) (*syntax.Tree, []*shape.Object, []diag.Diagnostic) {
	tree := syntax.Parse(source.NewFile(name, []byte(text)), syntax.Budget{})
	var ds diag.List
	var objs []*shape.Object
	stream := shape.NewStream(tree)
	for _, d := range tree.Docs {
		objs = append(objs, shape.CheckDocumentWith(tree, d.Root, shape.Options{Stream: stream}, &ds))
	}
	items := ds.Items()
	diag.Sort(items)
	return tree, objs, items
}

// Each file of testdata holds manifests, separated by lines of `=====`. A comment
// `#> CODE text` says that a finding with this code, whose message holds the
// text, stands on its line; several are separated by `;;`. `#fix CODE` at the end of a
// manifest is followed by the manifest as the first fix of that code leaves it.
// There must be no other findings.
func TestManifests(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no test data", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		line := 1
		for _, chunk := range strings.Split(string(text), "=====\n") {
			name := fmt.Sprintf("%s:%d", filepath.Base(file), line)
			line += strings.Count(chunk, "\n") + 1
			t.Run(name, func(t *testing.T) { runChunk(t, chunk) })
		}
	}
}

var wantComment = regexp.MustCompile(`#> (.*)$`)

func runChunk(t *testing.T, chunk string) {
	text, fixes, _ := strings.Cut(chunk, "#fix ")
	tree, _, ds := check("chunk.yaml", text)
	for _, d := range tree.Diags {
		t.Errorf("syntax: %s", d.Message)
	}
	type expectation struct {
		line       int
		code, text string
	}
	var want []expectation
	for i, line := range strings.Split(text, "\n") {
		m := wantComment.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, one := range strings.Split(m[1], ";;") {
			code, msg, _ := strings.Cut(strings.TrimSpace(one), " ")
			want = append(want, expectation{i + 1, code, msg})
		}
	}
	for _, d := range ds {
		line := tree.File.Position(int(d.Loc.Span.Start)).Line
		found := false
		for i, w := range want {
			if w.line == line && w.code == string(d.Code) && strings.Contains(d.Message, w.text) {
				want = append(want[:i], want[i+1:]...)
				found = true
				break
			}
		}
		if !found {
			t.Errorf("line %d: unexpected %s %s (%s)", line, d.Code, d.Message, d.Help)
		}
	}
	for _, w := range want {
		t.Errorf("line %d: no %s %q", w.line, w.code, w.text)
	}
	for fixes != "" {
		var fix string
		fix, fixes, _ = strings.Cut(fixes, "#fix ")
		code, wantText, _ := strings.Cut(fix, "\n")
		applied := false
		for _, d := range ds {
			if string(d.Code) != strings.TrimSpace(code) || applied {
				continue
			}
			applied = true
			if len(d.Fixes) == 0 {
				t.Errorf("%s has no fix", code)
				continue
			}
			got, err := edit.Apply([]byte(text), d.Fixes[0].Edits)
			if err != nil {
				t.Fatal(err)
			}
			if clean(string(got)) != clean(wantText) {
				t.Errorf("fix %q of %s gives\n%s\nwant\n%s", d.Fixes[0].Title, code, clean(string(got)), clean(wantText))
			}
		}
		if !applied {
			t.Errorf("there is no finding %s to fix", code)
		}
	}
}

// clean removes expectations and blank space at line ends.
func clean(s string) string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		l = wantComment.ReplaceAllString(l, "")
		out = append(out, strings.TrimRight(l, " "))
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

// The examples of the code table have the findings that they are examples of.
func TestExamplesOfTheCodeTable(t *testing.T) {
	n := 0
	for _, e := range diag.Entries() {
		if e.NoExample != "" || !strings.HasPrefix(string(e.Code), "HX02") && !strings.HasPrefix(string(e.Code), "HX09") {
			continue
		}
		n++
		has := func(text string) bool {
			_, _, ds := check("example.yaml", text)
			for _, d := range ds {
				if d.Code == e.Code {
					return true
				}
			}
			return false
		}
		if !has(e.Bad) {
			t.Errorf("%s: its example does not have the finding:\n%s", e.Code, e.Bad)
		}
		if _, _, ds := check("example.yaml", e.Good); len(ds) > 0 {
			t.Errorf("%s: its mended example has findings: %v", e.Code, ds)
		}
	}
	if n < 30 {
		t.Errorf("only %d examples", n)
	}
}

// Every safe fix of an example makes the finding go away and makes no other one.
func TestFixesMend(t *testing.T) {
	n := 0
	for _, e := range diag.Entries() {
		if !strings.HasPrefix(string(e.Code), "HX02") && !strings.HasPrefix(string(e.Code), "HX09") {
			continue
		}
		_, _, before := check("example.yaml", e.Bad)
		for _, d := range before {
			for _, f := range d.Fixes {
				if len(f.Edits) == 0 {
					continue
				}
				n++
				got, err := edit.Apply([]byte(e.Bad), f.Edits)
				if err != nil {
					t.Errorf("%s: %q: %v", e.Code, f.Title, err)
					continue
				}
				tree, _, after := check("example.yaml", string(got))
				for _, s := range tree.Diags {
					t.Errorf("%s: %q breaks the syntax: %s\n%s", e.Code, f.Title, s.Message, got)
				}
				for _, a := range after {
					if a.Code == d.Code && a.Message == d.Message {
						t.Errorf("%s: %q mends nothing:\n%s", e.Code, f.Title, got)
					}
				}
			}
		}
	}
	if n < 15 {
		t.Errorf("only %d fixes", n)
	}
}
