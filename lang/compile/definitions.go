package compile

import (
	"path/filepath"

	"hexdag.dev/hexdag/lang/ast"
)

// definitions are the documents that a file's documents can name.
type definitions struct {
	adapters, policies, middleware map[string]*ast.Doc
}

// definitions are what a document can name: what its own stream defines, below
// that what it imports, and below that the stream of the discovered Config.
func (w *Workspace) definitions(name string, f *ast.File, doc *ast.Doc) definitions {
	d := definitions{adapters(f), policies(f), stacks(f)}
	for _, x := range doc.Imports {
		switch x.Kind {
		case "Adapter":
			below(d.adapters, map[string]*ast.Doc{x.Name.Name: x})
		case "Policy":
			below(d.policies, map[string]*ast.Doc{x.Name.Name: x})
		case "Middleware":
			below(d.middleware, map[string]*ast.Doc{x.Name.Name: x})
		}
	}
	if c := w.config(filepath.Dir(name)); c != nil && c.doc != nil && c.doc.File.Source.Path() != f.Source.Path() {
		below(d.adapters, adapters(c.doc.File))
		below(d.policies, policies(c.doc.File))
		below(d.middleware, stacks(c.doc.File))
	}
	return d
}

// below adds what near does not have.
func below(near, far map[string]*ast.Doc) {
	for name, d := range far {
		if near[name] == nil {
			near[name] = d
		}
	}
}

// policies are the Policy documents of a stream, by name.
func policies(f *ast.File) map[string]*ast.Doc {
	return named(f, func(d *ast.Doc) bool { return d.Kind == "Policy" })
}

// stacks are the Middleware documents of a stream, by name.
func stacks(f *ast.File) map[string]*ast.Doc {
	return named(f, func(d *ast.Doc) bool { return d.Middleware != nil })
}

func named(f *ast.File, is func(*ast.Doc) bool) map[string]*ast.Doc {
	out := map[string]*ast.Doc{}
	for _, d := range f.Docs {
		if d.Name.Name != "" && is(d) {
			out[d.Name.Name] = d
		}
	}
	return out
}
