package schema

import (
	"fmt"
	"sort"
	"strings"
)

// Markdown is the reference of one manifest kind, node kind or definition as one
// page; the index of all pages for "".
func Markdown(kind string) (string, error) {
	m := newPages()
	if kind == "" {
		return m.index(), nil
	}
	d := Root(kind)
	if d == nil {
		return "", fmt.Errorf("there is no kind %q", kind)
	}
	m.home = map[string]string{} // one page: no links to others
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n\n%s\n\n", heading(d), d.Doc)
	m.fields(&out, d, "", nil)
	for _, name := range m.below(d, map[string]bool{d.Name: true}) {
		m.section(&out, ByName(name), "", "##")
	}
	return out.String(), nil
}

// Pages is the reference documentation: file name → Markdown.
func Pages() map[string]string {
	m := newPages()
	out := map[string]string{"index.md": m.index(), "nodes.md": m.nodes(), "shared.md": m.shared(), "names.md": names()}
	for _, k := range kindNames {
		out[strings.ToLower(k)+".md"] = m.kind(k)
	}
	return out
}

// pages knows on which page each definition is described.
type pages struct{ home map[string]string }

func newPages() *pages {
	m := &pages{home: map[string]string{}}
	users := map[string][]string{}
	for _, k := range kindNames {
		for _, name := range m.below(Kind(k), map[string]bool{k: true}) {
			users[name] = append(users[name], strings.ToLower(k)+".md")
		}
		m.home[k] = strings.ToLower(k) + ".md"
	}
	for i := range nodeKinds {
		d := nodeKinds[i].Spec()
		m.home[d.Name] = "nodes.md"
		for _, name := range m.below(d, map[string]bool{d.Name: true}) {
			if list := users[name]; len(list) == 0 || list[len(list)-1] != "nodes.md" {
				users[name] = append(list, "nodes.md")
			}
		}
	}
	for name, list := range users {
		if len(list) == 1 {
			m.home[name] = list[0]
		} else {
			m.home[name] = "shared.md"
		}
	}
	m.home["Node"], m.home["NodeMetadata"], m.home["NodeSpec"] = "nodes.md", "nodes.md", "nodes.md"
	return m
}

// below is the definitions that d uses, directly or not, in the order in which
// they are met; those of node kinds excluded.
func (m *pages) below(d *Def, seen map[string]bool) []string {
	var out []string
	add := func(defs []*Def) {
		for _, x := range defs {
			if !seen[x.Name] && x.Node == "" {
				seen[x.Name] = true
				out = append(out, x.Name)
				out = append(out, m.below(x, seen)...)
			}
		}
	}
	for i := range d.Fields {
		f := &d.Fields[i]
		add(objectsIn(f.Type))
		if f.Select != nil {
			for j := range f.Select.Cases {
				add([]*Def{f.Select.Cases[j].Def()})
			}
		}
	}
	return out
}

func heading(d *Def) string {
	switch {
	case d.Kind != "":
		return d.Kind
	case d.Node != "":
		return d.Node
	}
	return strings.ToUpper(d.Title[:1]) + d.Title[1:]
}

func anchor(d *Def) string {
	return strings.ReplaceAll(strings.ToLower(heading(d)), " ", "-")
}

func (m *pages) kind(k string) string {
	d := Kind(k)
	page := strings.ToLower(k) + ".md"
	var out strings.Builder
	fmt.Fprintf(&out, "%s# %s\n\n%s\n\n", PageHead, k, d.Doc)
	m.fields(&out, d, page, nil)
	for _, name := range m.below(d, map[string]bool{k: true}) {
		if m.home[name] == page {
			m.section(&out, ByName(name), page, "##")
		}
	}
	return out.String()
}

// PageHead is how every page that Pages returns begins.
const PageHead = "<!-- Generated from schema/*.cue by `go generate ./schema`. Do not edit. -->\n\n"

