package ide

import (
	"context"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/syntax"
)

// Definition is where the name at a place is declared; for a path in a manifest
// or a function of a Starlark file, what it names.
func Definition(s *compile.Snapshot, path string, offset int) ([]Location, error) {
	c, err := newCursor(s, path, offset)
	if err != nil {
		return nil, err
	}
	if o, ok := occurrenceAt(s, c.a, offset); ok {
		if o.Symbol.Def != (Location{}) {
			return []Location{o.Symbol.Def}, nil
		}
		// What nothing declares is found where it is first read.
		all := pick(indexOf(s, c.a).all, o.Symbol.key)
		if len(all) > 0 {
			return []Location{all[0].Location}, nil
		}
	}
	if l, ok := linkAt(c); ok {
		return []Location{l.Target}, nil
	}
	if n := c.alias(); n != nil && n.Target != nil {
		return []Location{{path, n.Target.Span}}, nil
	}
	return nil, nil
}

// alias is the YAML alias at the cursor.
func (c *cursor) alias() *syntax.Node {
	if len(c.site.steps) == 0 || c.site.key {
		return nil
	}
	if n := c.site.last().node; n.Kind == syntax.Alias {
		return n
	}
	return nil
}

// References are the places of the name at a place, in the whole workspace.
func References(ctx context.Context, s *compile.Snapshot, path string, offset int, declaration bool) ([]Location, error) {
	c, err := newCursor(s, path, offset)
	if err != nil {
		return nil, err
	}
	o, ok := occurrenceAt(s, c.a, offset)
	if !ok {
		return nil, nil
	}
	all, err := occurrences(ctx, s, path, o.Symbol)
	if err != nil {
		return nil, err
	}
	var out []Location
	for _, o := range all {
		if declaration || !o.Def {
			out = append(out, o.Location)
		}
	}
	return out, nil
}

// Highlight is one place of the name at the cursor, in the cursor's file.
type Highlight struct {
	Location
	Write bool // it is declared here
}

// Highlights are the places of the name at a place, in its file.
func Highlights(s *compile.Snapshot, path string, offset int) ([]Highlight, error) {
	c, err := newCursor(s, path, offset)
	if err != nil {
		return nil, err
	}
	o, ok := occurrenceAt(s, c.a, offset)
	if !ok {
		return c.highlightAnchor(), nil
	}
	var out []Highlight
	for _, x := range pick(indexOf(s, c.a).in(path), o.Symbol.key) {
		if n := len(out); n > 0 && out[n-1].Location == x.Location {
			out[n-1].Write = out[n-1].Write || x.Def
			continue
		}
		out = append(out, Highlight{x.Location, x.Def})
	}
	return out, nil
}

// highlightAnchor finds the anchor at the cursor and its aliases.
func (c *cursor) highlightAnchor() []Highlight {
	if len(c.site.steps) == 0 || c.site.key {
		return nil
	}
	target := c.site.last().node
	if target.Kind == syntax.Alias {
		target = target.Target
	} else if target.Anchor == "" || !target.AnchorSpan.Contains(c.offset) {
		return nil
	}
	if target == nil {
		return nil
	}
	var out []Highlight
	walkTree(c.site.root(), func(n *syntax.Node) {
		if n == target && n.Anchor != "" {
			out = append(out, Highlight{Location{c.a.Path, n.AnchorSpan}, true})
		}
		if n.Kind == syntax.Alias && n.Target == target {
			out = append(out, Highlight{Location{c.a.Path, n.Span}, false})
		}
	})
	return out
}

// walkTree calls f for n and what is below it, in document order, aliases not
// followed.
func walkTree(n *syntax.Node, f func(*syntax.Node)) {
	if n == nil {
		return
	}
	f(n)
	for _, it := range n.Items {
		walkTree(it, f)
	}
	for i := range n.Pairs {
		walkTree(n.Pairs[i].Key, f)
		walkTree(n.Pairs[i].Value, f)
	}
}

// Linked are the places of a name that can be typed at all of them at once: of a
// name that only one expression or node knows. Other names are changed by Rename,
// which checks what the new one means.
func Linked(s *compile.Snapshot, path string, offset int) ([]Location, error) {
	a, err := s.Analyze(path)
	if err != nil {
		return nil, err
	}
	o, ok := occurrenceAt(s, a, offset)
	if !ok {
		return nil, nil
	}
	switch o.Symbol.Kind {
	case SymbolLocal, SymbolTarget, SymbolLoop:
	default:
		return nil, nil
	}
	var out []Location
	for _, o := range pick(indexOf(s, a).all, o.Symbol.key) {
		if o.Path != path {
			return nil, nil
		}
		if len(out) == 0 || out[len(out)-1] != o.Location {
			out = append(out, o.Location)
		}
	}
	return out, nil
}
