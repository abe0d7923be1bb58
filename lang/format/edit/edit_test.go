package edit

import (
	"errors"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

func at(f *source.File, start, end int32, text string) diag.Edit {
	return diag.Edit{Loc: source.Location{File: f, Span: source.Span{Start: start, End: end}}, NewText: text}
}

func TestApply(t *testing.T) {
	f := source.NewFile("a.yaml", []byte("0123456789"))
	for _, c := range []struct {
		name  string
		edits []diag.Edit
		want  string
	}{
		{"nothing to do", nil, "0123456789"},
		{"edits in any order", []diag.Edit{at(f, 8, 9, "x"), at(f, 0, 1, "y")}, "y1234567x9"},
		{"neighbours may touch", []diag.Edit{at(f, 2, 4, "a"), at(f, 4, 6, "b")}, "01ab6789"},
		{"insertions at one place keep their order", []diag.Edit{at(f, 5, 5, "a"), at(f, 5, 5, "b")}, "01234ab56789"},
		{"an insertion stands before a replacement of the same start", []diag.Edit{at(f, 5, 6, "r"), at(f, 5, 5, "i")}, "01234ir6789"},
		{"an insertion at the end of a replacement", []diag.Edit{at(f, 5, 6, "r"), at(f, 6, 6, "i")}, "01234ri6789"},
		{"a replacement that two want is made once", []diag.Edit{at(f, 5, 6, "r"), at(f, 5, 6, "r")}, "01234r6789"},
		{"start and end of the text", []diag.Edit{at(f, 0, 0, "<"), at(f, 10, 10, ">")}, "<0123456789>"},
	} {
		got, err := Apply(f.Content(), c.edits)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
	if f.Text() != "0123456789" {
		t.Error("Apply changed its input")
	}
}

func TestApplyRefusesOverlaps(t *testing.T) {
	f := source.NewFile("a.yaml", []byte("0123456789"))
	for _, c := range []struct {
		name  string
		edits []diag.Edit
	}{
		{"partly", []diag.Edit{at(f, 2, 5, "a"), at(f, 4, 6, "b")}},
		{"inside", []diag.Edit{at(f, 2, 8, "a"), at(f, 4, 5, "b")}},
		{"same place, other text", []diag.Edit{at(f, 2, 3, "a"), at(f, 2, 3, "b")}},
		{"an insertion inside a replacement", []diag.Edit{at(f, 2, 5, "a"), at(f, 3, 3, "b")}},
	} {
		var overlap *Overlap
		if got, err := Apply(f.Content(), c.edits); !errors.As(err, &overlap) {
			t.Errorf("%s: %q, %v; want an Overlap", c.name, got, err)
		}
	}
	if _, err := Apply(f.Content(), []diag.Edit{at(f, 9, 11, "")}); err == nil {
		t.Error("an edit past the end was made")
	}
	if _, err := Apply(f.Content(), []diag.Edit{at(f, 5, 4, "")}); err == nil {
		t.Error("an edit that ends before it starts was made")
	}
}

func TestSetTakesAFixAsAWhole(t *testing.T) {
	a, b := source.NewFile("a.yaml", []byte("aaaa")), source.NewFile("b.yaml", []byte("bbbb"))
	var s Set
	if !s.Add(diag.Fix{Edits: []diag.Edit{at(a, 0, 2, "x"), at(b, 0, 2, "y")}}) {
		t.Fatal("the first fix was refused")
	}
	if s.Add(diag.Fix{Edits: []diag.Edit{at(a, 3, 4, "z"), at(b, 1, 3, "z")}}) {
		t.Error("a fix that collides in one file was taken")
	}
	if !s.Add(diag.Fix{Edits: []diag.Edit{at(a, 0, 2, "x"), at(a, 2, 2, "+")}}) {
		t.Error("a fix that repeats an edit and touches it was refused")
	}
	if s.Add(diag.Fix{Edits: []diag.Edit{at(a, 1, 1, "i")}}) {
		t.Error("an insertion inside a replacement was taken")
	}
	if s.Add(diag.Fix{Edits: []diag.Edit{{NewText: "nowhere"}}}) {
		t.Error("an edit without a file was taken")
	}
	files := s.Files()
	if len(files) != 2 || files[0] != a || files[1] != b {
		t.Fatalf("files %v", files)
	}
	for f, want := range map[*source.File]string{a: "x+aa", b: "ybb"} {
		if got, err := s.Apply(f); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v; want %q", f.Path(), got, err, want)
		}
	}
}
