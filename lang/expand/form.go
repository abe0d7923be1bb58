package expand

import (
	"path"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// IsInclude reports whether a value is an `!include` in any of its forms.
func IsInclude(n *syntax.Node) bool {
	if n == nil {
		return false
	}
	if n.Tag == "!include" {
		return true
	}
	return n.Kind == syntax.Mapping && len(n.Pairs) == 1 && n.Pairs[0].Key.Kind == syntax.Scalar && n.Pairs[0].Key.Value == "!include"
}

// form is an include as somebody wrote it.
type form struct {
	site     *syntax.Node
	loc      source.Location // of the path
	path     string
	fragment string
	fragLoc  source.Location
	vars     *syntax.Node // nil or a mapping
}

// form reads an include: `!include PATH`, `!include {path, vars, fragment}`, and
// both as the value of the key "!include".
func (c *composer) form(n *syntax.Node) (*form, bool) {
	f := &form{site: n}
	value := n
	if n.Tag != "!include" {
		value = n.Pairs[0].Value
	}
	d := value.Deref()
	bad := func(at *syntax.Node, help, format string, args ...any) (*form, bool) {
		if d == nil || !d.Broken && !at.Broken {
			c.add(diag.New(diag.BadInclude, c.at(at), format, args...).WithHelp("%s", help))
		}
		return nil, false
	}
	const usage = "write `!include file.yaml`, or `!include {path: file.yaml, fragment: name, vars: {key: value}}`"
	if d == nil {
		return nil, false // an alias of nothing, which was reported
	}
	where := d
	switch d.Kind {
	case syntax.Scalar:
	case syntax.Mapping:
		where = nil
		for key, v := range d.Entries() {
			v = v.Deref()
			if v == nil {
				continue
			}
			switch key.Value {
			case "path":
				where = v
			case "fragment":
				if v.Kind != syntax.Scalar || v.Value == "" {
					return bad(v, usage, "the fragment of an include must be the name of a key")
				}
				f.fragment, f.fragLoc = v.Value, c.at(v)
			case "vars":
				if v.Kind != syntax.Mapping && !(v.Kind == syntax.Scalar && v.Resolve().Kind == syntax.Null) {
					return bad(v, "write `vars: {key: value}`", "the variables of an include must be a mapping")
				}
				if v.Kind == syntax.Mapping {
					f.vars = v
				}
			default:
				return bad(key, "an include has path, fragment and vars", "an include has no field %q", key.Value)
			}
		}
		if where == nil {
			return bad(d, usage, "the include names no file: `path` is missing")
		}
	default:
		return bad(d, usage, "an include names one file; here is a list")
	}
	if where.Kind != syntax.Scalar || where.Resolve().Kind != syntax.String || strings.TrimSpace(where.Value) == "" {
		at := where
		if where.Style == syntax.Empty && n.Kind == syntax.Mapping && len(n.Pairs) > 0 {
			at = n.Pairs[0].Key
		}
		return bad(at, usage, "the path of an include must be the name of a file")
	}
	f.loc = c.at(where)
	return f, c.path(f, where)
}

// path reads the path of an include: it fills the environment in, splits off the
// fragment and refuses what can be no file of the workspace.
func (c *composer) path(f *form, n *syntax.Node) bool {
	text := strings.TrimSpace(n.Value)
	reject := func(code diag.Code, help, format string, args ...any) bool {
		c.add(diag.New(code, f.loc, format, args...).WithHelp("%s", help))
		return false
	}
	if strings.Contains(text, "{{") {
		return reject(diag.BadInclude, "write the path out, or read it from the environment: `${NAME}`", "the path of an %s cannot be a template", c.what)
	}
	if strings.Contains(text, "${") {
		out, secret, ok := c.out.env.Expand(n, n.Value)
		if secret != "" {
			return reject(diag.EnvBad, "secrets are for the configuration of ports", "a secret cannot stand in the path of an %s", c.what)
		}
		if !ok {
			return false
		}
		text = strings.TrimSpace(out)
	}
	if file, fragment, found := strings.Cut(text, "#"); found {
		if fragment == "" || f.fragment != "" {
			return reject(diag.BadInclude, "write `file.yaml#name`, with one name", "the %s does not name what it wants of the file clearly", c.what)
		}
		text, f.fragment, f.fragLoc = file, fragment, f.loc
		if at := strings.Index(n.Value, "#"); at >= 0 && !strings.Contains(n.Value, "${") {
			s := c.composed.TextMap(n).Span(source.Span{Start: int32(at + 1), End: int32(len(strings.TrimRight(n.Value, " ")))})
			f.fragLoc = source.Location{File: f.loc.File, Span: s}
		}
	}
	f.path = text
	switch {
	case text == "":
		return reject(diag.BadInclude, "write the file's path before the `#`", "the %s names no file", c.what)
	case strings.ContainsAny(text, "\x00\r\n"):
		return reject(diag.BadInclude, "write a path of one line", "the path of an %s has a character that no file name has", c.what)
	case strings.Contains(text, "://"):
		return reject(diag.IncludeEscape, "keep a copy in the workspace", "%ss are files of the workspace, not addresses", c.what)
	case len(text) >= 2 && text[1] == ':' && (text[0]|0x20 >= 'a' && text[0]|0x20 <= 'z'), path.IsAbs(text), strings.HasPrefix(text, `\`), strings.HasPrefix(text, "~"):
		return reject(diag.IncludeEscape, "write it relative to this file", "the path of an %s must be relative, not %q", c.what, text)
	case strings.Contains(text, `\`):
		fixed := strings.ReplaceAll(text, `\`, "/")
		d := diag.New(diag.BadInclude, f.loc, "the path of an %s has forward slashes on every system", c.what).WithHelp("write %s", fixed)
		if n.Style == syntax.Plain && !strings.Contains(n.Value, "${") {
			d = d.WithFix("replace the backslashes", true, diag.Edit{Loc: f.loc, NewText: strings.ReplaceAll(n.Value, `\`, "/")})
		}
		c.add(d)
		return false
	}
	return true
}

// vars are the variables that an include gives to its file; includes in their
// values are done.
func (c *composer) vars(f *form, p *Part) *Scope {
	if f.vars == nil {
		return nil
	}
	m := f.vars
	s := NewScope(nil)
	for key, v := range m.Entries() {
		if key.Kind != syntax.Scalar || !isIdent(key.Value) {
			c.add(diag.New(diag.BadInclude, c.at(key), "%q cannot be the name of a variable: no template could read it", key.Value).
				WithHelp("use letters, digits and underscores"))
			continue
		}
		s.bindNode(key.Value, c.at(key), c.value(v, p))
	}
	return s
}

func isIdent(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
