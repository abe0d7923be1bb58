package ast

import (
	"strconv"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expand"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/schema"
)

// arguments types what a call gives and binds the parameters: to constants, or,
// where a text reads names of the run, to an expression in the caller's scope.
// Every parameter is bound, also if something about it was reported.
func (b *builder) arguments(n *Node, m *Macro) *expand.Scope {
	scope := expand.NewScope(nil)
	scope.Bind(expand.Binding{Name: "name", Loc: n.Name.Loc, Value: value.String(n.Name.Name)})
	deps := make([]value.Value, len(n.Deps))
	for i, d := range n.Deps {
		deps[i] = value.String(d.Name)
	}
	scope.Bind(expand.Binding{Name: "dependencies", Loc: n.Name.Loc, Value: value.List(deps)})
	given := map[string]*syntax.Node{}
	for _, a := range b.given(n) {
		key := b.keyIdent(a.key)
		p := m.Param(key.Name)
		switch {
		case p == nil:
			b.unknownArgument(m, key)
			b.source(a.value, RoleText, a.field, schema.Template)
			continue
		case given[key.Name] != nil:
			if given[key.Name] != a.key && !a.disjoint {
				b.ds.Add(diag.New(diag.BadArgument, key.Loc, "parameter %q is given twice", key.Name).
					WithHelp("remove one of the two").WithRelated(b.at(given[key.Name]), "it is given here first"))
			}
			continue
		}
		given[key.Name] = a.key
		b.argument(n, scope, p, key, a)
	}
	for _, p := range m.Params {
		switch {
		case given[p.Name.Name] != nil:
		case p.Required && !p.HasDefault:
			b.ds.Add(diag.New(diag.MissingArgument, n.Macro.Name.Loc, "macro %q needs %q (%s)", m.Name.Name, p.Name.Name, p.TypeText).
				WithHelp("give it under `inputs`").WithRelated(p.Name.Loc, "it is declared here"))
			b.unknown(n, scope, p)
		case p.HasDefault && (p.Default.IsNull() || p.fits(p.Default)):
			scope.Bind(expand.Binding{Name: p.Name.Name, Loc: p.Name.Loc, Value: p.Default})
		case p.HasDefault:
			b.unknown(n, scope, p) // the default was reported
		default:
			scope.Bind(expand.Binding{Name: p.Name.Name, Loc: p.Name.Loc, Value: value.Missing})
		}
	}
	return scope
}

// unknown binds a parameter whose argument was reported.
func (b *builder) unknown(n *Node, scope *expand.Scope, p *Param) {
	n.Macro.Args = append(n.Macro.Args, &Argument{Param: p})
	scope.Bind(expand.Binding{Name: p.Name.Name, Loc: p.Name.Loc, Open: true})
}

// givenArgument is an entry of config or inputs, or of the spec itself where the
// macro's name is the kind.
type givenArgument struct {
	key, value *syntax.Node
	field      string
	// disjoint: the schema reports it if the name is given elsewhere too.
	disjoint bool
}

func (b *builder) given(n *Node) []givenArgument {
	var out []givenArgument
	if n.Spec == nil {
		return nil
	}
	for _, name := range []string{"config", "inputs"} {
		f := n.Spec.Get(name)
		if f == nil || f.Null || f.Value == nil {
			continue
		}
		if f.Value.Kind != syntax.Mapping {
			if f.OK && f.Dynamic {
				b.unresolved(f.Value)
			}
			continue
		}
		for k, v := range f.Value.Entries() {
			out = append(out, givenArgument{k, v, name + "." + k.Value, name == "inputs"})
		}
	}
	if n.Obj.Kind != nil && n.Obj.Kind.Class != shape.BuiltIn {
		for i := range n.Spec.Unknown {
			e := &n.Spec.Unknown[i]
			out = append(out, givenArgument{e.Key, e.Value, e.Key.Value, false})
		}
	}
	return out
}

func (b *builder) unknownArgument(m *Macro, key Ident) {
	d := diag.New(diag.UnknownArgument, key.Loc, "macro %q has no parameter %q", m.Name.Name, key.Name)
	names := m.paramNames()
	switch best := suggest.Best(key.Name, names); {
	case best != "":
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: key.Loc, NewText: best}).
			WithRelated(m.Param(best).Name.Loc, "%q is declared here", best)
	case len(names) > 0:
		d = d.WithHelp("it has %s", strings.Join(names, ", "))
	default:
		d = d.WithHelp("it has no parameters; declare them under `parameters`")
	}
	if len(names) == 0 || suggest.Best(key.Name, names) == "" {
		d = d.WithRelated(m.Name.Loc, "the macro is declared here")
	}
	b.ds.Add(d)
}

