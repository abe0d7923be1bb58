package shape_test

import (
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

func object(t *testing.T, text string) *shape.Object {
	t.Helper()
	_, objs, ds := check("view.yaml", text)
	for _, d := range ds {
		if d.Severity == diag.Error {
			t.Fatalf("%s %s", d.Code, d.Message)
		}
	}
	return objs[len(objs)-1]
}

// The view has every field under its canonical name.
func TestViewIsCanonical(t *testing.T) {
	o := object(t, `
kind: Pipeline
metadata: {name: demo}
spec:
  orchestrator: {concurrency: 4}
  ports:
    llm: {name: mock_llm, params: {a: 1}}
    pool: {adapters: [{ref: a}, {adapter: mock_llm}]}
  nodes:
    - kind: core:llm
      metadata: {name: ask}
      settings: {temperature: 0.5, max_tokens: 10}
      spec: {prompt_template: hi, max_tokens: 20, stop: [a, b]}
    - kind: agent
      metadata: {name: go}
      spec: {main_prompt: hi, config: {max_steps: 3}}
`)
	spec := o.Object("spec")
	if got := spec.Object("kernel").Get("max_concurrent_nodes"); got == nil || got.Value.Value != "4" || got.Spelling != schema.Alias {
		t.Errorf("concurrency: %+v", got)
	}
	ports := spec.Get("ports")
	if len(ports.Entries) != 2 || ports.Entries[0].Key.Value != "llm" || ports.Entries[0].Object.Get("adapter").Value.Value != "mock_llm" {
		t.Errorf("ports: %+v", ports.Entries)
	}
	if pool := ports.Entries[1].Object.Get("adapters"); len(pool.Items) != 2 || pool.Items[0].Object.Get("ref").Value.Value != "a" {
		t.Errorf("pool: %+v", pool)
	}
	nodes := spec.Get("nodes").Items
	ask := nodes[0].Object
	if ask.Kind.Class != shape.BuiltIn || ask.Kind.Name != "llm_node" || ask.Kind.Text != "core:llm" || ask.Kind.Info.Port != "llm" {
		t.Errorf("kind: %+v", ask.Kind)
	}
	body := ask.Object("spec")
	for name, want := range map[string]string{"human_message": "hi", "max_tokens": "20", "temperature": "0.5"} {
		if f := body.Get(name); f == nil || f.Value.Value != want {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if !body.Get("temperature").Lifted || body.Get("max_tokens").Lifted {
		t.Error("what comes from settings is not marked")
	}
	if stop := body.Get("stop"); stop.Type.Kind != schema.List || len(stop.Items) != 2 || stop.Items[1].Value.Value != "b" {
		t.Errorf("stop: %+v", stop)
	}
	if f := nodes[1].Object.Object("spec").Get("max_steps"); f == nil || f.Value.Value != "3" || !f.Lifted {
		t.Errorf("max_steps: %+v", f)
	}
	if body.Parent != ask || ask.Parent != spec || spec.Parent != o || o.Parent != nil {
		t.Error("parents are wrong")
	}
}

// Values that are only known later are marked; null is "not given".
func TestViewOfLaterAndNull(t *testing.T) {
	o := object(t, `
kind: Pipeline
metadata: {name: "${NAME}", description: ~}
spec:
  kernel: {max_concurrent_nodes: "${N}", strict_validation: yes}
  ports: !include ports.yaml
  nodes:
    - !include node.yaml
`)
	if f := o.Object("metadata").Get("name"); !f.Dynamic || !f.OK {
		t.Errorf("name: %+v", f)
	}
	if f := o.Object("metadata").Get("description"); !f.Null {
		t.Errorf("description: %+v", f)
	}
	if f := o.Object("spec").Object("kernel").Get("max_concurrent_nodes"); !f.Dynamic || f.Type.Kind != schema.Int {
		t.Errorf("max_concurrent_nodes: %+v", f)
	}
	if f := o.Object("spec").Get("ports"); !f.Dynamic || f.Object != nil || f.Entries != nil {
		t.Errorf("ports: %+v", f)
	}
	if items := o.Object("spec").Get("nodes").Items; len(items) != 1 || !items[0].Dynamic {
		t.Errorf("nodes: %+v", items)
	}
}

// A Macro's body is found at the top, wherever it stands.
func TestViewOfMacro(t *testing.T) {
	for _, text := range []string{
		"kind: Macro\nmetadata: {name: m}\nspec:\n  nodes: []\n  outputs: {a: b.c}\n",
		"kind: Macro\nmetadata: {name: m}\nnodes: []\noutputs: {a: b.c}\n",
	} {
		o := object(t, text)
		if !o.Has("nodes") || len(o.Get("outputs").Entries) != 1 {
			t.Errorf("%q: %v", text, o.Fields)
		}
	}
}

// Classes of kinds.
func TestViewOfKinds(t *testing.T) {
	o := object(t, `
kind: Macro
metadata: {name: mine}
nodes: []
---
kind: Pipeline
metadata: {name: demo}
spec:
  imports: [x.yaml]
  aliases: {short: hexdag.stdlib.nodes.DataNode, far: app.Node}
  nodes:
    - {kind: mine, metadata: {name: a}, spec: {question: hi}}
    - {kind: short, metadata: {name: b}, spec: {output: {}}}
    - {kind: far, metadata: {name: c}, spec: {x: 1, dependencies: [a]}}
    - {kind: "ns:node", metadata: {name: d}}
    - {kind: "{{ k }}", metadata: {name: e}}
    - {kind: elsewhere, metadata: {name: f}}
    - {kind: core:conversation_agent, metadata: {name: g}}
`)
	want := []struct {
		class shape.KindClass
		name  string
	}{
		{shape.Macro, "mine"}, {shape.BuiltIn, "data_node"}, {shape.Foreign, "app.Node"}, {shape.Foreign, "ns:node"},
		{shape.Later, "{{ k }}"}, {shape.Unlinked, "elsewhere"}, {shape.Macro, "core:conversation"},
	}
	for i, v := range o.Object("spec").Get("nodes").Items {
		k := v.Object.Kind
		if k.Class != want[i].class || k.Name != want[i].name {
			t.Errorf("node %d: %+v, want %+v", i, k, want[i])
		}
	}
	far := o.Object("spec").Get("nodes").Items[2].Object.Object("spec")
	if !far.Has("dependencies") || len(far.Unknown) != 1 || !far.Unknown[0].OK {
		t.Errorf("a foreign node's spec: %+v", far)
	}
	mine := o.Object("spec").Get("nodes").Items[0].Object.Object("spec")
	if len(mine.Unknown) != 1 || mine.Unknown[0].Key.Value != "question" {
		t.Errorf("a macro's arguments: %+v", mine)
	}
}

// Options say what other files supply.
func TestOptions(t *testing.T) {
	text := "kind: Pipeline\nmetadata: {name: d}\nspec:\n  imports: [x.yaml]\n  nodes: [{kind: far_macro, metadata: {name: a}}]\n"
	tree := syntax.Parse(source.NewFile("o.yaml", []byte(text)), syntax.Budget{})
	for _, c := range []struct {
		opt  shape.Options
		want shape.KindClass
		errs int
	}{
		{shape.Options{}, shape.Unlinked, 0},
		{shape.Options{Linked: true}, shape.UnknownKind, 1},
		{shape.Options{Linked: true, Macros: func(n string) bool { return n == "far_macro" }}, shape.Macro, 0},
	} {
		var ds diag.List
		o := shape.CheckDocumentWith(tree, tree.Docs[0].Root, c.opt, &ds)
		if got := o.Object("spec").Get("nodes").Items[0].Object.Kind.Class; got != c.want || ds.Len() != c.errs {
			t.Errorf("%+v: class %d, %d findings", c.opt, got, ds.Len())
		}
	}
}

// Nothing is said about what the parser had to guess, nor about what may be
// missing only because of it.
func TestBrokenIsQuiet(t *testing.T) {
	for _, text := range []string{
		"kind: Pipeline\nmetadata:\n  description: [unclosed\n",
		"kind: Pipeline\nmetadata: {name: a\nspec:\n  nodes: []\n",
		"kind: Pipeline\nmetadata: {name: a}\nspec:\n  nodes:\n    - kind: llm_node\n      metadata: {name: b}\n      spec:\n        human_message: \"unclosed\n",
	} {
		tree, _, ds := check("broken.yaml", text)
		if !diag.HasErrors(tree.Diags) {
			t.Errorf("%q is not broken", text)
		}
		for _, d := range ds {
			t.Errorf("%q: %s %s", text, d.Code, d.Message)
		}
	}
}

// Every example of the schema fits its own field.
func TestExamplesOfTheSchemaFit(t *testing.T) {
	n := 0
	for i := range schema.Defs() {
		d := &schema.Defs()[i]
		for j := range d.Fields {
			f := &d.Fields[j]
			if f.Example == "" {
				continue
			}
			n++
			tree := syntax.Parse(source.NewFile("e.yaml", []byte(f.Name+": "+f.Example+"\n")), syntax.Budget{})
			if len(tree.Diags) > 0 {
				t.Errorf("%s.%s: %s", d.Name, f.Name, tree.Diags[0].Message)
				continue
			}
			var ds diag.List
			o := shape.Check(tree, tree.Docs[0].Root, d, &ds)
			if got := o.Get(f.Name); got == nil || !got.OK {
				t.Errorf("%s.%s: %s does not fit", d.Name, f.Name, f.Example)
			}
			for _, x := range ds.Items() {
				if x.Code != diag.MissingField && x.Code != diag.MissingChoice && x.Code != diag.NoEffect && x.Code != diag.BetterPlace && !strings.Contains(x.Message, "deprecated") {
					t.Errorf("%s.%s: %s %s", d.Name, f.Name, x.Code, x.Message)
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d examples", n)
	}
}

func FuzzCheck(f *testing.F) {
	for _, c := range readCorpus(f, "tests/index.jsonl")[:60] {
		tree, _ := checkCorpusFile(f, c.File)
		f.Add(tree.File.Text())
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree, _, ds := check("fuzz.yaml", text)
		for _, d := range ds {
			wellFormed(t, "fuzz.yaml", tree, d)
		}
	})
}
