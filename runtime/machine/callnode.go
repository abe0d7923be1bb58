package machine

import (
	"fmt"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// callSpec is a compiled api_call_node, service_call_node or external node.
type callSpec struct {
	ir     *ir.Call
	args   []*code
	names  []string
	output *expr.Type
}

func (l *loader) call(x *ir.Call) (*callSpec, error) {
	s := &callSpec{ir: x}
	var err error
	if s.args, s.names, err = l.bindings(x.Args); err != nil {
		return nil, err
	}
	if s.output, err = decodeType(x.Output); err != nil {
		return nil, fmt.Errorf("output_schema: %w", err)
	}
	return s, nil
}

// callRequest is the one call of such a node.
func (m *Machine) callRequest(f *frame) (effect, *Failure) {
	s := f.n.call
	args := value.NewObject(len(s.args) + 1)
	for i, c := range s.args {
		v, fail := c.eval(f)
		if fail != nil {
			return effect{}, fail
		}
		args.Set(s.names[i], v)
	}
	if s.ir.Input {
		args.Set("input", m.preparedInput(f))
	}
	x := effect{invoke: &InvokeRequest{Target: s.ir.Target, Port: s.ir.Port, Name: s.ir.Name, Method: s.ir.Method, Args: args.Value()}}
	if s.ir.Target == ir.CallPort {
		x.need = s.ir.Port.Cap
	}
	return x, nil
}

// callAnswered takes in the result of such a call.
func (m *Machine) callAnswered(f *flight, a *act, v value.Value) {
	nd := m.node(f.scope, f.node)
	if t := nd.call.output; t != nil {
		w, wrong := t.Coerce(v)
		if len(wrong) > 0 {
			a.fresh = true // the call was made: another attempt is another call
			m.attemptFailed(f.scope, f.node, &Failure{
				Code: diag.RunInvalidOutput, Class: ClassInvalidOutput, Retryable: true, Place: nd.ir.Origin,
				Message: fmt.Sprintf("the result of %q does not fit output_schema: %s", nd.ir.Name, mismatches(wrong)),
			})
			return
		}
		v = w
	}
	m.complete(f.scope, f.node, v)
}
