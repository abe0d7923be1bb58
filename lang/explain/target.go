package explain

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/schema"
)

// Answer is what a target means. It marshals to JSON as it is; String is for
// people.
type Answer interface{ String() string }

// NoProgramError says that a file's program could not be checked far enough to
// be explained. Diags say why.
type NoProgramError struct {
	File  string
	Diags []diag.Diagnostic
}

// Error implements error.
func (e *NoProgramError) Error() string { return e.File + " has no program that can be explained" }

// Target explains what the arguments of `hexc explain` name: a code or rule, a
// field, a function, a filter; or, with a file in front, its program, an
// effective value, a node, an edge. name picks the program of the file.
func Target(w *compile.Workspace, name string, args []string) (Answer, error) {
	if len(args) == 0 {
		return nil, errors.New("nothing to explain")
	}
	if isFile(args[0]) {
		return file(w, name, args)
	}
	if len(args) > 1 {
		return nil, &UnknownError{What: "file", Name: args[0]}
	}
	return word(args[0])
}

func isFile(s string) bool {
	info, err := os.Stat(s)
	return err == nil && !info.IsDir() || strings.HasSuffix(s, ".yaml") || strings.HasSuffix(s, ".yml")
}

// word explains what needs no file.
func word(s string) (Answer, error) {
	if e, ok := diag.LookupRule(s); ok {
		return CodeOf(e), nil
	}
	place, err := schema.Lookup(s)
	if err == nil {
		return FieldOf(place), nil
	}
	if f := function(s); f != nil {
		return f, nil
	}
	var names []string
	for _, e := range diag.Entries() {
		names = append(names, string(e.Code), e.Rule)
	}
	for _, f := range expr.Functions() {
		names = append(names, f.Name)
	}
	for _, f := range expr.Filters() {
		names = append(names, f.Name)
	}
	names = append(names, schema.RootNames()...)
	var lost *schema.LookupError
	if errors.As(err, &lost) && lost.After != "" {
		return nil, &UnknownError{What: "field of " + lost.After, Name: lost.At, Near: suggest.Near(lost.At, lost.Known)}
	}
	return nil, &UnknownError{What: "code, field or function", Name: s, Near: suggest.Near(s, names)}
}

func file(w *compile.Workspace, name string, args []string) (Answer, error) {
	c, err := w.CheckProgram(args[0], name)
	if err != nil {
		return nil, err
	}
	if c.Program == nil {
		return nil, &NoProgramError{args[0], c.Diags}
	}
	switch len(args) {
	case 1:
		return overview(c), nil
	case 2:
		if c.Processes != nil && (strings.HasPrefix(args[1], "processes.") || strings.HasPrefix(args[1], "spec.processes.")) {
			return processValue(c, args[1])
		}
		if strings.HasPrefix(args[1], "spec.") || strings.HasPrefix(args[1], "Pipeline.") {
			return EffectiveValue(c.Effective, args[1])
		}
		n, err := ExplainNode(c.Program, c.Effective, args[1])
		var unknown *UnknownError
		if errors.As(err, &unknown) {
			if v, verr := EffectiveValue(c.Effective, args[1]); verr == nil {
				return v, nil
			}
		}
		return n, err
	case 3:
		edges, err := ExplainEdge(c.Program, args[1], args[2])
		if err != nil {
			return nil, err
		}
		return &EdgeAnswer{args[1], args[2], edges}, nil
	}
	return nil, fmt.Errorf("too many targets: a file and at most two nodes")
}

// EdgeAnswer is the way from one node to another.
type EdgeAnswer struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Edges []Edge `json:"edges"`
}

// String renders the edges for people.
func (a *EdgeAnswer) String() string { return EdgesText(a.From, a.To, a.Edges) }

// Overview is a program at a glance.
type Overview struct {
	Name   string   `json:"name"`
	At     *Place   `json:"at"`
	Inputs []Input  `json:"inputs"`
	Nodes  []string `json:"nodes"`
	Calls  string   `json:"llm_calls"`
	Values []*Value `json:"effective"`
	Graph  *Graph   `json:"graph"`
	// Processes are those of a System.
	Processes []ProcessSummary `json:"processes,omitempty"`
}

// Input is a field of the run input that the program reads.
type Input struct {
	Name     string   `json:"name"`
	Declared bool     `json:"declared"`
	Required bool     `json:"required"`
	Uses     []*Place `json:"uses"`
}

func overview(c *compile.Checked) *Overview {
	o := &Overview{
		Name: c.Doc.Name.Name, At: place(c.File.Loc(c.Doc.Root)), Inputs: []Input{}, Nodes: []string{},
		Calls: interval(c.Program.LLMCalls), Values: Effective(c.Effective), Graph: GraphOf(c.Program),
		Processes: processSummaries(c),
	}
	for _, in := range c.Program.Inputs {
		x := Input{Name: in.Name, Declared: in.Declared, Required: in.Required}
		for _, u := range in.Uses {
			x.Uses = append(x.Uses, place(u))
		}
		o.Inputs = append(o.Inputs, x)
	}
	for _, n := range c.Program.Scope.Nodes {
		o.Nodes = append(o.Nodes, n.Name())
	}
	return o
}

// String renders o for people.
func (o *Overview) String() string {
	var b strings.Builder
	b.WriteString(o.Graph.Tree())
	if len(o.Inputs) > 0 {
		b.WriteString("\nreads from the run's input\n")
		for _, in := range o.Inputs {
			var notes []string
			if in.Declared {
				notes = append(notes, "declared")
			} else {
				notes = append(notes, "inferred")
			}
			if in.Required {
				notes = append(notes, "required")
			} else {
				notes = append(notes, "optional")
			}
			fmt.Fprintf(&b, "  %-18s %s, %s\n", in.Name, strings.Join(notes, ", "), in.Uses[0])
		}
	}
	fmt.Fprintf(&b, "\nLLM calls: %s\n\neffective configuration\n", o.Calls)
	for _, v := range o.Values {
		from := v.From[0].Layer
		if v.From[0].At != nil {
			from += " " + v.From[0].At.String()
		}
		fmt.Fprintf(&b, "  %-34s %-14s %s\n", v.Path, v.Text, from)
	}
	processesText(&b, o.Processes, o.Values)
	return b.String()
}
