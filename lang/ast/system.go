package ast

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// System is the spec of a System.
type System struct {
	Spec      *shape.Object
	Processes []*Process
	// At is where the processes stand; PipesAt where the pipes do, zero if there
	// are none.
	At, PipesAt source.Location
	Pipes       []*Pipe
	Configuration
	Output        []*OutputEntry
	Input, Result *Schema
	Init          *Init
	Aliases       map[string]string
	Lifecycle     *Lifecycle // nil in DAG mode
}

// Process is one process of a System: a pipeline with what it gets there.
type Process struct {
	Loc  source.Location
	Obj  *shape.Object
	Name Ident
	// Exec is the pipeline's file with the environment filled in: `path`,
	// `path#name`, or `#name` for a pipeline of the same stream.
	Exec Ident
	Configuration
	// Node is the process as the System's graph has it: its condition, its
	// handler, and as mapping what the pipes to it give.
	Node *Node
	// Input are the fields of `input`, which lie under what the pipes give.
	Input []*Binding
	// Declared and Returns are the process's own input_schema and output_schema.
	Declared, Returns *Schema
}

// Pipe is one entry of `pipes`.
type Pipe struct {
	Loc      source.Location
	From, To Ident
	Mapping  []*Binding
}

// ProcessNode is the kind of Process.Node.
const ProcessNode = "process"

// system types the spec of a System.
func (b *builder) system(spec *shape.Object) *System {
	if spec == nil || spec.Node == nil {
		return nil
	}
	s := &System{Spec: spec, Aliases: b.aliases}
	if f := spec.Get("processes"); f != nil {
		s.At = b.at(f.Value)
		b.processes(s, f)
	}
	if f := spec.Get("pipes"); f != nil && !f.Null {
		s.PipesAt = b.at(f.Value)
		for _, v := range f.Items {
			if p := b.pipe(v.Object); p != nil {
				s.Pipes = append(s.Pipes, p)
			}
		}
	}
	b.attach(s)
	s.Configuration = b.configuration(spec)
	b.memory(s, spec.Get("memory"))
	if f := spec.Get("output"); f != nil && !f.Null && f.Value.Kind == syntax.Mapping {
		for k, v := range f.Value.Entries() {
			if v = v.Deref(); v == nil || v.Kind != syntax.Scalar {
				continue
			}
			id := Ident{Name: v.Value, Loc: b.at(v), Node: v}
			s.Output = append(s.Output, &OutputEntry{Name: b.keyIdent(k), Path: b.path(id), Node: v})
		}
	}
	s.Input = b.schema(spec.Get("input_schema"))
	s.Result = b.schema(spec.Get("output_schema"))
	s.Init = b.init(spec.Object("init"))
	s.Lifecycle = b.lifecycle(spec)
	b.names = expr.Options{}
	return s
}

// memory makes `memory` the port of that name, unless `ports` has it.
func (b *builder) memory(s *System, f *shape.Field) {
	if f == nil || f.Null || f.Object == nil {
		return
	}
	for _, p := range s.Ports {
		if p.Name.Name == "memory" {
			b.ds.Add(diag.New(diag.SystemFieldUnused, b.at(f.Key), "memory has no effect: ports declares the port memory").
				WithHelp("remove one of the two").WithRelated(p.Name.Loc, "it is declared here"))
			return
		}
	}
	p := &Port{Name: Ident{Name: "memory", Loc: b.at(f.Key), Node: f.Key}, Obj: f.Object}
	b.portSpec(p)
	s.Ports = append(s.Ports, p)
}

// processes types the processes, a map or a list of them. All their names are
// known before the first expression is parsed: one with hyphens is one name
// where it is declared.
func (b *builder) processes(s *System, f *shape.Field) {
	type entry struct {
		o   *shape.Object
		key *syntax.Node
	}
	var all []entry
	for _, e := range f.Entries {
		all = append(all, entry{e.Object, e.Key})
	}
	for _, v := range f.Items {
		all = append(all, entry{v.Object, nil})
	}
	for _, e := range all {
		if e.o == nil || e.o.Node == nil {
			continue
		}
		p := &Process{Obj: e.o, Loc: b.at(e.o.Node)}
		if e.key != nil {
			p.Name = b.keyIdent(e.key)
		} else {
			p.Name = b.ident(e.o.Get("name"))
		}
		if p.Name.Name == "" {
			continue // reported by the schema
		}
		if strings.Contains(p.Name.Name, "-") {
			b.names.Hyphenated = append(b.names.Hyphenated, p.Name.Name)
		}
		s.Processes = append(s.Processes, p)
	}
	for _, p := range s.Processes {
		b.process(p)
	}
}

func (b *builder) process(p *Process) {
	o := p.Obj
	p.Exec = b.ident(o.Get("exec"))
	p.Configuration = b.configuration(o)
	p.Declared = b.schema(o.Get("input_schema"))
	p.Returns = b.schema(o.Get("output_schema"))
	n := &Node{Loc: p.Loc, Obj: o, Tree: b.tree, Kind: ProcessNode, KindText: p.Exec, Name: p.Name, Mapped: true}
	p.Node = n
	if f := o.Get("when"); f != nil && !f.Null && f.OK {
		n.When = b.source(f.Value, RoleWhen, "when", schema.Condition)
	}
	if id := b.ident(o.Get("on_error")); id.Name != "" {
		n.OnError = &id
	}
	if f := o.Get("input"); f != nil && !f.Null && f.OK {
		p.Input = b.bindings(f, RoleMapping, "input", schema.Template)
		for _, in := range p.Input {
			in.Expr.unwrap()
			n.Texts = append(n.Texts, in.Expr)
		}
	}
}

func (b *builder) pipe(o *shape.Object) *Pipe {
	if o == nil || o.Node == nil {
		return nil
	}
	p := &Pipe{Loc: b.at(o.Node), From: b.ident(o.Get("from")), To: b.ident(o.Get("to"))}
	if f := o.Get("mapping"); f != nil && !f.Null && f.OK {
		p.Mapping = b.bindings(f, RoleMapping, "mapping", schema.Template)
		for _, m := range p.Mapping {
			m.Expr.unwrap()
		}
	}
	return p
}

// attach gives each process what the pipes to it give.
func (b *builder) attach(s *System) {
	byName := map[string]*Process{}
	for _, p := range s.Processes {
		if byName[p.Name.Name] == nil {
			byName[p.Name.Name] = p
		}
	}
	for _, pipe := range s.Pipes {
		p := byName[pipe.To.Name]
		if p == nil {
			continue
		}
		for _, m := range pipe.Mapping {
			m.Expr.Var = len(p.Node.Mapping)
			p.Node.Mapping = append(p.Node.Mapping, m)
		}
	}
}

// unwrap makes a template that is exactly one {{ expression }}, without filters
// but `default` and `required` at its end, the source of a mapping: a missing
// deeper segment is null there, and the value keeps its type.
func (e *Expr) unwrap() {
	if e == nil {
		return
	}
	for _, x := range e.Items {
		x.unwrap()
	}
	t, ok := e.Tree.(*expr.Template)
	if e.Mode != Template || !ok {
		return
	}
	x, single := t.Single()
	if !single {
		return
	}
	plain := true
	expr.Walk(x, func(n expr.Node) bool {
		if f, isFilter := n.(*expr.Filter); isFilter {
			marked := f.Name == "default" || f.Name == "d" || f.Name == "required"
			plain = plain && marked && n == x
		}
		_, isTest := n.(*expr.Is)
		plain = plain && !isTest
		return plain
	})
	if plain {
		e.Mode, e.Tree = Mapping, x
	}
}