// argument binds one parameter.
func (b *builder) argument(n *Node, scope *expand.Scope, p *Param, key Ident, a givenArgument) bool {
	e := b.source(a.value, RoleText, a.field, schema.Template)
	node := a.value.Deref()
	fail := func(help, format string, args ...any) bool {
		loc := key.Loc
		if e != nil {
			loc = e.Loc
		}
		b.ds.Add(diag.New(diag.BadArgument, loc, format, args...).WithHelp("%s", help).WithRelated(p.Name.Loc, "parameter %q is declared here", p.Name.Name))
		b.unknown(n, scope, p)
		return false
	}
	switch {
	case e == nil || e.Faulty || node == nil:
		b.unknown(n, scope, p) // reported
		return false
	case b.build.Failed(node):
		b.unknown(n, scope, p)
		return false
	case e.Mode != Const && b.generic:
		// the names that it reads may be constants in every use
		n.addText(e)
		b.unknown(n, scope, p)
		return true
	case e.Mode != Const:
		if !p.takes(e) {
			return fail("give a value that is known when the manifest is built; texts that read names of the run fit str and any",
				"parameter %q is %s, but this is only known at run time", p.Name.Name, p.TypeText)
		}
		if p.Enum != nil {
			return fail("the body may depend on it, so give one of its values", "parameter %q is one of %s, but this is only known at run time", p.Name.Name, enumText(p.Enum))
		}
		n.addText(e)
		n.Macro.Args = append(n.Macro.Args, &Argument{Param: p, Expr: e})
		scope.Bind(expand.Binding{Name: p.Name.Name, Loc: key.Loc, Open: true})
		return true
	}
	v := e.Const
	text := node.Built == syntax.BuiltText || node.Built == syntax.Written && node.Kind == syntax.Scalar && strings.Contains(node.Value, "${")
	if text {
		v = p.convert(v)
	}
	switch {
	case v.Kind() == value.KindSecret:
		return fail("name the secret where the configuration of a port needs it", "a secret cannot be an argument")
	case v.IsNull() && !p.Required:
		// null is what a parameter without an argument has
	case !p.fits(v):
		return fail("give a value of that type", "parameter %q is %s, but this is %s", p.Name.Name, p.TypeText, kindOf(v))
	case !p.allowed(v):
		d := "it is one of " + enumText(p.Enum)
		if s, ok := v.AsString(); ok {
			var names []string
			for _, x := range p.Enum {
				if name, ok := x.AsString(); ok {
					names = append(names, name)
				}
			}
			if best := suggest.Best(s, names); best != "" {
				d = "did you mean " + strconv.Quote(best) + "?"
			}
		}
		return fail(d, "%s is no value of parameter %q", value.Repr(v), p.Name.Name)
	}
	if v.IsNull() {
		v = value.Missing
	}
	scope.Bind(expand.Binding{Name: p.Name.Name, Loc: key.Loc, Value: v, Text: text && v.Kind() == value.KindString})
	return true
}

// takes reports whether a parameter can be bound to something that is only known
// at run time: a text fits str and any, a list list, a mapping dict.
func (p *Param) takes(e *Expr) bool {
	for _, t := range alternatives(p.Type) {
		switch {
		case t.Kind == expr.TypeAny,
			t.Kind == expr.TypeStr && e.Mode == Template,
			t.Kind == expr.TypeList && e.Mode == List,
			t.Kind == expr.TypeObject && e.Mode == Object:
			return true
		}
	}
	return false
}

// convert reads a text that was put together or came from the environment as the
// parameter wants it.
func (p *Param) convert(v value.Value) value.Value {
	s, ok := v.AsString()
	if !ok || p.fits(v) {
		return v
	}
	s = strings.TrimSpace(s)
	if i, err := strconv.ParseInt(s, 10, 64); err == nil && p.fits(value.Int(i)) {
		return value.Int(i)
	}
	if x, err := strconv.ParseFloat(s, 64); err == nil && p.fits(value.Float(x)) {
		return value.Float(x)
	}
	if x, ok := boolText(s); ok && p.fits(value.Bool(x)) {
		return value.Bool(x)
	}
	return v
}

func enumText(values []value.Value) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = value.Repr(v)
	}
	return strings.Join(list, ", ")
}
