package expr

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/value"
)

// Rules restrict the values of a type. The zero Rules restrict nothing. Rules
// are immutable and safe for concurrent use.
type Rules struct {
	// Min and Max bound numbers; null for none.
	Min, Max                   value.Value
	ExclusiveMin, ExclusiveMax bool
	MultipleOf                 value.Value // null for none
	// MinLength and MaxLength bound the characters of a text, the items of a
	// list or the fields of an object; MaxLength is 0 for none.
	MinLength, MaxLength int
	Pattern              string // RE2, somewhere in the text
	Unique               bool   // no two items of a list are equal
	Format               string // of JSON Schema: a hint for the model, not checked
	Clean                *Cleaning

	once sync.Once
	re   *regexp.Regexp
}

// Cleaning is what Coerce does to a value before it converts and checks it, as
// the cleaning types (`currency`, `score`, …) and custom types say. The steps
// come in the order of the fields.
type Cleaning struct {
	Trim    bool
	Nulls   []string // texts that mean null, in any case
	Extract []string // RE2: the first that matches; its group 1 if it has one, else the match
	Strip   string   // characters that are deleted
	// TrueValues and FalseValues are texts that mean true and false, in any case.
	TrueValues, FalseValues []string
	Clamp                   bool
	ClampMin, ClampMax      value.Value // null for none
	Upper, Lower            bool
	MaxLength               int         // longer texts are cut; 0 for none
	Default                 value.Value // in place of null; Missing for none
}

// pattern is the compiled Pattern, or nil.
func (r *Rules) pattern() *regexp.Regexp {
	r.once.Do(func() {
		if r.Pattern != "" {
			r.re, _ = regexp.Compile(r.Pattern) // checked where the type is made
		}
	})
	return r.re
}

// broken says which rule v breaks: what is wanted and what v is.
func (r *Rules) broken(v value.Value) (want, got string, ok bool) {
	switch v.Kind() {
	case value.KindInt, value.KindFloat, value.KindDecimal:
		return r.brokenNumber(v)
	case value.KindString:
		s, _ := v.AsString()
		n := utf8.RuneCountInString(s)
		switch {
		case n < r.MinLength:
			return fmt.Sprintf("at least %s", plural(r.MinLength, "character")), plural(n, "character"), true
		case r.MaxLength > 0 && n > r.MaxLength:
			return fmt.Sprintf("at most %s", plural(r.MaxLength, "character")), plural(n, "character"), true
		case r.Pattern != "" && (r.pattern() == nil || !r.pattern().MatchString(s)):
			return "a text that matches /" + r.Pattern + "/", "another text", true
		}
	case value.KindList, value.KindTuple, value.KindSet, value.KindObject:
		n, _ := v.Len()
		noun := "item"
		if v.Kind() == value.KindObject {
			noun = "field"
		}
		switch {
		case n < r.MinLength:
			return fmt.Sprintf("at least %s", plural(r.MinLength, noun)), plural(n, noun), true
		case r.MaxLength > 0 && n > r.MaxLength:
			return fmt.Sprintf("at most %s", plural(r.MaxLength, noun)), plural(n, noun), true
		case r.Unique && !distinct(v.Items()):
			return "distinct items", "an item that comes twice", true
		}
	}
	return "", "", false
}

func (r *Rules) brokenNumber(v value.Value) (want, got string, ok bool) {
	cmp := func(bound value.Value) int {
		if f, isFloat := v.AsFloat(); isFloat && f != f {
			return 2 // NaN is in no range
		}
		c, err := value.Compare(v, bound)
		if err != nil {
			return 2
		}
		return c
	}
	if !r.Min.IsNull() {
		c := cmp(r.Min)
		switch {
		case r.ExclusiveMin && (c <= 0 || c == 2):
			return "more than " + value.Str(r.Min), value.Str(v), true
		case c < 0 || c == 2:
			return "at least " + value.Str(r.Min), value.Str(v), true
		}
	}
	if !r.Max.IsNull() {
		c := cmp(r.Max)
		switch {
		case r.ExclusiveMax && c >= 0:
			return "less than " + value.Str(r.Max), value.Str(v), true
		case c > 0:
			return "at most " + value.Str(r.Max), value.Str(v), true
		}
	}
	if !r.MultipleOf.IsNull() {
		if m, err := value.Mod(v, r.MultipleOf); err != nil || value.Truthy(m) {
			return "a multiple of " + value.Str(r.MultipleOf), value.Str(v), true
		}
	}
	return "", "", false
}

// distinct compares hashable items through a set and the others one by one, of
// which there may be few.
func distinct(items []value.Value) bool {
	seen := value.NewObject(len(items))
	var others []value.Value
	for _, it := range items {
		n := seen.Len()
		if err := seen.SetKey(it, value.Null); err == nil {
			if seen.Len() == n {
				return false
			}
			continue
		}
		if len(others) < 1000 {
			if slices.ContainsFunc(others, func(o value.Value) bool { return value.Equal(o, it) }) {
				return false
			}
			others = append(others, it)
		}
	}
	return true
}

