package expr

import (
	"regexp"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/value"
)

// jsonKeywords are the keywords of JSON Schema that schemas may use; the second
// group only describes.
var jsonKeywords = []string{
	"type", "properties", "required", "additionalProperties", "items", "prefixItems", "enum", "const",
	"anyOf", "oneOf", "allOf", "not", "$ref", "$defs", "definitions", "nullable",
	"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "format",
	"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",

	"title", "description", "default", "example", "examples", "$schema", "$id", "$comment", "deprecated", "readOnly", "writeOnly", "propertyOrdering", "strict",
}

// sub reads a schema inside of a JSON Schema, where every mapping is one.
func (r *schemaReader) sub(v value.Value, path []string) (*Type, *SchemaError) {
	o, ok := v.Object()
	if b, isBool := v.AsBool(); isBool && b {
		return Any, nil
	} else if isBool {
		return Never, nil
	}
	if !ok {
		return r.schema(v, path)
	}
	if r.steps++; r.steps > maxSchemaParts || len(path) > MaxDepth/4 {
		return nil, schemaErrorf(path, "", "the schema is too big")
	}
	return r.json(o, path)
}

func (r *schemaReader) json(o *value.Object, path []string) (*Type, *SchemaError) {
	for i := range o.Len() {
		k, _ := o.At(i)
		name := value.Str(k)
		if !slices.Contains(jsonKeywords, name) && !strings.HasPrefix(name, "x-") {
			help := suggest.Help(name, jsonKeywords)
			if help == "" {
				help = "remove it; it would not be checked"
			}
			return nil, schemaErrorf(below(path, name), help, "the JSON Schema keyword `%s` is not supported", name)
		}
	}
	t, err := r.jsonBase(o, path)
	if err != nil {
		return nil, err
	}
	if n, ok := o.Get("nullable"); ok && value.Truthy(n) {
		t = Nullable(t)
	}
	if d, ok := o.Get("description"); ok && !t.IsAny() {
		c := *t
		c.Doc = value.Str(d)
		t = &c
	}
	return t, nil
}

func (r *schemaReader) jsonBase(o *value.Object, path []string) (*Type, *SchemaError) {
	if not, ok := o.Get("not"); ok {
		if no, isObject := not.Object(); !isObject || no.Len() > 0 {
			return nil, schemaErrorf(below(path, "not"), "remove it; it would not be checked", "the JSON Schema keyword `not` is supported only as `not: {}`, which allows nothing")
		}
		return Never, nil
	}
	if ref, ok := o.Get("$ref"); ok {
		return r.ref(ref, below(path, "$ref"))
	}
	if v, ok := o.Get("const"); ok {
		return r.enum([]value.Value{v}, below(path, "const"))
	}
	if v, ok := o.Get("enum"); ok {
		if v.Kind() != value.KindList || len(v.Items()) == 0 {
			return nil, schemaErrorf(below(path, "enum"), "", "`enum` is a list of values")
		}
		return r.enum(v.Items(), below(path, "enum"))
	}
	for _, k := range []string{"anyOf", "oneOf"} {
		if v, ok := o.Get(k); ok {
			var types []*Type
			for _, it := range v.Items() {
				t, err := r.sub(it, below(path, k))
				if err != nil {
					return nil, err
				}
				types = append(types, t)
			}
			if len(types) == 0 {
				return nil, schemaErrorf(below(path, k), "", "`%s` is a list of schemas", k)
			}
			return Union(types...), nil
		}
	}
	if v, ok := o.Get("allOf"); ok {
		return r.allOf(o, v, path)
	}
	typ, _ := o.Get("type")
	if typ.Kind() == value.KindList {
		var types []*Type
		for _, it := range typ.Items() {
			t, err := r.jsonType(value.Str(it), o, path)
			if err != nil {
				return nil, err
			}
			types = append(types, t)
		}
		return Union(types...), nil
	}
	name, _ := typ.AsString()
	if name == "" {
		name = "object"
		if _, ok := o.Get("properties"); !ok {
			return Any, nil // {description: …} and the like
		}
	}
	return r.jsonType(name, o, path)
}

func (r *schemaReader) enum(items []value.Value, path []string) (*Type, *SchemaError) {
	for _, v := range items {
		switch v.Kind() {
		case value.KindNull, value.KindBool, value.KindInt, value.KindFloat, value.KindString:
		default:
			return nil, schemaErrorf(path, "", "the values of an enum are texts, numbers, booleans and null, not %s", describeValue(v))
		}
	}
	var out []value.Value
	for _, v := range items {
		if !hasValue(out, v) {
			out = append(out, v)
		}
	}
	return EnumOf(out...), nil
}

