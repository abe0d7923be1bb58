package shape

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// value makes the view of a value. f is the field that it belongs to, directly
// or as an item or entry; nil for none.
func (c *checker) value(n *syntax.Node, t *schema.Type, f *schema.Field, p place) View {
	v := View{Value: orSelf(n), Type: t}
	d := n.Deref()
	if d == nil { // an alias that means nothing: reported
		return v
	}
	if d.Broken {
		c.mute++
		defer func() { c.mute-- }()
	}
	if isInclude(d) {
		v.Dynamic, v.OK = true, true
		return v
	}
	if c.tagged(d, t, &v) {
		return v
	}
	if d.Kind == syntax.Scalar {
		if d.Resolve().Kind == syntax.Null {
			c.null(d, t, f, p, &v)
			return v
		}
		c.scalar(d, t, f, p, &v)
		return v
	}
	if isTemplateMapping(d) {
		v.Dynamic, v.OK = true, true
		return v
	}
	if d.Built != syntax.Written && f != nil && f.Text != schema.PlainText {
		v.OK = true // a constant where an expression or template computes one
		return v
	}
	alt := c.alternative(d, t)
	if alt == nil {
		c.wrongType(d, t, p)
		c.drift(d)
		return v
	}
	v.Type = alt
	c.collection(d, alt, f, p, &v)
	return v
}

// collection makes the view of a mapping or list whose type allows it.
func (c *checker) collection(d *syntax.Node, t *schema.Type, f *schema.Field, p place, v *View) {
	v.OK = true
	switch t.Kind {
	case schema.Object:
		def := t.Def()
		o := &Object{Def: def, Node: d, Parent: p.parent}
		v.Object = o
		if t.IsNode {
			p.anchor = nil
		}
		c.fill(o, p)
	case schema.List:
		v.Items = make([]*View, len(d.Items))
		for i, item := range d.Items {
			iv := c.value(item, t.Elem, f, place{name: p.name, item: i + 1, parent: p.parent})
			v.Items[i] = &iv
		}
		if len(d.Items) < t.MinItems && !d.Broken {
			c.report(diag.New(diag.TooFewItems, c.at(d), "`%s` must not be empty", p.String()).
				WithHelp("add at least one item%s", exampleOf(f)))
		}
	case schema.Map:
		for key, value := range d.Entries() {
			name, ok := c.keyText(key)
			if !ok || key.Broken {
				continue
			}
			if t.Pattern != "" && !matches(t.Pattern, name) {
				c.report(diag.New(diag.BadFormat, c.at(key), "%q is no key for `%s`", name, p.String()).
					WithHelp("write it as in %s", example(f)))
			}
			var ev View
			if strings.HasPrefix(name, "x-") && t.Elem.Kind == schema.Object {
				continue
			}
			ev = c.value(value, t.Elem, f, place{name: name, anchor: key, parent: p.parent})
			v.Entries = append(v.Entries, Entry{key, ev})
		}
	case schema.Any:
		c.drift(d)
	}
}

// alternative chooses the type that a mapping or list was meant for; nil if none
// allows it.
func (c *checker) alternative(d *syntax.Node, t *schema.Type) *schema.Type {
	if t.Kind != schema.OneOf {
		if allows(t, d) {
			return t
		}
		return nil
	}
	var best *schema.Type
	bestScore := -1 << 30
	for _, a := range t.Alts {
		if !allows(a, d) {
			continue
		}
		if s := score(a, d); s > bestScore {
			best, bestScore = a, s
		}
	}
	return best
}

func allows(t *schema.Type, d *syntax.Node) bool {
	switch t.Kind {
	case schema.Any:
		return true
	case schema.Object, schema.Map:
		return d.Kind == syntax.Mapping
	case schema.List:
		return d.Kind == syntax.Sequence
	}
	return false
}

// score says how well a mapping's keys fit an alternative: an object gains by
// each key that it knows and loses by each that it does not.
func score(t *schema.Type, d *syntax.Node) int {
	if t.Kind != schema.Object {
		return 0
	}
	def := t.Def()
	s := 0
	for key := range d.Entries() {
		if _, k, ok := def.Find(key.Value); ok && k.Status != schema.Removed {
			s += 2
		} else {
			s--
		}
	}
	for i := range def.Fields {
		if def.Fields[i].Required && d.Get(def.Fields[i].Name) != nil {
			s++
		}
	}
	return s
}

