package lsp

import (
	"context"
	"encoding/json"
	"slices"

	protocol "github.com/tliron/glsp/protocol_3_16"
)

// client is what the editor can do, and how it is set up.
type client struct {
	snippets      bool
	markdown      bool
	pull          bool // diagnostics are asked for, not sent
	watch         bool // files can be watched for us
	refreshHints  bool
	refreshLens   bool
	refreshTokens bool
	creates       bool // edits can make files
	symbolTree    bool
}

// settings are the user's wishes.
type settings struct {
	// Workspace: files that are not open are checked, too.
	Workspace bool
	// Hints of each kind are shown.
	Dependencies, Types, Limits, Parameters bool
	Lens                                    bool
}

var defaults = settings{Workspace: true, Dependencies: true, Types: true, Limits: true, Parameters: true, Lens: true}

// wishes are settings as editors write them. What is not given stays.
type wishes struct {
	Diagnostics struct {
		Workspace *bool `json:"workspace"`
	} `json:"diagnostics"`
	InlayHints struct {
		Dependencies *bool `json:"dependencies"`
		Types        *bool `json:"types"`
		Limits       *bool `json:"limits"`
		Parameters   *bool `json:"parameters"`
	} `json:"inlayHints"`
	CodeLens *bool `json:"codeLens"`
}

func (s *Server) settings() settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wishes
}

func (s *Server) pulls() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client.pull
}

