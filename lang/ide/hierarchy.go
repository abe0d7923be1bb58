package ide

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// Callable is a document that runs others or is run by them: a System, a
// Pipeline, a macro.
type Callable struct {
	Name   string
	Kind   SymbolKind
	Detail string
	Path   string
	Span   source.Span // of the document
	Select source.Span // of its name
}

// Call is a use of one document by another.
type Call struct {
	Callable // who calls, or what is called
	// At are the places in the calling document.
	At []source.Span
}

// CallableAt is the document that a place is about: what the name there names,
// else the document around it.
func CallableAt(s *compile.Snapshot, path string, offset int) (*Callable, error) {
	c, err := newCursor(s, path, offset)
	if err != nil {
		return nil, err
	}
	for _, d := range c.a.Docs {
		for _, u := range uses(s, c.a, d.Doc) {
			if u.at.Contains(offset) {
				return &u.to, nil
			}
		}
	}
	if c.doc == nil || documentKinds[c.doc.Doc.Kind] == 0 {
		return nil, nil
	}
	x := callable(c.a, c.doc.Doc)
	return &x, nil
}

func callable(a *compile.Analysis, d *ast.Doc) Callable {
	e := outlineOf(a, d)
	return Callable{Name: e.Name, Kind: e.Kind, Detail: d.Kind, Path: a.Path, Span: e.Span, Select: e.NameSpan}
}

// use is one call in a document.
type use struct {
	to Callable
	at source.Span
}

// uses are the calls that a document makes: of pipelines by processes and
// composites, of macros by nodes.
func uses(s *compile.Snapshot, a *compile.Analysis, d *ast.Doc) []use {
	var out []use
	if d.Root == nil {
		return nil
	}
	scalars(d.Root, func(n, key *syntax.Node) {
		switch scalarText(key) {
		case "exec", "pipeline", "body_pipeline":
			if to, ok := documentAt(s, a, n.Value); ok {
				out = append(out, use{to, n.Span})
			}
		}
	})
	for _, o := range indexOf(s, a).in(a.Path) {
		if o.Symbol.Kind != SymbolMacro || o.Def || !d.Root.Span.Encloses(o.Span) {
			continue
		}
		def, err := s.Analyze(o.Symbol.Def.Path)
		if err != nil {
			continue
		}
		if m := def.Doc(int(o.Symbol.Def.Span.Start)); m != nil {
			out = append(out, use{callable(def, m.Doc), o.Span})
		}
	}
	return out
}

// documentAt is the pipeline that a text such as `path#name` names.
func documentAt(s *compile.Snapshot, a *compile.Analysis, text string) (Callable, bool) {
	file, name, _ := strings.Cut(text, "#")
	if file == "" || strings.ContainsAny(file, "\n{$:") {
		return Callable{}, false
	}
	path := filepath.Join(filepath.Dir(a.Path), filepath.FromSlash(file))
	if !s.Inside(path) {
		return Callable{}, false
	}
	b, err := s.Analyze(path)
	if err != nil || b.File == nil {
		return Callable{}, false
	}
	for _, d := range b.Docs {
		if d.Doc.Kind == "Pipeline" && (name == "" || d.Doc.Name.Name == name) {
			return callable(b, d.Doc), true
		}
	}
	return Callable{}, false
}

// Outgoing are the documents that one runs.
func Outgoing(s *compile.Snapshot, x Callable) ([]Call, error) {
	a, err := s.Analyze(x.Path)
	if err != nil {
		return nil, err
	}
	d := documentNamed(a, x)
	if d == nil {
		return nil, nil
	}
	var out []Call
	for _, u := range uses(s, a, d) {
		out = addCall(out, u.to, u.at)
	}
	return out, nil
}

// Incoming are the documents of the workspace that run one.
func Incoming(ctx context.Context, s *compile.Snapshot, x Callable) ([]Call, error) {
	lists, err := everywhere(ctx, s, x.Path, func(a *compile.Analysis) []Call {
		var out []Call
		for _, d := range a.Docs {
			for _, u := range uses(s, a, d.Doc) {
				if u.to.Path == x.Path && u.to.Select == x.Select {
					out = addCall(out, callable(a, d.Doc), u.at)
				}
			}
		}
		return out
	})
	return slices.Concat(lists...), err
}

func addCall(list []Call, x Callable, at source.Span) []Call {
	for i := range list {
		if list[i].Path == x.Path && list[i].Select == x.Select {
			list[i].At = append(list[i].At, at)
			return list
		}
	}
	return append(list, Call{x, []source.Span{at}})
}

// documentNamed is the document of a file that a Callable stands for.
func documentNamed(a *compile.Analysis, x Callable) *ast.Doc {
	for _, d := range a.Docs {
		if d.Doc.Root != nil && (d.Doc.Name.Name == x.Name && documentKinds[d.Doc.Kind] == x.Kind) {
			return d.Doc
		}
	}
	return nil
}
