package expr

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/value"
)

func jsonValue(t *testing.T, s string) value.Value {
	t.Helper()
	v, err := value.ParseJSON([]byte(s), value.JSONLimits{})
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

func schemaType(t *testing.T, s string) *Type {
	t.Helper()
	typ, err := TypeFromSchema(jsonValue(t, s), nil)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return typ
}

func TestSchemas(t *testing.T) {
	for schema, want := range map[string]string{
		`"str"`:            "str",
		`"int?"`:           "int | null",
		`"Any"`:            "any",
		`"Any?"`:           "any",
		`"list[str]"`:      "list[str]",
		`"dict[str, int]"`: "dict[int]",
		`"str | int"`:      "str | int",
		`["str"]`:          "list[str]",
		`{"a": "str", "b": "int?", "c": "list", "d": "dict", "e": "Any", "f": "float", "g": "bool"}`: "{a: str, b?: int | null, c: list, d: dict, e: any, f: float, g: bool}",
		`{"a": {"b": "str"}, "c": [{"d": "int"}]}`:                                                   "{a: {b: str}, c: list[{d: int}]}",
		`{"type": "str", "name": "str"}`:                                                             "{type: str, name: str}",
		`{"type": "str", "description": "str"}`:                                                      "{type: str, description: str}",
		`{"a": {"type": "str", "description": "a text"}, "b": {"type": "int", "default": 3}, "c": {"type": "str", "required": false}}`: "{a: str, b?: int, c?: str}",
		`{"properties": "dict", "required": "list"}`:                                                                         "{properties: dict, required: list}",
		`{"x": "currency", "y": "score", "z": "nullable_str", "b": "flexible_bool"}`:                                         "{x: currency, y: score, z?: nullable_str, b: flexible_bool}",
		`{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": ["integer", "null"]}}, "required": ["a"]}`: "{a: str, b?: int | null}",
		`{"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": true}`:                          "{a?: str, …}",
		`{"type": "object", "additionalProperties": {"type": "integer"}}`:                                                    "dict[int]",
		`{"type": "object"}`:                                   "dict",
		`{"type": "array", "items": {"type": "number"}}`:       "list[float]",
		`{"enum": ["a", "b", null]}`:                           "'a' | 'b' | null",
		`{"const": 1, "enum": [1]}`:                            "1",
		`{"anyOf": [{"type": "string"}, {"type": "integer"}]}`: "str | int",
		`{"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}, {"type": "object", "properties": {"b": {"type": "integer"}}}]}`: "{a: str, b?: int}",
		`{"$ref": "#/$defs/n", "$defs": {"n": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}}}}}`:                                                  "{next?: any}",
		`{"type": "string", "nullable": true}`:                   "str | null",
		`{"type": "string", "format": "date-time", "x-note": 1}`: "str",
	} {
		if got := schemaType(t, schema).String(); got != want {
			t.Errorf("%s\n  is   %s\n  want %s", schema, got, want)
		}
	}
}

func TestSchemaFaults(t *testing.T) {
	for schema, want := range map[string]string{
		`"strng"`:                                "there is no type `strng`; did you mean \"str\"?",
		`{"a": "strng"}`:                         "a: there is no type `strng`",
		`{"a": {"b": 5}}`:                        "a.b: int describes no type",
		`{"a": null}`:                            "a: the type is missing",
		`{"a": []}`:                              "a: a list describes no type",
		`{"a": "list[strng]"}`:                   "a: there is no type `strng`",
		`{"a": "foo[str]"}`:                      "a: `foo[str]` is no type",
		`{"a": {"type": "int", "default": "x"}}`: "a.default: the default is not of the field's type",
		`{"type": "object", "properties": {"a": {"type": "strin"}}}`:                     "properties.a.type",
		`{"type": "object", "properties": {"a": {"type": "string", "minLenght": 1}}}`:    "minLenght",
		`{"type": "object", "required": ["b"], "properties": {"a": {"type": "string"}}}`: "`required` lists `b`",
		`{"type": "object", "required": "a", "properties": {}}`:                          "`required` is a list",
		`{"type": "string", "pattern": "(?=x)"}`:                                         "pattern",
		`{"type": "integer", "minimum": "x"}`:                                            "`minimum` is a number",
		`{"type": "array", "minItems": -1}`:                                              "minItems",
		`{"type": "integer", "multipleOf": 0}`:                                           "multipleOf",
		`{"$ref": "other.json"}`:                                                         "only references into the same schema",
		`{"$ref": "#/$defs/x"}`:                                                          "the schema has no",
		`{"type": "string", "not": {"const": 1}}`:                                        "not",
		`{"enum": [[1]]}`: "the values of an enum",
	} {
		_, err := TypeFromSchema(jsonValue(t, schema), nil)
		var se *SchemaError
		if !errors.As(err, &se) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", schema, err, want)
		}
	}
}

