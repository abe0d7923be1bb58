package machine

import (
	"fmt"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// The one node of a tool call's body: its input is the scope's item, the
// arguments that the model gave.

// toolRequest is the call of a tool.
func (m *Machine) toolRequest(f *frame) (effect, *Failure) {
	t := f.n.tool
	item := m.scopes[f.scope].item
	if t.router != nil {
		o, _ := item.Object()
		name, _ := o.Get("name")
		args, _ := o.Get("arguments")
		text, _ := name.AsString()
		return effect{
			invoke: &InvokeRequest{Target: ir.CallPort, Port: *t.router, Name: text, Method: "call_tool", Args: args},
			need:   "tool:" + text, want: want{toolCalls: 1},
		}, nil
	}
	if in := t.spec.input; in != nil {
		v, wrong := in.Coerce(item)
		if len(wrong) > 0 {
			return effect{}, &Failure{
				Code: diag.RunFunctionInput, Class: ClassInvalidInput, Definite: true, Place: f.n.ir.Origin,
				Message: fmt.Sprintf("the arguments do not fit: %s", mismatches(wrong)),
			}
		}
		item = v
	}
	x := m.functionCall(t.spec, item)
	x.also, x.need = x.need, t.ir.Cap
	if x.also == x.need {
		x.also = ""
	}
	x.want.toolCalls = 1
	return x, nil
}

// toolAnswered takes in the result of a tool.
func (m *Machine) toolAnswered(f *flight, a *act, v value.Value) {
	nd := m.node(f.scope, f.node)
	if nd.tool.spec != nil {
		w, fail := checkOutput(nd, nd.tool.spec, v)
		if fail != nil {
			a.fresh = true
			m.attemptFailed(f.scope, f.node, fail)
			return
		}
		v = w
	}
	m.complete(f.scope, f.node, v)
}
