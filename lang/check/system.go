package check

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
)

// System is a checked System.
type System struct {
	Doc *ast.Doc
	// Scope has a node for each process. What their expressions read of other
	// processes was rewritten: `A.b` is `A.nodes.b` or `A.outputs.b`, and
	// `A.b.output` is `A.whole.b` where only the run knows what it means.
	Scope *Scope
	// Uses are the pipelines in their processes, by index.
	Uses []*Use
	// Inputs are the fields of the System's input that it and its processes
	// read, by first use.
	Inputs []*Input
	Output []SystemOutput
	// Guards and Code are as in Program: those of the System's state machines.
	Guards map[*ast.Expr][]Slot
	Code   map[*ast.Function]Code
}

// Use is a pipeline as a process of a System.
type Use struct {
	Process *ast.Process
	// Pipeline is the pipeline checked as its own root; nil if there is none or
	// it has errors, which was reported.
	Pipeline *Program
	// Input are the process's own fields of its input, rewritten like those of
	// the Scope.
	Input []*ast.Binding
	// Reads are the nodes of the pipeline whose results the System reads, in
	// order; Whole those of which it reads `NODE.output`.
	Reads, Whole []*Info
}

// SystemOutput is one entry of a System's declared result.
type SystemOutput struct {
	Entry   *ast.OutputEntry
	Process *Info
	// Path leads from the process's result (`nodes`, `outputs`, `whole`) on.
	Path []string
	Type *expr.Type
}

// CheckSystem checks a System with the pipelines of its processes: uses has one
// entry for each process, in order. opt is about the System's own ports.
func CheckSystem(doc *ast.Doc, uses []*Use, opt Options) (*System, []diag.Diagnostic) {
	s := &System{Doc: doc, Uses: uses}
	// The System's expressions are checked as those of a pipeline with its input.
	shim := &ast.Doc{File: doc.File, Kind: doc.Kind, Root: doc.Root, Obj: doc.Obj, Name: doc.Name}
	shim.Pipeline = &ast.Pipeline{Spec: doc.System.Spec, Input: doc.System.Input, Aliases: doc.System.Aliases}
	shim.Pipeline.Configuration = doc.System.Configuration
	c := &systemChecker{
		checker: &checker{doc: shim, opt: opt, program: &Program{Doc: shim, Code: map[*ast.Function]Code{}, Guards: map[*ast.Expr][]Slot{}}, inputs: map[string]*Input{}},
		system:  s,
	}
	c.declareProcesses()
	c.connect()
	c.pipeCycles()
	c.results()
	for _, info := range s.Scope.Nodes {
		c.readProcess(info)
	}
	c.bareNames()
	for _, info := range s.Scope.Nodes {
		c.typeProcess(info)
		if doc.System.Lifecycle == nil { // else the payload of a transition is the input
			c.supply(info)
		}
	}
	c.systemOutput()
	c.systemResults()
	c.start()
	c.lifecycle()
	c.shadowed(s.Scope)
	c.unreachableProcesses()
	c.configured(&doc.System.Configuration)
	for _, u := range uses {
		c.configured(&u.Process.Configuration)
	}
	s.Inputs, s.Guards, s.Code = c.order, c.program.Guards, c.program.Code
	return s, c.ds.Items()
}

type systemChecker struct {
	*checker
	system *System
	// upstream are the processes that have settled before each one starts.
	upstream []map[*Info]bool
}

func (c *systemChecker) use(info *Info) *Use { return c.system.Uses[info.Index] }

// declareProcesses makes the scope.
func (c *systemChecker) declareProcesses() {
	sys := c.system.Doc.System
	s := &Scope{names: make(map[string]*Info, len(sys.Processes))}
	c.system.Scope = s
	for i, p := range sys.Processes {
		n := *p.Node
		info := &Info{Node: &n, Scope: s, Index: i, Slots: map[*ast.Expr][]Slot{}, trees: map[*ast.Expr]expr.Node{}}
		s.Nodes = append(s.Nodes, info)
		name := p.Name.Name
		if first, dup := s.names[name]; dup {
			c.add(diag.New(diag.DuplicateProcess, p.Name.Loc, "duplicate process name %q", name).
				WithHelp("give one of the two another name").
				WithRelated(first.Node.Name.Loc, "%q is declared here first", name))
			continue
		}
		s.names[name] = info
		if reserved[name] || !expr.IsIdentifier(strings.ReplaceAll(name, "-", "_")) || strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-") {
			c.add(diag.New(diag.BadProcessName, p.Name.Loc, "process name %q cannot be read in a mapping", name).
				WithHelp("use letters, digits, underscores and hyphens in between: %q", identifier(name)))
		}
	}
	if len(sys.Processes) == 0 && !diag.HasErrors(c.doc.File.Diags) {
		c.add(diag.New(diag.NoProcesses, sys.At, "this System has no processes").WithHelp("declare them under spec.processes: {NAME: {exec: ./pipeline.yaml}}"))
	}
}

