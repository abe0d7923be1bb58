package expr

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"hexdag.dev/hexdag/lang/value"
)

// Mismatch is one place of a value that its type does not allow.
type Mismatch struct {
	Path string // `items[0].name`; "" for the value itself
	Want string
	Got  string
}

// String says it in one line.
func (m Mismatch) String() string {
	if m.Path == "" {
		return "expected " + m.Want + ", got " + m.Got
	}
	return m.Path + ": expected " + m.Want + ", got " + m.Got
}

// maxMismatches is how many faults of one value are listed.
const maxMismatches = 50

// Check lists where v is not of the type; nothing if it is. Fields that a closed
// object does not declare are faults.
func (t *Type) Check(v value.Value) []Mismatch {
	if v.Size() > value.MaxEncoded {
		return []Mismatch{{"", "a value of at most " + strconv.Itoa(value.MaxEncoded>>20) + " MiB", "a larger one"}}
	}
	c := checking{}
	c.check(t, v, "", 0)
	return c.found
}

// admits reports whether v is of the type.
func admits(t *Type, v value.Value) bool {
	c := checking{first: true}
	c.check(t, v, "", 0)
	return len(c.found) == 0
}

type checking struct {
	found []Mismatch
	first bool // stop at the first
}

func (c *checking) full() bool {
	return len(c.found) >= maxMismatches || c.first && len(c.found) > 0
}

func (c *checking) add(path, want, got string) {
	if !c.full() {
		c.found = append(c.found, Mismatch{path, want, got})
	}
}

// describeValue is what a message calls a value: its type, or a short scalar.
func describeValue(v value.Value) string {
	switch v.Kind() {
	case value.KindNull:
		return "null"
	case value.KindMissing:
		return "nothing"
	case value.KindObject:
		return "an object"
	case value.KindList:
		return "a list"
	case value.KindSecret:
		return "a secret"
	}
	return v.TypeName()
}

func field(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (c *checking) check(t *Type, v value.Value, path string, depth int) {
	if c.full() || depth > maxValueDepth {
		return
	}
	depth++
	if v.IsMissing() {
		c.add(path, t.String(), "nothing")
		return
	}
	if t.kind() == TypeAny {
		return
	}
	wrong := func() { c.add(path, t.String(), describeValue(v)) }
	switch t.Kind {
	case TypeUnion:
		for _, m := range t.Items {
			if admits(m, v) {
				return
			}
		}
		// one member that fits by kind explains more than the whole union
		for _, m := range t.Items {
			if kindFits(m, v) {
				c.check(m, v, path, depth)
				return
			}
		}
		wrong()
		return
	case TypeEnum:
		if !hasValue(t.Enum, v) && !(isInt(v) && slices.ContainsFunc(t.Enum, func(e value.Value) bool {
			return e.Kind() == value.KindFloat && value.Equal(e, v)
		})) {
			got := describeValue(v)
			if v.Kind() == value.KindString && hasKind(t.Enum, value.KindString) {
				got = literalText(v)
			}
			c.add(path, "one of "+t.String(), got)
		}
		return
	}
	if t.Kind == TypeStr && v.Kind() == value.KindSecret {
		// What takes it gets the text, of which nothing can be said here.
		if t.Rules != nil && restricts(t.Rules) {
			c.add(path, t.String()+", which is checked", "a secret")
		}
		return
	}
	if !kindFits(t, v) {
		wrong()
		return
	}
	switch t.Kind {
	case TypeList, TypeSet:
		for i, it := range v.Items() {
			if c.full() {
				return
			}
			if !t.Elem.IsAny() {
				c.check(t.Elem, it, path+"["+strconv.Itoa(i)+"]", depth)
			}
		}
	case TypeTuple:
		items := v.Items()
		if t.Items != nil && len(items) != len(t.Items) {
			c.add(path, plural(len(t.Items), "item"), plural(len(items), "item"))
			return
		}
		for i, it := range items {
			e := t.Elem
			if t.Items != nil {
				e = t.Items[i]
			}
			c.check(e, it, path+"["+strconv.Itoa(i)+"]", depth)
		}
	case TypeObject:
		c.object(t, v, path, depth)
	}
	if t.Rules != nil {
		if want, got, bad := t.Rules.broken(v); bad {
			c.add(path, want, got)
		}
	}
}

func (c *checking) object(t *Type, v value.Value, path string, depth int) {
	o, _ := v.Object()
	for _, f := range t.Fields {
		x, ok := o.Get(f.Name)
		if !ok {
			if !f.Optional {
				c.add(field(path, f.Name), f.Type.String(), "nothing")
			}
			continue
		}
		c.check(f.Type, x, field(path, f.Name), depth)
	}
	if t.Open && t.Elem.IsAny() {
		return
	}
	for i := range o.Len() {
		k, x := o.At(i)
		name, isText := k.AsString()
		if isText && slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Name == name }) {
			continue
		}
		if !t.Open {
			c.add(field(path, value.Str(k)), "no such field", describeValue(x))
		} else {
			c.check(t.Elem, x, field(path, value.Str(k)), depth)
		}
	}
}

