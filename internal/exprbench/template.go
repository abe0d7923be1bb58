//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/template"

	"hexdag.dev/hexdag/lang/expr"
)

// compareTemplate compares rendering with text/template: a loop over 100 items.
func compareTemplate() error {
	data := document()
	e, err := newEnvironment(data)
	if err != nil {
		return err
	}
	n, ds := expr.ParseTemplate(expr.Text{Src: hexdagTemplate})
	if len(ds) > 0 {
		return fmt.Errorf("the template: %s", ds[0].Message)
	}
	ours, err := expr.CompileTemplate(n, e)
	if err != nil {
		return err
	}
	theirs, err := template.New("").Parse(goTemplate)
	if err != nil {
		return err
	}
	var env map[string]any
	if err := json.Unmarshal(data, &env); err != nil {
		return err
	}
	text := func() (string, error) {
		var b strings.Builder
		err := theirs.Execute(&b, env)
		return b.String(), err
	}
	want, err := text()
	if err != nil {
		return err
	}
	got, failed := ours.Render(e, nil)
	if failed != nil {
		return failed
	}
	if got != want {
		return fmt.Errorf("the templates differ:\n%s\n%s", got, want)
	}
	t, err := fastest(
		here(func() error { _, err := text(); return err }),
		here(func() error {
			if _, err := ours.Render(e, nil); err != nil {
				return err
			}
			return nil
		}))
	if err != nil {
		return err
	}
	row("text/template: 100 items", ns(t[0]), ns(t[1]), t[0]/t[1], "≥ 5")
	return nil
}
