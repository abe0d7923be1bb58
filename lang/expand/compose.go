package expand

import (
	"path"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// Limits of composition.
const (
	// MaxDepth is how many includes may be inside one another.
	MaxDepth = 10
	// MaxIncludes is how many includes a file may have, those in included files
	// counted.
	MaxIncludes = 20_000
	// MaxNodes is how many nodes all includes of a file may bring, aliases
	// followed.
	MaxNodes = 200_000
	// MaxBytes is how many bytes are parsed for all includes of a file, a file
	// that is included twice counted twice.
	MaxBytes = 4 << 20
)

// Options is what composition needs from outside. The zero value is a file on
// its own: every include of it fails.
type Options struct {
	// Load reads a file by its name relative to the workspace root, with forward
	// slashes. The File's Name must be the file's own, links followed, so that a
	// file is the same under all its names. An error is one of the Err values, a
	// fs.ErrNotExist or fs.ErrPermission, or has a text that says what is wrong
	// with the file. It may be called several times for one name.
	Load func(name string) (*source.File, error)
	// Names lists the files and folders of a folder of the workspace, for
	// suggestions. It may be nil.
	Names func(dir string) []string
	// Lookup finds environment variables; nil means that none is set.
	Lookup func(name string) (string, bool)
}

// Read is a file that was looked for because an include names it.
type Read struct {
	// Name is relative to the workspace root; of a file that was found it is the
	// file's own name, links followed.
	Name string
	// From is the name of the file that includes it.
	From string
	// Found is false for a file that is not there or cannot be read: it may
	// appear, and then what was composed is out of date.
	Found bool
}

// Part is one inclusion of a file.
type Part struct {
	File *source.File
	// Sites are the includes that led here, outermost first.
	Sites []source.Location
	// Vars are the variables that the include gives; nil for none.
	Vars *Scope
	// outer is the part that the include stands in; nil for the file itself.
	outer *Part
}

// Composed is a file with what it includes.
type Composed struct {
	// Tree is the composed tree. It is the one that was given if the file includes
	// nothing.
	Tree *syntax.Tree
	// Reads are the files that were looked for, each once per including file.
	Reads []Read
	// Diags are the findings about includes, and those about the syntax of
	// included files.
	Diags []diag.Diagnostic
	// Incomplete says that an include failed, so that names may be missing.
	Incomplete bool

	opt    Options
	parts  map[*source.File]*Part
	env    *Environment
	lookup func(string) (string, bool)
}

// PartOf is the inclusion that a place of the file belongs to; nil for the file
// that was composed.
func (c *Composed) PartOf(f *source.File) *Part {
	if c == nil || len(c.parts) == 0 {
		return nil
	}
	return c.parts[f]
}

// EnvUses is what the paths of includes read from the environment.
func (c *Composed) EnvUses() []EnvUse { return c.env.uses }

// Compose puts the included files of a tree in their places.
func Compose(tree *syntax.Tree, opt Options) *Composed {
	if opt.Lookup == nil {
		opt.Lookup = func(string) (string, bool) { return "", false }
	}
	out := &Composed{Tree: tree, lookup: opt.Lookup}
	out.env = &Environment{lookup: opt.Lookup, tree: tree}
	out.opt = opt
	if !strings.Contains(tree.File.Text(), "!include") {
		return out
	}
	c := &composer{
		what: "include", opt: opt, out: out, ds: &diag.List{}, tree: tree, files: map[*syntax.Node]*source.File{}, memo: map[*syntax.Node]*syntax.Node{},
		parsed: map[string]*source.File{}, reads: map[Read]bool{}, faults: map[fault]bool{}, stack: []string{tree.File.Name()},
	}
	out.parts = map[*source.File]*Part{}
	c.composed = tree.Compose(nil, c.files)
	out.env.ds, out.env.tree = c.ds, c.composed
	roots := make([]*syntax.Node, len(tree.Docs))
	for i, d := range tree.Docs {
		if d.Root != nil {
			roots[i] = c.value(d.Root, nil)
		}
	}
	out.Tree = tree.Compose(roots, c.files)
	out.env.tree = out.Tree
	out.Diags = out.Annotate(c.ds.Items())
	return out
}

type composer struct {
	what     string // "include", or "import"
	opt      Options
	out      *Composed
	ds       *diag.List
	tree     *syntax.Tree
	composed *syntax.Tree // for FileOf and TextMap while it grows
	files    map[*syntax.Node]*source.File
	memo     map[*syntax.Node]*syntax.Node // of nodes that an alias may mean
	parsed   map[string]*source.File       // files by their names
	reads    map[Read]bool
	faults   map[fault]bool
	stack    []string // names of the files that are open, outermost first
	count    int      // includes
	nodes    int      // brought by includes
	bytes    int      // parsed for includes
	full     bool     // a budget is used up, which was reported
}

func (c *composer) at(n *syntax.Node) source.Location {
	return source.Location{File: c.composed.FileOf(n), Span: n.Span}
}

// add reports a finding, once for the text that it is about, however often its
// file is included.
func (c *composer) add(d diag.Diagnostic) {
	key := fault{d.Loc.File.Name(), d.Loc.Span, d.Code}
	if !c.faults[key] {
		c.faults[key] = true
		c.ds.Add(d)
	}
}

// fault identifies the text of a finding.
type fault struct {
	file string
	span source.Span
	code diag.Code
}

func (c *composer) fail(d diag.Diagnostic) {
	c.out.Incomplete = true
	c.add(d)
}

// value is n with the includes in it done. p is the part that n belongs to.
func (c *composer) value(n *syntax.Node, p *Part) *syntax.Node {
	if n.Anchor == "" {
		return c.compose(n, p)
	}
	out := c.compose(n, p)
	if out != n {
		c.memo[n] = out
	}
	return out
}

func (c *composer) compose(n *syntax.Node, p *Part) *syntax.Node {
	if IsInclude(n) {
		if root := c.include(n, p); root != nil {
			return root
		}
		return n
	}
	switch n.Kind {
	case syntax.Alias:
		if to := c.memo[n.Target]; to != nil && n.Target != nil {
			return n.WithTarget(to)
		}
	case syntax.Sequence:
		return c.sequence(n, p)
	case syntax.Mapping:
		return c.mapping(n, p)
	}
	return n
}

func (c *composer) sequence(n *syntax.Node, p *Part) *syntax.Node {
	var items []*syntax.Node // nil while nothing changed
	for i, item := range n.Items {
		out := c.value(item, p)
		if out == item {
			if items != nil {
				items = append(items, item)
			}
			continue
		}
		if items == nil {
			items = append(make([]*syntax.Node, 0, len(n.Items)+8), n.Items[:i]...)
		}
		list := out.Deref()
		switch {
		case !IsInclude(item) || list == nil:
			items = append(items, out)
		case list.Kind == syntax.Sequence:
			items = append(items, list.Items...)
		case list.Built == syntax.Written: // an empty file brings no item
			items = append(items, out)
		}
	}
	if items == nil {
		return n
	}
	return c.keep(n, n.WithItems(items))
}

func (c *composer) mapping(n *syntax.Node, p *Part) *syntax.Node {
	var pairs []syntax.Pair
	for i := range n.Pairs {
		pair := n.Pairs[i]
		out := c.value(pair.Value, p)
		if out == pair.Value {
			continue
		}
		if pairs == nil {
			pairs = append([]syntax.Pair(nil), n.Pairs...)
		}
		pairs[i].Value = out
		if pair.IsMerge() {
			c.mergeable(pair.Value, out)
		}
	}
	if pairs == nil {
		return n
	}
	return c.keep(n, n.WithPairs(pairs))
}

// mergeable reports an include behind `<<` that brought no mapping.
func (c *composer) mergeable(site, got *syntax.Node) {
	ok := func(n *syntax.Node) bool { n = n.Deref(); return n == nil || n.Kind == syntax.Mapping }
	good := ok(got)
	if list := got.Deref(); list != nil && list.Kind == syntax.Sequence {
		good = true
		for _, item := range list.Items {
			good = good && ok(item)
		}
	}
	if !good {
		c.add(diag.New(diag.BadMerge, c.at(site), "`<<` merges mappings only; this include is none").
			WithHelp("name a fragment of the file that is a mapping: `file.yaml#name`"))
	}
}

// keep notes the file of a copy of a root.
func (c *composer) keep(n, copied *syntax.Node) *syntax.Node {
	if n.Parent == nil {
		if f := c.files[n]; f != nil {
			c.files[copied] = f
		}
	}
	return copied
}

// include is what an include brings; nil if it failed, which was reported.
func (c *composer) include(n *syntax.Node, p *Part) *syntax.Node {
	if c.full {
		c.out.Incomplete = true
		return nil
	}
	if c.count++; c.count > MaxIncludes {
		c.full = true
		c.fail(diag.New(diag.IncludeBudget, c.at(n), "the file has more than %d includes, those of included files counted", MaxIncludes).
			WithHelp("include larger pieces"))
		return nil
	}
	form, ok := c.form(n)
	if !ok {
		c.out.Incomplete = true
		return nil
	}
	vars := c.vars(form, p)
	from := c.tree.File
	if p != nil {
		from = p.File
	}
	name := path.Join(path.Dir(from.Name()), form.path)
	f := c.load(form, name, from)
	if f == nil {
		c.out.Incomplete = true
		return nil
	}
	sub := &Part{File: f, Vars: vars, outer: p}
	if p != nil {
		sub.Sites = append(sub.Sites, p.Sites...)
	}
	sub.Sites = append(sub.Sites, c.at(n))
	c.out.parts[f] = sub
	root := c.parse(form, f)
	if root == nil {
		c.out.Incomplete = true
		return nil
	}
	if !c.charge(form, root) {
		return nil
	}
	c.unused(vars, f)
	c.stack = append(c.stack, f.Name())
	out := c.value(root, sub)
	c.stack = c.stack[:len(c.stack)-1]
	return out
}

// parse reads an included file and finds the value that is wanted of it.
func (c *composer) parse(form *form, f *source.File) *syntax.Node {
	if c.bytes += len(f.Text()); c.bytes > MaxBytes {
		c.full = true
		c.fail(diag.New(diag.IncludeBudget, form.loc, "the includes of this file come to more than %d MiB", MaxBytes>>20).
			WithHelp("include each large file once, or only where it is needed"))
		return nil
	}
	tree := syntax.Parse(f, syntax.Budget{})
	if first := c.parsed[f.Name()]; first == nil {
		c.parsed[f.Name()] = f
		c.ds.Append(tree.Diags)
	}
	var docs []*syntax.Node
	for _, d := range tree.Docs {
		if d.Root != nil {
			c.files[d.Root] = f
			docs = append(docs, d.Root)
		}
	}
	if form.fragment != "" {
		return c.fragment(form, f, docs)
	}
	switch len(docs) {
	case 0:
		if diag.HasErrors(tree.Diags) {
			return nil
		}
		c.add(diag.New(diag.IncludeEmpty, form.loc, "%s is empty: it brings nothing", form.path).
			WithHelp("write a value into the file, or remove the include"))
		null := &syntax.Node{Kind: syntax.Scalar, Style: syntax.Plain, Value: "null", Built: syntax.BuiltValue}
		c.files[null] = f
		return null
	case 1:
		return docs[0]
	}
	c.fail(diag.New(diag.IncludeStream, form.loc, "%s has %d documents, so the include must say which value it means", form.path, len(docs)).
		WithHelp("write %s#NAME, where NAME is a top-level key of one of them, or move what is shared to a file of its own", form.path).
		WithRelated(source.Location{File: f, Span: source.Span{Start: docs[1].Span.Start, End: docs[1].Span.Start}}, "the second document"))
	return nil
}

// charge counts what an include brings.
func (c *composer) charge(form *form, root *syntax.Node) bool {
	room := MaxNodes - c.nodes
	n := 0
	var count func(*syntax.Node)
	count = func(x *syntax.Node) {
		if n++; n > room || x == nil {
			return
		}
		switch x.Kind {
		case syntax.Alias:
			count(x.Target)
		case syntax.Sequence:
			for _, item := range x.Items {
				count(item)
			}
		case syntax.Mapping:
			for i := range x.Pairs {
				n++
				count(x.Pairs[i].Value)
			}
		}
	}
	count(root)
	c.nodes += n
	if n <= room {
		return true
	}
	c.full = true
	c.fail(diag.New(diag.IncludeBudget, form.loc, "the includes of this file bring more than %d values", MaxNodes).
		WithHelp("include less, or fragments only"))
	return false
}
