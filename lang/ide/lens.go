package ide

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/source"
)

// Lens is a line that an editor shows above a place, with what it does.
type Lens struct {
	Span    source.Span
	Title   string
	Command string // "run", "explain", "graph"; "" for a remark
	Name    string // of the document or node that it is about
}

// Lenses are the things that can be done with the programs of a file, and what
// their runs may cost.
func Lenses(s *compile.Snapshot, path string) ([]Lens, error) {
	a, err := s.Analyze(path)
	if err != nil {
		return nil, err
	}
	var out []Lens
	for _, d := range a.Docs {
		if d.Doc.Root == nil || d.Doc.Kind != "Pipeline" && d.Doc.Kind != "System" || d.Doc.Name.Name == "" {
			continue
		}
		span := d.Doc.Root.Span
		if len(d.Doc.Root.Pairs) > 0 {
			span = d.Doc.Root.Pairs[0].Key.Span
		}
		add := func(title, command string) {
			out = append(out, Lens{span, title, command, d.Doc.Name.Name})
		}
		add("▶ run", "run")
		add("explain", "explain")
		add("graph", "graph")
		if d.Program == nil {
			continue
		}
		if calls := d.Program.LLMCalls; calls.Max > 0 {
			add("LLM calls: "+interval(calls)+spending(d.Program.Use.Cost), "")
		}
		d.Program.Scope.Each(func(info *check.Info) {
			if info.Node.Composite == nil || info.LLMCalls.Max == 0 || info.Node.Loc.File != a.Source || info.Node.Name.Loc.IsZero() {
				return
			}
			out = append(out, Lens{info.Node.Loc.Span, "LLM calls: " + interval(info.LLMCalls) + spending(info.Use.Cost), "", info.Name()})
		})
	}
	return out, nil
}

// spending is the most that model calls cost, in dollars; "" where that is
// nothing or has no bound.
func spending(micro check.Interval) string {
	if micro.Max <= 0 || micro.Max >= check.Unbounded {
		return ""
	}
	text := fmt.Sprintf("%.2f", float64(micro.Max)/1e6)
	if micro.Max < 1e6 {
		text = strings.TrimRight(fmt.Sprintf("%.6f", float64(micro.Max)/1e6), "0")
	}
	return ", at most $" + text
}

// interval is a range of calls in words.
func interval(x check.Interval) string {
	switch {
	case x.Max >= check.Unbounded:
		return fmt.Sprintf("%d or more", x.Min)
	case x.Min == x.Max:
		return fmt.Sprint(x.Min)
	}
	return fmt.Sprintf("%d to %d", x.Min, x.Max)
}
