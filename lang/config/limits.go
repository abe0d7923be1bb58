package config

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/value"
)

// LimitNames are the resources that can be limited, in a fixed order.
func LimitNames() []string {
	return []string{"max_total_tokens", "max_llm_calls", "max_tool_calls", "max_cost_usd", "max_duration"}
}

// limits finds the effective limits: among Pipeline, process and System the
// tightest that is declared; a Config's where none of them declares one.
func (r *resolver) limits(layers []Layer, policies []Policy) []Setting {
	given := make([][]ast.Setting, len(layers))
	for i, l := range layers {
		given[i] = l.Limits
		for _, p := range policies {
			if p.layer != i || p.Def.Limits == nil {
				continue
			}
			for _, s := range p.Def.Limits {
				if read(given[i], s.Name) == nil { // the layer's own field beats its policy
					given[i] = append(given[i][:len(given[i]):len(given[i])], s)
				}
			}
		}
	}
	var out []Setting
	deciding := -1 // the layer that sets the first of the effective limits
	for _, name := range LimitNames() {
		s, at := r.limit(name, layers, given)
		if len(s.From) == 0 || s.Value.IsNull() {
			continue
		}
		if deciding < 0 {
			deciding = at
		}
		out = append(out, s)
	}
	if deciding < 0 {
		return out // nothing is limited, so nothing warns
	}
	for _, k := range []known{{"warning_threshold", value.Float(0.8)}, {"on_limit", value.String("raise")}} {
		out = append(out, attribute(k, layers, given, deciding))
	}
	return out
}

// limit finds one limit, and the index of the layer that decides it.
func (r *resolver) limit(name string, layers []Layer, given [][]ast.Setting) (Setting, int) {
	s := Setting{Name: name}
	at := -1
	// Farthest first, so that what a nearer layer adds can only lower.
	for i := len(layers) - 1; i >= 0; i-- {
		l := layers[i]
		x := read(given[i], name)
		if x == nil || x.Value.IsNull() {
			continue
		}
		src := Source{Layer: l.Name(), Loc: x.Loc, Value: x.Value, Note: "set"}
		switch {
		case at < 0:
		case layers[at].Level == Config:
			s.From[0].Note = "default, replaced by the " + l.Name()
		case less(x.Value, s.Value):
			src.Note = "lowers what the " + layers[at].Name() + " grants"
			s.From[0].Note = "lowered by the " + l.Name()
		default:
			src.Note = "ignored: the " + layers[at].Name() + " grants no more than this"
			if less(s.Value, x.Value) {
				src.Note = "ignored: it cannot raise what the " + layers[at].Name() + " grants"
				r.ds.Add(diag.New(diag.LimitNotLowered, x.Loc, "%s cannot be raised here: the %s grants less", name, layers[at].Name()).
					WithHelp("lower it, or raise the limit of the %s", layers[at].Name()).
					WithRelated(s.From[0].Loc, "this is the limit that holds"))
			}
			s.From = append(s.From[:1:1], append([]Source{src}, s.From[1:]...)...)
			continue
		}
		s.Value, at = x.Value, i
		s.From = append([]Source{src}, s.From...)
	}
	return s, at
}

// attribute is `warning_threshold` or `on_limit`: as the layer says that sets the
// effective limit, else as the nearest that speaks about it.
func attribute(k known, layers []Layer, given [][]ast.Setting, deciding int) Setting {
	s := Setting{Name: k.name}
	order := []int{deciding}
	for i := range layers {
		if i != deciding {
			order = append(order, i)
		}
	}
	for _, i := range order {
		x := read(given[i], k.name)
		if x == nil {
			continue
		}
		src := Source{Layer: layers[i].Name(), Loc: x.Loc, Value: x.Value, Note: "set"}
		if len(s.From) > 0 {
			src.Note = "ignored: it goes with the limit of the " + s.From[0].Layer
		} else if s.Value = x.Value; x.Value.IsNull() {
			s.Value, src.Note = k.builtIn, "reset to the built-in"
		}
		s.From = append(s.From, src)
	}
	if len(s.From) == 0 {
		s.Value, s.From = k.builtIn, []Source{{Layer: builtIn, Value: k.builtIn, Note: "default"}}
	}
	return s
}

// less compares two amounts; what is no number is never less.
func less(a, b value.Value) bool {
	if x, ok := a.AsInt(); ok {
		if y, ok := b.AsInt(); ok {
			return x < y
		}
	}
	x, ok := number(a)
	y, ok2 := number(b)
	return ok && ok2 && x < y
}

func number(v value.Value) (float64, bool) {
	switch v.Kind() {
	case value.KindInt, value.KindFloat, value.KindDecimal:
		f, err := value.ToFloat(v)
		if err != nil {
			return 0, false
		}
		return f.AsFloat()
	}
	return 0, false
}
