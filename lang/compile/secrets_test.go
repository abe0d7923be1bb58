package compile

import (
	"errors"
	"strings"
	"testing"
)

// TestSecretsWhereTheyStand: a secret may stand where something outside of the run
// takes it, alone or within text, and nowhere where the run would have to read it.
func TestSecretsWhereTheyStand(t *testing.T) {
	const head = `kind: Pipeline
metadata: {name: p}
spec:
  ports: {llm: {adapter: mock_llm}, api_call: {adapter: http, config: {base_url: "https://a.test", bearer_token: "t${K_TOKEN}"}}}
  nodes:
    - kind: data_node
      metadata: {name: d}
      spec: {output: {key: "${K_TOKEN}", text: "a ${K_TOKEN}", both: "a {{ $input.x }} ${K_TOKEN}"}}
`
	for node, want := range map[string]string{
		"kind: api_call_node, spec: {method: GET, url: '/a/${K_TOKEN}', headers: {A: 'Bearer {{ d.key }}', B: '{{ d.both }}'}}": "",
		"kind: function_node, spec: {fn: 'go:f', input_mapping: {a: '${K_TOKEN}', b: d.text, c: \"{{ d.key }} x\"}}":            "",
		"kind: llm_node, spec: {human_message: 'a ${K_TOKEN}'}":                                                                 "HX0430",
		"kind: llm_node, spec: {human_message: '{{ d.key }}'}":                                                                  "HX0430",
		"kind: llm_node, spec: {human_message: 'a {{ d.key }} b'}":                                                              "HX0430",
		"kind: llm_node, spec: {system_message: '{{ d.text }}', human_message: hi}":                                             "HX0430",
		"kind: agent_node, spec: {initial_prompt_template: 'use {{ d.both }}'}":                                                 "HX0430",
		"kind: wait_node, spec: {event_key: 'x{{ d.key }}'}":                                                                    "HX0430",
		"kind: expression_node, spec: {expressions: {x: '${K_TOKEN}'}}":                                                         "HX0610",
		"kind: expression_node, spec: {expressions: {x: \"'a ${K_TOKEN}' + 'b'\"}}":                                             "HX0610",
		"kind: expression_node, spec: {expressions: {x: \"d.text + 'b'\"}}":                                                     "HX0415",
		"kind: expression_node, spec: {expressions: {x: 'd.both.upper()'}}":                                                     "HX0404",
		"kind: expression_node, spec: {expressions: {x: \"d.text == 'b'\"}}":                                                    "HX0415",
		"kind: expression_node, spec: {expressions: {x: 'd.text is not None and d.text != null'}}":                              "",
		"kind: expression_node, spec: {expressions: {x: '${K_TOKEN} == 1'}}":                                                    "HX0610",
		"kind: expression_node, spec: {when: \"${K_TOKEN} == 'a'\", expressions: {x: 1}}":                                       "HX0610",
		"kind: expression_node, spec: {timeout: '5${K_TOKEN}', expressions: {x: 1}}":                                            "HX0610",
	} {
		text := head + "    - {metadata: {name: n}, " + node + "}\n"
		w, err := New(Options{Root: t.TempDir(), Lookup: func(string) (string, bool) { return "", false }, ReadFile: func(name string) ([]byte, error) {
			if name == "m.yaml" {
				return []byte(text), nil
			}
			return nil, errors.New("no such file")
		}})
		if err != nil {
			t.Fatal(err)
		}
		_, ds, err := w.Build("m.yaml", "")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range ds {
			if d.Severity.String() == "error" {
				got = append(got, string(d.Code))
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: got %q, want %q", node, s, want)
			for _, d := range ds {
				t.Log(d.Code, d.Message)
			}
		}
	}
}
