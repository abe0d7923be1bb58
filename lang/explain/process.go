package explain

import (
	"fmt"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/suggest"
)

// ProcessSummary is what holds for one process of a System.
type ProcessSummary struct {
	Name     string         `json:"name"`
	Pipeline string         `json:"pipeline"`
	At       *Place         `json:"at"`
	Calls    string         `json:"llm_calls"`
	Values   []*Value       `json:"effective"`
	Ports    []ProcessPort  `json:"ports"`
	Policies []ProcessValue `json:"policies"`
}

// ProcessPort is what serves a port in a process.
type ProcessPort struct {
	Name string `json:"name"`
	// Adapter is an adapter's name, or `ref NAME` for an Adapter document's.
	Adapter string `json:"adapter"`
	Layer   string `json:"layer"`
	At      *Place `json:"at"`
}

// ProcessValue is a policy that holds in a process.
type ProcessValue struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Layer string `json:"layer"`
	At    *Place `json:"at"`
}

func processSummaries(c *compile.Checked) []ProcessSummary {
	var out []ProcessSummary
	for i := range c.Processes {
		p := &c.Processes[i]
		s := ProcessSummary{
			Name: p.Name, At: place(c.Program.Scope.Nodes[i].Node.Loc), Calls: interval(p.Use.LLM),
			Values: []*Value{}, Ports: []ProcessPort{}, Policies: []ProcessValue{},
		}
		if p.Program != nil {
			s.Pipeline = p.Program.Doc.Name.Name
			s.Values = Effective(p.Effective)
			s.Ports = processPorts(p.Effective)
			for _, x := range p.Effective.Policies {
				v := ProcessValue{Name: x.Slot, Type: x.Type}
				if len(x.From) > 0 {
					v.Layer, v.At = x.From[0].Layer, place(x.From[0].Loc)
				}
				s.Policies = append(s.Policies, v)
			}
		}
		out = append(out, s)
	}
	return out
}

func processPorts(e config.Effective) []ProcessPort {
	out := []ProcessPort{}
	for _, name := range e.Ports.Names() {
		p := e.Ports.Named(name)
		if p == nil {
			continue // a port of one kind of node, or one that was taken away
		}
		x := ProcessPort{Name: p.Name, Adapter: p.Spec.Adapter.Name}
		switch {
		case p.Spec.Ref.Name != "":
			x.Adapter = "ref " + p.Spec.Ref.Name
		case len(p.Spec.Pool) > 0:
			x.Adapter = fmt.Sprintf("pool of %d", len(p.Spec.Pool))
		}
		if len(p.From) > 0 {
			x.Layer, x.At = p.From[0].Layer, place(p.From[0].Loc)
		}
		out = append(out, x)
	}
	return out
}

// processValue explains an effective value of one process by its path:
// `processes.NAME.limits.max_llm_calls`, `processes.NAME.caps`.
func processValue(c *compile.Checked, path string) (*Value, error) {
	rest := strings.TrimPrefix(strings.TrimPrefix(path, "spec."), "processes.")
	var names []string
	for i := range c.Processes {
		p := &c.Processes[i]
		names = append(names, p.Name)
		inner, ok := strings.CutPrefix(rest, p.Name+".")
		if !ok {
			continue
		}
		v, err := EffectiveValue(p.Effective, strings.TrimPrefix(inner, "spec."))
		if err != nil {
			return nil, err
		}
		v.Path = "processes." + p.Name + "." + strings.TrimPrefix(v.Path, "spec.")
		return v, nil
	}
	name, _, _ := strings.Cut(rest, ".")
	return nil, &UnknownError{What: "process", Name: name, Near: suggest.Near(name, names)}
}

// processesText renders processes for people: what differs from the System's own
// configuration, with who decided it.
func processesText(b *strings.Builder, list []ProcessSummary, whole []*Value) {
	if len(list) == 0 {
		return
	}
	b.WriteString("\nprocesses\n")
	for _, p := range list {
		fmt.Fprintf(b, "  %s  (%s)  LLM calls: %s\n", p.Name, p.Pipeline, p.Calls)
		for _, v := range p.Values {
			if slices.ContainsFunc(whole, func(w *Value) bool { return w.Path == v.Path && w.Text == v.Text }) {
				continue
			}
			fmt.Fprintf(b, "    %s = %s  %s\n", strings.TrimPrefix(v.Path, "spec."), v.Text, origin(v.From[0].Layer, v.From[0].At))
		}
		for _, x := range p.Ports {
			fmt.Fprintf(b, "    port %s: %s  %s\n", x.Name, x.Adapter, origin(x.Layer, x.At))
		}
		for _, x := range p.Policies {
			fmt.Fprintf(b, "    policy %s: %s  %s\n", x.Name, x.Type, origin(x.Layer, x.At))
		}
	}
}

func origin(layer string, at *Place) string {
	if at == nil {
		return layer
	}
	return layer + " " + at.String()
}
