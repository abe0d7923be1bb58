package expr

import (
	"slices"

	"hexdag.dev/hexdag/lang/value"
)

// TypeKind is the shape of a Type.
type TypeKind uint8

// Type kinds.
const (
	TypeAny TypeKind = iota // unknown: every value may be one
	TypeNull
	TypeBool
	TypeInt
	TypeFloat // takes ints too
	TypeDecimal
	TypeStr
	TypeDatetime
	TypeList  // Elem
	TypeTuple // Elem, or Items when the length is known
	TypeSet   // Elem
	TypeRange
	TypeObject // Fields, Open, Elem
	TypeUnion  // Items: one of them
	TypeEnum   // Enum: one of these values
	TypeSecret // a handle to a secret
	TypeNever  // no value: the items of an empty list, what always fails
)

// Type describes a set of values. Types are immutable once shared, and safe for
// concurrent use. A nil *Type is any.
type Type struct {
	Kind   TypeKind
	Elem   *Type         // of lists, sets, tuples of unknown length; of the other fields of an open object
	Items  []*Type       // of a tuple of known length; the members of a union, none of which is any or a union
	Fields []Field       // of an object, in order of declaration
	Open   bool          // an object may have other fields, of type Elem
	Enum   []value.Value // of an enum; scalars

	// Rules are what a value has to fulfil beyond its kind, and how a model's
	// answer is cleaned before it is checked; nil if there are none.
	Rules *Rules
	// Name is how the manifest calls the type: a custom type, `currency`.
	Name string
	// Doc describes the type or field, for prompts and editors.
	Doc string
}

// Field is one field of an object type.
type Field struct {
	Name     string
	Type     *Type
	Optional bool // the field may be absent
	// Default is used by Coerce where the field is absent; Missing for none.
	Default value.Value
	Doc     string
}

// Types without parts.
var (
	Any      = &Type{Kind: TypeAny}
	Null     = &Type{Kind: TypeNull}
	Bool     = &Type{Kind: TypeBool}
	Int      = &Type{Kind: TypeInt}
	Float    = &Type{Kind: TypeFloat}
	Decimal  = &Type{Kind: TypeDecimal}
	Str      = &Type{Kind: TypeStr}
	Datetime = &Type{Kind: TypeDatetime}
	Range    = &Type{Kind: TypeRange}
	Never    = &Type{Kind: TypeNever}
	Secret   = &Type{Kind: TypeSecret}
	AnyList  = &Type{Kind: TypeList, Elem: Any}
	AnyDict  = &Type{Kind: TypeObject, Open: true, Elem: Any}
)

// ListOf is list[elem].
func ListOf(elem *Type) *Type { return &Type{Kind: TypeList, Elem: elem} }

// SetOf is set[elem].
func SetOf(elem *Type) *Type { return &Type{Kind: TypeSet, Elem: elem} }

// TupleOf is a tuple of exactly these.
func TupleOf(items ...*Type) *Type {
	if items == nil {
		items = []*Type{}
	}
	return &Type{Kind: TypeTuple, Items: items}
}

// DictOf is a mapping from any keys to elem.
func DictOf(elem *Type) *Type { return &Type{Kind: TypeObject, Open: true, Elem: elem} }

// Closed is an object with exactly these fields.
func Closed(fields ...Field) *Type { return ObjectType(fields, false) }

// ObjectType is an object with these fields, and with any others if open. A
// Default that is the zero Value in a Field means null; give value.Missing for
// none, or leave Optional unset.
func ObjectType(fields []Field, open bool) *Type {
	t := &Type{Kind: TypeObject, Fields: fields, Open: open}
	if open {
		t.Elem = Any
	}
	return t
}

// Opened is an object with these fields, and with any others.
func Opened(fields ...Field) *Type { return ObjectType(fields, true) }

// Loosened is t with every object in it open: what is declared is known, but
// other fields may come too.
func Loosened(t *Type) *Type {
	if t == nil {
		return Any
	}
	switch t.Kind {
	case TypeObject, TypeList, TypeSet, TypeTuple, TypeUnion:
	default:
		return t
	}
	c := *t
	switch t.Kind {
	case TypeObject:
		c.Fields = slices.Clone(t.Fields)
		for i := range c.Fields {
			c.Fields[i].Type = Loosened(c.Fields[i].Type)
		}
		if !c.Open {
			c.Open, c.Elem = true, Any
		}
	default:
		if t.Elem != nil {
			c.Elem = Loosened(t.Elem)
		}
		if t.Items != nil {
			c.Items = make([]*Type, len(t.Items))
			for i, it := range t.Items {
				c.Items[i] = Loosened(it)
			}
		}
	}
	return &c
}

// Nullable is t or null.
func Nullable(t *Type) *Type { return Union(t, Null) }

// EnumOf is one of the values.
func EnumOf(values ...value.Value) *Type { return &Type{Kind: TypeEnum, Enum: values} }

// kind is t's kind; nil is any.
func (t *Type) kind() TypeKind {
	if t == nil {
		return TypeAny
	}
	return t.Kind
}

func orAny(t *Type) *Type {
	if t == nil {
		return Any
	}
	return t
}

// IsAny reports whether nothing is known of t's values.
func (t *Type) IsAny() bool { return t.kind() == TypeAny }

// members are the alternatives of t: those of a union, else t itself.
func (t *Type) members() []*Type {
	if t.kind() == TypeUnion {
		return t.Items
	}
	return []*Type{orAny(t)}
}

