package check

import (
	"slices"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/suggest"
)

// outputFields reports names in the output_fields of an expression node that none
// of its expressions computes. They are only missing from the result then.
func (c *checker) outputFields(e *ast.ExpressionSpec) {
	names := make([]string, 0, len(e.Vars))
	for _, v := range e.Vars {
		names = append(names, v.Name.Name)
	}
	for _, f := range e.Fields {
		if slices.Contains(names, f.Name) || f.Name == "" {
			continue
		}
		d := diag.New(diag.UnknownOutputField, f.Loc, "output_fields names %q, which none of the node's expressions computes", f.Name)
		if best := suggest.Best(f.Name, names); best != "" {
			d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: f.Loc, NewText: best})
		} else {
			d = d.WithHelp("the result will lack it; add it to expressions, or take it off the list")
		}
		c.add(d)
	}
}
