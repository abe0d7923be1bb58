package shape

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// verdict says how a scalar fits a type.
type verdict uint8

const (
	fits     verdict = iota
	yamlBool         // fits as a YAML 1.1 truth value
	badChoice
	badFormat
	badDuration
	outOfRange
	misfit // another type altogether
)

// scalar checks a scalar that is not null.
func (c *checker) scalar(d *syntax.Node, t *schema.Type, f *schema.Field, p place, v *View) {
	r := d.Resolve()
	if r.Kind == syntax.String && d.Built == syntax.Written && isLater(d.Value) && (acceptsScalar(t) || isWholeTemplate(d.Value)) {
		filled := c.environment(d, t, f)
		if filled == nil {
			v.Dynamic, v.OK = true, true
			if a := scalarAlternative(t); a != nil {
				v.Type = a
			}
			return
		}
		d = converted(filled, t)
		v.Value, r = d, d.Resolve()
		if !tryAny(d, t) {
			c.report(diag.New(diag.EnvBad, c.at(d), "%q from the environment must be %s", clip(d.Value), describe(t)).
				WithHelp("set the variable to a value of the right type"))
			return
		}
	}
	if d.Built == syntax.BuiltText {
		d = converted(d, t)
		v.Value, r = d, d.Resolve()
	}
	if t.Kind != schema.OneOf {
		c.judge(d, r, t, t, f, p, v, try(d, r, t))
		return
	}
	// the first that fits; else the nearest miss
	best, bestAlt := misfit, (*schema.Type)(nil)
	for _, a := range t.Alts {
		verdict := try(d, r, a)
		if verdict <= yamlBool {
			v.Type = a
			c.judge(d, r, t, a, f, p, v, verdict)
			return
		}
		if verdict < best {
			best, bestAlt = verdict, a
		}
	}
	if bestAlt == nil {
		bestAlt = t
	}
	c.judge(d, r, t, bestAlt, f, p, v, best)
}

// environment is a scalar with the environment filled in; nil where the text must
// stay as it is: it is a template, or belongs to a field whose texts are read
// later, or is not known.
func (c *checker) environment(d *syntax.Node, t *schema.Type, f *schema.Field) *syntax.Node {
	if c.opt.Environment == nil || t.Kind == schema.Any || f != nil && f.Text != schema.PlainText ||
		strings.Contains(d.Value, "{{") || strings.Contains(d.Value, "{%") {
		return nil
	}
	return c.opt.Environment(d)
}

// early is the value of a field that others look at before its turn, with the
// environment filled in.
func (c *checker) early(f *Field) *syntax.Node {
	d := f.Value
	if d.Kind == syntax.Scalar && d.Built == syntax.Written && strings.Contains(d.Value, "${") {
		if filled := c.environment(d, f.Def.Type, f.Def); filled != nil {
			f.Value = filled
		}
	}
	return f.Value
}

// converted is a text that the build made, as the type reads it: a text where one
// fits, else the number or truth value that it is the text of.
func converted(d *syntax.Node, t *schema.Type) *syntax.Node {
	if tryAny(d, t) {
		return d
	}
	plain := *d
	plain.Style, plain.Value = syntax.Plain, strings.TrimSpace(d.Value)
	if tryAny(&plain, t) {
		return &plain
	}
	if b, ok := yamlBools[plain.Value]; ok && accepts(t, schema.Bool) {
		plain.Value = strconv.FormatBool(b)
		return &plain
	}
	return d
}

func try(d *syntax.Node, r syntax.Resolved, t *schema.Type) verdict {
	switch t.Kind {
	case schema.Any:
		return fits
	case schema.String:
		if r.Kind != syntax.String {
			return misfit
		}
		if t.Enum != nil {
			for _, e := range t.Enum {
				if e == d.Value {
					return fits
				}
			}
			return badChoice
		}
		if t.Pattern != "" && !matches(t.Pattern, d.Value) {
			return badFormat
		}
		return fits
	case schema.Bool:
		if r.Kind == syntax.Bool {
			return fits
		}
		if r.Kind == syntax.String {
			if _, ok := yamlBools[d.Value]; ok {
				return yamlBool
			}
		}
	case schema.Int:
		if x, ok := integer(r); ok {
			return inRange(x, t)
		}
	case schema.Number:
		if x, ok := number(r); ok {
			return inRange(x, t)
		}
	case schema.Duration:
		if x, ok := number(r); ok {
			return inRange(x, t)
		}
		if r.Kind == syntax.String {
			if _, ok := schema.ParseDuration(d.Value); ok {
				return fits
			}
			return badDuration
		}
	}
	return misfit
}

func inRange(x float64, t *schema.Type) verdict {
	if t.HasMin && (x < t.Min || x == t.Min && t.MinExcl) || t.HasMax && x > t.Max {
		return outOfRange
	}
	return fits
}

