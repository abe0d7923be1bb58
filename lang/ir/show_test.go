package ir

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/value"
)

var update = flag.Bool("update", false, "rewrite golden files")

// shown is the sample with what only showing cares about.
func shown(t *testing.T) *Program {
	p := sample()
	when := parsed(t, ModeExpr, "a.text != $input.skip", Slot{Head: "a", Kind: SlotNode}, Slot{Head: "input", Namespace: true, Kind: SlotInput})
	p.Body.Nodes[1].When = &when
	schema, err := expr.TypeFromSchema(object1("text", value.String("str")), nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Body.Nodes[0].LLM.Schema = expr.EncodeType(schema)
	p.InputSchema = p.Body.Nodes[0].LLM.Schema
	p.Ports[0].Config = object1("api_key", value.Secret("OPENAI_API_KEY"))
	p.Body.Nodes[0].Origin.Via = []Place{{File: 1, Line: 2, Column: 5}}
	return p
}

func object1(key string, v value.Value) value.Value {
	o := value.NewObject(1)
	o.Set(key, v)
	return o.Value()
}

func TestShowJSON(t *testing.T) {
	got := ShowJSON(shown(t))
	path := filepath.Join("testdata", "golden", "show.json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -update)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the program is shown as\n%s", got)
	}
}

func TestShowJSONHasItsContract(t *testing.T) {
	var doc map[string]any
	if err := json.Unmarshal(ShowJSON(shown(t)), &doc); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"ir_version", "hash", "kind", "name", "nodes", "effective", "ports", "code", "env", "inputs", "input_schema", "output", "files"} {
		if _, ok := doc[key]; !ok {
			t.Errorf("%q is missing", key)
		}
	}
	limits := doc["effective"].(map[string]any)["limits"].(map[string]any)["max_llm_calls"].(map[string]any)
	from := limits["from"].([]any)[0].(map[string]any)
	if limits["value"] != 30.0 || from["file"] != "a/b.yaml" || from["line"] != 4.0 || from["layer"] != "pipeline" {
		t.Errorf("the limit is shown as %v", limits)
	}
	node := doc["nodes"].([]any)[1].(map[string]any)
	dep := node["dependencies"].([]any)[0].(map[string]any)
	if dep["node"] != "a" || dep["why"] != "reference" || node["when"] != "a.text != $input.skip" {
		t.Errorf("the node is shown as %v", node)
	}
}

func TestShowJSONHoldsNoSecretAndNoBytes(t *testing.T) {
	text := string(ShowJSON(shown(t)))
	if !strings.Contains(text, `"${secret:OPENAI_API_KEY}"`) {
		t.Error("a reference to a secret is not shown as such")
	}
	if !strings.Contains(text, `"default_node_timeout": {
        "value": 1.5`) {
		t.Error("a duration is not shown in seconds")
	}
}
