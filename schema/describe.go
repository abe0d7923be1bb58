package schema

import (
	"strconv"
	"strings"
)

// String is the type as documentation writes it: `whole number ≥ 0`,
// `"raise" | "skip"`, `list of text`, `name → port`.
func (t *Type) String() string {
	switch t.Kind {
	case Any:
		return "any value"
	case String:
		if t.Enum != nil {
			out := make([]string, len(t.Enum))
			for i, e := range t.Enum {
				out[i] = strconv.Quote(e)
			}
			return strings.Join(out, " | ")
		}
		switch t.Name {
		case "Expression", "Condition":
			return "expression"
		case "Template":
			return "template"
		case "Function":
			return "function"
		case "Cap":
			return "capability"
		case "Time":
			return "point in time"
		}
		return "text"
	case Int:
		return "whole number" + t.bounds()
	case Number:
		return "number" + t.bounds()
	case Bool:
		return "true | false"
	case Duration:
		return "duration" + t.bounds()
	case Null:
		return "null"
	case Object:
		if t.IsNode {
			return "node"
		}
		return t.Def().Title
	case List:
		s := "list of " + t.Elem.String()
		if t.Elem.Kind == OneOf {
			s = "list of (" + t.Elem.String() + ")"
		}
		if t.MinItems > 0 {
			s += ", not empty"
		}
		return s
	case Map:
		return "name → " + t.Elem.String()
	}
	out := make([]string, 0, len(t.Alts))
	for _, a := range t.Alts {
		s := a.String()
		if a.Kind == Map {
			s = "(" + s + ")"
		}
		dup := false
		for _, o := range out {
			dup = dup || o == s
		}
		if !dup {
			out = append(out, s)
		}
	}
	if t.Name == "Condition" {
		return "expression"
	}
	return strings.Join(out, " | ")
}

func (t *Type) bounds() string {
	num := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	var out []string
	switch {
	case t.HasMin && t.MinExcl:
		out = append(out, "> "+num(t.Min))
	case t.HasMin && (t.Min != 0 || t.Kind != Duration):
		out = append(out, "≥ "+num(t.Min))
	}
	if t.HasMax {
		out = append(out, "≤ "+num(t.Max))
	}
	if out == nil {
		return ""
	}
	return " " + strings.Join(out, ", ")
}

// String is the name of the text's nature; "" for plain text.
func (t Text) String() string {
	return [...]string{"", "expression", "condition", "template", "mapping"}[t]
}
