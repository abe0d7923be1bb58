package ide

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/source"
)

// TestRandomEditor edits a workspace at random and asks for everything at random
// places: nothing panics or fails, every span is in its text and between
// characters, columns in UTF-16 lead back, and what was kept from before equals
// what is worked out from nothing. HEXDAG_EDITOR_STEPS sets the number of edits,
// HEXDAG_EDITOR_SEED where they begin.
func TestRandomEditor(t *testing.T) {
	steps, seed := 2000, uint64(1)
	if testing.Short() {
		steps = 150
	}
	if n, err := strconv.Atoi(os.Getenv("HEXDAG_EDITOR_STEPS")); err == nil {
		steps = n
	}
	if n, err := strconv.ParseUint(os.Getenv("HEXDAG_EDITOR_SEED"), 10, 64); err == nil {
		seed = n
	}
	e := newRandomEditor(t, seed)
	for i := range steps {
		e.step()
		e.ask()
		if i%5 == 0 {
			e.compare()
		}
		if t.Failed() {
			t.Fatalf("at step %d of seed %d, in %s:\n%s", i, seed, e.path, e.text())
		}
	}
}

type randomEditor struct {
	t     *testing.T
	r     *rand.Rand
	dir   string
	store *compile.Store
	texts map[string]string // the editor's, by path
	paths []string
	undo  map[string][]string
	words []string
	path  string // the file of the last edit
}

func newRandomEditor(t *testing.T, seed uint64) *randomEditor {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e := &randomEditor{t: t, r: rand.New(rand.NewPCG(seed, 7)), dir: dir, texts: map[string]string{}, undo: map[string][]string{}}
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	goldens, err := filepath.Glob("../../testdata/golden/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	add := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		e.texts[path] = text
		e.paths = append(e.paths, path)
		e.words = append(e.words, strings.Fields(text)...)
	}
	for i, name := range append(files, goldens...) {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for j, f := range archive.Files {
			if !strings.HasSuffix(f.Name, ".yaml") || f.Name == "hexdag.yaml" || len(f.Data) > 6000 {
				continue
			}
			text := marker.ReplaceAllString(string(f.Data), "$2")
			if i%4 == 1 {
				text = strings.ReplaceAll(text, "\n", "\r\n")
			}
			add(fmt.Sprintf("f%d_%d.yaml", i, j), text)
		}
	}
	add("hexdag.yaml", "kind: Config\nspec:\n  limits: {max_llm_calls: 9}\n  caps: {deny: [secret]}\n")
	if e.store, err = compile.NewStore(compile.Options{Root: dir, Dir: dir, Lookup: lookup}); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *randomEditor) text() string { return e.texts[e.path] }

