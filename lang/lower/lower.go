// Package lower turns a checked program into IR.
//
// Input: a check.Program without errors, its effective configuration, the
// definitions that its references mean, and what the environment gives. Output:
// an ir.Program, or diagnostics about what this version cannot lower.
//
// Invariants: nothing is looked up twice: what a name means was decided by
// package check and is only written down here; the same input gives the same
// program, whatever the folder and the order of files; no absolute path, no
// value of a secret and no value of the environment beyond the place that asked
// for it is in the program.
//
// The three hardest cases: an expression keeps a map from its decoded text to
// lines and columns, since the file is not there at run time; `NODE.output` means
// the whole result or a field, which may be known only at run time; examples and
// system messages of a prompt are one message made of several texts.
package lower

import (
	"path"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/source"
)

// Options is what lowering needs from outside of the manifest.
type Options struct {
	// Adapters are the Adapter documents by name.
	Adapters map[string]*ast.Doc
	// Middleware are the Middleware documents by name.
	Middleware map[string]*ast.Doc
	// Policies are the Policy documents by name, for the nodes of a process: those
	// of a pipeline by itself were resolved when it was checked.
	Policies map[string]*ast.Doc
}

// Lower makes the program.
func Lower(p *check.Program, eff config.Effective, opt Options) (*ir.Program, []diag.Diagnostic) {
	l := newLowerer(p, eff, opt)
	l.prog.Version = ir.Version
	l.pipeline(p, eff)
	return l.prog, l.ds.Items()
}

func newLowerer(p *check.Program, eff config.Effective, opt Options) *lowerer {
	return &lowerer{
		opt: opt, prog: &ir.Program{Kind: ir.KindPipeline}, files: map[string]int{}, code: map[string]int{}, program: p,
		config: eff, portOf: map[string]int{}, shared: map[*ast.Policy]int{},
	}
}

// pipeline fills the program.
func (l *lowerer) pipeline(p *check.Program, eff config.Effective) {
	l.prog.Name = p.Doc.Name.Name
	l.prog.Origin = l.place(source.Location{File: p.Doc.File.Source, Span: p.Doc.Root.Span})
	l.effective(eff)
	l.ports()
	l.prices()
	if in := p.Doc.Pipeline.Input; in != nil && in.Type != nil {
		l.prog.InputSchema = expr.EncodeType(expr.Loosened(in.Type))
	}
	l.inputs(p.Inputs)
	l.env(p.Doc.Env)
	l.services(p)
	l.prog.Body = l.body(p.Scope, "")
	if out := p.Doc.Pipeline.Result; out != nil && out.Type != nil && !out.Type.IsAny() && len(p.Output) > 0 {
		l.prog.OutputSchema = expr.EncodeType(out.Type)
	}
	for _, o := range p.Output {
		l.prog.Output = append(l.prog.Output, ir.OutputField{
			Name: o.Entry.Name.Name, Node: o.Node.Index, Path: o.Path, At: l.place(o.Entry.Path[0].Loc),
		})
	}
}

type lowerer struct {
	opt     Options
	prog    *ir.Program
	program *check.Program
	ds      diag.List
	files   map[string]int
	code    map[string]int // hash → index in prog.Code
	// config is the effective configuration; portOf are the ports that were
	// lowered, shared the layers of middleware that policies made, both with their
	// index in prog.
	config config.Effective
	portOf map[string]int
	shared map[*ast.Policy]int
	system *lowerer // of the System that the pipeline is a process of
}

func (l *lowerer) add(d diag.Diagnostic) { l.ds.Add(d) }

func (l *lowerer) unbuildable(loc source.Location, what string) {
	l.add(diag.New(diag.NotBuildable, loc, "this version cannot build %s", what).
		WithHelp("hexc check accepts it; hexc build and hexc run do not yet"))
}

func (l *lowerer) file(f *source.File) int {
	if l.system != nil {
		return l.system.file(f) // all programs of a System share its files
	}
	name := path.Clean(f.Name())
	if i, ok := l.files[name]; ok {
		return i
	}
	i := len(l.prog.Files)
	l.files[name] = i
	l.prog.Files = append(l.prog.Files, name)
	return i
}

// place writes a location down so that it can be shown without the file.
func (l *lowerer) place(loc source.Location) ir.Place {
	if loc.IsZero() {
		return ir.Place{File: -1}
	}
	loc = loc.Written()
	a, b := loc.File.Position(int(loc.Span.Start)), loc.File.Position(int(loc.Span.End))
	return ir.Place{
		File: l.file(loc.File), Line: a.Line, Column: a.Column, Offset: a.Offset,
		EndLine: b.Line, EndCol: b.Column, EndOff: b.Offset, Via: l.via(loc.File),
	}
}

func (l *lowerer) effective(e config.Effective) {
	settings := func(in []config.Setting) []ir.Setting {
		var out []ir.Setting
		for _, s := range in {
			out = append(out, ir.Setting{Name: s.Name, Value: s.Value, From: l.sources(s.From)})
		}
		return out
	}
	l.prog.Effective = ir.Effective{
		Kernel: settings(e.Kernel), Limits: settings(e.Limits),
		Logging: settings(e.Logging), Settings: e.Settings,
		Caps: ir.Caps{Unrestricted: e.Caps.Unrestricted, Allow: e.Caps.Allow, Deny: e.Caps.Deny, From: l.sources(e.Caps.From)},
	}
}

func (l *lowerer) sources(in []config.Source) []ir.Source {
	var out []ir.Source
	for _, s := range in {
		out = append(out, ir.Source{Layer: s.Layer, At: l.place(s.Loc), Note: s.Note, Value: s.Value})
	}
	return out
}
