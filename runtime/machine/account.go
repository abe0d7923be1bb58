package machine

import (
	"fmt"
	"math"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/price"
)

// account books what a landed effect consumed.
func (m *Machine) account(f *flight, u *Usage) {
	switch {
	case u.Unsent:
		m.ledger.unsend(0, f.grant)
		m.ledger.settle(0, f.grant, Amount{})
	case !u.Known:
		m.ledger.forfeit(0, f.grant)
		m.usage.Unknown++
	default:
		m.ledger.settle(0, f.grant, Amount{
			Tokens: u.InputTokens + u.OutputTokens, LLMCalls: u.LLMCalls, ToolCalls: u.ToolCalls, CostMicro: u.CostMicro,
		})
	}
	top := m.top(f.scope, f.node)
	made := *u
	if !u.Unsent {
		made.LLMCalls += f.grant.LLMCalls
		made.ToolCalls += f.grant.ToolCalls
	}
	m.addUsage(top, &made)
	if !u.Known && !u.Unsent {
		const most = 1000
		if len(m.zombies) == most {
			m.zombies = m.zombies[1:]
		}
		m.zombies = append(m.zombies, zombie{f.token, top})
	}
	m.warn()
}

// stale books the usage of an outcome that came after its effect was settled. It
// counts if the effect was settled without anybody knowing its usage, and once.
// The ledger is left alone: it counted all that had been reserved.
func (m *Machine) stale(token uint64, u *Usage) {
	if !u.Known {
		return
	}
	for i, z := range m.zombies {
		if z.token == token {
			m.zombies = append(m.zombies[:i:i], m.zombies[i+1:]...)
			m.usage.Unknown--
			m.addUsage(z.top, u)
			return
		}
	}
}

func (m *Machine) addUsage(top int32, u *Usage) {
	m.usage.add(u)
	if *u == (Usage{Known: u.Known, Unsent: u.Unsent}) {
		return
	}
	t := m.usages[top]
	if t == nil {
		t = &Usage{}
		m.usages[top] = t
	}
	t.add(u)
}

func (u *Usage) add(v *Usage) {
	u.LLMCalls += v.LLMCalls
	u.ToolCalls += v.ToolCalls
	u.InputTokens += v.InputTokens
	u.OutputTokens += v.OutputTokens
	u.CostMicro += v.CostMicro
	u.Unknown += v.Unknown
}

// warn reports resources of which the warning threshold is used, each once.
func (m *Machine) warn() {
	l := &m.prog.limits
	for r := range resource(resources) {
		if l.max[r] < 0 || m.ledger.warned&(1<<r) != 0 {
			continue
		}
		used := m.ledger.accounts[0].used[r]
		if used > 0 && float64(used) >= l.threshold*float64(l.max[r]) {
			m.ledger.warned |= 1 << r
			m.emit(Public{Type: ResourceWarning, Text: resourceNames[r], Current: used, Limit: l.max[r]})
		}
	}
	if m.parent != nil {
		m.parent.warn()
	}
}

// limitReached reports that a limit refused something, once per resource.
func (m *Machine) limitReached(r resource, used, limit int64) {
	if m.ledger.exceeded&(1<<r) != 0 {
		return
	}
	m.ledger.exceeded |= 1 << r
	m.emit(Public{Type: ResourceLimitExceeded, Text: resourceNames[r], Current: used, Limit: limit})
}

// denied settles a node whose next call a limit refuses.
func (m *Machine) denied(s, n int32, r resource) {
	nd := m.node(s, n)
	by := m.tightest(r)
	var used, limit int64
	if r == resDuration {
		used, limit = m.busyNow(), m.prog.limits.duration
	} else {
		used, limit = by.ledger.accounts[0].used[r], by.prog.limits.max[r]
	}
	by.limitReached(r, used, limit)
	if by.prog.limits.skip {
		if nd.kind == kindAgent {
			m.agentLimited(s, n, r.why())
			return
		}
		m.skip(s, n, r.why())
		return
	}
	m.failNode(s, n, &Failure{
		Code: diag.RunLimit, Class: ClassLimit, Definite: true, Place: m.limitPlace(r, nd),
		Message: fmt.Sprintf("node %q needs more than is left of %s (%s used of %s)", nd.ir.Name, resourceNames[r], amountText(r, used), amountText(r, limit)),
		Help:    fmt.Sprintf("raise limits.%s, or set limits.on_limit to skip", resourceNames[r]),
	})
}

// limitPlace is the node: where the limit stands is what explain shows.
func (m *Machine) limitPlace(_ resource, nd *node) ir.Place { return nd.ir.Origin }

func amountText(r resource, n int64) string {
	switch r {
	case resCost:
		return fmt.Sprintf("$%d.%06d", n/million, n%million)
	case resDuration:
		return duration(n)
	}
	return fmt.Sprint(n)
}

// price fills in what a call of a language model costs. Without a price,
// max_cost_usd cannot be kept.
func (m *Machine) price(nd *node, x *effect) *Failure {
	if x.llm == nil || m.prog.limits.max[resCost] < 0 {
		return nil
	}
	model, _ := x.llm.Model.AsString()
	if model == "" {
		model = nd.model().model
	}
	found := FindPrice(m.prices, x.llm.Port.Name, model)
	if found == nil {
		return &Failure{
			Code: diag.RunPriceUnknown, Class: ClassLimit, Definite: true, Place: nd.ir.Origin,
			Message: fmt.Sprintf("max_cost_usd is set and model %q at port %q has no price", model, x.llm.Port.Name),
			Help:    "add the model to the price table, or remove max_cost_usd",
		}
	}
	x.want.priceIn, x.want.priceOut, x.want.priced = found.Input, found.Output, true
	return nil
}

// FindPrice is the price of a model at a port: an entry of the port before one of
// every port, then the model's own before the longest pattern, then an entry for
// every model; nil if there is none.
func FindPrice(list []Price, portName, model string) *Price {
	var found *Price
	best := -1
	for i := range list {
		p := &list[i]
		fit := 0
		if p.Model != "" {
			if fit = price.Fit(p.Model, model); fit < 0 {
				continue
			}
			fit = 1 + min(fit, math.MaxInt32)
		}
		switch p.Port {
		case portName:
			fit += math.MaxInt32 * 2
		case "":
		default:
			continue
		}
		if fit > best {
			best, found = fit, p
		}
	}
	return found
}
