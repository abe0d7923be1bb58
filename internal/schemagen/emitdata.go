//go:build schemagen

package main

import (
	"bytes"
	"fmt"
	"sort"
)

// kinds writes the manifest kinds.
func (e *emitter) kinds(w *bytes.Buffer) error {
	fmt.Fprintf(w, "var kindNames = %s\n\n", qs(e.m.data.Kinds))
	for _, k := range e.m.data.Kinds {
		if _, ok := e.index[k]; !ok {
			return fmt.Errorf("kind %s has no definition", k)
		}
	}
	return nil
}

// spellings gathers ways to write a name.
type spellings map[string]string

func (s spellings) add(name, target, status, note string) error {
	v := fmt.Sprintf("{%s, %s, %s, %s},\n", q(name), q(target), status, q(note))
	if old, dup := s[name]; dup && old != v {
		return fmt.Errorf("the name %s means two things", name)
	}
	s[name] = v
	return nil
}

func (s spellings) write(w *bytes.Buffer, name string) {
	var keys []string
	for k := range s {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	fmt.Fprintf(w, "var %s = [...]Spelling{\n", name)
	for _, k := range keys {
		w.WriteString(s[k])
	}
	w.WriteString("}\n\n")
}

func (e *emitter) data(w *bytes.Buffer) error {
	d := &e.m.data
	byNode := map[string]*def{}
	for _, x := range e.m.defs {
		if x.node != "" {
			byNode[x.node] = x
		}
	}
	nodes := spellings{}
	var errs []error
	add := func(s spellings, name, target, status, note string) {
		if err := s.add(name, target, status, note); err != nil {
			errs = append(errs, err)
		}
	}
	w.WriteString("var nodeKinds = [...]NodeKindInfo{\n")
	for _, name := range d.nodeOrder {
		spec := byNode[name]
		if spec == nil {
			return fmt.Errorf("node kind %s has no definition with @node(%s)", name, name)
		}
		k := d.NodeKinds[name]
		fmt.Fprintf(w, "{Name: %s, Port: %s, spec: %s},\n", q(name), q(spec.port), e.ref(spec.name))
		add(nodes, name, name, "SpellingCanonical", "")
		for _, a := range k.Aliases {
			add(nodes, a, name, "SpellingAlias", "")
		}
		for _, a := range k.Deprecated {
			add(nodes, a, name, "SpellingDeprecated", "")
		}
		module := k.Module
		if module == "" {
			module = name
		}
		if k.Class != "" {
			add(nodes, k.Class, name, "SpellingAlias", "")
			add(nodes, "hexdag.stdlib.nodes."+k.Class, name, "SpellingAlias", "")
			add(nodes, "hexdag.stdlib.nodes."+module+"."+k.Class, name, "SpellingAlias", "")
			add(nodes, "hexdag.builtin.nodes."+k.Class, name, "SpellingDeprecated", "")
			add(nodes, "hexdag.builtin.nodes."+module+"."+k.Class, name, "SpellingDeprecated", "")
		}
		for _, c := range k.DeprecatedClasses {
			add(nodes, "hexdag.stdlib.nodes."+c, name, "SpellingDeprecated", "")
			add(nodes, "hexdag.builtin.nodes."+c, name, "SpellingDeprecated", "")
		}
	}
	w.WriteString("}\n\n")
	for name, h := range d.HistoricalKinds {
		add(nodes, name, h.Use, "SpellingHistorical", h.Note)
	}
	nodes.write(w, "nodeSpellings")

	adapters := spellings{}
	w.WriteString("var adapters = [...]AdapterInfo{\n")
	for _, name := range sorted(d.Adapters) {
		a := d.Adapters[name]
		fmt.Fprintf(w, "{%s, %s, %s},\n", q(name), q(a.Port), q(a.Class))
		add(adapters, name, name, "SpellingCanonical", "")
		add(adapters, a.Class, name, "SpellingAlias", "")
		for _, s := range a.Aliases {
			add(adapters, s, name, "SpellingAlias", "")
		}
		for _, s := range a.Deprecated {
			add(adapters, s, name, "SpellingDeprecated", "")
		}
	}
	w.WriteString("}\n\n")
	adapters.write(w, "adapterSpellings")

	w.WriteString("var portTypes = [...]PortType{\n")
	for _, name := range sorted(d.PortTypes) {
		p := d.PortTypes[name]
		fmt.Fprintf(w, "{%s, %s, %s},\n", q(name), q(p.Cap), qs(p.Names))
	}
	w.WriteString("}\n\nvar caps = [...]CapInfo{\n")
	for _, name := range sorted(d.Caps) {
		c := d.Caps[name]
		fmt.Fprintf(w, "{%s, %t, %s},\n", q(name), c.Names, q(c.Doc))
	}
	w.WriteString("}\n\n")
	capNames := spellings{}
	for name, target := range d.CapAliases {
		add(capNames, name, target, "SpellingAlias", "")
	}
	capNames.write(w, "capSpellings")

	mw := spellings{}
	for name, m := range d.Middlewares {
		add(mw, name, name, "SpellingCanonical", "")
		add(mw, m.Class, name, "SpellingAlias", "")
	}
	mw.write(w, "middlewareSpellings")

	macros := spellings{}
	for name, others := range d.Macros {
		add(macros, name, name, "SpellingCanonical", "")
		for _, o := range others {
			add(macros, o, name, "SpellingAlias", "")
		}
	}
	macros.write(w, "macroSpellings")
	if errs != nil {
		return errs[0]
	}
	return nil
}

func sorted[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
