package faultseed

import (
	"fmt"
	"io"
	"strings"
)

// Tally counts the outcomes of a class.
type Tally struct {
	Seeds, Caught, Placed int
	// Due counts the well-placed findings that should suggest the right text,
	// Suggested those that do.
	Due, Suggested int
	// Alone counts the caught faults without any other new error.
	Alone int
}

// Add counts the outcome of a seed.
func (t *Tally) Add(s *Seed, o Outcome) {
	t.Seeds++
	if !o.Caught {
		return
	}
	t.Caught++
	if o.Others == 0 {
		t.Alone++
	}
	if !o.Placed {
		return
	}
	t.Placed++
	if s.Right != "" {
		t.Due++
		if o.Suggested {
			t.Suggested++
		}
	}
}

// Share is how many of the seeds are caught and well placed, from 0 to 1; 1 if
// there are none.
func (t *Tally) Share() float64 {
	if t.Seeds == 0 {
		return 1
	}
	return float64(t.Placed) / float64(t.Seeds)
}

// Report is the tallies by class.
type Report map[*Class]*Tally

// Add counts the outcome of a seed.
func (r Report) Add(s *Seed, o Outcome) {
	if r[s.Class] == nil {
		r[s.Class] = &Tally{}
	}
	r[s.Class].Add(s, o)
}

// Total is the sum of all classes.
func (r Report) Total() Tally {
	var sum Tally
	for _, t := range r {
		sum.Seeds += t.Seeds
		sum.Caught += t.Caught
		sum.Placed += t.Placed
		sum.Due += t.Due
		sum.Suggested += t.Suggested
		sum.Alone += t.Alone
	}
	return sum
}

// Write prints the report as a table.
func (r Report) Write(w io.Writer) {
	fmt.Fprintf(w, "%-38s %6s %7s %8s %10s %6s\n", "fault", "seeds", "caught", "placed", "suggested", "alone")
	row := func(name string, t *Tally) {
		suggested := "-"
		if t.Due > 0 {
			suggested = percent(t.Suggested, t.Due)
		}
		fmt.Fprintf(w, "%-38s %6d %7s %8s %10s %6s\n", name, t.Seeds, percent(t.Caught, t.Seeds), percent(t.Placed, t.Seeds), suggested, percent(t.Alone, t.Caught))
	}
	for i := range Classes {
		if t := r[&Classes[i]]; t != nil {
			row(Classes[i].Name, t)
		} else {
			fmt.Fprintf(w, "%-38s %6d\n", Classes[i].Name, 0)
		}
	}
	total := r.Total()
	row("all", &total)
}

func percent(n, of int) string {
	if of == 0 {
		return "-"
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", 100*float64(n)/float64(of)), ".0") + "%"
}
