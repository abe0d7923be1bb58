// Package schematest holds programs as JSON against their JSON Schema. It is apart
// from package ir so that the schema library is not part of the programs that
// fuzz the codec.
package schematest

import (
	"bytes"
	"os"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
	cuejson "cuelang.org/go/encoding/json"
	"cuelang.org/go/encoding/jsonschema"

	"hexdag.dev/hexdag/lang/ir"
)

func TestShowJSONFitsItsSchema(t *testing.T) {
	ctx := cuecontext.New()
	raw, err := cuejson.Extract("ir.schema.json", ir.JSONSchema())
	if err != nil {
		t.Fatal(err)
	}
	file, err := jsonschema.Extract(ctx.BuildExpr(raw), &jsonschema.Config{})
	if err != nil {
		t.Fatal(err)
	}
	schema := ctx.BuildFile(file)
	if err := schema.Err(); err != nil {
		t.Fatal(errors.Details(err, nil))
	}
	check := func(text []byte) error {
		doc, err := cuejson.Extract("show.json", text)
		if err != nil {
			return err
		}
		return schema.Unify(ctx.BuildExpr(doc)).Validate(cue.Concrete(true))
	}
	golden, err := os.ReadFile("../testdata/golden/show.json") // what TestShowJSON of package ir shows
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{golden, ir.ShowJSON(&ir.Program{Version: ir.Version, Kind: "Pipeline"})} {
		if err := check(text); err != nil {
			t.Error(errors.Details(err, nil))
		}
	}
	for name, damage := range map[string][2]string{
		"hash":  {`"sha256:`, `"md5:`},
		"kind":  {`"kind": "Pipeline"`, `"kind": "Macro"`},
		"type":  {`"attempts": 3`, `"attempts": "3"`},
		"mode":  {`"mode": "for-each"`, `"mode": "forever"`},
		"layer": {`"layer": "pipeline"`, `"layer": "cake"`},
		"name":  {`"name": "c"`, `"name": 5`},
		"key":   {`"critical"`, `"critikal"`},
	} {
		text := bytes.ReplaceAll(golden, []byte(damage[0]), []byte(damage[1]))
		if bytes.Equal(text, golden) || check(text) == nil {
			t.Errorf("the schema accepts a document with another %s", name)
		}
	}
}
