package ide

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/source"
)

var update = flag.Bool("update", false, "rewrite the answers in testdata")

// mark is a place in a test file: written «name», or «name:text» for a span.
type mark struct {
	name string
	path string
	span source.Span
}

var marker = regexp.MustCompile(`«([a-z0-9_]+)(?::([^»]*))?»`)

// workspace is the files of a test without their marks, and the marks.
func workspace(t testing.TB, files []txtar.File) (*compile.Snapshot, []mark) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var marks []mark
	for _, f := range files {
		if f.Name == "want" {
			continue
		}
		path := filepath.Join(dir, f.Name)
		var out strings.Builder
		text := string(f.Data)
		if strings.HasPrefix(text, "#crlf\n") {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		at := 0
		for _, m := range marker.FindAllStringSubmatchIndex(text, -1) {
			out.WriteString(text[at:m[0]])
			start := out.Len()
			if m[4] >= 0 {
				out.WriteString(text[m[4]:m[5]])
			}
			marks = append(marks, mark{text[m[2]:m[3]], path, source.Span{Start: int32(start), End: int32(out.Len())}})
			at = m[1]
		}
		out.WriteString(text[at:])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	st, err := compile.NewStore(compile.Options{Root: dir, Dir: dir, Lookup: lookup})
	if err != nil {
		t.Fatal(err)
	}
	sort.SliceStable(marks, func(i, j int) bool { return marks[i].name < marks[j].name })
	return st.Snapshot(), marks
}

// lookup is the environment of the tests.
func lookup(name string) (string, bool) {
	v, ok := map[string]string{"REGION": "eu", "MODEL_API_KEY": "must-not-be-shown"}[name]
	return v, ok
}

// features are what the folders of testdata test: each writes its answer at a
// mark.
var features = map[string]func(w *strings.Builder, s *compile.Snapshot, m mark) error{
	"completion": func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		items, err := Complete(s, m.path, int(m.span.End))
		if err != nil {
			return err
		}
		text, _ := s.Read(m.path)
		shown := 0
		for _, it := range items {
			name := it.Filter
			if name == "" {
				name = it.Label
			}
			typed := string(text[it.Span.Start:max(it.Span.Start, m.span.End)])
			if !strings.HasPrefix(name, typed) {
				continue // what an editor does not show
			}
			if shown++; shown > 10 {
				fmt.Fprintf(w, "  … %d in all\n", len(items))
				break
			}
			fmt.Fprintf(w, "  %s | %s | %q → %q\n", it.Label, it.Detail, text[it.Span.Start:it.Span.End], it.Text)
		}
		return nil
	},
	"hover": func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		n, err := Hover(s, m.path, int(m.span.Start), lookup)
		if err != nil || n == nil {
			return err
		}
		text, _ := s.Read(m.path)
		fmt.Fprintf(w, "  %q\n", text[n.Span.Start:n.Span.End])
		for _, line := range strings.Split(n.Text, "\n") {
			fmt.Fprintf(w, "  | %s\n", line)
		}
		return nil
	},
	"definition": func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		list, err := Definition(s, m.path, int(m.span.Start))
		writeLocations(w, s, list)
		return err
	},
	"references": func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		list, err := References(context.Background(), s, m.path, int(m.span.Start), true)
		writeLocations(w, s, list)
		return err
	},
	"linked": func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		list, err := Linked(s, m.path, int(m.span.Start))
		writeLocations(w, s, list)
		return err
	},
	"rename": func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		name, _ := strings.CutPrefix(m.name, "to_")
		edits, err := Rename(context.Background(), s, m.path, int(m.span.Start), name)
		var no *RefusedError
		if errors.As(err, &no) {
			fmt.Fprintf(w, "  refused: %s\n", no.Reason)
			return nil
		}
		writeEdits(w, s, edits)
		return err
	},
	"outline": func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		list, err := Outline(s, m.path)
		var walk func(list []Entry, pad string)
		walk = func(list []Entry, pad string) {
			for _, e := range list {
				fmt.Fprintf(w, "%s%s (%s)\n", pad, e.Name, e.Detail)
				walk(e.Children, pad+"  ")
			}
		}
		walk(list, "  ")
		return err
	},
	"symbols": func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		list, err := Search(context.Background(), s, m.name)
		for _, f := range list {
			fmt.Fprintf(w, "  %s in %q: %s\n", f.Name, f.Container, place(s, f.Location))
		}
		return err
	},
	"links": func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		list, err := Links(s, m.path)
		text, _ := s.Read(m.path)
		for _, l := range list {
			fmt.Fprintf(w, "  %q → %s\n", text[l.Span.Start:l.Span.End], place(s, l.Target))
		}
		return err
	},
	"actions": func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		list, err := Actions(s, m.path, m.span, nil)
		for _, a := range list {
			fmt.Fprintf(w, "  %s: %s\n", a.Kind, a.Title)
			after, err := Changed(s, a.Edits)
			if err != nil {
				return err
			}
			for _, p := range sortedKeys(after) {
				before, _ := s.Read(p)
				writeDifference(w, filepath.Base(p), string(before), string(after[p]))
			}
		}
		return err
	},
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// writeDifference shows the lines that differ.
func writeDifference(w *strings.Builder, name, before, after string) {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	endA, endB := len(a), len(b)
	for endA > start && endB > start && a[endA-1] == b[endB-1] {
		endA, endB = endA-1, endB-1
	}
	fmt.Fprintf(w, "    %s:%d\n", name, start+1)
	for _, l := range a[start:endA] {
		fmt.Fprintf(w, "    - %s\n", l)
	}
	for _, l := range b[start:endB] {
		fmt.Fprintf(w, "    + %s\n", l)
	}
}