// null handles a null, or a value that is not there.
func (c *checker) null(d *syntax.Node, t *schema.Type, f *schema.Field, p place, v *View) {
	if acceptsNull(t) {
		v.OK, v.Null = true, true
		return
	}
	v.Null = true
	own := f != nil && p.anchor != nil && (p.anchor.Deref().Value == f.Name || isAlias(f, p.anchor.Deref().Value))
	switch {
	case d.Broken:
	case f == nil:
		c.needsValue(d, t, f, p)
	case own && f.Required, own && f.NonNull:
		c.needsValue(d, t, f, p)
	case own || f.Merge != schema.NoMerge && p.anchor != nil:
		v.OK = true
		if d.Style == syntax.Empty {
			c.report(diag.New(diag.EmptySection, c.at(p.anchor), "`%s` has no value, so it counts as not given", p.String()).
				WithHelp("remove it, or write a value").
				WithFix("remove \""+p.String()+"\"", false, c.removal(p.anchor, d)...))
		}
	default:
		c.needsValue(d, t, f, p)
	}
}

func isAlias(f *schema.Field, name string) bool {
	for _, a := range f.Aliases {
		if a == name {
			return true
		}
	}
	return false
}

func (c *checker) needsValue(d *syntax.Node, t *schema.Type, f *schema.Field, p place) {
	loc := c.at(d)
	if d.Style == syntax.Empty && p.anchor != nil {
		loc = c.at(p.anchor)
	}
	help := "write " + describe(t)
	if f != nil && f.Example != "" && p.anchor != nil {
		help += ": `" + p.String() + ": " + f.Example + "`"
	}
	what := "null"
	if d.Style == syntax.Empty {
		what = "nothing"
	}
	c.report(diag.New(diag.NullValue, loc, "`%s` must be %s, but there is %s", p.String(), describe(t), what).WithHelp("%s", help))
}

func acceptsNull(t *schema.Type) bool {
	switch t.Kind {
	case schema.Any, schema.Null:
		return true
	case schema.OneOf:
		for _, a := range t.Alts {
			if acceptsNull(a) {
				return true
			}
		}
	}
	return false
}

// tagged handles explicit tags that are not YAML's own; it reports whether the
// value needs no further look.
func (c *checker) tagged(d *syntax.Node, t *schema.Type, v *View) bool {
	if d.Tag == "" || d.Tag == "!" || d.CoreTag() != "" {
		return false
	}
	switch d.Tag {
	case "!py", "!star":
		v.OK = acceptsCode(t)
		if !v.OK {
			c.report(diag.New(diag.WrongType, c.at(d), "%s stands for a function; here %s is wanted", d.Tag, describe(t)).
				WithHelp("code may stand where a function may: `fn`, `body`, `reducer`"))
		} else if strings.TrimSpace(d.Value) == "" && !d.Broken {
			v.OK = false
			c.report(diag.New(diag.NullValue, c.at(d), "the %s block is empty", d.Tag).
				WithHelp("write a function below it"))
		}
		return true
	}
	known := []string{"!include", "!py", "!star"}
	r := diag.New(diag.UnknownTag, c.locTag(d), "unknown tag %s", d.Tag)
	if best := c.best(d.Tag, known); best != "" {
		r = r.WithHelp("did you mean %s?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: c.locTag(d), NewText: best})
	} else {
		r = r.WithHelp("the tags are %s", strings.Join(known, ", "))
	}
	c.report(r)
	return true
}

// acceptsCode reports whether a function may stand there.
func acceptsCode(t *schema.Type) bool {
	if t.Name == "Function" || t.Kind == schema.Any {
		return true
	}
	for _, a := range t.Alts {
		if acceptsCode(a) {
			return true
		}
	}
	return false
}

// isInclude reports whether a value is an `!include` in any of its forms.
func isInclude(n *syntax.Node) bool {
	if n.Tag == "!include" {
		return true
	}
	return n.Kind == syntax.Mapping && len(n.Pairs) == 1 && n.Pairs[0].Key.Value == "!include"
}

// isDynamicMapping reports whether a mapping gets more keys later, so that
// nothing can be missing in it yet.
func isDynamicMapping(n *syntax.Node) bool {
	if n.Get("!include") != nil {
		return true
	}
	merge := n.Get("<<").Deref()
	return merge != nil && isInclude(merge)
}

// isTemplateMapping reports whether a flow mapping is what YAML makes of an
// unquoted `{{ name }}`; the parser has reported it.
func isTemplateMapping(n *syntax.Node) bool {
	return n.Kind == syntax.Mapping && n.Style == syntax.Flow && len(n.Pairs) == 1 &&
		n.Pairs[0].Key.Kind == syntax.Mapping && n.Pairs[0].Key.Style == syntax.Flow
}