func isInt(v value.Value) bool { return v.Kind() == value.KindInt }

func hasKind(list []value.Value, k value.Kind) bool {
	return slices.ContainsFunc(list, func(v value.Value) bool { return v.Kind() == k })
}

// kindFits reports whether v has the kind of t, which is no union or enum.
func kindFits(t *Type, v value.Value) bool {
	switch t.kind() {
	case TypeAny:
		return true
	case TypeNull:
		return v.IsNull()
	case TypeBool:
		return v.Kind() == value.KindBool
	case TypeInt:
		return v.Kind() == value.KindInt
	case TypeFloat:
		return v.Kind() == value.KindFloat || v.Kind() == value.KindInt
	case TypeDecimal:
		return v.Kind() == value.KindDecimal
	case TypeStr:
		return v.Kind() == value.KindString
	case TypeDatetime:
		return v.Kind() == value.KindDatetime
	case TypeList:
		return v.Kind() == value.KindList
	case TypeTuple:
		return v.Kind() == value.KindTuple
	case TypeSet:
		return v.Kind() == value.KindSet
	case TypeRange:
		return v.Kind() == value.KindRange
	case TypeObject:
		return v.Kind() == value.KindObject
	case TypeSecret:
		return v.Kind() == value.KindSecret
	}
	return false
}

// Coerce brings v to the type as far as that needs no judgement, and lists what
// is wrong with the result: cleaning rules are applied; a text that is a number
// or a boolean becomes one where that is wanted, a whole float an int, an int a
// float; optional fields that are absent get their default; fields that a closed
// object does not declare are left out. This is what enforces an
// `output_schema`.
func (t *Type) Coerce(v value.Value) (value.Value, []Mismatch) {
	if v.Size() > value.MaxEncoded {
		return v, t.Check(v)
	}
	out := coerce(t, v, 0)
	return out, t.Check(out)
}

func coerce(t *Type, v value.Value, depth int) value.Value {
	if t.kind() == TypeAny || depth > maxValueDepth || v.IsMissing() {
		return v
	}
	depth++
	if t.Rules != nil && t.Rules.Clean != nil {
		v = t.Rules.Clean.apply(v, t.Kind)
		if w, ok := convert(v, t.Kind); ok {
			// converted numbers are clamped too
			v = t.Rules.Clean.apply(w, t.Kind)
		}
	}
	switch t.Kind {
	case TypeUnion:
		return coerceUnion(t, v, depth)
	case TypeEnum:
		return coerceEnum(t, v)
	case TypeList, TypeSet:
		if v.Kind() == value.KindTuple || v.Kind() == value.KindSet || v.Kind() == value.KindList {
			items := make([]value.Value, len(v.Items()))
			for i, it := range v.Items() {
				items[i] = coerce(t.Elem, it, depth)
			}
			if t.Kind == TypeSet {
				if s, err := value.Set(items); err == nil {
					return s
				}
				return v
			}
			return value.List(items)
		}
	case TypeTuple:
		if v.Kind() == value.KindTuple || v.Kind() == value.KindList {
			items := slices.Clone(v.Items())
			for i := range items {
				switch {
				case t.Items == nil:
					items[i] = coerce(t.Elem, items[i], depth)
				case i < len(t.Items):
					items[i] = coerce(t.Items[i], items[i], depth)
				}
			}
			return value.Tuple(items)
		}
	case TypeObject:
		if o, ok := v.Object(); ok {
			return coerceObject(t, o, depth)
		}
	default:
		if w, ok := convert(v, t.Kind); ok {
			return w
		}
	}
	return v
}

func coerceUnion(t *Type, v value.Value, depth int) value.Value {
	for _, m := range t.Items {
		if (m.Rules == nil || m.Rules.Clean == nil) && admits(m, v) {
			return v
		}
	}
	for _, m := range t.Items {
		if out := coerce(m, v, depth); admits(m, out) {
			return out
		}
	}
	for _, m := range t.Items { // cleaned to null, which another member allows
		if out := coerce(m, v, depth); out.IsNull() && t.nullable() {
			return out
		}
	}
	for _, m := range t.Items { // so that faults inside are about the cleaned value
		if kindFits(m, v) {
			return coerce(m, v, depth)
		}
	}
	return v
}

