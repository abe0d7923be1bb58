package golden

import (
	"testing"

	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/journal"
)

// TestUndeclaredInput: what input_schema declares is enforced and converted; what
// it does not declare reaches the run, at any depth.
func TestUndeclaredInput(t *testing.T) {
	const text = `kind: Pipeline
metadata: {name: p}
spec:
  input_schema:
    user: {name: str, age: "int?"}
  nodes:
    - kind: expression_node
      metadata: {name: e}
      spec:
        expressions: {more: more, user: $input.user, nick: $input.user.nick}
`
	res := runText(t, runtime.Options{}, text, `{"user": {"name": "Ann", "age": "7", "nick": "A"}, "more": 1}`)
	if res.Status != journal.Completed {
		t.Fatalf("the run is %s, %v", res.Status, res.Err())
	}
	output(t, res, "e", `{"more":1,"user":{"name":"Ann","age":7,"nick":"A"},"nick":"A"}`)
	if res := runText(t, runtime.Options{}, text, `{"user": {"name": [1]}, "more": 1}`); res.Status != journal.Failed {
		t.Errorf("an input that does not fit ends %s", res.Status)
	}
}
