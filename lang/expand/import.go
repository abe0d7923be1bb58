package expand

import (
	"path"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// Import is one entry of spec.imports: a file, and which of its documents is
// meant.
type Import struct {
	File *source.File
	// Name is the name of the document; "" for all.
	Name string
	// Path is the file as it is written, Loc its place, NameLoc that of the name.
	Path         string
	Loc, NameLoc source.Location
}

// Import finds the file of an import, a scalar `path` or `path#name`, by the rules
// for includes. ok is false if it failed, which was reported to ds.
func (c *Composed) Import(n *syntax.Node, ds *diag.List) (imp Import, ok bool) {
	k := &composer{
		what: "import", opt: c.opt, out: c, ds: ds, tree: c.Tree, composed: c.Tree,
		parsed: map[string]*source.File{}, reads: map[Read]bool{}, faults: map[fault]bool{},
	}
	outer := c.env.ds
	c.env.ds = ds
	defer func() { c.env.ds = outer }()
	f := &form{site: n, loc: k.at(n)}
	if !k.path(f, n) {
		c.Incomplete = true
		return Import{}, false
	}
	from := c.Tree.FileOf(n)
	file := k.load(f, path.Join(path.Dir(from.Name()), f.path), from)
	if file == nil {
		return Import{}, false
	}
	return Import{File: file, Name: f.fragment, Path: f.path, Loc: f.loc, NameLoc: f.fragLoc}, true
}

// Borrow makes nodes of another file usable in c: they keep their files, and what
// their includes gave them. written is the other file's tree as Parse made it.
func (c *Composed) Borrow(other *Composed, written *syntax.Tree) {
	c.Tree.Borrow(written)
	if other.Tree != written {
		c.Tree.Borrow(other.Tree)
	}
	if c.parts == nil && len(other.parts) > 0 {
		c.parts = map[*source.File]*Part{}
	}
	for f, p := range other.parts {
		c.parts[f] = p
	}
}
