package shape

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

type bigFloat = big.Float

// describe is what a type is called in "must be …".
func describe(t *schema.Type) string {
	switch t.Kind {
	case schema.Any:
		return "a value"
	case schema.String:
		switch {
		case len(t.Enum) == 1:
			return strconv.Quote(t.Enum[0])
		case t.Enum != nil:
			return "one of " + quotedList(t.Enum)
		case t.Name == "Cap":
			return "a capability such as `llm` or `tool:web_search`"
		case t.Name == "Time":
			return "a point in time such as `2026-01-31T12:00:00Z`"
		case t.Name == "Function":
			return "a function"
		case t.Name == "Expression", t.Name == "Condition":
			return "an expression"
		case t.Pattern != "":
			return "a text of the right form"
		}
		return "a text"
	case schema.Int:
		return "a whole number" + bounds(t)
	case schema.Number:
		return "a number" + bounds(t)
	case schema.Bool:
		return "`true` or `false`"
	case schema.Duration:
		if t.MinExcl {
			return "a duration above zero, such as `30s`"
		}
		return "a duration such as `30s`"
	case schema.Null:
		return "null"
	case schema.Object:
		return "a mapping"
	case schema.Map:
		return "a mapping"
	case schema.List:
		return "a list"
	}
	var parts []string
	for _, a := range t.Alts {
		s := describe(a)
		dup := false
		for _, p := range parts {
			dup = dup || p == s
		}
		if !dup {
			parts = append(parts, s)
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " or " + parts[len(parts)-1]
}

func bounds(t *schema.Type) string {
	num := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	switch {
	case t.HasMin && t.HasMax:
		return " between " + num(t.Min) + " and " + num(t.Max)
	case t.HasMin && t.MinExcl:
		return " above " + num(t.Min)
	case t.HasMin:
		return ", at least " + num(t.Min)
	case t.HasMax:
		return ", at most " + num(t.Max)
	}
	return ""
}

// found is what stands there, for "not …".
func found(n *syntax.Node) string {
	switch n.Kind {
	case syntax.Mapping:
		return "a mapping"
	case syntax.Sequence:
		return "a list"
	case syntax.Alias:
		return "an alias"
	}
	r := n.Resolve()
	switch r.Kind {
	case syntax.Null:
		return "null"
	case syntax.Bool:
		return "the truth value `" + n.Value + "`"
	case syntax.Int, syntax.Float:
		return "the number " + clip(n.Value)
	}
	return "the text " + strconv.Quote(clip(n.Value))
}

// secret matches texts that have the form of a provider's key.
var secret = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(sk|pk|rk|key|gh[pousr]|xox[abprs]|glpat)[-_][A-Za-z0-9_-]{8,}|AKIA[A-Z0-9]{12,}|eyJ[A-Za-z0-9_-]{10,}`)
})

// clip shortens a text for a message, to one line, and hides what has the form
// of a secret.
func clip(s string) string {
	if loc := secret().FindStringIndex(s); loc != nil {
		s = s[:loc[0]] + "…"
	}
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		s = s[:i] + "…"
	}
	if utf8.RuneCountInString(s) <= 40 {
		return s
	}
	n := 0
	for i := range s {
		if n == 40 {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

func quotedList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strconv.Quote(n)
	}
	return strings.Join(out, ", ")
}

func quotedOr(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strconv.Quote(n)
	}
	return strings.Join(out, " or ")
}

func example(f *schema.Field) string {
	if f == nil || f.Example == "" {
		return "the reference"
	}
	return "`" + f.Name + ": " + f.Example + "`"
}

func exampleOf(f *schema.Field) string {
	if f == nil || f.Example == "" {
		return ""
	}
	return ", as in `" + f.Name + ": " + f.Example + "`"
}

func exampleFor(t *schema.Type, f *schema.Field) string {
	switch t.Name {
	case "Cap":
		return "`llm`, `datastore.read` or `tool:web_search`"
	case "Time":
		return "`2026-01-31T12:00:00Z`"
	}
	return example(f)
}
