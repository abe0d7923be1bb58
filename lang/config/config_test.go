package config_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expand"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// layer reads what a layer configures from the spec of a Pipeline (or, at the
// level of a Config, of a Config).
func layer(t testing.TB, level config.Level, spec string) config.Layer {
	t.Helper()
	head := "kind: Pipeline\nmetadata: {name: x}\nspec:\n  nodes: []\n"
	if level == config.Config {
		head = "kind: Config\nspec:\n"
	}
	text := head + indent(spec)
	f := ast.Build(source.NewFile(level.String()+".yaml", []byte(text)), expand.Options{})
	for _, d := range f.Diags {
		if d.Severity == diag.Error && d.Code != "HX0214" { // `grant` is a process's
			t.Fatalf("%s\n%s", d.Message, text)
		}
	}
	if c := f.Docs[0].Config; c != nil {
		return config.Layer{Level: level, File: f, Configuration: &c.Configuration}
	}
	return config.Layer{Level: level, File: f, Configuration: &f.Docs[0].Pipeline.Configuration}
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n  ") + "\n"
}

// granting gives a layer the grants of a process.
func granting(l config.Layer, caps ...string) config.Layer {
	c := *l.Configuration
	set := ast.Caps{}
	if c.Caps != nil {
		set = *c.Caps
	}
	for _, name := range caps {
		set.Grant = append(set.Grant, ast.Ident{Name: name})
	}
	c.Caps = &set
	l.Configuration = &c
	return l
}

func resolve(layers ...config.Layer) (config.Effective, []diag.Diagnostic) {
	return config.Resolve(layers, config.Definitions{})
}

func codes(ds []diag.Diagnostic) string {
	var out []string
	for _, d := range ds {
		out = append(out, string(d.Code))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func text(list []config.Setting, name string) string {
	s, ok := config.Get(list, name)
	if !ok {
		return "none"
	}
	return value.Str(s.Value) + " " + s.From[0].Layer
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name, pipeline, process, system, conf string
		want, findings                        string
	}{
		{name: "a Config's limit is a default", conf: "limits: {max_llm_calls: 100}", want: "100 config"},
		{name: "a Pipeline may be above a Config's default", pipeline: "limits: {max_llm_calls: 200}", conf: "limits: {max_llm_calls: 100}", want: "200 pipeline"},
		{name: "the tightest of the binding layers holds", pipeline: "limits: {max_llm_calls: 20}", process: "limits: {max_llm_calls: 10}", system: "limits: {max_llm_calls: 30}", want: "10 process", findings: "HX0606"},
		{name: "a Pipeline can lower", pipeline: "limits: {max_llm_calls: 5}", system: "limits: {max_llm_calls: 30}", want: "5 pipeline"},
		{name: "a Pipeline cannot raise", pipeline: "limits: {max_llm_calls: 50}", system: "limits: {max_llm_calls: 30}", want: "30 system", findings: "HX0606"},
		{name: "equal is no raise", pipeline: "limits: {max_llm_calls: 30}", system: "limits: {max_llm_calls: 30}", want: "30 system"},
		{name: "zero is a limit", pipeline: "limits: {max_llm_calls: 0}", want: "0 pipeline"},
		{name: "none is none", want: "none"},
		{name: "a resource_limit policy is a limit of its layer", pipeline: "policies: {money: {type: resource_limit, config: {max_llm_calls: 7}}}", conf: "limits: {max_llm_calls: 100}", want: "7 pipeline"},
		{name: "the layer's own field beats its policy", pipeline: "limits: {max_llm_calls: 9}\npolicies: {money: {type: resource_limit, config: {max_llm_calls: 7}}}", want: "9 pipeline"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, ds := resolve(stack(t, c.pipeline, c.process, c.system, c.conf)...)
			if got := text(e.Limits, "max_llm_calls"); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if got := codes(ds); got != c.findings {
				t.Errorf("findings %q, want %q", got, c.findings)
			}
		})
	}
}

func stack(t testing.TB, pipeline, process, system, conf string) []config.Layer {
	var out []config.Layer
	for i, spec := range []string{pipeline, process, system, conf} {
		if spec != "" {
			out = append(out, layer(t, config.Level(i+1), spec))
		}
	}
	return out
}

