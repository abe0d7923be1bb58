package runtime

import (
	"fmt"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// applySystem gives a System with the overrides in it. Capabilities and the mock
// hold for every process. A limit or kernel setting replaces what the System or a
// Config said, for its processes too; what a process or its pipeline says itself
// is reached as processes.NAME.limits.…, and likewise its own ports.
func (o *Overrides) applySystem(p *ir.Program) (*ir.Program, error) {
	whole := Overrides{Allow: o.Allow, Deny: o.Deny, Mock: o.Mock}
	own := map[string][]Setting{}
	start := ""
	for _, s := range o.Set {
		path := strings.TrimPrefix(s.Path, "spec.")
		if path == "init.type" {
			text, _ := s.Value.AsString()
			if text != ir.InitManual {
				return nil, fmt.Errorf("cannot set %s: it can only be set to %s, which starts the System by hand", s.Path, ir.InitManual)
			}
			start = text
			continue
		}
		rest, ok := strings.CutPrefix(path, "processes.")
		if !ok {
			whole.Set = append(whole.Set, s)
			continue
		}
		name, inner, _ := strings.Cut(rest, ".")
		if !slices.ContainsFunc(p.Body.Nodes, func(n ir.Node) bool { return n.Name == name }) {
			return nil, fmt.Errorf("cannot set %s: there is no process %q; there are %s", s.Path, name, strings.Join(processNames(p), ", "))
		}
		own[name] = append(own[name], Setting{Path: inner, Value: s.Value})
	}
	q, err := whole.applyTo(p)
	if err != nil {
		return nil, err
	}
	if start != "" && q.Init != nil {
		init := ir.Init{Type: start, At: q.Init.At, Input: value.Null}
		q.Init = &init
	}
	q.Body.Nodes = slices.Clone(p.Body.Nodes)
	for i := range q.Body.Nodes {
		n := &q.Body.Nodes[i]
		x := *n.Process
		x.Ports = slices.Clone(x.Ports)
		for j := range x.Ports {
			if s := x.Ports[j].Shared; s > 0 {
				name := x.Ports[j].Name
				x.Ports[j] = q.Ports[s-1]
				x.Ports[j].Name, x.Ports[j].Shared, x.Ports[j].Middleware = name, s, nil
			}
		}
		here := Overrides{Set: append(inherited(whole.Set, &x.Effective), own[n.Name]...), Allow: o.Allow, Deny: o.Deny, Mock: o.Mock}
		changed, err := here.applyTo(&ir.Program{Effective: x.Effective, Ports: x.Ports})
		if err != nil {
			return nil, fmt.Errorf("process %q: %w", n.Name, err)
		}
		x.Effective, x.Ports = changed.Effective, changed.Ports
		n.Process = &x
	}
	return q, nil
}

// inherited are those of a System's settings that a process does not decide
// itself.
func inherited(set []Setting, e *ir.Effective) []Setting {
	var out []Setting
	for _, s := range set {
		group, name, _ := strings.Cut(strings.TrimPrefix(s.Path, "spec."), ".")
		list := e.Kernel
		switch group {
		case "limits":
			list = e.Limits
		case "kernel", "orchestrator":
		default:
			continue
		}
		i := slices.IndexFunc(list, func(x ir.Setting) bool { return x.Name == name })
		if i >= 0 && len(list[i].From) > 0 && (list[i].From[0].Layer == "process" || list[i].From[0].Layer == "pipeline") {
			continue
		}
		out = append(out, s)
	}
	return out
}

func processNames(p *ir.Program) []string {
	var out []string
	for i := range p.Body.Nodes {
		out = append(out, p.Body.Nodes[i].Name)
	}
	return out
}

// startable says why a System cannot be started by a call.
func startable(p *ir.Program) error {
	if p.Lifecycle != nil {
		x := Problem{
			Message: fmt.Sprintf("System %q runs by the transitions of entities (state_machines), which this version checks and builds, but does not run", p.Name),
			Help:    "run the pipeline of one of its processes by itself (" + strings.Join(processNames(p), ", ") + "), or a System with pipes",
		}
		if at := &p.Origin; at.File >= 0 && at.File < len(p.Files) && at.Line > 0 {
			x.File, x.Line = p.Files[at.File], at.Line
		}
		return &StartError{Problems: []Problem{x}}
	}
	if p.Init == nil || p.Init.Type == ir.InitManual {
		return nil
	}
	how := map[string]string{ir.InitSchedule: "by times", ir.InitContinuous: "by its own end", ir.InitEvent: "by events"}[p.Init.Type]
	x := Problem{
		Message: fmt.Sprintf("System %q is started %s (init.type: %s), and a single run starts only what is manual", p.Name, how, p.Init.Type),
		Help:    "run it once all the same with init.type set to manual: --set init.type=manual",
	}
	if at := &p.Init.At; at.File >= 0 && at.File < len(p.Files) && at.Line > 0 {
		x.File, x.Line = p.Files[at.File], at.Line
	}
	return &StartError{Problems: []Problem{x}}
}