// numeric reports whether the rules say anything about numbers.
func (r *Rules) numeric() bool {
	return !r.Min.IsNull() || !r.Max.IsNull() || !r.MultipleOf.IsNull()
}

var commonNulls = []string{"", "null", "none", "nil", "n/a", "na", "nan", "undefined", "unknown", "-", "--"}

// cleaningTypes are the names of flat schemas that clean what they get.
func cleaningType(name string) *Type {
	clean := func(base *Type, c Cleaning) *Type {
		c.Trim = true
		if c.Default.IsNull() {
			c.Default = value.Missing
		}
		t := *base
		t.Name, t.Rules = name, &Rules{Clean: &c}
		return &t
	}
	switch name {
	case "currency":
		t := clean(Float, Cleaning{Strip: "$€£¥₹, \u00a0"})
		t.Doc = "an amount of money as a number, without the currency"
		return t
	case "flexible_bool":
		return clean(Bool, Cleaning{
			TrueValues:  []string{"true", "yes", "y", "1", "on", "t"},
			FalseValues: []string{"false", "no", "n", "0", "off", "f"},
		})
	case "score":
		t := clean(Float, Cleaning{Clamp: true, ClampMin: value.Float(0), ClampMax: value.Float(1)})
		t.Rules.Min, t.Rules.Max = value.Int(0), value.Int(1)
		t.Doc = "a number from 0 to 1"
		return t
	case "upper_str":
		return clean(Str, Cleaning{Upper: true})
	case "lower_str":
		return clean(Str, Cleaning{Lower: true})
	case "nullable_str":
		t := clean(Str, Cleaning{Nulls: commonNulls})
		return &Type{Kind: TypeUnion, Items: []*Type{t, Null}, Name: name}
	case "trimmed_str":
		return clean(Str, Cleaning{})
	}
	return nil
}

// apply cleans v for a type of the kind; the result may be null.
func (c *Cleaning) apply(v value.Value, kind TypeKind) value.Value {
	if s, ok := v.AsString(); ok {
		v = c.text(s, kind)
	}
	if v.IsNull() && !c.Default.IsMissing() {
		return c.Default
	}
	if c.Clamp {
		switch v.Kind() {
		case value.KindInt, value.KindFloat, value.KindDecimal:
			if less, err := value.Less(v, c.ClampMin); err == nil && less && !c.ClampMin.IsNull() {
				v = c.ClampMin
			}
			if more, err := value.Greater(v, c.ClampMax); err == nil && more && !c.ClampMax.IsNull() {
				v = c.ClampMax
			}
			if i, ok := v.AsInt(); ok && kind == TypeFloat {
				v = value.Float(float64(i))
			}
		}
	}
	return v
}

func (c *Cleaning) text(s string, kind TypeKind) value.Value {
	if c.Trim {
		s = strings.TrimSpace(s)
	}
	for _, n := range c.Nulls {
		if strings.EqualFold(s, n) {
			return value.Null
		}
	}
	for _, p := range c.Extract {
		re := compiledPattern(p)
		if re == nil {
			continue
		}
		if m := re.FindStringSubmatch(s); m != nil {
			s = m[0]
			if len(m) > 1 {
				s = m[1]
			}
			break
		}
	}
	if c.Strip != "" {
		s = strings.Map(func(r rune) rune {
			if strings.ContainsRune(c.Strip, r) {
				return -1
			}
			return r
		}, s)
	}
	has := func(list []string) bool {
		return slices.ContainsFunc(list, func(x string) bool { return strings.EqualFold(x, s) })
	}
	switch kind {
	case TypeBool:
		if has(c.TrueValues) {
			return value.True
		}
		if has(c.FalseValues) {
			return value.False
		}
	case TypeInt, TypeFloat, TypeDecimal:
		if v, ok := convert(value.String(s), kind); ok {
			return v
		}
	case TypeStr:
		if c.Upper {
			s = pyCase("upper", s)
		}
		if c.Lower {
			s = pyCase("lower", s)
		}
		if c.MaxLength > 0 && utf8.RuneCountInString(s) > c.MaxLength {
			s = string([]rune(s)[:c.MaxLength])
		}
	}
	return value.String(s)
}

var patterns sync.Map // text → *regexp.Regexp, of the custom types of this process

// compiledPattern is the compiled expression, or nil.
func compiledPattern(p string) *regexp.Regexp {
	if re, ok := patterns.Load(p); ok {
		return re.(*regexp.Regexp)
	}
	re, err := regexp.Compile(p)
	if err != nil {
		return nil
	}
	patterns.Store(p, re)
	return re
}
