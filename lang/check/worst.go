package check

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/price"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/schema"
)

// Usage is what a part of a program uses. Tokens and cost are bounded only where
// the prompt is constant and the answer has a bound.
type Usage struct {
	LLM, Tools Interval
	Tokens     Interval
	Cost       Interval // micro-dollars
}

func (u Usage) plus(v Usage) Usage {
	return Usage{u.LLM.plus(v.LLM), u.Tools.plus(v.Tools), u.Tokens.plus(v.Tokens), u.Cost.plus(v.Cost)}
}

// times is what n repetitions use.
func (u Usage) times(n int64) Usage {
	return Usage{u.LLM.times(n), u.Tools.times(n), u.Tokens.times(n), u.Cost.times(n)}
}

// either is one of both.
func (u Usage) either(v Usage) Usage {
	return Usage{u.LLM.either(v.LLM), u.Tools.either(v.Tools), u.Tokens.either(v.Tokens), u.Cost.either(v.Cost)}
}

// repeated is what from nothing to n repetitions use, atLeast of them for sure.
func (u Usage) repeated(atLeast, n int64) Usage {
	r := func(i Interval) Interval { return Interval{mulBound(i.Min, atLeast), mulBound(i.Max, n)} }
	return Usage{r(u.LLM), r(u.Tools), r(u.Tokens), r(u.Cost)}
}

// optional is what a part uses that may be skipped.
func (u Usage) optional() Usage { return u.repeated(0, 1) }

// Plus is what both use together.
func (u Usage) Plus(v Usage) Usage { return u.plus(v) }

// Optional is what a part uses that may be skipped.
func (u Usage) Optional() Usage { return u.optional() }

// AnyUse is what a part may use of which nothing is known.
func AnyUse() Usage { return anything }

// anything is what a part may use of which nothing is known.
var anything = Usage{Interval{0, Unbounded}, Interval{0, Unbounded}, Interval{0, Unbounded}, Interval{0, Unbounded}}

// Model is what a node's calls of a language model are made with, as far as that
// is known before a run.
type Model struct {
	Port    string
	Adapter string // canonical; "" if the host supplies it or it is a pool
	Name    string // "" if only the adapter or the run knows
	Price   price.Price
	Priced  bool
	// Free: the adapter's calls cost nothing.
	Free bool
	// Prompt is the prompt in tokens by a rule of thumb, 0 if it has no text of
	// its own; MaxAnswer the bound on the answer, 0 for none that is known.
	Prompt, MaxAnswer int64
	// constant: the whole prompt is known; promptMax bounds its tokens.
	constant  bool
	promptMax int64
}

// freeAdapters are those whose calls cost nothing.
var freeAdapters = map[string]bool{"mock_llm": true, "ollama": true}

// worst finds what every node and the scope as a whole use at least and at most.
func (c *checker) worst(s *Scope) Usage {
	var sum Usage
	for _, info := range s.Nodes {
		x := c.worstOf(info)
		if info.maySkip {
			x = x.optional()
		}
		info.Use, info.LLMCalls = x, x.LLM
		sum = sum.plus(x)
	}
	return sum
}

func (c *checker) worstOf(info *Info) Usage {
	n := info.Node
	attempts := info.Exec.Attempts
	switch {
	case n.LLM != nil:
		per := int64(1)
		if n.Output != nil {
			per += 2
			if n.LLM.Repairs != nil {
				per += n.LLM.Repairs.Int - 2
			}
		}
		return c.llm(info, n.Output == nil).repeated(1, per*c.around(info, "llm")).repeated(1, attempts)
	case n.Agent != nil:
		steps := int64(20)
		if n.Agent.MaxSteps != nil {
			steps = n.Agent.MaxSteps.Int
		}
		x := c.llm(info, false)
		if len(info.Tools) > 0 || info.Router {
			x.Tools = Interval{0, Unbounded} // one answer can ask for any number
		}
		return x.repeated(1, mulBound(steps, c.around(info, "llm"))).repeated(1, attempts)
	case n.Function != nil && n.Composite == nil:
		return functionUse(n.Function).repeated(1, attempts)
	case n.Macro != nil && n.Macro.Body != nil:
		return c.worst(info.Bodies[n.Macro.Body]).repeated(1, attempts)
	case n.Composite == nil:
		if n.Kind == "macro_invocation" || n.Foreign {
			return anything
		}
		return Usage{}
	}
	return c.composite(info).repeated(1, attempts)
}

func functionUse(f *ast.Function) Usage {
	if f != nil && f.Scheme == "mcp" {
		return Usage{Tools: Interval{1, 1}}
	}
	return Usage{}
}

// composite is what one attempt at a composite uses.
func (c *checker) composite(info *Info) Usage {
	co := info.Node.Composite
	if co.Pipeline != nil {
		return anything
	}
	body := func(b *ast.Body) Usage {
		switch {
		case b == nil:
			return Usage{}
		case b.Func != nil:
			return functionUse(b.Func)
		case info.Bodies[b] == nil:
			return Usage{}
		}
		return c.worst(info.Bodies[b])
	}
	switch co.Mode.Name {
	case "for-each", "times":
		x := body(co.Body)
		count, ok := constCount(co.Count)
		if co.Mode.Name == "for-each" {
			count, ok = constLen(co.Items)
		}
		switch {
		case !ok:
			return x.repeated(0, Unbounded)
		case co.ErrorHandling.Name == "continue" || co.ErrorHandling.Name == "collect":
			return x.repeated(0, max(0, count)) // an item that fails early is passed over
		}
		return x.times(max(0, count))
	case "while":
		bound := int64(100)
		if co.MaxIterations != nil {
			bound = co.MaxIterations.Int
		}
		return body(co.Body).repeated(0, bound)
	}
	var x Usage
	if co.Else != nil {
		x = body(co.Else.Body)
	}
	if co.Body != nil {
		x = x.either(body(co.Body))
	}
	for _, b := range co.Branches {
		x = x.either(body(b.Body))
	}
	return x
}

