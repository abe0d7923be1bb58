package check

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
)

// resultField is one field of a result: its name, where it is declared, its type.
type resultField struct {
	name ast.Ident
	at   source.Location // of the path to the value
	typ  *expr.Type
}

// resultType compares what a program or a process gives with the type that is
// declared for it. owner is what gives it; output is false where nothing is
// declared as the result. It reports errors only for what no run can satisfy.
func (c *checker) resultType(owner string, want *ast.Schema, got []resultField, output bool) {
	if want == nil || want.Type == nil || want.Type.Kind != expr.TypeObject {
		return
	}
	if !output {
		c.add(diag.New(diag.ResultUnchecked, want.Loc, "output_schema has no effect: %s has no output", owner).
			WithHelp("declare under output what is given, or remove output_schema"))
		return
	}
	byName := map[string]resultField{}
	var names []string
	for _, f := range got {
		byName[f.name.Name] = f
		names = append(names, f.name.Name)
	}
	for _, f := range want.Type.Fields {
		g, ok := byName[f.Name]
		switch {
		case !ok && !f.Optional:
			d := diag.New(diag.ResultType, want.Loc, "output_schema declares %q, which the output of %s does not give", f.Name, owner)
			if len(names) > 0 {
				d = d.WithHelp("add it under output, or remove it here; there is %s", strings.Join(names, ", "))
			} else {
				d = d.WithHelp("add it under output, or remove it here")
			}
			c.add(d)
		case ok && contradicts(f.Type, g.typ):
			at := g.at
			c.add(diag.New(diag.ResultType, at, "output %q of %s is %s, and output_schema says %s", f.Name, owner, g.typ, f.Type).
				WithHelp("give another field, or change the type in output_schema").
				WithRelated(want.Loc, "the output's types are declared here"))
		}
	}
	if want.Type.Open {
		return
	}
	for _, g := range got {
		if _, ok := want.Type.Field(g.name.Name); ok {
			continue
		}
		d := diag.New(diag.ResultUnchecked, g.name.Loc, "output_schema does not declare the output %q of %s, so that it is left out", g.name.Name, owner).
			WithRelated(want.Loc, "the output's types are declared here")
		if best := suggest.Best(g.name.Name, want.Type.FieldNames()); best != "" {
			d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: g.name.Loc, NewText: best})
		} else {
			d = d.WithHelp("declare it there, or remove it")
		}
		c.add(d)
	}
}

// pipelineResult checks the declared type of a pipeline's output.
func (c *checker) pipelineResult(p *Program) {
	if p.Scope == nil || c.doc.Open() {
		return
	}
	var got []resultField
	for i := range p.Output {
		o := &p.Output[i]
		got = append(got, resultField{o.Entry.Name, o.Entry.Path[0].Loc, o.Type()})
	}
	if len(got) < len(c.doc.Pipeline.Output) {
		return // some of it is wrong, which was reported
	}
	c.resultType("the pipeline", c.doc.Pipeline.Result, got, len(got) > 0)
}

// systemResults checks the declared types of the System's output, and of what
// its processes give.
func (c *systemChecker) systemResults() {
	sys := c.system.Doc.System
	if len(c.system.Output) == len(sys.Output) {
		var got []resultField
		for _, o := range c.system.Output {
			got = append(got, resultField{o.Entry.Name, o.Entry.Path[0].Loc, o.Type})
		}
		c.resultType("the System", sys.Result, got, len(got) > 0)
	}
	for _, info := range c.system.Scope.Nodes {
		use := c.use(info)
		if use.Pipeline == nil || use.Process.Returns == nil {
			continue
		}
		var got []resultField
		for i := range use.Pipeline.Output {
			o := &use.Pipeline.Output[i]
			// What is wrong is wrong here: the pipeline may be right for others.
			got = append(got, resultField{ast.Ident{Name: o.Entry.Name.Name, Loc: info.Node.KindText.Loc}, info.Node.KindText.Loc, o.Type()})
		}
		c.resultType("process \""+info.Name()+"\"", use.Process.Returns, got, len(got) > 0)
	}
}
