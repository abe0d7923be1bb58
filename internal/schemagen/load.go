//go:build schemagen

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
)

// loader reads definitions from CUE syntax.
type loader struct {
	src     map[string]*ast.Field // definition name → its field
	scalars map[string]string     // definitions that are scalars: name → table kind ("" as written)
	m       *model
	busy    map[string]bool
}

func load(dir string) (*model, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.cue"))
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	l := &loader{src: map[string]*ast.Field{}, scalars: map[string]string{}, m: &model{byDef: map[string]*def{}}, busy: map[string]bool{}}
	var order []string
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(filepath.Base(name), text, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			fd, ok := d.(*ast.Field)
			if !ok {
				continue
			}
			n := labelName(fd.Label)
			if !strings.HasPrefix(n, "#") {
				continue
			}
			l.src[n[1:]] = fd
			order = append(order, n[1:])
		}
	}
	for _, n := range order {
		if _, err := l.define(n); err != nil {
			return nil, err
		}
	}
	sort.Slice(l.m.defs, func(i, j int) bool { return l.m.defs[i].name < l.m.defs[j].name })
	return l.m, nil
}

func labelName(l ast.Label) string {
	switch l := l.(type) {
	case *ast.Ident:
		return l.Name
	case *ast.BasicLit:
		s, err := literal.Unquote(l.Value)
		if err == nil {
			return s
		}
	}
	return ""
}

// define reads the definition name if it is a struct; nil if it is another type.
func (l *loader) define(name string) (*def, error) {
	if d := l.m.byDef[name]; d != nil {
		return d, nil
	}
	fd := l.src[name]
	if fd == nil {
		return nil, fmt.Errorf("#%s is not defined", name)
	}
	st, ok := fd.Value.(*ast.StructLit)
	if !ok || isMap(st) {
		return nil, nil
	}
	d := &def{name: name, doc: docOf(fd)}
	if d.doc == "" {
		return nil, fmt.Errorf("%s: #%s has no doc comment", fd.Pos(), name)
	}
	l.m.byDef[name] = d // before the fields: definitions may be recursive
	l.m.defs = append(l.m.defs, d)
	if err := l.body(d, st, name); err != nil {
		return nil, err
	}
	// what an embedded definition calls misplaced may be a field of this one
	for _, f := range d.fields {
		f.aliases = slices.DeleteFunc(f.aliases, func(a alias) bool { return a.status == "Misplaced" && d.has(a.name) })
	}
	for _, f := range d.fields {
		for _, r := range d.remove {
			if r.name == f.name {
				return nil, fmt.Errorf("#%s: %s is removed and a field", name, r.name)
			}
		}
	}
	return d, nil
}

// body reads the declarations of st into d; from is the definition that they
// stand in.
func (l *loader) body(d *def, st *ast.StructLit, from string) error {
	if l.busy[from] {
		return fmt.Errorf("#%s embeds itself", from)
	}
	l.busy[from] = true
	defer delete(l.busy, from)
	for _, decl := range st.Elts {
		switch x := decl.(type) {
		case *ast.Attribute:
			if err := l.defAttr(d, x); err != nil {
				return fmt.Errorf("%s: #%s: %w", x.Pos(), from, err)
			}
		case *ast.EmbedDecl:
			if err := l.embed(d, x.Expr); err != nil {
				return fmt.Errorf("%s: #%s: %w", x.Pos(), from, err)
			}
		case *ast.Ellipsis:
			if d.open == "" {
				return fmt.Errorf("%s: #%s: `...` needs @open() or @warnunknown()", x.Pos(), from)
			}
		case *ast.Field:
			if _, ok := x.Label.(*ast.ListLit); ok {
				continue // [=~"^x-"]: _, free everywhere
			}
			f, err := l.field(x)
			if err != nil {
				return fmt.Errorf("%s: #%s.%s: %w", x.Pos(), from, labelName(x.Label), err)
			}
			f.embedded = from != d.name
			d.add(f)
		case *ast.CommentGroup:
		default:
			return fmt.Errorf("%s: #%s: unexpected %T", decl.Pos(), from, decl)
		}
	}
	return nil
}

// add adds f. A field that an embedded definition has too is the definition's
// own, wherever the embedding stands.
func (d *def) add(f *field) {
	for i, g := range d.fields {
		if g.name != f.name {
			continue
		}
		if !f.embedded || g.embedded {
			d.fields[i] = f
		}
		return
	}
	d.fields = append(d.fields, f)
}

// embed reads an embedded definition.
func (l *loader) embed(d *def, x ast.Expr) error {
	switch x := x.(type) {
	case *ast.Ident:
		name := strings.TrimPrefix(x.Name, "#")
		fd := l.src[name]
		if fd == nil {
			return fmt.Errorf("%s is not defined", x.Name)
		}
		st, ok := fd.Value.(*ast.StructLit)
		if !ok {
			return fmt.Errorf("%s cannot be embedded", x.Name)
		}
		part, err := l.define(name)
		if err != nil {
			return err
		}
		part.part = true
		open := d.open
		if err := l.body(d, st, name); err != nil {
			return err
		}
		d.open = open
		return nil
	}
	return fmt.Errorf("cannot embed %T", x)
}

// docOf is the doc comment of a declaration, as Markdown.
func docOf(n ast.Node) string {
	var out []string
	for _, g := range ast.Comments(n) {
		if !g.Doc {
			continue
		}
		for _, c := range g.List {
			out = append(out, strings.TrimPrefix(strings.TrimPrefix(c.Text, "//"), " "))
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
