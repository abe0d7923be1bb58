package ide

import (
	"sort"
	"strings"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// ItemKind says what a completion is, for its icon.
type ItemKind uint8

// Item kinds.
const (
	ItemField ItemKind = iota + 1
	ItemValue
	ItemKindName // kind of a document or node
	ItemNode
	ItemVariable
	ItemNamespace
	ItemMember
	ItemFunction
	ItemMethod
	ItemFilter
	ItemKeyword
	ItemPort
	ItemAdapter
	ItemMacro
	ItemProcess
	ItemType
	ItemFile
	ItemFolder
	ItemSnippet
	ItemEnv
	ItemReference
)

// Item is one completion.
type Item struct {
	Label  string
	Kind   ItemKind
	Detail string
	Doc    string // Markdown
	// Edit replaces Span by Text; a Snippet has tab stops `$1`, `${2:name}`, and
	// `\$` for a dollar sign.
	Span    source.Span
	Text    string
	Snippet bool
	// Filter is what the typed text is compared with; "" is the Label.
	Filter string
	// Rank orders the items: small first.
	Rank int
	// Deprecated items are struck through.
	Deprecated bool
	// Again asks the editor to complete again behind the inserted text.
	Again bool
}

// Complete lists what can be written at a place, best first.
func Complete(s *compile.Snapshot, path string, offset int) ([]Item, error) {
	c, err := newCursor(s, path, offset)
	if err != nil {
		return nil, err
	}
	k := &completer{cursor: c}
	k.run()
	seen := map[string]bool{}
	out := k.items[:0]
	for _, it := range k.items {
		key := it.Label + "\x00" + it.Text
		if seen[key] {
			continue
		}
		seen[key] = true
		out = append(out, it)
	}
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].Rank != out[j].Rank {
			return out[i].Rank < out[j].Rank
		}
		return out[i].Label < out[j].Label
	})
	return out, nil
}

type completer struct {
	*cursor
	items []Item
}

func (k *completer) add(it Item) { k.items = append(k.items, it) }

func (k *completer) run() {
	if k.inComment() {
		return
	}
	if len(k.site.steps) == 0 {
		if k.a.File != nil || isNew(k.a.Tree) {
			k.documents(k.word())
		}
		return
	}
	if k.environment() {
		return
	}
	if x := k.expression(); x != nil {
		k.inExpression(x)
		return
	}
	if k.site.key {
		k.keys(k.keySpan(), k.siblings())
		return
	}
	k.value()
}

// inComment reports whether the cursor is in a comment.
func (k *completer) inComment() bool {
	for _, c := range k.a.Tree.Comments {
		if int(c.Span.Start) < k.offset && k.offset <= int(c.Span.End) {
			return true
		}
	}
	return false
}

// keySpan is what a chosen key replaces.
func (k *completer) keySpan() source.Span {
	if k.site.pair != nil && k.site.pair.Key.Style != syntax.Empty && k.site.pair.Key.Kind == syntax.Scalar {
		return k.site.pair.Key.Span
	}
	return k.word()
}

// word is the span of the word that the cursor is in or behind.
func (k *completer) word() source.Span {
	text := k.a.Source.Text()
	start, end := k.offset, k.offset
	for start > 0 && isWordByte(text[start-1]) {
		start--
	}
	for end < len(text) && isWordByte(text[end]) {
		end++
	}
	return source.Span{Start: int32(start), End: int32(end)}
}

func isWordByte(c byte) bool {
	return c == '_' || c == '-' || c >= 0x80 || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// siblings are the keys that the mapping around the cursor has already.
func (k *completer) siblings() *syntax.Node {
	if len(k.site.steps) == 0 {
		return nil
	}
	n := k.site.last().node.Deref()
	if n == nil || n.Kind != syntax.Mapping {
		return nil
	}
	return n
}

// keys offers the fields of the mapping around the cursor.
func (k *completer) keys(span source.Span, has *syntax.Node) {
	st := k.site.last()
	if len(k.site.steps) == 1 && scalarText(get(st.node, "kind")) == "" && get(st.node, "metadata") == nil {
		k.documents(span)
	}
	flow := has != nil && has.Style == syntax.Flow
	colon := k.colonFollows(span)
	for _, def := range st.defs() {
		for i := range def.Fields {
			f := &def.Fields[i]
			if k.given(has, def, f) {
				continue
			}
			k.add(k.field(def, f, span, flow, colon))
		}
	}
	if st.field != nil && st.isMapOf() {
		k.mapKeys(st, span, has, colon)
	}
	if st.in != nil && (st.name == "spec" || st.name == "config" || st.name == "inputs") {
		k.arguments(span, has, colon)
	}
}

func (st *step) isMapOf() bool { return st.has(schema.Map) }

// given reports whether the mapping has the field under any spelling, elsewhere
// than at the cursor.
func (k *completer) given(has *syntax.Node, def *schema.Def, f *schema.Field) bool {
	if has == nil {
		return false
	}
	for i := range has.Pairs {
		p := &has.Pairs[i]
		if p == k.site.pair {
			continue
		}
		if g, _, ok := def.Find(scalarText(p.Key)); ok && g == f {
			return true
		}
	}
	return false
}

// colonFollows reports whether a colon stands behind the key that is replaced.
func (k *completer) colonFollows(span source.Span) bool {
	rest := strings.TrimLeft(k.a.Source.Text()[span.End:], " \t")
	return strings.HasPrefix(rest, ":")
}

// indent is the column of the line's content at an offset, list dashes included.
func (k *completer) indent(offset int) int {
	f := k.a.Source
	line := f.LineSpan(f.Line(offset))
	text := f.Text()
	i := int(line.Start)
	for i < offset && (text[i] == ' ' || text[i] == '-' && i+1 < len(text) && text[i+1] == ' ') {
		i++
	}
	return i - int(line.Start)
}

// field is the completion of a key, with what its value needs behind it.
func (k *completer) field(def *schema.Def, f *schema.Field, span source.Span, flow, colon bool) Item {
	it := Item{Label: f.Name, Kind: ItemField, Detail: f.Type.String(), Doc: fieldDoc(f), Span: span, Rank: 200}
	switch {
	case f.Required:
		it.Rank, it.Detail = 100, it.Detail+" · required"
	case f.Outdated != "", f.Ignored != "":
		it.Rank, it.Deprecated = 900, true
	case f.CanonAt == "node" && def.Node != "":
		it.Rank = 300
	}
	it.Text = f.Name
	if colon {
		return it
	}
	pad := strings.Repeat(" ", k.indent(int(span.Start)))
	first := firstType(f.Type)
	switch {
	case flow:
		it.Text += ": "
	case first.Kind == schema.Object && first.IsNode, first.Kind == schema.Object, first.Kind == schema.Map && !isSchema(f):
		it.Text, it.Snippet, it.Again = snippetText(f.Name)+":\n"+pad+"  $0", true, true
	case first.Kind == schema.List && first.Elem.Kind == schema.Object:
		it.Text, it.Snippet, it.Again = snippetText(f.Name)+":\n"+pad+"  - $0", true, true
	case first.Kind == schema.List:
		it.Text, it.Snippet, it.Again = snippetText(f.Name)+": [$0]", true, true
	default:
		it.Text += ": "
		it.Again = first.Enum != nil || first.Kind == schema.Bool || f.Ref != ""
	}
	return it
}

func firstType(t *schema.Type) *schema.Type { return alternatives(t)[0] }

func isSchema(f *schema.Field) bool { return f.Type.Name == "Schema" }

// snippetText is a text without meaning in a snippet.
func snippetText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `$`, `\$`, `}`, `\}`).Replace(s)
}