// ref follows a reference into the schema itself.
func (r *schemaReader) ref(v value.Value, path []string) (*Type, *SchemaError) {
	s, _ := v.AsString()
	rest, ok := strings.CutPrefix(s, "#/")
	if !ok {
		return nil, schemaErrorf(path, "write #/$defs/NAME", "only references into the same schema are followed")
	}
	if slices.Contains(r.refs, s) {
		return Any, nil
	}
	target := r.root
	for _, part := range strings.Split(rest, "/") {
		part = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		o, ok := target.Object()
		if ok {
			target, ok = o.Get(part)
		}
		if !ok {
			return nil, schemaErrorf(path, "", "the schema has no `%s`", s)
		}
	}
	r.refs = append(r.refs, s)
	t, err := r.sub(target, path)
	r.refs = r.refs[:len(r.refs)-1]
	return t, err
}

// allOf merges object schemas; other combinations are not supported.
func (r *schemaReader) allOf(o *value.Object, v value.Value, path []string) (*Type, *SchemaError) {
	merged := &Type{Kind: TypeObject}
	add := func(t *Type, at []string) *SchemaError {
		if t.Kind != TypeObject {
			return schemaErrorf(at, "", "`allOf` combines objects only")
		}
		for _, f := range t.Fields {
			i := slices.IndexFunc(merged.Fields, func(g Field) bool { return g.Name == f.Name })
			if i < 0 {
				merged.Fields = append(merged.Fields, f)
			} else if !sameType(orAny(merged.Fields[i].Type), orAny(f.Type)) {
				return schemaErrorf(at, "", "`allOf` gives the field `%s` two types", f.Name)
			} else {
				merged.Fields[i].Optional = merged.Fields[i].Optional && f.Optional
			}
		}
		if t.Open {
			merged.Open, merged.Elem = true, t.Elem
		}
		return nil
	}
	for _, it := range v.Items() {
		t, err := r.sub(it, below(path, "allOf"))
		if err == nil {
			err = add(t, below(path, "allOf"))
		}
		if err != nil {
			return nil, err
		}
	}
	if _, ok := o.Get("properties"); ok {
		t, err := r.jsonType("object", o, path)
		if err == nil {
			err = add(t, path)
		}
		if err != nil {
			return nil, err
		}
	}
	return merged, nil
}

func (r *schemaReader) jsonType(name string, o *value.Object, path []string) (*Type, *SchemaError) {
	t := &Type{}
	switch name {
	case "null":
		return Null, nil
	case "string":
		t.Kind = TypeStr
	case "integer":
		t.Kind = TypeInt
	case "number":
		t.Kind = TypeFloat
	case "boolean":
		return Bool, nil
	case "array":
		t.Kind, t.Elem = TypeList, Any
		if v, ok := o.Get("items"); ok {
			if b, isBool := v.AsBool(); !isBool {
				elem, err := r.sub(v, below(path, "items"))
				if err != nil {
					return nil, err
				}
				t.Elem = elem
			} else if !b {
				t.Elem = Never
			}
		}
		if v, ok := o.Get("prefixItems"); ok {
			// a list whose first items have types of their own
			elem := t.Elem
			for _, it := range v.Items() {
				x, err := r.sub(it, below(path, "prefixItems"))
				if err != nil {
					return nil, err
				}
				elem = Union(elem, x)
			}
			t.Elem = elem
		}
	case "object":
		if err := r.jsonObject(t, o, path); err != nil {
			return nil, err
		}
	default:
		return nil, schemaErrorf(below(path, "type"), suggest.Help(name, []string{"object", "array", "string", "integer", "number", "boolean", "null"}), "`%s` is no type of JSON Schema", name)
	}
	rules, err := jsonRules(name, o, path)
	if err != nil {
		return nil, err
	}
	t.Rules = rules
	if rules == nil && name != "object" && name != "array" {
		return map[TypeKind]*Type{TypeStr: Str, TypeInt: Int, TypeFloat: Float}[t.Kind], nil
	}
	return t, nil
}

