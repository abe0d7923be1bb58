package compile

import (
	"path"
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
	inner := parts(f)
	for _, d := range f.Docs {
		switch {
		case d.System != nil, d.Kind == "Pipeline" && d.Pipeline != nil && !inner[d]:
			all = append(all, d)
			if (name == "" || d.Name.Name == name) && (w.opt.Env == "" || namespace(d) == w.opt.Env) {
				fit = append(fit, d)
			}
		}
	}
	whole := source.Location{File: f.Source}
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(all) == 0:
		if diag.HasErrors(f.Diags) {
			return nil, nil // said there
		}
		return nil, []diag.Diagnostic{diag.New(diag.NoProgram, whole, "there is no Pipeline and no System in this file").
			WithHelp("a program is a document with `kind: Pipeline` or `kind: System`")}
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
		d := diag.New(diag.NoProgram, whole, "no program of this file has the %s", what).WithHelp("there is %s", strings.Join(quoteAll(names), ", "))
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

// parts are the pipelines of a stream that a System of the stream runs: they are
// no programs beside it.
func parts(f *ast.File) map[*ast.Doc]bool {
	out := map[*ast.Doc]bool{}
	for _, d := range f.Docs {
		if d.System == nil {
			continue
		}
		for _, p := range d.System.Processes {
			file, name, _ := strings.Cut(p.Exec.Name, "#")
			if file != "" && path.Join(path.Dir(f.Source.Name()), file) != path.Clean(f.Source.Name()) {
				continue
			}
			for _, x := range f.Docs {
				if x.Pipeline != nil && (x.Name.Name == name || name == "") {
					out[x] = true
				}
			}
		}
	}
	return out
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