func TestAttributesGoWithTheLimit(t *testing.T) {
	e, _ := resolve(stack(t, "limits: {on_limit: raise}", "", "limits: {max_llm_calls: 3, on_limit: skip}", "limits: {warning_threshold: 0.5}")...)
	if got := text(e.Limits, "on_limit"); got != "skip system" {
		t.Error(got)
	}
	if got := text(e.Limits, "warning_threshold"); got != "0.5 config" {
		t.Error(got)
	}
	if e, _ := resolve(stack(t, "limits: {on_limit: skip}", "", "", "")...); len(e.Limits) != 0 {
		t.Errorf("without a limit there is nothing to warn of: %v", e.Limits)
	}
}

func TestKernelIsNearest(t *testing.T) {
	e, _ := resolve(stack(t, "kernel: {max_concurrent_nodes: 3}", "kernel: {on_failure: abort}", "kernel: {max_concurrent_nodes: 4, on_failure: continue}", "kernel: {default_node_timeout: 5s}")...)
	for name, want := range map[string]string{"max_concurrent_nodes": "3 pipeline", "on_failure": "abort process", "default_node_timeout": "5000000000 config", "max_scopes": "1000000 built-in"} {
		if got := text(e.Kernel, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	s, _ := config.Get(e.Kernel, "max_concurrent_nodes")
	if len(s.From) != 2 || s.From[1].Note != "ignored: the pipeline is nearer" {
		t.Errorf("the layer that lost is not in the chain: %+v", s.From)
	}
	e, _ = resolve(stack(t, "kernel: {max_concurrent_nodes: null}", "", "", "kernel: {max_concurrent_nodes: 4}")...)
	if got := text(e.Kernel, "max_concurrent_nodes"); got != "10 pipeline" {
		t.Errorf("null resets to the built-in, not %s", got)
	}
}

func TestCaps(t *testing.T) {
	for _, c := range []struct {
		name, pipeline, process, system, conf string
		grant                                 []string
		allows, denies                        string
		findings                              string
	}{
		{name: "absent means unrestricted", allows: "llm tool:x secret"},
		{name: "an empty list means nothing", pipeline: "caps: []", denies: "llm memory"},
		{name: "layers intersect", pipeline: "caps: [llm, datastore]", system: "caps: [llm, datastore.read]", allows: "llm datastore.read", denies: "datastore.write memory"},
		{name: "a Config's default holds where nobody lists", conf: "caps: {default_set: [llm]}", allows: "llm", denies: "memory"},
		{name: "a list replaces a Config's default", pipeline: "caps: [memory]", conf: "caps: {default_set: [llm]}", allows: "memory", denies: "llm", findings: "HX0614"},
		{name: "an empty default set allows nothing", conf: "caps: {default_set: []}", denies: "llm"},
		{name: "denials unite", pipeline: "caps: {deny: [http]}", conf: "caps: {deny: [secret]}", allows: "llm", denies: "http secret"},
		{name: "a denial covers what is under it", conf: "caps: {deny: [datastore]}", denies: "datastore.read datastore", allows: "llm"},
		{name: "a Config's denial cannot be listed away", pipeline: "caps: [llm, secret]", conf: "caps: {deny: [secret]}", allows: "llm", denies: "secret", findings: "HX0613"},
		{name: "a process can grant what a Config denies", process: "caps: [llm, secret]", grant: []string{"secret"}, conf: "caps: {deny: [secret]}", allows: "llm secret"},
		{name: "a grant must be allowed", process: "caps: [llm]", grant: []string{"secret"}, conf: "caps: {deny: [secret]}", denies: "secret2", findings: "HX0615"},
		{name: "a grant lifts no denial of the Pipeline", pipeline: "caps: {deny: [secret]}", process: "caps: {}", grant: []string{"secret"}, denies: "secret", findings: "HX0616"},
		{name: "a part of a denial cannot be granted", process: "caps: {}", grant: []string{"datastore.read"}, conf: "caps: {deny: [datastore]}", denies: "datastore.read", findings: "HX0616"},
		{name: "a Pipeline cannot add to its System", pipeline: "caps: [llm, http]", system: "caps: [llm]", allows: "llm", denies: "http", findings: "HX0613"},
		{name: "a profile of a Config", pipeline: "caps: {profile: quiet}", conf: "caps: {profiles: {quiet: {allow: [llm, secret], deny: [secret]}}}", allows: "llm", denies: "memory secret", findings: "HX0613"},
		{name: "an unknown profile allows nothing", pipeline: "caps: {profile: nope}", denies: "llm", findings: "HX0612"},
		{name: "upstream's names", pipeline: `caps: [port.llm, mem.read]`, allows: "llm memory", denies: "datastore", findings: "HX0603 HX0603"},
		{name: "all tools", pipeline: `caps: ["tool:*"]`, allows: "tool:a tool:b", denies: "llm"},
		{name: "one tool", pipeline: `caps: ["tool:a"]`, allows: "tool:a", denies: "tool:b tool:*"},
	} {
		t.Run(c.name, func(t *testing.T) {
			layers := stack(t, c.pipeline, c.process, c.system, c.conf)
			for i := range layers {
				if layers[i].Level == config.Process && c.grant != nil {
					layers[i] = granting(layers[i], c.grant...)
				}
			}
			e, ds := resolve(layers...)
			for _, cap := range strings.Fields(c.allows) {
				if !e.Caps.Allows(cap) {
					t.Errorf("%s is not allowed by %+v", cap, e.Caps)
				}
			}
			for _, cap := range strings.Fields(c.denies) {
				if e.Caps.Allows(cap) && cap != "secret2" {
					t.Errorf("%s is allowed by %+v", cap, e.Caps)
				}
			}
			if got := codes(ds); got != c.findings {
				t.Errorf("findings %q, want %q", got, c.findings)
			}
			if len(e.Caps.From) == 0 {
				t.Error("it has no provenance")
			}
		})
	}
}

var someCaps = []string{"llm", "memory", "datastore", "datastore.read", "datastore.write", "tool:a", "tool:b", "tool:*", "secret", "http", "*", "file", "file.read"}

// TestCapsAreMonotone: whatever further binding layer is added, nothing is
// allowed that was not before.
func TestCapsAreMonotone(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		layers := stack(t, "kernel: {}", "kernel: {}", "kernel: {}", "kernel: {}")
		for i := range layers {
			randomCaps(r, &layers[i])
		}
		with, _ := resolve(layers...)
		for drop := range 3 { // any of Pipeline, process, System; a Config's list is a default
			fewer := slices.Delete(slices.Clone(layers), drop, drop+1)
			binding := slices.ContainsFunc(fewer, func(l config.Layer) bool { return l.Level != config.Config && l.Caps != nil && l.Caps.Listed })
			if !binding {
				continue
			}
			without, _ := resolve(fewer...)
			for _, cap := range someCaps {
				if with.Caps.Allows(cap) && !without.Caps.Allows(cap) {
					t.Fatalf("%s is allowed only because of the %s\nwith %+v\nwithout %+v", cap, layers[drop].Level, with.Caps, without.Caps)
				}
			}
		}
	}
}

func randomCaps(r *rand.Rand, l *config.Layer) {
	c := *l.Configuration
	l.Configuration = &c
	pick := func() []ast.Ident {
		var out []ast.Ident
		for range r.IntN(4) {
			out = append(out, ast.Ident{Name: someCaps[r.IntN(len(someCaps))]})
		}
		return out
	}
	switch r.IntN(4) {
	case 0:
		c.Caps = nil
	case 1:
		c.Caps = &ast.Caps{Deny: pick()}
	default:
		c.Caps = &ast.Caps{Listed: true, List: pick(), Deny: pick()}
	}
}

// TestLimitsAreMonotone: a further layer of a System never raises a limit.
func TestLimitsAreMonotone(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		layers := stack(t, "kernel: {}", "kernel: {}", "kernel: {}", "")
		for i := range layers {
			if r.IntN(3) > 0 {
				c := *layers[i].Configuration
				c.Limits = []ast.Setting{{Name: "max_llm_calls", Value: value.Int(int64(r.IntN(5)))}}
				layers[i].Configuration = &c
			}
		}
		all, _ := resolve(layers...)
		for drop := range layers {
			fewer, _ := resolve(slices.Delete(slices.Clone(layers), drop, drop+1)...)
			a, okA := config.Get(all.Limits, "max_llm_calls")
			b, okB := config.Get(fewer.Limits, "max_llm_calls")
			x, _ := a.Value.AsInt()
			y, _ := b.Value.AsInt()
			if okB && (!okA || x > y) {
				t.Fatalf("with the %s the limit is %v, without %v", layers[drop].Level, a.Value, b.Value)
			}
		}
	}
}

