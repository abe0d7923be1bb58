package compile

import (
	"fmt"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// checkMacro checks a macro with parameters of unknown value: what is wrong then
// is wrong in every invocation.
func checkMacro(d *ast.Doc, opt check.Options) (*check.Program, []diag.Diagnostic) {
	if d.Macro.Generic == nil {
		return nil, nil
	}
	alone := *d
	alone.Fragment = true // what a caller supplies is not known
	alone.Pipeline = &ast.Pipeline{Nodes: []*ast.Node{d.Macro.Generic}}
	return check.Check(&alone, opt)
}

// finish makes findings fit to be shown: sorted, those about computed texts at
// the place of what computes them, those in the bodies of macros with the calls
// that lead there. A fault that every use of a macro has is one finding.
func finish(ds []diag.Diagnostic) []diag.Diagnostic {
	plain := true
	for i := range ds {
		if !written(&ds[i]) {
			plain = false
		}
	}
	diag.Sort(ds)
	if !plain {
		ds = merge(ds)
	}
	return unique(ds)
}

// written moves a finding to the places that somebody wrote. It reports whether
// there was nothing to do.
func written(d *diag.Diagnostic) bool {
	plain := d.Loc.File.Via() == nil && !d.Loc.File.Derived()
	if d.Loc.File.Derived() {
		d.Fixes = nil // its edits would be to a text that nobody wrote
	}
	d.Loc = d.Loc.Written()
	for i := range d.Related {
		if at := d.Related[i].Loc; at.File.Derived() {
			if plain {
				d.Related = append([]diag.Related(nil), d.Related...)
			}
			d.Related[i].Loc, plain = at.Written(), false
		}
	}
	return plain
}

// merge makes one finding of those about one place: the one that holds in every
// use of a macro, else the first with the number of the others.
func merge(ds []diag.Diagnostic) []diag.Diagnostic {
	type key struct {
		code diag.Code
		path string
		span source.Span
	}
	keyOf := func(d *diag.Diagnostic) (k key) {
		k.code, k.span = d.Code, d.Loc.Span
		if d.Loc.File != nil {
			k.path = d.Loc.File.Path()
		}
		return k
	}
	always, uses, calls := map[key]bool{}, map[key]int{}, map[string]bool{}
	for i := range ds {
		d := &ds[i]
		k := keyOf(d)
		if d.Loc.File.Via() == nil {
			always[k] = true
			continue
		}
		if call := fmt.Sprint(k, d.Loc.File.Via()); !calls[call] {
			calls[call] = true
			uses[k]++
		}
	}
	out := ds[:0]
	done := map[key]bool{}
	for _, d := range ds {
		via := d.Loc.File.Via()
		if via == nil {
			out = append(out, d)
			continue
		}
		k := keyOf(&d)
		if always[k] || done[k] {
			continue
		}
		done[k] = true
		related := make([]diag.Related, 0, len(via)+len(d.Related))
		for i, at := range via {
			message := "the macro is called here"
			if n := uses[k] - 1; n > 0 && i == len(via)-1 {
				message = fmt.Sprintf("the macro is called here, and %d more", n)
			}
			related = append(related, diag.Related{Loc: at, Message: message})
		}
		d.Related = append(related, d.Related...)
		out = append(out, d)
	}
	return out
}
