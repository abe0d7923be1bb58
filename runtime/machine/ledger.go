package machine

import (
	"fmt"
	"math"
	"math/bits"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// Amount is an amount of the limited resources: tokens, calls, micro-dollars.
type Amount struct {
	Tokens, LLMCalls, ToolCalls, CostMicro int64
}

func (a *Amount) at(r resource) *int64 {
	switch r {
	case resTokens:
		return &a.Tokens
	case resLLMCalls:
		return &a.LLMCalls
	case resToolCalls:
		return &a.ToolCalls
	}
	return &a.CostMicro
}

// resource is what a limit bounds.
type resource uint8

const (
	resTokens resource = iota
	resLLMCalls
	resToolCalls
	resCost
	resDuration
	resources = int(resDuration) // those that are reserved
)

var resourceNames = [...]string{ir.MaxTotalTokens, ir.MaxLLMCalls, ir.MaxToolCalls, ir.MaxCostUSD, ir.MaxDuration}

func (r resource) why() Why { return WhyLimitTokens + Why(r) }

// limits are a program's effective limits; -1 stands for none.
type limits struct {
	max       [resources]int64
	duration  int64 // nanoseconds
	threshold float64
	skip      bool // on_limit: skip
}

func noLimits() limits {
	return limits{max: [resources]int64{-1, -1, -1, -1}, duration: -1, threshold: 0.8}
}

func (l *limits) set(name string, v value.Value) error {
	bad := func(want string) error { return fmt.Errorf("limits.%s is %s, not %s", name, value.Repr(v), want) }
	n, isInt := v.AsInt()
	switch name {
	case ir.MaxTotalTokens, ir.MaxLLMCalls, ir.MaxToolCalls, ir.MaxDuration:
		if !isInt || n < 0 {
			return bad("a number from 0 on")
		}
	}
	switch name {
	case ir.MaxTotalTokens:
		l.max[resTokens] = n
	case ir.MaxLLMCalls:
		l.max[resLLMCalls] = n
	case ir.MaxToolCalls:
		l.max[resToolCalls] = n
	case ir.MaxDuration:
		l.duration = n
	case ir.MaxCostUSD:
		micro, ok := microDollars(v)
		if !ok || micro < 0 {
			return bad("an amount in dollars")
		}
		l.max[resCost] = micro
	case ir.WarningThreshold:
		t, ok := v.AsFloat()
		if isInt {
			t, ok = float64(n), true
		}
		if !ok || !(t > 0 && t <= 1) {
			return bad("a number above 0, at most 1")
		}
		l.threshold = t
	case ir.OnLimit:
		switch text, _ := v.AsString(); text {
		case "raise":
			l.skip = false
		case "skip":
			l.skip = true
		default:
			return bad("raise or skip")
		}
	}
	return nil
}

// verdict is the answer to a reservation.
type verdict uint8

const (
	granted verdict = iota
	// mustWait: it may fit once what is held is settled.
	mustWait
	// denied: it can never fit again.
	denied
)

// account is what was used and what is held of one budget. Budgets nest: a
// reservation holds on every level up to the root, or on none.
type account struct {
	parent int32 // -1 for a root
	limit  [resources]int64
	used   [resources]int64
	held   [resources]int64
}

// ledger is the accounts of a run. For every level and resource, used plus held
// never exceeds the limit by a reservation; only what a provider consumes
// beyond its reservation can do that, and then nothing more is granted.
type ledger struct {
	accounts []account
	warned   uint8 // resources for which a warning was emitted
	exceeded uint8 // resources for which a denial was reported
	// dirty: something was freed since the first waiter was last looked at.
	dirty bool
	fault fault
	// up is the ledger of the System that the run is a process of: its first
	// account stands above all accounts here.
	up *ledger
}

func newLedger(l *limits) ledger {
	return ledger{accounts: []account{{parent: -1, limit: l.max}}}
}

// remaining is how much of r can still be reserved once nothing is held, on the
// tightest level; MaxInt64 without a limit.
func (l *ledger) remaining(acct int32, r resource) int64 {
	left := int64(math.MaxInt64)
	for ; acct >= 0; acct = l.accounts[acct].parent {
		if a := &l.accounts[acct]; a.limit[r] >= 0 {
			left = min(left, max(0, a.limit[r]-a.used[r]))
		}
	}
	if l.up != nil {
		left = min(left, l.up.remaining(0, r))
	}
	return left
}

// check says whether want could be held on every level. A zero amount of a
// resource needs nothing.
func (l *ledger) check(acct int32, want Amount) (verdict, resource) {
	answer, which := granted, resource(0)
	for at := acct; at >= 0; at = l.accounts[at].parent {
		a := &l.accounts[at]
		for r := range resource(resources) {
			n := *want.at(r)
			if n == 0 || a.limit[r] < 0 {
				continue
			}
			if a.used[r]+n > a.limit[r] {
				return denied, r
			}
			if a.used[r]+a.held[r]+n > a.limit[r] && answer == granted && l.fault != faultOvergrant {
				answer, which = mustWait, r
			}
		}
	}
	if l.up != nil && l.fault != faultKidBudget {
		if v, r := l.up.check(0, want); v == denied || v == mustWait && answer == granted {
			return v, r
		}
	}
	return answer, which
}

// reserve holds want on every level, or on none.
func (l *ledger) reserve(acct int32, want Amount) (verdict, resource) {
	v, r := l.check(acct, want)
	if v == granted {
		l.each(acct, want, func(a *account, r resource, n int64) { a.held[r] += n })
	}
	return v, r
}

func (l *ledger) each(acct int32, amount Amount, f func(*account, resource, int64)) {
	for ; acct >= 0; acct = l.accounts[acct].parent {
		for r := range resource(resources) {
			f(&l.accounts[acct], r, *amount.at(r))
		}
	}
	if l.up != nil {
		l.up.each(0, amount, f)
	}
}

// send turns held calls into used ones: from now on they count, whatever comes.
func (l *ledger) send(acct int32, grant Amount) {
	l.each(acct, Amount{LLMCalls: grant.LLMCalls, ToolCalls: grant.ToolCalls}, func(a *account, r resource, n int64) {
		a.held[r] -= n
		a.used[r] += n
	})
}

// settle ends a grant that was sent: what was held is free, what was consumed is
// used.
func (l *ledger) settle(acct int32, grant, actual Amount) {
	if l.fault != faultKeepHeld {
		l.each(acct, Amount{Tokens: grant.Tokens, CostMicro: grant.CostMicro}, func(a *account, r resource, n int64) { a.held[r] -= n })
	}
	l.each(acct, actual, func(a *account, r resource, n int64) { a.used[r] += n })
	l.dirty = true
}

// unsend takes back the calls of a grant that turned out not to have been made.
func (l *ledger) unsend(acct int32, grant Amount) {
	l.each(acct, Amount{LLMCalls: grant.LLMCalls, ToolCalls: grant.ToolCalls}, func(a *account, r resource, n int64) { a.used[r] -= n })
	l.dirty = true
}

// forfeit ends a grant whose consumption nobody knows: all of it counts as used.
func (l *ledger) forfeit(acct int32, grant Amount) {
	l.each(acct, Amount{Tokens: grant.Tokens, CostMicro: grant.CostMicro}, func(a *account, r resource, n int64) {
		a.held[r] -= n
		a.used[r] += n
	})
	l.dirty = true
}

// want is what a call needs. How long an answer may be is not fixed: it may be
// shortened to what a limit leaves.
type want struct {
	llmCalls, toolCalls int64
	prompt              int64 // tokens at most, 0 for a call without tokens
	answer              int64 // tokens wished for; 0: defaultAnswer
	priceIn, priceOut   int64 // micro-dollars for a million tokens
	priced              bool
}

// defaultAnswer bounds an answer, in tokens, under a limit on tokens or cost when
// neither the node nor the port says how long it may be: without a bound a
// single call would have to reserve everything that is left.
const defaultAnswer = 4096

// minAnswer is the shortest bound on an answer that a call is made with.
const minAnswer = 1

// amount is what is reserved for w when the answer has the bound, which is
// lowered to what the limits leave.
func (l *ledger) amount(acct int32, w want) (Amount, bool, resource) {
	a := Amount{LLMCalls: w.llmCalls, ToolCalls: w.toolCalls}
	if w.llmCalls == 0 {
		return a, true, 0
	}
	tokens, cost := l.remaining(acct, resTokens), l.remaining(acct, resCost)
	if tokens == math.MaxInt64 && cost == math.MaxInt64 {
		return a, true, 0
	}
	answer := w.answer
	if answer <= 0 {
		answer = defaultAnswer
	}
	if tokens != math.MaxInt64 {
		if answer = min(answer, tokens-w.prompt); answer < minAnswer {
			return a, false, resTokens
		}
	}
	if cost != math.MaxInt64 && w.priced {
		left := cost - costOf(w.prompt, w.priceIn, 0, 0)
		if left < 0 {
			return a, false, resCost
		}
		if w.priceOut > 0 {
			if hi, lo := bits.Mul64(uint64(left), million); hi < uint64(w.priceOut) {
				fit, _ := bits.Div64(hi, lo, uint64(w.priceOut))
				answer = min(answer, int64(min(fit, math.MaxInt32)))
			}
		}
		if answer < minAnswer {
			return a, false, resCost
		}
		a.CostMicro = costOf(w.prompt, w.priceIn, answer, w.priceOut)
	}
	a.Tokens = w.prompt + answer
	return a, true, 0
}

const million = 1_000_000

// costOf is a price in micro-dollars, rounded up.
func costOf(in, priceIn, out, priceOut int64) int64 {
	part := func(n, price int64) int64 {
		if price == 0 || n == 0 {
			return 0
		}
		if n > math.MaxInt64/4/price {
			return math.MaxInt64 / 4
		}
		return n * price
	}
	return (part(in, priceIn) + part(out, priceOut) + million - 1) / million
}

// probe says what take would answer.
func (l *ledger) probe(acct int32, w want) (verdict, Amount, resource) {
	a, fits, r := l.amount(acct, w)
	if !fits {
		return denied, a, r
	}
	v, r := l.check(acct, a)
	return v, a, r
}

// take reserves what w needs.
func (l *ledger) take(acct int32, w want) (verdict, Amount, resource) {
	a, fits, r := l.amount(acct, w)
	if !fits {
		return denied, a, r
	}
	v, r := l.reserve(acct, a)
	return v, a, r
}