// around is by how much the layers around a port can multiply its calls: each
// retry is a call, and a pool that fails over tries every member.
func (c *checker) around(info *Info, port string) int64 {
	p := c.portOf(info.Node, port)
	if p == nil {
		return 1
	}
	n := c.retries(p.Middleware)
	if def := c.opt.Adapters[p.Ref.Name]; p.Ref.Name != "" && def != nil && def.Adapter != nil {
		n = mulBound(n, c.retries(def.Adapter.Middleware))
	}
	if p.Strategy.Name == "failover" && len(p.Pool) > 1 {
		n = mulBound(n, int64(len(p.Pool)))
	}
	return n
}

func (c *checker) retries(s *ast.Stack) int64 {
	if s == nil {
		return 1
	}
	if s.Ref.Name != "" {
		def := c.opt.Middleware[s.Ref.Name]
		if def == nil || def.Middleware == nil || def.Middleware.Ref.Name != "" {
			return 1
		}
		s = def.Middleware
	}
	n := int64(1)
	for _, l := range s.Layers {
		if l.Policy == nil || l.Policy.Retry == nil {
			continue
		}
		var x Exec
		x.attempts(l.Policy.Retry)
		n = mulBound(n, x.Attempts)
	}
	return n
}

// llm is what one call of a node's model uses; exact tells that nothing but the
// node's own texts is in the prompt.
func (c *checker) llm(info *Info, exact bool) Usage {
	m := c.modelOf(info)
	info.Model = m
	u := Usage{LLM: Interval{1, 1}, Tokens: Interval{0, Unbounded}, Cost: Interval{0, Unbounded}}
	if m.Free {
		u.Cost = Interval{}
	}
	if !exact || !m.constant || m.MaxAnswer == 0 {
		return u
	}
	u.Tokens.Max = addBound(m.promptMax, m.MaxAnswer)
	if m.Priced && !m.Free {
		u.Cost.Max = addBound(price.Cost(m.promptMax, m.Price.Input), price.Cost(m.MaxAnswer, m.Price.Output))
	}
	return u
}

// messageOverhead is what the runtime adds to each message when it reserves
// tokens.
const messageOverhead = 16

// modelOf finds what is known about a node's model.
func (c *checker) modelOf(info *Info) *Model {
	n := info.Node
	m := &Model{Port: "llm"}
	overrides := map[string]*ast.Expr{}
	var texts []*ast.Expr
	switch {
	case n.LLM != nil:
		overrides = n.LLM.Overrides
	case n.Agent != nil:
		overrides = n.Agent.Overrides
	}
	for _, e := range n.Texts {
		override := false
		for _, o := range overrides {
			override = override || o == e
		}
		if !override {
			texts = append(texts, e)
		}
	}
	m.constant = len(texts) > 0
	for _, e := range texts {
		e.Walk(func(x *ast.Expr) {
			m.Prompt += int64(len(x.Text.Src)+3) / 4
			switch s, ok := x.Const.AsString(); {
			case x.Mode == ast.Const && ok:
				m.Prompt += int64(len(s)+3) / 4
				m.promptMax += int64(len(s)) + messageOverhead
			case x.Mode != ast.List && x.Mode != ast.Object:
				m.constant = false
			}
		})
	}
	config := value.Null
	if p := c.portOf(n, m.Port); p != nil && len(p.Pool) == 0 {
		m.Adapter, config = p.Adapter.Name, p.Config
		assume := p.AssumeMaxTokens
		if def := c.opt.Adapters[p.Ref.Name]; p.Ref.Name != "" && def != nil && def.Adapter != nil {
			m.Adapter = def.Adapter.Adapter.Name
			config = overlay(def.Adapter.Config, p.Config)
			if assume == nil {
				assume = def.Adapter.AssumeMaxTokens
			}
		}
		if assume != nil {
			m.MaxAnswer = assume.Int
		}
	}
	if a, ok := schema.Adapter(m.Adapter); ok {
		m.Adapter = a.Name
	}
	m.Free = freeAdapters[m.Adapter]
	m.Name = setting(overrides["model"], config, "model", func(v value.Value) string { s, _ := v.AsString(); return s })
	if n := setting(overrides["max_tokens"], config, "max_tokens", func(v value.Value) int64 { n, _ := v.AsInt(); return n }); n > 0 {
		m.MaxAnswer = n
	}
	if m.Name != "" {
		m.Price, m.Priced = c.prices().Find(m.Name)
	}
	return m
}

// setting is a constant override, else what the adapter's configuration has; the
// zero value if an override is known only at run time.
func setting[T any](override *ast.Expr, config value.Value, key string, as func(value.Value) T) T {
	var none T
	if override != nil {
		if override.Mode == ast.Const {
			return as(override.Const)
		}
		return none
	}
	o, ok := config.Object()
	if !ok {
		return none
	}
	v, _ := o.Get(key)
	return as(v)
}

// prices is the price table with what the layers configure in front.
func (c *checker) prices() price.Table {
	if c.priceTable == nil {
		c.priceTable = price.Over(Prices(c.opt.Effective.Prices), price.BuiltIn())
	}
	return c.priceTable
}