// boundary is a random offset between two characters.
func (e *randomEditor) boundary(text string) int {
	if text == "" {
		return 0
	}
	at := e.r.IntN(len(text) + 1)
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

var typed = []string{"a", " ", "\n", "\r\n", ":", "- ", ".", "$", "{{ ", "}}", "{% for x in ", " %}", "[", "]", "'", "\"", "|", "😀", "ä", "#", "${", "}", "&a ", "*a", "!include ", "---\n", "\t", "(", ",", "kind: ", "spec:\n  ", "\u2028", "\ufeff"}

// step makes one edit.
func (e *randomEditor) step() {
	e.path = e.paths[e.r.IntN(len(e.paths))]
	text := e.text()
	at := e.boundary(text)
	next := text
	switch e.r.IntN(9) {
	case 0, 1, 2:
		next = text[:at] + typed[e.r.IntN(len(typed))] + text[at:]
	case 3: // a word of the workspace
		next = text[:at] + e.words[e.r.IntN(len(e.words))] + text[at:]
	case 4: // half of a line goes away
		f := source.NewFile("", []byte(text))
		line := f.LineSpan(f.Line(at))
		next = text[:at] + text[line.End:]
	case 5: // a piece goes away
		to := e.boundary(text)
		if to-at > 200 || at-to > 200 {
			to = at
		}
		next = text[:min(at, to)] + text[max(at, to):]
	case 6: // a paste from another file
		other := e.texts[e.paths[e.r.IntN(len(e.paths))]]
		from, to := e.boundary(other), e.boundary(other)
		from, to = min(from, to), max(from, to)
		if to-from < 400 && len(text) < 8000 {
			next = text[:at] + other[from:to] + text[at:]
		}
	case 7: // undo
		if u := e.undo[e.path]; len(u) > 0 {
			next, e.undo[e.path] = u[0], nil
		}
	case 8: // a rename, if there is a name that can have another
		s := e.store.Snapshot()
		edits, err := Rename(context.Background(), s, e.path, at, "renamed_"+strconv.Itoa(e.r.IntN(50)))
		var refused *RefusedError
		if err != nil && !errors.As(err, &refused) {
			e.t.Errorf("rename: %v", err)
		}
		after, err := Changed(s, edits)
		if err != nil {
			e.t.Error(err)
		}
		for p, text := range after {
			e.set(p, string(text))
		}
		return
	}
	if len(e.undo[e.path]) == 0 {
		e.undo[e.path] = []string{text}
	}
	e.set(e.path, next)
}

func (e *randomEditor) set(path, text string) {
	e.texts[path] = text
	e.store.SetOverlay(path, []byte(text))
}

// ask asks for everything at a random place.
func (e *randomEditor) ask() {
	s := e.store.Snapshot()
	offset := e.boundary(e.text())
	ctx := context.Background()
	ok := func(what string, err error) {
		var refused *RefusedError
		if err != nil && !errors.As(err, &refused) {
			e.t.Errorf("%s: %v", what, err)
		}
	}
	in := func(what, path string, span source.Span) {
		text, err := s.Read(path)
		if err != nil {
			e.t.Errorf("%s: %v", what, err)
			return
		}
		if span.Start < 0 || span.End < span.Start || int(span.End) > len(text) {
			e.t.Errorf("%s: span %v of %d bytes", what, span, len(text))
			return
		}
		f := source.NewFile("", text)
		for _, at := range []int32{span.Start, span.End} {
			if utf8.Valid(text) && int(at) < len(text) && !utf8.RuneStart(text[at]) {
				e.t.Errorf("%s: offset %d is inside of a character", what, at)
			}
			// A place inside of a line break is that in front of it.
			line, column := f.UTF16(int(at))
			if back := f.OffsetUTF16(line, column); back != int(at) && strings.Trim(string(text[min(back, int(at)):max(back, int(at))]), "\r\n") != "" {
				e.t.Errorf("%s: offset %d is %d:%d, which is %d", what, at, line, column, back)
			}
		}
	}
	path := e.path
	items, err := Complete(s, path, offset)
	ok("complete", err)
	for _, it := range items {
		in("complete", path, it.Span)
	}
	n, err := Hover(s, path, offset, lookup)
	ok("hover", err)
	if n != nil {
		in("hover", path, n.Span)
	}
	_, err = SignatureHelp(s, path, offset)
	ok("signature", err)
	defs, err := Definition(s, path, offset)
	ok("definition", err)
	for _, l := range defs {
		in("definition", l.Path, l.Span)
	}
	highlights, err := Highlights(s, path, offset)
	ok("highlights", err)
	for _, h := range highlights {
		in("highlight", h.Path, h.Span)
	}
	linked, err := Linked(s, path, offset)
	ok("linked", err)
	for _, l := range linked {
		in("linked", l.Path, l.Span)
	}
	entries, err := Outline(s, path)
	ok("outline", err)
	var walk func([]Entry)
	walk = func(list []Entry) {
		for _, x := range list {
			in("outline", path, x.Span)
			in("outline name", path, x.NameSpan)
			walk(x.Children)
		}
	}
	walk(entries)
	links, err := Links(s, path)
	ok("links", err)
	for _, l := range links {
		in("link", path, l.Span)
	}
	to := e.boundary(e.text())
	actions, err := Actions(s, path, source.Span{Start: int32(min(offset, to)), End: int32(max(offset, to))}, nil)
	ok("actions", err)
	for _, a := range actions {
		for _, x := range a.Edits {
			in("action "+a.Title, x.Path, x.Span)
		}
	}
	last := int32(-1)
	tokens, err := Tokens(s, path)
	ok("tokens", err)
	for _, x := range tokens {
		in("token", path, x.Span)
		if x.Span.Start < last {
			e.t.Errorf("tokens overlap at %d", x.Span.Start)
		}
		last = x.Span.End
	}
	folds, err := Folds(s, path)
	ok("folds", err)
	for _, x := range folds {
		if x.End <= x.Start {
			e.t.Errorf("fold %v", x)
		}
	}
	ranges, err := SelectionRanges(s, path, offset)
	ok("selection", err)
	for i, x := range ranges {
		in("selection", path, x)
		if i > 0 && !x.Encloses(ranges[i-1]) {
			e.t.Errorf("selection %v does not hold %v", x, ranges[i-1])
		}
	}
	hints, err := Hints(s, path, source.Span{End: int32(len(e.text()))})
	ok("hints", err)
	for _, h := range hints {
		in("hint", path, source.Span{Start: int32(h.Offset), End: int32(h.Offset)})
	}
	_, err = Lenses(s, path)
	ok("lenses", err)
	edits, err := Format(s, path, &source.Span{Start: int32(min(offset, to)), End: int32(max(offset, to))})
	ok("format", err)
	for _, x := range edits {
		in("format", path, x.Span)
	}
	edits, err = Indent(s, path, offset)
	ok("indent", err)
	for _, x := range edits {
		in("indent", path, x.Span)
	}
	x, err := CallableAt(s, path, offset)
	ok("callable", err)
	if x != nil {
		_, err = Outgoing(s, *x)
		ok("outgoing", err)
	}
	if e.r.IntN(20) == 0 {
		refs, err := References(ctx, s, path, offset, true)
		ok("references", err)
		for _, l := range refs {
			in("reference", l.Path, l.Span)
		}
		_, err = Search(ctx, s, "a")
		ok("search", err)
	}
}

// compare works everything out from nothing and compares it with what was kept.
func (e *randomEditor) compare() {
	fresh, err := compile.NewStore(compile.Options{Root: e.dir, Dir: e.dir, Lookup: lookup})
	if err != nil {
		e.t.Fatal(err)
	}
	for p, text := range e.texts {
		fresh.SetOverlay(p, []byte(text))
	}
	kept, made := e.store.Snapshot(), fresh.Snapshot()
	for _, p := range []string{e.path, e.paths[e.r.IntN(len(e.paths))]} {
		a, err := kept.Analyze(p)
		b, err2 := made.Analyze(p)
		if err != nil || err2 != nil {
			e.t.Fatal(err, err2)
		}
		show := func(x *compile.Analysis) string {
			var w strings.Builder
			for _, d := range x.Diags {
				fmt.Fprintln(&w, d.Code, d.Loc.Span, d.Message)
			}
			return w.String()
		}
		if show(a) != show(b) {
			e.t.Errorf("%s: kept\n%s\nfrom nothing\n%s", p, show(a), show(b))
		}
		ta, _ := Tokens(kept, p)
		tb, _ := Tokens(made, p)
		if !reflect.DeepEqual(ta, tb) {
			e.t.Errorf("%s: other tokens", p)
		}
		offset := e.boundary(e.texts[p])
		ia, _ := Complete(kept, p, offset)
		ib, _ := Complete(made, p, offset)
		if !reflect.DeepEqual(ia, ib) {
			e.t.Errorf("%s: other completions at %d", p, offset)
		}
	}
}
