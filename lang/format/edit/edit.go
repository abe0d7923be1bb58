// Package edit applies text edits to sources: the engine behind fixes, rename
// and the formatter.
//
// Input: sources and diag.Edits, whose spans are byte ranges of the unchanged
// source. Output: new bytes, or an error that names the two edits that collide.
//
// Invariants: edits are applied all or not at all; two edits may touch but not
// overlap; insertions at one place keep the order in which they came; bytes
// outside the edited spans are copied, never interpreted.
//
// The three hardest cases: an insertion at the very start or end of a
// replacement (allowed, it touches); the same edit asked for by two fixes
// (taken once, as both want the same text); a fix whose edits span two files
// and collide in only one of them (refused as a whole).
package edit

import (
	"bytes"
	"fmt"
	"slices"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// Overlap is the error for two edits of which at most one can be applied.
type Overlap struct {
	First, Second diag.Edit
}

// Error names both places.
func (e *Overlap) Error() string {
	return fmt.Sprintf("the edits at %s and %s overlap", place(e.First.Loc), place(e.Second.Loc))
}

func place(l source.Location) string {
	if l.File == nil {
		return "no file"
	}
	p := l.File.Position(int(l.Span.Start))
	return fmt.Sprintf("%s:%d:%d", l.File.Path(), p.Line, p.Column)
}

// Apply returns content with edits made. Only the spans of the edits count, not
// their files: the caller has chosen those that belong to content. It fails,
// and changes nothing, if a span lies outside content or two edits overlap.
func Apply(content []byte, edits []diag.Edit) ([]byte, error) {
	sorted, err := order(edits)
	if err != nil {
		return nil, err
	}
	size := len(content)
	for _, e := range sorted {
		s := e.Loc.Span
		if s.Start < 0 || s.End < s.Start || int(s.End) > len(content) {
			return nil, fmt.Errorf("the edit of bytes %d to %d lies outside a text of %d bytes", s.Start, s.End, len(content))
		}
		size += len(e.NewText)
	}
	var out bytes.Buffer
	out.Grow(size)
	at := 0
	for _, e := range sorted {
		out.Write(content[at:e.Loc.Span.Start])
		out.WriteString(e.NewText)
		at = int(e.Loc.Span.End)
	}
	out.Write(content[at:])
	return out.Bytes(), nil
}

// order sorts edits by place, drops exact repetitions of a replacement and
// refuses overlaps. Repeated insertions are kept: each adds its text.
func order(edits []diag.Edit) ([]diag.Edit, error) {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b diag.Edit) int {
		if a.Loc.Span.Start != b.Loc.Span.Start {
			return int(a.Loc.Span.Start) - int(b.Loc.Span.Start)
		}
		// An insertion stands before a replacement that starts at its place.
		return sign(a.Loc.Span.Len()) - sign(b.Loc.Span.Len())
	})
	kept := sorted[:0]
	for _, e := range sorted {
		if n := len(kept); n > 0 {
			last := kept[n-1]
			if same(last, e) {
				continue
			}
			if e.Loc.Span.Start < last.Loc.Span.End {
				return nil, &Overlap{last, e}
			}
		}
		kept = append(kept, e)
	}
	return kept, nil
}

func sign(n int) int { return min(n, 1) }

func same(a, b diag.Edit) bool {
	return a.Loc.Span == b.Loc.Span && a.NewText == b.NewText && a.Loc.Span.Len() > 0
}
