package expand

import (
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// Instance is what was composed as a part of another use of the file: places in
// it are in f, a source.File of the same text. See source.File.Instance.
func (c *Composed) Instance(f *source.File) *Composed {
	x := *c
	x.Tree = c.Tree.As(f)
	x.env = &Environment{lookup: c.lookup, ds: c.env.ds, tree: x.Tree}
	return &x
}

// Known gives the constants that the caller's scope binds.
func (d *Document) Known() expr.Known { return sight{d: d}.value }

// Bound is what the caller's scope binds a name to; nil for nothing.
func (d *Document) Bound(name string) *Binding { return d.scope.Lookup(name) }

// Computed is a tree whose text the build made, with the environment of c.
func (c *Composed) Computed(tree *syntax.Tree) *Composed {
	x := &Composed{Tree: tree, lookup: c.lookup}
	x.env = &Environment{lookup: c.lookup, ds: c.env.ds, tree: tree}
	return x
}
