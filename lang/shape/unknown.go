package shape

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// unknown reports the keys that o's definition does not have.
func (c *checker) unknown(o *Object) {
	for i := range o.Unknown {
		e := &o.Unknown[i]
		switch {
		case o.Def.Open == schema.Open:
			c.drift(e.Value)
			e.OK = true
		case o.Def.Open == schema.WarnUnknown:
			c.unknownMetadata(o, e)
		case e.Key.Deref().Value == "!include":
			c.report(diag.New(diag.UnknownField, c.at(e.Key), "an `!include` key must be the only key of its mapping").
				WithHelp("include a value: `key: {\"!include\": file.yaml}`, or merge with `<<`"))
		default:
			c.unknownKey(o, e)
		}
	}
}

func (c *checker) unknownMetadata(o *Object, e *Entry) {
	name := e.Key.Deref().Value
	d := diag.New(diag.UnknownMetadata, c.at(e.Key), "nothing reads the metadata field %q", name)
	if best := c.best(name, o.Def.Names()); best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("rename to \""+best+"\"", false, c.replace(e.Key, best))
	} else {
		d = d.WithHelp("put data for other tools under `annotations`, or call it \"x-%s\"", name)
	}
	c.report(d)
}

func (c *checker) unknownKey(o *Object, e *Entry) {
	name := e.Key.Deref().Value
	if m := c.elsewhere(o, name); m != nil {
		d := diag.New(diag.MisplacedField, c.at(e.Key), "%q is not a valid field of %s; it belongs %s", name, levelOf(o), m.where).
			WithHelp("move it %s", m.where)
		if edits := c.move(o, e, m); edits != nil {
			d = d.WithFix("move it "+m.where, false, edits...)
		}
		c.report(d)
		return
	}
	var known []string
	for _, k := range o.Def.Keys {
		if k.Status != schema.Removed && k.Status != schema.Misplaced {
			known = append(known, k.Name)
		}
	}
	d := diag.New(diag.UnknownField, c.at(e.Key), "unknown field %q in %s", name, levelOf(o))
	if best := c.best(name, known); best != "" {
		if f, _, _ := o.Def.Find(best); f != nil && f.Name != best {
			best = f.Name
		}
		d = d.WithHelp("did you mean %q?", best)
		if !o.Has(best) {
			d = d.WithFix("rename to \""+best+"\"", false, c.replace(e.Key, best))
		}
	} else if o.Kind != nil {
		d = d.WithHelp("a node has `kind`, `metadata`, `spec`, `dependencies`, `wait_for`; its parameters belong into `spec`")
	} else {
		d = d.WithHelp("remove it, or call it \"x-%s\" if it is for another tool; known are %s", name, shortList(o.Def.Names()))
	}
	c.report(d)
}

