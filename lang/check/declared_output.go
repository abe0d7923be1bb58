package check

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
)

// declaredOutput compares the result that a document declares with what its
// output_schema says: fields that nothing gives, and types that no value can have.
// entry is where a field is given and its type; at is the zero Location for none.
func (c *checker) declaredOutput(want *ast.Schema, entry func(name string) (at source.Location, t *expr.Type)) {
	if want == nil || want.Type == nil {
		return
	}
	for _, name := range want.Type.FieldNames() {
		f, _ := want.Type.Field(name)
		at, t := entry(name)
		switch {
		case at.IsZero() && !f.Optional && !expr.Overlaps(expr.Null, f.Type):
			c.add(diag.New(diag.OutputNotDeclared, want.Loc, "output_schema has %q, and `output` does not give it", name).
				WithHelp("add it to `output`, or remove it from output_schema"))
		case !at.IsZero() && contradicts(f.Type, t):
			c.add(diag.New(diag.OutputNotDeclared, at, "output_schema says that %q is %s, and this is %s", name, f.Type, t).
				WithHelp("give another value, or change output_schema").
				WithRelated(want.Loc, "it is declared here"))
		}
	}
}

// pipelineResult is declaredOutput for a pipeline.
func (c *checker) pipelineResult(p *Program) {
	c.declaredOutput(c.doc.Pipeline.Result, func(name string) (source.Location, *expr.Type) {
		for i := range p.Output {
			if o := &p.Output[i]; o.Entry.Name.Name == name {
				return o.Entry.Name.Loc, o.Type()
			}
		}
		return c.given(c.doc.Pipeline.Output, name), nil
	})
}

// given is where an entry of `output` stands; zero if there is none.
func (c *checker) given(list []*ast.OutputEntry, name string) source.Location {
	for _, o := range list {
		if o.Name.Name == name {
			return o.Name.Loc
		}
	}
	return source.Location{}
}

// systemResult is declaredOutput for a System. What its processes give is known at
// run time only.
func (c *systemChecker) systemResult() {
	c.declaredOutput(c.system.Doc.System.Result, func(name string) (source.Location, *expr.Type) {
		return c.given(c.system.Doc.System.Output, name), nil
	})
}
