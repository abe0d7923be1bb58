// Package source holds the text of files and positions in it.
//
// Input: bytes of files and editor overlays. Output: Files, Spans (half-open
// ranges of byte offsets) and their translation into lines and columns.
//
// Invariants: a File never changes after it was made; offsets are byte offsets
// into the file as it is on disk (a BOM counts); a Span inside a File satisfies
// 0 <= Start <= End <= len(Content). All methods are safe for concurrent use.
//
// The three hardest cases: columns in a line with non-ASCII text (code points
// for the command line, UTF-16 units for editors); CR, LF and CRLF line ends in
// one file; a decoded scalar (escapes, folding, indentation removed) whose
// offsets must lead back to the file's, see TextMap.
package source

// Span is a half-open range [Start, End) of byte offsets in one text.
type Span struct {
	Start, End int32
}

// Len is the number of bytes in s.
func (s Span) Len() int { return int(s.End - s.Start) }

// Contains reports whether offset lies in s; the end counts as inside, so that
// a cursor right behind a token is on it.
func (s Span) Contains(offset int) bool { return int(s.Start) <= offset && offset <= int(s.End) }

// Encloses reports whether t lies wholly in s.
func (s Span) Encloses(t Span) bool { return s.Start <= t.Start && t.End <= s.End }

// Join is the smallest span that encloses s and t.
func (s Span) Join(t Span) Span {
	return Span{min(s.Start, t.Start), max(s.End, t.End)}
}

// Shift moves s by n bytes.
func (s Span) Shift(n int) Span { return Span{s.Start + int32(n), s.End + int32(n)} }

// Location is a span in a file. The zero Location stands for "no place".
type Location struct {
	File *File
	Span Span
}

// IsZero reports whether l names no file.
func (l Location) IsZero() bool { return l.File == nil }