func coerceEnum(t *Type, v value.Value) value.Value {
	if hasValue(t.Enum, v) {
		return v
	}
	for _, e := range t.Enum {
		k := kindOfValue(e)
		if w, ok := convert(v, k); ok && e.Kind() == w.Kind() && value.Equal(e, w) {
			return e
		}
	}
	return v
}

func kindOfValue(v value.Value) TypeKind {
	switch v.Kind() {
	case value.KindNull:
		return TypeNull
	case value.KindBool:
		return TypeBool
	case value.KindInt:
		return TypeInt
	case value.KindFloat:
		return TypeFloat
	case value.KindDecimal:
		return TypeDecimal
	case value.KindString:
		return TypeStr
	case value.KindDatetime:
		return TypeDatetime
	case value.KindList:
		return TypeList
	case value.KindTuple:
		return TypeTuple
	case value.KindSet:
		return TypeSet
	case value.KindRange:
		return TypeRange
	case value.KindObject:
		return TypeObject
	case value.KindSecret:
		return TypeSecret
	}
	return TypeAny
}

func coerceObject(t *Type, o *value.Object, depth int) value.Value {
	out := value.NewObject(len(t.Fields))
	for _, f := range t.Fields {
		x, ok := o.Get(f.Name)
		switch {
		case ok:
			x = coerce(f.Type, x, depth)
			if x.IsNull() && !f.Type.IsAny() && !f.Type.nullable() && f.Optional && !f.Default.IsMissing() {
				x = f.Default
			}
			out.Set(f.Name, x)
		case f.Optional && !f.Default.IsMissing():
			out.Set(f.Name, f.Default)
		}
	}
	if t.Open {
		for i := range o.Len() {
			k, x := o.At(i)
			if name, isText := k.AsString(); isText {
				if _, declared := out.Get(name); !declared {
					out.Set(name, coerce(t.Elem, x, depth))
				}
				continue
			}
			if out.SetKey(k, coerce(t.Elem, x, depth)) != nil {
				continue // a key of an object is hashable
			}
		}
	}
	return out.Value()
}

// convert makes a scalar one of the kind, where it plainly stands for one.
func convert(v value.Value, kind TypeKind) (value.Value, bool) {
	text, isText := v.AsString()
	text = strings.TrimSpace(text)
	switch kind {
	case TypeInt:
		switch {
		case isInt(v):
			return v, true
		case v.Kind() == value.KindFloat:
			if f, _ := v.AsFloat(); f == math.Trunc(f) && !math.IsInf(f, 0) {
				w, err := value.ToInt(v, value.Missing)
				return w, err == nil
			}
		case v.Kind() == value.KindDecimal:
			if w, err := value.ToInt(v, value.Missing); err == nil && value.Equal(w, v) {
				return w, true
			}
		case isText:
			if w, err := value.ToInt(value.String(text), value.Missing); err == nil {
				return w, true
			}
			if w, err := value.ToFloat(value.String(text)); err == nil {
				return convert(w, TypeInt)
			}
		}
	case TypeFloat:
		switch v.Kind() {
		case value.KindFloat:
			return v, true
		case value.KindInt, value.KindDecimal, value.KindString:
			if w, err := value.ToFloat(v); err == nil {
				if f, _ := w.AsFloat(); isText && (math.IsNaN(f) || math.IsInf(f, 0)) {
					return v, false // "nan" and "infinity" are words
				}
				return w, true
			}
		}
	case TypeDecimal:
		switch v.Kind() {
		case value.KindDecimal:
			return v, true
		case value.KindInt:
			w, err := value.ToDecimal(v)
			return w, err == nil
		case value.KindFloat:
			w, err := value.ParseDecimal(value.Repr(v))
			return w, err == nil
		case value.KindString:
			w, err := value.ParseDecimal(text)
			return w, err == nil
		}
	case TypeBool:
		switch {
		case v.Kind() == value.KindBool:
			return v, true
		case isInt(v):
			if i, ok := v.AsInt(); ok && (i == 0 || i == 1) {
				return value.Bool(i == 1), true
			}
		case isText:
			switch strings.ToLower(text) {
			case "true", "yes", "y", "on", "1", "t":
				return value.True, true
			case "false", "no", "n", "off", "0", "f":
				return value.False, true
			}
		}
	case TypeStr:
		return v, isText
	case TypeNull:
		return v, v.IsNull()
	}
	return v, false
}
