package compile_test

import (
	"path/filepath"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
)

const importer = `-- main.yaml --
kind: Pipeline
metadata: {name: main}
spec:
  imports: [IMPORTS]
  ports:
    llm: {ref: mock}
  nodes:
    - kind: greet
      metadata: {name: hello}
      spec: {inputs: {who: Ada}}
    - kind: llm_node
      metadata: {name: ask}
      spec: {human_message: "{{ hello.text }}"}
`

const library = `-- lib/defs.yaml --
kind: Macro
metadata: {name: greet}
parameters:
  - {name: who, type: str, required: true}
nodes:
  - kind: expression_node
    metadata: {name: first}
    spec:
      expressions: {text: "'{{ who }}'"}
  - kind: polite
    metadata: {name: second}
    spec: {inputs: {line: "{{ first.text }}"}}
---
kind: Macro
metadata: {name: polite}
parameters:
  - {name: line, type: str, required: true}
nodes:
  - !include {path: parts/say.yaml, vars: {suffix: please}}
---
kind: Adapter
metadata: {name: mock}
spec: {adapter: mock_llm, config: {responses: [hi]}}
---
kind: Config
metadata: {name: settings}
spec: {}
-- lib/parts/say.yaml --
kind: data_node
metadata: {name: say}
spec:
  output: {text: "{{ line }}, {{ suffix }}"}
`

// TestImports: definitions of other files are seen by name or all together; a
// macro sees its own stream and its own includes, wherever it is called.
func TestImports(t *testing.T) {
	for _, c := range []struct{ name, imports, want string }{
		{"by name", "lib/defs.yaml#greet, lib/defs.yaml#mock", ""},
		{"a whole file", "./lib/defs.yaml", ""},
		{"from the environment's default", `"${LIB:lib}/defs.yaml"`, ""},
		{"no such name", "lib/defs.yaml#gret, lib/defs.yaml#mock", "main.yaml:4 HX0516"},
		{"no definition", "lib/defs.yaml#settings, lib/defs.yaml", "main.yaml:4 HX0516"},
		{"no file", "lib/def.yaml", "main.yaml:4 HX0130"},
		{"outside", "../defs.yaml", "main.yaml:4 HX0131"},
		{"nothing to import", "lib/parts/say.yaml", "main.yaml:4 HX0516"},
		{"a folder", "lib", "main.yaml:4 HX0134"},
		{"a template", `"{{ x }}"`, "main.yaml:4 HX0137"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, dir := workspaceOf(t, strings.Replace(importer, "IMPORTS", c.imports, 1)+library)
			ds := checkWithin(t, w, dir)
			if got := places(ds); got != c.want {
				t.Errorf("got %q, want %q\n%s", got, c.want, list(ds))
			}
			prog, ds, err := w.Build(filepath.Join(dir, "main.yaml"), "")
			if err != nil {
				t.Fatal(err)
			}
			if (prog != nil) != (c.want == "") {
				t.Errorf("the build's program is %v\n%s", prog, list(ds))
			}
		})
	}
}

// TestImportedFault: what is wrong in an imported file is shown there, and the
// program that needs it is not built.
func TestImportedFault(t *testing.T) {
	w, dir := workspaceOf(t, strings.Replace(importer, "IMPORTS", "lib/defs.yaml", 1)+strings.Replace(library, "config: {resp", "confg: {resp", 1))
	prog, ds, err := w.Build(filepath.Join(dir, "main.yaml"), "")
	if err != nil {
		t.Fatal(err)
	}
	if prog != nil || !diag.HasErrors(ds) || !strings.Contains(places(ds), "lib/defs.yaml:23 HX0201") {
		t.Errorf("got %s", places(ds))
	}
}

// TestOwnDefinitionWins: of two definitions with one name the nearer counts.
func TestOwnDefinitionWins(t *testing.T) {
	w, dir := workspaceOf(t, strings.Replace(importer, "IMPORTS", "lib/defs.yaml", 1)+`---
kind: Macro
metadata: {name: greet}
parameters:
  - {name: who, type: str}
nodes:
  - kind: expression_node
    metadata: {name: own}
    spec:
      expressions: {other: "1"}
`+library)
	ds := checkWithin(t, w, dir)
	if !strings.Contains(places(ds), "main.yaml:13 HX0414") { // it has no `text`
		t.Errorf("got %s", places(ds))
	}
}
