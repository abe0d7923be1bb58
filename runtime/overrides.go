package runtime

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// Setting is one run-time override.
type Setting struct {
	// Path is limits.NAME, kernel.NAME, ports.PORT.adapter or
	// ports.PORT.config.KEY; a leading "spec." is allowed.
	Path  string
	Value value.Value
}

// Overrides are the operator's choices for one run. They win over the program and
// hold for every resumption of the run. The zero value changes nothing.
type Overrides struct {
	Set []Setting // later ones win
	// Allow grants capabilities, and lifts a denial of the same capability or of
	// one under it; Deny takes them away and wins.
	Allow, Deny []string
	// Mock binds every port of a language model to the mock; ports that are bound
	// to it already keep their script.
	Mock bool
}

func (o *Overrides) empty() bool {
	return len(o.Set) == 0 && len(o.Allow) == 0 && len(o.Deny) == 0 && !o.Mock
}

// apply gives a program with the overrides in it; p is not changed.
func (o *Overrides) apply(p *ir.Program) (*ir.Program, error) {
	switch {
	case o.empty():
		return p, nil
	case p.Kind == ir.KindSystem:
		return o.applySystem(p)
	}
	return o.applyTo(p)
}

// applyTo is apply for a program without processes.
func (o *Overrides) applyTo(p *ir.Program) (*ir.Program, error) {
	q := *p
	q.Effective.Limits = slices.Clone(p.Effective.Limits)
	q.Effective.Kernel = slices.Clone(p.Effective.Kernel)
	q.Ports = slices.Clone(p.Ports)
	for _, s := range o.Set {
		if err := setPath(&q, s); err != nil {
			return nil, fmt.Errorf("cannot set %s: %w", s.Path, err)
		}
	}
	for _, c := range append(slices.Clone(o.Allow), o.Deny...) {
		if !isCap(c) {
			return nil, fmt.Errorf("%q is no capability; they look like llm, tool:search or datastore.read", c)
		}
	}
	caps := &q.Effective.Caps
	if len(o.Allow) > 0 {
		caps.Deny = slices.DeleteFunc(slices.Clone(caps.Deny), func(denied string) bool {
			return slices.ContainsFunc(o.Allow, func(grant string) bool { return covers(grant, denied) })
		})
		if !caps.Unrestricted {
			caps.Allow = sorted(caps.Allow, o.Allow)
		}
	}
	if len(o.Deny) > 0 {
		caps.Deny = sorted(caps.Deny, o.Deny)
	}
	if o.Mock {
		for i := range q.Ports {
			if x := &q.Ports[i]; x.Type == "llm" && !slices.Contains(mockNames, x.Adapter) {
				x.Adapter, x.Config, x.Pool, x.Strategy = "mock", value.NewObject(0).Value(), nil, ""
			}
		}
	}
	return &q, nil
}

// covers reports whether a grant includes a capability: itself and what is under
// it.
func covers(grant, c string) bool {
	base := strings.TrimSuffix(grant, ":*")
	return grant == "*" || c == base || c == base+":*" || strings.HasPrefix(c, base+".") || strings.HasPrefix(c, base+":")
}

func sorted(a, b []string) []string {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

func isCap(c string) bool {
	head, name, named := strings.Cut(c, ":")
	if named && name == "" {
		return false
	}
	if c == "*" {
		return true
	}
	for _, word := range strings.Split(head, ".") {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			return false
		}
	}
	return true
}

func setPath(p *ir.Program, s Setting) error {
	parts := strings.Split(strings.TrimPrefix(s.Path, "spec."), ".")
	switch {
	case len(parts) == 2 && parts[0] == "limits":
		return setNamed(&p.Effective.Limits, limitKinds, parts[1], s.Value)
	case len(parts) == 2 && (parts[0] == "kernel" || parts[0] == "orchestrator"):
		return setNamed(&p.Effective.Kernel, kernelKinds, parts[1], s.Value)
	case len(parts) >= 3 && parts[0] == "ports":
		return setPort(p, parts[1], parts[2:], s.Value)
	}
	return fmt.Errorf("paths are limits.NAME, kernel.NAME, ports.PORT.adapter and ports.PORT.config.KEY")
}

// settingKind checks a value and turns it into the form of the program.
type settingKind func(v value.Value) (value.Value, error)

var limitKinds = map[string]settingKind{
	ir.MaxTotalTokens: count(0), ir.MaxLLMCalls: count(0), ir.MaxToolCalls: count(0),
	ir.MaxCostUSD: dollars, ir.MaxDuration: duration,
	ir.WarningThreshold: fraction, ir.OnLimit: oneOf("raise", "skip"),
}

var kernelKinds = map[string]settingKind{
	ir.MaxConcurrentNodes: count(1), ir.DefaultNodeTimeout: optional(duration), ir.PipelineTimeout: optional(duration),
	ir.StrictValidation: boolean, ir.OnFailure: oneOf("stop", "continue", "abort"), ir.MaxScopes: count(1),
	ir.Retention: optional(duration),
}

