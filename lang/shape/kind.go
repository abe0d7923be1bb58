package shape

import (
	"maps"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

var (
	macroCallDef = schema.ByName("MacroCallSpec")
	foreignDef   = schema.ByName("ForeignNodeSpec")
)

// nodeKind finds out what the `kind` of a node means.
func (c *checker) nodeKind(o *Object) {
	o.Kind = &NodeKind{}
	f := o.Get("kind")
	if f == nil {
		return
	}
	k := c.early(f)
	if k.Kind != syntax.Scalar || k.Resolve().Kind != syntax.String || k.Broken {
		return // the field's type is checked with the others
	}
	kind := o.Kind
	kind.Text, kind.Name = k.Value, k.Value
	if k.Built == syntax.Written && isLater(k.Value) {
		kind.Class = Later
		return
	}
	name := k.Value
	if target, ok := c.aliases[strings.TrimPrefix(name, "core:")]; ok {
		kind.Name = target
		if info, s, ok := schema.NodeKind(target); ok && s.Status != schema.SpellingHistorical {
			kind.Info, kind.Name, kind.Class = info, info.Name, BuiltIn
			return
		}
		if c.isMacro(target) {
			kind.Class = Macro
			return
		}
		kind.Class = Foreign
		return
	}
	if c.isMacro(name) {
		kind.Class = Macro
		return
	}
	if info, s, ok := schema.NodeKind(name); ok {
		if s.Status == schema.SpellingHistorical {
			c.historical(o, k, s)
			return
		}
		kind.Info, kind.Name, kind.Class = info, info.Name, BuiltIn
		fix := c.replace(k, info.Name)
		title := "replace with \"" + info.Name + "\""
		switch s.Status {
		case schema.SpellingAlias:
			c.report(diag.New(diag.AliasKind, c.at(k), "%q is another name for %q", name, info.Name).
				WithHelp("the canonical name is %q", info.Name).WithFix(title, true, fix))
		case schema.SpellingDeprecated:
			c.report(diag.New(diag.DeprecatedKind, c.at(k), "%q is a deprecated name for %q", name, info.Name).
				WithHelp("write %q", info.Name).WithFix(title, true, fix))
		}
		return
	}
	if s, ok := schema.BuiltInMacro(name); ok {
		kind.Name, kind.Class = s.Target, Macro
		return
	}
	if schema.IsForeign(name) {
		kind.Class = Foreign
		return
	}
	if c.unlinked {
		kind.Class = Unlinked
		return
	}
	c.unknownKind(k, name)
}

func (c *checker) isMacro(name string) bool {
	return c.stream.names()[name] || c.opt.Macros != nil && c.opt.Macros(name)
}

func (c *checker) unknownKind(k *syntax.Node, name string) {
	if c.kinds == nil {
		for _, n := range schema.NodeKinds() {
			c.kinds = append(c.kinds, n.Name)
		}
		c.kinds = append(c.kinds, slices.Sorted(maps.Keys(c.stream.names()))...)
		c.kinds = append(c.kinds, slices.Sorted(maps.Keys(c.aliases))...)
	}
	known := c.kinds
	d := diag.New(diag.UnknownNodeKind, c.at(k), "unknown node kind %q", name)
	best := c.best(strings.TrimPrefix(name, "core:"), known)
	if strings.HasPrefix(name, "hexdag.") {
		best = c.best(name[strings.LastIndexByte(name, '.')+1:], nodeClasses())
		if s, _, ok := schema.NodeKind(best); ok && s != nil {
			best = s.Name
		}
	}
	if best == "" {
		best = c.best(strings.TrimPrefix(name, "core:"), shortKinds())
		if s, _, ok := schema.NodeKind(best); ok && s != nil {
			best = s.Name
		}
	}
	if name == "Macro" {
		d = d.WithHelp("it is the kind of a document, not of a node: import the file with spec.imports, then use the macro's name as a node's kind")
	} else if slices.Contains(schema.KindNames(), name) {
		d = d.WithHelp("it is the kind of a document, not of a node; `!include` takes a file of nodes here")
	} else if best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, c.replace(k, best))
	} else {
		d = d.WithHelp("it is a built-in kind such as %q, the name of a macro, an alias of `spec.aliases`, or a dotted path", "llm_node")
	}
	c.report(d)
}

