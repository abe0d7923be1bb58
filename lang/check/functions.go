package check

import (
	"path"
	"strings"

	"go.starlark.net/syntax"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
)

// Code is source text that a function comes from: Starlark, or a block of Python.
type Code struct {
	File string // relative to the workspace root; "" for a block in the manifest
	Text string
	Func string
}

// functions reads and parses the Starlark code that a pipeline names. Nothing
// is run.
func (c *checker) functions(s *Scope) {
	for _, m := range c.doc.Pipeline.Machines {
		for _, f := range m.Handlers {
			c.code(f)
		}
	}
	s.Each(func(info *Info) {
		n := info.Node
		c.code(n.Function)
		for _, t := range info.Tools {
			c.code(t.Function)
		}
		if n.Wait != nil {
			c.code(n.Wait.Setup)
		}
		if n.Expression != nil {
			c.code(n.Expression.Reducer)
		}
		if co := n.Composite; co != nil {
			c.code(co.Reducer)
			bodies := []*ast.Body{co.Body}
			for _, b := range co.Branches {
				bodies = append(bodies, b.Body)
			}
			if co.Else != nil {
				bodies = append(bodies, co.Else.Body)
			}
			for _, b := range bodies {
				if b != nil {
					c.code(b.Func)
				}
			}
		}
	})
}

func (c *checker) code(f *ast.Function) {
	if f == nil {
		return
	}
	if f.Scheme != "star" {
		c.outside(f)
		return
	}
	if f.Inline != "" {
		file, err := syntax.LegacyFileOptions().Parse(f.Loc.File.Path(), f.Inline, 0)
		if err != nil {
			c.add(c.starError(f, err))
			return
		}
		names := functionNames(file)
		if len(names) == 0 {
			c.add(diag.New(diag.BadStarlark, f.Loc, "the !star block defines no function").
				WithHelp("write `def NAME(input): …`; the first function that does not start with an underscore is called"))
			return
		}
		c.program.Code[f] = Code{Text: f.Inline, Func: names[0]}
		return
	}
	name := path.Join(path.Dir(f.Loc.File.Name()), f.File)
	data, err := c.opt.ReadFile(name)
	if err != nil {
		c.add(diag.New(diag.IncludeFailed, f.Loc, "cannot read %s: %s", f.File, cause(err)).
			WithHelp("the path is relative to the file that names it and must stay inside the workspace"))
		return
	}
	text := string(data)
	file, err := syntax.LegacyFileOptions().Parse(f.File, text, 0)
	if err != nil {
		c.add(diag.New(diag.BadStarlark, f.Loc, "Starlark code does not compile: %s", err).
			WithHelp("the position in the message is in %s", f.File))
		return
	}
	names := functionNames(file)
	for _, n := range names {
		if n == f.Member {
			c.program.Code[f] = Code{File: name, Text: text, Func: n}
			return
		}
	}
	d := diag.New(diag.BadStarlark, f.Loc, "%s has no function %q", f.File, f.Member)
	if best := suggest.Best(f.Member, names); best != "" {
		d = d.WithHelp("did you mean %q?", best)
	} else if len(names) > 0 {
		d = d.WithHelp("it has %s", strings.Join(names, ", "))
	} else {
		d = d.WithHelp("it defines no function at its top level")
	}
	c.add(d)
}

// starError places a syntax error of a block at its line in the manifest.
func (c *checker) starError(f *ast.Function, err error) diag.Diagnostic {
	loc := f.Loc
	message := err.Error()
	if e, ok := err.(syntax.Error); ok {
		message = e.Msg
		offset := lineOffset(f.Inline, int(e.Pos.Line)) + max(0, int(e.Pos.Col)-1)
		offset = min(offset, len(f.Inline))
		m := c.doc.File.Composed.Tree.TextMap(f.Node)
		at := m.Span(source.Span{Start: int32(offset), End: int32(min(offset+1, len(f.Inline)))})
		loc = source.Location{File: loc.File, Span: at}
	}
	return diag.New(diag.BadStarlark, loc, "Starlark code does not compile: %s", message).
		WithHelp("Starlark is a subset of Python: no classes, exceptions or imports")
}

func lineOffset(text string, line int) int {
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		at += i + 1
	}
	return at
}

func functionNames(f *syntax.File) []string {
	var names []string
	for _, s := range f.Stmts {
		if d, ok := s.(*syntax.DefStmt); ok && !strings.HasPrefix(d.Name.Name, "_") {
			names = append(names, d.Name.Name)
		}
	}
	return names
}

// cause is an error's text without paths of this machine.
func cause(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		return text[i+2:]
	}
	return text
}
