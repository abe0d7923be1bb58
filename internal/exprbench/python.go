//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os/exec"

	"hexdag.dev/hexdag/lang/value"
)

// pythonScript compiles the expressions that come on standard input and times
// eval of a code object as often as it is asked to.
const pythonScript = `
import json, sys, time, timeit
data = json.loads(sys.stdin.readline())
for line in sys.stdin:
    ask = json.loads(line)
    if "expr" in ask:
        code = compile(ask["expr"], "<expr>", "eval")
        answer = eval(code, data)
    else:
        answer = timeit.Timer("eval(code, data)", globals={"code": code, "data": data}, timer=time.process_time).timeit(ask["n"])
    print(json.dumps(answer), flush=True)
`

// comparePython compares evaluation with CPython's of a code object: eval(code,
// data) on the same data in one process, which is what a Python program pays that
// holds compiled expressions.
//
// Ten times CPython is out of reach for small expressions. A call of eval with
// nothing to compute costs CPython 3.11 some 70 ns, a look-up in a dict some 10,
// both in C; ten times faster than that is less than one look-up by name in a map
// of any kind. Comprehensions run as bytecode on both sides.
func comparePython() error {
	python, err := exec.LookPath("python3")
	if err != nil {
		fmt.Println("CPython: python3 is not installed")
		return nil
	}
	cmd := exec.Command(python, "-c", pythonScript)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() {
		in.Close()
		cmd.Wait()
	}()
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	ask := func(v any) ([]byte, error) {
		data, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		if _, err := in.Write(append(data, '\n')); err != nil {
			return nil, err
		}
		if !lines.Scan() {
			return nil, fmt.Errorf("python3 ended: %w", lines.Err())
		}
		return lines.Bytes(), nil
	}

	data := document()
	if _, err := in.Write(append(data, '\n')); err != nil {
		return err
	}
	e, err := newEnvironment(data)
	if err != nil {
		return err
	}
	for _, c := range cases {
		ours, err := evaluation(c.hexdag, e)
		if err != nil {
			return err
		}
		a, err := ours()
		if err != nil {
			return err
		}
		text, err := ask(map[string]any{"expr": c.python})
		if err != nil {
			return err
		}
		want, err := value.ParseJSON(text, value.JSONLimits{})
		if err != nil {
			return err
		}
		if !value.Equal(a, want) {
			return fmt.Errorf("%s is %s, %s is %s", c.hexdag, value.Repr(a), c.python, text)
		}
		t, err := fastest(
			func(n int) (float64, error) {
				text, err := ask(map[string]any{"n": n})
				if err != nil {
					return 0, err
				}
				var seconds float64
				err = json.Unmarshal(text, &seconds)
				return seconds, err
			},
			here(func() error { _, err := ours(); return err }))
		if err != nil {
			return err
		}
		row("CPython: "+c.name, ns(t[0]), ns(t[1]), t[0]/t[1], "≥ 10")
	}
	return nil
}
