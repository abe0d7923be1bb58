package lsp

import (
	"context"

	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/format"
	"hexdag.dev/hexdag/lang/source"
)

// formatting answers with one edit that replaces the part of the document that
// changes; nil for a document with syntax errors, which are published anyway.
func (s *Server) formatting(_ context.Context, p *protocol.DocumentFormattingParams) ([]protocol.TextEdit, error) {
	doc, ok := s.docs.get(p.TextDocument.URI)
	if !ok {
		return nil, notOpen(p.TextDocument.URI)
	}
	f := source.NewFile(doc.path, []byte(doc.text))
	formatted, _, ok := format.File(f)
	if !ok || string(formatted) == doc.text {
		return nil, nil
	}
	before, after := doc.text, string(formatted)
	start := 0
	for start < len(before) && start < len(after) && before[start] == after[start] {
		start++
	}
	// Edits are made of whole lines, so that no character is cut in half.
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
	return []protocol.TextEdit{{
		Range:   rangeOf(f, source.Span{Start: int32(start), End: int32(end)}),
		NewText: after[start:cut],
	}}, nil
}
