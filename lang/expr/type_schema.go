package expr

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/value"
)

// SchemaError is why a schema describes no type.
type SchemaError struct {
	Path []string // the keys that lead to the fault
	Msg  string
	Help string // may be empty
}

// Error is the message with the path in front and the help behind.
func (e *SchemaError) Error() string {
	s := e.Msg
	if len(e.Path) > 0 {
		s = strings.Join(e.Path, ".") + ": " + s
	}
	if e.Help != "" {
		s += "; " + e.Help
	}
	return s
}

// TypeFromSchema reads an `input_schema` or `output_schema`: the name of a type;
// a flat mapping from fields to types (`{name: str, tags: "list[str]", note:
// str?}`), whose values may be mappings themselves; or a JSON Schema. custom are
// the manifest's own types. Both kinds of schema describe closed objects, unless
// a JSON Schema says `additionalProperties`. A recursive $ref is any where it
// recurs. The error is a *SchemaError.
func TypeFromSchema(v value.Value, custom map[string]*Type) (*Type, error) {
	r := schemaReader{custom: custom, root: v}
	t, err := r.schema(v, nil)
	if err != nil {
		return nil, err
	}
	return t, nil
}

type schemaReader struct {
	custom map[string]*Type
	root   value.Value
	refs   []string // $refs that are being read
	steps  int
}

func schemaErrorf(path []string, help, format string, args ...any) *SchemaError {
	return &SchemaError{Path: slices.Clone(path), Msg: fmt.Sprintf(format, args...), Help: help}
}

func below(path []string, name string) []string {
	return append(slices.Clone(path), name)
}

const maxSchemaParts = 50_000

func (r *schemaReader) schema(v value.Value, path []string) (*Type, *SchemaError) {
	if r.steps++; r.steps > maxSchemaParts || len(path) > MaxDepth/4 {
		return nil, schemaErrorf(path, "", "the schema is too big")
	}
	if s, ok := v.AsString(); ok {
		return r.named(s, path)
	}
	o, ok := v.Object()
	if !ok {
		if items := v.Items(); v.Kind() == value.KindList && len(items) == 1 {
			elem, err := r.schema(items[0], path) // [str]: a list of texts
			if err != nil {
				return nil, err
			}
			return ListOf(elem), nil
		}
		if v.IsNull() {
			return nil, schemaErrorf(path, "write the name of a type, such as str", "the type is missing")
		}
		return nil, schemaErrorf(path, "write the name of a type, such as str, or a mapping", "%s describes no type", describeValue(v))
	}
	if isJSONSchema(o) {
		return r.json(o, path)
	}
	if t, err, ok := r.fieldSpec(o, path); ok {
		return t, err
	}
	return r.flat(o, path)
}

func jsonTypeName(s string) bool {
	switch s {
	case "object", "array", "string", "integer", "number", "boolean", "null":
		return true
	}
	return false
}

// isJSONSchema tells a JSON Schema from a flat mapping, whose fields may be
// called `type` or `properties` too.
func isJSONSchema(o *value.Object) bool {
	if t, ok := o.Get("type"); ok {
		if s, ok := t.AsString(); ok {
			return jsonTypeName(s)
		}
		if t.Kind() == value.KindList && len(t.Items()) > 0 {
			for _, it := range t.Items() {
				if s, ok := it.AsString(); !ok || !jsonTypeName(s) {
					return false
				}
			}
			return true
		}
	}
	if p, ok := o.Get("properties"); ok && p.Kind() == value.KindObject {
		return true
	}
	for _, k := range []string{"anyOf", "oneOf", "allOf", "enum"} {
		if l, ok := o.Get(k); ok && l.Kind() == value.KindList {
			return true
		}
	}
	for _, k := range []string{"$ref", "$schema"} {
		if s, ok := o.Get(k); ok && s.Kind() == value.KindString {
			return true
		}
	}
	return false
}

// typeNames are the names that flat schemas know.
var typeNames = []string{
	"str", "int", "float", "bool", "list", "dict", "Any", "any", "decimal", "datetime",
	"currency", "flexible_bool", "score", "upper_str", "lower_str", "nullable_str", "trimmed_str",
}

