package faultseed

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

func (pl *planter) cron() {
	pl.fields(func(o *shape.Object, f *shape.Field) {
		if n := scalarOf(f); n != nil && f.Def.Name == "cron" {
			pl.replace(n, "", `"61 * * * *"`)
			pl.replace(n, "", `"* * every day *"`)
			pl.replace(n, "", `"0 4 *"`)
		}
	})
}

func (pl *planter) timezone() {
	pl.fields(func(o *shape.Object, f *shape.Field) {
		if n := scalarOf(f); n != nil && f.Def.Name == "timezone" {
			pl.replace(n, "", "Europe/Pairs")
		}
	})
}

// invocations calls f for every call of a macro of the same file: the node, the
// macro's parameters by name, and the arguments.
func (p *Program) invocations(f func(o *shape.Object, params map[string]*shape.Object, args []*shape.Field)) {
	macros := map[string]map[string]*shape.Object{}
	for _, d := range p.docs {
		name := scalarOf(d.Object("metadata").Get("name"))
		if d.Def.Kind != "Macro" || name == nil {
			continue
		}
		params := map[string]*shape.Object{}
		walk(d, func(o *shape.Object) {
			if o.Def != nil && o.Def.Name == "MacroParameter" {
				if n := scalarOf(o.Get("name")); n != nil {
					params[n.Value] = o
				}
			}
		})
		macros[name.Value] = params
	}
	p.objects(func(o *shape.Object) {
		if o.Kind == nil || o.Kind.Info == nil || o.Kind.Name != "macro_invocation" {
			return
		}
		spec := o.Object("spec")
		name := scalarOf(spec.Get("macro"))
		if name == nil || macros[name.Value] == nil {
			return
		}
		var args []*shape.Field
		for _, field := range []string{"config", "inputs"} {
			if a := spec.Get(field); a != nil && a.OK && a.Value.Kind == syntax.Mapping && a.Value.Parent == a.Key.Parent {
				args = append(args, a)
			}
		}
		f(o, macros[name.Value], args)
	})
}

func (pl *planter) macroArgument() {
	pl.invocations(func(o *shape.Object, params map[string]*shape.Object, args []*shape.Field) {
		for _, a := range args {
			for i := range a.Value.Pairs {
				k := a.Value.Pairs[i].Key
				if k == nil || text(k) == nil || params[k.Value] == nil {
					continue
				}
				name := misspell(k.Value, int(k.Span.Start), func(s string) bool { return params[s] == nil })
				if name != "" {
					pl.add(near(k.Value), rename(k, name))
				}
			}
		}
	})
}

func (pl *planter) macroMissing() {
	pl.invocations(func(o *shape.Object, params map[string]*shape.Object, args []*shape.Field) {
		for _, a := range args {
			for i := range a.Value.Pairs {
				k := a.Value.Pairs[i].Key
				if k == nil || params[k.Value] == nil {
					continue
				}
				if r := scalarOf(params[k.Value].Get("required")); r == nil || r.Value != "true" || params[k.Value].Has("default") {
					continue
				}
				s := pl.add("", pl.without(a.Value, i))
				pl.about(s, o.Node.Span)
			}
		}
	})
}

func (pl *planter) macroType() {
	pl.invocations(func(o *shape.Object, params map[string]*shape.Object, args []*shape.Field) {
		for _, a := range args {
			for i := range a.Value.Pairs {
				k, v := a.Value.Pairs[i].Key, a.Value.Pairs[i].Value
				if k == nil || params[k.Value] == nil || expandable(v) {
					continue
				}
				switch t := scalarOf(params[k.Value].Get("type")); {
				case t == nil:
				case slices.Contains([]string{"int", "float", "bool", "list", "str"}, t.Value):
					pl.replace(v, "", "{wrong: type}")
				case t.Value == "dict":
					pl.replace(v, "", "[wrong, type]")
				}
			}
		}
	})
}

// pipes calls f for every pipe with the nodes of its ends.
func (p *Program) pipes(f func(system, pipe *shape.Object, from, to *syntax.Node)) {
	for _, d := range p.docs {
		if d.Def.Kind != "System" {
			continue
		}
		walk(d, func(o *shape.Object) {
			if o.Def != nil && o.Def.Name == "Pipe" {
				if from, to := scalarOf(o.Get("from")), scalarOf(o.Get("to")); from != nil && to != nil {
					f(d, o, from, to)
				}
			}
		})
	}
}

