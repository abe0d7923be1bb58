package schema

import (
	"fmt"
	"strings"
)

// Place is a field at a path, or a definition.
type Place struct {
	// Path is the canonical path: "Pipeline.spec.limits.max_llm_calls".
	Path string
	// Field is the field; nil if the path names a definition.
	Field *Field
	// In is the definition that has the field, or the one that the path names.
	In *Def
}

// Def is the definition of what stands at the place: of the object, of a list's
// items, of a map's values; nil if there is none.
func (p *Place) Def() *Def {
	if p.Field == nil {
		return p.In
	}
	if d := objectIn(p.Field.Type); d != nil {
		return d
	}
	return nil
}

// objectIn is the first object inside a type.
func objectIn(t *Type) *Def {
	switch t.Kind {
	case Object:
		return t.Def()
	case List, Map:
		return objectIn(t.Elem)
	case OneOf:
		for _, a := range t.Alts {
			if d := objectIn(a); d != nil {
				return d
			}
		}
	}
	return nil
}

// LookupError says where a path went wrong.
type LookupError struct {
	Path string
	// At is the segment that was not found, After the path before it ("" for the
	// first).
	At, After string
	// Known is what could have stood there, canonical names.
	Known []string
}

// Error is one line.
func (e *LookupError) Error() string {
	if e.After == "" {
		return fmt.Sprintf("%q is no kind, node kind or definition", e.At)
	}
	return fmt.Sprintf("%s has no field %q", e.After, e.At)
}

// Lookup finds a field by a path of names with dots between. It begins with a
// manifest kind (`Pipeline.spec.limits`), a node kind, whose `spec` is meant
// (`llm_node.output_schema`), or the title of a definition (`port.adapter`,
// `node.metadata.name`). Names may be any accepted spelling; the items of lists
// and the values of maps need no segment of their own, but a map's may have one
// (`Pipeline.spec.ports.llm.adapter`). The error is a *LookupError.
func Lookup(path string) (*Place, error) {
	segs := strings.Split(path, ".")
	def := Root(segs[0])
	if def == nil {
		// a dotted spelling of a node kind
		for i := len(segs); i > 1 && def == nil; i-- {
			if info, _, ok := NodeKind(strings.Join(segs[:i], ".")); ok && info != nil {
				def, segs = info.Spec(), segs[i-1:]
			}
		}
	}
	if def == nil {
		return nil, &LookupError{Path: path, At: segs[0], Known: RootNames()}
	}
	p := &Place{Path: rootName(def), In: def}
	for i := 1; i < len(segs); i++ {
		next, rest := step(p, segs[i:])
		if next == nil {
			e := &LookupError{Path: path, At: segs[i], After: p.Path}
			for _, d := range defsAt(p) {
				e.Known = append(e.Known, d.Names()...)
			}
			return nil, e
		}
		i += len(segs[i:]) - len(rest) - 1
		p = next
	}
	return p, nil
}

// step takes one segment, or two where the first is a key of a map.
func step(p *Place, segs []string) (*Place, []string) {
	for _, d := range defsAt(p) {
		if f, k, ok := d.Find(segs[0]); ok && f != nil && k.Status != Misplaced {
			return &Place{Path: p.Path + "." + f.Name, Field: f, In: d}, segs[1:]
		}
	}
	if p.Field != nil && hasMap(p.Field.Type) && len(segs) > 1 {
		at := &Place{Path: p.Path + "." + segs[0], Field: p.Field, In: p.In}
		return step(at, segs[1:])
	}
	return nil, nil
}

func hasMap(t *Type) bool {
	if t.Kind == Map {
		return true
	}
	for _, a := range t.Alts {
		if hasMap(a) {
			return true
		}
	}
	return false
}

// defsAt is the definitions that the next segment can be a field of.
func defsAt(p *Place) []*Def {
	if p.Field == nil {
		return []*Def{p.In}
	}
	var out []*Def
	if s := p.Field.Select; s != nil {
		for i := range s.Cases {
			out = append(out, s.Cases[i].Def())
		}
	}
	if p.In.Name == "Node" && (p.Field.Name == "spec" || p.Field.Name == "settings") {
		for i := range nodeKinds {
			out = append(out, nodeKinds[i].Spec())
		}
	}
	return append(out, objectsIn(p.Field.Type)...)
}

func objectsIn(t *Type) []*Def {
	switch t.Kind {
	case Object:
		return []*Def{t.Def()}
	case List, Map:
		return objectsIn(t.Elem)
	case OneOf:
		var out []*Def
		for _, a := range t.Alts {
			out = append(out, objectsIn(a)...)
		}
		return out
	}
	return nil
}

// Root finds what a path can begin with: a manifest kind, a node kind in any
// spelling, or a definition by name or title. Upper and lower case are the same.
func Root(name string) *Def {
	for i := range defs {
		if defs[i].Kind != "" && strings.EqualFold(defs[i].Kind, name) {
			return &defs[i]
		}
	}
	if info, _, ok := NodeKind(name); ok && info != nil {
		return info.Spec()
	}
	squeeze := strings.NewReplacer(" ", "", "_", "", "-", "")
	for i := range defs {
		if strings.EqualFold(defs[i].Name, squeeze.Replace(name)) || strings.EqualFold(squeeze.Replace(defs[i].Title), squeeze.Replace(name)) {
			return &defs[i]
		}
	}
	return nil
}

// RootNames is the kinds and node kinds, then the titles of the other
// definitions.
func RootNames() []string {
	out := append([]string(nil), kindNames...)
	for i := range nodeKinds {
		out = append(out, nodeKinds[i].Name)
	}
	for i := range defs {
		if defs[i].Kind == "" && defs[i].Node == "" {
			out = append(out, strings.ReplaceAll(defs[i].Title, " ", "_"))
		}
	}
	return out
}

func rootName(d *Def) string {
	switch {
	case d.Kind != "":
		return d.Kind
	case d.Node != "":
		return d.Node
	}
	return strings.ReplaceAll(d.Title, " ", "_")
}

// WithField is every place that has a field of this name or spelling, by the
// definition's name; paths begin at the definition.
func WithField(name string) []*Place {
	var out []*Place
	for i := range defs {
		d := &defs[i]
		if f, k, ok := d.Find(name); ok && f != nil && k.Status != Misplaced {
			out = append(out, &Place{Path: rootName(d) + "." + f.Name, Field: f, In: d})
		}
	}
	return out
}
