package ast

import (
	"slices"
	"sort"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/syntax"
)

// importable are the kinds of documents that others can import: definitions.
var importable = []string{"Macro", "Adapter", "Policy", "Middleware"}

// imports finds the definitions that `spec.imports` names, before the document is
// checked: its nodes may be of kinds that they define. all is false if something
// is missing, which was reported.
//
// What is imported is a definition and imports nothing itself, so there are no
// chains and no circles. A definition sees its own stream.
func (b *builder) imports(root *syntax.Node) (found []*Doc, all bool) {
	list := root.Get("spec").Get("imports").Deref()
	if list == nil || b.imported {
		return nil, true
	}
	items := []*syntax.Node{list}
	if list.Kind == syntax.Sequence {
		items = list.Items
	}
	all = true
	files := map[string]*File{}
	for _, n := range items {
		n = n.Deref()
		if n == nil || n.Kind != syntax.Scalar || n.Resolve().Kind != syntax.String || n.Broken {
			all = false // reported as a value of the wrong type
			continue
		}
		docs, ok := b.importOne(n, files)
		all = all && ok
		for _, d := range docs {
			if !slices.Contains(found, d) {
				found = append(found, d)
			}
		}
	}
	return found, all
}

func (b *builder) importOne(n *syntax.Node, files map[string]*File) ([]*Doc, bool) {
	imp, ok := b.file.Composed.Import(n, &b.ds)
	if !ok {
		return nil, false
	}
	f := files[imp.File.Name()]
	if f == nil {
		f = build(imp.File, syntax.Parse(imp.File, syntax.Budget{}), b.opt, true)
		files[imp.File.Name()] = f
		b.file.Composed.Borrow(f.Composed, f.Tree)
		for _, d := range f.Diags {
			if d.Severity == diag.Error {
				b.ds.Add(d)
			}
		}
	}
	var docs []*Doc
	var names []string
	for _, d := range f.Docs {
		if !slices.Contains(importable, d.Kind) || d.Name.Name == "" {
			if imp.Name != "" && d.Name.Name == imp.Name {
				b.ds.Add(diag.New(diag.ImportFailed, imp.NameLoc, "%q of %s is a %s, which cannot be imported", imp.Name, imp.Path, d.Kind).
					WithRelated(d.Name.Loc, "it is declared here").
					WithHelp("imports are definitions: %s", strings.Join(importable, ", ")))
				return nil, false
			}
			continue
		}
		names = append(names, d.Name.Name)
		if imp.Name == "" || imp.Name == d.Name.Name {
			docs = append(docs, d)
		}
	}
	if len(docs) > 0 {
		return docs, true
	}
	if diag.HasErrors(f.Diags) && len(names) == 0 {
		return nil, false // it is there, but could not be read
	}
	if imp.Name == "" {
		b.ds.Add(diag.New(diag.ImportFailed, imp.Loc, "%s defines nothing that can be imported", imp.Path).
			WithHelp("imports are definitions: %s; `!include` brings other values", strings.Join(importable, ", ")))
		return nil, false
	}
	d := diag.New(diag.ImportFailed, imp.NameLoc, "%s defines no %q", imp.Path, imp.Name)
	sort.Strings(names)
	if best := suggest.Best(imp.Name, names); best != "" {
		d = d.WithHelp("did you mean %q?", best)
		if imp.NameLoc.File.Slice(imp.NameLoc.Span) == imp.Name {
			d = d.WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: imp.NameLoc, NewText: best})
		}
	} else if len(names) > 0 {
		d = d.WithHelp("it defines %s", strings.Join(names, ", "))
	} else {
		d = d.WithHelp("imports are definitions: %s", strings.Join(importable, ", "))
	}
	b.ds.Add(d)
	return nil, false
}

// sees gives the shape checker the macros that the document imports.
func (b *builder) sees(d *Doc, all bool) {
	b.shape.Macros = func(name string) bool { return d.Imported("Macro", name) != nil }
	b.shape.Linked = all
}

// Imported is the imported definition of a kind and name; nil for none. The first
// of several counts.
func (d *Doc) Imported(kind, name string) *Doc {
	for _, x := range d.Imports {
		if x.Kind == kind && x.Name.Name == name {
			return x
		}
	}
	return nil
}
