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
	"time"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// Layer is one place that configures, nearest first in a list of them.
type Layer struct {
	Name   string // "pipeline", "config"
	File   *ast.File
	Kernel *shape.Object
	Limits *shape.Object
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

type unit uint8

const (
	plain    unit = iota
	duration      // nanoseconds; a number is seconds
)

type known struct {
	name    string
	unit    unit
	builtIn value.Value
}

var kernelSettings = []known{
	{"max_concurrent_nodes", plain, value.Int(10)},
	{"default_node_timeout", duration, value.Null},
	{"pipeline_timeout", duration, value.Null},
	{"strict_validation", plain, value.Bool(false)},
	{"on_failure", plain, value.String("stop")},
	{"max_scopes", plain, value.Int(1_000_000)},
	{"retention", duration, value.Null},
}

var limitSettings = []known{
	{"max_total_tokens", plain, value.Null},
	{"max_llm_calls", plain, value.Null},
	{"max_tool_calls", plain, value.Null},
	{"max_cost_usd", plain, value.Null},
	{"max_duration", duration, value.Null},
	{"warning_threshold", plain, value.Float(0.8)},
	{"on_limit", plain, value.String("raise")},
}

// Resolve combines the layers.
func Resolve(layers []Layer) (Effective, []diag.Diagnostic) {
	var r resolver
	var e Effective
	for _, k := range kernelSettings {
		e.Kernel = append(e.Kernel, r.nearest(k, layers, func(l Layer) *shape.Object { return l.Kernel }))
	}
	limited := false
	for _, k := range limitSettings {
		s := r.nearest(k, layers, func(l Layer) *shape.Object { return l.Limits })
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
func (r *resolver) nearest(k known, layers []Layer, of func(Layer) *shape.Object) Setting {
	s := Setting{Name: k.name}
	for _, l := range layers {
		v, n := read(of(l), k)
		if n == nil {
			continue
		}
		src := Source{Layer: l.Name, Loc: source.Location{File: l.File.Source, Span: n.Span}, Value: v, Note: "set"}
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

// read takes one field of a layer. A nil node means that it is not given.
func read(o *shape.Object, k known) (value.Value, *syntax.Node) {
	f := o.Get(k.name)
	scale := int64(0)
	if f == nil && k.name == "max_duration" {
		f, scale = o.Get("max_duration_ms"), int64(time.Millisecond)
	}
	if f == nil || f.Value == nil || !f.OK || f.Dynamic {
		return value.Null, nil
	}
	if f.Null {
		return value.Null, f.Value
	}
	v := ast.Value(f.Value)
	switch {
	case scale != 0:
		if x, ok := number(v); ok {
			return value.Int(int64(x * float64(scale))), f.Value
		}
		return value.Null, nil
	case k.unit == duration:
		nanos, ok := ast.ParseDuration(f.Value.Value)
		if !ok {
			return value.Null, nil
		}
		return value.Int(nanos), f.Value
	case k.name == "strict_validation":
		b, ok := ast.Bool(f.Value)
		if !ok {
			return value.Null, nil
		}
		return value.Bool(b), f.Value
	}
	return v, f.Value
}

func number(v value.Value) (float64, bool) {
	if i, ok := v.AsInt(); ok {
		return float64(i), true
	}
	return v.AsFloat()
}
