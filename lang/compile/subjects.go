package compile

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/lower"
)

// Subject is one document with what it compiles to, for whoever judges both.
type Subject struct {
	File *ast.File
	Doc  *ast.Doc
	// Program is nil if the document is no program or has errors.
	Program *ir.Program
}

// subjects gives the pipelines of a System's processes, each with the
// configuration that it has there.
func (s *system) subjects(prog *ir.Program, yield func(*Subject) error) error {
	for i := range prog.Body.Nodes {
		d := s.uses[i].Pipeline.Doc
		if err := yield(&Subject{File: d.File, Doc: d, Program: prog.Instance(&prog.Body.Nodes[i])}); err != nil {
			return err
		}
	}
	return nil
}

// Subjects gives every document of the files to yield, in order, until it fails. Behind a System come the
// pipelines of its processes, as they run there.
// A file that cannot be read ends it, too.
func (w *Workspace) Subjects(paths []string, yield func(*Subject) error) error {
	for _, name := range paths {
		f, err := w.load(name)
		if err != nil {
			return err
		}
		for _, d := range f.Docs {
			if d.Kind == "" || d.Root == nil {
				continue
			}
			s := &Subject{File: f, Doc: d}
			if d.Kind == "Pipeline" && d.Pipeline != nil && !diag.HasErrors(f.Diags) {
				p, eff, ds := w.checkDoc(name, f, d)
				if !diag.HasErrors(ds) {
					defs := w.definitions(name, f, d)
					prog, ds := lower.Lower(p, eff, lower.Options{Adapters: defs.adapters, Middleware: defs.middleware})
					if !diag.HasErrors(ds) && ir.Verify(prog) == nil {
						s.Program = prog
					}
				}
			}
			var sys *system
			if d.System != nil && !diag.HasErrors(f.Diags) {
				sys = w.checkSystem(name, f, d)
				if prog, ds := sys.build(); !diag.HasErrors(ds) && prog != nil && ir.Verify(prog) == nil {
					s.Program = prog
				}
			}
			if err := yield(s); err != nil {
				return err
			}
			if sys == nil || s.Program == nil {
				continue
			}
			if err := sys.subjects(s.Program, yield); err != nil {
				return err
			}
		}
	}
	return nil
}
