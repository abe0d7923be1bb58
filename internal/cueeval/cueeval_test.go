package cueeval_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hexdag.dev/hexdag/internal/cueeval"
	"hexdag.dev/hexdag/internal/orgpolicy"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
)

// TestMain lets the test program stand for hexc-cue.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "serve" {
		if err := cueeval.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// judge checks a manifest by policies and gives `LINE:COLUMN severity message`
// for each finding.
func judge(t *testing.T, manifest string, policies ...orgpolicy.File) ([]string, error) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "m.yaml")
	if err := os.WriteFile(path, []byte(manifest), 0o644); err != nil {
		t.Fatal(err)
	}
	w, err := compile.New(compile.Options{Root: dir, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ds, err := orgpolicy.Check(context.Background(), self, policies, func(yield func(*compile.Subject) error) error {
		return w.Subjects([]string{path}, yield)
	})
	var out []string
	for _, d := range ds {
		pos := d.Loc.File.Position(int(d.Loc.Span.Start))
		s := fmt.Sprintf("%d:%d %s %s", pos.Line, pos.Column, d.Severity, d.Message)
		if d.Code == diag.PolicyFile {
			s = d.Loc.File.Path() + ":" + s
		} else if len(d.Related) != 1 || d.Related[0].Loc.IsZero() {
			s += " (no place in the policy)"
		}
		out = append(out, s)
	}
	return out, err
}

func example(t *testing.T, name string) orgpolicy.File {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../examples/policies", name))
	if err != nil {
		t.Fatal(err)
	}
	return orgpolicy.File{Name: name, Text: text}
}

const asks = `kind: Pipeline
metadata: {name: asks, namespace: NAMESPACE}
spec:
  KERNEL
  caps: {deny: [DENIED]}
  ports: {llm: {adapter: openai, config: {model: MODEL}}}
  nodes:
    - kind: llm_node
      metadata: {name: first}
      spec: {human_message: Hello, timeout: 5s}
    - kind: composite_node
      metadata: {name: loop}
      spec:
        mode: times
        count: 2
        body:
          - kind: llm_node
            metadata: {name: inner}
            spec: {human_message: Hello}
`

func with(pairs ...string) string {
	defaults := []string{"NAMESPACE", "staging", "KERNEL", "kernel: {}", "DENIED", "http", "MODEL", "gpt-4o-mini"}
	return strings.NewReplacer(append(pairs, defaults...)...).Replace(asks)
}

// TestExamplePolicies judges manifests by the policies of examples/policies.
func TestExamplePolicies(t *testing.T) {
	for _, c := range []struct {
		name, manifest, policy string
		want                   []string
	}{
		{"a node in a loop without a time-out", with(), "timeouts.cue", []string{"18:30 error the node inner calls a language model and has no time-out"}},
		{"the kernel's default counts", with("KERNEL", "kernel: {default_node_timeout: 9s}"), "timeouts.cue", nil},
		{"a policy of the pipeline counts", with("KERNEL", "policies: {slow: {type: timeout, config: {timeout: 9s}}}"), "timeouts.cue", nil},
		{"a listed model", with(), "models.cue", nil},
		{"a model that is not listed", with("MODEL", "gpt-4o"), "models.cue", []string{"6:11 error the port llm uses the model gpt-4o, which is not on the list"}},
		{"production without http", with("NAMESPACE", "production"), "models.cue", nil},
		{"production with http", with("NAMESPACE", "production", "DENIED", "secret"), "models.cue", []string{"2:35 error a pipeline in production may not make HTTP calls"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := judge(t, c.manifest, example(t, c.policy))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestPolicies(t *testing.T) {
	manifest := "kind: Pipeline\nmetadata: {name: p}\nspec:\n  limits: {max_llm_calls: 50}\n  nodes:\n    - kind: data_node\n      metadata: {name: a}\n      spec: {output: {x: 1}}\n"
	for _, c := range []struct {
		name, policy string
		want         []string
	}{
		{"a definition of the kind, with a message", "#Pipeline: {spec: {limits: {max_llm_calls: <=10 @message(\"ten calls are enough\"), ...}, ...}, ...}\n", []string{"4:27 error ten calls are enough"}},
		{"a definition of the kind, without one", "#Pipeline: {spec: {limits: {max_llm_calls: <=10, ...}, ...}, ...}\n", []string{"4:27 error max_llm_calls: invalid value 50 (out of bound <=10)"}},
		{"a field that must be there", "#Pipeline: {metadata: {author!: string, ...}, ...}\n", []string{"2:1 error author: field is required but not present"}},
		{"a definition of another kind", "#System: {nothing: \"fits\"}\n", nil},
		{"the program", "#Program: {nodes: [...{attempts: >=2, ...}], ...}\n", []string{"7:24 error attempts: invalid value 1 (out of bound >=2)"}},
		{"a warning with a path", "deny: [if manifest.kind == \"Pipeline\" {message: \"look\", severity: \"warning\", path: [\"spec\", \"nodes\", 0]}]\n", []string{"7:24 warning look"}},
		{"CUE's own packages", "import \"strings\"\ndeny: [if strings.Contains(manifest.metadata.name, \"p\") {message: \"p\", path: [\"metadata\", \"name\"]}]\n", []string{"2:18 error p"}},
		{"a fault of syntax", "#Pipeline: {\n", []string{"org.cue:2:1 error expected '}', found 'EOF'"}},
		{"an unknown name", "deny: [{message: nobody}]\n", []string{"org.cue:1:18 error reference \"nobody\" not found"}},
		{"a list that is none", "deny: 3\n", []string{"org.cue:1:7 error conflicting values 3 and [...{message!:string,path?:[...(string|int)],node?:string,help?:string,severity:(*\"error\"|\"warning\"|\"info\"),...}] (mismatched types int and list)"}},
		{"no import of a module", "import \"example.com/x\"\ndeny: []\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := judge(t, manifest, orgpolicy.File{Name: "org.cue", Text: []byte(c.policy)})
			if err != nil {
				t.Fatal(err)
			}
			if c.name == "no import of a module" {
				if len(got) == 0 || !strings.HasPrefix(got[0], "org.cue:1:") {
					t.Errorf("got %v", got)
				}
				return
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestSecretsAreNotSent: what a policy sees of a secret is the reference.
func TestSecretsAreNotSent(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-very-secret")
	manifest := strings.Replace(with(), "{model: gpt-4o-mini}", "{model: gpt-4o-mini, api_key: \"${OPENAI_API_KEY}\"}", 1)
	policy := "deny: [{message: \"\\(manifest.spec.ports.llm.config.api_key) \\(program.ports[0].config.api_key)\"}]\n"
	got, err := judge(t, manifest, orgpolicy.File{Name: "org.cue", Text: []byte(policy)})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	if strings.Contains(got[0], "sk-very-secret") || !strings.Contains(got[0], "${OPENAI_API_KEY}") {
		t.Errorf("got %q", got[0])
	}
}

func TestAnEvaluatorThatFailsIsNoPass(t *testing.T) {
	for _, program := range []string{"/bin/false", "/bin/cat", filepath.Join(t.TempDir(), "nothing")} {
		_, err := orgpolicy.Check(context.Background(), program, nil, func(func(*compile.Subject) error) error { return nil })
		if err == nil {
			t.Errorf("%s is taken for an evaluator", program)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := orgpolicy.Check(ctx, "/bin/sleep", nil, func(func(*compile.Subject) error) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