// named reads the name of a type: `str`, `int?`, `list[str]`, `str | int`.
func (r *schemaReader) named(s string, path []string) (*Type, *SchemaError) {
	s = strings.TrimSpace(s)
	if parts := splitUnion(s); len(parts) > 1 {
		var types []*Type
		for _, p := range parts {
			t, err := r.named(p, path)
			if err != nil {
				return nil, err
			}
			types = append(types, t)
		}
		return Union(types...), nil
	}
	if base, ok := strings.CutSuffix(s, "?"); ok {
		t, err := r.named(base, path)
		if err != nil {
			return nil, err
		}
		return Nullable(t), nil
	}
	if name, rest, ok := strings.Cut(s, "["); ok && strings.HasSuffix(rest, "]") {
		inner := splitTop(rest[:len(rest)-1], ',')
		elem, err := r.named(inner[len(inner)-1], path)
		if err != nil {
			return nil, err
		}
		switch strings.TrimSpace(name) {
		case "list", "List":
			if len(inner) == 1 {
				return ListOf(elem), nil
			}
		case "set":
			if len(inner) == 1 {
				return SetOf(elem), nil
			}
		case "dict", "Dict":
			if len(inner) <= 2 {
				return DictOf(elem), nil
			}
		case "Optional":
			if len(inner) == 1 {
				return Nullable(elem), nil
			}
		}
		return nil, schemaErrorf(path, "write list[str] or dict[str, int]", "`%s` is no type", s)
	}
	if t, ok := r.custom[s]; ok && t != nil {
		return t, nil
	}
	switch s {
	case "str", "string":
		return Str, nil
	case "int", "integer":
		return Int, nil
	case "float", "number":
		return Float, nil
	case "bool", "boolean":
		return Bool, nil
	case "list", "array":
		return AnyList, nil
	case "dict", "object":
		return AnyDict, nil
	case "Any", "any":
		return Any, nil
	case "decimal", "Decimal":
		return Decimal, nil
	case "datetime":
		return Datetime, nil
	case "null", "None", "none":
		return Null, nil
	}
	if t := cleaningType(s); t != nil {
		return t, nil
	}
	if s == "" {
		return nil, schemaErrorf(path, "write the name of a type, such as str", "the type is missing")
	}
	known := append(slices.Clone(typeNames), slices.Sorted(maps.Keys(r.custom))...)
	help := suggest.Help(s, known)
	if help == "" {
		help = "the types are " + strings.Join(typeNames, ", ") + " and those under `custom_types`"
	}
	return nil, schemaErrorf(path, help, "there is no type `%s`", s)
}

// splitTop cuts at a separator outside of brackets.
func splitTop(s string, sep byte) []string {
	var out []string
	depth, start := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case ']':
			depth--
		case sep:
			if depth == 0 {
				out = append(out, s[start:i])
				start = i + 1
			}
		}
	}
	return append(out, s[start:])
}

func splitUnion(s string) []string { return splitTop(s, '|') }

// fieldSpec reads `{type: str, description: …, default: …}`, the long form of a
// field in a flat schema.
func (r *schemaReader) fieldSpec(o *value.Object, path []string) (*Type, *SchemaError, bool) {
	typ, ok := o.Get("type")
	if !ok || o.Len() < 2 {
		return nil, nil, false
	}
	for i := range o.Len() {
		k, _ := o.At(i)
		switch value.Str(k) {
		case "type", "description", "default", "required", "nullable", "optional":
		default:
			return nil, nil, false
		}
	}
	if d, ok := o.Get("description"); ok {
		// {type: str, description: str} are two fields
		if s, isText := d.AsString(); isText && o.Len() == 2 {
			if _, err := r.named(s, path); err == nil {
				return nil, nil, false
			}
		}
	}
	t, err := r.schema(typ, path)
	if err != nil {
		return nil, err, true
	}
	if n, ok := o.Get("nullable"); ok && value.Truthy(n) {
		t = Nullable(t)
	}
	if d, ok := o.Get("description"); ok && !t.IsAny() {
		c := *t
		c.Doc = value.Str(d)
		t = &c
	}
	return t, nil, true
}

// flat reads a mapping from fields to types.
func (r *schemaReader) flat(o *value.Object, path []string) (*Type, *SchemaError) {
	t := &Type{Kind: TypeObject}
	for i := range o.Len() {
		k, v := o.At(i)
		name, ok := k.AsString()
		if !ok {
			return nil, schemaErrorf(path, "put quotes around it", "the field name %s is no text", value.Repr(k))
		}
		at := below(path, name)
		f := Field{Name: name, Default: value.Missing}
		var err *SchemaError
		if f.Type, err = r.schema(v, at); err != nil {
			return nil, err
		}
		f.Doc = f.Type.Doc
		if spec, ok := v.Object(); ok && !isJSONSchema(spec) {
			if _, long := spec.Get("type"); long {
				if d, ok := spec.Get("default"); ok {
					if bad := f.Type.Check(d); len(bad) > 0 {
						return nil, schemaErrorf(below(at, "default"), "", "the default is not of the field's type: %s", bad[0])
					}
					f.Default, f.Optional = d, true
				}
				if q, ok := spec.Get("required"); ok && !value.Truthy(q) {
					f.Optional = true
				}
				if q, ok := spec.Get("optional"); ok && value.Truthy(q) {
					f.Optional = true
				}
			}
		}
		if f.Type.nullable() { // `str?`: null where the field is absent
			f.Optional = true
			if f.Default.IsMissing() {
				f.Default = value.Null
			}
		}
		t.Fields = append(t.Fields, f)
	}
	return t, nil
}