func TestPorts(t *testing.T) {
	node := func(kind, name string) *ast.Node { return &ast.Node{Kind: kind, Name: ast.Ident{Name: name}} }
	for _, c := range []struct {
		name, pipeline, process, system, conf string
		want                                  string
	}{
		{name: "the Config supplies what nobody declares", conf: "ports: {llm: {adapter: mock_llm, config: {a: 1}}}", want: "llm mock_llm {'a': 1} config"},
		{name: "settings of one adapter are laid over one another", pipeline: "ports: {llm: {adapter: openai, config: {model: b}}}", conf: "ports: {llm: {adapter: \"llm:openai\", config: {model: a, temperature: 0}}}", want: "llm openai {'model': 'b', 'temperature': 0} pipeline"},
		{name: "another adapter replaces the entry", pipeline: "ports: {llm: {adapter: openai, config: {model: b}}}", conf: "ports: {llm: {adapter: mock_llm, config: {x: 1}}}", want: "llm openai {'model': 'b'} pipeline"},
		{name: "settings alone are laid over what is there", pipeline: "ports: {llm: {config: {model: c}}}", system: "ports: {llm: {adapter: openai, config: {model: a, seed: 1}}}", want: "llm openai {'model': 'c', 'seed': 1} pipeline"},
		{name: "a process decides before its Pipeline", pipeline: "ports: {llm: {adapter: openai}}", process: "ports: {llm: {adapter: mock_llm}}", want: "llm mock_llm {} process"},
		{name: "type_ports come before ports of any layer", pipeline: "ports: {llm: {adapter: openai}}", conf: "type_ports: {agent_node: {llm: {adapter: mock_llm}}}", want: "agent_node/llm mock_llm {} config"},
		{name: "node_ports come before type_ports", pipeline: "node_ports: {a: {llm: {adapter: anthropic}}}\ntype_ports: {agent_node: {llm: {adapter: mock_llm}}}", want: "node/a/llm anthropic {} pipeline"},
		{name: "null takes a port away", pipeline: "ports: {llm: null}", conf: "ports: {llm: {adapter: mock_llm}}", want: "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, _ := resolve(stack(t, c.pipeline, c.process, c.system, c.conf)...)
			got := "none"
			if p := e.Ports.Of(node("agent_node", "a"), "a", "llm"); p != nil {
				got = fmt.Sprintf("%s %s %s %s", p.Key, p.Spec.Adapter.Name, value.Repr(p.Spec.Config), p.From[0].Layer)
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestPolicies(t *testing.T) {
	for _, c := range []struct {
		name, pipeline, system, conf string
		want, findings               string
	}{
		{name: "slot by slot the nearest", pipeline: "policies: {again: {type: retry}}", conf: "policies: {again: {type: retry}, slow: {type: timeout, config: {timeout: 5s}}}", want: "again:retry:pipeline slow:timeout:config"},
		{name: "null takes a slot away", pipeline: "policies: {again: null}", conf: "policies: {again: {type: retry}}", want: ""},
		{name: "of one type the nearest, whatever the slot", pipeline: "policies: {mine: {type: retry}}", conf: "policies: {again: {type: retry}}", want: "mine:retry:pipeline"},
		{name: "rates add up", pipeline: "policies: {a: {type: rate_limit, config: {requests: 1}}}", conf: "policies: {b: {type: rate_limit, config: {requests: 2}}}", want: "a:rate_limit:pipeline b:rate_limit:config"},
		{name: "two time-outs in one block", pipeline: "policies: {a: {type: timeout, config: {timeout: 1s}}, b: {type: timeout, config: {timeout: 2s}}}", want: "a:timeout:pipeline", findings: "HX0619"},
		{name: "an unknown type", pipeline: "policies: {a: {type: retrry}}", want: "", findings: "HX0618"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, ds := resolve(stack(t, c.pipeline, "", c.system, c.conf)...)
			var got []string
			for _, p := range e.Policies {
				got = append(got, p.Slot+":"+p.Type+":"+p.Layer())
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("%q, want %q", s, c.want)
			}
			if got := codes(ds); got != c.findings {
				t.Errorf("findings %q, want %q", got, c.findings)
			}
		})
	}
}
