package sim

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// Differ compares a run with what the reference says, and words the first
// difference, "" if there is none.
func Differ(r machine.Result, want []Ref, completed bool) string {
	if (r.Status == machine.RunCompleted) != completed {
		return fmt.Sprintf("the run is %s; completed by the reference: %v", r.Status, completed)
	}
	for i, n := range r.Nodes {
		w := want[i]
		switch {
		case n.Status.String() != w.Status || n.Why != w.Why:
			return fmt.Sprintf("%s is %s %s, the reference says %s %s", n.Name, n.Status, n.Why, w.Status, w.Why)
		case n.Error != nil && n.Error.Class != w.Class:
			return fmt.Sprintf("%s failed with class %s, the reference says %s", n.Name, n.Error.Class, w.Class)
		case n.Attempts != w.Tries && n.Status == machine.Completed:
			return fmt.Sprintf("%s took %d attempts, the reference says %d", n.Name, n.Attempts, w.Tries)
		}
		got, ref := Timeless(n.Output), Timeless(w.Output)
		if !value.Equal(got, ref) || text(got) != text(ref) {
			return fmt.Sprintf("%s gave %s, the reference says %s", n.Name, text(got), text(ref))
		}
	}
	return ""
}

// Describe lists the nodes of a result, one a line.
func Describe(r machine.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "run %s", r.Status)
	for _, n := range r.Nodes {
		fmt.Fprintf(&b, "\n%s %s %s", n.Name, n.Status, n.Why)
		if n.Error != nil {
			fmt.Fprintf(&b, " %s: %s", n.Error.Class, n.Error.Message)
		}
		if n.Status == machine.Completed {
			b.WriteString(" " + text(Timeless(n.Output)))
		}
		if n.Child != nil {
			b.WriteString(" " + n.Child.RunID + " " + Describe(*n.Child))
		}
	}
	return b.String()
}
