package compile_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/schema"
)

// TestNoFieldIsIgnored sets every field of the schema, one at a time, to a value
// that is not its default in a manifest where it can matter, and asks that something
// comes of it: another program, or a finding. A field without either is accepted and
// ignored, which the language promises not to do. Fields that are there for people
// only are listed in forPeople.
//
// The manifest without the field has a free key (`x-…`) of the same length in its
// place, or a comment, so that nothing else moves.
func TestNoFieldIsIgnored(t *testing.T) {
	seeds := effectSeeds()
	for i := range schema.Defs() {
		d := &schema.Defs()[i]
		seed, ok := seeds[d.Name]
		if !ok {
			if !slices.Contains(seededElsewhere, d.Name) {
				t.Errorf("%s has no manifest here in which its fields can matter: add one to effectSeeds, or say in seededElsewhere where it is covered", d.Name)
			}
			continue
		}
		for j := range d.Fields {
			f := &d.Fields[j]
			name := d.Name + "." + f.Name
			seed := seed
			if own, ok := seeds[name]; ok {
				seed = own
			}
			if f.Required || forPeople[f.Name] || forPeople[name] {
				continue
			}
			t.Run(name, func(t *testing.T) {
				val := effectValue(d.Name, f)
				with := buildOutcome(t, seeded(seed, d.Name, f.Name, f.Name+": "+val))
				without := buildOutcome(t, seeded(seed, d.Name, f.Name, "x-"+strings.Repeat("a", max(1, len(f.Name)-2))+": "+val))
				if without.program == nil { // free keys have no place here
					without = buildOutcome(t, seeded(seed, d.Name, f.Name, "# "+f.Name))
				}
				if twice := strings.Contains(with.findings, string(diag.DuplicateKey)+" "); twice != inTheSeed[name] {
					t.Errorf("the manifest has the field in any case: %v; inTheSeed says %v", twice, inTheSeed[name])
				} else if twice {
					return
				}
				if with.program == nil && !effectFaults[name] && !strings.Contains(with.findings, string(diag.NotBuildable)) {
					t.Fatalf("the manifest does not build with the field:\n%s\n%s", with.findings, seeded(seed, d.Name, f.Name, f.Name+": "+val))
				}
				if with.findings == without.findings && bytes.Equal(with.program, without.program) {
					t.Errorf("%s: %s changes nothing: neither the program nor a finding", name, val)
				}
			})
		}
	}
}

// inTheSeed are fields without which their object does nothing, or does not
// stand: every manifest for it has them, and the other tests are about them.
var inTheSeed = map[string]bool{
	"CompositeNodeSpec.body": true, "CompositeNodeSpec.items": true, "ExpressionNodeSpec.expressions": true,
	"Init.every": true, "MCPServer.command": true, "Macro.spec": true, "PipelineSpec.ports": true, "PolicyUse.type": true,
	"PoolMember.adapter": true, "Port.adapter": true, "Prompt.human_message": true, "Tool.fn": true,
}

type outcome struct {
	program  []byte
	findings string
}

func buildOutcome(t *testing.T, text string) outcome {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "example.yaml")
	for name, data := range map[string]string{file: text, filepath.Join(dir, "part.yaml"): effectPart} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w, err := compile.New(compile.Options{Root: dir, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	p, ds, err := w.Build(file, "")
	if err != nil {
		t.Fatal(err)
	}
	o := outcome{findings: list(ds)}
	if p != nil {
		o.program = ir.Encode(p)
	}
	return o
}

// seeded puts a line, and what a field needs beside it, where the seed has `@@`.
func seeded(seed, def, field, line string) string {
	at := strings.Index(seed, "@@")
	start := strings.LastIndexByte(seed[:at], '\n') + 1
	indent := strings.Repeat(" ", at-start)
	text := ""
	lines, own := effectBeside[def+"."+field]
	if !own {
		lines = effectBeside[field]
	}
	for _, beside := range lines {
		text += beside + "\n" + indent
	}
	return strings.Replace(seed, "@@", text+line, 1)
}

// effectValue is a value of a field that is not its default.
func effectValue(def string, f *schema.Field) string {
	for _, key := range []string{def + "." + f.Name, f.Name} {
		if v, ok := effectValues[key]; ok {
			return v
		}
	}
	if f.Example != "" {
		return f.Example
	}
	return valueOf(f.Type, f.Default)
}

func valueOf(t *schema.Type, not string) string {
	switch t.Kind {
	case schema.Bool:
		if not == "true" {
			return "false"
		}
		return "true"
	case schema.Int:
		return "7"
	case schema.Number:
		return "0.25"
	case schema.Duration:
		return "45s"
	case schema.String:
		for _, e := range t.Enum {
			if fmt.Sprintf("%q", e) != not && !strings.EqualFold(fmt.Sprintf("%q", e), not) {
				return e
			}
		}
		return "some text"
	case schema.Object, schema.Map, schema.Any:
		return "{k: v}"
	case schema.List:
		return "[v]"
	case schema.OneOf:
		return valueOf(t.Alts[0], not)
	}
	return "v"
}
