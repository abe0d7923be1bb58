package lsp

import (
	"context"
	"encoding/json"

	protocol "github.com/tliron/glsp/protocol_3_16"
)

// initialize is the handshake: where the workspace is, and what we can do.
func (s *Server) initialize(_ context.Context, p *protocol.InitializeParams) (*protocol.InitializeResult, error) {
	root := ""
	switch {
	case len(p.WorkspaceFolders) > 0:
		root, _ = pathOf(p.WorkspaceFolders[0].URI)
	case p.RootURI != nil:
		root, _ = pathOf(*p.RootURI)
	case p.RootPath != nil:
		root = *p.RootPath
	}
	s.mu.Lock()
	s.root = root
	s.state = initialized
	s.mu.Unlock()

	open, change := true, protocol.TextDocumentSyncKindIncremental
	return &protocol.InitializeResult{
		Capabilities: protocol.ServerCapabilities{
			TextDocumentSync: protocol.TextDocumentSyncOptions{
				OpenClose: &open,
				Change:    &change,
				Save:      protocol.SaveOptions{},
			},
			DocumentFormattingProvider: true,
			CodeActionProvider:         protocol.CodeActionOptions{CodeActionKinds: []protocol.CodeActionKind{protocol.CodeActionKindQuickFix}},
		},
		ServerInfo: &protocol.InitializeResultServerInfo{Name: "hexdag-lsp", Version: &s.opt.Version},
	}, nil
}

// shutdown ends the work; the process ends with the exit notification.
func (s *Server) shutdown(context.Context, json.RawMessage) (any, error) {
	s.mu.Lock()
	s.state = shutDown
	s.mu.Unlock()
	s.checks.pause()
	return nil, nil
}
