package ide

import (
	"context"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// Entry is one line of a file's outline.
type Entry struct {
	Name, Detail string
	Kind         SymbolKind
	Span         source.Span // of the whole
	NameSpan     source.Span // of the name
	Children     []Entry
}

// Outline is the structure of a file: its documents, their nodes with the nodes
// in them, and what else they declare.
func Outline(s *compile.Snapshot, path string) ([]Entry, error) {
	a, err := s.Analyze(path)
	if err != nil {
		return nil, err
	}
	if a.File == nil {
		return nil, nil
	}
	var out []Entry
	for _, d := range a.Docs {
		if d.Doc.Root == nil {
			continue
		}
		out = append(out, outlineOf(a, d.Doc))
	}
	return out, nil
}

func outlineOf(a *compile.Analysis, d *ast.Doc) Entry {
	e := Entry{Name: d.Name.Name, Detail: d.Kind, Kind: SymbolDocument, Span: d.Root.Span, NameSpan: d.Root.Span}
	if kind := documentKinds[d.Kind]; kind != 0 {
		e.Kind = kind
	}
	if n := get(get(d.Root, "metadata"), "name"); n != nil && n.Span.Len() > 0 {
		e.NameSpan = n.Span
	} else if len(d.Root.Pairs) > 0 {
		e.NameSpan = d.Root.Pairs[0].Key.Span
	}
	if e.Name == "" {
		e.Name = "(" + strings.ToLower(d.Kind) + ")"
		if d.Kind == "" {
			e.Name = "(document)"
		}
	}
	spec := get(d.Root, "spec")
	for _, group := range []struct {
		key  string
		kind SymbolKind
	}{{"ports", SymbolPort}, {"processes", SymbolProcess}, {"state_machines", SymbolEntity}, {"custom_types", SymbolType}, {"services", SymbolService}, {"tools", SymbolTool}} {
		m := get(spec, group.key).Deref()
		if m == nil {
			continue
		}
		switch m.Kind {
		case syntax.Mapping:
			for i := range m.Pairs {
				p := &m.Pairs[i]
				if p.Key.Kind == syntax.Scalar && p.Key.Value != "" {
					e.Children = append(e.Children, Entry{Name: p.Key.Value, Detail: group.kind.String(), Kind: group.kind, Span: p.Span, NameSpan: p.Key.Span})
				}
			}
		case syntax.Sequence:
			for _, it := range m.Items {
				if n := get(it, "name"); scalarText(n) != "" {
					e.Children = append(e.Children, Entry{Name: scalarText(n), Detail: group.kind.String(), Kind: group.kind, Span: it.Span, NameSpan: n.Span})
				}
			}
		}
	}
	for _, p := range macroParameters(d.Root) {
		e.Children = append(e.Children, Entry{Name: p.name, Detail: "parameter: " + p.typ, Kind: SymbolParameter, Span: p.node.Span, NameSpan: p.node.Span})
	}
	for _, list := range []*syntax.Node{get(spec, "nodes"), get(d.Root, "nodes")} {
		e.Children = append(e.Children, outlineNodes(list)...)
	}
	if d.Fragment {
		e.Children = append(e.Children, outlineNodes(d.Root)...)
	}
	slices.SortStableFunc(e.Children, func(a, b Entry) int { return int(a.Span.Start) - int(b.Span.Start) })
	for i := range e.Children {
		e.Span = e.Span.Join(e.Children[i].Span)
	}
	e.Span = e.Span.Join(e.NameSpan)
	return e
}

// outlineNodes are the entries of a list of nodes.
func outlineNodes(list *syntax.Node) []Entry {
	list = list.Deref()
	if list == nil || list.Kind != syntax.Sequence {
		return nil
	}
	var out []Entry
	for _, it := range list.Items {
		if it.Kind != syntax.Mapping {
			continue
		}
		kind := scalarText(get(it, "kind"))
		e := Entry{Name: kind, Detail: kind, Kind: SymbolNode, Span: it.Span, NameSpan: it.Span}
		if n := get(get(it, "metadata"), "name"); scalarText(n) != "" {
			e.Name, e.NameSpan = scalarText(n), n.Span
		}
		if e.Name == "" {
			e.Name = "(node)"
		}
		spec := get(it, "spec")
		for _, key := range []string{"body", "else_body", "then_body"} {
			e.Children = append(e.Children, outlineNodes(get(spec, key))...)
		}
		if branches := get(spec, "branches").Deref(); branches != nil && branches.Kind == syntax.Sequence {
			for _, b := range branches.Items {
				e.Children = append(e.Children, outlineNodes(get(b, "body"))...)
			}
		}
		slices.SortStableFunc(e.Children, func(a, b Entry) int { return int(a.Span.Start) - int(b.Span.Start) })
		out = append(out, e)
	}
	return out
}

// Found is a symbol of the workspace.
type Found struct {
	Name, Container string
	Kind            SymbolKind
	Location
}

// maxFound bounds the answer to a search of the workspace.
const maxFound = 1000

// Search finds the symbols of the workspace whose names have the letters of the
// query in order, whatever their case.
func Search(ctx context.Context, s *compile.Snapshot, query string) ([]Found, error) {
	lists, err := everywhere(ctx, s, "", func(a *compile.Analysis) []Found {
		var out []Found
		var walk func(list []Entry, container string)
		walk = func(list []Entry, container string) {
			for _, e := range list {
				if matches(query, e.Name) {
					out = append(out, Found{e.Name, container, e.Kind, Location{a.Path, e.NameSpan}})
				}
				walk(e.Children, e.Name)
			}
		}
		entries, _ := Outline(s, a.Path)
		walk(entries, "")
		return out
	})
	if err != nil {
		return nil, err
	}
	all := slices.Concat(lists...)
	return all[:min(len(all), maxFound)], nil
}

// matches reports whether name has the letters of query in order.
func matches(query, name string) bool {
	name = strings.ToLower(name)
	for _, r := range strings.ToLower(query) {
		i := strings.IndexRune(name, r)
		if i < 0 {
			return false
		}
		name = name[i+len(string(r)):]
	}
	return true
}
