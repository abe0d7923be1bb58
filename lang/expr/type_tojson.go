package expr

import (
	"slices"

	"hexdag.dev/hexdag/lang/value"
)

// ToJSONSchema is the type as a JSON Schema (2020-12). Types that JSON does not
// have are described as their JSON form: a Decimal is a string of a number, a
// datetime a string with a format.
func (t *Type) ToJSONSchema() value.Value {
	o := value.NewObject(4)
	t.jsonSchema(o)
	return o.Value()
}

// ToJSONSchema is t.ToJSONSchema(); of nil it is the schema of anything.
func ToJSONSchema(t *Type) value.Value { return orAny(t).ToJSONSchema() }

func (t *Type) jsonSchema(o *value.Object) {
	set := func(k, s string) { o.Set(k, value.String(s)) }
	switch t.kind() {
	case TypeAny, TypeSecret:
	case TypeNever:
		o.Set("not", value.NewObject(0).Value())
	case TypeNull:
		set("type", "null")
	case TypeBool:
		set("type", "boolean")
	case TypeInt:
		set("type", "integer")
	case TypeFloat:
		set("type", "number")
	case TypeDecimal:
		set("type", "string")
		set("pattern", `^-?[0-9]+(\.[0-9]+)?$`)
	case TypeStr:
		set("type", "string")
	case TypeDatetime:
		set("type", "string")
		set("format", "date-time")
	case TypeList, TypeSet, TypeTuple, TypeRange:
		set("type", "array")
		switch {
		case t.Kind == TypeRange:
			o.Set("items", Int.ToJSONSchema())
		case t.Items != nil:
			items := make([]value.Value, len(t.Items))
			for i, it := range t.Items {
				items[i] = it.ToJSONSchema()
			}
			o.Set("prefixItems", value.List(items))
			o.Set("minItems", value.Int(int64(len(items))))
			o.Set("maxItems", value.Int(int64(len(items))))
		case !t.Elem.IsAny():
			o.Set("items", t.Elem.ToJSONSchema())
		}
		if t.Kind == TypeSet {
			o.Set("uniqueItems", value.True)
		}
	case TypeObject:
		t.objectSchema(o)
	case TypeUnion:
		t.unionSchema(o)
	case TypeEnum:
		o.Set("enum", value.List(slices.Clone(t.Enum)))
	}
	if t == nil {
		return
	}
	if t.Rules != nil {
		t.Rules.jsonSchema(t.Kind, o)
	}
	if t.Doc != "" {
		set("description", t.Doc)
	}
}

func (t *Type) objectSchema(o *value.Object) {
	o.Set("type", value.String("object"))
	if len(t.Fields) > 0 || !t.Open {
		props := value.NewObject(len(t.Fields))
		var required []value.Value
		for _, f := range t.Fields {
			p := value.NewObject(4)
			f.Type.jsonSchema(p)
			if f.Doc != "" {
				p.Set("description", value.String(f.Doc))
			}
			if f.Optional && !f.Default.IsMissing() {
				p.Set("default", f.Default)
			}
			props.Set(f.Name, p.Value())
			if !f.Optional {
				required = append(required, value.String(f.Name))
			}
		}
		o.Set("properties", props.Value())
		o.Set("required", value.List(required))
	}
	switch {
	case !t.Open:
		o.Set("additionalProperties", value.False)
	case !t.Elem.IsAny():
		o.Set("additionalProperties", t.Elem.ToJSONSchema())
	case len(t.Fields) > 0:
		o.Set("additionalProperties", value.True)
	}
}

// unionSchema writes `type: [string, null]` for a nullable simple type, else
// anyOf.
func (t *Type) unionSchema(o *value.Object) {
	if len(t.Items) == 2 && t.Items[1].Kind == TypeNull {
		switch t.Items[0].Kind {
		case TypeBool, TypeInt, TypeFloat, TypeDecimal, TypeStr, TypeDatetime, TypeList, TypeObject:
			t.Items[0].jsonSchema(o)
			typ, _ := o.Get("type")
			o.Set("type", value.List([]value.Value{typ, value.String("null")}))
			return
		}
	}
	items := make([]value.Value, len(t.Items))
	for i, it := range t.Items {
		items[i] = it.ToJSONSchema()
	}
	o.Set("anyOf", value.List(items))
}

func (r *Rules) jsonSchema(kind TypeKind, o *value.Object) {
	bound := func(name, exclusive string, v value.Value, strict bool) {
		switch {
		case v.IsNull():
		case strict:
			o.Set(exclusive, v)
		default:
			o.Set(name, v)
		}
	}
	bound("minimum", "exclusiveMinimum", r.Min, r.ExclusiveMin)
	bound("maximum", "exclusiveMaximum", r.Max, r.ExclusiveMax)
	if !r.MultipleOf.IsNull() {
		o.Set("multipleOf", r.MultipleOf)
	}
	lo, hi := "minLength", "maxLength"
	switch kind {
	case TypeList, TypeSet, TypeTuple:
		lo, hi = "minItems", "maxItems"
	case TypeObject:
		lo, hi = "minProperties", "maxProperties"
	}
	if r.MinLength > 0 {
		o.Set(lo, value.Int(int64(r.MinLength)))
	}
	if r.MaxLength > 0 {
		o.Set(hi, value.Int(int64(r.MaxLength)))
	}
	if r.Pattern != "" {
		o.Set("pattern", value.String(r.Pattern))
	}
	if r.Unique {
		o.Set("uniqueItems", value.True)
	}
	if r.Format != "" {
		o.Set("format", value.String(r.Format))
	}
}
