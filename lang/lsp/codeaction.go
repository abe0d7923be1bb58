package lsp

import (
	"context"
	"maps"
	"slices"

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
	s.mu.Lock()
	creates := s.client.creates
	s.mu.Unlock()
	actions := make([]protocol.CodeAction, 0, len(list))
	for _, a := range list {
		if len(a.Creates) > 0 && !creates {
			continue
		}
		kind, preferred := a.Kind, a.Preferred
		action := protocol.CodeAction{Title: a.Title, Kind: &kind, Edit: f.workspaceEdit(a.Edits)}
		if len(a.Creates) > 0 {
			action.Edit = f.creating(a)
		}
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

// creating is the edit of an action that makes new files.
func (f *file) creating(a ide.Action) *protocol.WorkspaceEdit {
	var changes []any
	for _, path := range slices.Sorted(maps.Keys(a.Creates)) {
		uri := uriOf(path)
		changes = append(changes,
			protocol.CreateFile{Kind: "create", URI: uri},
			protocol.TextDocumentEdit{
				TextDocument: protocol.OptionalVersionedTextDocumentIdentifier{TextDocumentIdentifier: protocol.TextDocumentIdentifier{URI: uri}},
				Edits:        []any{protocol.TextEdit{NewText: a.Creates[path]}},
			})
	}
	edits := f.workspaceEdit(a.Edits).Changes
	for _, uri := range slices.Sorted(maps.Keys(edits)) {
		list := make([]any, 0, len(edits[uri]))
		for _, e := range edits[uri] {
			list = append(list, e)
		}
		id := protocol.OptionalVersionedTextDocumentIdentifier{TextDocumentIdentifier: protocol.TextDocumentIdentifier{URI: uri}}
		if d := f.v.docs[uri]; d != nil {
			version := d.version
			id.Version = &version
		}
		changes = append(changes, protocol.TextDocumentEdit{TextDocument: id, Edits: list})
	}
	return &protocol.WorkspaceEdit{DocumentChanges: changes}
}
