package memory_test

import (
	"testing"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/adapter/memory"
	"hexdag.dev/hexdag/runtime/port"
	"hexdag.dev/hexdag/runtime/port/porttest"
)

func TestStore(t *testing.T) {
	porttest.Store(t, func(t *testing.T) port.Store {
		a, err := memory.New(t.Context(), port.Spec{Port: "memory"})
		if err != nil {
			t.Fatal(err)
		}
		return a.(port.Store)
	}, nil)
}

func TestItIsBounded(t *testing.T) {
	v, _ := value.FromGo(map[string]any{"max_size": 1})
	a, err := memory.New(t.Context(), port.Spec{Port: "memory", Config: v})
	if err != nil {
		t.Fatal(err)
	}
	s := a.(port.Store)
	if err := s.Set(t.Context(), "a", value.Null, 0); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(t.Context(), "a", value.True, 0); err != nil {
		t.Errorf("a value cannot be replaced: %v", err)
	}
	if err := s.Set(t.Context(), "b", value.Null, 0); port.AsError(err) == nil || port.AsError(err).Class != port.ClassLimit {
		t.Errorf("one key too many gives %v", err)
	}
}
