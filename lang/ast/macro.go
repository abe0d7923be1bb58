package ast

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// Macro is a kind: Macro as it is declared. Its body is typed anew for each
// invocation, see Invocation.
type Macro struct {
	Doc    *Doc
	Name   Ident
	Params []*Param
	Ports  []RequiredPort
	// Generic is the body with parameters that are known by their types alone:
	// what is wrong in it is wrong in every invocation. Its nodes are those of an
	// invocation that has the macro's name. Nil for a built-in macro.
	Generic *Node

	nodes   *syntax.Node // the list; nil with raw
	raw     *syntax.Node // nodes_raw
	outputs *syntax.Node // nil for none
}

// Param is a parameter of a macro.
type Param struct {
	Name     Ident
	Type     *expr.Type
	TypeText string
	Required bool
	// Default is the value if the call gives none; HasDefault tells that there is
	// one, which may be null.
	Default    value.Value
	HasDefault bool
	Enum       []value.Value
}

// RequiredPort is a port that the invoking pipeline must have.
type RequiredPort struct {
	Name     Ident
	Optional bool
	// Type is the type of the port, "" for any.
	Type Ident
}

// macro types the declaration of a macro.
func (b *builder) macro(d *Doc) *Macro {
	m := &Macro{Doc: d, Name: d.Name}
	if f := d.Obj.Get("parameters"); f != nil && !f.Null {
		for _, v := range f.Items {
			if p := b.param(m, v.Object); p != nil {
				m.Params = append(m.Params, p)
			}
		}
	}
	if f := d.Obj.Get("requires_ports"); f != nil && !f.Null {
		for _, v := range f.Items {
			port := RequiredPort{Name: b.identOf(v)}
			if v.Object != nil {
				port = RequiredPort{b.ident(v.Object.Get("name")), b.boolean(v.Object.Get("optional")), b.ident(v.Object.Get("protocol"))}
			}
			if port.Name.Name != "" {
				m.Ports = append(m.Ports, port)
			}
		}
	}
	for _, x := range []struct {
		name string
		to   **syntax.Node
		kind syntax.Kind
	}{{"nodes", &m.nodes, syntax.Sequence}, {"nodes_raw", &m.raw, syntax.Scalar}, {"outputs", &m.outputs, syntax.Mapping}} {
		if f := d.Obj.Get(x.name); f != nil && !f.Null && f.Value.Kind == x.kind {
			*x.to = f.Value
		}
	}
	return m
}

// paramTypes are the names of types of parameters.
var paramTypes = map[string]*expr.Type{
	"str": expr.Str, "int": expr.Int, "float": expr.Float, "bool": expr.Bool, "any": expr.Any,
	"list": {Kind: expr.TypeList, Elem: expr.Any}, "dict": {Kind: expr.TypeObject, Open: true}, "null": expr.Null, "None": expr.Null,
}

// paramType reads `int | float`, `str?`.
func paramType(text string) *expr.Type {
	var out *expr.Type
	for _, name := range strings.Split(text, "|") {
		name, nullable := strings.CutSuffix(strings.TrimSpace(name), "?")
		t := paramTypes[name]
		if name == "Any" {
			t = expr.Any
		}
		if t == nil {
			return nil // reported by the schema
		}
		if nullable {
			t = expr.Nullable(t)
		}
		if out == nil {
			out = t
		} else {
			out = expr.Union(out, t)
		}
	}
	return out
}

func (b *builder) param(m *Macro, o *shape.Object) *Param {
	if o == nil {
		return nil
	}
	p := &Param{Name: b.ident(o.Get("name")), Type: expr.Str, TypeText: "str", Required: b.boolean(o.Get("required"))}
	if p.Name.Name == "" {
		return nil
	}
	bad := func(loc source.Location, help, format string, args ...any) {
		b.ds.Add(diag.New(diag.BadParameter, loc, format, args...).WithHelp("%s", help))
	}
	switch {
	case p.Name.Name == "name" || p.Name.Name == "dependencies":
		bad(p.Name.Loc, "the body has it from the invocation; choose another name", "a parameter cannot be called %q", p.Name.Name)
	case !expr.IsIdentifier(p.Name.Name):
		bad(p.Name.Loc, "use letters, digits and underscores", "parameter %q cannot be written in a template", p.Name.Name)
	case m.Param(p.Name.Name) != nil:
		d := diag.New(diag.BadParameter, p.Name.Loc, "parameter %q is declared twice", p.Name.Name).
			WithHelp("give one of the two another name").
			WithRelated(m.Param(p.Name.Name).Name.Loc, "%q is declared here first", p.Name.Name)
		b.ds.Add(d)
		return nil
	}
	if f := o.Get("type"); f != nil && !f.Null && f.OK {
		if text, ok := b.plain(&f.View); ok {
			if t := paramType(text); t != nil {
				p.Type, p.TypeText = t, strings.TrimSpace(text)
			}
		}
	}
	if f := o.Get("enum"); f != nil && !f.Null && f.Value.Kind == syntax.Sequence {
		for _, n := range f.Value.Items {
			v := b.data(n)
			p.Enum = append(p.Enum, v)
			if !p.fits(v) {
				bad(b.at(n), "every value must be of the parameter's type", "parameter %q is %s, and this value is %s", p.Name.Name, p.TypeText, kindOf(v))
			}
		}
	}
	if f := o.Get("default"); f != nil {
		p.HasDefault, p.Default = true, value.Null
		if !f.Null {
			p.Default = b.data(f.Value)
		}
		loc := b.at(f.Value)
		switch {
		case p.Default.IsNull():
		case p.Default.Kind() == value.KindSecret:
			bad(loc, "name the secret where the configuration of a port needs it", "a secret cannot be a default")
		case !p.fits(p.Default):
			bad(loc, "give a default of the parameter's type, or change the type", "parameter %q is %s, and its default is %s", p.Name.Name, p.TypeText, kindOf(p.Default))
		case !p.allowed(p.Default):
			bad(loc, "it must be one of the enum's values", "the default of %q is not in its enum", p.Name.Name)
		}
	}
	return p
}