// integer is the value of a whole number, also of one written as `5.0`.
func integer(r syntax.Resolved) (float64, bool) {
	x, ok := number(r)
	if !ok || r.Kind == syntax.Float && x != math.Trunc(x) {
		return 0, false
	}
	return x, true
}

func number(r syntax.Resolved) (float64, bool) {
	switch r.Kind {
	case syntax.Int:
		if r.Big != nil {
			x, _ := new(bigFloat).SetInt(r.Big).Float64()
			return x, true
		}
		return float64(r.Int), true
	case syntax.Float:
		return r.Float, !math.IsNaN(r.Float) && !math.IsInf(r.Float, 0)
	}
	return 0, false
}

// yamlBools are the texts that YAML 1.1 reads as truth values.
var yamlBools = map[string]bool{
	"yes": true, "Yes": true, "YES": true, "on": true, "On": true, "ON": true,
	"no": false, "No": false, "NO": false, "off": false, "Off": false, "OFF": false,
}

// judge reports a verdict. whole is the type of the field, t the alternative
// that the scalar was taken for.
func (c *checker) judge(d *syntax.Node, r syntax.Resolved, whole, t *schema.Type, f *schema.Field, p place, v *View, verdict verdict) {
	switch verdict {
	case fits:
		v.OK = true
		if t.Kind != schema.Bool {
			c.drift(d)
		}
		c.names(d, t, f)
	case yamlBool:
		v.OK = true
		word := strconv.FormatBool(yamlBools[d.Value])
		c.report(diag.New(diag.YAMLBool, c.at(d), "%q is a text in YAML 1.2; it is taken for `%s`", d.Value, word).
			WithHelp("write `%s`", word).WithFix("replace with \""+word+"\"", true, c.replace(d, word)))
	case badChoice:
		r := diag.New(diag.BadChoice, c.at(d), "`%s` cannot be %q", p.String(), clip(d.Value)).WithHelp("it is one of %s", quotedList(t.Enum))
		if best := nearest(d.Value, t.Enum); best != "" {
			r = r.WithHelp("did you mean %q? It is one of %s", best, quotedList(t.Enum)).WithFix("replace with \""+best+"\"", false, c.replace(d, best))
		}
		c.report(r)
	case badFormat:
		c.report(diag.New(diag.BadFormat, c.at(d), "%q is not %s", clip(d.Value), describe(t)).WithHelp("write it as in %s", exampleFor(t, f)))
	case badDuration:
		r := diag.New(diag.BadDuration, c.at(d), "%q is no duration", clip(d.Value)).
			WithHelp("write a number of seconds, or units: `30s`, `5m`, `1d12h`, `500ms`")
		if _, err := strconv.ParseFloat(strings.TrimSpace(d.Value), 64); err == nil && d.Style != syntax.Plain {
			r = r.WithFix("remove the quotes", true, c.replace(d, strings.TrimSpace(d.Value)))
		} else if s := mendDuration(d.Value); s != "" {
			r = r.WithHelp("did you mean `%s`?", s).WithFix("replace with \""+s+"\"", false, c.replace(d, s))
		}
		c.report(r)
	case outOfRange:
		c.report(diag.New(diag.OutOfRange, c.at(d), "`%s` is %s; it must be %s", p.String(), clip(d.Value), describe(t)).
			WithHelp("write %s", describe(t)))
	default:
		c.wrongType(d, whole, p)
	}
}

// nearest is the allowed text that was probably meant.
func nearest(s string, all []string) string {
	for _, e := range all {
		if strings.EqualFold(strings.NewReplacer("_", "", "-", "", " ", "").Replace(e), strings.NewReplacer("_", "", "-", "", " ", "").Replace(s)) {
			return e
		}
	}
	return suggest.Best(s, all)
}

