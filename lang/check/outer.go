package check

import (
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// outer notes a name that a fragment does not have: the file that includes it
// must. Where an include failed the name may be in the file that is missing, and
// nothing is said.
func (c *checker) outer(loc source.Location, name string) {
	if !c.doc.Fragment || c.doc.Kind == "Macro" || c.doc.File.Composed.Incomplete {
		return
	}
	c.add(diag.New(diag.Unlinked, loc, "%q is not in this fragment: the manifest that includes it must have it", name).
		WithHelp("`hexc check` of that manifest says whether it does"))
}
