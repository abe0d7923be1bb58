package compile

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
)

// pick chooses the program of a file: the only Pipeline, the one named name, or
// the one whose metadata.namespace is the workspace's Env.
func (w *Workspace) pick(f *ast.File, name string) (*ast.Doc, []diag.Diagnostic) {
	var all, fit []*ast.Doc
	other := ""
	for _, d := range f.Docs {
		switch {
		case d.Kind == "Pipeline" && d.Pipeline != nil:
			all = append(all, d)
			if (name == "" || d.Name.Name == name) && (w.opt.Env == "" || namespace(d) == w.opt.Env) {
				fit = append(fit, d)
			}
		case other == "":
			other = d.Kind
		}
	}
	whole := source.Location{File: f.Source}
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(all) == 0 && other == "System":
		d := f.Docs[0]
		return nil, []diag.Diagnostic{diag.New(diag.NotBuildable, source.Location{File: f.Source, Span: d.Root.Span}, "this version cannot build a System").
			WithHelp("hexc check accepts it; build its pipelines one by one")}
	case len(all) == 0:
		if diag.HasErrors(f.Diags) {
			return nil, nil // said there
		}
		return nil, []diag.Diagnostic{diag.New(diag.NoProgram, whole, "there is no Pipeline in this file").
			WithHelp("a program is a document with `kind: Pipeline`")}
	case len(fit) == 0:
		var names []string
		for _, d := range all {
			names = append(names, d.Name.Name)
		}
		what := "name " + quote(name)
		candidate := name
		if name == "" {
			what, candidate = "environment "+quote(w.opt.Env), w.opt.Env
			names = nil
			for _, d := range all {
				names = append(names, namespace(d))
			}
		}
		d := diag.New(diag.NoProgram, whole, "no Pipeline of this file has the %s", what).WithHelp("there is %s", strings.Join(quoteAll(names), ", "))
		if best := suggest.Best(candidate, names); best != "" {
			d = d.WithHelp("did you mean %q?", best)
		}
		return nil, []diag.Diagnostic{d}
	}
	d := diag.New(diag.NoProgram, fit[0].Name.Loc, "this file has several programs and none is chosen")
	if d.Loc.IsZero() {
		d.Loc = whole
	}
	var names []string
	for _, x := range fit {
		names = append(names, x.Name.Name)
		if !x.Name.Loc.IsZero() {
			d = d.WithRelated(x.Name.Loc, "%q is one", x.Name.Name)
		}
	}
	return nil, []diag.Diagnostic{d.WithHelp("choose one with --name or --env: %s", strings.Join(quoteAll(names), ", "))}
}

func namespace(d *ast.Doc) string {
	if d.Namespace == "" {
		return "default"
	}
	return d.Namespace
}

func quote(s string) string { return `"` + s + `"` }

func quoteAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quote(s)
	}
	return out
}