// documents offers whole documents where none is yet.
func (k *completer) documents(span source.Span) {
	if k.indent(int(span.Start)) != 0 {
		return
	}
	for i, name := range schema.KindNames() {
		def := schema.Kind(name)
		it := Item{Label: "kind: " + name, Filter: "kind " + name, Kind: ItemSnippet, Detail: "a " + name, Doc: def.Doc, Span: span, Rank: 10 + i, Snippet: true}
		it.Text = "kind: " + name + "\n" + documentBody[name]
		if _, ok := documentBody[name]; !ok {
			it.Text += "metadata:\n  name: ${1:name}\nspec:\n  $0"
		}
		k.add(it)
	}
}

// documentBody is what new documents begin with.
var documentBody = map[string]string{
	"Pipeline": "metadata:\n  name: ${1:my-pipeline}\nspec:\n  nodes:\n    - kind: ${2:expression_node}\n      metadata:\n        name: ${3:first}\n      spec:\n        $0",
	"System":   "metadata:\n  name: ${1:my-system}\nspec:\n  processes:\n    ${2:first}:\n      exec: ${3:./pipeline.yaml}\n  $0",
	"Macro":    "metadata:\n  name: ${1:my_macro}\nparameters:\n  - name: ${2:text}\n    type: ${3:str}\nnodes:\n  - kind: ${4:llm_node}\n    metadata:\n      name: ${5:ask}\n    spec:\n      human_message: \"{{ ${2:text} \\}\\}\"$0",
	"Config":   "spec:\n  limits:\n    max_llm_calls: ${1:100}$0",
	"Adapter":  "metadata:\n  name: ${1:prod-llm}\nspec:\n  adapter: ${2:openai}\n  config:\n    $0",
}

// mapKeys offers the keys that a map is expected to have.
func (k *completer) mapKeys(st *step, span source.Span, has *syntax.Node, colon bool) {
	offer := func(name, detail, doc string, kind ItemKind, nested bool) {
		if has != nil && has.Get(name) != nil && (k.site.pair == nil || scalarText(k.site.pair.Key) != name) {
			return
		}
		it := Item{Label: name, Kind: kind, Detail: detail, Doc: doc, Span: span, Text: name, Rank: 150}
		if !colon {
			it.Text += ": "
			if nested {
				pad := strings.Repeat(" ", k.indent(int(span.Start)))
				it.Text, it.Snippet, it.Again = snippetText(name)+":\n"+pad+"  $0", true, true
			}
		}
		k.add(it)
	}
	switch st.field.Name {
	case "ports":
		for _, p := range schema.PortTypes() {
			detail := "port"
			if p.Cap != "" {
				detail = "needs capability " + p.Cap
			}
			offer(p.Name, detail, "", ItemPort, true)
		}
	case "node_ports":
		if !st.direct {
			break
		}
		for _, n := range k.nodeNames() {
			offer(n.name, n.kind, "", ItemNode, true)
		}
	case "type_ports":
		if !st.direct {
			break
		}
		for _, n := range schema.NodeKinds() {
			offer(n.Name, "node kind", n.Spec().Doc, ItemKindName, true)
		}
	case "input_mapping":
		if info, _ := k.info(); info != nil && info.Node.Input != nil && info.Node.Input.Type != nil {
			t := info.Node.Input.Type
			for _, name := range t.FieldNames() {
				f, _ := t.Field(name)
				offer(name, f.Type.String(), f.Doc, ItemMember, false)
			}
		}
	case "output_schema", "input_schema":
		for _, name := range []string{"type", "properties", "required"} {
			if get(st.node, "type") != nil || get(st.node, "properties") != nil {
				offer(name, "JSON Schema", "", ItemField, false)
			}
		}
	}
}
