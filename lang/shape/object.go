package shape

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// place says where a value stands, for messages.
type place struct {
	// name is what the value is called: its field's name.
	name string
	// item is its place in the list of that name, from 1; 0 for the field itself.
	item int
	// anchor is the key or name to point at when something is missing in it; nil
	// for the mapping's first key.
	anchor *syntax.Node
	parent *Object
}

// String is what messages call the value: "nodes", "item 3 of nodes".
func (p place) String() string {
	if p.item > 0 {
		return fmt.Sprintf("item %d of %s", p.item, p.name)
	}
	return p.name
}

// mapping makes the view of a mapping. n may be another kind of node, which has
// been reported; the view is empty then.
func (c *checker) mapping(n *syntax.Node, def *schema.Def, p place) *Object {
	o := &Object{Def: def, Node: n, Parent: p.parent}
	c.fill(o, p)
	return o
}

// fill reads the entries of o.Node and checks them against o.Def.
func (c *checker) fill(o *Object, p place) {
	if o.Node.Broken {
		c.mute++
		defer func() { c.mute-- }()
	}
	c.entries(o)
	if o.Kind != nil {
		c.nodeSpec(o)
	}
	c.lift(o)
	c.missing(o, p)
	c.rules(o, p)
}

// entries makes the fields of o.
func (c *checker) entries(o *Object) {
	n, def := o.Node, o.Def
	o.Fields = make([]*Field, 0, min(len(n.Pairs), len(def.Fields)))
	fields := make([]Field, min(len(n.Pairs), len(def.Fields))) // one piece of memory for all
	for key, value := range n.Entries() {
		name, ok := c.keyText(key)
		if !ok || key.Broken || strings.HasPrefix(name, "x-") {
			continue
		}
		if name == "<<" && isInclude(orSelf(value)) {
			continue // what it merges is not known yet
		}
		f, k, ok := def.Find(name)
		if !ok {
			o.Unknown = append(o.Unknown, Entry{key, View{Value: orSelf(value)}})
			continue
		}
		if f == nil {
			c.removed(o, key, value, k)
			continue
		}
		if first := o.Get(f.Name); first != nil {
			c.twice(first, key)
			continue
		}
		if len(fields) == 0 {
			fields = make([]Field, 4) // merge keys brought more
		}
		field := &fields[0]
		fields = fields[1:]
		field.Def, field.Spelling, field.Key = f, k.Status, key
		field.Value = orSelf(value) // for siblings that look at it before its turn
		o.Fields = append(o.Fields, field)
		c.spelling(o, field, k)
	}
	if def == nodeType.Def() {
		c.nodeKind(o)
	}
	for _, f := range o.Fields {
		c.field(o, f)
	}
	c.unknown(o)
}

// lift adds the fields of those that stand one level too deep, as upstream
// accepts it: an agent's `config`, and the `spec` of a Macro.
func (c *checker) lift(o *Object) {
	var from *Object
	switch o.Def.Name {
	case "AgentNodeSpec":
		from = o.Object("config")
	case "Macro":
		from = o.Object("spec")
	}
	if from == nil {
		return
	}
	for _, f := range from.Fields {
		if o.Def.Field(f.Def.Name) == nil {
			continue
		}
		if own := o.Get(f.Def.Name); own != nil {
			if o.Def.Name != "Macro" { // that spec excludes the others has been said
				c.twice(own, f.Key)
			}
			continue
		}
		lifted := *f
		lifted.Def = o.Def.Field(f.Def.Name)
		lifted.Lifted = true
		o.Fields = append(o.Fields, &lifted)
	}
}

// orSelf follows aliases; an alias that means nothing stays.
func orSelf(n *syntax.Node) *syntax.Node {
	if d := n.Deref(); d != nil {
		return d
	}
	return n
}

// keyText is the text of a key.
func (c *checker) keyText(key *syntax.Node) (string, bool) {
	k := key.Deref()
	if k == nil {
		return "", false
	}
	if k.Kind != syntax.Scalar {
		if !k.Broken {
			c.report(diag.New(diag.BadKey, c.at(key), "a key must be text, not %s", found(k)).
				WithHelp("quote it if it is a template: `\"{{ name }}\": value`"))
		}
		return "", false
	}
	return k.Value, true
}

// field makes the view of a known field's value.
func (c *checker) field(o *Object, f *Field) {
	if o.Kind != nil && (f.Def.Name == "spec" || f.Def.Name == "settings") {
		return // nodeSpec does it
	}
	t := f.Def.Type
	if f.Def.Select != nil {
		if def := c.selected(o, f.Def.Select); def != nil {
			t = def.AsType()
		}
	}
	f.View = c.value(f.Value, t, f.Def, place{name: f.Key.Deref().Value, anchor: f.Key, parent: o})
	c.remarks(o, f)
}

