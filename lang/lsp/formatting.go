package lsp

import (
	"context"

	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/format"
	"hexdag.dev/hexdag/lang/ide"
)

// formatting answers with one edit that replaces the part of the document that
// changes; nil for a document with syntax errors, which are published anyway.
func (s *Server) formatting(ctx context.Context, p *protocol.DocumentFormattingParams) ([]protocol.TextEdit, error) {
	doc, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	f := doc.file
	formatted, _, ok := format.File(f)
	if !ok || string(formatted) == doc.text() {
		return nil, nil
	}
	span, text := ide.Difference(f, formatted)
	return []protocol.TextEdit{{Range: rangeOf(f, span), NewText: text}}, nil
}
