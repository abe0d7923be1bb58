package compile

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/lower"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/value"
)

// system is a System under check with the pipelines of its processes.
type system struct {
	w     *Workspace
	file  *ast.File
	doc   *ast.Doc
	ds    diag.List
	files map[string]*ast.File // by name relative to the root
	// roots are the pipelines, each checked once as its own root: what is found
	// there belongs to the pipeline's file, whatever Systems use it.
	roots map[*ast.Doc]*root
	uses  []*check.Use
	ctx   []lower.Use
	// processes are the pipelines where they run.
	processes []ProcessChecked
	eff       config.Effective
	// configs are the layers below the System.
	configs []config.Layer
	defs    definitions
	checked *check.System
	// unlinked are the findings about what some process still lacks.
	unlinked []diag.Diagnostic
}

// root is a pipeline checked as its own root.
type root struct {
	program *check.Program
	ds      []diag.Diagnostic
	bad     bool
}

// checkSystem checks a System document of a file.
func (w *Workspace) checkSystem(name string, f *ast.File, d *ast.Doc) *system {
	s := &system{w: w, file: f, doc: d, files: map[string]*ast.File{f.Source.Name(): f}, roots: map[*ast.Doc]*root{}, defs: w.definitions(name, f, d)}
	layers, ds := w.layers(name, f, d)
	s.ds.Append(ds)
	s.configs = layers
	layers = append([]config.Layer{s.layer()}, layers...)
	s.eff, ds = config.Resolve(layers, config.Definitions{Policies: s.defs.policies})
	s.ds.Append(ds)
	s.independent()
	for _, p := range d.System.Processes {
		s.process(p)
	}
	var more []diag.Diagnostic
	s.checked, more = check.CheckSystem(d, s.uses, s.options(s.defs, s.eff))
	s.ds.Append(f.Composed.Annotate(more))
	for i, info := range s.checked.Scope.Nodes {
		if info.MaySkip() || d.System.Lifecycle != nil {
			s.processes[i].Use = s.processes[i].Use.Optional()
		}
	}
	if d.System.Lifecycle == nil { // else nobody knows how often processes run
		s.ds.Append(f.Composed.Annotate(check.SystemBudget(s.total(), s.eff)))
	}
	return s
}

func (s *system) layer() config.Layer {
	return config.Layer{Level: config.System, File: s.file, Configuration: &s.doc.System.Configuration}
}

func (s *system) options(defs definitions, eff config.Effective) check.Options {
	return check.Options{ReadFile: s.w.within, Adapters: defs.adapters, Policies: defs.policies, Middleware: defs.middleware, Effective: eff}
}

// independent makes processes that do not depend on a failed one finish, unless
// somebody says otherwise; in the order of declaration, what follows a failed
// one depends on it.
func (s *system) independent() {
	if len(s.doc.System.Pipes) == 0 {
		return
	}
	for i := range s.eff.Kernel {
		x := &s.eff.Kernel[i]
		if x.Name == ir.OnFailure && x.From[0].Layer == "built-in" {
			x.Value = value.String("continue")
			x.From = []config.Source{{Layer: "built-in", Value: x.Value, Note: "default of a System with pipes"}}
		}
	}
}

// process finds the pipeline of a process, and checks what it means there.
func (s *system) process(p *ast.Process) {
	use := &check.Use{Process: p}
	s.uses = append(s.uses, use)
	s.ctx = append(s.ctx, lower.Use{})
	s.processes = append(s.processes, ProcessChecked{Name: p.Name.Name, Use: check.AnyUse()})
	d := s.pipeline(p.Exec)
	if d == nil {
		return
	}
	r := s.root(d)
	if r.bad {
		s.ds.Add(diag.New(diag.BadPipeline, p.Exec.Loc, "the pipeline of process %q has errors", p.Name.Name).
			WithHelp("run `hexc check %s`", d.File.Source.Path()))
		return
	}
	use.Pipeline = r.program
	defs := s.visible(d)
	layers := append([]config.Layer{
		{Level: config.Pipeline, File: d.File, Elsewhere: true, Configuration: &d.Pipeline.Configuration},
		{Level: config.Process, File: s.file, Configuration: &p.Configuration},
	}, s.below()...)
	eff, ds := config.Resolve(layers, config.Definitions{Policies: defs.policies})
	ctx := &s.ctx[len(s.ctx)-1]
	ctx.Effective, ctx.Options = eff, lower.Options{Adapters: defs.adapters, Middleware: defs.middleware, Policies: defs.policies}
	ds = append(ds, check.InContext(r.program, s.options(defs, eff))...)
	here := &s.processes[len(s.processes)-1]
	here.Program, here.Effective, here.Use, here.Nodes = r.program, eff, r.program.Use, check.NodeUses(r.program)
	for _, d := range ds {
		if linked[d.Code] {
			s.unlinked = append(s.unlinked, d)
		}
	}
	s.place(p, r, ds)
}