var looseDuration = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)\s*$`)
})

// mendDuration reads `5 min`, `30 seconds`, `2H` as people mean them; "" if that
// is not clear.
func mendDuration(s string) string {
	m := looseDuration().FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	word := strings.ToLower(m[2])
	for _, u := range []struct{ unit, words string }{
		{"ms", " ms msec msecs millisecond milliseconds millis "},
		{"s", " s sec secs second seconds "},
		{"m", " m min mins minute minutes "},
		{"h", " h hr hrs hour hours "},
		{"d", " d day days "},
		{"w", " w week weeks "},
	} {
		if strings.Contains(u.words, " "+word+" ") {
			return m[1] + u.unit
		}
	}
	return ""
}

// wrongType reports a value of another type than the one wanted, with a fix
// where it is mechanical.
func (c *checker) wrongType(d *syntax.Node, t *schema.Type, p place) {
	r := diag.New(diag.WrongType, c.at(d), "`%s` must be %s, not %s", p.String(), describe(t), found(d)).WithHelp("write %s", describe(t))
	switch {
	case d.Kind != syntax.Scalar:
		if t.Kind == schema.Object && d.Kind == syntax.Sequence && t.IsNode {
			r = r.WithHelp("a node is a mapping with `kind`, `metadata` and `spec`")
		}
	case d.Style == syntax.Plain && missingColon(d, t) != "":
		entry := missingColon(d, t)
		r = r.WithHelp("is a colon missing? Write `%s`", entry).WithFix("write it as an entry", false, c.replace(d, entry))
	case accepts(t, schema.String) && d.Style == syntax.Plain:
		q := syntax.Quote(d.Value)
		r = r.WithHelp("quote it: %s", q).WithFix("quote it", true, c.replace(d, q))
	case t.Kind == schema.List && tryAny(d, t.Elem):
		text := c.tree.FileOf(d).Slice(d.Span)
		if d.Style == syntax.Literal || d.Style == syntax.Folded {
			break
		}
		r = r.WithHelp("write a list: `[%s]`", text).WithFix("make it a list of one", true, c.replace(d, "["+text+"]"))
	case d.Style == syntax.SingleQuoted || d.Style == syntax.DoubleQuoted:
		plain := &syntax.Node{Kind: syntax.Scalar, Style: syntax.Plain, Value: strings.TrimSpace(d.Value)}
		if plain.Value != "" && tryAny(plain, t) {
			r = r.WithHelp("remove the quotes: %s", plain.Value).WithFix("remove the quotes", true, c.replace(d, plain.Value))
		}
	case accepts(t, schema.Bool):
		switch strings.ToLower(d.Value) {
		case "1", "true", "y", "yes", "on", "enabled":
			r = r.WithFix("replace with \"true\"", false, c.replace(d, "true"))
		case "0", "false", "n", "no", "off", "disabled":
			r = r.WithFix("replace with \"false\"", false, c.replace(d, "false"))
		}
	}
	c.report(r)
}

// missingColon reads a text that stands where a mapping should as its entry:
// `name value`, `name:value`. It is "" if the first word is no field.
func missingColon(d *syntax.Node, t *schema.Type) string {
	if t.Kind != schema.Object && t.Kind != schema.Map {
		return ""
	}
	i := strings.IndexAny(d.Value, " :")
	if i < 1 || strings.Contains(d.Value, "\n") {
		return ""
	}
	name, rest := d.Value[:i], strings.TrimLeft(d.Value[i+1:], " ")
	if rest == "" || strings.ContainsFunc(name, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
		return ""
	}
	if def := t.Def(); def != nil && def.Open == schema.Closed {
		if f, _, ok := def.Find(name); !ok || f == nil {
			return ""
		}
	}
	return name + ": " + rest
}

// tryAny reports whether a scalar fits a type or one of its alternatives.
func tryAny(d *syntax.Node, t *schema.Type) bool {
	r := d.Resolve()
	if t.Kind != schema.OneOf {
		return try(d, r, t) == fits
	}
	for _, a := range t.Alts {
		if try(d, r, a) == fits {
			return true
		}
	}
	return false
}

func accepts(t *schema.Type, k schema.TypeKind) bool {
	if t.Kind == k {
		return t.Enum == nil && t.Pattern == ""
	}
	for _, a := range t.Alts {
		if accepts(a, k) {
			return true
		}
	}
	return false
}

func acceptsScalar(t *schema.Type) bool { return scalarAlternative(t) != nil }

// scalarAlternative is the first alternative that a scalar can have.
func scalarAlternative(t *schema.Type) *schema.Type {
	switch t.Kind {
	case schema.Object, schema.List, schema.Map, schema.Null:
		return nil
	case schema.OneOf:
		for _, a := range t.Alts {
			if s := scalarAlternative(a); s != nil {
				return s
			}
		}
		return nil
	}
	return t
}

// isLater reports whether a text holds something that is only known later.
func isLater(s string) bool { return strings.Contains(s, "{{") || strings.Contains(s, "${") }

// isWholeTemplate reports whether a text is exactly one `{{ expression }}`, which
// keeps the type of its value, so that it can stand for a list or mapping.
func isWholeTemplate(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, "{{") && strings.HasSuffix(s, "}}") && strings.Count(s, "{{") == 1
}

var patterns sync.Map // text → *regexp.Regexp

// matches reports whether s matches a pattern of the schema.
func matches(pattern, s string) bool {
	re, ok := patterns.Load(pattern)
	if !ok {
		re, _ = patterns.LoadOrStore(pattern, regexp.MustCompile(pattern))
	}
	return re.(*regexp.Regexp).MatchString(s)
}

func (c *checker) locTag(d *syntax.Node) source.Location {
	return source.Location{File: c.tree.FileOf(d), Span: d.TagSpan}
}
