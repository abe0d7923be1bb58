package expr

import (
	"hexdag.dev/hexdag/lang/value"
)

// Assignable reports whether a value of type from may go where to is wanted: it
// has all of from's values, or one of the two is unknown.
func Assignable(to, from *Type) bool { return assignable(to, from, 0) }

func assignable(to, from *Type, depth int) bool {
	to, from = orAny(to), orAny(from)
	if to == from || to.Kind == TypeAny || from.Kind == TypeAny || from.Kind == TypeNever || depth > 50 {
		return true
	}
	depth++
	if from.Kind == TypeUnion {
		for _, m := range from.Items {
			if !assignable(to, m, depth) {
				return false
			}
		}
		return true
	}
	if from.Kind == TypeEnum {
		for _, v := range from.Enum {
			if !admits(to, v) {
				return false
			}
		}
		return true
	}
	if to.Kind == TypeUnion {
		for _, m := range to.Items {
			if assignable(m, from, depth) {
				return true
			}
		}
		return false
	}
	if to.Rules != nil && restricts(to.Rules) && (from.Rules == nil || !sameType(to, from)) {
		return false
	}
	switch {
	case to.Kind == TypeFloat && from.Kind == TypeInt:
		return true
	case to.Kind != from.Kind:
		return false
	}
	switch to.Kind {
	case TypeList, TypeSet:
		return assignable(to.Elem, from.Elem, depth)
	case TypeTuple:
		switch {
		case to.Items != nil && from.Items != nil:
			if len(to.Items) != len(from.Items) {
				return false
			}
			for i := range to.Items {
				if !assignable(to.Items[i], from.Items[i], depth) {
					return false
				}
			}
			return true
		case to.Items != nil:
			return false
		case from.Items != nil:
			for _, it := range from.Items {
				if !assignable(to.Elem, it, depth) {
					return false
				}
			}
			return true
		}
		return assignable(to.Elem, from.Elem, depth)
	case TypeObject:
		return assignableObject(to, from, depth)
	}
	return true
}

func restricts(r *Rules) bool {
	return r.numeric() || r.MinLength > 0 || r.MaxLength > 0 || r.Pattern != "" || r.Unique
}

func assignableObject(to, from *Type, depth int) bool {
	for _, f := range to.Fields {
		g, ok := from.Field(f.Name)
		if !ok {
			if !f.Optional {
				return false
			}
			continue
		}
		if g.Optional && !f.Optional || !assignable(f.Type, g.Type, depth) {
			return false
		}
	}
	if to.Open {
		for _, g := range from.Fields {
			f, _ := to.Field(g.Name)
			if !assignable(f.Type, g.Type, depth) {
				return false
			}
		}
		return !from.Open || assignable(to.Elem, from.Elem, depth)
	}
	if from.Open {
		return false
	}
	for _, g := range from.Fields {
		if _, ok := to.Field(g.Name); !ok {
			return false
		}
	}
	return true
}

// Overlaps reports whether some value may be of both types. Where it is false,
// no value is: what needs both can never work.
func Overlaps(a, b *Type) bool { return overlaps(a, b, 0) }

func overlaps(a, b *Type, depth int) bool {
	a, b = orAny(a), orAny(b)
	if a.Kind == TypeNever || b.Kind == TypeNever {
		return false
	}
	if a == b || a.Kind == TypeAny || b.Kind == TypeAny || depth > 50 {
		return true
	}
	depth++
	if a.Kind == TypeUnion {
		for _, m := range a.Items {
			if overlaps(m, b, depth) {
				return true
			}
		}
		return false
	}
	if b.Kind == TypeUnion {
		return overlaps(b, a, depth)
	}
	if a.Kind == TypeEnum {
		for _, v := range a.Enum {
			if b.Kind == TypeEnum {
				if hasValue(b.Enum, v) {
					return true
				}
			} else if kindFits(b, v) {
				return true
			}
		}
		return false
	}
	if b.Kind == TypeEnum {
		return overlaps(b, a, depth)
	}
	switch {
	case a.Kind == TypeFloat && b.Kind == TypeInt, a.Kind == TypeInt && b.Kind == TypeFloat:
		return true
	case a.Kind == TypeSecret && b.Kind == TypeStr, a.Kind == TypeStr && b.Kind == TypeSecret:
		return true // what takes a secret gets its text
	case a.Kind != b.Kind:
		return false
	}
	if a.Kind == TypeObject {
		for _, f := range a.Fields {
			if f.Optional {
				continue
			}
			g, ok := b.Field(f.Name)
			if !ok || !overlaps(f.Type, g.Type, depth) {
				return false
			}
		}
		for _, g := range b.Fields {
			if g.Optional {
				continue
			}
			if f, ok := a.Field(g.Name); !ok || !overlaps(f.Type, g.Type, depth) {
				return false
			}
		}
	}
	if a.Kind == TypeTuple && a.Items != nil && b.Items != nil && len(a.Items) != len(b.Items) {
		return false
	}
	return true // containers may be empty
}

// maxLiteral bounds how much of a literal list or object TypeOf looks at.
const maxLiteral = 200

// TypeOf is the type of a value: objects are closed, scalars are their kind.
func TypeOf(v value.Value) *Type {
	if v.Size() > 1<<20 { // only its kind: looking at all of it costs too much
		switch v.Kind() {
		case value.KindList:
			return AnyList
		case value.KindObject:
			return AnyDict
		case value.KindTuple:
			return &Type{Kind: TypeTuple, Elem: Any}
		case value.KindSet:
			return SetOf(Any)
		}
	}
	return typeOf(v, 0)
}

func typeOf(v value.Value, depth int) *Type {
	if depth > 20 {
		return Any
	}
	depth++
	elems := func(items []value.Value) *Type {
		t := Never
		for i, it := range items {
			if i == maxLiteral {
				return Any
			}
			t = Union(t, typeOf(it, depth))
		}
		return t
	}
	switch v.Kind() {
	case value.KindNull:
		return Null
	case value.KindBool:
		return Bool
	case value.KindInt:
		return Int
	case value.KindFloat:
		return Float
	case value.KindDecimal:
		return Decimal
	case value.KindString:
		return Str
	case value.KindDatetime:
		return Datetime
	case value.KindRange:
		return Range
	case value.KindSecret:
		return Secret
	case value.KindList:
		return ListOf(elems(v.Items()))
	case value.KindSet:
		return SetOf(elems(v.Items()))
	case value.KindTuple:
		items := make([]*Type, 0, len(v.Items()))
		for i, it := range v.Items() {
			if i == maxLiteral {
				return &Type{Kind: TypeTuple, Elem: Any}
			}
			items = append(items, typeOf(it, depth))
		}
		return TupleOf(items...)
	case value.KindObject:
		o, _ := v.Object()
		if o.Len() > maxLiteral {
			return AnyDict
		}
		t := &Type{Kind: TypeObject}
		for i := range o.Len() {
			k, x := o.At(i)
			name, ok := k.AsString()
			if !ok {
				return AnyDict
			}
			t.Fields = append(t.Fields, Field{Name: name, Type: typeOf(x, depth), Default: value.Missing})
		}
		return t
	}
	return Any
}

// IsIdentifier reports whether s can be a name in an expression.
func IsIdentifier(s string) bool {
	for i, r := range s {
		if i == 0 && !isNameStart(r) || !isNamePart(r) {
			return false
		}
	}
	if _, c := constant(s); c {
		return false
	}
	return s != "" && !operatorWord(s)
}

// IsFunction reports whether expressions can call a function of that name.
func IsFunction(name string) bool { return lookupFunction(name) != nil }
