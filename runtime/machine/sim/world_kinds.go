package sim

import (
	"fmt"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// agentAnswer is what the model of an agent answers at a step: text, tool calls
// or the end.
func agentAnswer(seed uint64, r Rates, path string, try int, request string, step int, last bool) (o machine.Outcome, hang bool) {
	o, hang = answer(seed, r, path, try, request, false)
	if hang || o.Failure != nil {
		return o, hang
	}
	v := int64(Hash(seed, "v", path, request) % 7)
	dice := Hash(seed, "agent", path, request, fmt.Sprint(step)) % 10
	if last && dice > 2 {
		dice = 9
	}
	call := func(name string, key string, v int64) value.Value {
		args := value.NewObject(1)
		args.Set(key, value.Int(v))
		x := value.NewObject(2)
		x.Set("name", value.String(name))
		x.Set("arguments", args.Value())
		return x.Value()
	}
	content := ""
	var calls []value.Value
	switch {
	case dice == 0:
		content = "I would rather not say"
	case dice == 1:
		content = fmt.Sprintf("INVOKE_TOOL: tool_end(w=%d)", v)
	case dice == 2:
		content = fmt.Sprintf(`{"v": %d}`, v)
	case dice < 7:
		for i := range 1 + int(v)%3 {
			calls = append(calls, call([]string{"t0", "t1", "zz"}[(int(v)+i)%3], "x", v))
		}
	default:
		calls = append(calls, call("t0", "x", v), call("tool_end", "v", v))
	}
	out := value.NewObject(2)
	out.Set("content", value.String(content))
	out.Set("tool_calls", value.List(calls))
	o.Value = out.Value()
	return o, false
}
