// Package explain answers why: models behind `hexc explain` and `hexc graph`,
// and their rendering as text.
//
// Input: a checked program, the schema table, the code table. Output: models
// that are data (they marshal to JSON as they are) with a Text method each.
//
// Invariants: an answer is made of facts that the phases recorded, never worked
// out again here; every fact that comes from a source has its place; the same
// program gives the same answer, byte for byte.
//
// The three hardest cases: a target that could be a code, a field, a function or
// a file; an effective value that several layers spoke about; an edge that is
// there for several reasons.
package explain

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/value"
)

// Place is where a fact comes from.
type Place struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// String is FILE:LINE:COLUMN.
func (p *Place) String() string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

func place(loc source.Location) *Place {
	if loc.IsZero() {
		return nil
	}
	loc = loc.Written()
	pos := loc.File.Position(int(loc.Span.Start))
	return &Place{loc.File.Path(), pos.Line, pos.Column}
}

// UnknownError says that a target names nothing.
type UnknownError struct {
	What, Name string
	Near       []string
}

// Error implements error.
func (e *UnknownError) Error() string {
	s := fmt.Sprintf("there is no %s %q", e.What, e.Name)
	switch len(e.Near) {
	case 0:
		return s
	case 1:
		return s + fmt.Sprintf("; did you mean %q?", e.Near[0])
	}
	return s + fmt.Sprintf("; did you mean %s?", strings.Join(e.Near, ", "))
}

// Value is an effective value with its provenance.
type Value struct {
	Path  string `json:"path"`
	Value any    `json:"value"`
	// Text is the value as people read it: durations with units.
	Text string `json:"text"`
	From []From `json:"from"`
}

// From is one layer that spoke about a value; the deciding one is first.
type From struct {
	Layer string `json:"layer"`
	At    *Place `json:"at,omitempty"`
	Value string `json:"value"`
	Note  string `json:"note"`
}

var durations = map[string]bool{"default_node_timeout": true, "pipeline_timeout": true, "retention": true, "max_duration": true}

// EffectiveValue explains a setting by its path: `spec.limits.max_llm_calls`,
// `spec.kernel.on_failure`, `spec.caps`; the `spec.` may be left out.
func EffectiveValue(e config.Effective, path string) (*Value, error) {
	short := strings.TrimPrefix(strings.TrimPrefix(path, "Pipeline."), "spec.")
	short = strings.Replace(short, "orchestrator.", "kernel.", 1)
	group, name, _ := strings.Cut(short, ".")
	var list []config.Setting
	switch group {
	case "kernel":
		list = e.Kernel
	case "limits":
		list = e.Limits
	case "caps":
		return capsValue(e.Caps), nil
	default:
		return nil, &UnknownError{What: "configuration value", Name: path, Near: suggest.Near(short, allPaths(e))}
	}
	if s, ok := config.Get(list, name); ok {
		v := &Value{Path: "spec." + group + "." + name, Value: jsonValue(s.Value), Text: settingText(name, s.Value)}
		for _, f := range s.From {
			v.From = append(v.From, From{Layer: f.Layer, At: place(f.Loc), Value: settingText(name, f.Value), Note: f.Note})
		}
		return v, nil
	}
	for _, known := range limitNames {
		if group == "limits" && known == name {
			return &Value{Path: "spec.limits." + name, Text: "not limited",
				From: []From{{Layer: "built-in", Value: "not limited", Note: "no layer sets it"}}}, nil
		}
	}
	return nil, &UnknownError{What: "configuration value", Name: path, Near: suggest.Near(short, allPaths(e))}
}

var limitNames = []string{"max_total_tokens", "max_llm_calls", "max_tool_calls", "max_cost_usd", "max_duration", "warning_threshold", "on_limit"}

func allPaths(e config.Effective) []string {
	out := []string{"caps"}
	for _, s := range e.Kernel {
		out = append(out, "kernel."+s.Name)
	}
	for _, n := range limitNames {
		out = append(out, "limits."+n)
	}
	return out
}

// Effective is all effective values of a program.
func Effective(e config.Effective) []*Value {
	var out []*Value
	for _, p := range allPaths(e) {
		if v, err := EffectiveValue(e, p); err == nil && v.Text != "not limited" {
			out = append(out, v)
		}
	}
	return out
}

func capsValue(c config.Caps) *Value {
	v := &Value{Path: "spec.caps"}
	switch {
	case c.Unrestricted:
		v.Text = "unrestricted"
	case len(c.Allow) == 0:
		v.Text, v.Value = "nothing", []string{}
	default:
		v.Text, v.Value = strings.Join(c.Allow, ", "), c.Allow
	}
	if len(c.Deny) > 0 {
		v.Text += "; never " + strings.Join(c.Deny, ", ")
	}
	for _, f := range c.From {
		x := From{Layer: f.Layer, At: place(f.Loc), Note: f.Note}
		if s, ok := f.Value.AsString(); ok {
			x.Value = s
		}
		v.From = append(v.From, x)
	}
	return v
}

// Text renders v for people.
func (v *Value) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s = %s\n", v.Path, v.Text)
	for i, f := range v.From {
		mark := "  "
		if i == 0 {
			mark = "→ "
		}
		where := f.Layer
		if f.At != nil {
			where += "  " + f.At.String()
		}
		fmt.Fprintf(&b, "  %s%s", mark, where)
		if f.Value != "" && i > 0 {
			fmt.Fprintf(&b, "  %s", f.Value)
		}
		if f.Note != "" {
			fmt.Fprintf(&b, "  (%s)", f.Note)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func settingText(name string, v value.Value) string {
	if v.IsNull() {
		return "none"
	}
	if durations[name] {
		if n, ok := v.AsInt(); ok {
			return durationText(n)
		}
	}
	if s, ok := v.AsString(); ok {
		return s
	}
	b, err := value.AppendJSON(nil, v)
	if err != nil {
		return value.Str(v)
	}
	return string(b)
}

func jsonValue(v value.Value) any { return value.ToGo(v) }

// findNode finds a node by name or by its path with slashes.
func findNode(p *check.Program, name string) (*check.Info, error) {
	var found *check.Info
	var names []string
	p.Scope.Each(func(n *check.Info) {
		names = append(names, n.Name())
		if found == nil && (n.Name() == name || n.ID() == name) {
			found = n
		}
	})
	if found == nil {
		return nil, &UnknownError{What: "node", Name: name, Near: suggest.Near(name, names)}
	}
	return found, nil
}