// apply takes over settings; what is no object is none.
func (s *Server) apply(raw json.RawMessage) {
	var outer struct {
		Hexdag json.RawMessage `json:"hexdag"`
	}
	if json.Unmarshal(raw, &outer) == nil && len(outer.Hexdag) > 0 {
		raw = outer.Hexdag
	}
	var w wishes
	if len(raw) == 0 || string(raw) == "null" {
		return
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		s.log.Printf("the settings are not understood: %v", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	set := func(to *bool, from *bool) {
		if from != nil {
			*to = *from
		}
	}
	set(&s.wishes.Workspace, w.Diagnostics.Workspace)
	set(&s.wishes.Dependencies, w.InlayHints.Dependencies)
	set(&s.wishes.Types, w.InlayHints.Types)
	set(&s.wishes.Limits, w.InlayHints.Limits)
	set(&s.wishes.Parameters, w.InlayHints.Parameters)
	set(&s.wishes.Lens, w.CodeLens)
}

// capabilities of the client that the protocol's 3.16 types lack or make hard
// to reach.
type clientCapabilities struct {
	Workspace struct {
		WorkspaceEdit struct {
			DocumentChanges    bool     `json:"documentChanges"`
			ResourceOperations []string `json:"resourceOperations"`
		} `json:"workspaceEdit"`
		DidChangeWatchedFiles struct {
			DynamicRegistration bool `json:"dynamicRegistration"`
		} `json:"didChangeWatchedFiles"`
		Diagnostics struct {
			RefreshSupport bool `json:"refreshSupport"`
		} `json:"diagnostics"`
		InlayHint struct {
			RefreshSupport bool `json:"refreshSupport"`
		} `json:"inlayHint"`
		CodeLens struct {
			RefreshSupport bool `json:"refreshSupport"`
		} `json:"codeLens"`
		SemanticTokens struct {
			RefreshSupport bool `json:"refreshSupport"`
		} `json:"semanticTokens"`
	} `json:"workspace"`
	TextDocument struct {
		Completion struct {
			CompletionItem struct {
				SnippetSupport bool `json:"snippetSupport"`
			} `json:"completionItem"`
		} `json:"completion"`
		Hover struct {
			ContentFormat []string `json:"contentFormat"`
		} `json:"hover"`
		DocumentSymbol struct {
			HierarchicalDocumentSymbolSupport bool `json:"hierarchicalDocumentSymbolSupport"`
		} `json:"documentSymbol"`
		Diagnostic *struct{} `json:"diagnostic"`
	} `json:"textDocument"`
}

// serverCapabilities are the protocol's, with what came after 3.16.
type serverCapabilities struct {
	protocol.ServerCapabilities
	PositionEncoding   string         `json:"positionEncoding"`
	InlayHintProvider  map[string]any `json:"inlayHintProvider,omitempty"`
	DiagnosticProvider map[string]any `json:"diagnosticProvider,omitempty"`
}

type initializeResult struct {
	Capabilities serverCapabilities                   `json:"capabilities"`
	ServerInfo   *protocol.InitializeResultServerInfo `json:"serverInfo"`
}

// initialize is the handshake: where the workspace is, and what we can do.
func (s *Server) initialize(_ context.Context, raw json.RawMessage) (any, error) {
	p, err := params[struct {
		RootURI          *string                    `json:"rootUri"`
		RootPath         *string                    `json:"rootPath"`
		WorkspaceFolders []protocol.WorkspaceFolder `json:"workspaceFolders"`
		Capabilities     clientCapabilities         `json:"capabilities"`
		Options          json.RawMessage            `json:"initializationOptions"`
	}](raw)
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, f := range p.WorkspaceFolders {
		folders = append(folders, f.URI)
	}
	if len(folders) == 0 && p.RootURI != nil {
		folders = []string{*p.RootURI}
	}
	s.apply(p.Options)
	can := p.Capabilities
	s.mu.Lock()
	for _, uri := range folders {
		if path, err := pathOf(uri); err == nil {
			s.addRoot(path, false)
		}
	}
	if len(folders) == 0 && p.RootPath != nil && *p.RootPath != "" {
		s.addRoot(*p.RootPath, false)
	}
	s.client = client{
		snippets:      can.TextDocument.Completion.CompletionItem.SnippetSupport,
		pull:          can.TextDocument.Diagnostic != nil && can.Workspace.Diagnostics.RefreshSupport,
		watch:         can.Workspace.DidChangeWatchedFiles.DynamicRegistration,
		refreshHints:  can.Workspace.InlayHint.RefreshSupport,
		refreshLens:   can.Workspace.CodeLens.RefreshSupport,
		refreshTokens: can.Workspace.SemanticTokens.RefreshSupport,
		symbolTree:    can.TextDocument.DocumentSymbol.HierarchicalDocumentSymbolSupport,
		creates:       can.Workspace.WorkspaceEdit.DocumentChanges && slices.Contains(can.Workspace.WorkspaceEdit.ResourceOperations, "create"),
	}
	for _, f := range can.TextDocument.Hover.ContentFormat {
		s.client.markdown = s.client.markdown || f == "markdown"
	}
	pull := s.client.pull
	s.state = initialized
	s.mu.Unlock()
	result := initializeResult{
		Capabilities: serverCapabilities{ServerCapabilities: s.offers(), PositionEncoding: "utf-16"},
		ServerInfo:   &protocol.InitializeResultServerInfo{Name: "hexdag-lsp", Version: &s.opt.Version},
	}
	s.addLater(&result.Capabilities, pull)
	return result, nil
}

// addLater adds what the protocol got after 3.16.
func (s *Server) addLater(c *serverCapabilities, pull bool) {
	if pull {
		c.DiagnosticProvider = map[string]any{"identifier": "hexdag", "interFileDependencies": true, "workspaceDiagnostics": true}
	}
	if s.requests["textDocument/inlayHint"] != nil {
		c.InlayHintProvider = map[string]any{"resolveProvider": false}
	}
}

// ready follows the handshake: it asks the editor to watch the workspace's
// files.
func (s *Server) ready(context.Context, json.RawMessage) (any, error) {
	s.mu.Lock()
	watch := s.client.watch
	s.mu.Unlock()
	if watch {
		s.ask("client/registerCapability", map[string]any{"registrations": []any{map[string]any{
			"id": "hexdag-files", "method": "workspace/didChangeWatchedFiles",
			"registerOptions": map[string]any{"watchers": []any{
				map[string]any{"globPattern": "**/*.{yaml,yml,star}"}, map[string]any{"globPattern": "**/.gitignore"},
			}},
		}}})
	}
	s.checks.changed()
	return nil, nil
}

// refresh asks the editor to ask again for what depends on other files.
func (s *Server) refresh() {
	s.mu.Lock()
	can := s.client
	s.mu.Unlock()
	s.ask("workspace/diagnostic/refresh", nil)
	if can.refreshHints {
		s.ask("workspace/inlayHint/refresh", nil)
	}
	if can.refreshLens {
		s.ask("workspace/codeLens/refresh", nil)
	}
	if can.refreshTokens {
		s.ask("workspace/semanticTokens/refresh", nil)
	}
}

// ask sends a request to the editor; nobody waits for the answer.
func (s *Server) ask(method string, params any) {
	s.mu.Lock()
	ctx := s.ctx
	s.mu.Unlock()
	s.handlers.Go(func() {
		if err := s.conn.Call(ctx, method, params, nil); err != nil && ctx.Err() == nil {
			s.log.Printf("%s: %v", method, err)
		}
	})
}

func (s *Server) didChangeWorkspaceFolders(_ context.Context, p *protocol.DidChangeWorkspaceFoldersParams) (any, error) {
	s.mu.Lock()
	var removed []*root
	for _, f := range p.Event.Removed {
		if path, err := pathOf(f.URI); err == nil {
			for i, r := range s.roots {
				if r.path == path {
					removed = append(removed, r)
					s.roots = append(append([]*root(nil), s.roots[:i]...), s.roots[i+1:]...)
					break
				}
			}
		}
	}
	for _, f := range p.Event.Added {
		if path, err := pathOf(f.URI); err == nil {
			s.addRoot(path, false)
		}
	}
	// Open documents move to the folder that holds them now.
	open := s.docs
	s.edit(func(docs map[string]*document) {
		for uri, d := range open {
			moved := *d
			moved.path, moved.root = s.place(uri)
			if moved.root != d.root {
				d.root.store.DropOverlay(d.path)
			}
			moved.root.store.SetOverlay(moved.path, moved.file.Content())
			docs[uri] = &moved
		}
	})
	s.mu.Unlock()
	for _, r := range removed {
		s.checks.left(r)
	}
	s.checks.changed()
	return nil, nil
}

func (s *Server) didChangeConfiguration(_ context.Context, raw json.RawMessage) (any, error) {
	p, err := params[struct {
		Settings json.RawMessage `json:"settings"`
	}](raw)
	if err != nil {
		return nil, err
	}
	s.apply(p.Settings)
	s.checks.changed()
	return nil, nil
}

// shutdown ends the work; the process ends with the exit notification.
func (s *Server) shutdown(context.Context, json.RawMessage) (any, error) {
	s.mu.Lock()
	s.state = shutDown
	s.mu.Unlock()
	s.checks.pause()
	return nil, nil
}
