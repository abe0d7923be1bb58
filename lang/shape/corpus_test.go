package shape_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/syntax"
)

const corpusDir = "../../../shared/corpus"

type corpusCase struct {
	File     string `json:"file"`
	Expected string `json:"expected"`
	Error    string `json:"expected_error"`
}

func readCorpus(t testing.TB, index string) []corpusCase {
	f, err := os.Open(filepath.Join(corpusDir, index))
	if err != nil {
		t.Skip("the corpus is not here")
	}
	defer f.Close()
	var out []corpusCase
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var c corpusCase
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

func checkCorpusFile(t testing.TB, name string) (*syntax.Tree, []diag.Diagnostic) {
	text, err := os.ReadFile(filepath.Join(corpusDir, name))
	if err != nil {
		t.Fatal(err)
	}
	tree, _, ds := check(name, string(text))
	return tree, ds
}

// structural is the invalid manifests of the corpus whose fault is one of
// structure: by number, the code and the line where it must be found.
var structural = map[string]struct {
	code diag.Code
	line int
}{
	"tests/0004": {"HX0202", 2},
	"tests/0014": {"HX0221", 1},
	"tests/0015": {"HX0202", 5},
	"tests/0020": {"HX0211", 7},
	"tests/0023": {"HX0202", 8},
	"tests/0028": {"HX0221", 1},
	"tests/0037": {"HX0202", 1},
	"tests/0050": {"HX0210", 1},
	"tests/0051": {"HX0202", 2},
	"tests/0052": {"HX0202", 2},
	"tests/0053": {"HX0221", 1},
	"tests/0058": {"HX0202", 8},
	"tests/0059": {"HX0202", 8},
	"tests/0111": {"HX0202", 4},
	"tests/0112": {"HX0203", 5},
	"tests/0115": {"HX0202", 7},
	"tests/0116": {"HX0211", 6},
	"tests/0117": {"HX0202", 9},
	"tests/0118": {"HX0202", 9},
	"tests/0122": {"HX0214", 5},
	"tests/0126": {"HX0221", 1},
	"tests/0127": {"HX0214", 5},
	"tests/0132": {"HX0202", 9},
	"tests/0133": {"HX0202", 9},
	"tests/0134": {"HX0212", 6},
	"tests/0139": {"HX0202", 7},
	"tests/0140": {"HX0211", 6},
	"tests/0146": {"HX0202", 9},
	"tests/0147": {"HX0204", 10},
	"tests/0148": {"HX0202", 10},
	"tests/0149": {"HX0202", 10},
	"tests/0150": {"HX0202", 10},
	"tests/0151": {"HX0203", 11},
	"tests/0152": {"HX0202", 10},
	"tests/0153": {"HX0207", 13},
	"tests/0154": {"HX0202", 15},
	"tests/0155": {"HX0213", 11},
	"tests/0157": {"HX0213", 11},
	"tests/0158": {"HX0213", 16},
	"tests/0159": {"HX0202", 11},
	"tests/0161": {"HX0213", 11},
	"tests/0162": {"HX0213", 11},
	"tests/0163": {"HX0213", 10},
	"tests/0164": {"HX0213", 10},
	"tests/0165": {"HX0213", 11},
	"tests/0177": {"HX0202", 9},
	"tests/0179": {"HX0211", 6},
	"tests/0180": {"HX0202", 9},
	"tests/0181": {"HX0208", 9},
	"tests/0182": {"HX0205", 11},
	"tests/0183": {"HX0202", 12},
	"tests/0189": {"HX0202", 6},
	"tests/0221": {"HX0211", 6},
	"tests/0227": {"HX0207", 8},
	"tests/0228": {"HX0224", 7},
	"tests/0229": {"HX0208", 8},
	"tests/0230": {"HX0204", 9},
	"tests/0231": {"HX0202", 8},
	"tests/0232": {"HX0224", 17},
	"tests/0238": {"HX0202", 2},
	"tests/0239": {"HX0202", 4},
	"tests/0240": {"HX0203", 5},
	"tests/0241": {"HX0203", 6},
	"tests/0262": {"HX0221", 1},
	"tests/0266": {"HX0202", 1},
	"tests/0273": {"HX0207", 13},
	"tests/0290": {"HX0207", 31},
	"tests/0333": {"HX0202", 2},
	"tests/0334": {"HX0202", 4},
	"tests/0366": {"HX0202", 1},
	"tests/0381": {"HX0202", 5},
}

// differences is where our verdict on structure differs from the corpus, and why.
var differences = map[string]string{
	"tests/0065": "closed schema: Python hexDAG ignores the unknown field",
	"tests/0108": "closed schema: Python hexDAG ignores the unknown field",
	"tests/0123": "field_mapping was ignored; it is an error with a fix",
	"tests/0124": "field_mapping was ignored; it is an error with a fix",
	"tests/0128": "a kind that only an embedding Python program registered",
	"tests/0130": "a kind that only an embedding Python program registered",
	"tests/0274": "wait_for inside spec was ignored; it is an error with a fix",
	"tests/0275": "wait_for inside spec was ignored; it is an error with a fix",
	"tests/0356": "a Config without spec; the same text is invalid as tests/0366",
}

// faulty is the examples with errors of structure: the codes, and why.
var faulty = map[string]string{
	"examples/hexdag-studio/examples/complex_workflow.yaml":                                        "HX0213:25: then_body was ignored; it is an error with a fix",
	"examples/examples/declarative_pipeline.yaml":                                                  "HX0214:11: common_field_mappings was removed, as in Python hexDAG",
	"examples/.older/examples/demo/demo_startup_pitch@792f32a.yaml":                                "HX0212:56 HX0213:134 HX0213:159 HX0213:172 HX0213:184 HX0214:135 HX0214:160 HX0214:173 HX0214:185: conditional_node, and function_node with `function` and `args`, of a former version",
	"examples/.older/examples/demo/demo_startup_pitch@9fdfb23.yaml":                                "HX0210:4: written before `kind` existed",
	"examples/.older/examples/demo/demo_startup_pitch@5ddfd17.yaml":                                "HX0212:59 HX0213:137 HX0213:162 HX0213:174 HX0213:186 HX0214:138 HX0214:163 HX0214:175 HX0214:187: conditional_node, and function_node with `function` and `args`, of a former version",
	"examples/.older/examples/demo/demo_startup_pitch@ae40340.yaml":                                "HX0210:4: written before `kind` existed",
	"examples/.older/examples/demo/demo_startup_pitch@08ee043.yaml":                                "HX0210:4: written before `kind` existed",
	"examples/examples/manifests/sentiment-classifier.yaml":                                        "HX0212:46: a node kind of a former version",
	"examples/examples/yaml/advanced-pipeline-with-config.yaml":                                    "HX0212:124 HX0212:160: a node kind of a former version",
	"examples/examples/yaml/sentiment_classifier_with_examples.yaml":                               "HX0210:4: written before `kind` existed",
	"examples/framework-tests/project-02-agent-with-search/agent_pipeline.yaml":                    "HX0213:62: `condition` was ignored; it is an error with a fix",
	"examples/framework-tests/project-03-human-in-the-loop/hitl_pipeline.yaml":                     "HX0212:79: a node kind of a former version",
	"examples/framework-tests/project-05-conditional-edges/conditional_pipeline.yaml":              "HX0212:47: a node kind of a former version",
	"examples/framework-tests/project2-agent-with-search/agent_pipeline.yaml":                      "HX0213:62: `condition` was ignored; it is an error with a fix",
	"examples/.older/framework-tests/project2-agent-with-search/agent_pipeline@c23a56b.yaml":       "HX0213:62: `condition` was ignored; it is an error with a fix",
	"examples/framework-tests/project3-human-in-the-loop/hitl_pipeline.yaml":                       "HX0212:79: a node kind of a former version",
	"examples/.older/framework-tests/project3-human-in-the-loop/hitl_pipeline@5a71124.yaml":        "HX0212:79: a node kind of a former version",
	"examples/framework-tests/project5-conditional-edges/conditional_pipeline.yaml":                "HX0212:47: a node kind of a former version",
	"examples/.older/framework-tests/project5-conditional-edges/conditional_pipeline@054ec36.yaml": "HX0212:47: a node kind of a former version",
	"examples/hexai/pipelines/dummy/pipeline.yaml":                                                 "HX0210:1: written before `kind` existed",
	"examples/hexai/pipelines/ontology/pipeline.yaml":                                              "HX0210:1: written before `kind` existed",
	"examples/hexai/pipelines/parallel_test/pipeline.yaml":                                         "HX0210:1: written before `kind` existed",
	"examples/hexai/pipelines/petsql/pipeline.yaml":                                                "HX0210:1: written before `kind` existed",
	"examples/hexai/pipelines/text2sql/pipeline.yaml":                                              "HX0210:1: written before `kind` existed",
	"examples/llm-test.yaml":                                                                                      "HX0202:11: an llm_node without a message, invalid in Python hexDAG too",
	"examples/.older/llm-test@792f32a.yaml":                                                                       "HX0202:11: an llm_node without a message, invalid in Python hexDAG too",
	"examples/pipelines/dummy/pipeline.yaml":                                                                      "HX0210:1: written before `kind` existed",
	"examples/pipelines/ontology/pipeline.yaml":                                                                   "HX0210:1: written before `kind` existed",
	"examples/pipelines/parallel_test/pipeline.yaml":                                                              "HX0210:1: written before `kind` existed",
	"examples/pipelines/petsql/pipeline.yaml":                                                                     "HX0210:1: written before `kind` existed",
	"examples/pipelines/text2sql/pipeline.yaml":                                                                   "HX0210:1: written before `kind` existed",
	"examples/.embedded/examples/mcp/test_mcp_tools.py.001.yaml":                                                  "HX0214:13: output_key was ignored",
	"examples/.embedded/examples/mcp/test_mcp_tools.py.002.yaml":                                                  "HX0211:7: an unknown kind, on purpose",
	"examples/.embedded/notebooks/03_yaml_includes_and_composition.ipynb.008.yaml":                                "HX0201:13 HX0201:14 HX0208:12: policies of a free form that were never read",
	"examples/.embedded/notebooks/03_yaml_includes_and_composition.ipynb.009.yaml":                                "HX0201:13 HX0201:14 HX0201:16 HX0201:17 HX0208:12 HX0208:15: policies of a free form that were never read",
	"examples/.embedded/hexdag-plugins/hexdag_plugins/hexdag_etl/examples/01_simple_pandas_transform.py.017.yaml": "HX0201:35 HX0201:51 HX0214:111 HX0214:49: a plugin's fields in function_node, which ignored them",
}

func number(file string) string { return file[:len("tests/0000")] }

func TestCorpusTests(t *testing.T) {
	right, total := 0, 0
	unused := maps.Clone(differences)
	for _, c := range readCorpus(t, "tests/index.jsonl") {
		id := number(c.File)
		tree, ds := checkCorpusFile(t, c.File)
		total++
		ok := true
		fail := func(format string, args ...any) {
			if differences[id] != "" {
				delete(unused, id)
				return
			}
			ok = false
			t.Errorf("%s: "+format, append([]any{c.File}, args...)...)
		}
		want, isStructural := structural[id]
		found := false
		for _, d := range ds {
			line := tree.File.Position(int(d.Loc.Span.Start)).Line
			if d.Severity == diag.Error && d.Code == want.code && line == want.line {
				found = true
			}
			if d.Severity == diag.Error && (c.Expected == "valid" || c.Expected == "invalid" && !isStructural) {
				fail("line %d: %s %s", line, d.Code, d.Message)
			}
		}
		if isStructural && !found {
			fail("no %s on line %d for %q", want.code, want.line, c.Error)
		}
		if ok {
			right++
		}
	}
	for id, why := range unused {
		t.Errorf("%s no longer differs (%s)", id, why)
	}
	t.Logf("%d of %d", right, total)
}

func TestCorpusExamples(t *testing.T) {
	right, total := 0, 0
	seen := map[string]bool{}
	for _, c := range readCorpus(t, "examples/index.jsonl") {
		if !strings.HasSuffix(c.File, ".yaml") && !strings.HasSuffix(c.File, ".yml") {
			continue
		}
		total++
		tree, ds := checkCorpusFile(t, c.File)
		codes := map[string]bool{}
		for _, d := range ds {
			if d.Severity == diag.Error {
				codes[fmt.Sprintf("%s:%d", d.Code, tree.File.Position(int(d.Loc.Span.Start)).Line)] = true
			}
		}
		got := strings.Join(slices.Sorted(maps.Keys(codes)), " ")
		want, _, _ := strings.Cut(faulty[c.File], ": ")
		seen[c.File] = true
		if got != want {
			t.Errorf("%s: %q, want %q", c.File, got, want)
			continue
		}
		right++
	}
	for file := range faulty {
		if !seen[file] {
			t.Errorf("%s is not in the corpus", file)
		}
	}
	t.Logf("%d of %d", right, total)
}

// Nothing that can be fed in makes the checker panic, report a span outside of
// the file, or write a message in another form.
func TestCorpusDiagnosticsAreWellFormed(t *testing.T) {
	for _, index := range []string{"tests/index.jsonl", "examples/index.jsonl"} {
		for _, c := range readCorpus(t, index) {
			tree, ds := checkCorpusFile(t, c.File)
			for _, d := range ds {
				wellFormed(t, c.File, tree, d)
			}
		}
	}
}

func wellFormed(t *testing.T, name string, tree *syntax.Tree, d diag.Diagnostic) {
	t.Helper()
	size := int32(len(tree.File.Content()))
	if d.Loc.File != tree.File || d.Loc.Span.Start < 0 || d.Loc.Span.End < d.Loc.Span.Start || d.Loc.Span.End > size {
		t.Errorf("%s: %s has the span %v", name, d.Code, d.Loc.Span)
	}
	if d.Message == "" || strings.ContainsAny(d.Message, "\r\n") || strings.HasSuffix(d.Message, ".") {
		t.Errorf("%s: %s has the message %q", name, d.Code, d.Message)
	}
	if d.Severity != diag.Info && d.Help == "" {
		t.Errorf("%s: %s shows no way out: %s", name, d.Code, d.Message)
	}
	for _, f := range d.Fixes {
		for _, e := range f.Edits {
			if e.Loc.Span.Start < 0 || e.Loc.Span.End < e.Loc.Span.Start || e.Loc.Span.End > size {
				t.Errorf("%s: a fix of %s has the span %v", name, d.Code, e.Loc.Span)
			}
		}
	}
}