// place is a location as FILE:LINE:COLUMN and its text.
func place(s *compile.Snapshot, l Location) string {
	text, err := s.Read(l.Path)
	if err != nil {
		return l.Path
	}
	f := source.NewFile(l.Path, text)
	p := f.Position(int(l.Span.Start))
	rel, _ := filepath.Rel(s.Root(), l.Path)
	return fmt.Sprintf("%s:%d:%d %q", filepath.ToSlash(rel), p.Line, p.Column, f.Slice(l.Span))
}

func writeLocations(w *strings.Builder, s *compile.Snapshot, list []Location) {
	for _, l := range list {
		fmt.Fprintf(w, "  %s\n", place(s, l))
	}
}

func writeEdits(w *strings.Builder, s *compile.Snapshot, list []Edit) {
	for _, e := range list {
		fmt.Fprintf(w, "  %s → %q\n", place(s, e.Location), e.NewText)
	}
}

// TestMarkers asks each feature at each mark of its files and compares the
// answers with what stands in the file under `want`.
func TestMarkers(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no files", err)
	}
	tested := map[string]bool{}
	for _, name := range files {
		feature := filepath.Base(filepath.Dir(name))
		tested[feature] = true
		t.Run(feature+"/"+strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			f := features[feature]
			if f == nil {
				t.Fatalf("there is no feature %q", feature)
			}
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			s, marks := workspace(t, archive.Files)
			if len(marks) == 0 {
				t.Fatal("there is no mark")
			}
			var w strings.Builder
			for _, m := range marks {
				fmt.Fprintf(&w, "%s:\n", m.name)
				if err := f(&w, s, m); err != nil {
					t.Errorf("%s: %v", m.name, err)
				}
			}
			got := strings.ReplaceAll(w.String(), s.Root(), "ROOT")
			if strings.Contains(got, "must-not-be-shown") {
				t.Error("a secret is shown")
			}
			want := ""
			rest := archive.Files[:0:0]
			for _, x := range archive.Files {
				if x.Name == "want" {
					want = string(x.Data)
					continue
				}
				rest = append(rest, x)
			}
			if got == want {
				return
			}
			if *update {
				archive.Files = append(rest, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("got\n%s\nwant\n%s", got, want)
		})
	}
	for name := range features {
		if !tested[name] {
			t.Errorf("no file tests %q", name)
		}
	}
}

func init() {
	features["signature"] = func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		sig, err := SignatureHelp(s, m.path, int(m.span.Start))
		if sig != nil {
			active := "none"
			if sig.Active < len(sig.Params) {
				active = sig.Params[sig.Active]
			}
			fmt.Fprintf(w, "  %s: %s\n", sig.Label, active)
		}
		return err
	}
	features["tokens"] = func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		list, err := Tokens(s, m.path)
		text, _ := s.Read(m.path)
		for _, t := range list {
			mod := ""
			if t.Modifiers&Declaration != 0 {
				mod = " declaration"
			}
			fmt.Fprintf(w, "  %q %s%s\n", text[t.Span.Start:t.Span.End], TokenLegend[t.Type], mod)
		}
		return err
	}
	features["folds"] = func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		list, err := Folds(s, m.path)
		for _, f := range list {
			fmt.Fprintf(w, "  %d-%d %v\n", f.Start+1, f.End+1, f.Comment)
		}
		return err
	}
	features["selection"] = func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		list, err := SelectionRanges(s, m.path, int(m.span.Start))
		text, _ := s.Read(m.path)
		for _, r := range list[:len(list)-1] {
			fmt.Fprintf(w, "  %q\n", text[r.Start:r.End])
		}
		return err
	}
	features["hints"] = func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		text, _ := s.Read(m.path)
		list, err := Hints(s, m.path, source.Span{End: int32(len(text))})
		f := source.NewFile("", text)
		for _, h := range list {
			p := f.Position(h.Offset)
			fmt.Fprintf(w, "  %d:%d %q\n", p.Line, p.Column, h.Label)
		}
		return err
	}
	features["lenses"] = func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		list, err := Lenses(s, m.path)
		for _, l := range list {
			fmt.Fprintf(w, "  %s: %s %s %s\n", strings.Fields(place(s, Location{m.path, source.Span{Start: l.Span.Start, End: l.Span.Start}}))[0], l.Title, l.Command, l.Name)
		}
		return err
	}
	features["hierarchy"] = func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		x, err := CallableAt(s, m.path, int(m.span.Start))
		if err != nil || x == nil {
			return err
		}
		fmt.Fprintf(w, "  %s %s\n", x.Detail, x.Name)
		out, err := Outgoing(s, *x)
		if err != nil {
			return err
		}
		for _, c := range out {
			fmt.Fprintf(w, "    runs %s %s (%d places)\n", c.Detail, c.Name, len(c.At))
		}
		in, err := Incoming(context.Background(), s, *x)
		for _, c := range in {
			fmt.Fprintf(w, "    is run by %s %s (%d places)\n", c.Detail, c.Name, len(c.At))
		}
		return err
	}
	features["formatting"] = func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		edits, err := Format(s, m.path, &m.span)
		writeEdits(w, s, edits)
		return err
	}
	features["newline"] = func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		edits, err := Indent(s, m.path, int(m.span.Start))
		writeEdits(w, s, edits)
		return err
	}
	features["moves"] = func(w *strings.Builder, s *compile.Snapshot, m mark) error {
		to := filepath.Join(s.Root(), strings.ReplaceAll(m.name, "_", "/")+".yaml")
		edits, err := MoveFiles(context.Background(), s, []Move{{m.path, to}})
		writeEdits(w, s, edits)
		return err
	}
}
