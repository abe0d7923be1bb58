package lsp

import (
	"context"
	"fmt"
	"strings"

	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/ide"
)

func markup(text string) *protocol.MarkupContent {
	return &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: text}
}

var itemKinds = map[ide.ItemKind]protocol.CompletionItemKind{
	ide.ItemField: protocol.CompletionItemKindProperty, ide.ItemValue: protocol.CompletionItemKindEnumMember,
	ide.ItemKindName: protocol.CompletionItemKindClass, ide.ItemNode: protocol.CompletionItemKindVariable,
	ide.ItemVariable: protocol.CompletionItemKindVariable, ide.ItemNamespace: protocol.CompletionItemKindModule,
	ide.ItemMember: protocol.CompletionItemKindField, ide.ItemFunction: protocol.CompletionItemKindFunction,
	ide.ItemMethod: protocol.CompletionItemKindMethod, ide.ItemFilter: protocol.CompletionItemKindFunction,
	ide.ItemKeyword: protocol.CompletionItemKindKeyword, ide.ItemPort: protocol.CompletionItemKindInterface,
	ide.ItemAdapter: protocol.CompletionItemKindClass, ide.ItemMacro: protocol.CompletionItemKindFunction,
	ide.ItemProcess: protocol.CompletionItemKindModule, ide.ItemType: protocol.CompletionItemKindTypeParameter,
	ide.ItemFile: protocol.CompletionItemKindFile, ide.ItemFolder: protocol.CompletionItemKindFolder,
	ide.ItemSnippet: protocol.CompletionItemKindSnippet, ide.ItemEnv: protocol.CompletionItemKindConstant,
	ide.ItemReference: protocol.CompletionItemKindReference,
}

// completionItem is the protocol's, with what came after 3.16.
type completionItem struct {
	protocol.CompletionItem
	InsertTextMode int `json:"insertTextMode,omitempty"`
}

func (s *Server) completion(ctx context.Context, p *protocol.CompletionParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	items, err := ide.Complete(f.snap, f.path, f.offset(p.Position))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	snippets := s.client.snippets
	s.mu.Unlock()
	out := make([]completionItem, 0, len(items))
	for i, it := range items {
		kind := itemKinds[it.Kind]
		detail := it.Detail
		sort := fmt.Sprintf("%04d", i)
		text := it.Text
		format := protocol.InsertTextFormatPlainText
		if it.Snippet {
			if snippets {
				format = protocol.InsertTextFormatSnippet
			} else {
				text = plainSnippet(text)
			}
		}
		item := completionItem{CompletionItem: protocol.CompletionItem{
			Label: it.Label, Kind: &kind, SortText: &sort, InsertTextFormat: &format,
			TextEdit: protocol.TextEdit{Range: rangeOf(f.file, it.Span), NewText: text},
		}, InsertTextMode: 1} // the indentation is right as it is
		if detail != "" {
			item.Detail = &detail
		}
		if it.Doc != "" {
			item.Documentation = markup(it.Doc)
		}
		if it.Filter != "" {
			filter := it.Filter
			item.FilterText = &filter
		}
		if it.Deprecated {
			item.Tags = []protocol.CompletionItemTag{protocol.CompletionItemTagDeprecated}
		}
		if it.Again {
			item.Command = &protocol.Command{Title: "Suggest", Command: "editor.action.triggerSuggest"}
		}
		out = append(out, item)
	}
	return map[string]any{"isIncomplete": false, "items": out}, nil
}

