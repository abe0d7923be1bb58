package lsp

import (
	"context"

	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/ide"
)

// programParams name a program: a document of a file, by its name, or the one at
// a place.
type programParams struct {
	TextDocument protocol.TextDocumentIdentifier `json:"textDocument"`
	Name         string                          `json:"name"`
	Position     *protocol.Position              `json:"position"`
}

type graphNode struct {
	Name  string         `json:"name"`
	Range protocol.Range `json:"range"`
}

type graphAnswer struct {
	Name  string      `json:"name"`
	SVG   string      `json:"svg"`
	Nodes []graphNode `json:"nodes"`
}

// graph answers the request hexdag/graph: the picture of a program, and where
// its nodes stand; null if no program can be checked.
func (s *Server) graph(ctx context.Context, p *programParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	g, err := ide.GraphOf(f.snap, f.path, p.Name)
	if err != nil || g == nil {
		return nil, err
	}
	out := graphAnswer{Name: g.Name, SVG: g.SVG, Nodes: []graphNode{}}
	for _, n := range g.Nodes {
		if n.Path == f.path {
			out.Nodes = append(out.Nodes, graphNode{n.Name, rangeOf(f.file, n.Span)})
		}
	}
	return out, nil
}

// explain answers the request hexdag/explain: what is known about a program, or
// about the node at a place, as text; null if no program can be checked.
func (s *Server) explain(ctx context.Context, p *programParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	offset := -1
	if p.Position != nil {
		offset = f.offset(*p.Position)
	}
	text, err := ide.Explain(f.snap, f.path, p.Name, offset)
	if err != nil || text == "" {
		return nil, err
	}
	return map[string]string{"text": text}, nil
}

// owned answers the request hexdag/owned: whether a file, open or not, is part of
// the workspace's programs.
func (s *Server) owned(ctx context.Context, p *programParams) (any, error) {
	path, err := pathOf(p.TextDocument.URI)
	if err != nil {
		return false, nil // no file: its kind tells
	}
	v := s.viewOf(ctx)
	r := rootOf(v.roots, path)
	if r == nil {
		return false, nil
	}
	return ide.Owned(ctx, v.snaps[r], path)
}
