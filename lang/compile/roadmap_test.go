package compile_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/compile"
)

// The documents that a language design names, in the forms that it shows:
// everything that a manifest refers to stands in files of its own.
var (
	researchPipeline = `kind: Pipeline
metadata: {name: research-agent}
spec:
  limits: {max_llm_calls: 30, max_cost_usd: 2.00}
  caps: [llm, memory, tool:web_search]
  tools: {web_search: {fn: go:search}}
  nodes:
    - kind: llm_node
      metadata: {name: researcher}
      spec: {human_message: "Look into {{ topic }}", model: gpt-4o-mini}
`
	analysisPipeline = `kind: Pipeline
metadata: {name: analysis-agent}
spec:
  nodes:
    - kind: llm_node
      metadata: {name: analyst}
      spec: {human_message: "Judge {{ research_results }}"}
`
	prodAdapter = "kind: Adapter\nmetadata: {name: prod-llm}\nspec: {adapter: openai, config: {model: gpt-4o-mini}}\n"
)

// compiles holds that a file is checked and built without an error.
func compiles(t *testing.T, files map[string]string, build bool) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w, err := compile.New(compile.Options{Root: dir})
	if err != nil {
		t.Fatal(err)
	}
	ds, err := w.CheckFile(filepath.Join(dir, "main.yaml"))
	if err != nil || verdict(ds) != "valid" {
		t.Errorf("%v\n%s%s", err, findings(ds), files["main.yaml"])
		return
	}
	if build {
		if p, ds, err := w.Build(filepath.Join(dir, "main.yaml"), ""); err != nil || p == nil {
			t.Errorf("it is not built: %v\n%s%s", err, findings(ds), files["main.yaml"])
		}
	}
}

// TestDesignedForms compiles a Config, a System whose port refers to an Adapter,
// and a process that lowers the limits of its Pipeline.
func TestDesignedForms(t *testing.T) {
	compiles(t, map[string]string{"main.yaml": `kind: Config
metadata: {name: house}
spec:
  logging: {level: WARNING, format: structured}
  kernel: {max_concurrent_nodes: 4, default_node_timeout: 60.0}
  limits: {max_llm_calls: 10, max_cost_usd: 1.5}
  caps: {deny: [secret]}
`}, false)
	system := `kind: System
metadata: {name: desk}
spec:
  ports:
    llm: {ref: prod-llm}
  processes:
    look-up:
      exec: ./parts/research.yaml
      limits: {max_llm_calls: 30, max_cost_usd: 2.00}
      caps: [llm, memory, tool:web_search]
    judge:
      exec: ./parts/analysis.yaml
      caps: [llm, memory, datastore.read]
  pipes:
    - from: look-up
      to: judge
      mapping:
        research_results: "{{ look-up.researcher.output }}"
  init: {type: manual}
`
	compiles(t, map[string]string{
		"main.yaml": system + "---\n" + prodAdapter, "parts/research.yaml": researchPipeline, "parts/analysis.yaml": analysisPipeline,
	}, true)
	compiles(t, map[string]string{"main.yaml": researchPipeline}, true)
}

// TestSeedDocument compiles every block of YAML of the seed document, completed
// by the files that it names and the nodes that it leaves out.
func TestSeedDocument(t *testing.T) {
	data, err := os.ReadFile("../../../shared/spec/roadmap.md")
	if err != nil {
		t.Skip("the seed document is not here: ", err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(data), -1)
	if len(blocks) == 0 {
		t.Fatal("it has no blocks of YAML")
	}
	nodes := "\n    - kind: llm_node\n      metadata: {name: researcher}\n      spec: {human_message: hello, model: gpt-4o-mini}\n"
	for _, b := range blocks {
		// A block may hold two excerpts; the second one is of a System.
		for i, part := range strings.Split(b[1], "\n# In System manifest\n") {
			text := strings.Replace(part, "nodes: [...]", "nodes:"+nodes, 1)
			if i > 0 {
				text = "kind: System\nmetadata: {name: excerpt}\n" + text
			}
			if strings.Contains(text, "ref: prod-llm") {
				text += "---\n" + prodAdapter
			}
			compiles(t, map[string]string{
				"main.yaml": text, "research.yaml": researchPipeline,
				"pipelines/research.yaml": researchPipeline, "pipelines/analysis.yaml": analysisPipeline,
			}, !strings.Contains(text, "kind: Config"))
		}
	}
}
