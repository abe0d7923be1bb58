package orgpolicy

import (
	"bytes"
	"encoding/json"
	"strings"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

type checker struct {
	ds    diag.List
	files map[string]*source.File // policies by name
}

// mark is a place in a policy.
func (c *checker) mark(m Mark) source.Location {
	f := c.files[m.Policy]
	if f == nil {
		for _, any := range c.files {
			f = any
			break
		}
	}
	loc := source.Location{File: f}
	if f == nil || m.Line <= 0 {
		return loc
	}
	text, at := f.Text(), 0
	for line := 1; line < m.Line; line++ {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	at = min(at+max(m.Column-1, 0), len(text))
	end := at
	for end < len(text) && text[end] != '\n' && text[end] != '\r' {
		end++
	}
	loc.Span = source.Span{Start: int32(at), End: int32(end)}
	return loc
}

func (c *checker) finding(x *compile.Subject, f Finding) {
	loc := source.Location{File: x.File.Source, Span: x.Doc.Root.Span}
	if f.In == "program" && x.Program != nil {
		if at, ok := inProgram(x, f.Path); ok {
			loc = at
		}
	} else {
		loc = inManifest(x, f.Path)
	}
	d := diag.New(diag.OrganisationPolicy, loc, "%s", f.Message)
	switch f.Severity {
	case "warning":
		d = d.As(diag.Warning)
	case "info":
		d = d.As(diag.Info)
	}
	if f.Help != "" {
		d = d.WithHelp("%s", f.Help)
	}
	if at := c.mark(f.Rule); f.Rule.Line > 0 {
		d = d.WithRelated(at, "the organisation's policy says so here")
	}
	c.ds.Add(d)
}

// inManifest is the place of the last step of a path that is there: a value, or
// the key of one that is a mapping or list.
func inManifest(x *compile.Subject, path []Step) source.Location {
	n := x.Doc.Root.Deref()
	loc := firstLine(x.File, x.File.Loc(n))
	for _, s := range path {
		if n == nil {
			break
		}
		var next *syntax.Node
		key := (*syntax.Node)(nil)
		switch {
		case s.Key != "" && n.Kind == syntax.Mapping:
			if p := n.PairOf(s.Key); p != nil {
				key, next = p.Key, p.Value.Deref()
			}
		case s.Key == "" && n.Kind == syntax.Sequence && s.Index >= 0 && s.Index < len(n.Items):
			next = n.Items[s.Index].Deref()
		}
		if next == nil {
			break
		}
		n = next
		switch {
		case key != nil && n.Kind != syntax.Scalar:
			loc = x.File.Loc(key)
		default:
			loc = firstLine(x.File, x.File.Loc(n))
		}
		if name := nameOf(n); name != nil {
			loc = x.File.Loc(name)
		}
	}
	return loc
}

// nameOf is the name of a node or document, which says more than its first key.
func nameOf(n *syntax.Node) *syntax.Node {
	if n.Kind != syntax.Mapping {
		return nil
	}
	meta := n.Get("metadata").Deref()
	if meta == nil || meta.Kind != syntax.Mapping {
		return nil
	}
	if name := meta.Get("name").Deref(); name != nil && name.Kind == syntax.Scalar {
		return name
	}
	return nil
}

// firstLine cuts a place that reaches over several lines.
func firstLine(_ any, loc source.Location) source.Location {
	text := loc.File.Text()[loc.Span.Start:loc.Span.End]
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		loc.Span.End = loc.Span.Start + int32(len(strings.TrimRight(text[:i], "\r")))
	}
	return loc
}

// inProgram is the place that the innermost part of a program on a path says it
// comes from. It fails if that is in another file.
func inProgram(x *compile.Subject, path []Step) (source.Location, bool) {
	var at any
	d := json.NewDecoder(bytes.NewReader(ir.ShowJSON(x.Program)))
	d.UseNumber()
	if d.Decode(&at) != nil {
		return source.Location{}, false
	}
	var found map[string]any
	look := func(v any) {
		if o, ok := v.(map[string]any); ok {
			if origin, ok := o["origin"].(map[string]any); ok && origin["file"] != nil {
				found = origin
			}
			if from, ok := o["from"].([]any); ok && len(from) > 0 {
				if first, ok := from[0].(map[string]any); ok && first["file"] != nil && first["offset"] != nil {
					found = first
				}
			}
		}
	}
	look(at)
	for _, s := range path {
		switch v := at.(type) {
		case map[string]any:
			at = v[s.Key]
		case []any:
			if s.Index < 0 || s.Index >= len(v) {
				at = nil
			} else {
				at = v[s.Index]
			}
		default:
			at = nil
		}
		if at == nil {
			break
		}
		look(at)
	}
	number := func(key string) int32 {
		n, _ := found[key].(json.Number)
		i, _ := n.Int64()
		return int32(i)
	}
	if found == nil || found["file"] != x.File.Source.Name() {
		return source.Location{}, false
	}
	start, end := number("offset"), number("end_offset")
	if start < 0 || end < start || int(end) > len(x.File.Source.Text()) {
		return source.Location{}, false
	}
	loc := source.Location{File: x.File.Source, Span: source.Span{Start: start, End: end}}
	return named(x, firstLine(nil, loc)), true
}

// named moves the place of a whole node to its name.
func named(x *compile.Subject, loc source.Location) source.Location {
	var at *syntax.Node
	var look func(n *syntax.Node)
	look = func(n *syntax.Node) {
		n = n.Deref()
		if n == nil || at != nil {
			return
		}
		if n.Span.Start == loc.Span.Start && n.Kind == syntax.Mapping {
			if name := nameOf(n); name != nil {
				at = name
				return
			}
		}
		for _, i := range n.Items {
			look(i)
		}
		if n.Kind == syntax.Mapping {
			for i := range n.Pairs {
				look(n.Pairs[i].Value)
			}
		}
	}
	look(x.Doc.Root)
	if at != nil {
		return x.File.Loc(at)
	}
	return loc
}
