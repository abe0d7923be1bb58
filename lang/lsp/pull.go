package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
)

// Editors that ask for diagnostics get the same as others are sent: what the
// analysis of a file says about it, and what those of the manifests say that read
// it.

// report is the answer to a pull of diagnostics.
type report struct {
	Kind     string                `json:"kind"` // "full" or "unchanged"
	ResultID string                `json:"resultId,omitempty"`
	Items    []protocol.Diagnostic `json:"items,omitempty"`
}

func (r report) MarshalJSON() ([]byte, error) {
	if r.Kind == "unchanged" {
		return json.Marshal(map[string]any{"kind": r.Kind, "resultId": r.ResultID})
	}
	items := r.Items
	if items == nil {
		items = []protocol.Diagnostic{}
	}
	return json.Marshal(map[string]any{"kind": r.Kind, "resultId": r.ResultID, "items": items})
}

// pull is what is to be said about a file, or that it is what the editor has.
func (v *view) pull(snap *compile.Snapshot, found []diag.Diagnostic, previous string) (report, error) {
	var items []protocol.Diagnostic
	for i := range found {
		items = append(items, v.diagnostic(snap, &found[i]))
	}
	text, err := json.Marshal(items)
	if err != nil {
		return report{}, err
	}
	h := fnv.New64a()
	h.Write(text)
	id := fmt.Sprintf("%016x", h.Sum64())
	if id == previous {
		return report{Kind: "unchanged", ResultID: id}, nil
	}
	return report{Kind: "full", ResultID: id, Items: items}, nil
}

// findings are those of several analyses, by the file that they are in, each once.
type findings struct {
	snap *compile.Snapshot
	in   map[string][]diag.Diagnostic
	seen map[string]bool
}

func newFindings(snap *compile.Snapshot) *findings {
	return &findings{snap, map[string][]diag.Diagnostic{}, map[string]bool{}}
}

// add takes over what an analysis says; only names a file that it is wanted of,
// "" is any.
func (f *findings) add(a *compile.Analysis, only string) {
	for _, d := range a.Diags {
		path := a.Path
		if d.Loc.File != nil {
			path = f.snap.Path(d.Loc.File)
		}
		key := fmt.Sprint(path, d.Code, d.Loc.Span.Start, d.Loc.Span.End, d.Message)
		if only != "" && path != only || f.seen[key] {
			continue
		}
		f.seen[key] = true
		f.in[path] = append(f.in[path], d)
	}
}

// about is what is said about a file, in order.
func (f *findings) about(path string) []diag.Diagnostic {
	list := f.in[path]
	diag.Sort(list)
	return list
}

type documentDiagnosticParams struct {
	TextDocument     protocol.TextDocumentIdentifier `json:"textDocument"`
	PreviousResultID string                          `json:"previousResultId"`
}

func (s *Server) documentDiagnostic(ctx context.Context, p *documentDiagnosticParams) (any, error) {
	f, err := s.open(ctx, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	own, err := f.snap.Analyze(f.path)
	if err != nil {
		return nil, err
	}
	found := newFindings(f.snap)
	found.add(own, f.path)
	for _, path := range f.snap.Manifests() {
		// What is not known yet is told by the workspace's diagnostics.
		if a := f.snap.Known(path); a != nil && path != f.path && slices.Contains(a.Reads, f.path) {
			found.add(a, f.path)
		}
	}
	return f.v.pull(f.snap, found.about(f.path), p.PreviousResultID)
}

type workspaceDiagnosticParams struct {
	PreviousResultIDs []struct {
		URI   string `json:"uri"`
		Value string `json:"value"`
	} `json:"previousResultIds"`
}

func (s *Server) workspaceDiagnostic(ctx context.Context, p *workspaceDiagnosticParams) (any, error) {
	v := s.viewOf(ctx)
	previous := map[string]string{}
	for _, r := range p.PreviousResultIDs {
		previous[r.URI] = r.Value
	}
	items := []any{}
	if !s.settings().Workspace {
		return map[string]any{"items": items}, nil
	}
	for _, r := range v.roots {
		if r.loose {
			continue
		}
		snap := v.snaps[r]
		found := newFindings(snap)
		paths := snap.Manifests()
		for _, path := range paths[:min(len(paths), maxChecked)] {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if a, err := snap.Analyze(path); err == nil {
				found.add(a, "")
				if found.in[path] == nil {
					found.in[path] = []diag.Diagnostic{} // that nothing is wrong is said, too
				}
			}
		}
		// A file that something was said about, and nothing is any more.
		for uri := range previous {
			if path, err := pathOf(uri); err == nil && rootOf(v.roots, path) == r && found.in[path] == nil {
				found.in[path] = []diag.Diagnostic{}
			}
		}
		for _, path := range slices.Sorted(maps.Keys(found.in)) {
			uri := v.uri(path)
			rep, err := v.pull(snap, found.about(path), previous[uri])
			if err != nil {
				return nil, err
			}
			var version *int32
			if d := v.docs[uri]; d != nil {
				version = &d.version
			}
			entry := map[string]any{"uri": uri, "version": version, "kind": rep.Kind, "resultId": rep.ResultID}
			if rep.Kind == "full" {
				if rep.Items == nil {
					rep.Items = []protocol.Diagnostic{}
				}
				entry["items"] = rep.Items
			}
			items = append(items, entry)
		}
	}
	return map[string]any{"items": items}, nil
}
