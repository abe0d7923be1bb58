package expand

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// sight is what a text sees of the build-time names.
type sight struct {
	d     *Document
	part  *Part
	outer bool // outside of the spec of nodes
}

func (d *Document) sight(n *syntax.Node, outer bool) sight {
	s := sight{d: d, outer: outer}
	if len(d.c.parts) > 0 {
		s.part = d.c.parts[d.c.Tree.FileOf(n)]
	}
	return s
}

// empty reports that only the document's own names are seen.
func (s sight) empty() bool {
	return !s.outer && s.d.scope == nil && (s.part == nil || s.part.Vars == nil)
}

// bound is the binding of a name by an include or by the caller's scope.
func (s sight) bound(head string) *Binding {
	if s.part != nil {
		if b := s.part.Vars.Lookup(head); b != nil {
			return b
		}
	}
	return s.d.scope.Lookup(head)
}

// knowledge is what is known about a reference.
type knowledge uint8

const (
	no      knowledge = iota // a name of the run
	yes                      // known
	missing                  // a build-time name that does not exist
)

// knows says whether a reference means a build-time name.
func (s sight) knows(r expr.Ref) knowledge {
	if r.Namespace {
		return no
	}
	if b := s.bound(r.Head); b != nil {
		b.Used = true
		if b.Open {
			return no
		}
		return yes
	}
	at, path := s.own(r.Head, r.Path)
	if path == nil {
		return no
	}
	for _, name := range path {
		if at = at.Deref(); at == nil || at.Kind != syntax.Mapping {
			break // the rest is a matter of the value
		}
		next := at.Get(name)
		switch {
		case next != nil:
		case r.Guarded:
			return yes
		case s.d.c.Incomplete:
			return no // an include that failed may have it
		default:
			return missing
		}
		at = next
	}
	return yes
}

// own is the document's node that a head means, and the names behind it that lead
// on from there, at least one. No names mean that the head is none of the
// document's.
func (s sight) own(head string, segments []expr.Segment) (*syntax.Node, []string) {
	if !s.d.own {
		return nil, nil
	}
	path := make([]string, 0, len(segments)+1)
	for _, x := range segments {
		path = append(path, x.Name)
	}
	switch {
	case len(path) == 0:
		return nil, nil
	case head == "spec" && (s.outer || path[0] == "variables"):
		if len(path) == 1 && path[0] == "variables" && s.d.vars == nil {
			return nil, nil
		}
		return s.d.root.Get("spec").Deref(), path
	case !s.outer:
		return nil, nil
	case head == "metadata":
		return s.d.root.Get("metadata").Deref(), path
	case head == "variables":
		return s.d.root.Get("spec").Deref(), append([]string{"variables"}, path...)
	}
	return nil, nil
}

// value implements expr.Known.
func (s sight) value(head string, path []string) (value.Value, bool) {
	if b := s.bound(head); b != nil {
		if b.Open {
			return value.Null, false
		}
		v, text, ok := b.Value, b.Text, true
		if b.node != nil {
			if v, text, ok = s.d.Value(b.node); !ok {
				return value.Null, false
			}
		}
		for _, name := range path {
			o, isObject := v.Object()
			if !isObject {
				return value.Null, false
			}
			if v, ok = o.Get(name); !ok {
				return value.Null, false
			}
			text = false
		}
		s.d.text = text
		return v, true
	}
	segments := make([]expr.Segment, len(path))
	for i, name := range path {
		segments[i].Name = name
	}
	at, names := s.own(head, segments)
	if len(names) == 0 {
		return value.Null, false
	}
	for _, name := range names {
		at = at.Get(name).Deref()
		if at == nil {
			return value.Null, false
		}
	}
	v, text, ok := s.d.Value(at)
	s.d.text = text
	return v, ok
}

// broken reports whether the value of a known name failed.
func (s sight) broken(r expr.Ref) bool {
	for k := len(r.Path); k >= 0; k-- {
		names := make([]string, k)
		for i := range names {
			names[i] = r.Path[i].Name
		}
		if _, ok := s.value(r.Head, names); ok {
			return false
		}
	}
	return true
}

// unknown reports a build-time name that does not exist.
func (d *Document) unknown(n *syntax.Node, s sight, r expr.Ref) {
	at, path := s.own(r.Head, r.Path)
	shown := r.Head
	skip := len(path) - len(r.Path) // names that the text does not have
	for i, name := range path {
		next := at.Deref().Get(name)
		if next != nil {
			at = next
			if i >= skip {
				shown += "." + name
			}
			continue
		}
		span := r.HeadSpan
		if i >= skip {
			span = r.Path[i-skip].Span
		}
		loc := d.loc(n, span)
		x := diag.New(diag.UnknownBuildName, loc, "%s has no %q", shown, name)
		if name == "variables" {
			x.Message = "the manifest has no spec.variables"
			d.ds.Add(x.WithHelp("declare them: `variables: {%s: …}` under spec; a field of the run's input is written $input.%s", last(r.Path), r.Head))
			return
		}
		var known []string
		for key := range at.Deref().Entries() {
			if key.Kind == syntax.Scalar {
				known = append(known, key.Value)
			}
		}
		switch best := suggest.Best(name, known); {
		case best != "":
			x = x.WithHelp("did you mean %q?", best)
			if loc.File.Slice(loc.Span) == name {
				x = x.WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: loc, NewText: best})
			}
		case len(known) > 0 && len(known) <= 12:
			x = x.WithHelp("it has %s", strings.Join(known, ", "))
		default:
			x = x.WithHelp("names of %s are known when the manifest is built; a field of the run's input is written $input.%s", r.Head, r.Head)
		}
		d.ds.Add(x)
		return
	}
}

func last(path []expr.Segment) string { return path[len(path)-1].Name }

// Unresolved reports the template of a scalar in a place that needs its value at
// build, which reads names that are only known at run time.
func (d *Document) Unresolved(n *syntax.Node, outer bool) {
	t, ds := expr.ParseTemplate(expr.Text{Src: n.Value, File: d.c.Tree.FileOf(n), Map: d.c.Tree.TextMap(n)})
	if diag.HasErrors(ds) {
		d.ds.Append(ds)
		return
	}
	s := d.sight(n, outer)
	for _, r := range expr.Refs(t) {
		if s.knows(r) != no {
			continue
		}
		head := r.Head
		if r.Namespace {
			head = "$" + head
		}
		x := diag.New(diag.BuildTime, d.loc(n, r.HeadSpan), "%q is not known when the manifest is built, and this value is needed then", head)
		var known []string
		if d.own {
			known = append(known, "spec", "metadata", "variables")
		}
		if s.part != nil {
			for _, b := range s.part.Vars.Bindings() {
				known = append(known, b.Name)
			}
		}
		for sc := d.scope; sc != nil; sc = sc.outer {
			for _, b := range sc.order {
				known = append(known, b.Name)
			}
		}
		if best := suggest.Best(r.Head, known); best != "" && !r.Namespace {
			x = x.WithHelp("did you mean %q?", best)
		} else {
			x = x.WithHelp("build-time names are spec.variables.* and, outside of nodes' specs, metadata.* and spec.*")
		}
		d.ds.Add(x)
		return
	}
	d.ds.Add(diag.New(diag.BuildTime, d.at(n), "this template cannot be evaluated when the manifest is built, and its value is needed then").
		WithHelp("write the value out"))
}
