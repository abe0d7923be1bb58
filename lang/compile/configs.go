package compile

import (
	"path/filepath"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/tomlconf"
)

// configFile is a discovered Config, or why it cannot be used.
type configFile struct {
	doc *ast.Doc
	ds  []diag.Diagnostic
}

// layers are the places that configure a document, nearest first: itself, the
// Configs of its stream, the discovered Config.
func (w *Workspace) layers(name string, f *ast.File, d *ast.Doc) ([]config.Layer, []diag.Diagnostic) {
	var out []config.Layer
	if p := d.Pipeline; p != nil && !d.Fragment {
		out = append(out, config.Layer{Level: config.Pipeline, File: f, Configuration: &p.Configuration})
	}
	for i := len(f.Docs) - 1; i >= 0; i-- {
		if x := f.Docs[i]; x.Config != nil {
			out = append(out, configLayer(x, false))
		}
	}
	c := w.config(filepath.Dir(name))
	if c == nil {
		return out, nil
	}
	if c.doc != nil && c.doc.File.Source.Path() != f.Source.Path() {
		out = append(out, configLayer(c.doc, true))
	}
	if d.Kind != "Pipeline" {
		return out, nil // a bad Config is reported where it matters
	}
	return out, c.ds
}

// configLayer is the layer of a Config; elsewhere says that its own faults are
// reported with its file.
func configLayer(d *ast.Doc, elsewhere bool) config.Layer {
	return config.Layer{Level: config.Config, File: d.File, Elsewhere: elsewhere, Configuration: &d.Config.Configuration}
}

// config finds the Config of a folder: the one that Options or the environment
// name, else hexdag.yaml from the folder up to the root.
func (w *Workspace) config(dir string) *configFile {
	abs := w.real(w.abs(dir))
	w.finding.Lock()
	defer w.finding.Unlock()
	return w.configOf(abs)
}

func (w *Workspace) configOf(dir string) *configFile {
	if c, ok := w.configs[dir]; ok {
		return c
	}
	c := w.find(dir)
	w.configs[dir] = c
	return c
}

func (w *Workspace) find(dir string) *configFile {
	named := w.opt.Config
	from := "--config"
	if named == "" {
		named, _ = w.opt.Lookup("HEXDAG_CONFIG_PATH")
		from = "HEXDAG_CONFIG_PATH"
	}
	if named != "" {
		if dir != w.root {
			return w.configOf(w.root)
		}
		c := w.readConfig(named)
		if c.doc == nil && len(c.ds) == 0 {
			c.ds = []diag.Diagnostic{diag.New(diag.BadConfig, source.Location{File: source.NewFile(w.display(named), nil)},
				"the file that %s names cannot be used as a Config", from).
				WithHelp("it must be one readable document of `kind: Config`")}
		}
		return c
	}
	for _, base := range []string{"hexdag.yaml", "hexdag.yml"} {
		name := filepath.Join(dir, base)
		if w.opt.IsFile(name) {
			c := w.readConfig(name)
			if c.doc != nil || len(c.ds) > 0 {
				return c
			}
		}
	}
	for _, base := range []string{"hexdag.toml", "pyproject.toml"} {
		name := filepath.Join(dir, base)
		if w.opt.IsFile(name) {
			c := w.readConfig(name)
			if c.doc != nil || len(c.ds) > 0 {
				return c
			}
		}
	}
	parent := filepath.Dir(dir)
	if parent == dir || dir == w.root || !strings.HasPrefix(dir, w.root) {
		return nil
	}
	return w.configOf(parent)
}

// readConfig reads a Config file. Its own faults are reported when it is
// checked itself; here only that it cannot be used.
func (w *Workspace) readConfig(name string) *configFile {
	f, err := w.load(name)
	if err != nil {
		return &configFile{}
	}
	for _, d := range f.Docs {
		if d.Config == nil {
			continue
		}
		c := &configFile{doc: d}
		for _, x := range f.Diags {
			if x.Code == diag.DeprecatedConfigFile {
				c.ds = append(c.ds, x)
			}
		}
		if diag.HasErrors(f.Diags) {
			c.ds = append(c.ds, diag.New(diag.BadConfig, f.Loc(d.Root), "the Config %s has errors", f.Source.Path()).
				WithHelp("run `hexc check %s`", f.Source.Path()).As(diag.Warning))
		}
		return c
	}
	if tomlconf.Is(name) {
		return &configFile{ds: f.Diags} // why it cannot be read, or nothing: it holds no Config
	}
	return &configFile{}
}
