package tomlconf

import (
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

const sample = `# what was
[build-system]
requires = ["x"]

[tool.hexdag]
modules = ["a.b", "c"]
dev_mode = true
kernel.max_concurrent_nodes = 1_0
settings = { "odd key" = "on", n = 0x10, when = 2024-01-31 }

[tool.hexdag.limits]
max_llm_calls = 100
max_cost_usd = 2.50

[tool.hexdag.logging]
level = 'INFO'

[[tool.hexdag.settings.list]]
x = "a\nb"
[[tool.hexdag.settings.list]]
x = ""
`

// the settings table is inline, so it cannot be extended
var valid = strings.Replace(sample, "[[tool.hexdag.settings.list]]\nx = \"a\\nb\"\n[[tool.hexdag.settings.list]]\nx = \"\"\n", "[[tool.hexdag.list]]\nx = \"a\\nb\"\n[[tool.hexdag.list]]\nx = \"\"\n", 1)

func TestYAMLMeansTheSame(t *testing.T) {
	c := Parse(source.NewFile("pyproject.toml", []byte(valid)), true)
	if c.Tree == nil {
		t.Fatalf("no tree: %v", c.Diags)
	}
	want := `kind: Config
spec:
  modules: [a.b, c]
  dev_mode: true
  kernel:
    max_concurrent_nodes: 10
  settings:
    "odd key": "on"
    "n": 16
    when: "2024-01-31"
  limits:
    max_llm_calls: 100
    max_cost_usd: 2.50
  logging:
    level: INFO
  list:
    - x: "a\nb"
    - x: ""
`
	if c.YAML != want {
		t.Errorf("got\n%s\nwant\n%s", c.YAML, want)
	}
	again := syntax.Parse(source.NewFile("hexdag.yaml", []byte(c.YAML)), syntax.Budget{})
	if len(again.Diags) > 0 {
		t.Fatalf("the YAML has findings: %v", again.Diags)
	}
	if a, b := shown(c.Tree.Docs[0].Root), shown(again.Docs[0].Root); a != b {
		t.Errorf("the tree means\n%s\nthe text\n%s", a, b)
	}
}

// shown is a tree without places and styles.
func shown(n *syntax.Node) string {
	n = n.Deref()
	switch n.Kind {
	case syntax.Mapping:
		s := "{"
		for i := range n.Pairs {
			s += n.Pairs[i].Key.Value + ":" + shown(n.Pairs[i].Value) + ","
		}
		return s + "}"
	case syntax.Sequence:
		s := "["
		for _, x := range n.Items {
			s += shown(x) + ","
		}
		return s + "]"
	}
	r := n.Resolve()
	if r.Kind == syntax.String {
		return "\"" + n.Value + "\""
	}
	return n.Value
}

func TestPlacesAreThoseOfTheTOML(t *testing.T) {
	c := Parse(source.NewFile("pyproject.toml", []byte(valid)), true)
	spec := c.Tree.Docs[0].Root.Get("spec")
	for path, want := range map[string]string{
		"limits/max_llm_calls": "100", "logging/level": "'INFO'", "dev_mode": "true", "kernel/max_concurrent_nodes": "1_0", "settings/n": "0x10",
	} {
		n := spec
		for _, key := range strings.Split(path, "/") {
			n = n.Get(key)
		}
		if got := valid[n.Span.Start:n.Span.End]; got != want {
			t.Errorf("%s stands at %q, not %q", path, got, want)
		}
	}
	if got := valid[c.At.Span.Start:c.At.Span.End]; got != "tool.hexdag" {
		t.Errorf("the header is %q", got)
	}
}

func TestBadTOML(t *testing.T) {
	for name, text := range map[string]string{
		"broken": "[tool.hexdag\nx = 1\n", "twice": "[tool.hexdag]\nx = 1\nx = 2\n", "table twice": "[tool.hexdag]\n[tool.hexdag]\n",
		"an inline table extended": sample, "no value": "x =\n", "not UTF-8": "x = \"\xff\"\n", "NUL": "x = \"\x00\"\n",
		"deep": strings.Repeat("[", 200_000),
	} {
		c := Parse(source.NewFile("hexdag.toml", []byte(text)), false)
		if c.Tree != nil || len(c.Diags) != 1 || c.Diags[0].Help == "" {
			t.Errorf("%s: %v, %v", name, c.Tree, c.Diags)
		}
	}
}

func TestWhatIsNoConfig(t *testing.T) {
	for _, text := range []string{"", "[project]\nname = \"x\"\n", "[tool.other]\nx = 1\n"} {
		if c := Parse(source.NewFile("pyproject.toml", []byte(text)), true); c.Tree != nil || len(c.Diags) > 0 {
			t.Errorf("%q is taken for a Config: %v", text, c.Diags)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(valid))
	f.Add([]byte("a.b.c = [[1, {x = 2}], \"\"\"\nx\"\"\"]\n[[t]]\n[t.u]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := Parse(source.NewFile("hexdag.toml", data), false)
		if c.Tree == nil {
			return
		}
		again := syntax.Parse(source.NewFile("hexdag.yaml", []byte(c.YAML)), syntax.Budget{})
		for _, d := range again.Diags {
			if d.Severity.String() == "error" {
				t.Fatalf("%s\n%s", d.Message, c.YAML)
			}
		}
		if a, b := shown(c.Tree.Docs[0].Root), shown(again.Docs[0].Root); a != b {
			t.Fatalf("the tree means\n%s\nthe text\n%s\n%s", a, b, c.YAML)
		}
	})
}
