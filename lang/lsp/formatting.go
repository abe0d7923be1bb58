package lsp

import (
	"context"

	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/ide"
)

// formatting answers with one edit that replaces the part of the document that
// changes; nil for a document with syntax errors, which are published anyway.
func (s *Server) formatting(ctx context.Context, p *protocol.DocumentFormattingParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	edits, err := ide.Format(f.snap, f.path, nil)
	if err != nil || len(edits) == 0 {
		return nil, err
	}
	return f.textEdits(edits), nil
}
