package compile

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/diag"
)

// Checked is one checked program with its configuration.
type Checked struct {
	File    *ast.File
	Doc     *ast.Doc
	Program *check.Program
	// Generic is a macro's body with unknown parameters, in the body of the only
	// node. Only an Analysis has it.
	Generic   *check.Program
	Effective config.Effective
	// Processes are those of a System, in order; Program is its graph.
	Processes []ProcessChecked
	Diags     []diag.Diagnostic
}

// ProcessChecked is a pipeline as a process of a System.
type ProcessChecked struct {
	Name string
	// Program is nil if the pipeline has errors.
	Program   *check.Program
	Effective config.Effective
	// Use is what a run of the process uses, which may be skipped; Nodes what its
	// nodes do there.
	Use   check.Usage
	Nodes []check.NodeUse
}

// CheckProgram checks the program of a file, as Build does, without lowering
// it. Program is nil if none could be chosen.
func (w *Workspace) CheckProgram(file, name string) (*Checked, error) {
	f, err := w.load(file)
	if err != nil {
		return nil, err
	}
	c := &Checked{File: f, Diags: append([]diag.Diagnostic(nil), f.Diags...)}
	d, more := w.pick(f, name)
	c.Diags = append(c.Diags, more...)
	if d != nil {
		c.Doc = d
		if d.System != nil {
			s := w.checkSystem(file, f, d)
			c.Program, c.Effective, more = s.program()
			c.Processes = s.processes
		} else {
			c.Program, c.Effective, more = w.checkDoc(file, f, d)
		}
		c.Diags = append(c.Diags, more...)
	}
	diag.Sort(c.Diags)
	c.Diags = finish(c.Diags)
	return c, nil
}
