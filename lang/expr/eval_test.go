package expr

import (
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/value"
)

// scopeOf is a test's scope: an object whose fields are the heads. A name with a
// dollar sign is looked up with it.
type scopeOf struct {
	data  *value.Object
	names []string
}

func scope(v value.Value) *scopeOf {
	o, ok := v.Object()
	if !ok {
		o = value.NewObject(0)
	}
	return &scopeOf{data: o}
}

func (s *scopeOf) Slot(head string, namespace bool) int {
	s.names = append(s.names, key(head, namespace))
	return len(s.names) - 1
}

func (s *scopeOf) Load(slot int) value.Value {
	v, ok := s.data.Get(s.names[slot])
	if !ok {
		return value.Missing
	}
	return v
}

func (s *scopeOf) Now() time.Time { return time.Date(2024, 3, 5, 12, 30, 15, 123456000, time.UTC) }

// evaluated is the value of an expression, or its error.
func evaluated(n Node, data value.Value) (value.Value, error) {
	s := scope(data)
	p, err := Compile(n, s)
	if err != nil {
		return value.Null, err
	}
	v, e := p.Eval(s, nil)
	if e != nil {
		return value.Null, e
	}
	return v, nil
}

// parsed is the tree of an expression without faults.
func parsed(t *testing.T, src string) Node {
	t.Helper()
	n, ds := Parse(Text{Src: src})
	for _, d := range ds {
		t.Fatalf("%q: %s", src, d.Message)
	}
	return n
}
