package expr

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/value"
)

// member is the type of the field name of one alternative of a type; ok is
// false where it cannot have the field.
func member(t *Type, name string) (typ *Type, ok bool) {
	switch t.Kind {
	case TypeAny:
		return Any, true
	case TypeObject:
		g, ok := t.Field(name)
		if !ok {
			return Null, false
		}
		if g.Optional {
			return Union(g.Type, Null), true
		}
		return orAny(g.Type), true
	case TypeDatetime:
		switch name {
		case "year", "month", "day", "hour", "minute", "second", "microsecond":
			return Int, true
		}
	case TypeTuple:
		if name == "grouper" || name == "list" {
			return Any, true
		}
	}
	return Null, false
}

func (f *inferrer) attr(n *Attr, guard bool) *Type {
	var x *Type
	if guard {
		x = f.guarded(n.X)
	} else {
		x = f.node(n.X)
	}
	if n.Name == "" {
		return Any
	}
	if n.Name == "output" && f.free(n.X) {
		if _, ok := x.Field("output"); !ok {
			return x // NODE.output is the node's whole result
		}
	}
	return f.field(n.X, x, n.Name, n.NameSpan, guard)
}

// field is the type of x.name, where x has the type t.
func (f *inferrer) field(x Node, t *Type, name string, s source.Span, guard bool) *Type {
	if k := t.kind(); k != TypeUnion && k != TypeNull { // by far the most
		ft, ok := member(orAny(t), name)
		if !ok && k != TypeNever {
			f.unknownField(x, t, name, s, guard)
			if !guard {
				return Any // reported once is enough
			}
		}
		return Union(ft)
	}
	var out []*Type
	found, lacking := false, false
	for _, m := range t.members() {
		if m.Kind == TypeNull {
			out = append(out, Null)
			continue
		}
		ft, ok := member(m, name)
		found = found || ok
		lacking = lacking || !ok
		out = append(out, ft)
	}
	if lacking && !found && t.kind() != TypeNever {
		f.unknownField(x, t, name, s, guard)
		if !guard {
			return Any
		}
	}
	return Union(out...)
}

func (f *inferrer) unknownField(x Node, t *Type, name string, s source.Span, guard bool) {
	if f.quiet > 0 || len(f.diags) >= maxDiags {
		return
	}
	d := diag.New(diag.ExprUnknownField, f.text.Loc(s), "%s has no field `%s`", quoted(x), name)
	names := t.FieldNames()
	solid := t.withoutNull()
	if q := written(f.text, s); len(q) > 2 && q[1:len(q)-1] == name {
		s = source.Span{Start: s.Start + 1, End: s.End - 1} // x['name']: between the quotes
	}
	method := suggest.Best(name, methodsOf(solid))
	switch near := suggest.Near(name, names); {
	case len(near) > 0:
		d.Help = suggest.Help(name, names)
		d = nearest(d, f.text, s, near)
	case lookupMethod(name) != nil:
		d = d.WithHelp("it is a method: write %s.%s()", Print(x), name)
	case method != "":
		d = d.WithHelp("did you mean the method %s()?", method)
	case solid.Kind == TypeList && hasField(solid.Elem, name):
		d = d.WithHelp("it is a list: take an item with [0], or all with [x.%s for x in %s]", name, Print(x))
	case len(names) > 0:
		d = d.WithHelp("it has %s", fieldList(names))
	default:
		d = d.WithHelp("it is of type %s", t)
	}
	if guard || !f.strict && len(names) == 0 {
		// not a misspelt field: reading below a text gives null in expressions,
		// which is odd, but runs
		d = d.As(diag.Warning)
	}
	for _, o := range f.diags {
		if o.Loc == d.Loc && o.Code == d.Code {
			return
		}
	}
	if len(f.diags) < maxDiags {
		f.diags = append(f.diags, d)
	}
}

// written is what stands at s; nothing if the tree is not that of the text, as
// one that was decoded.
func written(t Text, s source.Span) string {
	if s.Start < 0 || s.End < s.Start || int(s.End) > len(t.Src) {
		return ""
	}
	return t.Src[s.Start:s.End]
}

