// Package price says what calls of language models cost.
//
// Input: the table of providers' list prices that is part of the program, and
// what a configuration says in its place. Output: the price of a model by its
// name. Both the compiler (the budget of a program) and the runtime (limits and
// usage) ask here, so that they agree.
//
// Invariants: amounts are whole micro-dollars for one million tokens, so sums are
// exact; a model that is not in the table has no price: it is never taken for
// free; the table is read when it is first asked for, since most programs never
// do.
//
// The three hardest cases: a family of models under one pattern, in which one
// member has another price (the longest name that fits counts); a configured
// pattern, which stands before every built-in name that it covers; a price that
// depends on the length of the prompt, of which only the dearest can bound what
// is spent.
package price

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
	"sync"
)

// Price is what a model costs, in micro-dollars for one million tokens.
type Price struct {
	Input, Output int64
	// CachedInput is for tokens of the prompt that the provider had in its cache.
	CachedInput int64
}

// Entry is the price of a model, or of all models that a name ending in `*` fits.
type Entry struct {
	Model string
	Price
}

// Table is entries in any order, no name twice.
type Table []Entry

//go:embed table.txt
var text string

var builtIn = sync.OnceValues(func() (Table, string) {
	var t Table
	made := ""
	for _, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || f[0][0] == '#':
			continue
		case len(f) == 2 && f[0] == "made":
			made = f[1]
			continue
		case len(f) != 4:
			panic("price: bad line in the table: " + line)
		}
		e := Entry{Model: f[0], Price: Price{Input: amount(f[1]), Output: amount(f[2])}}
		e.CachedInput = e.Input
		if f[3] != "-" {
			e.CachedInput = amount(f[3])
		}
		t = append(t, e)
	}
	return t, made
})

func amount(s string) int64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic("price: bad amount in the table: " + s)
	}
	return Micro(x)
}

// Micro is an amount of dollars in micro-dollars, rounded up so that limits are
// never overshot by fractions. What is negative counts as 0, what is over the
// range as its end.
func Micro(dollars float64) int64 {
	m := math.Ceil(dollars*1e6 - 1e-6)
	switch {
	case !(m > 0):
		return 0
	case m >= math.MaxInt64/2:
		return math.MaxInt64 / 2
	}
	return int64(m)
}

// BuiltIn is the table of list prices. It must not be changed.
func BuiltIn() Table {
	t, _ := builtIn()
	return t
}

// Version is the month in which the built-in prices were read: "2025-11".
func Version() string {
	_, made := builtIn()
	return made
}

// Find is the price of a model: that of its name, else of the longest pattern
// that fits.
func (t Table) Find(model string) (Price, bool) {
	best, at := -1, -1
	for i := range t {
		if n := Fit(t[i].Model, model); n > best {
			best, at = n, i
		}
	}
	if at < 0 {
		return Price{}, false
	}
	return t[at].Price, true
}

// Fit says how well a name of the table fits a model: -1 not at all, else more
// for a longer pattern, and the most for the name itself.
func Fit(name, model string) int {
	if name == model {
		return math.MaxInt
	}
	if prefix, ok := strings.CutSuffix(name, "*"); ok && strings.HasPrefix(model, prefix) {
		return len(prefix)
	}
	return -1
}

// Over is the table in which the entries of over stand before those of base: an
// entry of base is left out if one of over fits all that it means.
func Over(over, base Table) Table {
	out := append(Table{}, over...)
	for _, e := range base {
		covered := false
		for _, o := range over {
			covered = covered || Fit(o.Model, strings.TrimSuffix(e.Model, "*")) >= 0 && (o.Model == e.Model || strings.HasSuffix(o.Model, "*"))
		}
		if !covered {
			out = append(out, e)
		}
	}
	return out
}

// Cost is what tokens cost, in micro-dollars, rounded up. It saturates far above
// any amount of money.
func Cost(tokens, perMillion int64) int64 {
	switch {
	case tokens <= 0 || perMillion <= 0:
		return 0
	case tokens > math.MaxInt64/4/perMillion:
		return math.MaxInt64 / 4
	}
	return (tokens*perMillion + 999_999) / 1_000_000
}
