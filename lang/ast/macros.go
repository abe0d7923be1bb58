package ast

import (
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// isMacro reports whether a document declares a macro.
func isMacro(root *syntax.Node) bool {
	k := root.Deref().Get("kind").Deref()
	return k != nil && k.Kind == syntax.Scalar && k.Value == "Macro"
}

// declare collects the macros of a stream and types each once with parameters of
// unknown value.
func (b *builder) declare(docs []*Doc) {
	b.macros = map[string]*Macro{}
	for _, d := range docs {
		if d == nil || d.Macro == nil || d.Name.Name == "" {
			continue
		}
		if first := b.macros[d.Name.Name]; first != nil {
			b.ds.Add(diag.New(diag.DuplicateMacro, d.Name.Loc, "macro %q is declared twice in this stream", d.Name.Name).
				WithHelp("give one of the two another name").WithRelated(first.Name.Loc, "%q is declared here first", d.Name.Name))
			continue
		}
		b.macros[d.Name.Name] = d.Macro
	}
	for _, d := range docs {
		if d != nil && d.Macro != nil {
			b.doc = d
			b.genericBody(d.Macro)
		}
	}
}

// mergeEnv adds what the bodies of macros read from the environment.
func mergeEnv(own, more []EnvUse) []EnvUse {
	out := own[:len(own):len(own)]
	seen := map[string]bool{}
	for _, u := range own {
		seen[u.Name] = true
	}
	for _, u := range more {
		if !seen[u.Name] {
			seen[u.Name] = true
			out = append(out, u)
		}
	}
	return out
}

// absent reports parameters without a value that a text reads, and makes null of
// them where they may be absent.
func (b *builder) absent(e *Expr) {
	if len(b.open) == 0 {
		return
	}
	template := e.Mode == Template
	e.Tree = expr.Rewrite(e.Tree, func(x expr.Node) expr.Node {
		l, ok := x.(*expr.Literal)
		if !ok || !l.Value.IsMissing() {
			return x
		}
		if template && !e.Faulty {
			e.Faulty = true
			b.ds.Add(diag.New(diag.AbsentArgument, e.Text.Loc(l.Span()), "this parameter has no value here").
				WithHelp("give the parameter a default, make it required, or write `| default(…)` behind it"))
		}
		return expr.NewLiteral(value.Null, l.Span())
	})
}