// plainSnippet is a snippet without its tab stops.
func plainSnippet(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '$' && i+1 < len(s) && s[i+1] == '{':
			end := i + 2
			for end < len(s) && s[end] != '}' {
				if s[end] == '\\' {
					end++
				}
				end++
			}
			inner := s[i+2 : min(end, len(s))]
			if _, text, ok := strings.Cut(inner, ":"); ok {
				b.WriteString(text)
			} else if _, list, ok := strings.Cut(inner, "|"); ok {
				first, _, _ := strings.Cut(strings.TrimSuffix(list, "|"), ",")
				b.WriteString(first)
			}
			i = end
		case s[i] == '$':
			for i+1 < len(s) && '0' <= s[i+1] && s[i+1] <= '9' {
				i++
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func (s *Server) hover(ctx context.Context, p *protocol.HoverParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	note, err := ide.Hover(f.snap, f.path, f.offset(p.Position), s.opt.Lookup)
	if err != nil || note == nil {
		return nil, err
	}
	r := rangeOf(f.file, note.Span)
	return &protocol.Hover{Contents: markup(note.Text), Range: &r}, nil
}

func (s *Server) definition(ctx context.Context, p *protocol.DefinitionParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	list, err := ide.Definition(f.snap, f.path, f.offset(p.Position))
	if err != nil {
		return nil, err
	}
	return f.locations(list), nil
}

func (s *Server) references(ctx context.Context, p *protocol.ReferenceParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	list, err := ide.References(ctx, f.snap, f.path, f.offset(p.Position), p.Context.IncludeDeclaration)
	if err != nil {
		return nil, err
	}
	return f.locations(list), nil
}

func (s *Server) highlight(ctx context.Context, p *protocol.DocumentHighlightParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	list, err := ide.Highlights(f.snap, f.path, f.offset(p.Position))
	if err != nil {
		return nil, err
	}
	out := make([]protocol.DocumentHighlight, 0, len(list))
	for _, h := range list {
		kind := protocol.DocumentHighlightKindRead
		if h.Write {
			kind = protocol.DocumentHighlightKindWrite
		}
		out = append(out, protocol.DocumentHighlight{Range: rangeOf(f.file, h.Span), Kind: &kind})
	}
	return out, nil
}

func (s *Server) linkedEditing(ctx context.Context, p *protocol.LinkedEditingRangeParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	list, err := ide.Linked(f.snap, f.path, f.offset(p.Position))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	out := &protocol.LinkedEditingRanges{}
	for _, l := range list {
		out.Ranges = append(out.Ranges, rangeOf(f.file, l.Span))
	}
	return out, nil
}

func (s *Server) prepareRename(ctx context.Context, p *protocol.PrepareRenameParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	at, name, err := ide.Renamable(f.snap, f.path, f.offset(p.Position))
	if err != nil {
		return nil, answer(err)
	}
	return map[string]any{"range": rangeOf(f.file, at.Span), "placeholder": name}, nil
}

func (s *Server) rename(ctx context.Context, p *protocol.RenameParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	edits, err := ide.Rename(ctx, f.snap, f.path, f.offset(p.Position), p.NewName)
	if err != nil {
		return nil, answer(err)
	}
	return f.workspaceEdit(edits), nil
}

var symbolKinds = map[ide.SymbolKind]protocol.SymbolKind{
	ide.SymbolNode: protocol.SymbolKindFunction, ide.SymbolField: protocol.SymbolKindField, ide.SymbolInput: protocol.SymbolKindField,
	ide.SymbolTarget: protocol.SymbolKindVariable, ide.SymbolLoop: protocol.SymbolKindVariable, ide.SymbolLocal: protocol.SymbolKindVariable,
	ide.SymbolPort: protocol.SymbolKindInterface, ide.SymbolAdapter: protocol.SymbolKindClass, ide.SymbolMacro: protocol.SymbolKindMethod,
	ide.SymbolParameter: protocol.SymbolKindTypeParameter, ide.SymbolProcess: protocol.SymbolKindModule, ide.SymbolPipeline: protocol.SymbolKindModule,
	ide.SymbolPolicy: protocol.SymbolKindObject, ide.SymbolMiddleware: protocol.SymbolKindObject, ide.SymbolType: protocol.SymbolKindStruct,
	ide.SymbolAlias: protocol.SymbolKindKey, ide.SymbolService: protocol.SymbolKindInterface, ide.SymbolTool: protocol.SymbolKindFunction,
	ide.SymbolEntity: protocol.SymbolKindEnum, ide.SymbolState: protocol.SymbolKindEnumMember, ide.SymbolConstant: protocol.SymbolKindConstant,
	ide.SymbolDocument: protocol.SymbolKindNamespace,
}

func (s *Server) documentSymbol(ctx context.Context, p *protocol.DocumentSymbolParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	entries, err := ide.Outline(f.snap, f.path)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	tree := s.client.symbolTree
	s.mu.Unlock()
	if tree {
		return f.symbols(entries), nil
	}
	flat := []protocol.SymbolInformation{}
	var walk func(list []ide.Entry, container *string)
	walk = func(list []ide.Entry, container *string) {
		for _, e := range list {
			flat = append(flat, protocol.SymbolInformation{Name: e.Name, Kind: symbolKinds[e.Kind], ContainerName: container,
				Location: protocol.Location{URI: f.uri, Range: rangeOf(f.file, e.Span)}})
			walk(e.Children, &e.Name)
		}
	}
	walk(entries, nil)
	return flat, nil
}

func (f *file) symbols(list []ide.Entry) []protocol.DocumentSymbol {
	out := make([]protocol.DocumentSymbol, 0, len(list))
	for _, e := range list {
		detail := e.Detail
		out = append(out, protocol.DocumentSymbol{Name: e.Name, Detail: &detail, Kind: symbolKinds[e.Kind],
			Range: rangeOf(f.file, e.Span), SelectionRange: rangeOf(f.file, e.NameSpan), Children: f.symbols(e.Children)})
	}
	return out
}

func (s *Server) workspaceSymbol(ctx context.Context, p *protocol.WorkspaceSymbolParams) (any, error) {
	v := s.viewOf(ctx)
	out := []protocol.SymbolInformation{}
	for _, r := range v.roots {
		if r.loose && len(v.roots) > 1 {
			continue
		}
		snap := v.snaps[r]
		found, err := ide.Search(ctx, snap, p.Query)
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			info := protocol.SymbolInformation{Name: e.Name, Kind: symbolKinds[e.Kind],
				Location: protocol.Location{URI: v.uri(e.Path), Range: rangeOf(v.sourceOf(snap, e.Path), e.Span)}}
			if e.Container != "" {
				info.ContainerName = &e.Container
			}
			out = append(out, info)
		}
	}
	return out, nil
}

func (s *Server) documentLink(ctx context.Context, p *protocol.DocumentLinkParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	links, err := ide.Links(f.snap, f.path)
	if err != nil {
		return nil, err
	}
	out := make([]protocol.DocumentLink, 0, len(links))
	for _, l := range links {
		target := f.v.uri(l.Target.Path)
		if l.Target.Span.Len() > 0 {
			line, _ := f.v.sourceOf(f.snap, l.Target.Path).UTF16(int(l.Target.Span.Start))
			target += fmt.Sprintf("#L%d", line+1)
		}
		tip := l.Tooltip
		out = append(out, protocol.DocumentLink{Range: rangeOf(f.file, l.Span), Target: &target, Tooltip: &tip})
	}
	return out, nil
}
