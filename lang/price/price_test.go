package price

import (
	"strings"
	"testing"
)

func TestBuiltInTable(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range BuiltIn() {
		if seen[e.Model] {
			t.Errorf("%s is there twice", e.Model)
		}
		seen[e.Model] = true
		if e.Input <= 0 || e.Output < 0 || e.CachedInput > e.Input {
			t.Errorf("%s has the odd price %+v", e.Model, e.Price)
		}
	}
	if v := Version(); len(v) != 7 || v[4] != '-' {
		t.Errorf("the version %q is no month", v)
	}
	for _, name := range []string{"gpt-4o-mini", "claude-3-5-haiku-20241022", "gemini-2.5-flash"} {
		if _, ok := BuiltIn().Find(name); !ok {
			t.Errorf("%s has no price", name)
		}
	}
}

func TestAnUnknownModelIsNotFree(t *testing.T) {
	for _, name := range []string{"", "gpt", "gpt-4o-audio-preview", "llama-3", "o"} {
		if p, ok := BuiltIn().Find(name); ok {
			t.Errorf("%q costs %+v", name, p)
		}
	}
}

func TestTheLongestNameCounts(t *testing.T) {
	table := Table{{"a-*", Price{Input: 1}}, {"a-b*", Price{Input: 2}}, {"a-bc", Price{Input: 3}}}
	for model, want := range map[string]int64{"a-x": 1, "a-b": 2, "a-bcd": 2, "a-bc": 3} {
		if p, ok := table.Find(model); !ok || p.Input != want {
			t.Errorf("%s: %+v, %v", model, p, ok)
		}
	}
}

func TestConfiguredPricesStandBefore(t *testing.T) {
	base := Table{{"m-1", Price{Input: 10}}, {"m-2*", Price{Input: 20}}, {"n", Price{Input: 30}}}
	table := Over(Table{{"m-*", Price{Input: 1}}}, base)
	for model, want := range map[string]int64{"m-1": 1, "m-2x": 1, "n": 30} {
		if p, _ := table.Find(model); p.Input != want {
			t.Errorf("%s costs %d", model, p.Input)
		}
	}
	exact := Over(Table{{"m-2x", Price{Input: 1}}}, base)
	if p, _ := exact.Find("m-2y"); p.Input != 20 {
		t.Errorf("a configured name took its family away: %+v", p)
	}
}

func TestMicroRoundsUp(t *testing.T) {
	for dollars, want := range map[float64]int64{0: 0, -1: 0, 0.15: 150_000, 2.5: 2_500_000, 1e-9: 1, 1e300: 1<<62 - 1} {
		if got := Micro(dollars); got != want {
			t.Errorf("Micro(%g) = %d, not %d", dollars, got, want)
		}
	}
}

func TestCost(t *testing.T) {
	if c := Cost(1, 1); c != 1 {
		t.Errorf("a fraction of a micro-dollar costs %d", c)
	}
	if c := Cost(1<<40, 1<<40); c <= 0 {
		t.Errorf("a huge cost overflowed to %d", c)
	}
	if c := Cost(1_000_000, 2_500_000); c != 2_500_000 {
		t.Errorf("a million tokens cost %d", c)
	}
}

func TestTheTableTellsWhenItWasMade(t *testing.T) {
	if !strings.Contains(text, "\nmade "+Version()+"\n") {
		t.Error("the table does not say when it was made")
	}
}