// connect makes the edges of pipes and handlers; of a System without pipes,
// those of the order of declaration.
func (c *systemChecker) connect() {
	s, sys := c.system.Scope, c.system.Doc.System
	for _, p := range sys.Pipes {
		from, to := c.process(p.From, "a pipe starts at"), c.process(p.To, "a pipe leads to")
		if from != nil && to != nil {
			c.edge(to, from, Data, "pipe", p.From.Loc)
		}
	}
	for _, info := range s.Nodes {
		id := info.Node.OnError
		if id == nil {
			continue
		}
		h := c.process(*id, "on_error names")
		switch {
		case h == info:
			c.add(diag.New(diag.UnknownProcess, id.Loc, "process %q cannot handle its own failure", info.Name()).WithHelp("name another process"))
		case h != nil:
			h.Guards = append(h.Guards, info)
			c.edge(h, info, OnError, "on_error", id.Loc)
		}
	}
	if len(sys.Pipes) == 0 && sys.Lifecycle == nil {
		var prev *Info
		for _, info := range s.Nodes {
			if info.handles() {
				continue
			}
			if prev != nil {
				c.edge(info, prev, Wait, "chained", info.Node.Name.Loc)
			}
			prev = info
		}
	}
	c.settle(s)
	for _, info := range s.Nodes {
		info.Single = nil // the fields of a process are never bare
	}
}

// process is the process that an id names; nil if there is none, which is
// reported.
func (c *systemChecker) process(id ast.Ident, what string) *Info {
	if id.Name == "" {
		return nil // reported by the schema
	}
	s := c.system.Scope
	if info := s.names[id.Name]; info != nil {
		return info
	}
	c.add(c.suggestProcess(diag.New(diag.UnknownProcess, id.Loc, "%s %q, which is no process", what, id.Name), id.Name, id.Loc))
	return nil
}

func (c *systemChecker) suggestProcess(d diag.Diagnostic, name string, loc source.Location) diag.Diagnostic {
	s := c.system.Scope
	names := s.nodeNames()
	if best := suggest.Best(name, names); best != "" {
		return d.WithHelp("did you mean %q?", best).
			WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: loc, NewText: best}).
			WithRelated(s.names[best].Node.Name.Loc, "%q is declared here", best)
	}
	if len(names) == 0 {
		return d.WithHelp("declare it under spec.processes")
	}
	return d.WithHelp("the processes are %s", strings.Join(names, ", "))
}

// pipeCycles reports processes that wait for each other, and finds for each
// process those that have settled before it starts.
func (c *systemChecker) pipeCycles() {
	s := c.system.Scope
	inner := &checker{doc: c.doc}
	inner.cycles(s)
	for _, d := range inner.ds.Items() {
		d.Code = diag.PipeCycle
		_, path, _ := strings.Cut(d.Message, ": ")
		d.Message, d.Help = "cycle of processes: "+path, "each process waits for the next; remove one of the pipes"
		c.add(d)
	}
	c.upstream = make([]map[*Info]bool, len(s.Nodes))
	var visit func(*Info) map[*Info]bool
	visit = func(info *Info) map[*Info]bool {
		if up := c.upstream[info.Index]; up != nil {
			return up
		}
		up := map[*Info]bool{}
		c.upstream[info.Index] = up
		for _, e := range info.Edges {
			up[e.From] = true
			for at := range visit(e.From) {
				up[at] = true
			}
		}
		return up
	}
	for _, info := range s.Nodes {
		visit(info)
	}
}

// unreachableProcesses reports those whose condition is constantly false.
func (c *systemChecker) unreachableProcesses() {
	for _, info := range c.system.Scope.Nodes {
		if constFalse(info.Node.When) {
			c.add(diag.New(diag.UnreachableNode, info.Node.When.Loc, "process %q can never run: its condition is always false", info.Name()).
				WithHelp("remove the process, or correct the condition"))
		}
	}
}

// systemOutput resolves the declared result.
func (c *systemChecker) systemOutput() {
	c.observers(&c.system.Doc.System.Configuration)
	s := c.system.Scope
	for _, o := range c.system.Doc.System.Output {
		if len(o.Path) == 0 {
			continue
		}
		head := o.Path[0]
		info := s.names[head.Name]
		if info == nil {
			c.add(c.suggestProcess(diag.New(diag.UnknownProcess, head.Loc, "output %q reads %q, which is no process", o.Name.Name, head.Name), head.Name, head.Loc))
			continue
		}
		out := SystemOutput{Entry: o, Process: info}
		rest := o.Path[1:]
		if len(rest) == 0 {
			out.Path = []string{"outputs"}
			if p := c.use(info).Pipeline; p != nil {
				out.Type = c.optional(info, outputsType(p))
			}
			c.system.Output = append(c.system.Output, out)
			continue
		}
		segments := make([]part, len(rest))
		for i, f := range rest {
			segments[i] = part{f.Name, f.Loc}
		}
		m, ok := c.member(info, segments, head.Loc)
		if !ok {
			continue
		}
		out.Path = m.prefix
		t := m.typ
		for _, f := range rest[m.taken:] {
			if t != nil && !t.IsAny() {
				next, known := t.Field(f.Name)
				if !known {
					c.add(unknownField(t, f.Name, f.Loc))
					break
				}
				t = next.Type
			}
			out.Path = append(out.Path, f.Name)
		}
		out.Type = c.optional(info, t)
		c.system.Output = append(c.system.Output, out)
	}
}

// optional is the type of what a process gives, which is null if it is skipped.
func (c *systemChecker) optional(info *Info, t *expr.Type) *expr.Type {
	if t = orAny(t); info.maySkip {
		return expr.Nullable(t)
	}
	return t
}

func unknownField(t *expr.Type, name string, loc source.Location) diag.Diagnostic {
	d := diag.New(diag.ExprUnknownField, loc, "%s has no field %q", t, name)
	if best := suggest.Best(name, t.FieldNames()); best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: loc, NewText: best})
	}
	return d
}
