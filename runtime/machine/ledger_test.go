package machine

import (
	"math/rand/v2"
	"testing"
)

// TestNestedBudgets draws from budgets inside of budgets at random: no level is
// ever overdrawn, what is denied really cannot fit, and at the end nothing is
// held and every level has used what those below it and its own calls used.
func TestNestedBudgets(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		l := ledger{}
		none := [resources]int64{-1, -1, -1, -1}
		for i := range int32(1 + r.IntN(5)) {
			a := account{parent: int32(r.IntN(int(i)+1)) - 1, limit: none}
			for res := range a.limit {
				if r.IntN(2) == 0 {
					a.limit[res] = int64(r.IntN(60))
				}
			}
			l.accounts = append(l.accounts, a)
		}
		type grant struct {
			acct int32
			a    Amount
		}
		var open []grant
		own := make([][resources]int64, len(l.accounts))
		use := func(acct int32, a Amount) {
			for res := range resource(resources) {
				own[acct][res] += *a.at(res)
			}
		}
		for range 300 {
			switch {
			case len(open) == 0 || r.IntN(2) == 0:
				acct := int32(r.IntN(len(l.accounts)))
				w := Amount{Tokens: int64(r.IntN(12)), LLMCalls: int64(r.IntN(2)), ToolCalls: int64(r.IntN(2)), CostMicro: int64(r.IntN(9))}
				v, res := l.reserve(acct, w)
				fits := true
				for at := acct; at >= 0; at = l.accounts[at].parent {
					a := &l.accounts[at]
					if a.limit[res] >= 0 && a.used[res]+*w.at(res) > a.limit[res] {
						fits = false
					}
				}
				if v == denied && fits {
					t.Fatalf("seed %d: %+v was denied and could fit", seed, w)
				}
				if v == granted {
					l.send(acct, w)
					use(acct, Amount{LLMCalls: w.LLMCalls, ToolCalls: w.ToolCalls})
					open = append(open, grant{acct, w})
				}
			default:
				i := r.IntN(len(open))
				g := open[i]
				open = append(open[:i], open[i+1:]...)
				switch r.IntN(3) {
				case 0:
					l.forfeit(g.acct, g.a)
					use(g.acct, Amount{Tokens: g.a.Tokens, CostMicro: g.a.CostMicro})
				case 1:
					actual := Amount{Tokens: r.Int64N(g.a.Tokens + 1), CostMicro: r.Int64N(g.a.CostMicro + 1)}
					l.settle(g.acct, g.a, actual)
					use(g.acct, actual)
				case 2:
					l.unsend(g.acct, g.a)
					l.settle(g.acct, g.a, Amount{})
					use(g.acct, Amount{LLMCalls: -g.a.LLMCalls, ToolCalls: -g.a.ToolCalls})
				}
			}
			for i, a := range l.accounts {
				for res := range a.limit {
					if a.limit[res] >= 0 && a.used[res]+a.held[res] > a.limit[res] || a.held[res] < 0 {
						t.Fatalf("seed %d: account %d has used %d and holds %d of %d", seed, i, a.used[res], a.held[res], a.limit[res])
					}
				}
			}
		}
		for _, g := range open {
			l.forfeit(g.acct, g.a)
			use(g.acct, Amount{Tokens: g.a.Tokens, CostMicro: g.a.CostMicro})
		}
		for i := len(own) - 1; i >= 0; i-- {
			if p := l.accounts[i].parent; p >= 0 {
				for res := range own[i] {
					own[p][res] += own[i][res]
				}
			}
		}
		for i, a := range l.accounts {
			if a.held != ([resources]int64{}) || a.used != own[i] {
				t.Fatalf("seed %d: account %d holds %v and has used %v; its calls and those below used %v", seed, i, a.held, a.used, own[i])
			}
		}
	}
}

func TestAShorterAnswerFitsTheLimits(t *testing.T) {
	for _, tt := range []struct {
		name          string
		tokens, cost  int64 // limits
		w             want
		answer, micro int64 // -1: denied
	}{
		{"no limit", -1, -1, want{llmCalls: 1, prompt: 10, answer: 5}, 0, 0},
		{"it fits", 100, -1, want{llmCalls: 1, prompt: 10, answer: 5}, 5, 0},
		{"it is shortened", 12, -1, want{llmCalls: 1, prompt: 10, answer: 5}, 2, 0},
		{"no room for an answer", 10, -1, want{llmCalls: 1, prompt: 10, answer: 5}, -1, 0},
		{"the usual bound", 1 << 40, -1, want{llmCalls: 1, prompt: 10}, defaultAnswer, 0},
		{"a price", -1, 100, want{llmCalls: 1, prompt: 10, answer: 50, priceIn: million, priceOut: 2 * million, priced: true}, 45, 100},
		{"a price that is free", -1, 0, want{llmCalls: 1, prompt: 10, answer: 50, priced: true}, 50, 0},
		{"a prompt that is too dear", -1, 9, want{llmCalls: 1, prompt: 10, answer: 50, priceIn: million, priceOut: million, priced: true}, -1, 0},
		{"huge prices", -1, 1 << 40, want{llmCalls: 1, prompt: 1 << 40, answer: 50, priceIn: 1 << 50, priceOut: 1 << 50, priced: true}, -1, 0},
	} {
		max := noLimits()
		max.max[resTokens], max.max[resCost] = tt.tokens, tt.cost
		l := newLedger(&max)
		a, fits, _ := l.amount(0, tt.w)
		answer := a.Tokens - tt.w.prompt
		if a.Tokens == 0 {
			answer = 0
		}
		if !fits {
			answer = -1
		}
		if answer != tt.answer || fits && a.CostMicro != tt.micro {
			t.Errorf("%s: an answer of %d tokens for %d micro-dollars, want %d for %d", tt.name, answer, a.CostMicro, tt.answer, tt.micro)
		}
	}
}
