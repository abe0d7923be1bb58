package ide

import (
	"strings"

	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// site is where a cursor stands in a document, as the schema sees it. It is
// worked out from the syntax tree alone, so that it is there in a half-typed
// document, too.
type site struct {
	tree   *syntax.Tree
	offset int
	// steps lead from the document's root to the innermost value.
	steps []step
	// key says that the cursor is where a key of the last step's mapping stands
	// or could stand; pair is the entry whose key it is on, if there is one.
	key  bool
	pair *syntax.Pair
}

// step is one value on the way to the cursor.
type step struct {
	node *syntax.Node
	// types are what the value may be, alternatives one by one.
	types []*schema.Type
	// field is the field that the value, or a list or map around it, belongs to;
	// nil at the root and below what the schema does not describe.
	field *schema.Field
	// direct says that the value is the field's own, not one inside of it.
	direct bool
	in     *schema.Def // that has the field
	// name is the key that led here; "" for an item of a list.
	name string
	pair *syntax.Pair // that led here
	text schema.Text  // of the field, also inside of lists and maps
}

// siteAt finds where a byte offset of a file stands.
func siteAt(tree *syntax.Tree, offset int) *site {
	s := &site{tree: tree, offset: offset}
	path := tree.PathAt(offset)
	if len(path) == 0 {
		if root := rootBefore(tree, offset); root != nil {
			path = []*syntax.Node{root}
		} else {
			s.key = true
			return s
		}
	}
	s.steps = []step{rootStep(path[0])}
	for i := 0; i+1 < len(path); i++ {
		if !s.descend(path[i], path[i+1]) {
			return s
		}
	}
	last := s.last()
	if last.node.Kind == syntax.Mapping {
		s.key = true
	}
	return s
}

// rootBefore is the root mapping of the document whose blank lines the offset is
// on, if it stands at its column.
func rootBefore(tree *syntax.Tree, offset int) *syntax.Node {
	for _, d := range tree.Docs {
		if d.Root != nil && offset >= int(d.Start.End) && offset <= int(d.Span.End) && d.Root.Kind == syntax.Mapping {
			return d.Root
		}
	}
	return nil
}

func (s *site) last() *step { return &s.steps[len(s.steps)-1] }

// rootStep types a document's root by its kind, or by its shape for a fragment.
func rootStep(root *syntax.Node) step {
	st := step{node: root}
	n := root.Deref()
	if n == nil {
		return st
	}
	switch {
	case n.Kind == syntax.Sequence:
		st.types = []*schema.Type{{Kind: schema.List, Elem: nodeType()}}
	case n.Kind == syntax.Mapping || n.Kind == syntax.Scalar:
		kind := scalarText(n.Get("kind"))
		if def := schema.Kind(kind); def != nil {
			st.types = []*schema.Type{def.AsType()}
			break
		}
		if _, _, ok := schema.NodeKind(kind); ok {
			st.types = []*schema.Type{nodeType()}
			break
		}
		st.types = []*schema.Type{schema.Kind("Pipeline").AsType()}
	}
	return st
}

// nodeType is the type of a node: an item of a Pipeline's `nodes`.
func nodeType() *schema.Type {
	return alternatives(alternatives(schema.ByName("PipelineSpec").Field("nodes").Type)[0].Elem)[0]
}

// alternatives are the types that a type allows, one by one.
func alternatives(t *schema.Type) []*schema.Type {
	if t == nil {
		return nil
	}
	if t.Kind != schema.OneOf {
		return []*schema.Type{t}
	}
	var out []*schema.Type
	for _, a := range t.Alts {
		out = append(out, alternatives(a)...)
	}
	return out
}

func scalarText(n *syntax.Node) string {
	n = n.Deref()
	if n == nil || n.Kind != syntax.Scalar {
		return ""
	}
	return n.Value
}

// descend adds the step from n to its child; false ends the way, because the
// child is a key.
func (s *site) descend(n, child *syntax.Node) bool {
	from := s.last()
	switch n.Kind {
	case syntax.Sequence:
		next := step{node: child, field: from.field, in: from.in, text: from.text}
		for _, t := range from.types {
			if t.Kind == schema.List {
				next.types = append(next.types, alternatives(t.Elem)...)
			}
		}
		s.steps = append(s.steps, next)
		return true
	case syntax.Mapping:
		for i := range n.Pairs {
			p := &n.Pairs[i]
			if p.Key == child {
				s.key, s.pair = true, p
				return false
			}
			if p.Value == child {
				s.steps = append(s.steps, s.value(from, p))
				return true
			}
		}
	}
	s.steps = append(s.steps, step{node: child})
	return true
}

// value is the step to the value of an entry.
func (s *site) value(from *step, p *syntax.Pair) step {
	name := scalarText(p.Key)
	next := step{node: p.Value, name: name, pair: p}
	for _, t := range from.types {
		switch t.Kind {
		case schema.Object:
			def := t.Def()
			f, _, ok := def.Find(name)
			if !ok || f == nil {
				continue
			}
			next.field, next.direct, next.in, next.text = f, true, def, f.Text
			switch {
			case t.IsNode && (f.Name == "spec" || f.Name == "settings"):
				next.types = []*schema.Type{specOf(s.tree, s.steps[0].node, from.node).AsType()}
			case f.Select != nil:
				by := scalarText(get(from.node, f.Select.By))
				next.types = alternatives(f.Type)
				for i := range f.Select.Cases {
					if f.Select.Cases[i].Value == by {
						next.types = []*schema.Type{f.Select.Cases[i].Def().AsType()}
					}
				}
			default:
				next.types = alternatives(f.Type)
			}
			return next
		case schema.Map:
			next.field, next.in, next.text = from.field, from.in, from.text
			next.types = append(next.types, alternatives(t.Elem)...)
		case schema.Any:
			next.field, next.in, next.text = from.field, from.in, from.text
			next.types = append(next.types, t)
		}
	}
	return next
}

// get is the value of a key of a mapping.
func get(n *syntax.Node, key string) *syntax.Node {
	n = n.Deref()
	if n == nil || n.Kind != syntax.Mapping {
		return nil
	}
	return n.Get(key)
}

// specOf is the definition of a node's `spec`: by its kind.
func specOf(tree *syntax.Tree, root, node *syntax.Node) *schema.Def {
	kind := scalarText(get(node, "kind"))
	if aliases := get(get(root, "spec"), "aliases"); aliases != nil {
		if target := scalarText(get(aliases, strings.TrimPrefix(kind, "core:"))); target != "" {
			kind = target
		}
	}
	if info, _, ok := schema.NodeKind(kind); ok && info != nil {
		return info.Spec()
	}
	if kind == "" || schema.IsForeign(kind) {
		return schema.ByName("ForeignNodeSpec")
	}
	return schema.ByName("MacroCallSpec")
}

// defs are the definitions of the mapping that the last step is or may be.
func (st *step) defs() []*schema.Def {
	var out []*schema.Def
	for _, t := range st.types {
		if t.Kind == schema.Object {
			out = append(out, t.Def())
		}
	}
	return out
}

// isNode reports whether the value is or may be a node of a pipeline.
func (st *step) isNode() bool {
	for _, t := range st.types {
		if t.Kind == schema.Object && t.IsNode {
			return true
		}
	}
	return false
}

// has reports whether a type of the kind is among the alternatives.
func (st *step) has(kinds ...schema.TypeKind) bool {
	for _, t := range st.types {
		for _, k := range kinds {
			if t.Kind == k {
				return true
			}
		}
	}
	return false
}

// node is the innermost node of a pipeline around the cursor; nil outside.
func (s *site) node() *step {
	for i := len(s.steps) - 1; i >= 0; i-- {
		if s.steps[i].isNode() && s.steps[i].node.Kind == syntax.Mapping {
			return &s.steps[i]
		}
	}
	return nil
}

// root is the root of the document.
func (s *site) root() *syntax.Node {
	if len(s.steps) == 0 {
		return nil
	}
	return s.steps[0].node.Deref()
}

// line is the text of the cursor's line up to the cursor.
func (s *site) before() string {
	f := s.tree.File
	line := f.LineSpan(f.Line(s.offset))
	return f.Slice(source.Span{Start: line.Start, End: int32(max(int(line.Start), s.offset))})
}
