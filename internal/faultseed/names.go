package faultseed

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// reference plants misspelt names in the fields that name something of a sort.
func reference(sort string) func(*planter) {
	return func(pl *planter) {
		pl.fields(func(o *shape.Object, f *shape.Field) {
			if f.Def.Ref != sort || !f.OK || pl.label(o, f) {
				return
			}
			if (sort == "state" || sort == "entity") && !strings.Contains(pl.text, "state_machines") {
				return // whether it is one is known where the System is
			}
			names(&f.View, func(n *syntax.Node) {
				if n = text(n); n == nil || n.Value == "*" || !isLetter(n.Value[0]) || schema.IsForeign(n.Value) || strings.Contains(n.Value, ".") {
					return
				}
				name := misspell(n.Value, int(n.Span.Start), func(s string) bool {
					return !pl.nodes[s] && !schema.IsForeign(s) && (sort != "adapter" || !schema.IsAdapterName(s))
				})
				if name != "" {
					pl.add(near(n.Value), rename(n, name))
				}
			})
		})
	}
}

// label reports whether an action of a switch is only a word: without
// `route_downstream` it names no node.
func (pl *planter) label(o *shape.Object, f *shape.Field) bool {
	if f.Def.Name != "action" && f.Def.Name != "else_action" {
		return false
	}
	for ; o != nil; o = o.Parent {
		if r := o.Get("route_downstream"); r != nil {
			return r.Value.Value != "true"
		}
	}
	return true
}

// schemaType misspells the names of types in schemas.
func (pl *planter) schemaType() {
	pl.fields(func(o *shape.Object, f *shape.Field) {
		if f.Def.Ref != "type" || !f.OK {
			return
		}
		leaves(&f.View, func(n *syntax.Node) {
			if text(n) == nil || !slices.Contains([]string{"str", "int", "float", "bool", "list", "dict"}, n.Value) {
				return
			}
			pl.add("", rename(n, n.Value+"q"))
		})
	})
}

// pipelineFile names a file that is not there.
func (pl *planter) pipelineFile() {
	pl.fields(func(o *shape.Object, f *shape.Field) {
		n := scalarOf(f)
		if f.Def.Ref != "pipeline" || n == nil || o.Def.Kind == "Test" {
			return
		}
		if name := strings.Replace(n.Value, ".y", "zz.y", 1); name != n.Value {
			pl.add("", rename(n, name))
		}
	})
}

// port misspells the name of a port that nodes need.
func (pl *planter) port() {
	for _, doc := range pl.docs {
		if doc.Def.Kind != "Pipeline" {
			continue
		}
		spec := doc.Object("spec")
		f := spec.Get("ports")
		if f == nil || spec.Has("type_ports") || spec.Has("node_ports") || spec.Has("imports") {
			continue
		}
		var users []*shape.Object
		walk(doc, func(o *shape.Object) {
			if o.Kind != nil && o.Kind.Info != nil && o.Kind.Info.Port == "llm" && !o.Object("spec").Has("ports") {
				users = append(users, o)
			}
		})
		for i := range f.Entries {
			if k := f.Entries[i].Key; k.Value == "llm" && text(k) != nil && users != nil {
				s := pl.add("", rename(k, "lmm"))
				pl.about(s, users[0].Node.Span)
			}
		}
	}
}

func (pl *planter) capability() {
	pl.fields(func(o *shape.Object, f *shape.Field) {
		if f.Def.Name != "caps" && f.Def.Name != "deny" && f.Def.Name != "default_set" || !f.OK {
			return
		}
		leaves(&f.View, func(n *syntax.Node) {
			if text(n) == nil || !schema.KnownCap(n.Value) || strings.ContainsAny(n.Value, "*:") {
				return
			}
			name := misspell(n.Value, int(n.Span.Start), func(s string) bool {
				_, old := schema.CapAlias(s)
				return !old && !schema.KnownCap(s)
			})
			if name != "" {
				pl.add(near(n.Value), rename(n, name))
			}
		})
	})
}

// named are the scalars that name the members of lists: nodes, processes.
func (pl *planter) named(f func(list *syntax.Node, name *syntax.Node)) {
	pl.objects(func(o *shape.Object) {
		if o.Def == nil || o.Node.Parent == nil || o.Node.Parent.Kind != syntax.Sequence {
			return
		}
		var name *syntax.Node
		switch {
		case o.Kind != nil:
			name = scalarOf(o.Object("metadata").Get("name"))
		case o.Def.Name == "NamedProcess":
			name = scalarOf(o.Get("name"))
		}
		if name != nil {
			f(o.Node.Parent, name)
		}
	})
}

func (pl *planter) duplicateName() {
	before := map[*syntax.Node]*syntax.Node{}
	pl.named(func(list, name *syntax.Node) {
		if prev := before[list]; prev != nil && prev.Value != name.Value {
			pl.add("", rename(name, prev.Value))
		}
		before[list] = name
	})
}

func (pl *planter) reserved() {
	n := 0
	pl.objects(func(o *shape.Object) {
		top := o
		for top.Parent != nil {
			top = top.Parent
		}
		if o.Kind == nil || top.Def == nil || top.Def.Kind == "Macro" {
			return // in a macro the node's name has the call's in front of it
		}
		if name := scalarOf(o.Object("metadata").Get("name")); name != nil {
			pl.add("", rename(name, []string{"input", "ctx", "state"}[n%3]))
			n++
		}
	})
}

// cycle makes a node depend on one that depends on it.
func (pl *planter) cycle() {
	byName, twice := map[string]*shape.Object{}, map[string]bool{}
	pl.objects(func(o *shape.Object) {
		if o.Kind == nil {
			return
		}
		if name := scalarOf(o.Object("metadata").Get("name")); name != nil {
			twice[name.Value] = twice[name.Value] || byName[name.Value] != nil
			byName[name.Value] = o
		}
	})
	pl.infos(func(n *check.Info) {
		to := byName[n.Name()]
		for _, e := range n.Edges {
			from := byName[e.From.Name()]
			if to == nil || from == nil || twice[n.Name()] || twice[e.From.Name()] || from.Node.Parent != to.Node.Parent {
				continue
			}
			s := pl.depend(from, n.Name())
			pl.about(s, from.Node.Span)
			pl.about(s, to.Node.Span)
		}
	})
}

// depend makes a node depend on another one.
func (pl *planter) depend(o *shape.Object, on string) *Seed {
	f := o.Get("dependencies")
	if f == nil {
		return pl.add("", pl.with(o.Node, "dependencies: ["+on+"]"))
	}
	list := f.Value
	at := source.Span{Start: list.Span.Start, End: list.Span.Start}
	switch {
	case list.Kind != syntax.Sequence:
		return nil
	case list.Style == syntax.Block:
		return pl.add("", change{at, "- " + on + "\n" + strings.Repeat(" ", pl.column(int(at.Start)))})
	case len(list.Items) == 0:
		return pl.replace(list, "", "["+on+"]")
	}
	return pl.add("", change{source.Span{Start: at.Start + 1, End: at.Start + 1}, on + ", "})
}

// infos calls f for every node of the checked pipelines.
func (p *Program) infos(f func(*check.Info)) {
	for _, d := range p.analysis.Docs {
		if d.Program != nil && d.Program.Scope != nil {
			d.Program.Scope.Each(f)
		}
	}
}
