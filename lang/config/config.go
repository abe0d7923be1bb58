// Package config finds the configuration that holds for a program: what each
// layer says, which one decides, and why.
//
// Input: the settings of each layer, nearest first (Pipeline, Config; run flags
// come at run time). Output: an Effective: every kernel setting, every limit and
// the capability set, each with the chain of places that set, lowered or ignored
// it; and diagnostics.
//
// Invariants: every effective value has at least one source, the deciding one
// first; a layer that spoke and lost is in the chain with the reason; the
// algebra of capabilities is monotone: a further layer never allows more, except
// by an explicit grant.
//
// The three hardest cases: a Config's limits are defaults, while those of
// Pipeline and System bind (the tightest holds); absent capabilities mean
// unrestricted, an empty list means nothing; one value under two units.
package config

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// Layer is one place that configures, nearest first in a list of them.
type Layer struct {
	Name   string // "pipeline", "config"
	File   *ast.File
	Kernel []ast.Setting
	Limits []ast.Setting
	Caps   *ast.Caps
	// Default: the layer's limits and capabilities hold only where no nearer
	// layer speaks.
	Default bool
}

// Effective is what holds.
type Effective struct {
	Kernel []Setting // every setting, in a fixed order
	Limits []Setting // those that are set, in a fixed order
	Caps   Caps
}

// Setting is one effective value.
type Setting struct {
	Name  string
	Value value.Value
	From  []Source
}

// Source is one place that spoke about a value.
type Source struct {
	Layer string
	Loc   source.Location // zero for built-ins
	Note  string
	Value value.Value
}

// Get finds a setting by name.
func Get(list []Setting, name string) (Setting, bool) {
	for _, s := range list {
		if s.Name == name {
			return s, true
		}
	}
	return Setting{}, false
}

type known struct {
	name    string
	builtIn value.Value
}

var kernelSettings = []known{
	{"max_concurrent_nodes", value.Int(10)},
	{"default_node_timeout", value.Null},
	{"pipeline_timeout", value.Null},
	{"on_failure", value.String("stop")},
	{"max_scopes", value.Int(1_000_000)},
	{"retention", value.Null},
}

var limitSettings = []known{
	{"max_total_tokens", value.Null},
	{"max_llm_calls", value.Null},
	{"max_tool_calls", value.Null},
	{"max_cost_usd", value.Null},
	{"max_duration", value.Null},
	{"warning_threshold", value.Float(0.8)},
	{"on_limit", value.String("raise")},
}

// Resolve combines the layers.
func Resolve(layers []Layer) (Effective, []diag.Diagnostic) {
	var r resolver
	var e Effective
	for _, k := range kernelSettings {
		e.Kernel = append(e.Kernel, r.nearest(k, layers, func(l Layer) []ast.Setting { return l.Kernel }))
	}
	limited := false
	for _, k := range limitSettings {
		s := r.nearest(k, layers, func(l Layer) []ast.Setting { return l.Limits })
		if s.Value.IsNull() {
			continue
		}
		attribute := k.name == "warning_threshold" || k.name == "on_limit"
		if attribute && !limited {
			continue // nothing is limited, so nothing warns
		}
		limited = limited || !attribute
		e.Limits = append(e.Limits, s)
	}
	e.Caps = r.caps(layers)
	return e, r.ds.Items()
}

type resolver struct{ ds diag.List }

// nearest is the value of the nearest layer that gives one.
func (r *resolver) nearest(k known, layers []Layer, of func(Layer) []ast.Setting) Setting {
	s := Setting{Name: k.name}
	for _, l := range layers {
		given := read(of(l), k.name)
		if given == nil {
			continue
		}
		v := given.Value
		src := Source{Layer: l.Name, Loc: given.Loc, Value: v, Note: "set"}
		if len(s.From) > 0 {
			src.Note = "ignored: the " + s.From[0].Layer + " is nearer"
		} else {
			s.Value = v
			if v.IsNull() {
				s.Value, src.Note = k.builtIn, "reset to the built-in"
			}
		}
		s.From = append(s.From, src)
	}
	built := Source{Layer: "built-in", Value: k.builtIn, Note: "default"}
	if len(s.From) == 0 {
		s.Value = k.builtIn
		s.From = append(s.From, built)
	}
	return s
}

// read is what a layer says; nil if it does not speak about the setting.
func read(list []ast.Setting, name string) *ast.Setting {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}
