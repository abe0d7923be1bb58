package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
)

// schemaDoc is a JSON Schema of which the keywords that ours uses are known.
type schemaDoc struct{ root map[string]any }

// check holds value v at path against schema s; a keyword that it does not know
// is a fault, so that no rule of the schema goes unchecked.
func (d schemaDoc) check(path string, s map[string]any, v any) error {
	for keyword, rule := range s {
		var err error
		switch keyword {
		case "$schema", "title", "description", "$defs":
		case "$ref":
			target := any(d.root)
			for _, part := range strings.Split(strings.TrimPrefix(rule.(string), "#/"), "/") {
				target = target.(map[string]any)[part]
			}
			err = d.check(path, target.(map[string]any), v)
		case "type":
			types := map[string]bool{"object": is[map[string]any](v), "array": is[[]any](v), "string": is[string](v), "boolean": is[bool](v)}
			f, number := v.(float64)
			types["integer"] = number && f == float64(int(f))
			if !types[rule.(string)] {
				err = fmt.Errorf("%s: %v is no %s", path, v, rule)
			}
		case "required":
			for _, key := range rule.([]any) {
				if _, ok := v.(map[string]any)[key.(string)]; !ok {
					err = fmt.Errorf("%s has no %s", path, key)
				}
			}
		case "properties":
			for key, value := range v.(map[string]any) {
				property, ok := rule.(map[string]any)[key]
				if !ok {
					return fmt.Errorf("%s.%s is not described", path, key)
				}
				if err := d.check(path+"."+key, property.(map[string]any), value); err != nil {
					return err
				}
			}
		case "items":
			for i, item := range v.([]any) {
				if err := d.check(fmt.Sprintf("%s[%d]", path, i), rule.(map[string]any), item); err != nil {
					return err
				}
			}
		case "const":
			if !reflect.DeepEqual(rule, v) {
				err = fmt.Errorf("%s: %v is not %v", path, v, rule)
			}
		case "enum":
			found := false
			for _, one := range rule.([]any) {
				found = found || reflect.DeepEqual(one, v)
			}
			if !found {
				err = fmt.Errorf("%s: %v is none of %v", path, v, rule)
			}
		case "minimum":
			if v.(float64) < rule.(float64) {
				err = fmt.Errorf("%s: %v is too small", path, v)
			}
		case "pattern":
			if !regexp.MustCompile(rule.(string)).MatchString(v.(string)) {
				err = fmt.Errorf("%s: %v does not match %v", path, v, rule)
			}
		default:
			err = fmt.Errorf("the schema's keyword %s is not checked", keyword)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func is[T any](v any) bool { _, ok := v.(T); return ok }

// TestJSONFollowsItsSchema holds what is written against the published schema,
// and wants the schema to refuse something else.
func TestJSONFollowsItsSchema(t *testing.T) {
	text, err := os.ReadFile("../../../docs/schemas/findings.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc schemaDoc
	if err := json.Unmarshal(text, &doc.root); err != nil {
		t.Fatal(err)
	}
	valid := func(text string) error {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		return doc.check("$", doc.root, v)
	}
	for _, ds := range [][]diag.Diagnostic{nil, findings()} {
		var b bytes.Buffer
		if err := Write(&b, JSON, ds, Options{Files: 1}); err != nil {
			t.Fatal(err)
		}
		if err := valid(b.String()); err != nil {
			t.Errorf("%v\n%s", err, b.String())
		}
		if len(ds) == 0 {
			continue
		}
		for from, to := range map[string]string{
			`"version": 1`: `"version": 2`, `"severity": "error"`: `"severity": "fatal"`, `"message": `: `"massage": `,
			`"line": 1,`: `"line": 0,`, `"code": "HX0001"`: `"code": "E1"`, `"safe": true`: `"safe": 1`,
		} {
			if changed := strings.Replace(b.String(), from, to, 1); changed == b.String() || valid(changed) == nil {
				t.Errorf("the schema accepts %s, or the report has no %s", to, from)
			}
		}
	}
}