// shortKinds are the other names of the built-in kinds: `llm`, `function`.
func shortKinds() []string {
	var out []string
	for _, s := range schema.NodeSpellings() {
		if s.Status == schema.SpellingAlias && s.Name[0] >= 'a' && s.Name[0] <= 'z' {
			out = append(out, s.Name)
		}
	}
	return out
}

// nodeClasses are the upstream classes of the built-in kinds.
func nodeClasses() []string {
	var out []string
	for _, s := range schema.NodeSpellings() {
		if s.Name[0] >= 'A' && s.Name[0] <= 'Z' {
			out = append(out, s.Name)
		}
	}
	return out
}

// nodeSpec makes the view of a node's `spec`, with its `settings` laid under it.
func (c *checker) nodeSpec(o *Object) {
	var def *schema.Def
	lenient := false
	switch o.Kind.Class {
	case BuiltIn:
		def = o.Kind.Info.Spec()
	case Macro, Unlinked:
		def = macroCallDef
	default:
		def, lenient = foreignDef, true
	}
	if o.Node.Broken {
		lenient = true
	}
	if lenient {
		c.mute++
		defer func() { c.mute-- }()
	}
	spec, settings := o.Get("spec"), o.Get("settings")
	var body *Object
	if spec != nil {
		body = c.specFields(o, spec, def)
	}
	if settings != nil {
		under := c.specFields(o, settings, def)
		switch {
		case under == nil:
		case body == nil:
			body = under
			if spec != nil {
				spec.Object = body
			}
		default:
			for _, f := range under.Fields {
				if !body.Has(f.Def.Name) {
					lifted := *f
					lifted.Lifted = true
					body.Fields = append(body.Fields, &lifted)
				}
			}
			body.Unknown = append(body.Unknown, under.Unknown...)
		}
	}
	if body != nil && o.Kind.Class == Foreign && !o.Node.Broken {
		c.mute-- // its values are free, but not what YAML 1.1 made of them
		for i := range body.Unknown {
			c.drift(body.Unknown[i].Value)
		}
		c.mute++
	}
	if body == nil {
		if o.Kind.Class != BuiltIn || spec != nil && (spec.Dynamic || !spec.OK && !spec.Null) || isDynamicMapping(o.Node) {
			return
		}
		// nothing there: what the kind needs is missing
		body = &Object{Def: def, Node: o.Node, Parent: o}
	}
	at := place{name: "spec", parent: o}
	if spec != nil {
		at.anchor = spec.Key
	} else if k := o.Get("kind"); k != nil {
		at.anchor = k.Value
	}
	c.lift(body)
	if isDynamicMapping(body.Node) || body.Node.Broken {
		return
	}
	c.missing(body, at)
	c.rules(body, at)
}

// specFields is the view of `spec` or `settings` without what is missing in it;
// nil if it is no mapping.
func (c *checker) specFields(o *Object, f *Field, def *schema.Def) *Object {
	d := f.Value.Deref()
	t := def.AsType()
	if d == nil || d.Kind != syntax.Mapping || isInclude(d) || isTemplateMapping(d) || d.Tag != "" && d.CoreTag() == "" {
		mute := c.mute
		if !o.Node.Broken && mute == 1 {
			c.mute = 0 // the spec must still be a mapping where its fields are free
		}
		f.View = c.value(f.Value, t, f.Def, place{name: f.Def.Name, anchor: f.Key, parent: o})
		c.mute = mute
		return nil
	}
	f.View = View{Value: d, Type: t}
	f.OK = true
	b := &Object{Def: def, Node: d, Parent: o}
	f.Object = b
	c.entries(b)
	return b
}