func shortList(names []string) string {
	if len(names) > 8 {
		return strings.Join(names[:8], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// levelOf names an object's level: "llm_node", "a node", "limits".
func levelOf(o *Object) string {
	switch {
	case o.Kind != nil:
		return "a node"
	case o.Def.Node != "":
		return "the `spec` of " + o.Def.Node
	case strings.HasSuffix(o.Def.Name, "Spec") && o.Parent != nil && o.Parent.Def != nil && o.Parent.Def.Kind != "":
		return "the `spec` of " + o.Parent.Def.Kind
	}
	return o.Def.Title
}

// target is where a key belongs.
type target struct {
	where string
	into  *syntax.Node // the value that is there; nil if it has to be made
	under string       // key of the object, seen from o; "" for one level up
}

// elsewhere finds a neighbouring level that has the key; nil if none has.
func (c *checker) elsewhere(o *Object, name string) *target {
	has := func(def *schema.Def) bool {
		if def == nil || def.Open == schema.Open && def != foreignDef {
			return false
		}
		f, k, ok := def.Find(name)
		return ok && f != nil && k.Status != schema.Removed && k.Status != schema.Misplaced
	}
	if o.Kind != nil {
		def := foreignDef
		if o.Kind.Class == BuiltIn {
			def = o.Kind.Info.Spec()
		}
		if has(def) {
			return &target{"into `spec`", valueOf(o, "spec"), "spec"}
		}
	}
	// inside one of the fields
	for i := range o.Def.Fields {
		f := &o.Def.Fields[i]
		if def := f.Type.Def(); def != nil && !f.Type.IsNode && has(def) && def != o.Def {
			return &target{"into `" + f.Name + "`", valueOf(o, f.Name), f.Name}
		}
	}
	up := o.Parent
	if up == nil || up.Def == nil {
		return nil
	}
	key := keyIn(up, o)
	if key == "" {
		return nil // an item or entry: what holds it is not the level above
	}
	// beside it
	if has(up.Def) && !up.Has(name) {
		return &target{"one level up, beside `" + key + "`", up.Node, ""}
	}
	for i := range up.Def.Fields {
		f := &up.Def.Fields[i]
		if def := f.Type.Def(); def != nil && has(def) && def != o.Def && f.Ignored == "" {
			return &target{"into `" + f.Name + "`", nil, "../" + f.Name}
		}
	}
	return nil
}

// valueOf is the value of a field that is there; nil for none.
func valueOf(o *Object, name string) *syntax.Node {
	if f := o.Get(name); f != nil {
		return f.Value
	}
	return nil
}

// keyIn is the name of the field of up whose value o is; "" if it is an item or
// entry of one.
func keyIn(up, o *Object) string {
	for _, f := range up.Fields {
		if f.Value == o.Node {
			return f.Def.Name
		}
	}
	return ""
}

// move is the edits that take a block entry to where it belongs; nil where that
// needs care.
func (c *checker) move(o *Object, e *Entry, m *target) []diag.Edit {
	cut := c.removal(e.Key, e.Value)
	if cut == nil || strings.HasPrefix(m.under, "../") || o.Node.Style != syntax.Block {
		return nil
	}
	file := c.tree.FileOf(e.Key)
	span := cut[0].Loc.Span
	text := strings.TrimRight(file.Slice(span), "\r\n")
	from := column(file, int(e.Key.Span.Start))
	if m.into == nil {
		pad := strings.Repeat(" ", from)
		return []diag.Edit{{Loc: cut[0].Loc, NewText: pad + m.under + ":\n" + shift(text, 2) + "\n"}}
	}
	to := m.into
	if to.Kind != syntax.Mapping || len(to.Pairs) == 0 || to.Style != syntax.Block {
		return nil
	}
	last := &to.Pairs[len(to.Pairs)-1]
	end := file.LineSpan(file.Line(int(max(last.Key.Span.End, last.Value.Span.End)))).End
	moved := shift(text, column(file, int(to.Pairs[0].Key.Span.Start))-from)
	if m.under == "" {
		// up: before the entry that holds o
		var key *syntax.Node
		for i := range to.Pairs {
			if to.Pairs[i].Value.Deref() == o.Node {
				key = to.Pairs[i].Key
			}
		}
		if key == nil {
			return nil
		}
		at := file.LineSpan(file.Line(int(key.Span.Start)))
		if strings.TrimSpace(file.Slice(source.Span{Start: at.Start, End: key.Span.Start})) != "" {
			return nil
		}
		return []diag.Edit{
			{Loc: source.Location{File: file, Span: source.Span{Start: at.Start, End: at.Start}}, NewText: moved + "\n"},
			cut[0],
		}
	}
	if end > span.Start && end < span.End {
		return nil
	}
	return []diag.Edit{
		cut[0],
		{Loc: source.Location{File: file, Span: source.Span{Start: end, End: end}}, NewText: "\n" + moved},
	}
}

// column is the number of bytes before offset on its line.
func column(f *source.File, offset int) int {
	return offset - int(f.LineSpan(f.Line(offset)).Start)
}

// shift indents lines by n spaces more, or fewer if n is negative.
func shift(text string, n int) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		switch {
		case strings.TrimSpace(l) == "":
		case n >= 0:
			lines[i] = strings.Repeat(" ", n) + l
		default:
			have := len(l) - len(strings.TrimLeft(l, " "))
			lines[i] = l[min(have, -n):]
		}
	}
	return strings.Join(lines, "\n")
}

// historical reports a node kind of a former version.
func (c *checker) historical(o *Object, k *syntax.Node, s schema.Spelling) {
	message := fmt.Sprintf("unknown node kind %q: it was removed", s.Name)
	d := diag.New(diag.HistoricalKind, c.at(k), "%s", message)
	if s.Target == "" {
		c.report(d.WithHelp("%s", s.Note))
		return
	}
	d = d.WithHelp("use %s: %s", s.Target, s.Note)
	if edits := c.modernise(o, k, s); edits != nil {
		d = d.WithFix("rewrite as "+s.Target, false, edits...)
	}
	c.report(d)
}