// below are the layers below a process: the System's and the Configs', whose own
// faults are reported with the System.
func (s *system) below() []config.Layer {
	out := append([]config.Layer{s.layer()}, s.configs...)
	for i := range out {
		out[i].Elsewhere = true
	}
	return out
}

// place reports what holds for a pipeline only in a process, where the process
// is: the pipeline's own findings belong to its file.
func (s *system) place(p *ast.Process, r *root, ds []diag.Diagnostic) {
	for _, d := range ds {
		if d.Severity == diag.Info || hasFinding(r.ds, d) {
			continue
		}
		at := d.Loc
		if at.File != s.file.Source {
			d = d.WithRelated(at, "this is meant")
			d.Loc, d.Fixes = p.Exec.Loc, nil
			d.Message = "process " + quote(p.Name.Name) + ": " + d.Message
		}
		s.ds.Add(d)
	}
}

func hasFinding(ds []diag.Diagnostic, d diag.Diagnostic) bool {
	for _, x := range ds {
		if x.Code == d.Code && x.Loc == d.Loc && x.Message == d.Message {
			return true
		}
	}
	return false
}

// root checks a pipeline as its own root, once.
func (s *system) root(d *ast.Doc) *root {
	if r := s.roots[d]; r != nil {
		return r
	}
	r := &root{}
	s.roots[d] = r
	for _, x := range d.File.Diags {
		if !inOther(d, x.Loc) {
			r.ds = append(r.ds, x)
		}
	}
	program, _, ds := s.w.checkUnder(s.path(d.File), d.File, d, &s.doc.System.Configuration)
	r.program, r.ds = program, append(r.ds, ds...)
	r.bad = diag.HasErrors(r.ds) || program == nil
	return r
}

// inOther reports whether a place is inside of another document of d's stream:
// what is wrong there does not concern d.
func inOther(d *ast.Doc, at source.Location) bool {
	if at.File != d.File.Source {
		return false
	}
	for _, x := range d.File.Docs {
		if x != d && x.Root != nil && x.Root.Span.Start <= at.Span.Start && at.Span.End <= x.Root.Span.End {
			return true
		}
	}
	return false
}

// visible are the documents that a pipeline of the System can name: those that
// it sees by itself before the System's.
func (s *system) visible(d *ast.Doc) definitions {
	out := s.w.definitions(s.path(d.File), d.File, d)
	below(out.adapters, s.defs.adapters)
	below(out.policies, s.defs.policies)
	below(out.middleware, s.defs.middleware)
	return out
}

// path is where a file of the workspace is.
func (s *system) path(f *ast.File) string {
	return filepath.Join(s.w.root, filepath.FromSlash(f.Source.Name()))
}

