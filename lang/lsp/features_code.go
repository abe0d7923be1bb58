package lsp

import (
	"context"
	"encoding/json"

	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/ide"
	"hexdag.dev/hexdag/lang/source"
)

func (s *Server) signatureHelp(ctx context.Context, p *protocol.SignatureHelpParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	sig, err := ide.SignatureHelp(f.snap, f.path, f.offset(p.Position))
	if err != nil || sig == nil {
		return nil, err
	}
	info := protocol.SignatureInformation{Label: sig.Label, Documentation: markup(sig.Doc)}
	for _, name := range sig.Params {
		info.Parameters = append(info.Parameters, protocol.ParameterInformation{Label: name})
	}
	zero, active := uint32(0), uint32(sig.Active)
	return &protocol.SignatureHelp{Signatures: []protocol.SignatureInformation{info}, ActiveSignature: &zero, ActiveParameter: &active}, nil
}

func (s *Server) semanticTokens(ctx context.Context, p *protocol.SemanticTokensParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	return f.tokens(source.Span{End: int32(len(f.text()))})
}

func (s *Server) semanticTokensRange(ctx context.Context, p *protocol.SemanticTokensRangeParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	start, end := offsets(f.file, p.Range)
	return f.tokens(source.Span{Start: int32(start), End: int32(end)})
}

// tokens are the tokens that touch a span, each relative to the one before.
func (f *file) tokens(span source.Span) (any, error) {
	list, err := ide.Tokens(f.snap, f.path)
	if err != nil {
		return nil, err
	}
	data := []uint32{}
	line, column := 0, 0
	for _, t := range list {
		if t.Span.End < span.Start || t.Span.Start > span.End {
			continue
		}
		at, start := f.file.UTF16(int(t.Span.Start))
		_, end := f.file.UTF16(int(t.Span.End))
		if at != line {
			column = 0
		}
		data = append(data, uint32(at-line), uint32(start-column), uint32(end-start), uint32(t.Type), t.Modifiers)
		line, column = at, start
	}
	return &protocol.SemanticTokens{Data: data}, nil
}

func (s *Server) foldingRange(ctx context.Context, p *protocol.FoldingRangeParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	list, err := ide.Folds(f.snap, f.path)
	if err != nil {
		return nil, err
	}
	out := make([]protocol.FoldingRange, 0, len(list))
	for _, x := range list {
		r := protocol.FoldingRange{StartLine: uint32(x.Start), EndLine: uint32(x.End)}
		if x.Comment {
			kind := string(protocol.FoldingRangeKindComment)
			r.Kind = &kind
		}
		out = append(out, r)
	}
	return out, nil
}

func (s *Server) selectionRange(ctx context.Context, p *protocol.SelectionRangeParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	out := make([]protocol.SelectionRange, 0, len(p.Positions))
	for _, at := range p.Positions {
		list, err := ide.SelectionRanges(f.snap, f.path, f.offset(at))
		if err != nil {
			return nil, err
		}
		var parent *protocol.SelectionRange
		for i := len(list) - 1; i >= 0; i-- {
			parent = &protocol.SelectionRange{Range: rangeOf(f.file, list[i]), Parent: parent}
		}
		out = append(out, *parent)
	}
	return out, nil
}

func (s *Server) rangeFormatting(ctx context.Context, p *protocol.DocumentRangeFormattingParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	start, end := offsets(f.file, p.Range)
	edits, err := ide.Format(f.snap, f.path, &source.Span{Start: int32(start), End: int32(end)})
	if err != nil {
		return nil, err
	}
	return f.textEdits(edits), nil
}

func (s *Server) onTypeFormatting(ctx context.Context, p *protocol.DocumentOnTypeFormattingParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil || p.Ch != "\n" {
		return nil, err
	}
	edits, err := ide.Indent(f.snap, f.path, f.offset(p.Position))
	if err != nil {
		return nil, err
	}
	return f.textEdits(edits), nil
}

// textEdits are edits of this file.
func (f *file) textEdits(edits []ide.Edit) []protocol.TextEdit {
	out := make([]protocol.TextEdit, 0, len(edits))
	for _, e := range edits {
		out = append(out, protocol.TextEdit{Range: rangeOf(f.file, e.Span), NewText: e.NewText})
	}
	return out
}

type inlayHintParams struct {
	TextDocument protocol.TextDocumentIdentifier `json:"textDocument"`
	Range        protocol.Range                  `json:"range"`
}

type inlayHint struct {
	Position     protocol.Position       `json:"position"`
	Label        string                  `json:"label"`
	Kind         int                     `json:"kind,omitempty"`
	Tooltip      *protocol.MarkupContent `json:"tooltip,omitempty"`
	PaddingLeft  bool                    `json:"paddingLeft,omitempty"`
	PaddingRight bool                    `json:"paddingRight,omitempty"`
}

func (s *Server) inlayHint(ctx context.Context, p *inlayHintParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	start, end := offsets(f.file, p.Range)
	list, err := ide.Hints(f.snap, f.path, source.Span{Start: int32(start), End: int32(end)})
	if err != nil {
		return nil, err
	}
	want := s.settings()
	out := []inlayHint{}
	for _, h := range list {
		line, column := f.file.UTF16(h.Offset)
		x := inlayHint{Position: protocol.Position{Line: uint32(line), Character: uint32(column)}, Label: h.Label}
		switch h.Kind {
		case ide.HintDependency:
			if !want.Dependencies {
				continue
			}
		case ide.HintType:
			if !want.Types {
				continue
			}
			x.Kind = 1
		case ide.HintLimit:
			if !want.Limits {
				continue
			}
		case ide.HintParameter:
			if !want.Parameters {
				continue
			}
			x.Kind = 2
		}
		x.PaddingLeft, x.PaddingRight = h.After && h.Kind != ide.HintType, !h.After
		if h.Tip != "" {
			x.Tooltip = markup(h.Tip)
		}
		out = append(out, x)
	}
	return out, nil
}