// CustomType reads an entry of `spec.custom_types`. The error is a
// *SchemaError.
func CustomType(name string, spec value.Value) (*Type, error) {
	o, ok := spec.Object()
	if !ok {
		return nil, schemaErrorf(nil, "write {base: str, …}", "a custom type is a mapping, not %s", describeValue(spec))
	}
	c := &Cleaning{Trim: true, Default: value.Missing}
	t := &Type{Name: name, Rules: &Rules{Clean: c}}
	get := func(key string) (value.Value, bool) { return o.Get(key) }
	base, ok := get("base")
	if !ok {
		base = value.Null
	}
	switch s := value.Str(base); s {
	case "str":
		t.Kind = TypeStr
	case "int":
		t.Kind = TypeInt
	case "float":
		t.Kind = TypeFloat
	case "bool":
		t.Kind = TypeBool
	case "Decimal", "decimal":
		t.Kind = TypeDecimal
	default:
		if base.IsNull() {
			return nil, schemaErrorf(nil, "add `base: str`", "the custom type has no base")
		}
		return nil, schemaErrorf([]string{"base"}, "the bases are str, int, float, bool and decimal", "`%s` is no base of a custom type", s)
	}
	for i := range o.Len() {
		k, v := o.At(i)
		key := value.Str(k)
		if err := c.set(t, key, v); err != nil {
			return nil, err
		}
	}
	if !c.Default.IsMissing() && !c.Default.IsNull() {
		if !kindFits(&Type{Kind: t.Kind}, c.Default) {
			return nil, schemaErrorf([]string{"default"}, "", "the default is not of the base type")
		}
	}
	if len(c.Nulls) > 0 && c.Default.IsMissing() || c.Default.IsNull() {
		return &Type{Kind: TypeUnion, Items: []*Type{t, Null}, Name: name, Doc: t.Doc}, nil
	}
	return t, nil
}

// set reads one key of a custom type.
func (c *Cleaning) set(t *Type, key string, v value.Value) *SchemaError {
	path := []string{key}
	wrong := func(want string) *SchemaError {
		return schemaErrorf(path, "", "`%s` is %s, not %s", key, want, describeValue(v))
	}
	texts := func(dst *[]string) *SchemaError {
		items := v.Items()
		if v.Kind() != value.KindList {
			items = []value.Value{v}
		}
		for _, it := range items {
			switch it.Kind() {
			case value.KindString, value.KindInt, value.KindFloat, value.KindBool:
				*dst = append(*dst, value.Str(it))
			default:
				return wrong("a list of texts")
			}
		}
		return nil
	}
	flag := func(dst *bool) *SchemaError {
		b, ok := v.AsBool()
		if !ok {
			return wrong("true or false")
		}
		*dst = b
		return nil
	}
	switch key {
	case "base":
	case "description":
		t.Doc = value.Str(v)
	case "pattern":
		if err := texts(&c.Extract); err != nil {
			return err
		}
		for _, p := range c.Extract {
			if _, err := regexp.Compile(p); err != nil {
				return schemaErrorf(path, "look-ahead and look-behind do not exist here", "the pattern cannot be read: %v", err)
			}
		}
	case "nulls":
		if s, ok := v.AsString(); ok && s == "common" {
			c.Nulls = commonNulls
			return nil
		}
		return texts(&c.Nulls)
	case "strip":
		if b, ok := v.AsBool(); ok {
			if b {
				c.Trim = true // the model's type of the field; it can only mean white space
			}
			return nil
		}
		s, ok := v.AsString()
		if !ok {
			return wrong("a text of characters")
		}
		c.Strip = s
	case "trim":
		return flag(&c.Trim)
	case "upper":
		return flag(&c.Upper)
	case "lower":
		return flag(&c.Lower)
	case "max_length":
		n, ok := v.AsInt()
		if !ok || n <= 0 || n > 1<<30 {
			return wrong("a positive int")
		}
		c.MaxLength = int(n)
	case "default":
		c.Default = v
	case "clamp":
		items := v.Items()
		if len(items) != 2 || !kindFits(Float, items[0]) && !items[0].IsNull() || !kindFits(Float, items[1]) && !items[1].IsNull() {
			return wrong("a list of the smallest and the largest number")
		}
		c.Clamp, c.ClampMin, c.ClampMax = true, items[0], items[1]
		if less, err := value.Less(items[1], items[0]); err == nil && less {
			return schemaErrorf(path, "write the smaller number first", "the smallest number is larger than the largest")
		}
	case "true_values":
		return texts(&c.TrueValues)
	case "false_values":
		return texts(&c.FalseValues)
	default:
		known := []string{"base", "pattern", "nulls", "strip", "trim", "upper", "lower", "max_length", "default", "clamp", "true_values", "false_values", "description"}
		return schemaErrorf(path, suggest.Help(key, known), "a custom type has no key `%s`", key)
	}
	return nil
}
