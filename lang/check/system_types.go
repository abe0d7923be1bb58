package check

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/value"
)

// typeProcess types a process's expressions and compares what it gets with what
// its pipeline declares.
func (c *systemChecker) typeProcess(info *Info) {
	env := &typeScope{c: c.checker, info: info}
	c.inferExpr(env, info.Node.When)
	use := c.use(info)
	wanted := use.wanted()
	for _, list := range [][]*ast.Binding{use.Input, info.Node.Mapping} {
		for _, b := range list {
			t := c.inferExpr(env, b.Expr)
			for _, w := range wanted {
				c.fits(info, b, t, w)
			}
		}
	}
	// What the System's own input gives by its name, unless something else does.
	in := c.system.Doc.System.Input
	if in == nil || in.Type == nil {
		return
	}
	for _, name := range in.Type.FieldNames() {
		if given(use, info, name) {
			continue
		}
		f, _ := in.Type.Field(name)
		for _, w := range wanted {
			if field, ok := w.Type.Field(name); ok && contradicts(field.Type, f.Type) {
				c.add(diag.New(diag.MappingType, info.Node.KindText.Loc, "process %q wants %s as its input %q, and the System's input_schema says %s", info.Name(), field.Type, name, f.Type).
					WithHelp("change one of the two, or give the process its own value under input").
					WithRelated(w.Loc, "the process's input is declared here").WithRelated(in.Loc, "the System's input is declared here"))
			}
		}
	}
}

// wanted are the declarations of a process's input: the pipeline's and its own.
func (u *Use) wanted() []*ast.Schema {
	var out []*ast.Schema
	if u.Pipeline != nil {
		if in := u.Pipeline.Doc.Pipeline.Input; in != nil && in.Type != nil {
			out = append(out, in)
		}
	}
	if in := u.Process.Declared; in != nil && in.Type != nil {
		out = append(out, in)
	}
	return out
}

// given reports whether a process gets an input from a pipe or its own fields.
func given(u *Use, info *Info, name string) bool {
	for _, list := range [][]*ast.Binding{u.Input, info.Node.Mapping} {
		for _, b := range list {
			if b.Name.Name == name {
				return true
			}
		}
	}
	return false
}

// fits reports an input that the process does not declare, or whose type no
// value can have.
func (c *systemChecker) fits(info *Info, b *ast.Binding, t *expr.Type, want *ast.Schema) {
	names := want.Type.FieldNames()
	if len(names) == 0 {
		return
	}
	f, ok := want.Type.Field(b.Name.Name)
	if !ok {
		d := diag.New(diag.UndeclaredTarget, b.Name.Loc, "process %q does not declare the input %q", info.Name(), b.Name.Name)
		if best := suggest.Best(b.Name.Name, names); best != "" {
			d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: b.Name.Loc, NewText: best})
		} else {
			d = d.WithHelp("declare it in the pipeline's input_schema, or remove it here")
		}
		c.add(d.WithRelated(want.Loc, "its input is declared here"))
		return
	}
	bad := ""
	if e := b.Expr; e.Mode == ast.Const {
		if _, wrong := f.Type.Coerce(e.Const); len(wrong) > 0 && !e.Const.IsNull() {
			bad = value.Repr(e.Const)
		}
	} else if contradicts(f.Type, t) {
		bad = t.String()
	}
	if bad != "" {
		c.add(diag.New(diag.MappingType, b.Expr.Loc, "process %q wants %s as its input %q, and this is %s", info.Name(), f.Type, b.Name.Name, bad).
			WithHelp("read another field, or change the type in the pipeline's input_schema").
			WithRelated(want.Loc, "its input is declared here"))
	}
}

// contradicts reports whether no value of type from can become one of type to,
// conversions included. A null falls back to the System's input.
func contradicts(to, from *expr.Type) bool {
	if to == nil || from == nil || to.IsAny() || from.IsAny() || expr.Overlaps(to, from) {
		return false
	}
	for _, sample := range []struct {
		t *expr.Type
		v value.Value
	}{
		{expr.Int, value.Int(1)}, {expr.Float, value.Float(1.5)}, {expr.Bool, value.Bool(true)},
		{expr.Str, value.String("1")}, {expr.Str, value.String("true")}, {expr.Str, value.String("x")}, {expr.Null, value.Null},
	} {
		if !expr.Overlaps(sample.t, from) {
			continue
		}
		if sample.v.IsNull() {
			return false
		}
		if _, wrong := to.Coerce(sample.v); len(wrong) == 0 {
			return false
		}
	}
	// Enumerations of texts and numbers are only known by their values.
	return from.Kind != expr.TypeEnum && to.Kind != expr.TypeEnum
}

// supply sees that what a process's pipeline needs is given: by a pipe, by the
// process, or by the System's input.
func (c *systemChecker) supply(info *Info) {
	use := c.use(info)
	if use.Pipeline == nil {
		return
	}
	declared, closed := c.declared()
	at := info.Node.KindText.Loc
	for _, in := range use.Pipeline.Inputs {
		if given(use, info, in.Name) {
			continue
		}
		needed := in.Required && !in.Supplied
		known := false
		for _, name := range declared {
			known = known || name == in.Name
		}
		if closed && !known {
			if needed {
				c.missing(info, in, at)
			}
			continue
		}
		c.checker.use(in.Name, at, needed && !info.maySkip, in.Supplied || info.maySkip)
	}
	if use.Process.Declared == nil || use.Process.Declared.Type == nil {
		return
	}
	for _, name := range use.Process.Declared.Type.FieldNames() {
		f, _ := use.Process.Declared.Type.Field(name)
		if given(use, info, name) || f.Optional || hasInput(use.Pipeline, name) {
			continue
		}
		if _, known := systemField(c.system.Doc.System.Input, name); closed && !known {
			c.missing(info, &Input{Name: name, Uses: []source.Location{use.Process.Declared.Loc}}, at)
			continue
		}
		c.checker.use(name, at, !info.maySkip, info.maySkip)
	}
}

func hasInput(p *Program, name string) bool {
	for _, in := range p.Inputs {
		if in.Name == name {
			return true
		}
	}
	return false
}

func systemField(in *ast.Schema, name string) (expr.Field, bool) {
	if in == nil || in.Type == nil {
		return expr.Field{}, false
	}
	return in.Type.Field(name)
}

func (c *systemChecker) missing(info *Info, in *Input, at source.Location) {
	d := diag.New(diag.MissingProcessInput, at, "nothing gives process %q the input %q", info.Name(), in.Name).
		WithHelp("map it in a pipe to %q, set it under the process's input, or declare it in the System's input_schema", info.Name())
	if len(in.Uses) > 0 {
		d = d.WithRelated(in.Uses[0], "%q is needed here", in.Name)
	}
	c.add(d.WithRelated(c.doc.Pipeline.Input.Loc, "the System's input is declared here"))
}

// InContext is what ports, capabilities and limits of another place than its own
// file mean for a checked pipeline: what holds only there.
func InContext(p *Program, opt Options) []diag.Diagnostic {
	c := &checker{doc: p.Doc, opt: opt, program: p}
	c.ports(p)
	c.budget(p)
	p.Scope.Each(func(info *Info) {
		if n := info.Node; n.Kind == "service_call_node" && n.Call != nil {
			c.service(info)
		}
	})
	return c.ds.Items()
}
