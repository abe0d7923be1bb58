package lsp

import (
	"context"
	"fmt"

	"github.com/sourcegraph/jsonrpc2"
	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

func notOpen(uri string) error {
	return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: fmt.Sprintf("%s is not open", uri)}
}

// codeAction offers the fixes of the findings in a range.
func (s *Server) codeAction(_ context.Context, p *protocol.CodeActionParams) ([]protocol.CodeAction, error) {
	doc, ok := s.docs.get(p.TextDocument.URI)
	if !ok {
		return nil, notOpen(p.TextDocument.URI)
	}
	start, end := offsets(source.NewFile("", []byte(doc.text)), p.Range)
	actions := []protocol.CodeAction{}
	findings := s.check(doc)
	for i := range findings {
		d := &findings[i]
		if d.Loc.File == nil || int(d.Loc.Span.End) < start || int(d.Loc.Span.Start) > end {
			continue
		}
		for n, f := range d.Fixes {
			changes := map[protocol.DocumentUri][]protocol.TextEdit{}
			for _, e := range f.Edits {
				if e.Loc.File == nil {
					continue
				}
				uri := s.uri(doc, e.Loc.File)
				changes[uri] = append(changes[uri], protocol.TextEdit{Range: rangeOf(e.Loc.File, e.Loc.Span), NewText: e.NewText})
			}
			kind := protocol.CodeActionKindQuickFix
			preferred := n == 0 && f.Safe
			actions = append(actions, protocol.CodeAction{
				Title: title(f), Kind: &kind, IsPreferred: &preferred,
				Diagnostics: []protocol.Diagnostic{s.diagnostic(doc, d)},
				Edit:        &protocol.WorkspaceEdit{Changes: changes},
			})
		}
	}
	return actions, nil
}

func title(f diag.Fix) string {
	if f.Safe {
		return f.Title
	}
	return f.Title + " (check the result)"
}