// methodsOf are the methods that every alternative of a type has.
func methodsOf(t *Type) []string {
	var out []string
	for i, k := range t.kinds() {
		vk, ok := valueKind(k)
		if !ok {
			return nil
		}
		names := slices.DeleteFunc(value.MethodNames(vk), func(m string) bool { return lookupMethod(m) == nil })
		if i == 0 {
			out = names
		} else {
			out = slices.DeleteFunc(out, func(m string) bool { return !slices.Contains(names, m) })
		}
	}
	return out
}

func hasField(t *Type, name string) bool {
	if t.IsAny() {
		return false
	}
	_, ok := t.Field(name)
	return ok
}

func fieldList(names []string) string {
	if len(names) > shownFields {
		return strings.Join(names[:shownFields], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

func (f *inferrer) index(n *Index, guard bool) *Type {
	var x *Type
	if guard {
		x = f.guarded(n.X)
	} else {
		x = f.node(n.X)
	}
	f.node(n.Key)
	if l, ok := n.Key.(*Literal); ok {
		if name, ok := l.Value.AsString(); ok {
			return f.field(n.X, x, name, n.Key.Span(), guard)
		}
	}
	var out []*Type
	works := false
	for _, m := range x.members() {
		switch m.Kind {
		case TypeBool, TypeInt, TypeFloat, TypeDecimal, TypeDatetime:
		case TypeEnum:
			works = works || hasKind(m.Enum, value.KindString) || hasKind(m.Enum, value.KindNull)
		default:
			works = true
		}
		switch m.Kind {
		case TypeAny:
			return Any
		case TypeList:
			out = append(out, orAny(m.Elem), Null)
		case TypeTuple:
			out = append(out, tupleItem(m, n.Key), Null)
		case TypeStr:
			out = append(out, Str, Null)
		case TypeEnum:
			out = append(out, Str, Null)
		case TypeRange:
			out = append(out, Int, Null)
		case TypeObject:
			if m.Open {
				out = append(out, orAny(m.Elem))
			}
			for _, g := range m.Fields {
				out = append(out, g.Type)
			}
			out = append(out, Null)
		case TypeSet:
			if x.kind() == TypeSet {
				f.report(false, diag.ExprBadOperands, n.Span(), "a set has no order; make a list of it with list(x) or sorted(x)", "%s is a set, which has no items at places", quoted(n.X))
			}
			out = append(out, Null)
		default:
			out = append(out, Null)
		}
	}
	if !works {
		d := diag.New(diag.ExprUnknownField, f.text.Loc(n.Key.Span()), "%s has no items, it is of type %s", quoted(n.X), typeName(x))
		if guard || !f.strict {
			d = d.As(diag.Warning)
		}
		f.put(d)
		if !guard {
			return Any
		}
	}
	return Union(out...)
}

// tupleItem is the type of a tuple's item.
func tupleItem(t *Type, key Node) *Type {
	if t.Items == nil {
		return orAny(t.Elem)
	}
	if l, ok := key.(*Literal); ok {
		if i, ok := l.Value.AsInt(); ok && i >= 0 && i < int64(len(t.Items)) {
			return orAny(t.Items[i])
		}
	}
	return Union(t.Items...)
}

func (f *inferrer) slice(n *Slice) *Type {
	x := f.node(n.X)
	for _, k := range []Node{n.Lo, n.Hi, n.Step} {
		if k != nil {
			f.node(k)
		}
	}
	var out []*Type
	works := false
	for _, m := range x.members() {
		switch m.Kind {
		case TypeAny:
			return Any
		case TypeNull:
			out, works = append(out, Null), true
		case TypeList:
			out, works = append(out, ListOf(orAny(m.Elem))), true
		case TypeTuple:
			out, works = append(out, &Type{Kind: TypeTuple, Elem: elementOf(m)}), true
		case TypeRange:
			out, works = append(out, Range), true
		case TypeStr:
			out, works = append(out, Str), true
		case TypeEnum:
			if hasKind(m.Enum, value.KindString) || hasKind(m.Enum, value.KindNull) {
				out, works = append(out, Str), true
			}
		}
	}
	if !works && x.Kind != TypeNever {
		f.report(false, diag.ExprBadOperands, n.Span(), "slices are taken of lists and texts", "%s is of type %s, which cannot be sliced", quoted(n.X), x)
		return Any
	}
	return Union(out...)
}
