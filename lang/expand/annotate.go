package expand

import (
	"hexdag.dev/hexdag/lang/diag"
)

// Annotate adds to each finding about an included file the includes that led
// there, outermost first. Findings that have them stay as they are.
func (c *Composed) Annotate(ds []diag.Diagnostic) []diag.Diagnostic {
	if c == nil || len(c.parts) == 0 {
		return ds
	}
	for i := range ds {
		p := c.parts[ds[i].Loc.File]
		if p == nil || c.annotated(&ds[i], p) {
			continue
		}
		related := make([]diag.Related, 0, len(ds[i].Related)+len(p.Sites))
		related = append(related, ds[i].Related...)
		for _, site := range p.Sites {
			related = append(related, diag.Related{Loc: site, Message: "included here"})
		}
		ds[i].Related = related
	}
	return ds
}

func (c *Composed) annotated(d *diag.Diagnostic, p *Part) bool {
	for _, r := range d.Related {
		if r.Message == "included here" && r.Loc == p.Sites[0] {
			return true
		}
	}
	return false
}
