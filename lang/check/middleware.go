package check

import (
	"slices"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/schema"
)

// stack checks the names of the layers around an adapter.
func (c *checker) stack(s *ast.Stack) {
	if s == nil {
		return
	}
	if s.Ref.Name != "" {
		if def := c.opt.Middleware[s.Ref.Name]; def == nil {
			c.unknownLayer(s.Ref, true)
		}
		return
	}
	for _, l := range s.Layers {
		if _, ok := schema.Middleware(l.Name.Name); !ok && !schema.IsForeign(l.Name.Name) {
			c.unknownLayer(l.Name, false)
		}
	}
}

// unknownLayer reports a name that is no middleware. alone says that it could
// have been the name of a document.
func (c *checker) unknownLayer(id ast.Ident, alone bool) {
	d := diag.New(diag.UnknownMiddleware, id.Loc, "unknown middleware %q", id.Name)
	var known []string
	for _, s := range schema.MiddlewareSpellings() {
		known = append(known, s.Name)
	}
	if alone {
		for name := range c.opt.Middleware {
			known = append(known, name)
		}
	}
	slices.Sort(known)
	switch best := suggest.Best(id.Name, known); {
	case best != "":
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: id.Loc, NewText: best})
	case alone:
		d = d.WithHelp("declare `kind: Middleware` with this name in the same stream, or import it")
		d = d.As(diag.Info) // an importing System may supply it
	default:
		d = d.WithHelp("name a built-in middleware, or by a dotted path one that the host registers")
	}
	c.add(d)
}

// Standalone checks a document that is no program: a Config, Adapter, Middleware
// or Policy.
func Standalone(doc *ast.Doc, opt Options) []diag.Diagnostic {
	c := &checker{doc: doc, opt: opt, inputs: map[string]*Input{}}
	switch {
	case doc.Config != nil:
		c.configured(&doc.Config.Configuration)
	case doc.Adapter != nil:
		c.adapter(doc.Adapter.Obj)
		c.stack(doc.Adapter.Middleware)
	case doc.Middleware != nil:
		c.stack(doc.Middleware)
	}
	return c.ds.Items()
}

// configured checks the names in the ports of a layer.
func (c *checker) configured(conf *ast.Configuration) {
	for _, port := range conf.Ports {
		c.port(port)
	}
	for _, s := range conf.Scoped {
		c.port(s.Port)
	}
}

func (c *checker) port(p *ast.Port) {
	c.adapter(p.Obj)
	c.stack(p.Middleware)
}