// Union is the type of values of any of the types. Any swallows the others,
// equal members appear once, and enums are merged.
func Union(types ...*Type) *Type {
	if len(types) == 1 && types[0].kind() != TypeUnion && types[0].kind() != TypeEnum {
		return orAny(types[0])
	}
	var out []*Type
	var enum []value.Value
	enumAt := -1
	var null *Type // comes last
	for _, t := range types {
		for _, m := range t.members() {
			switch m.Kind {
			case TypeAny:
				return Any
			case TypeNever:
				continue
			case TypeNull:
				null = m
				continue
			case TypeEnum:
				if enumAt < 0 {
					enumAt = len(out)
					out = append(out, m)
				}
				for _, v := range m.Enum {
					if !hasValue(enum, v) {
						enum = append(enum, v)
					}
				}
				continue
			}
			if !slices.ContainsFunc(out, func(o *Type) bool { return o == m || sameType(o, m) }) {
				out = append(out, m)
			}
		}
	}
	if enumAt >= 0 {
		kept := enum[:0:0]
		for _, v := range enum {
			if !slices.ContainsFunc(out, func(o *Type) bool { return o.Kind != TypeEnum && o.Rules == nil && admits(o, v) }) {
				kept = append(kept, v)
			}
		}
		if len(kept) == 0 {
			out = slices.Delete(out, enumAt, enumAt+1)
		} else if len(out[enumAt].Enum) != len(kept) || out[enumAt].Rules != nil {
			out[enumAt] = &Type{Kind: TypeEnum, Enum: kept}
		}
	}
	if null != nil {
		out = append(out, null)
	}
	switch {
	case len(out) == 0:
		return Never
	case len(out) == 1:
		return out[0]
	case len(out) > maxMembers:
		return Any
	}
	return &Type{Kind: TypeUnion, Items: out}
}

// maxMembers bounds the alternatives of a union; one with more says nothing.
const maxMembers = 40

// Join is the smallest type that has the values of both; lists and tuples of
// unlike items become lists of the union, objects keep the fields of both.
func Join(a, b *Type) *Type {
	a, b = orAny(a), orAny(b)
	if a.Kind == TypeList && b.Kind == TypeList && a.Rules == nil && b.Rules == nil {
		return ListOf(Join(a.Elem, b.Elem))
	}
	return Union(a, b)
}

// hasValue looks for a value of the same kind.
func hasValue(list []value.Value, v value.Value) bool {
	return slices.ContainsFunc(list, func(o value.Value) bool { return o.Kind() == v.Kind() && value.Equal(o, v) })
}

// sameType reports whether two types are equal: same String and rules.
func sameType(a, b *Type) bool {
	if a == b {
		return true
	}
	if a.kind() != b.kind() {
		return false
	}
	return string(AppendType(nil, a)) == string(AppendType(nil, b))
}

// EqualTypes reports whether a and b are the same type, with the same rules,
// names and descriptions.
func EqualTypes(a, b *Type) bool { return sameType(orAny(a), orAny(b)) }

// Field is the field of an object type: its type, and whether it is always
// there. ok is false if no value of t can have the field, or t is no object.
func (t *Type) Field(name string) (f Field, ok bool) {
	switch t.kind() {
	case TypeAny:
		return Field{Name: name, Type: Any, Optional: true, Default: value.Missing}, true
	case TypeObject:
		for _, f := range t.Fields {
			if f.Name == name {
				return f, true
			}
		}
		if t.Open {
			return Field{Name: name, Type: orAny(t.Elem), Optional: true, Default: value.Missing}, true
		}
	case TypeUnion:
		f = Field{Name: name, Type: Never, Default: value.Missing}
		for _, m := range t.Items {
			g, has := m.Field(name)
			if !has {
				f.Optional = true
				continue
			}
			ok = true
			f.Type = Union(f.Type, g.Type)
			f.Optional = f.Optional || g.Optional
			if f.Doc == "" {
				f.Doc = g.Doc
			}
		}
	}
	return f, ok
}

// FieldNames are the declared fields of an object type or of the objects in a
// union.
func (t *Type) FieldNames() []string {
	if t.kind() == TypeObject { // whose fields have distinct names
		out := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			out[i] = f.Name
		}
		return out
	}
	var out []string
	for _, m := range t.members() {
		if m.Kind == TypeObject {
			for _, f := range m.Fields {
				if !slices.Contains(out, f.Name) {
					out = append(out, f.Name)
				}
			}
		}
	}
	return out
}

// nullable reports whether null is one of t's values; any is not counted.
func (t *Type) nullable() bool {
	for _, m := range t.members() {
		if m.Kind == TypeNull || m.Kind == TypeEnum && hasValue(m.Enum, value.Null) {
			return true
		}
	}
	return false
}

// withoutNull is t without null.
func (t *Type) withoutNull() *Type {
	if t.kind() == TypeNull {
		return Never
	}
	if !t.nullable() {
		return orAny(t)
	}
	var out []*Type
	for _, m := range t.members() {
		switch m.Kind {
		case TypeNull:
			continue
		case TypeEnum:
			if hasValue(m.Enum, value.Null) {
				c := *m
				c.Enum = slices.DeleteFunc(slices.Clone(m.Enum), value.Value.IsNull)
				m = &c
				if len(c.Enum) == 0 {
					continue
				}
			}
		}
		out = append(out, m)
	}
	return Union(out...)
}
