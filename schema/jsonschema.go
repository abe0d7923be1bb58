package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// JSONSchema is the JSON Schema (draft 2020-12) of a manifest kind, of a node
// kind's `spec`, or, for "", of any manifest. It accepts every accepted spelling;
// second names are marked as deprecated. It is what editors without a language
// server can use: it knows keys, types and rules between keys, but no names.
func JSONSchema(kind string) ([]byte, error) {
	g := &jsonGen{defs: map[string]any{}}
	root := object{{"$schema", "https://json-schema.org/draft/2020-12/schema"}}
	if kind == "" {
		var alts []any
		for _, k := range kindNames {
			alts = append(alts, object{
				{"if", object{{"properties", object{{"kind", object{{"const", k}}}}}}},
				{"then", g.ref(Kind(k))},
			})
		}
		names := make([]any, len(kindNames))
		for i, k := range kindNames {
			names[i] = k
		}
		root = append(root, pair{"title", "hexDAG manifest"}, pair{"type", "object"},
			pair{"required", []any{"kind"}},
			pair{"properties", object{{"kind", object{{"enum", names}}}}}, pair{"allOf", alts})
	} else {
		d := Root(kind)
		if d == nil {
			return nil, fmt.Errorf("there is no kind %q", kind)
		}
		root = append(root, pair{"title", d.Title})
		root = append(root, g.ref(d)...)
	}
	defs := object{}
	for _, name := range sortedKeys(g.defs) {
		defs = append(defs, pair{name, g.defs[name]})
	}
	root = append(root, pair{"$defs", defs})
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(root); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// object is a JSON object that keeps its order.
type object []pair

type pair struct {
	key   string
	value any
}

// MarshalJSON writes the pairs in order.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, p := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		for j, v := range []any{p.key, p.value} {
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			if err := e.Encode(v); err != nil {
				return nil, err
			}
			out.Write(bytes.TrimRight(b.Bytes(), "\n"))
			if j == 0 {
				out.WriteByte(':')
			}
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

func sortedKeys(m map[string]any) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

type jsonGen struct{ defs map[string]any }

func (g *jsonGen) ref(d *Def) object {
	if _, ok := g.defs[d.Name]; !ok {
		g.defs[d.Name] = nil // definitions are recursive
		g.defs[d.Name] = g.def(d)
	}
	return object{{"$ref", "#/$defs/" + d.Name}}
}

func (g *jsonGen) def(d *Def) object {
	out := object{{"type", "object"}, {"description", d.Doc}}
	props := object{}
	var all []any
	for i := range d.Fields {
		f := &d.Fields[i]
		props = append(props, pair{f.Name, g.field(f)})
	}
	for i := range d.Keys {
		k := &d.Keys[i]
		if k.Status != Alias && k.Status != Deprecated {
			continue
		}
		f := &d.Fields[k.Field]
		s := g.field(f)
		s = append(object{{"deprecated", true}}, s...)
		props = append(props, pair{k.Name, s})
		all = append(all, object{{"not", object{{"required", []any{f.Name, k.Name}}}}})
	}
	out = append(out, pair{"properties", props}, pair{"patternProperties", object{{"^x-", true}}})
	if d.Open == Closed {
		out = append(out, pair{"additionalProperties", false})
	}
	for i := range d.Fields {
		if d.Fields[i].Required {
			all = append(all, d.needs(d.Fields[i].Name))
		}
	}
	for i := range d.Rules {
		if r := g.rule(d, &d.Rules[i]); r != nil {
			all = append(all, r)
		}
	}
	if d.Name == "Node" {
		all = append(all, g.nodeSpecs()...)
	}
	for i := range d.Fields {
		if s := d.Fields[i].Select; s != nil {
			for j := range s.Cases {
				all = append(all, object{
					{"if", object{{"properties", object{{s.By, object{{"const", s.Cases[j].Value}}}}}, {"required", []any{s.By}}}},
					{"then", object{{"properties", object{{d.Fields[i].Name, g.ref(s.Cases[j].Def())}}}}},
				})
			}
		}
	}
	if all != nil {
		out = append(out, pair{"allOf", all})
	}
	return out
}

// nodeSpecs chooses the schema of `spec` by `kind`.
func (g *jsonGen) nodeSpecs() []any {
	var all []any
	for i := range nodeKinds {
		n := &nodeKinds[i]
		var names []any
		for j := range nodeSpellings {
			s := &nodeSpellings[j]
			if s.Target != n.Name || s.Status == SpellingHistorical {
				continue
			}
			names = append(names, s.Name)
			if !strings.Contains(s.Name, ".") {
				names = append(names, "core:"+s.Name)
			}
		}
		then := object{{"properties", object{{"spec", g.ref(n.Spec())}}}}
		if n.Spec().needsSomething() {
			then = append(then, pair{"required", []any{"spec"}})
		}
		all = append(all, object{
			// what stands in settings counts as if it stood in spec
			{"if", object{{"properties", object{{"kind", object{{"enum", names}}}}}, {"required", []any{"kind"}}, {"not", object{{"required", []any{"settings"}}}}}},
			{"then", then},
		})
	}
	return all
}

// needsSomething reports whether an empty mapping is invalid.
func (d *Def) needsSomething() bool {
	for i := range d.Fields {
		if d.Fields[i].Required {
			return true
		}
	}
	for i := range d.Rules {
		if d.Rules[i].Kind == AnyOf && d.Rules[i].If == "" {
			return true
		}
	}
	return false
}

// spellings are the accepted names of a field.
func (d *Def) spellings(name string) []string {
	out := []string{name}
	if f := d.Field(name); f != nil {
		out = append(out, f.Aliases...)
	}
	return out
}

// needs says that a field must be there under one of its names.
func (d *Def) needs(name string) object {
	names := d.spellings(name)
	if len(names) == 1 {
		return object{{"required", []any{name}}}
	}
	var alts []any
	for _, n := range names {
		alts = append(alts, object{{"required", []any{n}}})
	}
	return object{{"anyOf", alts}}
}

func (g *jsonGen) rule(d *Def, r *Rule) any {
	var then object
	switch r.Kind {
	case Exclusive:
		var not []any
		for i, a := range r.Fields {
			for _, b := range r.Fields[i+1:] {
				for _, x := range d.spellings(a) {
					for _, y := range d.spellings(b) {
						not = append(not, object{{"required", []any{x, y}}})
					}
				}
			}
		}
		then = object{{"not", object{{"anyOf", not}}}}
	case AnyOf:
		var alts []any
		for _, name := range r.Fields {
			alts = append(alts, d.needs(name))
		}
		then = object{{"anyOf", alts}}
	case Requires:
		var all []any
		for _, name := range r.Fields {
			all = append(all, d.needs(name))
		}
		then = object{{"allOf", all}}
	default:
		return nil
	}
	if r.If == "" {
		return then
	}
	var cond []any
	for _, name := range d.spellings(r.If) {
		c := object{{"required", []any{name}}}
		if r.Is != nil {
			var vals []any
			for _, v := range r.Is {
				if v == "true" {
					vals = append(vals, true)
				} else {
					vals = append(vals, v)
				}
			}
			c = append(object{{"properties", object{{name, object{{"enum", vals}}}}}}, c...)
		}
		cond = append(cond, c)
	}
	return object{{"if", object{{"anyOf", cond}}}, {"then", then}}
}

// later is a text that is only known later; it fits everywhere.
var later = object{{"type", "string"}, {"pattern", `\{\{|\$\{`}}

func (g *jsonGen) field(f *Field) object {
	s := g.typ(f.Type)
	if s == nil {
		s = object{}
	}
	out := object{{"description", f.Doc}}
	if f.Ignored != "" || f.Outdated != "" {
		out = append(out, pair{"deprecated", true})
	}
	if f.Default != "" {
		out = append(out, pair{"default", json.RawMessage(f.Default)})
	}
	if f.NonNull || f.Required || acceptsNull(f.Type) {
		return append(out, s...)
	}
	return append(out, pair{"anyOf", []any{s, object{{"type", "null"}}}})
}

func acceptsNull(t *Type) bool {
	if t.Kind == Any || t.Kind == Null {
		return true
	}
	for _, a := range t.Alts {
		if acceptsNull(a) {
			return true
		}
	}
	return false
}

func (g *jsonGen) typ(t *Type) object {
	orLater := func(s object) object { return object{{"anyOf", []any{s, later}}} }
	num := func(s object) object {
		if t.HasMin && t.MinExcl {
			s = append(s, pair{"exclusiveMinimum", t.Min})
		} else if t.HasMin {
			s = append(s, pair{"minimum", t.Min})
		}
		if t.HasMax {
			s = append(s, pair{"maximum", t.Max})
		}
		return s
	}
	switch t.Kind {
	case String:
		s := object{{"type", "string"}}
		if t.Enum != nil {
			vals := make([]any, len(t.Enum))
			for i, e := range t.Enum {
				vals[i] = e
			}
			return orLater(object{{"enum", vals}})
		}
		if t.Pattern != "" {
			return orLater(append(s, pair{"pattern", t.Pattern}))
		}
		return s
	case Int:
		return orLater(num(object{{"type", "integer"}}))
	case Number:
		return orLater(num(object{{"type", "number"}}))
	case Bool:
		return object{{"anyOf", []any{object{{"type", "boolean"}}, object{{"enum", []any{"yes", "no", "on", "off"}}}, later}}}
	case Duration:
		return object{{"anyOf", []any{num(object{{"type", "number"}}), object{{"type", "string"}, {"pattern", `^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$`}}, later}}}
	case Null:
		return object{{"type", "null"}}
	case Object:
		return g.ref(t.Def())
	case List:
		s := object{{"type", "array"}, {"items", g.typ(t.Elem)}}
		if t.MinItems > 0 {
			s = append(s, pair{"minItems", t.MinItems})
		}
		return s
	case Map:
		s := object{{"type", "object"}, {"additionalProperties", g.typ(t.Elem)}}
		if t.Pattern != "" {
			s = append(s, pair{"propertyNames", object{{"pattern", t.Pattern}}})
		}
		return s
	case OneOf:
		var alts []any
		for _, a := range t.Alts {
			alts = append(alts, g.typ(a))
		}
		return object{{"anyOf", alts}}
	}
	return object{}
}