func TestCoerce(t *testing.T) {
	for _, c := range []struct{ schema, in, out, wrong string }{
		{`{"a": "int", "b": "float", "c": "bool", "d": "str"}`, `{"a": "42", "b": 3, "c": "yes", "d": "x", "e": 1}`, "{'a': 42, 'b': 3.0, 'c': True, 'd': 'x'}", ""},
		{`{"a": "int"}`, `{"a": 2.0}`, "{'a': 2}", ""},
		{`{"a": "int"}`, `{"a": 2.5}`, "{'a': 2.5}", "a: expected int, got float"},
		{`{"a": "int"}`, `{"a": "many"}`, "{'a': 'many'}", "a: expected int, got str"},
		{`{"a": "str"}`, `{"a": 5}`, "{'a': 5}", "a: expected str, got int"},
		{`{"a": "str"}`, `{}`, "{}", "a: expected str, got nothing"},
		{`{"a": "str?"}`, `{}`, "{'a': None}", ""},
		{`{"a": "str?"}`, `{"a": null}`, "{'a': None}", ""},
		{`{"a": "str"}`, `{"a": null}`, "{'a': None}", "a: expected str, got null"},
		{`{"a": "list[int]"}`, `{"a": ["1", 2, "x"]}`, "{'a': [1, 2, 'x']}", "a[2]: expected int, got str"},
		{`{"a": {"b": "int"}}`, `{"a": {"b": "7", "c": 1}}`, "{'a': {'b': 7}}", ""},
		{`{"a": {"b": "int"}}`, `{"a": [1]}`, "{'a': [1]}", "a: expected {b: int}, got a list"},
		{`{"x": "currency"}`, `{"x": " $1,234.50 "}`, "{'x': 1234.5}", ""},
		{`{"x": "currency"}`, `{"x": "lots"}`, "{'x': 'lots'}", "x: expected currency, got str"},
		{`{"x": "score"}`, `{"x": 1.7}`, "{'x': 1.0}", ""},
		{`{"x": "score"}`, `{"x": "-3"}`, "{'x': 0.0}", ""},
		{`{"x": "flexible_bool"}`, `{"x": "Off"}`, "{'x': False}", ""},
		{`{"x": "upper_str", "y": "lower_str", "z": "trimmed_str"}`, `{"x": " ab ", "y": "AB", "z": " q "}`, "{'x': 'AB', 'y': 'ab', 'z': 'q'}", ""},
		{`{"x": "nullable_str"}`, `{"x": " N/A "}`, "{'x': None}", ""},
		{`{"x": "nullable_str"}`, `{"x": " ok "}`, "{'x': 'ok'}", ""},
		{`{"x": "str | int"}`, `{"x": 5}`, "{'x': 5}", ""},
		{`{"x": "decimal"}`, `{"x": 0.1}`, "{'x': Decimal('0.1')}", ""},
		{`{"x": {"enum": ["a", 1]}}`, `{"x": "1"}`, "{'x': 1}", ""},
		{`{"x": {"enum": ["a", "b"]}}`, `{"x": "c"}`, "{'x': 'c'}", "x: expected one of 'a' | 'b', got 'c'"},
		{`{"type": "object", "properties": {"a": {"type": "string", "minLength": 2, "pattern": "^[a-z]+$"}}, "required": ["a"]}`, `{"a": "x"}`, "{'a': 'x'}", "a: expected at least 2 characters, got 1 character"},
		{`{"type": "object", "properties": {"a": {"type": "string", "pattern": "^[a-z]+$"}}, "required": ["a"]}`, `{"a": "X1"}`, "{'a': 'X1'}", "a: expected a text that matches /^[a-z]+$/, got another text"},
		{`{"type": "object", "properties": {"a": {"type": "integer", "minimum": 1, "exclusiveMaximum": 5}}, "required": ["a"]}`, `{"a": 5}`, "{'a': 5}", "a: expected less than 5, got 5"},
		{`{"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}, "uniqueItems": true, "maxItems": 3}}}`, `{"a": [1, 1]}`, "{'a': [1, 1]}", "a: expected distinct items, got an item that comes twice"},
		{`{"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "integer"}}`, `{"z": "1", "q": "x"}`, "{'z': 1, 'q': 'x'}", "q: expected int, got str"},
		{`{"type": "object", "properties": {"a": {"type": "integer", "default": 3}}}`, `{}`, "{'a': 3}", ""},
		{`"list[str]"`, `"x"`, "'x'", "expected list[str], got str"},
	} {
		out, wrong := schemaType(t, c.schema).Coerce(jsonValue(t, c.in))
		var lines []string
		for _, m := range wrong {
			lines = append(lines, m.String())
		}
		if got := value.Repr(out); got != c.out || strings.Join(lines, "; ") != c.wrong {
			t.Errorf("%s of %s\n  gives %s (%s)\n  want  %s (%s)", c.schema, c.in, got, strings.Join(lines, "; "), c.out, c.wrong)
		}
	}
}