// pipeline finds the document that `exec` names; nil if there is none, which is
// reported.
func (s *system) pipeline(exec ast.Ident) *ast.Doc {
	if exec.Name == "" {
		return nil // reported by the schema, or by the environment
	}
	name, doc, picked := strings.Cut(exec.Name, "#")
	missing := func(format string, args ...any) diag.Diagnostic {
		return diag.New(diag.MissingPipeline, exec.Loc, format, args...)
	}
	f := s.file
	if name != "" {
		rel := path.Join(path.Dir(exec.Loc.File.Name()), name)
		if path.IsAbs(name) {
			rel = name
		}
		var err error
		if f, err = s.load(rel); err != nil {
			var inner *fs.PathError
			if errors.As(err, &inner) {
				err = inner.Err // without the folder that the workspace happens to be in
			}
			s.ds.Add(missing("cannot read the pipeline %s: %v", name, err).
				WithHelp("the path is relative to the file that it stands in, and must stay inside of the workspace"))
			return nil
		}
	}
	var all []*ast.Doc
	var names []string
	other := ""
	for _, d := range f.Docs {
		if d.Pipeline == nil || d.Fragment {
			if other == "" {
				other = d.Kind
			}
			continue
		}
		names = append(names, d.Name.Name)
		if !picked || d.Name.Name == doc {
			all = append(all, d)
		}
	}
	switch {
	case len(all) == 1:
		return all[0]
	case len(names) == 0 && diag.HasErrors(f.Diags) && f != s.file:
		s.ds.Add(diag.New(diag.BadPipeline, exec.Loc, "%s has errors", name).WithHelp("run `hexc check %s`", f.Source.Path()))
	case len(names) == 0 && other == "System":
		s.ds.Add(missing("%s is a System, and a process runs a pipeline", exec.Name).WithHelp("name a file with `kind: Pipeline`"))
	case len(names) == 0:
		s.ds.Add(missing("there is no pipeline in %s", exec.Name).WithHelp("a pipeline is a document with `kind: Pipeline`"))
	case len(all) == 0:
		d := missing("%s has no pipeline %q", orThis(name), doc)
		if best := suggest.Best(doc, names); best != "" {
			d = d.WithHelp("did you mean %q?", best).
				WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: exec.Loc, NewText: quote(name + "#" + best)})
		} else {
			d = d.WithHelp("there is %s", strings.Join(quoteAll(names), ", "))
		}
		s.ds.Add(d)
	default:
		s.ds.Add(missing("%s has several pipelines, and none is chosen", orThis(name)).
			WithHelp("write %s#NAME: there is %s", name, strings.Join(quoteAll(names), ", ")))
	}
	return nil
}

func orThis(name string) string {
	if name == "" {
		return "this file"
	}
	return name
}

// load reads a file of the workspace, once.
func (s *system) load(name string) (*ast.File, error) {
	if f := s.files[name]; f != nil {
		return f, nil
	}
	data, err := s.w.within(name)
	if err != nil {
		return nil, err
	}
	if len(data) > MaxFile {
		return nil, &TooLargeError{Path: name, Size: int64(len(data)), Limit: MaxFile}
	}
	full := filepath.Join(s.w.root, filepath.FromSlash(name))
	f := ast.Build(source.NewNamed(s.w.display(full), name, data), s.w.expansion())
	s.files[name] = f
	return f, nil
}

// build lowers a System without errors. The findings include those of its
// pipelines as their own roots.
func (s *system) build() (*ir.Program, []diag.Diagnostic) {
	var ds []diag.Diagnostic
	for _, u := range s.uses {
		if u.Pipeline == nil {
			continue
		}
		for _, d := range s.roots[u.Pipeline.Doc].ds {
			if !linked[d.Code] || hasFinding(s.unlinked, d) {
				ds = append(ds, d)
			}
		}
	}
	for _, r := range s.roots {
		if r.bad {
			ds = append(ds, r.ds...)
		}
	}
	ds = append(ds, s.ds.Items()...)
	for i := range ds {
		if ds[i].Code == diag.EnvUnset || ds[i].Code == diag.BadPipeline {
			ds[i].Severity = diag.Error // a build needs the value, and the pipeline
		}
	}
	if diag.HasErrors(ds) {
		return nil, ds
	}
	prog, more := lower.System(s.checked, s.eff, s.ctx, lower.Options{Adapters: s.defs.adapters, Middleware: s.defs.middleware})
	return prog, append(ds, more...)
}

// total is what a run of all processes uses.
func (s *system) total() check.Usage {
	var sum check.Usage
	for i := range s.processes {
		sum = sum.Plus(s.processes[i].Use)
	}
	return sum
}

// program is the System's graph as a program, of which the nodes are its
// processes.
func (s *system) program() (*check.Program, config.Effective, []diag.Diagnostic) {
	p := &check.Program{Doc: s.doc, Scope: s.checked.Scope, Inputs: s.checked.Inputs}
	p.Use = s.total()
	if s.doc.System.Lifecycle != nil {
		p.Use = check.AnyUse()
	}
	p.LLMCalls = p.Use.LLM
	return p, s.eff, s.ds.Items()
}