func (m *pages) nodes() string {
	var out strings.Builder
	out.WriteString(PageHead + "# Nodes\n\n")
	m.section(&out, ByName("Node"), "nodes.md", "##")
	m.section(&out, ByName("NodeMetadata"), "nodes.md", "##")
	common := ByName("NodeSpec")
	fmt.Fprintf(&out, "## Common fields of `spec`\n\n%s\n\n", common.Doc)
	m.fields(&out, common, "nodes.md", nil)
	done := map[string]bool{}
	for i := range nodeKinds {
		d := nodeKinds[i].Spec()
		fmt.Fprintf(&out, "## %s\n\n%s\n\n", d.Node, d.Doc)
		if nodeKinds[i].Port != "" {
			fmt.Fprintf(&out, "It needs a port `%s`. ", nodeKinds[i].Port)
		}
		fmt.Fprintf(&out, "Other names: %s.\n\n", spellingsOf(nodeSpellings[:], d.Node))
		skip := common
		if d.Node == "macro_invocation" {
			skip = nil
		}
		m.fields(&out, d, "nodes.md", skip)
		for _, name := range m.below(d, map[string]bool{d.Name: true}) {
			if m.home[name] == "nodes.md" && name != "Node" && name != "NodeMetadata" && !done[name] {
				done[name] = true
				m.section(&out, ByName(name), "nodes.md", "###")
			}
		}
	}
	return out.String()
}

// spellingsOf lists the other names of a target.
func spellingsOf(all []Spelling, target string) string {
	var out []string
	for i := range all {
		if all[i].Target == target && (all[i].Status == SpellingAlias || all[i].Status == SpellingDeprecated) {
			s := "`" + all[i].Name + "`"
			if all[i].Status == SpellingDeprecated {
				s += " (deprecated)"
			}
			out = append(out, s)
		}
	}
	if out == nil {
		return "none"
	}
	return strings.Join(out, ", ")
}

func (m *pages) shared() string {
	var out strings.Builder
	out.WriteString(PageHead + "# Shared parts\n\nWhat several kinds of documents have.\n\n")
	var list []string
	for name, page := range m.home {
		if page == "shared.md" {
			list = append(list, name)
		}
	}
	sort.Strings(list)
	for _, name := range list {
		m.section(&out, ByName(name), "shared.md", "##")
	}
	return out.String()
}

func (m *pages) section(out *strings.Builder, d *Def, page, level string) {
	fmt.Fprintf(out, "%s %s\n\n%s\n\n", level, heading(d), d.Doc)
	m.fields(out, d, page, nil)
}

// fields writes the table of d's fields, without those that skip describes in
// the same words.
func (m *pages) fields(out *strings.Builder, d *Def, page string, skip *Def) {
	rows := 0
	for i := range d.Fields {
		f := &d.Fields[i]
		if skip != nil {
			if g := skip.Field(f.Name); g != nil && g.Doc == f.Doc {
				continue
			}
		}
		if rows == 0 {
			out.WriteString("| field | type | default | meaning |\n|---|---|---|---|\n")
		}
		rows++
		def := "–"
		switch {
		case f.Required:
			def = "**required**"
		case f.Default != "":
			def = "`" + f.Default + "`"
		}
		fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", f.Name, m.typ(f, page), def, cell(f))
	}
	if rows > 0 {
		out.WriteString("\n")
	}
	for i := range d.Rules {
		if s := d.Rules[i].String(); s != "" {
			fmt.Fprintf(out, "- %s\n", s)
		}
	}
	if len(d.Rules) > 0 {
		out.WriteString("\n")
	}
	switch d.Open {
	case WarnUnknown:
		out.WriteString("Other keys give a warning.\n\n")
	case Open:
		out.WriteString("Other keys are free.\n\n")
	}
}

