// Package config finds the configuration that holds for a program: what each
// layer says, which one decides, and why.
//
// Input: what each layer configures, nearest first: Pipeline, the System's
// process, System, Config (run flags come at run time), and the Policy documents
// that they can name. Output: an Effective: every kernel setting, every limit,
// the capability set, ports, policies and prices, each with the chain of places
// that set, lowered or ignored it; and diagnostics.
//
// Invariants: every effective value has at least one source, the deciding one
// first; a layer that spoke and lost is in the chain with the reason; the
// algebra of capabilities is monotone: a further layer never allows more, except
// by an explicit grant; so is that of limits between System, process and
// Pipeline.
//
// The three hardest cases: a Config's limits are defaults, while those of
// Pipeline and System bind (the tightest holds); absent capabilities mean
// unrestricted, an empty list means nothing; the nearest entry of a map holds
// whole, but settings of one and the same adapter are laid over one another.
package config

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// Level is how far a layer is from the nodes.
type Level uint8

// Levels, nearest first.
const (
	Pipeline Level = iota + 1
	Process
	System
	Config
)

// String is the name that provenance has for the level.
func (l Level) String() string {
	return [...]string{"", "pipeline", "process", "system", "config"}[l]
}

// Layer is one place that configures. Lists of layers are nearest first:
// Pipeline, Process, System, then Configs, of which there may be several.
type Layer struct {
	Level Level
	File  *ast.File
	// Elsewhere: the layer is of another document, with which its own faults
	// (names that do not exist) are reported.
	Elsewhere bool
	*ast.Configuration
}

// Name is the layer's name in provenance.
func (l Layer) Name() string { return l.Level.String() }

// Effective is what holds.
type Effective struct {
	Kernel  []Setting // every setting, in a fixed order
	Limits  []Setting // those that are set, in a fixed order
	Logging []Setting // those that some layer sets, in a fixed order
	Caps    Caps
	Ports   Ports
	// Policies are those that hold for every node, by slot; see NodePolicies.
	Policies []Policy
	Prices   []Price
	// Tools and Services are those that some layer declares, the nearest of each
	// name, the nearest layer's first.
	Tools    []*ast.Tool
	Services []*ast.Service
	// Settings are the host's free settings, an object or null.
	Settings value.Value
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

var loggingSettings = []known{
	{"level", value.String("INFO")},
	{"format", value.String("structured")},
	{"output_file", value.Null},
	{"include_timestamp", value.True},
	{"dual_sink", value.False},
	{"backtrace", value.True},
}

// Definitions are the documents that layers can name.
type Definitions struct {
	Policies map[string]*ast.Doc
}

// Resolve combines the layers, nearest first.
func Resolve(layers []Layer, defs Definitions) (Effective, []diag.Diagnostic) {
	r := resolver{defs: defs}
	var e Effective
	for _, k := range kernelSettings {
		e.Kernel = append(e.Kernel, r.nearest(k, layers, func(l Layer) []ast.Setting { return l.Kernel }))
	}
	for _, k := range loggingSettings {
		s := r.nearest(k, layers, func(l Layer) []ast.Setting { return l.Logging })
		if s.From[0].Layer != builtIn {
			e.Logging = append(e.Logging, s)
		}
	}
	e.Policies = r.policies(layers)
	e.Limits = r.limits(layers, e.Policies)
	e.Caps = r.caps(layers)
	e.Ports = portsOf(layers)
	e.Prices = prices(layers)
	for i := len(layers) - 1; i >= 0; i-- {
		e.Provide(layers[i].Configuration, true)
	}
	e.Settings = settings(layers)
	return e, r.ds.Items()
}

type resolver struct {
	defs Definitions
	ds   diag.List
}

// report reports a fault of a layer, unless it is reported with the document
// that it stands in.
func (r *resolver) report(l Layer, d diag.Diagnostic) {
	if !l.Elsewhere {
		r.ds.Add(d)
	}
}

const builtIn = "built-in"

// nearest is the value of the nearest layer that gives one.
func (r *resolver) nearest(k known, layers []Layer, of func(Layer) []ast.Setting) Setting {
	s := Setting{Name: k.name}
	for _, l := range layers {
		given := read(of(l), k.name)
		if given == nil {
			continue
		}
		v := given.Value
		src := Source{Layer: l.Name(), Loc: given.Loc, Value: v, Note: "set"}
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
	if len(s.From) == 0 {
		s.Value = k.builtIn
		s.From = append(s.From, Source{Layer: builtIn, Value: k.builtIn, Note: "default"})
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

// settings lays the free settings of the Configs over one another, key by key.
func settings(layers []Layer) value.Value {
	out := value.Null
	for i := len(layers) - 1; i >= 0; i-- {
		if over := layers[i].Configuration.Settings; !over.IsMissing() && !over.IsNull() {
			out = Overlay(out, over)
		}
	}
	return out
}

// Overlay lays the entries of an object over those of another, key by key; what
// is no object counts as empty.
func Overlay(base, over value.Value) value.Value {
	o := value.NewObject(4)
	for _, layer := range []value.Value{base, over} {
		obj, ok := layer.Object()
		if !ok {
			continue
		}
		for i := range obj.Len() {
			k, v := obj.At(i)
			if name, ok := k.AsString(); ok {
				o.Set(name, v)
			}
		}
	}
	return o.Value()
}