// selected is the definition that a sibling chooses; nil if it chooses none.
func (c *checker) selected(o *Object, s *schema.Select) *schema.Def {
	by := o.Get(s.By)
	if by == nil || by.Value.Kind != syntax.Scalar {
		return nil
	}
	text := c.early(by).Value
	for i := range s.Cases {
		if s.Cases[i].Value == text {
			return s.Cases[i].Def()
		}
	}
	return nil
}

// spelling remarks on how a key is written.
func (c *checker) spelling(o *Object, f *Field, k *schema.Key) {
	if k.Status != schema.Alias && k.Status != schema.Deprecated && k.Status != schema.Misplaced {
		return
	}
	loc := c.at(f.Key)
	rename := c.replace(f.Key, f.Def.Name)
	title := "rename to \"" + f.Def.Name + "\""
	switch k.Status {
	case schema.Alias:
		c.report(diag.New(diag.AliasField, loc, "%q is another name for %q", k.Name, f.Def.Name).
			WithHelp("the canonical name is %q", f.Def.Name).WithFix(title, true, rename))
	case schema.Deprecated:
		c.report(diag.New(diag.DeprecatedField, loc, "%q is a deprecated name for %q", k.Name, f.Def.Name).
			WithHelp("write %q", f.Def.Name).WithFix(title, true, rename))
	case schema.Misplaced:
		c.report(diag.New(diag.MisplacedField, loc, "%q has no effect in %s; the field is called %q", k.Name, o.Def.Title, f.Def.Name).
			WithHelp("write %q", f.Def.Name).WithFix(title, false, rename))
	}
}

// remarks says what there is to say about the use of a field.
func (c *checker) remarks(o *Object, f *Field) {
	loc := c.at(f.Key)
	switch {
	case f.Def.Ignored != "":
		c.report(diag.New(diag.NoEffect, loc, "%q has no effect: %s", f.Def.Name, f.Def.Ignored).
			WithHelp("remove it").WithFix("remove \""+f.Def.Name+"\"", false, c.removal(f.Key, f.Value)...))
	case f.Def.Outdated != "" && f.Def.Use != "":
		d := diag.New(diag.OutdatedField, loc, "%q is deprecated: %s", f.Def.Name, f.Def.Outdated).WithHelp("write %q", f.Def.Use)
		if f.OK && strings.HasSuffix(f.Def.Name, "_ms") && f.Value.Resolve().Kind == syntax.Int && o.Def.Field(f.Def.Use) != nil && !o.Has(f.Def.Use) {
			text := f.Value.Value + "ms"
			d = d.WithFix("write \""+f.Def.Use+": "+text+"\"", true, c.replace(f.Key, f.Def.Use), c.replace(f.Value, text))
		}
		c.report(d)
	case f.Def.Outdated != "":
		c.report(diag.New(diag.OutdatedField, loc, "%q is deprecated: %s", f.Def.Name, f.Def.Outdated).WithHelp("leave it out"))
	case f.Def.CanonAt == "node" && !f.Null:
		d := diag.New(diag.BetterPlace, loc, "%q is better written at the node, beside `spec`", f.Def.Name).
			WithHelp("move it one level up")
		if node := o.Parent; node != nil && node.Kind != nil && !node.Has(f.Def.Name) {
			if edits := c.move(o, &Entry{f.Key, f.View}, &target{"one level up", node.Node, ""}); edits != nil {
				d = d.WithFix("move it one level up", true, edits...)
			}
		}
		c.report(d)
	case f.Def.CanonAt == "spec":
		c.report(diag.New(diag.BetterPlace, loc, "the fields of %q are better written in `spec` itself", f.Def.Name).
			WithHelp("move them one level up"))
	}
}

// twice reports a field under two spellings.
func (c *checker) twice(first *Field, key *syntax.Node) {
	c.report(diag.New(diag.ConflictingFields, c.at(key), "%q and %q are the same field", first.Key.Deref().Value, key.Deref().Value).
		WithRelated(c.at(first.Key), "the first one").
		WithHelp("remove one of them"))
}

func (c *checker) removed(o *Object, key, value *syntax.Node, k *schema.Key) {
	c.report(diag.New(diag.RemovedField, c.at(key), "%s has no field %q: it was removed", levelOf(o), k.Name).
		WithHelp("%s", k.Note).WithFix("remove \""+k.Name+"\"", false, c.removal(key, value)...))
}