// lensCommands are what an editor's extension runs for a lens.
var lensCommands = map[string]string{"run": "hexdag.run", "explain": "hexdag.explain", "graph": "hexdag.showGraph"}

func (s *Server) codeLens(ctx context.Context, p *protocol.CodeLensParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	out := []protocol.CodeLens{}
	if !s.settings().Lens {
		return out, nil
	}
	list, err := ide.Lenses(f.snap, f.path)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		c := &protocol.Command{Title: l.Title, Command: lensCommands[l.Command]}
		if l.Command != "" {
			c.Arguments = []any{f.uri, l.Name}
		}
		out = append(out, protocol.CodeLens{Range: rangeOf(f.file, l.Span), Command: c})
	}
	return out, nil
}

// callItem is a document in the protocol's form.
func (f *file) callItem(x ide.Callable) protocol.CallHierarchyItem {
	src := f.v.sourceOf(f.snap, x.Path)
	detail := x.Detail
	return protocol.CallHierarchyItem{Name: x.Name, Kind: symbolKinds[x.Kind], Detail: &detail, URI: f.v.uri(x.Path),
		Range: rangeOf(src, x.Span), SelectionRange: rangeOf(src, x.Select), Data: map[string]any{"file": f.document.uri, "kind": int(x.Kind)}}
}

func (s *Server) prepareCallHierarchy(ctx context.Context, p *protocol.CallHierarchyPrepareParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	x, err := ide.CallableAt(f.snap, f.path, f.offset(p.Position))
	if err != nil || x == nil {
		return nil, err
	}
	return []protocol.CallHierarchyItem{f.callItem(*x)}, nil
}

// called is the document that an item stands for, with the file that it was
// asked from.
func (s *Server) called(ctx context.Context, item *protocol.CallHierarchyItem) (*file, ide.Callable, error) {
	var data struct {
		File string `json:"file"`
		Kind int    `json:"kind"`
	}
	raw, err := json.Marshal(item.Data)
	if err == nil {
		err = json.Unmarshal(raw, &data)
	}
	if err != nil {
		return nil, ide.Callable{}, err
	}
	v := s.viewOf(ctx)
	path, err := pathOf(item.URI)
	if d := v.docs[item.URI]; d != nil {
		path, err = d.path, nil
	}
	if err != nil {
		return nil, ide.Callable{}, err
	}
	f, err := s.open(ctx, data.File)
	if err != nil {
		return nil, ide.Callable{}, err
	}
	src := v.sourceOf(f.snap, path)
	start, end := offsets(src, item.SelectionRange)
	return f, ide.Callable{Name: item.Name, Kind: ide.SymbolKind(data.Kind), Path: path, Select: source.Span{Start: int32(start), End: int32(end)}}, nil
}

func (s *Server) incomingCalls(ctx context.Context, p *protocol.CallHierarchyIncomingCallsParams) (any, error) {
	f, x, err := s.called(ctx, &p.Item)
	if err != nil {
		return nil, err
	}
	calls, err := ide.Incoming(ctx, f.snap, x)
	if err != nil {
		return nil, err
	}
	out := []protocol.CallHierarchyIncomingCall{}
	for _, c := range calls {
		out = append(out, protocol.CallHierarchyIncomingCall{From: f.callItem(c.Callable), FromRanges: f.ranges(c.Path, c.At)})
	}
	return out, nil
}

func (s *Server) outgoingCalls(ctx context.Context, p *protocol.CallHierarchyOutgoingCallsParams) (any, error) {
	f, x, err := s.called(ctx, &p.Item)
	if err != nil {
		return nil, err
	}
	calls, err := ide.Outgoing(f.snap, x)
	if err != nil {
		return nil, err
	}
	out := []protocol.CallHierarchyOutgoingCall{}
	for _, c := range calls {
		out = append(out, protocol.CallHierarchyOutgoingCall{To: f.callItem(c.Callable), FromRanges: f.ranges(x.Path, c.At)})
	}
	return out, nil
}

func (f *file) ranges(path string, spans []source.Span) []protocol.Range {
	src := f.v.sourceOf(f.snap, path)
	out := make([]protocol.Range, 0, len(spans))
	for _, s := range spans {
		out = append(out, rangeOf(src, s))
	}
	return out
}

// willRenameFiles keeps the paths in manifests right when files move.
func (s *Server) willRenameFiles(ctx context.Context, p *protocol.RenameFilesParams) (any, error) {
	v := s.viewOf(ctx)
	changes := map[protocol.DocumentUri][]protocol.TextEdit{}
	for _, r := range v.roots {
		var moves []ide.Move
		for _, m := range p.Files {
			from, err := pathOf(m.OldURI)
			to, err2 := pathOf(m.NewURI)
			if err == nil && err2 == nil && inside(r.path, from) {
				moves = append(moves, ide.Move{From: from, To: to})
			}
		}
		if len(moves) == 0 || r.loose {
			continue
		}
		snap := v.snaps[r]
		edits, err := ide.MoveFiles(ctx, snap, moves)
		if err != nil {
			return nil, err
		}
		for uri, list := range (&file{nil, v, snap}).workspaceEdit(edits).Changes {
			changes[uri] = append(changes[uri], list...)
		}
	}
	return &protocol.WorkspaceEdit{Changes: changes}, nil
}
