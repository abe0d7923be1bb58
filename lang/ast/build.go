package ast

import (
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expand"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// Build parses a file, puts the files that it includes into their places, and
// types its documents.
func Build(f *source.File, opt expand.Options) *File {
	return build(f, syntax.Parse(f, syntax.Budget{}), opt, false)
}

// BuildTree is Build for a file that is parsed already, into a tree whose nodes
// have their places in it.
func BuildTree(f *source.File, tree *syntax.Tree, opt expand.Options) *File {
	return build(f, tree, opt, false)
}

// build is BuildTree; a file that is imported imports nothing itself.
func build(f *source.File, tree *syntax.Tree, opt expand.Options, imported bool) *File {
	composed := expand.Compose(tree, opt)
	file := &File{Source: f, Tree: tree, Composed: composed}
	b := &builder{file: file, opt: opt, imported: imported, tree: composed.Tree, shape: shape.Options{Stream: shape.NewStream(composed.Tree)}}
	// Macros first: other documents of the stream call them.
	docs := make([]*Doc, len(tree.Docs))
	for _, macros := range []bool{true, false} {
		for i, d := range tree.Docs {
			if d.Root != nil && isMacro(composed.Tree.Docs[i].Root) == macros {
				docs[i] = b.document(d.Root, composed.Tree.Docs[i].Root)
			}
		}
		if macros {
			b.declare(docs)
		}
	}
	for _, d := range docs {
		if d != nil {
			file.Docs = append(file.Docs, d)
		}
	}
	file.Diags = append(append([]diag.Diagnostic(nil), tree.Diags...), composed.Diags...)
	file.Diags = append(file.Diags, composed.Annotate(b.ds.Items())...)
	return file
}

type builder struct {
	file *File
	opt  expand.Options
	tree *syntax.Tree // composed
	ds   diag.List
	doc  *Doc

	// build evaluates the build-time names and the environment of doc.
	build *expand.Document
	shape shape.Options
	// imported: the file is read for the definitions that another imports.
	imported bool

	macros map[string]*Macro // of the stream
	expansion
	aliases map[string]string // short name of an adapter → what it stands for, of the document
	names   expr.Options      // how names are read in the expressions of what is being typed
}

// at is the place of a node, in the file that it comes from.
func (b *builder) at(n *syntax.Node) source.Location {
	return source.Location{File: b.tree.FileOf(n), Span: n.Span}
}

// document types a document: written is its root in the file, root the one that
// stands for it with includes in their places.
func (b *builder) document(written, root *syntax.Node) *Doc {
	d := &Doc{File: b.file, Root: written}
	b.doc = d
	root = root.Deref()
	if root == nil {
		return d // an alias of nothing, which was reported
	}
	manifest := shape.IsManifest(root)
	kind := root.Get("kind").Deref()
	b.build = b.file.Composed.Document(root, nil, manifest && (kind == nil || kind.Value != "Macro"), &b.ds)
	root = b.build.Evaluate().Deref()
	b.shape.Environment = b.build.Environment
	b.expansion = expansion{}
	defer func() { d.Env = mergeEnv(b.build.Env.Uses(), b.env) }()
	if !manifest {
		b.fragment(d, root)
		return d
	}
	var all bool
	d.Imports, all = b.imports(root)
	b.sees(d, all)
	d.Obj = shape.CheckDocumentWith(b.tree, root, b.shape, &b.ds)
	if d.Obj == nil || d.Obj.Def == nil {
		return d
	}
	d.Kind = d.Obj.Def.Kind
	if meta := d.Obj.Object("metadata"); meta != nil {
		d.Name = b.ident(meta.Get("name"))
		d.Namespace = b.text(meta.Get("namespace"))
	}
	switch d.Kind {
	case "Macro":
		d.Macro = b.macro(d)
	case "Pipeline":
		b.aliases = b.aliasesOf(d.Obj.Object("spec"))
		d.Pipeline = b.pipeline(d.Obj.Object("spec"))
		b.aliases = nil
	case "System":
		b.aliases = b.aliasesOf(d.Obj.Object("spec"))
		d.System = b.system(d.Obj.Object("spec"))
		b.aliases = nil
	case "Adapter":
		if spec := d.Obj.Object("spec"); spec != nil {
			d.Adapter = &Port{
				Name: d.Name, Obj: spec, Adapter: b.ident(spec.Get("adapter")), Config: b.config(spec.Get("config")), Type: b.ident(spec.Get("port")),
				Middleware: b.stack(spec.Get("middleware")), AssumeMaxTokens: b.number(spec.Get("assume_max_tokens")),
				Requires: b.idents(spec.Object("capabilities").Get("requires")),
			}
		}
	case "Config":
		if spec := d.Obj.Object("spec"); spec != nil {
			d.Config = &Config{b.configuration(spec)}
		}
	case "Policy":
		d.Policy = b.policy(d.Obj.Object("spec"))
	case "Middleware":
		d.Middleware = b.stack(d.Obj.Object("spec").Get("stack"))
	}
	return d
}

// fragment checks a file that is meant for inclusion, by the shape it has.
func (b *builder) fragment(d *Doc, root *syntax.Node) {
	d.Fragment = true
	var objs []*shape.Object
	switch {
	case root.Kind == syntax.Sequence:
		for _, item := range root.Items {
			if o := shape.CheckNodeWith(b.tree, item.Deref(), b.shape, &b.ds); o != nil {
				objs = append(objs, o)
			}
		}
	case root.Get("kind") != nil:
		if o := shape.CheckNodeWith(b.tree, root, b.shape, &b.ds); o != nil {
			objs = append(objs, o)
		}
	default:
		shape.CheckDocumentWith(b.tree, root, b.shape, &b.ds)
		return
	}
	p := &Pipeline{}
	for _, o := range objs {
		if n := b.node(o); n != nil {
			p.Nodes = append(p.Nodes, n)
		}
	}
	d.Pipeline = p
}

// ident is the text of a field that holds a name; zero if there is none.
func (b *builder) ident(f *shape.Field) Ident {
	if f == nil {
		return Ident{}
	}
	return b.identOf(&f.View)
}

func (b *builder) identOf(v *shape.View) Ident {
	if v == nil || v.Null || v.Value == nil || v.Value.Kind != syntax.Scalar {
		return Ident{}
	}
	text, ok := b.plain(v)
	if !ok {
		return Ident{}
	}
	return Ident{Name: text, Loc: b.at(v.Value), Node: v.Value}
}

func (b *builder) keyIdent(n *syntax.Node) Ident {
	return Ident{Name: n.Value, Loc: b.at(n), Node: n}
}

func (b *builder) text(f *shape.Field) string { return b.ident(f).Name }

// idents is a list of names; a scalar that was taken for a list counts as one.
func (b *builder) idents(f *shape.Field) []Ident {
	if f == nil || f.Null {
		return nil
	}
	var out []Ident
	if len(f.Items) == 0 && f.Value != nil && f.Value.Kind == syntax.Scalar && f.Value.Value != "" {
		if id := b.identOf(&f.View); id.Name != "" {
			out = append(out, id)
		}
		return out
	}
	for _, v := range f.Items {
		if id := b.identOf(v); id.Name != "" {
			out = append(out, id)
		}
	}
	return out
}

func (b *builder) boolean(f *shape.Field) bool {
	if f == nil || f.Null || f.Value == nil {
		return false
	}
	text, ok := b.plain(&f.View)
	if !ok {
		return false
	}
	if !f.Dynamic {
		v, _ := Bool(f.Value)
		return v
	}
	v, ok := boolText(text)
	if !ok {
		b.badEnv(&f.View, text, "true or false")
	}
	return v
}

// badEnv reports that the environment's text does not fit its place.
func (b *builder) badEnv(v *shape.View, text, want string) {
	b.ds.Add(diag.New(diag.EnvBad, b.at(v.Value), "%q from the environment must be %s", text, want).
		WithHelp("set the variable to a value of the right type"))
}
