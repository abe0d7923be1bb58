package ast

import (
	"strconv"
	"time"

	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// Setting is one kernel setting or limit as a document gives it: durations in
// nanoseconds, null for a reset.
type Setting struct {
	Name  string
	Value value.Value
	Loc   source.Location
}

// settings reads the kernel settings or limits of a document.
func (b *builder) settings(o *shape.Object) []Setting {
	if o == nil {
		return nil
	}
	var out []Setting
	for _, f := range o.Fields {
		if f.Value == nil || !f.OK {
			continue
		}
		s := Setting{Name: f.Def.Name, Loc: b.at(f.Value)}
		if f.Null {
			out = append(out, s)
			continue
		}
		ok := false
		switch s.Name {
		case "default_node_timeout", "pipeline_timeout", "retention", "max_duration":
			if d := b.duration(f); d != nil {
				s.Value, ok = value.Int(d.Nanos), true
			}
		case "max_duration_ms":
			if n := b.number(f); n != nil {
				s.Name, s.Value, ok = "max_duration", value.Int(int64(n.Float*float64(time.Millisecond))), true
			}
		case "strict_validation":
			s.Value, ok = value.Bool(b.boolean(f)), true
		default:
			s.Value, ok = b.setting(f)
		}
		if ok {
			out = append(out, s)
		}
	}
	return out
}

// setting is a plain value: a number or a word.
func (b *builder) setting(f *shape.Field) (value.Value, bool) {
	if f.Value.Kind != syntax.Scalar {
		return value.Null, false
	}
	if !f.Dynamic {
		v, _ := scalarValue(f.Value)
		return v, true
	}
	text, ok := b.plain(&f.View)
	if !ok {
		return value.Null, false
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return value.Int(i), true
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		return value.Float(x), true
	}
	switch text {
	case "raise", "skip", "stop", "continue", "abort":
		return value.String(text), true
	}
	b.badEnv(&f.View, text, "a value that this setting takes")
	return value.Null, false
}