// typ is a field's type, with links to the definitions in it.
func (m *pages) typ(f *Field, page string) string {
	s := strings.ReplaceAll(f.Type.String(), "|", "\\|")
	defs := objectsIn(f.Type)
	if f.Select != nil {
		s = "by `" + f.Select.By + "`: "
		defs = nil
		for i := range f.Select.Cases {
			if i > 0 {
				s += ", "
			}
			c := f.Select.Cases[i].Def()
			s += c.Title
			defs = append(defs, c)
		}
	}
	sort.Slice(defs, func(i, j int) bool { return len(defs[i].Title) > len(defs[j].Title) })
	done := map[string]bool{}
	for _, d := range defs {
		to, ok := m.home[d.Name]
		if !ok && page != "" || done[d.Title] {
			continue
		}
		done[d.Title] = true
		if to == page {
			to = ""
		}
		link := "[" + d.Title + "](" + to + "#" + anchor(d) + ")"
		if i := strings.Index(s, d.Title); i >= 0 && !strings.Contains(s, "["+d.Title) {
			s = s[:i] + link + s[i+len(d.Title):]
		}
	}
	return s
}

// cell is everything else there is to say about a field.
func cell(f *Field) string {
	parts := []string{strings.ReplaceAll(strings.ReplaceAll(f.Doc, "\n", " "), "|", "\\|")}
	if f.Ignored != "" {
		parts = append(parts, "**No effect**: "+f.Ignored+".")
	}
	if f.Outdated != "" {
		s := "**Deprecated**: " + f.Outdated
		if f.Use != "" {
			s += "; use `" + f.Use + "`"
		}
		parts = append(parts, s+".")
	}
	if f.Example != "" {
		parts = append(parts, "Example: `"+strings.ReplaceAll(f.Name+": "+f.Example, "|", "\\|")+"`.")
	}
	if len(f.Aliases) > 0 {
		parts = append(parts, "Also called `"+strings.Join(f.Aliases, "`, `")+"`.")
	}
	switch f.Merge {
	case Tightest:
		parts = append(parts, "Layers: the lowest value holds.")
	case Intersect:
		parts = append(parts, "Layers: what all of them allow.")
	case Union:
		parts = append(parts, "Layers: what any of them names.")
	}
	if f.NonNull {
		parts = append(parts, "Null is an error.")
	}
	return strings.Join(parts, " ")
}

// String is the rule as a sentence.
func (r *Rule) String() string {
	list := "`" + strings.Join(r.Fields, "`, `") + "`"
	cond := ""
	if r.If != "" {
		cond = " with `" + r.If + "`"
		if r.Is != nil {
			cond = " with `" + r.If + ": " + strings.Join(r.Is, "` or `"+r.If+": ") + "`"
		}
	}
	switch r.Kind {
	case Exclusive:
		return "At most one of " + list + cond + "."
	case AnyOf:
		return "At least one of " + list + cond + "."
	case Requires:
		return list + " required" + cond + "."
	case Only:
		return list + " only" + cond + "."
	case Disjoint:
		return "No key in more than one of " + list + "."
	}
	return ""
}

func (m *pages) index() string {
	var out strings.Builder
	out.WriteString(PageHead + "# Reference of the manifest language\n\n")
	out.WriteString("A document is a mapping with `kind`, `metadata` and `spec`. These are the kinds:\n\n")
	for _, k := range kindNames {
		fmt.Fprintf(&out, "- [%s](%s.md): %s\n", k, strings.ToLower(k), firstSentence(strings.TrimPrefix(Kind(k).Doc, article(k)+k+": ")))
	}
	out.WriteString("\nThese are the kinds of nodes:\n\n")
	for i := range nodeKinds {
		d := nodeKinds[i].Spec()
		fmt.Fprintf(&out, "- [%s](nodes.md#%s): %s\n", d.Node, d.Node, firstSentence(strings.TrimPrefix(d.Doc, "`"+d.Node+"`: ")))
	}
	out.WriteString("\nAnd besides: [shared parts](shared.md), [names of adapters, port types, capabilities, middlewares and macros](names.md).\n\n")
	out.WriteString("## Types\n\n")
	for _, t := range [...][2]string{
		{"text", "A YAML string. A number must be quoted to be one."},
		{"template", "Text with `{{ expression }}`: see [templates](expressions.md#templates)."},
		{"expression", "An [expression](expressions.md) without `{{ }}`."},
		{"duration", "A number of seconds, or text with units: `30s`, `5m`, `1d12h`, `500ms`. Units are `ms`, `s`, `m`, `h`, `d`, `w`."},
		{"true | false", "`yes`, `no`, `on`, `off` are accepted with a warning."},
		{"capability", "`llm`, `datastore.read`, `tool:web_search`, `tool:*`, `*`."},
		{"function", "`go:name`, `python:pkg.mod.func` or a bare dotted path, `mcp:server/tool`, `exec:program`, `http(s)://…`, `star:file.star#func`, `!py` and `!star` blocks."},
		{"list of T", "A YAML list."},
		{"name → T", "A mapping with free names."},
	} {
		fmt.Fprintf(&out, "- *%s*: %s\n", t[0], t[1])
	}
	out.WriteString("\nA text that holds `{{` or `${` may stand wherever a text, number, truth value or duration is wanted: its value is known later. " +
		"A null means \"not given\" unless the table says otherwise. Keys that start with `x-` are free everywhere.\n")
	return out.String()
}

