//go:build schemagen

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
)

// evaluate builds the CUE files, reads their concrete data into m, and compares
// each definition with what the evaluator makes of it.
func evaluate(dir string, m *model) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.cue"))
	if err != nil {
		return err
	}
	inst := build.NewContext().NewInstance("", nil)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := inst.AddFile(filepath.Base(name), text); err != nil {
			return err
		}
	}
	if err := inst.Complete(); err != nil {
		return err
	}
	ctx := cuecontext.New()
	v := ctx.BuildInstance(inst)
	if err := v.Validate(); err != nil {
		return err
	}
	for _, d := range m.defs {
		dv := v.LookupPath(cue.MakePath(cue.Def(d.name)))
		if !dv.Exists() {
			return fmt.Errorf("#%s: the evaluator does not find it", d.name)
		}
		for _, f := range d.fields {
			if !allows(ctx, dv, f.name) {
				return fmt.Errorf("#%s.%s: the evaluator does not see it", d.name, f.name)
			}
		}
		if open := allows(ctx, dv, "no such field"); open != (d.open != "") {
			return fmt.Errorf("#%s: for the evaluator, whether it is open is %t", d.name, open)
		}
		if !d.part && !allows(ctx, dv, "x-free") {
			return fmt.Errorf("#%s: keys that start with x- must be free", d.name)
		}
	}
	for path, dst := range map[string]any{
		"kinds": &m.data.Kinds, "nodeKinds": &m.data.NodeKinds, "historicalKinds": &m.data.HistoricalKinds, "adapters": &m.data.Adapters,
		"portTypes": &m.data.PortTypes, "caps": &m.data.Caps, "capAliases": &m.data.CapAliases, "middlewares": &m.data.Middlewares, "macros": &m.data.Macros,
	} {
		if err := v.LookupPath(cue.ParsePath(path)).Decode(dst); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	it, err := v.LookupPath(cue.ParsePath("nodeKinds")).Fields()
	if err != nil {
		return err
	}
	for it.Next() {
		m.data.nodeOrder = append(m.data.nodeOrder, it.Selector().Unquoted())
	}
	return nil
}

// allows reports whether a struct that follows v may have the field.
func allows(ctx *cue.Context, v cue.Value, name string) bool {
	err := v.Unify(ctx.CompileString(fmt.Sprintf("{%q: _}", name))).Validate()
	for _, e := range errors.Errors(err) {
		if strings.Contains(e.Error(), "not allowed") {
			return false
		}
	}
	return true
}
