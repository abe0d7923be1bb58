package schema

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestTableIsUpToDate(t *testing.T) {
	names, err := fs.Glob(Sources(), "*.cue")
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(names)
	h := sha256.New()
	for _, name := range names {
		text, err := fs.ReadFile(Sources(), name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(h, "%s\n%d\n%s", name, len(text), text)
	}
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != sourceSum {
		t.Fatal("table_gen.go was made from other CUE files than these: run go generate ./schema")
	}
}

func TestReferenceIsUpToDate(t *testing.T) {
	dir := filepath.Join("..", "docs", "reference")
	pages := Pages()
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if string(got) != want {
			t.Errorf("docs/reference/%s is out of date: run go generate ./schema", name)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := pages[f.Name()]; !ok && strings.HasPrefix(string(text), PageHead) {
			t.Errorf("docs/reference/%s is not generated any more", f.Name())
		}
	}
}

// Links of the reference lead to headings that exist.
func TestReferenceLinks(t *testing.T) {
	pages := Pages()
	anchors := map[string]bool{}
	all := maps.Clone(pages)
	other, err := os.ReadFile(filepath.Join("..", "docs", "reference", "expressions.md")) // of internal/exprdoc
	if err != nil {
		t.Fatal(err)
	}
	all["expressions.md"] = string(other)
	for name, text := range all {
		anchors[name] = true
		for _, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "#") {
				h := strings.ToLower(strings.TrimLeft(line, "# "))
				anchors[name+"#"+strings.ReplaceAll(strings.ReplaceAll(h, "`", ""), " ", "-")] = true
			}
		}
	}
	links := 0
	for name, text := range pages {
		for rest := text; ; {
			i := strings.Index(rest, "](")
			if i < 0 {
				break
			}
			rest = rest[i+2:]
			to := rest[:strings.IndexByte(rest, ')')]
			if strings.HasPrefix(to, "#") {
				to = name + to
			}
			links++
			if !anchors[to] {
				t.Errorf("%s links to %s, which does not exist", name, to)
			}
		}
	}
	if links < 100 {
		t.Errorf("only %d links", links)
	}
}