// Param is the parameter of that name, nil for none.
func (m *Macro) Param(name string) *Param {
	for _, p := range m.Params {
		if p.Name.Name == name {
			return p
		}
	}
	return nil
}

// paramNames are the names of the parameters, for suggestions.
func (m *Macro) paramNames() []string {
	var out []string
	for _, p := range m.Params {
		out = append(out, p.Name.Name)
	}
	return out
}

// fits reports whether a value is of the parameter's type. An int is a float.
func (p *Param) fits(v value.Value) bool {
	for _, alt := range alternatives(p.Type) {
		if sameKind(alt, v) {
			return true
		}
	}
	return false
}

func alternatives(t *expr.Type) []*expr.Type {
	if t.Kind == expr.TypeUnion {
		return t.Items
	}
	return []*expr.Type{t}
}

func sameKind(t *expr.Type, v value.Value) bool {
	switch t.Kind {
	case expr.TypeAny:
		return true
	case expr.TypeNull:
		return v.IsNull()
	case expr.TypeBool:
		return v.Kind() == value.KindBool
	case expr.TypeInt:
		return v.Kind() == value.KindInt
	case expr.TypeFloat:
		return v.Kind() == value.KindFloat || v.Kind() == value.KindInt
	case expr.TypeStr:
		return v.Kind() == value.KindString
	case expr.TypeList:
		return v.Kind() == value.KindList || v.Kind() == value.KindTuple
	case expr.TypeObject:
		return v.Kind() == value.KindObject
	}
	return true
}

// allowed reports whether a value is one of the enum's, if there is an enum.
func (p *Param) allowed(v value.Value) bool {
	return p.Enum == nil || slices.ContainsFunc(p.Enum, func(x value.Value) bool { return value.Equal(x, v) && sameSort(x, v) })
}

// sameSort keeps true apart from 1.
func sameSort(a, b value.Value) bool {
	return (a.Kind() == value.KindBool) == (b.Kind() == value.KindBool)
}

// kindOf words what a value is.
func kindOf(v value.Value) string {
	switch {
	case v.IsNull():
		return "null"
	case v.Kind() == value.KindString:
		return "a text"
	}
	return value.Repr(v)
}

// findMacro is the macro that a name means, nearest first: of the same stream,
// imported, built in.
func (b *builder) findMacro(name string) *Macro {
	if n := len(b.open); n > 0 && b.open[n-1].Doc != nil && b.open[n-1].Doc.File != b.file {
		for _, d := range b.open[n-1].Doc.File.Docs { // the stream of an imported macro
			if d.Macro != nil && d.Name.Name == name {
				return d.Macro
			}
		}
	}
	if m := b.macros[name]; m != nil {
		return m
	}
	if b.doc != nil {
		if d := b.doc.Imported("Macro", name); d != nil && d.Macro != nil {
			return d.Macro
		}
	}
	return builtInMacro(name)
}

// unknownMacro reports a name that is no macro's.
func (b *builder) unknownMacro(id Ident) {
	var known []string
	for name := range b.macros {
		known = append(known, name)
	}
	known = append(known, builtInMacroNames()...)
	slices.Sort(known)
	d := diag.New(diag.UnknownMacro, id.Loc, "there is no macro %q", id.Name)
	if best := suggest.Best(id.Name, known); best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: id.Loc, NewText: best})
	} else {
		d = d.WithHelp("declare it with `kind: Macro` in the same stream, import it with spec.imports, or name a built-in one: %s", strings.Join(builtInMacroNames(), ", "))
	}
	b.ds.Add(d)
}