func (r *schemaReader) jsonObject(t *Type, o *value.Object, path []string) *SchemaError {
	t.Kind = TypeObject
	props, declared := o.Get("properties")
	po, ok := props.Object()
	if declared && !ok {
		return schemaErrorf(below(path, "properties"), "", "`properties` is a mapping from fields to schemas")
	}
	var required []string
	if v, ok := o.Get("required"); ok {
		if v.Kind() != value.KindList {
			return schemaErrorf(below(path, "required"), "write required: [a, b]", "`required` is a list of field names")
		}
		for _, it := range v.Items() {
			required = append(required, value.Str(it))
		}
	}
	if declared {
		for i := range po.Len() {
			k, v := po.At(i)
			name := value.Str(k)
			at := below(below(path, "properties"), name)
			typ, err := r.sub(v, at)
			if err != nil {
				return err
			}
			f := Field{Name: name, Type: typ, Doc: typ.Doc, Default: value.Missing, Optional: !slices.Contains(required, name)}
			if so, ok := v.Object(); ok {
				if d, ok := so.Get("default"); ok {
					if bad := typ.Check(d); len(bad) > 0 {
						return schemaErrorf(below(at, "default"), "", "the default is not of the field's type: %s", bad[0])
					}
					f.Default = d
				}
			}
			t.Fields = append(t.Fields, f)
		}
		for _, name := range required {
			if _, ok := po.Get(name); !ok {
				if extra, ok := o.Get("additionalProperties"); !ok || !value.Truthy(extra) {
					return schemaErrorf(below(path, "required"), suggest.Help(name, po.Keys()), "`required` lists `%s`, which `properties` does not have", name)
				}
				t.Fields = append(t.Fields, Field{Name: name, Type: Any, Default: value.Missing})
			}
		}
	}
	extra, ok := o.Get("additionalProperties")
	switch b, isBool := extra.AsBool(); {
	case !ok && !declared:
		t.Open, t.Elem = true, Any
	case !ok, isBool && !b:
	case isBool:
		t.Open, t.Elem = true, Any
	default:
		elem, err := r.sub(extra, below(path, "additionalProperties"))
		if err != nil {
			return err
		}
		t.Open, t.Elem = true, elem
	}
	return nil
}

// jsonRules reads the keywords that restrict a type; nil if there are none.
func jsonRules(name string, o *value.Object, path []string) (*Rules, *SchemaError) {
	r := &Rules{}
	some := false
	var fault *SchemaError
	number := func(key string, dst *value.Value) {
		v, ok := o.Get(key)
		if !ok || fault != nil {
			return
		}
		switch v.Kind() {
		case value.KindInt, value.KindFloat:
			*dst, some = v, true
		default:
			fault = schemaErrorf(below(path, key), "", "`%s` is a number, not %s", key, describeValue(v))
		}
	}
	length := func(key string, dst *int) {
		v, ok := o.Get(key)
		if !ok || fault != nil {
			return
		}
		n, isInt := v.AsInt()
		if !isInt || n < 0 || n > 1<<30 {
			fault = schemaErrorf(below(path, key), "", "`%s` is a number of items, not %s", key, value.Repr(v))
			return
		}
		*dst, some = int(n), some || n > 0
	}
	exclusive := func(key string, bound *value.Value, flag *bool) {
		v, ok := o.Get(key)
		if !ok || fault != nil {
			return
		}
		if b, isBool := v.AsBool(); isBool { // draft 4
			*flag = b
			return
		}
		*flag = true
		number(key, bound)
	}
	switch name {
	case "integer", "number":
		number("minimum", &r.Min)
		number("maximum", &r.Max)
		exclusive("exclusiveMinimum", &r.Min, &r.ExclusiveMin)
		exclusive("exclusiveMaximum", &r.Max, &r.ExclusiveMax)
		number("multipleOf", &r.MultipleOf)
		if fault == nil && !r.MultipleOf.IsNull() {
			if pos, err := value.Less(value.Int(0), r.MultipleOf); err != nil || !pos {
				fault = schemaErrorf(below(path, "multipleOf"), "", "`multipleOf` has to be more than 0")
			}
		}
	case "string":
		length("minLength", &r.MinLength)
		length("maxLength", &r.MaxLength)
		if v, ok := o.Get("pattern"); ok && fault == nil {
			p, isText := v.AsString()
			if _, err := regexp.Compile(p); err != nil || !isText {
				fault = schemaErrorf(below(path, "pattern"), "look-ahead and look-behind do not exist here", "the pattern cannot be read: %v", err)
			}
			r.Pattern, some = p, some || p != ""
		}
		if v, ok := o.Get("format"); ok {
			r.Format, some = value.Str(v), true
		}
	case "array":
		length("minItems", &r.MinLength)
		length("maxItems", &r.MaxLength)
		if v, ok := o.Get("uniqueItems"); ok && value.Truthy(v) {
			r.Unique, some = true, true
		}
	case "object":
		length("minProperties", &r.MinLength)
		length("maxProperties", &r.MaxLength)
	}
	if fault != nil || !some {
		return nil, fault
	}
	return r, nil
}
