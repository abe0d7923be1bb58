package suggest

import (
	"slices"
	"testing"
)

func TestNear(t *testing.T) {
	for _, c := range []struct {
		name       string
		candidates []string
		want       []string
	}{
		{"temprature", []string{"temperature", "template", "timeout"}, []string{"temperature"}},
		{"analzer", []string{"fetcher", "analyzer"}, []string{"analyzer"}},
		{"Whne", []string{"when", "kind"}, []string{"when"}},
		{"x", []string{"prompt", "kind"}, nil},
		{"a", []string{"t", "a1"}, []string{"a1"}}, // nothing of it is left in t
		{"prompt", []string{"main_prompt", "tools"}, []string{"main_prompt"}},
		{"prot", []string{"port", "ports"}, []string{"port", "ports"}},
		{"same", []string{"same"}, nil},
		{"", []string{"ports"}, nil},
	} {
		if got := Near(c.name, c.candidates); !slices.Equal(got, c.want) {
			t.Errorf("Near(%q, %q) = %q, want %q", c.name, c.candidates, got, c.want)
		}
	}
}

func TestHelp(t *testing.T) {
	if got, want := Help("prot", []string{"port", "ports"}), `did you mean "port" or "ports"?`; got != want {
		t.Errorf("Help = %q, want %q", got, want)
	}
	if got := Help("zzz", []string{"port"}); got != "" {
		t.Errorf("Help of a name that is near nothing = %q", got)
	}
}
