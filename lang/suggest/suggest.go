// Package suggest finds what a misspelt name was meant to be.
//
// Input: a name and the names that would be right at its place. Output: the
// nearest ones, best first, or none when nothing is near enough to be worth
// saying. The measure is the optimal string alignment distance (insert, delete,
// replace, swap of neighbours), case-insensitive, with a bound that grows with
// the name's length.
//
// The three hardest cases: short names, where everything is near everything;
// names that differ in a prefix or suffix only (`prompt`, `main_prompt`); a
// place with thousands of names, which must not cost a table for each.
package suggest

import (
	"slices"
	"strings"
)

// Max is how many suggestions Near gives at most.
const Max = 3

// Near returns the candidates nearest to name, best first, at most Max; equal
// distances keep the order of the candidates.
func Near(name string, candidates []string) []string {
	type hit struct {
		name string
		cost int
	}
	low := strings.ToLower(name)
	bound := limit(len(low))
	var hits []hit
	for _, c := range candidates {
		if c == name || c == "" {
			continue
		}
		lc := strings.ToLower(c)
		d := distance(low, lc, bound)
		if d >= max(len(low), len(lc)) {
			continue // nothing of it is left
		}
		if d > bound {
			// a part of the name that is long enough to mean it
			if len(low) >= 4 && len(lc) >= 4 && (strings.HasSuffix(lc, "_"+low) || strings.HasPrefix(lc, low+"_") ||
				strings.HasSuffix(low, "_"+lc) || strings.HasPrefix(low, lc+"_")) {
				d = bound
			} else {
				continue
			}
		}
		hits = append(hits, hit{c, d})
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return a.cost - b.cost })
	var out []string
	for _, h := range hits {
		if len(out) == Max || h.cost > hits[0].cost+1 {
			break
		}
		out = append(out, h.name)
	}
	return out
}

// Best is the nearest candidate, "" when none is near.
func Best(name string, candidates []string) string {
	if n := Near(name, candidates); len(n) > 0 {
		return n[0]
	}
	return ""
}

// Help is a help line "did you mean "x"?" for the nearest candidates, "" when
// none is near.
func Help(name string, candidates []string) string {
	n := Near(name, candidates)
	if len(n) == 0 {
		return ""
	}
	quoted := make([]string, len(n))
	for i, s := range n {
		quoted[i] = `"` + s + `"`
	}
	if len(quoted) == 1 {
		return "did you mean " + quoted[0] + "?"
	}
	return "did you mean " + strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1] + "?"
}

// Distance is the optimal string alignment distance of a and b.
func Distance(a, b string) int { return distance(a, b, len(a)+len(b)) }

func limit(n int) int {
	switch {
	case n <= 2:
		return 1
	case n <= 5:
		return 2
	default:
		return 1 + n/4
	}
}

// distance is the optimal string alignment distance of a and b, or bound+1 if
// it is larger than bound.
func distance(a, b string, bound int) int {
	if d := len(a) - len(b); d > bound || -d > bound {
		return bound + 1
	}
	prev2 := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		best := cur[0]
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, prev2[j-2]+1)
			}
			cur[j] = d
			best = min(best, d)
		}
		if best > bound {
			return bound + 1
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
