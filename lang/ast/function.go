package ast

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/syntax"
)

// function types a reference to code: `SCHEME:…`, a bare dotted path, which
// means Python, or a tagged block of code.
func (b *builder) function(f *shape.Field) *Function {
	if f == nil || f.Null || f.Value == nil || f.Value.Kind != syntax.Scalar {
		return nil
	}
	n := f.Value
	fn := &Function{Loc: b.at(n), Node: n}
	switch n.Tag {
	case "!star", "!py":
		fn.Scheme, fn.Inline = n.Tag[1:], n.Value
		if strings.TrimSpace(n.Value) == "" {
			b.ds.Add(diag.New(diag.BadFunction, fn.Loc, "the %s block is empty", n.Tag).
				WithHelp("write the function here, or name one"))
			return nil
		}
		return fn
	}
	text := strings.TrimSpace(n.Value)
	if f.Dynamic {
		fn.Scheme, fn.Name = "dynamic", text
		return fn
	}
	scheme, rest, found := strings.Cut(text, ":")
	switch {
	case found && (scheme == "http" || scheme == "https"):
		fn.Scheme, fn.Name = "http", text
		return fn
	case found && rest != "":
		fn.Scheme, fn.Name = scheme, rest
		switch scheme {
		case "go", "mcp", "exec":
			return fn
		case "python":
			if isDotted(rest) {
				return fn
			}
		case "star":
			fn.File, fn.Member, found = strings.Cut(rest, "#")
			if found && fn.File != "" && fn.Member != "" {
				return fn
			}
			b.ds.Add(diag.New(diag.BadFunction, fn.Loc, "%q names no Starlark function", text).
				WithHelp("write star:FILE#FUNCTION, the file relative to this one"))
			return nil
		default:
			if isDotted(strings.ReplaceAll(text, ":", ".")) && !strings.Contains(scheme, "/") {
				b.ds.Add(diag.New(diag.BadFunction, fn.Loc, "there is no function scheme %q", scheme).
					WithHelp("the schemes are go, star, python, mcp, exec, http and https"))
				return nil
			}
		}
	case isDotted(text):
		fn.Scheme, fn.Name = "python", text
		return fn
	case isPythonName(text):
		b.ds.Add(diag.New(diag.BareFunction, fn.Loc, "%q has no scheme; it is taken for a function that the host registers", text).
			WithHelp("write go:%s for a function of the host, or the path of a Python function with its module", text).
			WithFix("write go:"+text, true, diag.Edit{Loc: fn.Loc, NewText: "go:" + text}))
		fn.Scheme, fn.Name = "go", text
		return fn
	}
	b.ds.Add(diag.New(diag.BadFunction, fn.Loc, "%q names no function", text).
		WithHelp("name it go:NAME, star:FILE#FUNCTION, python:PKG.MOD.FUNCTION or, for Python, by a path with a dot in it"))
	return nil
}

// isPythonName reports whether s is an identifier.
func isPythonName(s string) bool { return s != "" && !strings.Contains(s, ".") && isDotted("m."+s) }

// isDotted reports whether s is a Python path: identifiers with dots between,
// at least one.
func isDotted(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) < 2 {
		return false
	}
	for _, p := range parts {
		if p == "" {
			return false
		}
		for i, r := range p {
			letter := r == '_' || r == '-' && i > 0 || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r > 127
			if !letter && (i == 0 || r < '0' || r > '9') {
				return false
			}
		}
	}
	return true
}
