package expr

import "hexdag.dev/hexdag/lang/source"

// Text is the text of an expression or template together with where it stands.
type Text struct {
	Src  string
	File *source.File   // may be nil (tests, programs loaded from IR)
	Map  source.TextMap // from offsets in Src to offsets in File
}

// Loc is the place of a span of the text in the file.
func (t Text) Loc(s source.Span) source.Location {
	return source.Location{File: t.File, Span: t.Map.Span(s)}
}
