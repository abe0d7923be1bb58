//go:build schemagen

package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"
)

// field reads one field with its attributes.
func (l *loader) field(x *ast.Field) (*field, error) {
	f := &field{name: labelName(x.Label), doc: docOf(x), required: x.Constraint == token.NOT}
	if f.name == "" {
		return nil, fmt.Errorf("unreadable label")
	}
	if x.Constraint == token.ILLEGAL {
		return nil, fmt.Errorf("a field must be optional or required")
	}
	if f.doc == "" {
		return nil, fmt.Errorf("no doc comment")
	}
	t, def, err := l.typeOf(x.Value)
	if err != nil {
		return nil, err
	}
	f.typ, f.def = t, def
	for _, a := range x.Attrs {
		if err := f.attr(a, t); err != nil {
			return nil, err
		}
	}
	for _, c := range f.cases {
		if d, err := l.define(c.def); err != nil || d == nil {
			return nil, fmt.Errorf("@select: #%s is no struct: %w", c.def, err)
		}
	}
	if f.text == "" {
		switch scalarName(t) {
		case "Expression":
			f.text = "Expression"
		case "Condition":
			f.text = "Condition"
		case "Template":
			f.text = "Template"
		}
	}
	if f.required && f.example == "" {
		return nil, fmt.Errorf("a required field needs an @example for messages")
	}
	return f, nil
}

func scalarName(t *typ) string {
	if t.name != "" {
		return t.name
	}
	for _, a := range t.alts {
		if a.name != "" {
			return a.name
		}
	}
	return ""
}

// args splits the body of an attribute at commas outside of quotes; values are
// unquoted, `k=v` stays together.
func args(body string) ([]string, error) {
	var out []string
	for rest := strings.TrimSpace(body); rest != ""; {
		i, quoted := 0, false
		for ; i < len(rest); i++ {
			switch {
			case rest[i] == '\\' && quoted:
				i++
			case rest[i] == '"':
				quoted = !quoted
			case rest[i] == ',' && !quoted:
				goto cut
			}
		}
	cut:
		part := strings.TrimSpace(rest[:min(i, len(rest))])
		rest = strings.TrimSpace(rest[min(i+1, len(rest)):])
		key, val, isPair := strings.Cut(part, "=")
		if !isPair || strings.HasPrefix(part, `"`) {
			key, val = "", part
		}
		if strings.HasPrefix(val, `"`) {
			s, err := literal.Unquote(val)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", val, err)
			}
			val = s
		}
		if key != "" {
			val = key + "=" + val
		}
		out = append(out, val)
	}
	return out, nil
}

var merges = map[string]string{"nearest": "Nearest", "tightest": "Tightest", "intersect": "Intersect", "union": "Union", "append": "Append"}

var refs = map[string]bool{
	"node": true, "port": true, "process": true, "adapter": true, "adapterkind": true, "macro": true, "policy": true,
	"policykind": true, "state": true, "middleware": true, "service": true, "function": true, "type": true, "nodekind": true,
	"profile": true, "tool": true, "entity": true, "pipeline": true, "output": true,
}

