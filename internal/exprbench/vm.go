//go:build unix

package main

import (
	"encoding/json"
	"fmt"

	exprlang "github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"hexdag.dev/hexdag/lang/value"
)

// compareVM compares evaluation with github.com/expr-lang/expr: its virtual
// machine, kept and used again, over maps, as JSON gives them.
func compareVM() error {
	data := document()
	e, err := newEnvironment(data)
	if err != nil {
		return err
	}
	var env map[string]any
	if err := json.Unmarshal(data, &env); err != nil {
		return err
	}
	for _, c := range cases {
		ours, err := evaluation(c.hexdag, e)
		if err != nil {
			return err
		}
		program, err := exprlang.Compile(c.vm, exprlang.Env(env))
		if err != nil {
			return fmt.Errorf("%s: %w", c.vm, err)
		}
		var machine vm.VM
		theirs := func() (any, error) { return machine.Run(program, env) }
		a, err := ours()
		if err != nil {
			return err
		}
		b, err := theirs()
		if err != nil {
			return err
		}
		want, err := value.FromGo(b)
		if err != nil {
			return err
		}
		if !value.Equal(a, want) {
			return fmt.Errorf("%s is %s, %s is %s", c.hexdag, value.Repr(a), c.vm, value.Repr(want))
		}
		t, err := fastest(
			here(func() error { _, err := theirs(); return err }),
			here(func() error { _, err := ours(); return err }))
		if err != nil {
			return err
		}
		row("expr-lang: "+c.name, ns(t[0]), ns(t[1]), t[0]/t[1], "≥ 1")
	}
	return nil
}
