package machine

import "hexdag.dev/hexdag/lang/value"

// PreparedInput is what the top-level node of that name receives, before its
// declared input is enforced.
func PreparedInput(m *Machine, name string) value.Value {
	for i := range m.scopes[0].body.nodes {
		nd := &m.scopes[0].body.nodes[i]
		if nd.ir.Name == name {
			f := m.frameFor(0, nd, nil)
			if fail := f.mapping(); fail != nil {
				return value.Null
			}
			return m.preparedInput(f)
		}
	}
	return value.Missing
}
