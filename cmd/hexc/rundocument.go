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
	file := func(v value.Value) value.Value {
		name, ok := v.AsString()
		if !ok {
			return v
		}
		return value.String(cli.Relative(filepath.Join(folder, filepath.FromSlash(name))))
	}
	var fault func(value.Value) value.Value
	fault = func(v value.Value) value.Value { return with(with(v, "file", file), "cause", fault) }
	doc := with(r.Document(), "error", fault)
	doc = with(doc, "nodes", func(nodes value.Value) value.Value { return each(nodes, "error", fault) })
	return with(doc, "processes", func(processes value.Value) value.Value {
		return each(each(processes, "error", fault), "nodes", func(nodes value.Value) value.Value {
			return each(nodes, "error", fault)
		})
	})
}

// each is an object of objects with one field of each replaced.
func each(v value.Value, key string, f func(value.Value) value.Value) value.Value {
	o, ok := v.Object()
	if !ok {
		return v
	}
	c := o.Clone()
	for _, name := range o.Keys() {
		if x, ok := o.Get(name); ok {
			c.Set(name, with(x, key, f))
		}
	}
	return c.Value()
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
