package ide

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
)

// RefusedError says why a name cannot be changed.
type RefusedError struct{ Reason string }

// Error is the reason.
func (e *RefusedError) Error() string { return e.Reason }

func refused(format string, args ...any) error { return &RefusedError{fmt.Sprintf(format, args...)} }

// Renamable is the span of the name at a place, and the name. The error is a
// *RefusedError if it cannot be changed.
func Renamable(s *compile.Snapshot, path string, offset int) (Location, string, error) {
	a, err := s.Analyze(path)
	if err != nil {
		return Location{}, "", err
	}
	o, ok := occurrenceAt(s, a, offset)
	if !ok {
		return Location{}, "", refused("there is no name here that could be changed")
	}
	if err := fixed(o.Symbol); err != nil {
		return Location{}, "", err
	}
	if def := o.Symbol.Def; def != (Location{}) {
		text, err := s.Read(def.Path)
		if err != nil {
			return Location{}, "", err
		}
		at := def.Span
		if at.Len() >= 2 && int(at.End) <= len(text) && (text[at.Start] == '"' || text[at.Start] == '\'') {
			at.Start, at.End = at.Start+1, at.End-1
		}
		if int(at.End) > len(text) || string(text[at.Start:at.End]) != o.Symbol.Name {
			return Location{}, "", refused("%q is not written down as it is: a template or an escape makes it", o.Symbol.Name)
		}
	}
	return o.Location, o.Symbol.Name, nil
}

// fixed says why a symbol's name is not the manifest's to change.
func fixed(sym *Symbol) error {
	if sym.Def != (Location{}) {
		if sym.Info == nil || sym.Kind != SymbolField {
			return nil
		}
		if sym.Info.Node.Function != nil && sym.Info.Node.Kind == "function_node" {
			return refused("%q is a field of what the function of %q returns: it is changed there", sym.Name, sym.Info.Name())
		}
		return nil
	}
	if sym.Kind == SymbolInput {
		return nil
	}
	return refused("%q is not declared in this workspace", sym.Name)
}

// Rename is the edits that give the name at a place another one, everywhere in
// the workspace. The error is a *RefusedError if that is not possible or would
// make any text mean something else.
func Rename(ctx context.Context, s *compile.Snapshot, path string, offset int, name string) ([]Edit, error) {
	a, err := s.Analyze(path)
	if err != nil {
		return nil, err
	}
	if _, _, err := Renamable(s, path, offset); err != nil {
		return nil, err
	}
	o, _ := occurrenceAt(s, a, offset)
	sym := o.Symbol
	if name == sym.Name {
		return nil, nil
	}
	if err := spelling(sym, name); err != nil {
		return nil, err
	}
	all, err := occurrences(ctx, s, path, sym)
	if err != nil {
		return nil, err
	}
	edits := make([]Edit, 0, len(all))
	for _, o := range all {
		edits = append(edits, Edit{o.Location, name})
	}
	if err := verify(ctx, s, path, sym, edits); err != nil {
		return nil, err
	}
	return edits, nil
}

// spelling reports a name that the symbol cannot have.
func spelling(sym *Symbol, name string) error {
	switch sym.Kind {
	case SymbolNode, SymbolField, SymbolInput, SymbolTarget, SymbolLoop, SymbolLocal, SymbolParameter:
		if !expr.IsIdentifier(name) {
			return refused("%q cannot be written in an expression: use letters, digits and underscores", name)
		}
		if sym.Kind != SymbolField && sym.Kind != SymbolInput && expr.IsFunction(name) {
			return refused("%q is the name of a built-in function", name)
		}
		return nil
	}
	if name == "" || strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && r != '-' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r < 0x80
	}) {
		return refused("%q is no name: use letters, digits, underscores and hyphens", name)
	}
	return nil
}