// removal is the edits that take an entry out of a block mapping, with its whole
// lines; nil where that is not possible without care.
func (c *checker) removal(key, value *syntax.Node) []diag.Edit {
	file := c.tree.FileOf(value)
	start, end := key.Span.Start, max(key.Span.End, value.Span.End)
	parent := value.Parent
	if parent == nil || file != c.tree.FileOf(key) || parent.Style != syntax.Block || parent != key.Parent && key.Parent != nil {
		return nil
	}
	first := file.LineSpan(file.Line(int(start)))
	last := file.LineSpan(file.Line(int(end)))
	if strings.TrimSpace(file.Slice(source.Span{Start: first.Start, End: start})) != "" {
		return nil // the first entry of a list item
	}
	if len(parent.Pairs) < 2 {
		return nil // an empty mapping would be left
	}
	stop := last.End
	if int(stop) < len(file.Content()) && file.Content()[stop] == '\r' {
		stop++
	}
	if int(stop) < len(file.Content()) && file.Content()[stop] == '\n' {
		stop++
	}
	return []diag.Edit{{Loc: source.Location{File: file, Span: source.Span{Start: first.Start, End: stop}}}}
}

// missing reports required fields that are not there.
func (c *checker) missing(o *Object, p place) {
	if isDynamicMapping(o.Node) || brokenTail(o.Node) {
		return
	}
	for i := range o.Def.Fields {
		f := &o.Def.Fields[i]
		if !f.Required || o.Has(f.Name) || misplacedAt(o.Parent, f) || misspeltIn(o, f) {
			continue
		}
		c.absent(o, p, f)
	}
}

// misspeltIn reports whether an unknown key of o was meant as the field, which
// its finding says: an error, where unknown keys are none the field is missing.
func misspeltIn(o *Object, f *schema.Field) bool {
	if o.Def.Open != schema.Closed {
		return false
	}
	for i := range o.Unknown {
		name := o.Unknown[i].Key.Deref().Value
		if suggest.Best(name, []string{f.Name}) != "" || suggest.Best(name, f.Aliases) != "" {
			return true
		}
	}
	return false
}

// brokenTail reports whether the end of n was hard to read, so that what seems
// to be missing may only have been swallowed.
func brokenTail(n *syntax.Node) bool {
	for n != nil {
		if n.Broken {
			return true
		}
		switch {
		case n.Kind == syntax.Mapping && len(n.Pairs) > 0:
			last := &n.Pairs[len(n.Pairs)-1]
			if last.Key.Broken {
				return true
			}
			n = last.Value
		case n.Kind == syntax.Sequence && len(n.Items) > 0:
			n = n.Items[len(n.Items)-1]
		default:
			return false
		}
	}
	return false
}

// misplacedAt reports whether a node has the field beside its `spec`, which has
// been reported.
func misplacedAt(node *Object, f *schema.Field) bool {
	if node == nil || node.Kind == nil {
		return false
	}
	for i := range node.Unknown {
		name := node.Unknown[i].Key.Deref().Value
		if name == f.Name || isAlias(f, name) {
			return true
		}
	}
	return false
}

func (c *checker) absent(o *Object, p place, f *schema.Field) {
	d := diag.New(diag.MissingField, c.anchor(o, p), "%s needs the field %q", c.called(o, p), f.Name)
	if f.Name == "metadata" && o.Kind != nil {
		d.Message = c.called(o, p) + " needs a name: `metadata.name` is missing"
	} else if f.Name == "name" && strings.HasSuffix(o.Def.Name, "Metadata") {
		d.Message = "`metadata.name` is missing"
		if o.Parent != nil && o.Parent.Def != nil {
			d.Message = c.called(o.Parent, place{name: o.Parent.Def.Title}) + " needs a name: `metadata.name` is missing"
		}
	}
	if len(f.Aliases) > 0 && o.Def.Node != "" {
		d.Message += " (or " + quotedOr(f.Aliases) + ")"
	}
	c.report(d.WithHelp("write `%s: %s`", f.Name, f.Example))
}

// anchor is the place to point at for what is missing in o.
func (c *checker) anchor(o *Object, p place) source.Location {
	if p.anchor != nil {
		return c.at(p.anchor)
	}
	if name := o.Object("metadata").Get("name"); name != nil && name.Value.Kind == syntax.Scalar && !name.Null {
		return c.at(name.Value)
	}
	if kind := o.Get("kind"); kind != nil {
		return c.at(kind.Value)
	}
	return c.firstKey(o.Node)
}

// called is what messages call an object.
func (c *checker) called(o *Object, p place) string {
	node := o
	if o.Def != nil && o.Def.Node != "" {
		node = o.Parent
	}
	if node != nil && node.Kind != nil {
		what := "node"
		if node.Kind.Class == BuiltIn {
			what = node.Kind.Name
		}
		if name := node.Object("metadata").Get("name"); name != nil && name.OK && name.Value.Value != "" {
			return what + " \"" + name.Value.Value + "\""
		}
		return what
	}
	if o.Def != nil && o.Def.Kind != "" {
		return o.Def.Title
	}
	if p.String() != "" {
		return "`" + p.String() + "`"
	}
	return o.Def.Title
}