func TestCustomTypes(t *testing.T) {
	for _, c := range []struct{ spec, in, out, wrong string }{
		{`{"base": "str", "upper": true, "max_length": 3}`, `" abcd "`, "'ABC'", ""},
		{`{"base": "float", "pattern": "([0-9.]+)\\s*kg"}`, `"about 2.5 kg"`, "2.5", ""},
		{`{"base": "int", "nulls": "common"}`, `"n/a"`, "None", ""},
		{`{"base": "int", "nulls": ["keine"], "default": 0}`, `"keine"`, "0", ""},
		{`{"base": "float", "clamp": [0, 100]}`, `"250"`, "100.0", ""},
		{`{"base": "float", "strip": "%"}`, `"45%"`, "45.0", ""},
		{`{"base": "bool", "true_values": ["ja"], "false_values": ["nein"]}`, `"Ja"`, "True", ""},
		{`{"base": "bool", "true_values": ["ja"]}`, `"vielleicht"`, "'vielleicht'", "expected x, got str"},
		{`{"base": "Decimal"}`, `"1.10"`, "Decimal('1.10')", ""},
		{`{"base": "str", "trim": false}`, `" a "`, "' a '", ""},
	} {
		typ, err := CustomType("x", jsonValue(t, c.spec))
		if err != nil {
			t.Fatalf("%s: %v", c.spec, err)
		}
		out, wrong := typ.Coerce(jsonValue(t, c.in))
		said := ""
		if len(wrong) > 0 {
			said = wrong[0].String()
		}
		if value.Repr(out) != c.out || said != c.wrong {
			t.Errorf("%s of %s gives %s (%s), want %s (%s)", c.spec, c.in, value.Repr(out), said, c.out, c.wrong)
		}
		if field, err := TypeFromSchema(jsonValue(t, `{"f": "x"}`), map[string]*Type{"x": typ}); err != nil || !strings.Contains(field.String(), "x") {
			t.Errorf("%s in a schema: %v, %v", c.spec, field, err)
		}
	}
	for spec, want := range map[string]string{
		`{}`:                               "the custom type has no base",
		`{"base": "list"}`:                 "no base of a custom type",
		`{"base": "str", "patern": "x"}`:   "did you mean \"pattern\"",
		`{"base": "str", "pattern": "("}`:  "cannot be read",
		`{"base": "int", "clamp": [5, 1]}`: "larger than the largest",
		`{"base": "int", "clamp": 5}`:      "a list of the smallest",
		`{"base": "str", "max_length": 0}`: "a positive int",
		`{"base": "int", "default": "x"}`:  "not of the base type",
		`"str"`:                            "a custom type is a mapping",
	} {
		if _, err := CustomType("x", jsonValue(t, spec)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
	}
}

// TestTypeCodec reads types back, and refuses damage.
func TestTypeCodec(t *testing.T) {
	for _, s := range []string{
		`"str"`, `"Any"`, inferScope, `{"x": "currency", "y": "score?", "z": "nullable_str"}`,
		`{"type": "object", "properties": {"a": {"type": "string", "minLength": 2, "pattern": "^a", "description": "d"}, "b": {"type": "number", "minimum": 0, "exclusiveMaximum": 1.5, "default": 1}}, "additionalProperties": {"enum": ["x", 1, null, true, 1.5]}}`,
	} {
		typ := schemaType(t, s)
		b := EncodeType(typ)
		back, err := DecodeType(b)
		if err != nil || !EqualTypes(typ, back) || !bytes.Equal(EncodeType(back), b) {
			t.Fatalf("%s comes back as %s: %v", typ, back, err)
		}
		for i := range b {
			if _, err := DecodeType(b[:i]); !errors.Is(err, ErrCodec) {
				t.Fatalf("cut at %d: %v", i, err)
			}
			for bit := range 8 {
				c := bytes.Clone(b)
				c[i] ^= 1 << bit
				if _, err := DecodeType(c); !errors.Is(err, ErrCodec) {
					t.Fatalf("bit %d of byte %d flipped: %v", bit, i, err)
				}
			}
		}
	}
}

// TestJSONSchemaReadsBack: a JSON Schema that a type gives describes that type.
func TestJSONSchemaReadsBack(t *testing.T) {
	for _, s := range []string{
		`{"a": "str", "b": "int?", "c": "list[float]", "d": "dict[bool]", "e": {"f": "Any"}}`,
		`{"type": "object", "properties": {"a": {"type": "string", "minLength": 2, "pattern": "^a", "format": "email"}, "b": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "uniqueItems": true}}, "required": ["b"], "additionalProperties": true}`,
		`{"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 3}, {"type": "null"}]}`,
		`{"enum": ["a", 1, null]}`,
	} {
		typ := schemaType(t, s)
		js := ToJSONSchema(typ)
		back, err := TypeFromSchema(js, nil)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		if back.String() != typ.String() || !value.Equal(ToJSONSchema(back), js) {
			t.Errorf("%s\n  gives %s\n  which is %s, not %s", s, value.Str(js), back, typ)
		}
	}
	want := `{'type': 'object', 'properties': {'a': {'type': 'string'}, 'b': {'type': ['integer', 'null'], 'default': None}}, 'required': ['a'], 'additionalProperties': False}`
	if got := value.Str(ToJSONSchema(schemaType(t, `{"a": "str", "b": "int?"}`))); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTypesRelate(t *testing.T) {
	typ := func(s string) *Type { return schemaType(t, s) }
	for _, c := range []struct {
		to, from            string
		assignable, overlap bool
	}{
		{`"int"`, `"int"`, true, true},
		{`"float"`, `"int"`, true, true},
		{`"int"`, `"float"`, false, true},
		{`"str"`, `"int"`, false, false},
		{`"Any"`, `"int"`, true, true},
		{`"int"`, `"Any"`, true, true},
		{`"int?"`, `"int"`, true, true},
		{`"int"`, `"int?"`, false, true},
		{`"str | int"`, `"int"`, true, true},
		{`"str"`, `{"enum": ["a"]}`, true, true},
		{`{"enum": ["a", "b"]}`, `{"enum": ["a"]}`, true, true},
		{`{"enum": ["a"]}`, `{"enum": ["b"]}`, false, false},
		{`{"enum": ["a"]}`, `"str"`, false, true},
		{`"list[int]"`, `"list[str]"`, false, true},
		{`{"a": "int"}`, `{"a": "int", "b": "str"}`, false, false},
		{`{"a": "int", "b": "str?"}`, `{"a": "int"}`, true, true},
		{`{"a": "int"}`, `{"a": "str"}`, false, false},
		{`"dict"`, `{"a": "str"}`, true, true},
		{`"dict[int]"`, `{"a": "str"}`, false, false},
		{`{"type": "string", "minLength": 3}`, `"str"`, false, true},
	} {
		to, from := typ(c.to), typ(c.from)
		if got := Assignable(to, from); got != c.assignable {
			t.Errorf("Assignable(%s, %s) = %v", to, from, got)
		}
		if got := Overlaps(to, from); got != c.overlap || Overlaps(from, to) != got {
			t.Errorf("Overlaps(%s, %s) = %v", to, from, got)
		}
	}
	if got := Join(typ(`"list[int]"`), typ(`"list[str]"`)).String(); got != "list[int | str]" {
		t.Errorf("Join = %s", got)
	}
	if f, ok := Union(typ(`{"a": "int"}`), typ(`{"b": "str"}`)).Field("a"); !ok || !f.Optional || f.Type.String() != "int" {
		t.Errorf("Field = %+v, %v", f, ok)
	}
}
