package check

import (
	"fmt"

	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/price"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// Prices are configured prices as a table.
func Prices(list []config.Price) price.Table {
	out := make(price.Table, 0, len(list))
	for _, p := range list {
		e := price.Entry{Model: p.Model.Name, Price: price.Price{Input: price.Micro(p.Input.Float), Output: price.Micro(p.Output.Float)}}
		e.CachedInput = e.Input
		if p.Cached != nil {
			e.CachedInput = price.Micro(p.Cached.Float)
		}
		out = append(out, e)
	}
	return out
}

func overlay(base, over value.Value) value.Value { return config.Overlay(base, over) }

// budget compares what the program may use with its limits and capabilities.
func (c *checker) budget(p *Program) {
	c.forbidden(p.Scope)
	total := c.worst(p.Scope)
	p.Use, p.LLMCalls = total, total.LLM
	c.limits(total)
	c.priced(p.Scope)
}

// limits compares what is used in all with the limits.
func (c *checker) limits(total Usage) {
	c.within("max_llm_calls", "LLM calls", total.LLM, whole)
	c.within("max_tool_calls", "tool calls", total.Tools, whole)
	c.within("max_total_tokens", "tokens", total.Tokens, whole)
	c.within("max_cost_usd", "dollars", total.Cost, dollars)
}

func whole(v value.Value) (limit int64, text func(int64) string, ok bool) {
	n, ok := v.AsInt()
	return n, func(n int64) string { return fmt.Sprint(n) }, ok
}

func dollars(v value.Value) (limit int64, text func(int64) string, ok bool) {
	f, err := value.ToFloat(v)
	if err != nil {
		return 0, nil, false
	}
	x, ok := f.AsFloat()
	return price.Micro(x), func(n int64) string { return fmt.Sprintf("%.4f", float64(n)/1e6) }, ok
}

// within compares an interval with a limit: more on every path is an error, more
// on some path a warning, no known bound is neither.
func (c *checker) within(name, what string, use Interval, read func(value.Value) (int64, func(int64) string, bool)) {
	limit, ok := config.Get(c.opt.Effective.Limits, name)
	if !ok {
		return
	}
	n, text, ok := read(limit.Value)
	loc := limit.From[0].Loc
	if !ok || loc.IsZero() {
		return
	}
	switch {
	case use.Min > n:
		c.add(diag.New(diag.LimitTooLow, loc, "the program needs at least %s %s, but %s is %s", text(use.Min), what, name, text(n)).
			WithHelp("raise the limit or remove calls"))
	case use.Max > n && use.Max < Unbounded:
		c.add(diag.New(diag.LimitReachable, loc, "the worst case is %s %s, but %s is %s", text(use.Max), what, name, text(n)).
			WithHelp("loops, retries and repairs at their bounds are counted; the run would be stopped by the limit"))
	}
}

// priced reports models whose calls cannot be counted against max_cost_usd.
func (c *checker) priced(s *Scope) {
	limit, ok := config.Get(c.opt.Effective.Limits, "max_cost_usd")
	if !ok {
		return
	}
	reported := map[string]bool{}
	s.Each(func(info *Info) {
		m := info.Model
		if m == nil || m.Free || m.Priced || m.Name == "" || reported[m.Name] {
			return
		}
		reported[m.Name] = true
		loc := info.Node.KindText.Loc
		if n := info.Node; n.LLM != nil && n.LLM.Overrides["model"] != nil {
			loc = n.LLM.Overrides["model"].Loc
		} else if n.Agent != nil && n.Agent.Overrides["model"] != nil {
			loc = n.Agent.Overrides["model"].Loc
		} else if port := c.portOf(n, m.Port); port != nil {
			loc = port.Name.Loc
		}
		d := diag.New(diag.PriceUnknown, loc, "max_cost_usd is set, but the price of the model %q is not known", m.Name).
			WithHelp("add it to `prices` of the Pipeline or a Config: `prices: {%s: {input: …, output: …}}`, in dollars for a million tokens", syntax.Quote(m.Name))
		if at := limit.From[0].Loc; !at.IsZero() {
			d = d.WithRelated(at, "the limit is here")
		}
		c.add(d)
	})
}