func article(name string) string {
	if strings.Contains("AEIOU", name[:1]) {
		return "An "
	}
	return "A "
}

func firstSentence(s string) string {
	s = strings.ReplaceAll(s, "\n", " ")
	if i := strings.Index(s, ". "); i >= 0 {
		return s[:i+1]
	}
	return s
}

// names is the page of all names that the language knows.
func names() string {
	var out strings.Builder
	out.WriteString(PageHead + "# Names\n\n## Adapters\n\n| adapter | port | other names |\n|---|---|---|\n")
	for i := range adapters {
		fmt.Fprintf(&out, "| `%s` | `%s` | %s |\n", adapters[i].Name, adapters[i].Port, spellingsOf(adapterSpellings[:], adapters[i].Name))
	}
	out.WriteString("\n## Port types\n\nThe type of a port comes from its `type`, else from its adapter, else from its name.\n\n| type | capability of a call | usual names |\n|---|---|---|\n")
	for i := range portTypes {
		p := &portTypes[i]
		cap := "none"
		if p.Cap != "" {
			cap = "`" + p.Cap + "`"
		}
		fmt.Fprintf(&out, "| `%s` | %s | `%s` |\n", p.Name, cap, strings.Join(append([]string{p.Name}, p.Names...), "`, `"))
	}
	out.WriteString("\n## Capabilities\n\nA capability grants what is under it: `datastore` grants `datastore.read`.\n\n| capability | meaning | upstream's names |\n|---|---|---|\n")
	for i := range caps {
		name := caps[i].Name
		if caps[i].Named {
			name += ":NAME"
		}
		old := "–"
		var list []string
		for j := range capSpellings {
			if t := capSpellings[j].Target; t == caps[i].Name || caps[i].Named && t == caps[i].Name+":*" {
				list = append(list, "`"+capSpellings[j].Name+"`")
			}
		}
		if list != nil {
			old = strings.Join(list, ", ")
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s |\n", name, caps[i].Doc, old)
	}
	out.WriteString("\n## Middlewares\n\n")
	for i := range middlewareSpellings {
		if middlewareSpellings[i].Status == SpellingCanonical {
			fmt.Fprintf(&out, "- `%s`\n", middlewareSpellings[i].Name)
		}
	}
	out.WriteString("\n## Built-in macros\n\n")
	for i := range macroSpellings {
		if macroSpellings[i].Status == SpellingCanonical {
			fmt.Fprintf(&out, "- `%s`, also %s\n", macroSpellings[i].Name, spellingsOf(macroSpellings[:], macroSpellings[i].Name))
		}
	}
	out.WriteString("\n## Node kinds of former versions\n\n| kind | today | how |\n|---|---|---|\n")
	for i := range nodeSpellings {
		s := &nodeSpellings[i]
		if s.Status != SpellingHistorical {
			continue
		}
		use := "–"
		if s.Target != "" {
			use = "`" + s.Target + "`"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s |\n", s.Name, use, s.Note)
	}
	return out.String()
}