func setNamed(list *[]ir.Setting, kinds map[string]settingKind, name string, v value.Value) error {
	kind, ok := kinds[name]
	if !ok {
		names := make([]string, 0, len(kinds))
		for n := range kinds {
			names = append(names, n)
		}
		slices.Sort(names)
		return fmt.Errorf("there is no %q; there are %s", name, strings.Join(names, ", "))
	}
	v, err := kind(v)
	if err != nil {
		return err
	}
	from := []ir.Source{{Layer: "flags", At: ir.Place{File: -1}, Note: "set", Value: v}}
	for i := range *list {
		if x := &(*list)[i]; x.Name == name {
			x.From = append(from, x.From...)
			x.Value = v
			return nil
		}
	}
	*list = append(*list, ir.Setting{Name: name, Value: v, From: from})
	return nil
}

func setPort(p *ir.Program, name string, path []string, v value.Value) error {
	i := slices.IndexFunc(p.Ports, func(x ir.Port) bool { return x.Name == name })
	if i < 0 {
		names := make([]string, len(p.Ports))
		for j := range p.Ports {
			names[j] = p.Ports[j].Name
		}
		if len(names) == 0 {
			return fmt.Errorf("the program has no ports")
		}
		return fmt.Errorf("there is no port %q; there are %s", name, strings.Join(names, ", "))
	}
	x := &p.Ports[i]
	x.Shared = 0 // a process's port with settings of its own is its own
	switch {
	case len(path) == 1 && path[0] == "adapter":
		adapter, ok := v.AsString()
		if !ok || adapter == "" {
			return fmt.Errorf("an adapter is a name, not %s", value.Repr(v))
		}
		if adapter != x.Adapter {
			x.Adapter, x.Config, x.Pool, x.Strategy = adapter, value.NewObject(0).Value(), nil, ""
		}
		return nil
	case len(path) >= 2 && path[0] == "config":
		config, err := setKey(x.Config, path[1:], v)
		x.Config = config
		return err
	}
	return fmt.Errorf("of a port, adapter and config.KEY can be set")
}

// setKey gives v with the value at path replaced.
func setKey(v value.Value, path []string, to value.Value) (value.Value, error) {
	if len(path) == 0 {
		return to, nil
	}
	o, ok := v.Object()
	if !ok && !v.IsNull() {
		return v, fmt.Errorf("%q stands in a %s, not in a mapping", path[0], v.TypeName())
	}
	if o == nil {
		o = value.NewObject(0)
	}
	old, _ := o.Get(path[0])
	inner, err := setKey(old, path[1:], to)
	if err != nil {
		return v, err
	}
	out := o.Clone()
	out.Set(path[0], inner)
	return out.Value(), nil
}

func count(least int64) settingKind {
	return func(v value.Value) (value.Value, error) {
		if n, ok := v.AsInt(); ok && n >= least {
			return v, nil
		}
		return v, fmt.Errorf("it must be an int from %d on, not %s", least, value.Repr(v))
	}
}

func dollars(v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.KindInt, value.KindFloat, value.KindDecimal:
		if f, err := value.ToFloat(v); err == nil {
			if x, _ := f.AsFloat(); x >= 0 && !math.IsInf(x, 0) {
				return value.ParseDecimal(value.Str(v))
			}
		}
	}
	return v, fmt.Errorf("it must be an amount of dollars, not %s", value.Repr(v))
}

func duration(v value.Value) (value.Value, error) {
	d, err := port.ParseDuration(v)
	if err != nil {
		return v, fmt.Errorf("it %w", err)
	}
	if d <= 0 {
		return v, fmt.Errorf("it must be longer than nothing")
	}
	return value.Int(int64(d)), nil
}

func optional(kind settingKind) settingKind {
	return func(v value.Value) (value.Value, error) {
		if v.IsNull() {
			return v, nil
		}
		return kind(v)
	}
}

func fraction(v value.Value) (value.Value, error) {
	if v.Kind() == value.KindInt || v.Kind() == value.KindFloat {
		f, err := value.ToFloat(v)
		if x, _ := f.AsFloat(); err == nil && x > 0 && x <= 1 {
			return f, nil
		}
	}
	return v, fmt.Errorf("it must be a number over 0 and up to 1, not %s", value.Repr(v))
}

func boolean(v value.Value) (value.Value, error) {
	if _, ok := v.AsBool(); ok {
		return v, nil
	}
	return v, fmt.Errorf("it must be true or false, not %s", value.Repr(v))
}

func oneOf(words ...string) settingKind {
	return func(v value.Value) (value.Value, error) {
		if s, ok := v.AsString(); ok && slices.Contains(words, s) {
			return v, nil
		}
		return v, fmt.Errorf("it must be one of %s, not %s", strings.Join(words, ", "), value.Repr(v))
	}
}