// verify analyzes the files again with the edits made and reports the first text
// that would mean something else, or would be wrong.
func verify(ctx context.Context, s *compile.Snapshot, path string, sym *Symbol, edits []Edit) error {
	byFile := map[string][]Edit{}
	for _, e := range edits {
		byFile[e.Path] = append(byFile[e.Path], e)
	}
	texts := map[string][]byte{}
	for p, list := range byFile {
		text, err := s.Read(p)
		if err != nil {
			return err
		}
		texts[p] = apply(text, list)
	}
	// Every file that knows one of the changed ones can be touched.
	lists, err := everywhere(ctx, s, path, func(a *compile.Analysis) bool {
		touched := texts[a.Path] != nil
		for _, p := range a.Reads {
			touched = touched || texts[p] != nil
		}
		return touched
	})
	if err != nil {
		return err
	}
	paths := s.Manifests()
	if i, found := slices.BinarySearch(paths, path); !found {
		paths = slices.Insert(paths, i, path)
	}
	var involved []string
	for i, p := range paths {
		if lists[i] {
			involved = append(involved, p)
		}
	}
	for p := range texts {
		if !slices.Contains(involved, p) {
			involved = append(involved, p)
		}
	}
	after := s.With(texts)
	faults, err := each(ctx, involved, func(p string) error {
		old, err := s.Analyze(p)
		if err != nil {
			return err
		}
		now, err := after.Analyze(p)
		if err != nil {
			return err
		}
		return compare(s, after, old, now, byFile)
	})
	if err != nil {
		return err
	}
	for _, f := range faults {
		if f != nil {
			return f
		}
	}
	return nil
}

// compare reports the first name that means something else after the edits, and
// the first new finding.
func compare(s, after *compile.Snapshot, old, now *compile.Analysis, edits map[string][]Edit) error {
	type place struct {
		code string
		path string
		at   int32
	}
	known := map[place]int{}
	for _, d := range old.Diags {
		if d.Loc.File != nil {
			l := locate(s, d.Loc)
			known[place{string(d.Code), l.Path, moved(l.Span.Start, edits[l.Path])}]++
		}
	}
	for _, d := range now.Diags {
		if d.Loc.File == nil || d.Severity == diag.Info && d.Code != diag.PortUndeclared { // a port that is gone counts
			continue
		}
		l := locate(after, d.Loc)
		p := place{string(d.Code), l.Path, l.Span.Start}
		if known[p]--; known[p] < 0 {
			return refused("line %d of %s would be wrong: %s", d.Loc.File.Position(int(d.Loc.Span.Start)).Line, d.Loc.File.Path(), d.Message)
		}
	}
	a, b := indexOf(s, old).all, indexOf(after, now).all
	there, back := map[string]string{}, map[string]string{}
	for i := range min(len(a), len(b)) {
		x, y := a[i], b[i]
		same := x.Path == y.Path && moved(x.Span.Start, edits[x.Path]) == y.Span.Start
		to, seen := there[x.Symbol.key]
		from, taken := back[y.Symbol.key]
		if !same || seen && to != y.Symbol.key || taken && from != x.Symbol.key {
			return refused("%q on line %d of %s would mean something else", x.Symbol.Name, lineOf(s, x), filepath.Base(x.Path))
		}
		there[x.Symbol.key], back[y.Symbol.key] = y.Symbol.key, x.Symbol.key
	}
	if len(a) != len(b) {
		longer, in := a, s
		if len(b) > len(a) {
			longer, in = b, after
		}
		o := longer[min(len(a), len(b))]
		return refused("%q on line %d of %s would mean something else", o.Symbol.Name, lineOf(in, o), filepath.Base(o.Path))
	}
	return nil
}

func lineOf(s *compile.Snapshot, o Occurrence) int {
	text, err := s.Read(o.Path)
	if err != nil {
		return 1
	}
	return source.NewFile(o.Path, text).Position(int(o.Span.Start)).Line
}

// moved is where an offset is after the edits of its file, which are sorted.
func moved(offset int32, edits []Edit) int32 {
	shift := int32(0)
	for _, e := range edits {
		if e.Span.End > offset {
			break
		}
		shift += int32(len(e.NewText)) - (e.Span.End - e.Span.Start)
	}
	return offset + shift
}

// apply makes edits in a text. They must not overlap.
func apply(text []byte, edits []Edit) []byte {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	var out []byte
	at := int32(0)
	for _, e := range edits {
		out = append(out, text[at:e.Span.Start]...)
		out = append(out, e.NewText...)
		at = e.Span.End
	}
	return append(out, text[at:]...)
}

// Changed are the texts of the files after the edits, by path.
func Changed(s *compile.Snapshot, edits []Edit) (map[string][]byte, error) {
	byFile := map[string][]Edit{}
	for _, e := range edits {
		byFile[e.Path] = append(byFile[e.Path], e)
	}
	out := map[string][]byte{}
	for _, p := range slices.Sorted(maps.Keys(byFile)) {
		text, err := s.Read(p)
		if err != nil {
			return nil, err
		}
		out[p] = apply(text, byFile[p])
	}
	return out, nil
}
