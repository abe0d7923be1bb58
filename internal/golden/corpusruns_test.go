package golden

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// helpers stands for the Python module of two of the recorded runs.
type helpers struct{ fails bool }

func (h helpers) Load(_ context.Context, f port.FunctionSpec) (port.Function, error) {
	return port.FunctionOf(port.Hermetic, func(_ context.Context, in value.Value) (value.Value, error) {
		o, _ := in.Object()
		out := value.NewObject(1)
		switch f.Name {
		case "journal_helpers.step_one":
			v, _ := o.Get("value")
			out.Set("processed", value.String(strings.ToUpper(value.Str(v))))
		case "journal_helpers.step_two":
			if h.fails {
				return value.Null, port.Errorf(port.ClassFunction, "simulated crash in step_two")
			}
			data, _ := o.Get("data")
			d, _ := data.Object()
			v, _ := d.Get("processed")
			out.Set("final", value.String(value.Str(v)+"!"))
		default:
			return value.Null, fmt.Errorf("no function %q", f.Name)
		}
		return out.Value(), nil
	}), nil
}

// TestRecordedRuns runs what the Python implementation's own tests ran, and
// compares statuses, results of nodes and output.
func TestRecordedRuns(t *testing.T) {
	const corpus = "../../../shared/corpus/tests"
	f, err := os.Open(filepath.Join(corpus, "golden", "pipeline_runs.jsonl"))
	if err != nil {
		t.Skip("the conformance corpus is not here: ", err)
	}
	defer f.Close()
	journalRun := "0340_test_journal_saved_after_completed_wave.yaml"
	manifests := map[string]string{
		"test_run_simple_yaml_file":                               "0276_test_run_simple_yaml_file.yaml",
		"test_run_with_input_data":                                "0276_test_run_simple_yaml_file.yaml",
		"test_run_from_string_two_nodes":                          "0277_test_run_from_string_two_nodes.yaml",
		"test_port_override_replaces_yaml_port":                   "0278_test_port_override_replaces_yaml_port.yaml",
		"test_run_raises_on_missing_env_var":                      "0279_test_run_raises_on_missing_env_var.yaml",
		"test_run_id_populated_and_stripped_from_results":         "0339_test_run_id_populated_and_stripped_from_results.yaml",
		"test_journal_saved_after_completed_wave":                 journalRun,
		"test_resume_from_journal_skips_completed_nodes":          journalRun,
		"test_journal_enabled_by_default_with_checkpoint_storage": journalRun,
	}
	lines, n := bufio.NewScanner(f), 0
	for lines.Scan() {
		rec, ok := object(t, lines.Text()).Object()
		if !ok {
			t.Fatal("a record is no object")
		}
		get := func(name string) value.Value { v, _ := rec.Get(name); return v }
		name, _ := get("test").AsString()
		name = name[strings.LastIndex(name, ":")+1:]
		n++
		t.Run(name, func(t *testing.T) {
			file := manifests[name]
			if file == "" {
				t.Fatal("no manifest is known for it")
			}
			w, err := compile.New(compile.Options{Root: corpus, Dir: corpus, Lookup: func(string) (string, bool) { return "", false }})
			if err != nil {
				t.Fatal(err)
			}
			p, ds, err := w.Build(filepath.Join(corpus, file), "")
			if err != nil || p == nil {
				t.Fatalf("it does not compile: %v %v", err, ds)
			}
			loaded, err := runtime.LoadIR(p)
			if err != nil {
				t.Fatal(err)
			}
			status, _ := get("status").AsString()
			reg := runtime.Builtin()
			reg.AddHost("python", helpers{fails: status == "raise"})
			r, err := runtime.New(runtime.Options{Registry: reg, Secrets: noSecrets{}})
			if err != nil {
				t.Fatal(err)
			}
			res, err := r.Run(t.Context(), loaded, get("input"))
			if status == "raise" {
				// Nothing uses the port whose secret is missing, so ours runs.
				if name == "test_run_raises_on_missing_env_var" {
					if err != nil || res.Status != journal.Completed {
						t.Errorf("the run is %v, %v", res, err)
					}
					return
				}
				if err != nil || res.Status != journal.Failed || !strings.Contains(res.Error.Message, "simulated crash in step_two") {
					t.Errorf("the run is %v, %v", res, err)
				}
				return
			}
			if err != nil || res.Status != journal.Completed {
				t.Fatalf("the run is %v, %v", res, err)
			}
			nodes, _ := get("node_results").Object()
			for i := range res.Nodes {
				want, _ := nodes.Get(res.Nodes[i].Name)
				if res.Nodes[i].Status != machine.Completed || !value.Equal(res.Nodes[i].Output, want) {
					t.Errorf("%s is %s %s, recorded was %s", res.Nodes[i].Name, res.Nodes[i].Status, jsonOf(res.Nodes[i].Output), jsonOf(want))
				}
			}
			if !value.Equal(res.Output, get("output")) {
				t.Errorf("the output is %s, recorded was %s", jsonOf(res.Output), jsonOf(get("output")))
			}
		})
	}
	if n != 9 {
		t.Errorf("%d records, want 9", n)
	}
}

// noSecrets has none.
type noSecrets struct{}

func (noSecrets) Secret(_ context.Context, name string) (string, error) {
	return "", fmt.Errorf("there is no secret %s", name)
}
