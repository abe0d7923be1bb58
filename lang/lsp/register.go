package lsp

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/sourcegraph/jsonrpc2"
	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/ide"
)

// register fills the tables of methods.
func (s *Server) register() {
	s.requests = map[string]method{
		protocol.MethodInitialize:                       s.initialize,
		protocol.MethodShutdown:                         s.shutdown,
		protocol.MethodTextDocumentFormatting:           decode(s.formatting),
		protocol.MethodTextDocumentCodeAction:           decode(s.codeAction),
		protocol.MethodTextDocumentCompletion:           decode(s.completion),
		protocol.MethodTextDocumentHover:                decode(s.hover),
		protocol.MethodTextDocumentDefinition:           decode(s.definition),
		"textDocument/declaration":                      decode(s.definition),
		protocol.MethodTextDocumentReferences:           decode(s.references),
		protocol.MethodTextDocumentDocumentHighlight:    decode(s.highlight),
		protocol.MethodTextDocumentLinkedEditingRange:   decode(s.linkedEditing),
		protocol.MethodTextDocumentPrepareRename:        decode(s.prepareRename),
		protocol.MethodTextDocumentRename:               decode(s.rename),
		protocol.MethodTextDocumentDocumentSymbol:       decode(s.documentSymbol),
		protocol.MethodWorkspaceSymbol:                  decode(s.workspaceSymbol),
		protocol.MethodTextDocumentDocumentLink:         decode(s.documentLink),
		protocol.MethodTextDocumentSignatureHelp:        decode(s.signatureHelp),
		protocol.MethodTextDocumentSemanticTokensFull:   decode(s.semanticTokens),
		protocol.MethodTextDocumentSemanticTokensRange:  decode(s.semanticTokensRange),
		protocol.MethodTextDocumentFoldingRange:         decode(s.foldingRange),
		protocol.MethodTextDocumentSelectionRange:       decode(s.selectionRange),
		protocol.MethodTextDocumentRangeFormatting:      decode(s.rangeFormatting),
		protocol.MethodTextDocumentOnTypeFormatting:     decode(s.onTypeFormatting),
		protocol.MethodTextDocumentCodeLens:             decode(s.codeLens),
		protocol.MethodTextDocumentPrepareCallHierarchy: decode(s.prepareCallHierarchy),
		protocol.MethodCallHierarchyIncomingCalls:       decode(s.incomingCalls),
		protocol.MethodCallHierarchyOutgoingCalls:       decode(s.outgoingCalls),
		protocol.MethodWorkspaceWillRenameFiles:         decode(s.willRenameFiles),
		"hexdag/graph":                                  decode(s.graph),
		"hexdag/explain":                                decode(s.explain),
		"hexdag/owned":                                  decode(s.owned),
		"textDocument/inlayHint":                        decode(s.inlayHint),
		"textDocument/diagnostic":                       decode(s.documentDiagnostic),
		"workspace/diagnostic":                          decode(s.workspaceDiagnostic),
	}
	s.notes = map[string]method{
		protocol.MethodInitialized:                        s.ready,
		protocol.MethodCancelRequest:                      s.cancelRequest,
		protocol.MethodTextDocumentDidOpen:                decode(s.didOpen),
		protocol.MethodTextDocumentDidChange:              s.didChange,
		protocol.MethodTextDocumentDidSave:                decode(s.didSave),
		protocol.MethodTextDocumentDidClose:               decode(s.didClose),
		protocol.MethodWorkspaceDidChangeWatchedFiles:     decode(s.didChangeWatchedFiles),
		protocol.MethodWorkspaceDidChangeConfiguration:    s.didChangeConfiguration,
		protocol.MethodWorkspaceDidChangeWorkspaceFolders: decode(s.didChangeWorkspaceFolders),
		protocol.MethodSetTrace:                           func(context.Context, json.RawMessage) (any, error) { return nil, nil },
	}
}

// offers are the capabilities of the server, as far as 3.16 has them.
func (s *Server) offers() protocol.ServerCapabilities {
	folder := protocol.FileOperationPatternKindFolder
	open, change, yes := true, protocol.TextDocumentSyncKindIncremental, true
	return protocol.ServerCapabilities{
		TextDocumentSync:           protocol.TextDocumentSyncOptions{OpenClose: &open, Change: &change, Save: protocol.SaveOptions{}},
		DocumentFormattingProvider: true,
		CodeActionProvider:         protocol.CodeActionOptions{CodeActionKinds: []protocol.CodeActionKind{ide.QuickFix, ide.FixAll, ide.RefactorExtract, ide.RefactorInline, ide.RefactorRewrite}},
		CompletionProvider:         &protocol.CompletionOptions{TriggerCharacters: []string{".", "$", "{", "|", " ", ":", "/", "#", "-", "\"", "'", "["}},
		HoverProvider:              true,
		DefinitionProvider:         true,
		DeclarationProvider:        true,
		ReferencesProvider:         true,
		DocumentHighlightProvider:  true,
		RenameProvider:             protocol.RenameOptions{PrepareProvider: &yes},
		DocumentSymbolProvider:     true,
		WorkspaceSymbolProvider:    true,
		DocumentLinkProvider:       &protocol.DocumentLinkOptions{},
		SignatureHelpProvider:      &protocol.SignatureHelpOptions{TriggerCharacters: []string{"(", ","}},
		SemanticTokensProvider: protocol.SemanticTokensOptions{
			Legend: protocol.SemanticTokensLegend{TokenTypes: ide.TokenLegend, TokenModifiers: ide.TokenModifiers},
			Full:   true, Range: true,
		},
		FoldingRangeProvider:             true,
		SelectionRangeProvider:           true,
		DocumentRangeFormattingProvider:  true,
		DocumentOnTypeFormattingProvider: &protocol.DocumentOnTypeFormattingOptions{FirstTriggerCharacter: "\n"},
		CodeLensProvider:                 &protocol.CodeLensOptions{},
		CallHierarchyProvider:            true,
		LinkedEditingRangeProvider:       true,
		Workspace: &protocol.ServerCapabilitiesWorkspace{
			WorkspaceFolders: &protocol.WorkspaceFoldersServerCapabilities{
				Supported: &yes, ChangeNotifications: &protocol.BoolOrString{Value: true},
			},
			FileOperations: &protocol.ServerCapabilitiesWorkspaceFileOperations{
				WillRename: &protocol.FileOperationRegistrationOptions{Filters: []protocol.FileOperationFilter{
					{Pattern: protocol.FileOperationPattern{Glob: "**/*.{yaml,yml,star}"}}, {Pattern: protocol.FileOperationPattern{Glob: "**/*", Matches: &folder}},
				}},
			},
		},
	}
}

// answer gives an error the code that tells editors to show it.
func answer(err error) error {
	var refused *ide.RefusedError
	if errors.As(err, &refused) {
		return &jsonrpc2.Error{Code: codeRequestFailed, Message: refused.Reason}
	}
	return err
}
