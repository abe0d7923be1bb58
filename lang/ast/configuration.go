package ast

import (
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/schema"
)

// Configuration is what a Config, a System, a process or a Pipeline says about
// how nodes are run. The fields mean the same in all four; package config
// combines them.
type Configuration struct {
	Kernel []Setting
	Limits []Setting
	// Logging are the logging settings: texts and truth values.
	Logging []Setting
	Caps    *Caps
	Ports   []*Port
	// Scoped are the ports of one kind of node or of one node.
	Scoped   []ScopedPort
	Policies []*PolicyUse
	Prices   []*Price
	// Tools and Services are what agents and service calls can name; a process has
	// none of its own.
	Tools    []*Tool
	Services []*Service
	// Observers are the entries of `observers`, by their class.
	Observers []Ident
	// Settings is the free block of a Config for the host; an object or null.
	Settings value.Value
}

// Price is one entry of `prices`: what a model costs, in US dollars for one
// million tokens. Cached is nil where the prompt's price holds.
type Price struct {
	Model                 Ident
	Input, Output, Cached *Number
}

// configuration reads what a spec configures. It is safe on nil.
func (b *builder) configuration(spec *shape.Object) Configuration {
	var c Configuration
	if spec == nil {
		return c
	}
	c.Kernel = b.settings(spec.Object("kernel"))
	c.Limits = b.settings(spec.Object("limits"))
	c.Logging = b.logging(spec.Object("logging"))
	c.Caps = b.caps(spec.Get("caps"))
	c.Ports = b.ports(spec.Get("ports"))
	c.Scoped = b.scopedPorts(spec)
	c.Policies = b.policies(spec.Get("policies"))
	c.Prices = b.prices(spec.Get("prices"))
	c.Tools, c.Services = b.tools(spec.Get("tools")), b.services(spec.Get("services"))
	c.Observers = b.observers(spec.Get("observers"))
	if f := spec.Get("settings"); f != nil && !f.Null && f.Value != nil && f.Value.Kind == syntax.Mapping {
		c.Settings = b.data(f.Value)
	}
	return c
}

// observers are the classes that a list of observers names.
func (b *builder) observers(f *shape.Field) []Ident {
	if f == nil || f.Null {
		return nil
	}
	var out []Ident
	for _, v := range f.Items {
		switch {
		case v.Object != nil:
			out = append(out, b.ident(v.Object.Get("class")))
		case v.Value != nil && v.Value.Kind == syntax.Scalar:
			out = append(out, Ident{Name: v.Value.Value, Loc: b.at(v.Value), Node: v.Value})
		}
	}
	return out
}

func (b *builder) scopedPorts(spec *shape.Object) []ScopedPort {
	var out []ScopedPort
	for _, scope := range []string{"type", "node"} {
		f := spec.Get(scope + "_ports")
		if f == nil || f.Null {
			continue
		}
		for _, e := range f.Entries {
			owner := e.Key.Value
			if scope == "type" {
				if info, _, ok := schema.NodeKind(owner); ok && info != nil {
					owner = info.Name
				}
			}
			for _, port := range b.portEntries(e.Entries) {
				out = append(out, ScopedPort{scope, owner, port})
			}
		}
	}
	return out
}

// logging reads the logging settings, those without effect left out.
func (b *builder) logging(o *shape.Object) []Setting {
	if o == nil {
		return nil
	}
	var out []Setting
	for _, f := range o.Fields {
		if f.Value == nil || !f.OK || f.Def.Ignored != "" {
			continue
		}
		s := Setting{Name: f.Def.Name, Loc: b.at(f.Value)}
		switch {
		case f.Null:
		case f.Def.Name == "level" || f.Def.Name == "format" || f.Def.Name == "output_file":
			text, ok := b.plain(&f.View)
			if !ok {
				continue
			}
			s.Value = value.String(text)
		default:
			s.Value = value.Bool(b.boolean(f))
		}
		out = append(out, s)
	}
	return out
}

func (b *builder) prices(f *shape.Field) []*Price {
	if f == nil || f.Null {
		return nil
	}
	var out []*Price
	for _, e := range f.Entries {
		if e.Object == nil {
			continue
		}
		p := &Price{Model: b.keyIdent(e.Key)}
		p.Input, p.Output = b.number(e.Object.Get("input")), b.number(e.Object.Get("output"))
		p.Cached = b.number(e.Object.Get("cached_input"))
		if p.Input != nil && p.Output != nil {
			out = append(out, p)
		}
	}
	return out
}

// Caps is a capability declaration in any of its forms.
type Caps struct {
	Loc     source.Location
	List    []Ident // allowed
	Listed  bool    // a list was given, even an empty one
	Deny    []Ident
	Grant   []Ident
	Profile Ident
	// Profiles are named sets that `profile` can name, here and in nearer layers.
	Profiles []CapProfile
}

// CapProfile is a named set of capabilities.
type CapProfile struct {
	Name   Ident
	List   []Ident
	Listed bool
	Deny   []Ident
}

// caps types a capability declaration: a list, or a mapping.
func (b *builder) caps(f *shape.Field) *Caps {
	if f == nil || f.Null || f.Value == nil || !f.OK {
		return nil
	}
	c := &Caps{Loc: b.at(f.Value)}
	if f.Object == nil {
		c.Listed = true
		c.List = b.idents(f)
		return c
	}
	o := f.Object
	c.List, c.Listed = b.allowed(o)
	c.Deny = b.idents(o.Get("deny"))
	c.Grant = b.idents(o.Get("grant"))
	c.Profile = b.ident(o.Get("profile"))
	if set := o.Get("profiles"); set != nil && !set.Null {
		for _, e := range set.Entries {
			if e.Object == nil {
				continue
			}
			p := CapProfile{Name: b.keyIdent(e.Key), Deny: b.idents(e.Object.Get("deny"))}
			p.List, p.Listed = b.allowed(e.Object)
			c.Profiles = append(c.Profiles, p)
		}
	}
	return c
}

// allowed is the list of what is allowed, under whichever name a definition has
// it.
func (b *builder) allowed(o *shape.Object) (list []Ident, listed bool) {
	for _, name := range []string{"default_set", "allow"} {
		if set := o.Get(name); set != nil && !set.Null {
			list, listed = append(list, b.idents(set)...), true
		}
	}
	return list, listed
}
