//go:build !front

package main

import (
	"path/filepath"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
)

// runDocument is a run as JSON. Programs name their files relative to the
// workspace; here, as everywhere on the command line, they are relative to the
// working directory.
func runDocument(a *cli.App, r *runtime.Result) value.Value {
	folder := root(a)
	fault := func(v value.Value) value.Value {
		return with(v, "file", func(file value.Value) value.Value {
			name, ok := file.AsString()
			if !ok {
				return file
			}
			return value.String(cli.Relative(filepath.Join(folder, filepath.FromSlash(name))))
		})
	}
	doc := with(r.Document(), "error", fault)
	return with(doc, "nodes", func(nodes value.Value) value.Value {
		o, ok := nodes.Object()
		if !ok {
			return nodes
		}
		c := o.Clone()
		for _, name := range o.Keys() {
			if n, ok := o.Get(name); ok {
				c.Set(name, with(n, "error", fault))
			}
		}
		return c.Value()
	})
}

// with is an object with one field replaced; anything else stays as it is.
func with(v value.Value, key string, f func(value.Value) value.Value) value.Value {
	o, ok := v.Object()
	if !ok {
		return v
	}
	old, ok := o.Get(key)
	if !ok {
		return v
	}
	now := f(old)
	c := o.Clone()
	c.Set(key, now)
	return c.Value()
}
