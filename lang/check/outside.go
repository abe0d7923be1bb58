package check

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/suggest"
)

// outside checks what can be known of a function that other programs run: the
// function of a block of Python, the server of an MCP tool.
func (c *checker) outside(f *ast.Function) {
	switch f.Scheme {
	case "py":
		name := pythonFunction(f.Inline)
		if name == "" {
			c.add(diag.New(diag.BadFunction, f.Loc, "the !py block defines no function").
				WithHelp("write `def NAME(input): …` at its left edge; the first function that does not start with an underscore is called"))
			return
		}
		c.program.Code[f] = Code{Text: f.Inline, Func: name}
	case "mcp":
		server, tool, ok := strings.Cut(f.Name, "/")
		if !ok || server == "" || tool == "" {
			c.add(diag.New(diag.BadFunction, f.Loc, "%q names no tool of an MCP server", "mcp:"+f.Name).
				WithHelp("write mcp:SERVER/TOOL, the server as declared under spec.tools or spec.ports"))
			return
		}
		var known []string
		for _, t := range c.tools() {
			if t.Server != nil {
				known = append(known, t.Name.Name)
			}
		}
		for _, name := range c.opt.Effective.Ports.Names() {
			if p := c.opt.Effective.Ports.Named(name); p != nil && PortType(p.Spec, c.opt.Adapters) == "tool_router" {
				known = append(known, name)
			}
		}
		for _, name := range known {
			if name == server {
				return
			}
		}
		if c.doc.Fragment {
			return
		}
		d := diag.New(diag.UnknownReferenceTarget, f.Loc, "there is no MCP server %q", server)
		if best := suggest.Best(server, known); best != "" {
			d = d.WithHelp("did you mean %q?", best)
		} else {
			d = d.WithHelp("declare it: `tools: {%s: {mcp: {command: …}}}`, or {url: …}", server)
		}
		c.add(d)
	}
}

// pythonFunction is the name of the first function at the left edge of a block of
// Python that does not start with an underscore; "" if there is none. Nothing is
// run or parsed: what is wrong with the block is said when a run loads it.
func pythonFunction(code string) string {
	for line := range strings.Lines(code) {
		rest, ok := strings.CutPrefix(line, "def ")
		if !ok {
			rest, ok = strings.CutPrefix(line, "async def ")
		}
		if !ok {
			continue
		}
		name, _, ok := strings.Cut(strings.TrimLeft(rest, " \t"), "(")
		if name = strings.TrimRight(name, " \t"); ok && name != "" && name[0] != '_' {
			return name
		}
	}
	return ""
}
