package lsp

import (
	"context"

	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/ide"
	"hexdag.dev/hexdag/lang/source"
)

// codeAction offers the changes for a range.
func (s *Server) codeAction(ctx context.Context, p *protocol.CodeActionParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	start, end := offsets(f.file, p.Range)
	list, err := ide.Actions(f.snap, f.path, source.Span{Start: int32(start), End: int32(end)}, p.Context.Only)
	if err != nil {
		return nil, err
	}
	actions := make([]protocol.CodeAction, 0, len(list))
	for _, a := range list {
		kind, preferred := a.Kind, a.Preferred
		action := protocol.CodeAction{Title: a.Title, Kind: &kind, Edit: f.workspaceEdit(a.Edits)}
		if a.Kind == ide.QuickFix {
			action.IsPreferred = &preferred
		}
		for i := range a.Fixes {
			action.Diagnostics = append(action.Diagnostics, f.v.diagnostic(f.snap, &a.Fixes[i]))
		}
		actions = append(actions, action)
	}
	return actions, nil
}
