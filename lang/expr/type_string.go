package expr

import (
	"strconv"
	"strings"

	"hexdag.dev/hexdag/lang/value"
)

// String is the type for people: "str", "int | null", "list[{name: str, age?:
// int}]". Parts beyond a few levels and fields are abbreviated with an ellipsis.
func (t *Type) String() string {
	var b strings.Builder
	t.write(&b, 0)
	return b.String()
}

const shownFields = 12

func (t *Type) write(b *strings.Builder, depth int) {
	if t != nil && t.Name != "" {
		b.WriteString(t.Name)
		return
	}
	if depth > 6 {
		b.WriteString("…")
		return
	}
	of := func(name string, elem *Type) {
		b.WriteString(name)
		if !elem.IsAny() {
			b.WriteByte('[')
			elem.write(b, depth+1)
			b.WriteByte(']')
		}
	}
	switch t.kind() {
	case TypeAny:
		b.WriteString("any")
	case TypeNull:
		b.WriteString("null")
	case TypeBool:
		b.WriteString("bool")
	case TypeInt:
		b.WriteString("int")
	case TypeFloat:
		b.WriteString("float")
	case TypeDecimal:
		b.WriteString("decimal")
	case TypeStr:
		b.WriteString("str")
	case TypeDatetime:
		b.WriteString("datetime")
	case TypeRange:
		b.WriteString("range")
	case TypeSecret:
		b.WriteString("secret")
	case TypeNever:
		b.WriteString("never")
	case TypeList:
		of("list", t.Elem)
	case TypeSet:
		of("set", t.Elem)
	case TypeTuple:
		if t.Items == nil {
			of("tuple", t.Elem)
			return
		}
		b.WriteByte('(')
		for i, it := range t.Items {
			if i > 0 {
				b.WriteString(", ")
			}
			it.write(b, depth+1)
		}
		b.WriteByte(')')
	case TypeObject:
		t.writeObject(b, depth)
	case TypeUnion:
		for i, it := range t.Items {
			if i > 0 {
				b.WriteString(" | ")
			}
			it.write(b, depth+1)
		}
	case TypeEnum:
		for i, v := range t.Enum {
			if i > 0 {
				b.WriteString(" | ")
			}
			if i == shownFields {
				b.WriteString("…")
				break
			}
			b.WriteString(literalText(v))
		}
	}
}

func (t *Type) writeObject(b *strings.Builder, depth int) {
	if len(t.Fields) == 0 {
		if !t.Open {
			b.WriteString("{}")
			return
		}
		b.WriteString("dict")
		if !t.Elem.IsAny() {
			b.WriteByte('[')
			t.Elem.write(b, depth+1)
			b.WriteByte(']')
		}
		return
	}
	b.WriteByte('{')
	for i, f := range t.Fields {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == shownFields {
			b.WriteString("…}")
			return
		}
		b.WriteString(f.Name)
		if f.Optional {
			b.WriteByte('?')
		}
		b.WriteString(": ")
		f.Type.write(b, depth+1)
	}
	if t.Open {
		b.WriteString(", …")
	}
	b.WriteByte('}')
}

// literalText is a scalar as an expression writes it, in the language's own
// spelling of constants.
func literalText(v value.Value) string {
	switch v.Kind() {
	case value.KindNull:
		return "null"
	case value.KindBool:
		b, _ := v.AsBool()
		return strconv.FormatBool(b)
	case value.KindString:
		s, _ := v.AsString()
		return value.Repr(value.String(abbreviate(s)))
	}
	return abbreviate(value.Repr(v))
}

// signatureType reads the types in the tables of functions: names of types,
// with [elem], joined by " | ".
func signatureType(s string) *Type {
	var out []*Type
	for _, part := range strings.Split(s, " | ") {
		name, elem, ok := strings.Cut(part, "[")
		e := Any
		if ok {
			e = signatureType(strings.TrimSuffix(elem, "]"))
		}
		switch name {
		case "any", "function":
			return Any
		case "null":
			out = append(out, Null)
		case "bool":
			out = append(out, Bool)
		case "int":
			out = append(out, Int)
		case "float":
			out = append(out, Float)
		case "decimal":
			out = append(out, Decimal)
		case "number":
			out = append(out, Int, Float, Decimal)
		case "str":
			out = append(out, Str)
		case "datetime":
			out = append(out, Datetime)
		case "range":
			out = append(out, Range)
		case "list":
			out = append(out, ListOf(e))
		case "set":
			out = append(out, SetOf(e))
		case "tuple":
			out = append(out, &Type{Kind: TypeTuple, Elem: Any})
		case "dict":
			out = append(out, AnyDict)
		default:
			panic("expr: a signature has the unknown type " + name)
		}
	}
	return Union(out...)
}