func (f *field) attr(a *ast.Attribute, t *typ) error {
	key, body := a.Split()
	as, err := args(body)
	if err != nil {
		return fmt.Errorf("@%s: %w", key, err)
	}
	one := func() (string, error) {
		if len(as) != 1 {
			return "", fmt.Errorf("@%s needs one argument", key)
		}
		return as[0], nil
	}
	none := func() error {
		if len(as) != 0 {
			return fmt.Errorf("@%s takes no argument", key)
		}
		return nil
	}
	switch key {
	case "alias":
		if len(as) == 0 || len(as) > 2 || len(as) == 2 && as[1] != "deprecated" {
			return fmt.Errorf("@alias(name[, deprecated])")
		}
		status := "Alias"
		if len(as) == 2 {
			status = "Deprecated"
		}
		f.aliases = append(f.aliases, alias{as[0], status})
	case "misplaced":
		v, err := one()
		if err != nil {
			return err
		}
		f.aliases = append(f.aliases, alias{v, "Misplaced"})
	case "merge":
		v, err := one()
		if err != nil {
			return err
		}
		if f.merge = merges[v]; f.merge == "" {
			return fmt.Errorf("@merge(%s) is unknown", v)
		}
	case "expr":
		v, err := one()
		if err != nil {
			return err
		}
		switch v {
		case "bool":
			f.text = "Condition"
		case "any":
			f.text = "Expression"
		default:
			return fmt.Errorf("@expr(%s) is unknown", v)
		}
	case "template":
		f.text = "Template"
		return none()
	case "mapping":
		f.text = "Mapping"
		return none()
	case "ref":
		v, err := one()
		if err != nil {
			return err
		}
		if !refs[v] {
			return fmt.Errorf("@ref(%s) is unknown", v)
		}
		f.ref = v
	case "cap":
		f.cap, err = one()
		return err
	case "select":
		if len(as) < 2 {
			return fmt.Errorf("@select(field, value=#Def, …)")
		}
		f.selectBy = as[0]
		for _, v := range as[1:] {
			val, def, ok := strings.Cut(v, "=#")
			if !ok {
				return fmt.Errorf("@select(field, value=#Def, …)")
			}
			f.cases = append(f.cases, selectCase{val, def})
		}
	case "secret":
		f.secret = true
		return none()
	case "path":
		f.path = true
		return none()
	case "nonnull":
		f.nonnull = true
		return none()
	case "canonical":
		f.canon, err = one()
		return err
	case "ignored":
		f.ignored, err = one()
		return err
	case "example":
		f.example, err = one()
		return err
	case "deprecated":
		for _, v := range as {
			if use, ok := strings.CutPrefix(v, "use="); ok {
				f.use = use
			} else {
				f.outdated = v
			}
		}
		if f.outdated == "" {
			return fmt.Errorf("@deprecated needs a reason")
		}
	case "scalar":
		v, err := one()
		if err != nil {
			return err
		}
		return t.setScalar(v)
	default:
		return fmt.Errorf("@%s is unknown", key)
	}
	return nil
}

// setScalar narrows the alternatives of a scalar definition to one type.
func (t *typ) setScalar(kind string) error {
	want := map[string]string{"bool": "Bool", "int": "Int", "number": "Number", "duration": "Duration", "string": "String"}[kind]
	if want == "" {
		return fmt.Errorf("@scalar(%s) is unknown", kind)
	}
	merged := typ{kind: want, name: t.name}
	alts := t.alts
	if t.kind != "OneOf" {
		alts = []*typ{t}
	}
	for _, a := range alts {
		if a.min != nil {
			merged.min, merged.minExcl = a.min, a.minExcl
		}
		if a.max != nil {
			merged.max = a.max
		}
		if want == "String" {
			merged.pattern = a.pattern
			if len(a.enum) > 0 && a.pattern == "" {
				continue // an example default such as "str", which the pattern covers
			}
		}
	}
	*t = merged
	return nil
}

func (l *loader) defAttr(d *def, a *ast.Attribute) error {
	key, body := a.Split()
	as, err := args(body)
	if err != nil {
		return err
	}
	switch key {
	case "kind":
		d.kind = as[0]
	case "node":
		d.node = as[0]
		for _, v := range as[1:] {
			port, ok := strings.CutPrefix(v, "port=")
			if !ok {
				return fmt.Errorf("@node(name[, port=name])")
			}
			d.port = port
		}
	case "isnode":
		d.isNode = true
	case "open":
		d.open = "Open"
	case "warnunknown":
		d.open = "WarnUnknown"
	case "removed":
		if len(as) != 2 {
			return fmt.Errorf("@removed(key, why)")
		}
		d.remove = append(d.remove, removed{as[0], as[1]})
	case "only", "exclusive", "anyof", "disjoint", "requires":
		r := rule{kind: map[string]string{"only": "Only", "exclusive": "Exclusive", "anyof": "AnyOf", "disjoint": "Disjoint", "requires": "Requires"}[key]}
		for _, v := range as {
			if x, ok := strings.CutPrefix(v, "if="); ok {
				r.ifF = x
			} else if x, ok := strings.CutPrefix(v, "is="); ok {
				r.is = strings.Split(x, "|")
			} else {
				r.fields = append(r.fields, v)
			}
		}
		d.rules = append(d.rules, r)
	default:
		return fmt.Errorf("@%s is unknown", key)
	}
	return nil
}

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