func (pl *planter) processCycle() {
	pl.pipes(func(system, pipe *shape.Object, from, to *syntax.Node) {
		list := pipe.Node.Parent
		if list == nil || list.Kind != syntax.Sequence || list.Style != syntax.Block {
			return
		}
		at := source.Span{Start: list.Span.Start, End: list.Span.Start}
		s := pl.add("", change{at, "- {from: " + to.Value + ", to: " + from.Value + ", mapping: {}}\n" + strings.Repeat(" ", pl.column(int(at.Start)))})
		pl.about(s, list.Span)
	})
}

func (pl *planter) mappingSource() {
	pl.pipes(func(system, pipe *shape.Object, from, to *syntax.Node) {
		f := pipe.Get("mapping")
		if f == nil {
			return
		}
		for i := range f.Entries {
			n := f.Entries[i].Value
			if n.Kind != syntax.Scalar || n.Style == syntax.Empty {
				continue
			}
			at := strings.Index(pl.text[n.Span.Start:n.Span.End], from.Value+".")
			name := misspell(from.Value, int(n.Span.Start), func(s string) bool { return !strings.Contains(pl.text, s) })
			if at >= 0 && name != "" {
				start := n.Span.Start + int32(at)
				pl.add(near(from.Value), change{source.Span{Start: start, End: start + int32(len(from.Value))}, name})
			}
		}
	})
}

// consumer is the input_schema of the pipeline of a process, if it stands in the
// same file.
func (p *Program) consumer(system *shape.Object, process string) *shape.Field {
	exec := ""
	walk(system, func(o *shape.Object) {
		if o.Def == nil || o.Def.Name != "NamedProcess" {
			return
		}
		name, e := scalarOf(o.Get("name")), scalarOf(o.Get("exec"))
		if name != nil && e != nil && name.Value == process {
			exec = e.Value
		}
	})
	_, fragment, ok := strings.Cut(exec, "#")
	for _, d := range p.docs {
		if name := scalarOf(d.Object("metadata").Get("name")); ok && name != nil && name.Value == fragment {
			return d.Object("spec").Get("input_schema")
		}
	}
	return nil
}

func (pl *planter) mappings(f func(pair *syntax.Pair, schema *shape.Field)) {
	pl.pipes(func(system, pipe *shape.Object, from, to *syntax.Node) {
		m, in := pipe.Get("mapping"), pl.consumer(system, to.Value)
		if m == nil || in == nil || m.Value.Kind != syntax.Mapping || in.Value.Kind != syntax.Mapping {
			return
		}
		for i := range m.Value.Pairs {
			if p := &m.Value.Pairs[i]; p.Key != nil && in.Value.Get(p.Key.Value) != nil {
				f(p, in)
			}
		}
	})
}

func (pl *planter) mappingTarget() {
	pl.mappings(func(p *syntax.Pair, schema *shape.Field) {
		name := misspell(p.Key.Value, int(p.Key.Span.Start), func(s string) bool { return schema.Value.Get(s) == nil })
		if name != "" {
			pl.add(near(p.Key.Value), rename(p.Key, name))
		}
	})
}

func (pl *planter) mappingType() {
	pl.mappings(func(p *syntax.Pair, schema *shape.Field) {
		switch t := schema.Value.Get(p.Key.Value); {
		case t.Kind != syntax.Scalar || expandable(p.Value):
		case slices.Contains([]string{"str", "int", "float", "bool"}, t.Value):
			pl.replace(p.Value, "", `"{{ [1, 2] }}"`)
		case t.Value == "list" || t.Value == "dict":
			pl.replace(p.Value, "", `"{{ 1 + 1 }}"`)
		}
	})
}

// pipelines calls f for every pipeline that makes an LLM call in each run.
func (pl *planter) pipelines(f func(spec *syntax.Node, o *shape.Object)) {
	for _, d := range pl.analysis.Docs {
		if d.Program == nil || d.Program.LLMCalls.Min < 1 || d.Doc == nil || d.Doc.Root == nil {
			continue
		}
		for _, o := range pl.docs {
			spec := o.Object("spec")
			if o.Def.Kind == "Pipeline" && o.Node.Span == d.Doc.Root.Span && spec != nil && len(spec.Node.Pairs) > 0 {
				f(spec.Node, spec)
			}
		}
	}
}

func (pl *planter) forbidden() {
	pl.pipelines(func(n *syntax.Node, spec *shape.Object) {
		if !spec.Has("caps") && spec.Has("ports") {
			pl.add("", pl.with(n, "caps: [memory]"))
		}
		if !spec.Has("caps") && spec.Has("ports") {
			pl.add("", pl.with(n, "caps: {deny: [llm]}"))
		}
	})
}

func (pl *planter) limit() {
	pl.pipelines(func(n *syntax.Node, spec *shape.Object) {
		if !spec.Has("limits") {
			pl.add("", pl.with(n, "limits: {max_llm_calls: 0}"))
		}
	})
}
