package shape

import (
	"strconv"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// rules checks what a definition demands of several fields together.
func (c *checker) rules(o *Object, p place) {
	if isDynamicMapping(o.Node) {
		return
	}
	for i := range o.Def.Rules {
		r := &o.Def.Rules[i]
		if r.Kind == schema.Only {
			c.only(o, r)
			continue
		}
		if r.If != "" && !applies(o, r) {
			continue
		}
		switch r.Kind {
		case schema.Exclusive:
			c.exclusive(o, r)
		case schema.Disjoint:
			c.disjoint(o, r)
		case schema.AnyOf:
			if !anyOf(o, r) {
				c.needsOne(o, p, r)
			}
		case schema.Requires:
			for _, name := range r.Fields {
				if given(o, name) != nil {
					continue
				}
				c.requires(o, p, r, o.Def.Field(name))
			}
		}
	}
}

// given is a field that is there and not null.
func given(o *Object, name string) *Field {
	if f := o.Get(name); f != nil && !f.Null {
		return f
	}
	return nil
}

// applies reports whether a rule's condition surely holds.
func applies(o *Object, r *schema.Rule) bool {
	f := given(o, r.If)
	if f == nil {
		return false
	}
	if r.Is == nil {
		return true
	}
	if f.Dynamic || !f.OK || f.Value.Kind != syntax.Scalar {
		return false
	}
	text := scalarText(f.Value)
	for _, v := range r.Is {
		if v == text {
			return true
		}
	}
	return false
}

// scalarText is a scalar's text; truth values are `true` and `false` however
// they are written.
func scalarText(n *syntax.Node) string {
	if r := n.Resolve(); r.Kind == syntax.Bool {
		return strconv.FormatBool(r.Bool)
	}
	return n.Value
}

func anyOf(o *Object, r *schema.Rule) bool {
	for _, name := range r.Fields {
		if given(o, name) != nil {
			return true
		}
	}
	return false
}

func (c *checker) exclusive(o *Object, r *schema.Rule) {
	var first *Field
	for _, f := range o.Fields {
		if f.Null || f.Lifted || !contains(r.Fields, f.Def.Name) {
			continue
		}
		if first == nil {
			first = f
			continue
		}
		c.report(diag.New(diag.ConflictingFields, c.at(f.Key), "%q and %q are mutually exclusive", first.Key.Deref().Value, f.Key.Deref().Value).
			WithRelated(c.at(first.Key), "the other one").
			WithHelp("%s cannot have both; remove one of them", o.Def.Title))
	}
}

// disjoint reports keys that are in more than one of several mappings.
func (c *checker) disjoint(o *Object, r *schema.Rule) {
	type owner struct {
		key   *syntax.Node
		field *Field
	}
	seen := map[string]owner{}
	for _, f := range o.Fields {
		if !contains(r.Fields, f.Def.Name) {
			continue
		}
		for key := range f.Value.Entries() {
			k := key.Deref()
			if k == nil || k.Kind != syntax.Scalar {
				continue
			}
			if first, dup := seen[k.Value]; dup && first.field != f {
				c.report(diag.New(diag.ConflictingFields, c.at(key), "%q is in both '%s' and '%s'", k.Value, first.field.Def.Name, f.Def.Name).
					WithRelated(c.at(first.key), "the other one").
					WithHelp("give each argument once"))
				continue
			}
			seen[k.Value] = owner{key, f}
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (c *checker) needsOne(o *Object, p place, r *schema.Rule) {
	with := ""
	if r.If != "" {
		with = " with `" + r.If + ": " + o.Get(r.If).Value.Value + "`"
	}
	d := diag.New(diag.MissingChoice, c.anchor(o, p), "%s needs %s%s", c.called(o, p), quotedOr(r.Fields), with)
	if f := o.Def.Field(r.Fields[0]); f != nil && f.Example != "" {
		d = d.WithHelp("write `%s: %s`", f.Name, f.Example)
	} else {
		d = d.WithHelp("write one of them")
	}
	c.report(d)
}

func (c *checker) requires(o *Object, p place, r *schema.Rule, f *schema.Field) {
	by := o.Get(r.If)
	text := "`" + by.Key.Deref().Value + "`"
	if r.Is != nil {
		text = "`" + by.Key.Deref().Value + ": " + by.Value.Value + "`"
	}
	d := diag.New(diag.MissingField, c.at(by.Key), "%s with %s needs the field %q", c.called(o, p), text, f.Name)
	if r.If == "strict_mapping" {
		d.Message = "strict_mapping requires input_mapping: " + c.called(o, p) + " would see nothing at all"
	}
	if f.Example != "" {
		d = d.WithHelp("write `%s: %s`", f.Name, f.Example)
	} else {
		d = d.WithHelp("add %q", f.Name)
	}
	c.report(d)
}

// only warns of fields that have no effect together with another's value.
func (c *checker) only(o *Object, r *schema.Rule) {
	by := given(o, r.If)
	if by != nil && r.Is == nil || by != nil && (by.Dynamic || !by.OK) || by == nil && r.Is != nil {
		return
	}
	if by != nil && applies(o, r) {
		return
	}
	for _, name := range r.Fields {
		f := given(o, name)
		if f == nil {
			continue
		}
		var d diag.Diagnostic
		if by == nil {
			d = diag.New(diag.NoEffect, c.at(f.Key), "%q has no effect without %q", f.Key.Deref().Value, r.If)
		} else {
			d = diag.New(diag.NoEffect, c.at(f.Key), "%q has no effect with `%s: %s`", f.Key.Deref().Value, r.If, by.Value.Value).
				WithHelp("it belongs to `%s: %s`", r.If, strings.Join(r.Is, "` or `"))
		}
		c.report(d.WithFix("remove \""+f.Key.Deref().Value+"\"", false, c.removal(f.Key, f.Value)...))
	}
}