func TestOnlyStandardLibrary(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range f.Imports {
			path, _ := strconv.Unquote(imp.Path.Value)
			if strings.Contains(path, ".") {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}

func TestTableIsComplete(t *testing.T) {
	if len(Defs()) < 60 {
		t.Fatalf("only %d definitions", len(Defs()))
	}
	for i := range Defs() {
		d := &Defs()[i]
		if d.Doc == "" || !strings.HasSuffix(strings.TrimRight(d.Doc, "`"), ".") && !strings.Contains(d.Doc, ":") {
			t.Errorf("%s: doc %q", d.Name, d.Doc)
		}
		if !slices.IsSortedFunc(d.Keys, func(a, b Key) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s: keys are not sorted", d.Name)
		}
		for j := range d.Fields {
			f := &d.Fields[j]
			if f.Doc == "" || f.Type == nil {
				t.Errorf("%s.%s: no doc or type", d.Name, f.Name)
			}
			if got := d.Field(f.Name); got != f {
				t.Errorf("%s.%s is not found by its name", d.Name, f.Name)
			}
			for _, a := range f.Aliases {
				got, key, ok := d.Find(a)
				if !ok || got != f || key.Status != Alias && key.Status != Deprecated {
					t.Errorf("%s.%s is not found as %s", d.Name, f.Name, a)
				}
				if d.Field(a) != nil {
					t.Errorf("%s: %s passes for a canonical name", d.Name, a)
				}
			}
			if f.Default != "" && !json.Valid([]byte(f.Default)) {
				t.Errorf("%s.%s: default %s is no JSON", d.Name, f.Name, f.Default)
			}
			if f.Use != "" && d.Field(f.Use) == nil {
				t.Errorf("%s.%s: its replacement %s does not exist", d.Name, f.Name, f.Use)
			}
			if f.Select != nil && d.Field(f.Select.By) == nil {
				t.Errorf("%s.%s depends on %s, which does not exist", d.Name, f.Name, f.Select.By)
			}
		}
	}
}

func TestKinds(t *testing.T) {
	for _, k := range []string{"Pipeline", "System", "Macro", "Config", "Adapter", "Policy", "Middleware", "Test"} {
		if d := Kind(k); d == nil || d.Kind != k || d.Field("spec") == nil {
			t.Errorf("Kind(%s) = %v", k, d)
		}
	}
	for _, k := range []string{"", "pipeline", "PipelineSpec", "Limits"} {
		if Kind(k) != nil {
			t.Errorf("Kind(%q) exists", k)
		}
	}
}

func TestNodeKindSpellings(t *testing.T) {
	for _, c := range []struct {
		spelling, target string
		status           SpellingStatus
	}{
		{"llm_node", "llm_node", SpellingCanonical},
		{"core:llm_node", "llm_node", SpellingAlias},
		{"llm", "llm_node", SpellingAlias},
		{"core:llm", "llm_node", SpellingAlias},
		{"hexdag.stdlib.nodes.LLMNode", "llm_node", SpellingAlias},
		{"hexdag.stdlib.nodes.llm_node.LLMNode", "llm_node", SpellingAlias},
		{"hexdag.builtin.nodes.LLMNode", "llm_node", SpellingDeprecated},
		{"agent", "agent_node", SpellingAlias},
		{"re_act_agent_node", "agent_node", SpellingAlias},
		{"core:re_act_agent_node", "agent_node", SpellingAlias},
		{"hexdag.stdlib.nodes.ReActAgentNode", "agent_node", SpellingAlias},
		{"function", "function_node", SpellingAlias},
		{"expression", "expression_node", SpellingAlias},
		{"data", "data_node", SpellingAlias},
		{"static_node", "data_node", SpellingDeprecated},
		{"composite", "composite_node", SpellingAlias},
		{"api_call", "api_call_node", SpellingAlias},
		{"hexdag.stdlib.nodes.ApiCallNode", "api_call_node", SpellingAlias},
		{"service_call", "service_call_node", SpellingAlias},
		{"system:service_call", "service_call_node", SpellingAlias},
		{"system:service_call_node", "service_call_node", SpellingAlias},
		{"step_call", "service_call_node", SpellingAlias},
		{"core:step_call", "service_call_node", SpellingAlias},
		{"transition", "transition", SpellingCanonical},
		{"transition_node", "transition", SpellingAlias},
		{"core:transition", "transition", SpellingAlias},
		{"hexdag.stdlib.nodes.TransitionNode", "transition", SpellingAlias},
		{"wait_node", "wait_node", SpellingCanonical},
		{"macro_invocation", "macro_invocation", SpellingCanonical},
		{"loop_node", "composite_node", SpellingHistorical},
		{"core:loop_node", "composite_node", SpellingHistorical},
		{"core:conditional", "composite_node", SpellingHistorical},
		{"conditional_node", "composite_node", SpellingHistorical},
		{"tool_call_node", "function_node", SpellingHistorical},
		{"port_call_node", "service_call_node", SpellingHistorical},
		{"prompt_node", "llm_node", SpellingHistorical},
		{"parser_node", "llm_node", SpellingHistorical},
		{"checkpoint_node", "", SpellingHistorical},
	} {
		info, s, ok := NodeKind(c.spelling)
		if !ok || s.Target != c.target || s.Status != c.status || s.Name != c.spelling {
			t.Errorf("NodeKind(%s) = %+v, %t", c.spelling, s, ok)
		}
		if (info == nil) != (c.target == "") || info != nil && info.Spec().Node != c.target {
			t.Errorf("NodeKind(%s): info %v", c.spelling, info)
		}
	}
	for _, s := range []string{"", "llm_nodee", "core:", "core:nope", "system:llm_node", "core:hexdag.stdlib.nodes.LLMNode",
		"hexdag.stdlib.nodes.NoSuchNode", "mock_llm", "LLM_NODE"} {
		if _, _, ok := NodeKind(s); ok {
			t.Errorf("NodeKind(%q) exists", s)
		}
	}
}

func TestAdapters(t *testing.T) {
	for spelling, want := range map[string]string{
		"mock_llm": "mock_llm", "llm:mock": "mock_llm", "MockLLM": "mock_llm", "plugin:mock_llm": "mock_llm",
		"hexdag.stdlib.adapters.mock.MockLLM": "mock_llm", "openai": "openai", "open_ai_adapter": "openai",
		"hexdag.stdlib.adapters.openai.openai_adapter.OpenAIAdapter": "openai", "sq_lite_adapter": "sqlite",
		"database:pgvector": "pgvector", "tool_router:default": "tool_router",
	} {
		if a, ok := Adapter(spelling); !ok || a.Name != want {
			t.Errorf("Adapter(%s) = %v", spelling, a)
		}
	}
	for name, want := range map[string]bool{
		"mock_llm": true, "myapp.adapters.Mine": true, "plugin:mine": true, "mock_lm": false,
		"hexdag.stdlib.adapters.mock.MockLM": false, "": false, ".": false, "a.": false, "core:mine": false,
	} {
		if IsAdapterName(name) != want {
			t.Errorf("IsAdapterName(%q) = %t", name, !want)
		}
	}
}

func TestPortsAndCaps(t *testing.T) {
	for name, want := range map[string]string{"llm": "llm", "database": "database", "messaging": "notification", "mine": ""} {
		if got := PortTypeOf(name); got != want {
			t.Errorf("PortTypeOf(%s) = %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"embedding": "llm", "vector": "datastore", "tool_router": "tool:*", "executor": ""} {
		if got, ok := PortCap(name); !ok || got != want {
			t.Errorf("PortCap(%s) = %q, %t", name, got, ok)
		}
	}
	if _, ok := PortCap("mine"); ok {
		t.Error("an unknown port type has a capability")
	}
	for name, want := range map[string]bool{
		"llm": true, "datastore.read": true, "tool:web_search": true, "tool:*": true, "tool": true, "*": true,
		"lm": false, "llm:x": false, "tool:": false, "datastore.delete": false,
	} {
		if KnownCap(name) != want {
			t.Errorf("KnownCap(%s) = %t", name, !want)
		}
	}
	for i := range capSpellings {
		if !KnownCap(capSpellings[i].Target) {
			t.Errorf("%s means %s, which is no capability", capSpellings[i].Name, capSpellings[i].Target)
		}
	}
	for _, p := range PortTypes() {
		if p.Cap != "" && !KnownCap(p.Cap) {
			t.Errorf("port type %s needs %s, which is no capability", p.Name, p.Cap)
		}
	}
	for _, a := range Adapters() {
		if _, ok := PortCap(a.Port); !ok {
			t.Errorf("adapter %s serves %s, which is no port type", a.Name, a.Port)
		}
	}
}

func TestLookup(t *testing.T) {
	for path, want := range map[string]string{
		"Pipeline":                             "Pipeline",
		"Pipeline.spec.limits.max_llm_calls":   "Pipeline.spec.limits.max_llm_calls",
		"pipeline.spec.orchestrator.timeout":   "Pipeline.spec.kernel.default_node_timeout",
		"llm_node.output_schema":               "llm_node.output_schema",
		"core:llm.prompt_template":             "llm_node.human_message",
		"hexdag.stdlib.nodes.LLMNode.model":    "llm_node.model",
		"Pipeline.spec.ports.adapter":          "Pipeline.spec.ports.adapter",
		"Pipeline.spec.ports.llm.adapter":      "Pipeline.spec.ports.llm.adapter",
		"Pipeline.spec.nodes.spec.mode":        "Pipeline.spec.nodes.spec.mode",
		"Pipeline.spec.nodes.metadata.name":    "Pipeline.spec.nodes.metadata.name",
		"System.spec.processes.a.caps.grant":   "System.spec.processes.a.caps.grant",
		"Policy.spec.config.failure_threshold": "Policy.spec.config.failure_threshold",
		"retry_policy.max_retries":             "retry_policy.max_retries",
		"port.middleware":                      "port.middleware",
		"Test.spec.cases.expect.usage.min":     "Test.spec.cases.expect.usage.min",
	} {
		p, err := Lookup(path)
		if path == "Test.spec.cases.expect.usage.min" {
			if err == nil {
				t.Errorf("%s exists: usage is no map", path)
			}
			continue
		}
		if err != nil || p.Path != want {
			t.Errorf("Lookup(%s) = %v, %v", path, p, err)
		}
	}
	for path, want := range map[string]string{
		"Pipelin":                     `"Pipelin" is no kind, node kind or definition`,
		"Pipeline.spec.limitz":        `Pipeline.spec has no field "limitz"`,
		"Pipeline.spec.limits.max":    `Pipeline.spec.limits has no field "max"`,
		"llm_node.output_schema.name": `llm_node.output_schema has no field "name"`,
		"":                            `"" is no kind, node kind or definition`,
	} {
		_, err := Lookup(path)
		var e *LookupError
		if !errors.As(err, &e) || err.Error() != want {
			t.Errorf("Lookup(%s): %v", path, err)
		}
		if path == "Pipeline.spec.limitz" && !slices.Contains(e.Known, "limits") {
			t.Errorf("known fields: %v", e.Known)
		}
	}
	if got := WithField("max_llm_calls"); len(got) != 1 || got[0].Path != "limits.max_llm_calls" {
		t.Errorf("WithField(max_llm_calls) = %v", got)
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "5m": 5 * time.Minute, "1d12h": 36 * time.Hour, "500ms": 500 * time.Millisecond,
		"1.5h": 90 * time.Minute, "2w": 14 * 24 * time.Hour, "1m30s": 90 * time.Second, "0s": 0, "1h1ms": time.Hour + time.Millisecond,
	} {
		if got, ok := ParseDuration(text); !ok || got != want {
			t.Errorf("ParseDuration(%s) = %v, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "30", "s", "5 m", "-5s", "5x", "1..5s", "1.s", ".5s", "5S", "99999999999w", "1e3s", "５s"} {
		if got, ok := ParseDuration(text); ok {
			t.Errorf("ParseDuration(%q) = %v", text, got)
		}
	}
}

func TestJSONSchema(t *testing.T) {
	for _, kind := range append([]string{"", "llm_node", "port"}, KindNames()...) {
		text, err := JSONSchema(kind)
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		defs := doc["$defs"].(map[string]any)
		var walk func(v any)
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				if ref, ok := v["$ref"].(string); ok && defs[strings.TrimPrefix(ref, "#/$defs/")] == nil {
					t.Errorf("%s: %s leads nowhere", kind, ref)
				}
				for _, x := range v {
					walk(x)
				}
			case []any:
				for _, x := range v {
					walk(x)
				}
			}
		}
		walk(doc)
	}
	if _, err := JSONSchema("Pipelin"); err == nil {
		t.Error("there is a schema for a kind that does not exist")
	}
}

func TestCUE(t *testing.T) {
	text, err := CUE("Config")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"package schema\n", "// A Config", "#Config: {", "#ConfigSpec: {", "#Limits: {", "#Dynamic: "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the CUE of Config", want)
		}
	}
	if strings.Contains(text, "#LLMNodeSpec") {
		t.Error("the CUE of Config holds node kinds")
	}
	all, err := CUE("")
	if err != nil || !strings.Contains(all, "#LLMNodeSpec: {") {
		t.Errorf("the whole schema: %v", err)
	}
	if _, err := CUE("Pipelin"); err == nil {
		t.Error("there is CUE for a kind that does not exist")
	}
}

func TestMarkdown(t *testing.T) {
	for _, kind := range []string{"", "Pipeline", "llm_node", "limits"} {
		text, err := Markdown(kind)
		if err != nil || !strings.HasPrefix(strings.TrimPrefix(text, PageHead), "# ") {
			t.Errorf("Markdown(%s): %.60q, %v", kind, text, err)
		}
	}
	if _, err := Markdown("Pipelin"); err == nil {
		t.Error("there is a page for a kind that does not exist")
	}
}

// Nothing of the table is computed when a program starts.
func BenchmarkFind(b *testing.B) {
	d := ByName("LLMNodeSpec")
	for b.Loop() {
		d.Find("human_message")
	}
}
