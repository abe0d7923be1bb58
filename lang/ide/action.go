package ide

import (
	"bytes"
	"strings"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/format/edit"
	"hexdag.dev/hexdag/lang/source"
)

// Action is a change that an editor offers.
type Action struct {
	Title string
	// Kind is the protocol's: "quickfix", "source.fixAll", "refactor.extract", …
	Kind      string
	Edits     []Edit
	Preferred bool
	// Creates are new files with their text, by path.
	Creates map[string]string
	// Fixes are the findings that the action makes go away.
	Fixes []diag.Diagnostic
}

// Kinds of actions.
const (
	QuickFix        = "quickfix"
	FixAll          = "source.fixAll"
	RefactorExtract = "refactor.extract"
	RefactorInline  = "refactor.inline"
	RefactorRewrite = "refactor.rewrite"
)

// Actions are the changes that are offered for a span of a file. kinds limits
// them to those of the named kinds and what is below them; none means all.
func Actions(s *compile.Snapshot, path string, span source.Span, kinds []string) ([]Action, error) {
	c, err := newCursor(s, path, int(span.Start))
	if err != nil {
		return nil, err
	}
	var out []Action
	if wanted(kinds, QuickFix) {
		out = append(out, c.fixes(span)...)
	}
	if len(kinds) > 0 && wanted(kinds, FixAll) { // about the file, not the span
		if a, ok := c.fixAll(); ok {
			out = append(out, a)
		}
	}
	if wanted(kinds, RefactorRewrite) {
		if a, ok := c.respell(span); ok {
			out = append(out, a)
		}
	}
	for _, a := range c.refactorings(span) {
		if wanted(kinds, a.Kind) {
			out = append(out, a)
		}
	}
	return out, nil
}

func wanted(kinds []string, kind string) bool {
	for _, k := range kinds {
		if k == kind || k == "" || strings.HasPrefix(kind, k+".") {
			return true
		}
	}
	return len(kinds) == 0
}

// fixes are those of the findings that touch a span.
func (c *cursor) fixes(span source.Span) []Action {
	var out []Action
	for _, d := range c.a.Diags {
		if d.Loc.File == nil || c.snap.Path(d.Loc.File) != c.a.Path || d.Loc.Span.End < span.Start || d.Loc.Span.Start > span.End {
			continue
		}
		for n, f := range d.Fixes {
			title := f.Title
			if !f.Safe {
				title += " (check the result)"
			}
			out = append(out, Action{Title: title, Kind: QuickFix, Edits: c.edits(f.Edits), Preferred: n == 0 && f.Safe, Fixes: []diag.Diagnostic{d}})
		}
	}
	return out
}

// edits are the edits of a fix.
func (c *cursor) edits(list []diag.Edit) []Edit {
	var out []Edit
	for _, e := range list {
		if e.Loc.File != nil {
			out = append(out, Edit{locate(c.snap, e.Loc), e.NewText})
		}
	}
	return out
}

// fixAll makes all safe fixes of the file, as one edit of the lines that change.
func (c *cursor) fixAll() (Action, bool) {
	var set edit.Set
	a := Action{Title: "Apply all safe fixes", Kind: FixAll}
	for _, d := range c.a.Diags {
		for _, f := range d.Fixes {
			if f.Safe && c.only(f) && set.Add(f) {
				a.Fixes = append(a.Fixes, d)
				break
			}
		}
	}
	if len(a.Fixes) == 0 {
		return a, false
	}
	after, err := set.Apply(c.a.Source)
	if err != nil {
		return a, false
	}
	a.Edits = []Edit{difference(c.a, after)}
	return a, true
}

// respell writes what the file spells in another way than the reference does as
// the reference does, if a finding at the span says that something is.
func (c *cursor) respell(span source.Span) (Action, bool) {
	var set edit.Set
	a := Action{Title: "Write everything as the reference spells it", Kind: RefactorRewrite}
	here := false
	for _, d := range c.a.Diags {
		if !strings.HasPrefix(string(d.Code), "HX09") { // the band of spellings
			continue
		}
		for _, f := range d.Fixes {
			if f.Safe && c.only(f) && set.Add(f) {
				here = here || d.Loc.File == c.a.Source && d.Loc.Span.Start <= span.End && span.Start <= d.Loc.Span.End
				a.Fixes = append(a.Fixes, d)
				break
			}
		}
	}
	if !here || len(a.Fixes) < 2 {
		return a, false // its own fix does it
	}
	after, err := set.Apply(c.a.Source)
	if err != nil {
		return a, false
	}
	a.Edits = []Edit{difference(c.a, after)}
	return a, true
}

// only reports whether a fix changes this file and no other.
func (c *cursor) only(f diag.Fix) bool {
	for _, e := range f.Edits {
		if e.Loc.File != c.a.Source {
			return false
		}
	}
	return true
}

// difference is the edit that makes the file's text another one: of whole lines,
// so that no character is cut in half.
func difference(a *compile.Analysis, after []byte) Edit {
	span, text := Difference(a.Source, after)
	return Edit{Location{a.Path, span}, text}
}

// Difference is the smallest span of whole lines whose replacement makes a text
// another one, and what replaces it.
func Difference(f *source.File, after []byte) (source.Span, string) {
	before := f.Content()
	start := 0
	for start < len(before) && start < len(after) && before[start] == after[start] {
		start++
	}
	start = int(f.LineSpan(f.Line(start)).Start)
	end, cut := len(before), len(after)
	for end > start && cut > start && before[end-1] == after[cut-1] {
		end, cut = end-1, cut-1
	}
	if line := f.Line(end); int(f.LineSpan(line).Start) != end {
		next := len(before)
		if line+1 < f.LineCount() {
			next = int(f.LineSpan(line + 1).Start)
		}
		end, cut = next, cut+next-end
	}
	return source.Span{Start: int32(start), End: int32(end)}, string(bytes.Clone(after[start:cut]))
}
