package compile

import (
	"path/filepath"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/tomlconf"
)

// loadTOML types the Config that a TOML file holds; a file without one has no
// documents.
func (w *Workspace) loadTOML(name string, f *source.File) *ast.File {
	c := tomlconf.Parse(f, filepath.Base(name) == "pyproject.toml")
	if c.Tree == nil {
		return &ast.File{Source: f, Tree: &syntax.Tree{File: f}, Diags: c.Diags}
	}
	file := ast.BuildTree(f, c.Tree, w.expansion())
	yaml := filepath.Join(filepath.Dir(name), "hexdag.yaml")
	d := diag.New(diag.DeprecatedConfigFile, c.At, "a Config in a TOML file is deprecated").
		WithHelp("write it as hexdag.yaml, which is read in its place")
	if !w.opt.IsFile(yaml) {
		d = d.WithFix("write hexdag.yaml, which is read in its place", true,
			diag.Edit{Loc: source.Location{File: source.NewFile(w.display(yaml), nil)}, NewText: c.YAML, Create: true})
	}
	file.Diags = append(withoutEdits(file.Diags), d)
	diag.Sort(file.Diags)
	return file
}

// withoutEdits takes away the fixes of findings in TOML files: their edits are
// YAML.
func withoutEdits(ds []diag.Diagnostic) []diag.Diagnostic {
	for i := range ds {
		var kept []diag.Fix
		for _, fix := range ds[i].Fixes {
			yaml := true
			for _, e := range fix.Edits {
				yaml = yaml && (e.Create || e.Loc.File == nil || !tomlconf.Is(e.Loc.File.Path()))
			}
			if yaml {
				kept = append(kept, fix)
			}
		}
		ds[i].Fixes = kept
	}
	return ds
}
