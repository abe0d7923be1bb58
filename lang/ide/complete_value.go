package ide

import (
	"path"
	"path/filepath"
	"sort"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// value offers what can stand as the value at the cursor.
func (k *completer) value() {
	st := k.site.last()
	n := st.node
	if n.Kind == syntax.Sequence {
		// Between the items: a new one.
		next := step{node: n, field: st.field, in: st.in, text: st.text}
		for _, t := range st.types {
			if t.Kind == schema.List {
				next.types = append(next.types, alternatives(t.Elem)...)
			}
		}
		prefix := ""
		if n.Style == syntax.Block && strings.TrimSpace(k.site.before()) == "" {
			prefix = "- "
		}
		k.values(&next, k.word(), prefix)
		return
	}
	if n.Kind != syntax.Scalar && n.Kind != syntax.Alias {
		return
	}
	if isInclude(st) {
		span := n.Span
		if n.Style == syntax.Empty {
			span = source.Span{Start: int32(k.offset), End: int32(k.offset)}
		}
		if int(span.Start) <= k.offset && k.offset <= int(span.End) {
			k.files(span, "")
		}
		return
	}
	span := n.Span
	if n.Style == syntax.Empty {
		span = source.Span{Start: int32(k.offset), End: int32(k.offset)}
	}
	if n.Style == syntax.Literal || n.Style == syntax.Folded {
		return
	}
	if k.offset < int(span.Start) || k.offset > int(span.End) {
		return
	}
	if strings.HasPrefix(n.Value, "*") || n.Kind == syntax.Alias {
		k.anchors(span)
		return
	}
	k.values(st, span, "")
}

// isInclude reports whether a value is the path of an include.
func isInclude(st *step) bool {
	if st.node.Tag == "!include" || st.name == "!include" {
		return true
	}
	p := st.node.Parent
	return st.name == "path" && p != nil && p.Tag == "!include"
}

// values offers the values of a step. prefix is what a new item of a list needs.
func (k *completer) values(st *step, span source.Span, prefix string) {
	text := k.a.Source.Text()
	pad := ""
	// `key:` without a blank behind needs one.
	if int(span.Start) > 0 && text[span.Start-1] == ':' {
		pad = " "
	}
	offer := func(label string, kind ItemKind, detail, doc string, rank int) {
		k.add(Item{Label: label, Kind: kind, Detail: detail, Doc: doc, Span: span, Text: pad + prefix + k.quoteAs(st, label), Filter: k.filter(st, label), Rank: rank})
	}
	if st.isNode() {
		k.newNode(st, span, prefix)
	}
	sameLine := prefix == "" && strings.TrimSpace(k.site.before()) != "" && !strings.HasSuffix(strings.TrimRight(k.site.before(), " "), "-")
	if !st.isNode() && !sameLine && len(st.defs()) > 0 {
		k.keys(span, nil)
	}
	f := st.field
	if f == nil {
		return
	}
	for _, t := range st.types {
		switch {
		case t.Enum != nil:
			for i, e := range t.Enum {
				rank := 20 + i
				if f.Default == `"`+e+`"` {
					rank = 10
				}
				offer(e, ItemValue, "", "", rank)
			}
		case t.Kind == schema.Bool:
			offer("true", ItemValue, defaultNote(f, "true"), "", 20)
			offer("false", ItemValue, defaultNote(f, "false"), "", 21)
		case t.Name == "Cap":
			for _, c := range schema.Caps() {
				label := c.Name
				if label == "*" {
					label = `"*"`
				}
				offer(label, ItemValue, "capability", c.Doc, 30)
			}
		case t.Kind == schema.Duration:
			for i, d := range []string{"500ms", "30s", "5m", "1h"} {
				offer(d, ItemValue, "duration", "", 60+i)
			}
		}
	}
	if st.direct && f.Example != "" && !strings.ContainsAny(f.Example, "{[\n") && f.Ref == "" && !st.has(schema.Bool) {
		offer(strings.Trim(f.Example, `"`), ItemValue, "example", "", 80)
	}
	k.references(st, offer)
	if f.Path {
		k.files(span, pad)
	}
	if st.name == "kind" && len(k.site.steps) == 2 {
		for i, name := range schema.KindNames() {
			offer(name, ItemKindName, "", schema.Kind(name).Doc, 10+i)
		}
	}
}

func defaultNote(f *schema.Field, v string) string {
	if f.Default == v {
		return "default"
	}
	return ""
}

// quoteAs writes a value so that the quotes around the old one stay right.
func (k *completer) quoteAs(st *step, v string) string {
	if st.node == nil {
		return v
	}
	switch st.node.Style {
	case syntax.DoubleQuoted:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(strings.Trim(v, `"`)) + `"`
	case syntax.SingleQuoted:
		return "'" + strings.ReplaceAll(strings.Trim(v, `"`), "'", "''") + "'"
	}
	return v
}

// filter is what an editor compares the typed text with: it begins with the
// quote that the replaced text begins with.
func (k *completer) filter(st *step, v string) string {
	if st.node == nil {
		return ""
	}
	switch st.node.Style {
	case syntax.DoubleQuoted:
		return `"` + v
	case syntax.SingleQuoted:
		return "'" + v
	}
	return ""
}

// newNode offers nodes of each kind.
func (k *completer) newNode(st *step, span source.Span, prefix string) {
	before := k.site.before()
	column := strings.LastIndexByte(before, '-') + 2
	if prefix != "" {
		column = len(before) + 2
	}
	pad := strings.Repeat(" ", max(column, 0))
	kinds := schema.NodeKinds()
	for i := range kinds {
		body := nodeBody[kinds[i].Name]
		if body == "" {
			body = "$0"
		}
		text := "kind: " + kinds[i].Name + "\nmetadata:\n  name: ${1:" + strings.TrimSuffix(kinds[i].Name, "_node") + "}\nspec:\n  " + body
		k.add(Item{Label: kinds[i].Name, Filter: "kind: " + kinds[i].Name, Kind: ItemSnippet, Detail: "a new node", Doc: kinds[i].Spec().Doc, Span: span,
			Text: prefix + strings.ReplaceAll(text, "\n", "\n"+pad), Snippet: true, Rank: 50 + i})
	}
	if prefix == "" {
		def := schema.ByName("Node")
		for i := range def.Fields {
			it := k.field(def, &def.Fields[i], span, false, false)
			it.Rank -= 80
			k.add(it)
		}
	}
}

// nodeBody is what the spec of a new node begins with.
var nodeBody = map[string]string{
	"llm_node":          "human_message: |\n    ${2:Text}$0",
	"agent_node":        "initial_prompt_template: |\n    ${2:Task}\n  tools: [$3]$0",
	"function_node":     "fn: ${2:star:functions.star#run}$0",
	"expression_node":   "expressions:\n    ${2:result}: ${3:1 + 1}$0",
	"data_node":         "output:\n    ${2:name}: ${3:value}$0",
	"composite_node":    "mode: ${2|for-each,while,times,if-else,switch|}\n  $0",
	"api_call_node":     "url: ${2:/path}$0",
	"service_call_node": "service: ${2:service}\n  method: ${3:method}$0",
	"wait_node":         "$0",
	"macro_invocation":  "macro: ${2:name}$0",
}

// references offers names that the field refers to.
func (k *completer) references(st *step, offer func(label string, kind ItemKind, detail, doc string, rank int)) {
	root := k.site.root()
	spec := get(root, "spec")
	names := func(n *syntax.Node, kind ItemKind, detail string) {
		n = n.Deref()
		if n == nil || n.Kind != syntax.Mapping {
			return
		}
		for key := range n.Entries() {
			offer(key.Value, kind, detail, "", 20)
		}
	}
	switch st.field.Ref {
	case "node":
		own := ""
		if at := k.site.node(); at != nil {
			own = scalarText(get(get(at.node, "metadata"), "name"))
		}
		taken := map[string]bool{}
		if len(k.site.steps) > 1 {
			if list := k.site.steps[len(k.site.steps)-2].node; list != nil && list.Kind == syntax.Sequence {
				for _, it := range list.Items {
					taken[scalarText(it)] = it != st.node
				}
			}
		}
		for _, n := range k.nodeNames() {
			if n.name != own && !taken[n.name] {
				offer(n.name, ItemNode, n.kind, "", 20)
			}
		}
	case "nodekind":
		for i, n := range schema.NodeKinds() {
			offer(n.Name, ItemKindName, "node kind", n.Spec().Doc, 20+i)
		}
		for _, d := range k.definitions("Macro") {
			offer(d.Name.Name, ItemMacro, "macro", "", 45)
		}
		names(get(spec, "aliases"), ItemKindName, "alias")
	case "macro":
		for _, d := range k.definitions("Macro") {
			offer(d.Name.Name, ItemMacro, "macro of this workspace", "", 20)
		}
		for _, s := range schema.MacroSpellings() {
			if s.Status == schema.SpellingCanonical {
				offer(s.Name, ItemMacro, "built-in macro", "", 40)
			}
		}
	case "adapterkind":
		for _, a := range schema.Adapters() {
			offer(a.Name, ItemAdapter, "serves "+a.Port, "", 20)
		}
		names(get(spec, "aliases"), ItemAdapter, "alias")
	case "adapter":
		for _, d := range k.definitions("Adapter") {
			offer(d.Name.Name, ItemAdapter, "Adapter", "", 20)
		}
	case "policy":
		for _, d := range k.definitions("Policy") {
			offer(d.Name.Name, ItemReference, "Policy", "", 20)
		}
	case "middleware":
		for _, d := range k.definitions("Middleware") {
			offer(d.Name.Name, ItemReference, "Middleware", "", 20)
		}
		for _, m := range schema.MiddlewareSpellings() {
			if m.Status == schema.SpellingCanonical {
				offer(m.Name, ItemReference, "middleware", "", 30)
			}
		}
	case "port":
		names(get(spec, "ports"), ItemPort, "port")
		for _, p := range schema.PortTypes() {
			offer(p.Name, ItemPort, "port type", "", 40)
		}
	case "process":
		for _, p := range processNames(spec) {
			offer(p, ItemProcess, "process", "", 20)
		}
	case "service":
		names(get(spec, "services"), ItemReference, "service")
	case "tool":
		names(get(spec, "tools"), ItemReference, "tool")
	case "entity":
		names(get(spec, "state_machines"), ItemReference, "entity type")
	case "state":
		for _, s := range stateNames(spec) {
			offer(s, ItemReference, "state", "", 20)
		}
	case "type":
		if st.has(schema.String) || st.has(schema.Any) {
			for i, t := range []string{"str", "int", "float", "bool", "list", "dict", "any", "decimal", "datetime", "str?", "list[str]"} {
				offer(t, ItemType, "type", "", 20+i)
			}
			names(get(spec, "custom_types"), ItemType, "custom type")
		}
	case "output":
		k.outputs(offer)
	case "function":
		k.functionNames(offer)
	}
}

// outputs offers results of nodes, with the fields that are known.
func (k *completer) outputs(offer func(label string, kind ItemKind, detail, doc string, rank int)) {
	p := k.program()
	if p == nil {
		for _, n := range k.nodeNames() {
			offer(n.name, ItemNode, n.kind, "", 20)
		}
		return
	}
	for _, n := range p.Scope.Nodes {
		if n.Name() == "" {
			continue
		}
		offer(n.Name(), ItemNode, n.Node.Kind, "", 20)
		if n.Result == nil {
			continue
		}
		for _, f := range n.Result.FieldNames() {
			t, _ := n.Result.Field(f)
			offer(n.Name()+"."+f, ItemMember, t.Type.String(), t.Doc, 30)
		}
	}
}

// functionNames offers functions: of Starlark files beside the manifest, and
// the schemes.
func (k *completer) functionNames(offer func(label string, kind ItemKind, detail, doc string, rank int)) {
	dir := filepath.Dir(k.a.Path)
	for _, name := range k.snap.List(dir) {
		if path.Ext(name) != ".star" {
			continue
		}
		text, err := k.snap.Read(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		for _, f := range starlarkFunctions(string(text)) {
			offer("star:"+name+"#"+f.name, ItemFunction, f.signature, "", 20)
		}
	}
	for i, scheme := range []string{"star:", "go:", "python:", "mcp:", "exec:"} {
		offer(scheme, ItemKeyword, "function scheme", "", 60+i)
	}
}

// named is a node with its kind.
type named struct{ name, kind string }

// nodeNames are the nodes of the list that the cursor's node is in; of the top
// level where it is in none.
func (k *completer) nodeNames() []named {
	_, scope := k.info()
	if scope == nil {
		if p := k.program(); p != nil {
			scope = p.Scope
		}
	}
	var out []named
	if scope != nil {
		for _, n := range scope.Nodes {
			if n.Name() != "" {
				out = append(out, named{n.Name(), n.Node.Kind})
			}
		}
		return out
	}
	// What the checker does not know: the list of nodes around the cursor.
	for i := len(k.site.steps) - 1; i >= 0; i-- {
		n := k.site.steps[i].node.Deref()
		if n == nil || n.Kind != syntax.Sequence || i+1 == len(k.site.steps) || !k.site.steps[i+1].isNode() {
			continue
		}
		for _, it := range n.Items {
			if name := scalarText(get(get(it, "metadata"), "name")); name != "" {
				out = append(out, named{name, scalarText(get(it, "kind"))})
			}
		}
		return out
	}
	if list := get(get(k.site.root(), "spec"), "nodes"); list != nil {
		for _, it := range list.Items {
			if name := scalarText(get(get(it, "metadata"), "name")); name != "" {
				out = append(out, named{name, scalarText(get(it, "kind"))})
			}
		}
	}
	return out
}

// definitions are the named documents of a kind that the file's stream has, then
// those of the workspace's other files that were looked at.
func (k *completer) definitions(kind string) []*ast.Doc {
	var out []*ast.Doc
	seen := map[string]bool{}
	add := func(f *ast.File) {
		if f == nil {
			return
		}
		for _, d := range f.Docs {
			if d.Kind == kind && d.Name.Name != "" && !seen[d.Name.Name] {
				seen[d.Name.Name] = true
				out = append(out, d)
			}
		}
	}
	add(k.a.File)
	return out
}

func processNames(spec *syntax.Node) []string {
	n := get(spec, "processes")
	var out []string
	if n == nil {
		return nil
	}
	switch n = n.Deref(); {
	case n == nil:
	case n.Kind == syntax.Mapping:
		for key := range n.Entries() {
			out = append(out, key.Value)
		}
	case n.Kind == syntax.Sequence:
		for _, it := range n.Items {
			if name := scalarText(get(it, "name")); name != "" {
				out = append(out, name)
			}
		}
	}
	return out
}

func stateNames(spec *syntax.Node) []string {
	seen := map[string]bool{}
	machines := get(spec, "state_machines").Deref()
	if machines == nil || machines.Kind != syntax.Mapping {
		return nil
	}
	for _, m := range machines.Entries() {
		for _, list := range []string{"transitions", "states"} {
			t := get(m, list).Deref()
			if t == nil || t.Kind != syntax.Mapping {
				continue
			}
			for key, to := range t.Entries() {
				seen[key.Value] = true
				if to = to.Deref(); to != nil && to.Kind == syntax.Sequence {
					for _, it := range to.Items {
						if s := scalarText(it); s != "" {
							seen[s] = true
						}
					}
				}
			}
		}
	}
	out := make([]string, 0, len(seen))
	for s := range seen {
		out = append(out, s)
	}
	sort.Strings(out)
	return out
}

// files offers paths relative to the manifest's folder.
func (k *completer) files(span source.Span, pad string) {
	typed := k.a.Source.Slice(source.Span{Start: span.Start, End: int32(max(int(span.Start), min(k.offset, int(span.End))))})
	typed = strings.TrimLeft(typed, `'"`)
	start := int(span.Start) + strings.LastIndexByte(k.a.Source.Slice(source.Span{Start: span.Start, End: int32(k.offset)}), '/') + 1
	dir := filepath.Dir(k.a.Path)
	if i := strings.LastIndexByte(typed, '/'); i >= 0 {
		dir = filepath.Join(dir, filepath.FromSlash(typed[:i]))
	}
	at := source.Span{Start: int32(start), End: span.End}
	if q := k.a.Source.Text()[span.Start:span.End]; len(q) > 1 && (q[0] == '"' || q[0] == '\'') {
		at.End--
		at.Start = max(at.Start, span.Start+1)
	}
	lead := ""
	if typed == "" {
		lead = "./"
	}
	for _, name := range k.snap.List(dir) {
		folder := strings.HasSuffix(name, "/")
		ext := path.Ext(name)
		if !folder && ext != ".yaml" && ext != ".yml" || filepath.Join(dir, name) == k.a.Path {
			continue
		}
		it := Item{Label: lead + name, Kind: ItemFile, Span: at, Text: pad + lead + name, Rank: 20}
		if folder {
			it.Kind, it.Rank, it.Again = ItemFolder, 25, true
		}
		k.add(it)
	}
}

// anchors offers the anchors of the document above the cursor.
func (k *completer) anchors(span source.Span) {
	var walk func(n *syntax.Node)
	walk = func(n *syntax.Node) {
		if n == nil || int(n.Span.Start) > k.offset {
			return
		}
		if n.Anchor != "" && int(n.Span.End) < k.offset {
			k.add(Item{Label: "*" + n.Anchor, Kind: ItemReference, Detail: "alias", Span: span, Text: "*" + n.Anchor, Rank: 20})
		}
		for _, it := range n.Items {
			walk(it)
		}
		for i := range n.Pairs {
			walk(n.Pairs[i].Value)
		}
	}
	walk(k.site.root())
}

// arguments offers the parameters of the macro that the cursor's node calls.
func (k *completer) arguments(span source.Span, has *syntax.Node, colon bool) {
	at := k.site.node()
	if at == nil {
		return
	}
	name := scalarText(get(get(at.node, "spec"), "macro"))
	if name == "" {
		name = scalarText(get(at.node, "kind"))
	}
	for _, d := range k.definitions("Macro") {
		if d.Name.Name != name {
			continue
		}
		for _, p := range macroParameters(d.Root) {
			if has != nil && has.Get(p.name) != nil && (k.site.pair == nil || scalarText(k.site.pair.Key) != p.name) {
				continue
			}
			it := Item{Label: p.name, Kind: ItemField, Detail: "parameter: " + p.typ, Doc: p.doc, Span: span, Text: p.name, Rank: 120}
			if p.required {
				it.Rank, it.Detail = 90, it.Detail+" · required"
			}
			if !colon {
				it.Text += ": "
			}
			k.add(it)
		}
	}
}
