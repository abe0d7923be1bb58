package mock

import (
	"strings"

	"hexdag.dev/hexdag/lang/value"
)

// sample is the smallest value that fits a JSON Schema, as far as types, enums,
// constants, required fields and lower bounds say; null for what it cannot
// fulfil.
func sample(schema, root value.Value, depth int) value.Value {
	obj, ok := schema.Object()
	if !ok || depth > 32 {
		return value.Null
	}
	get := func(key string) value.Value { v, _ := obj.Get(key); return v }
	if ref, ok := get("$ref").AsString(); ok {
		return sample(resolve(ref, root), root, depth+1)
	}
	if c, ok := obj.Get("const"); ok {
		return c
	}
	if d, ok := obj.Get("default"); ok {
		return d
	}
	if enum := get("enum").Items(); len(enum) > 0 {
		return enum[0]
	}
	for _, key := range []string{"anyOf", "oneOf", "allOf"} {
		if options := get(key).Items(); len(options) > 0 {
			return sample(options[0], root, depth+1)
		}
	}
	name, _ := get("type").AsString()
	if types := get("type").Items(); len(types) > 0 {
		name, _ = types[0].AsString()
	}
	switch name {
	case "string":
		return value.String(sampleText(get("minLength")))
	case "integer":
		return value.Int(least(get("minimum"), get("exclusiveMinimum")))
	case "number":
		return value.Float(float64(least(get("minimum"), get("exclusiveMinimum"))))
	case "boolean":
		return value.True
	case "null":
		return value.Null
	case "array":
		n, _ := get("minItems").AsInt()
		items := []value.Value{}
		for range min(max(n, 0), 100) {
			items = append(items, sample(get("items"), root, depth+1))
		}
		return value.List(items)
	case "object":
		out := value.NewObject(4)
		if fields, ok := get("properties").Object(); ok {
			for i := range fields.Len() {
				key, field := fields.At(i)
				k, _ := key.AsString()
				out.Set(k, sample(field, root, depth+1))
			}
		}
		return out.Value()
	}
	if _, ok := get("properties").Object(); ok {
		withType := value.NewObject(obj.Len() + 1)
		withType.Set("type", value.String("object"))
		withType.Set("properties", get("properties"))
		return sample(withType.Value(), root, depth+1)
	}
	return value.String("mock")
}

func sampleText(minLength value.Value) string {
	n, _ := minLength.AsInt()
	text := "mock"
	if n > int64(len(text)) {
		text += strings.Repeat("-", int(min(n, 4096))-len(text))
	}
	return text
}

// least is the smallest integer in a range.
func least(minimum, exclusive value.Value) int64 {
	up := func(v value.Value, ok bool) int64 {
		if i, isInt := v.AsInt(); isInt {
			return i
		}
		if f, isFloat := v.AsFloat(); isFloat && ok {
			i := int64(f)
			if float64(i) < f {
				i++
			}
			return i
		}
		return 0
	}
	if exclusive.Kind() == value.KindInt || exclusive.Kind() == value.KindFloat {
		return up(exclusive, true) + 1
	}
	return up(minimum, true)
}

// resolve finds what "#/$defs/NAME" means.
func resolve(ref string, root value.Value) value.Value {
	rest, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return value.Null
	}
	at := root
	for _, part := range strings.Split(rest, "/") {
		obj, ok := at.Object()
		if !ok {
			return value.Null
		}
		at, _ = obj.Get(strings.NewReplacer("~1", "/", "~0", "~").Replace(part))
	}
	return at
}
