package runtime_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/journal/sqlite"
)

// victimSystemEnv makes the victim a System.
const victimSystemEnv = "HEXDAG_TEST_VICTIM_SYSTEM"

const victimSteps = 8 // of each process

// victimSystem is two processes side by side, and one that adds what they gave;
// each is a chain of effects that add a line to a file.
func victimSystem() *ir.Program {
	chain := func(prefix string) *ir.Program {
		b := irtest.New(prefix)
		b.Go(prefix+"0", "step")
		for i := 1; i < victimSteps; i++ {
			b.Go(fmt.Sprint(prefix, i), "step", irtest.After(fmt.Sprint(prefix, i-1)))
		}
		return b.Output("end", fmt.Sprint(prefix, victimSteps-1)).Program()
	}
	return irtest.System("victims").Kernel(ir.OnFailure, value.String("continue")).
		Process("a", chain("a"), []string{"n", "0"}).
		Process("b", chain("b"), []string{"n", "100"}).
		Process("c", chain("c"), []string{"n", "a.outputs.end + b.outputs.end"}).
		Output("sum", "c").Program()
}

// killedSystem runs a System in a process of its own and kills it when it has
// told of that many nodes. A run that was over before the blow is repeated. It
// returns the folder of the run and the nodes that it told of.
func killedSystem(t *testing.T, after int) (string, map[string]bool) {
	t.Helper()
	for range 10 {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "HEXDAG_TEST_VICTIM="+dir, victimSystemEnv+"=1")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		told := map[string]bool{}
		for len(told) < after && lines.Scan() {
			told[lines.Text()] = true
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			told[lines.Text()] = true
		}
		_ = cmd.Wait() // it was killed
		if len(told) < after {
			t.Fatalf("the process ended after %d nodes by itself", len(told))
		}
		if len(told) < 3*victimSteps {
			return dir, told
		}
	}
	t.Fatal("ten processes were through before they could be killed")
	return "", nil
}

// TestAKilledSystemGoesOn kills a System while its first processes are at work,
// and while the last one is: what was done in any process is not done again.
func TestAKilledSystemGoesOn(t *testing.T) {
	for _, after := range []int{1, victimSteps, 2*victimSteps + 3} {
		t.Run(strconv.Itoa(after), func(t *testing.T) {
			dir, told := killedSystem(t, after)
			store, err := sqlite.Open(t.Context(), filepath.Join(dir, "runs.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			r := runner(t, victimOptions(dir, store))
			result, err := r.Resume(t.Context(), "run-1")
			if err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf("{'end': %d}", 100+3*victimSteps)
			if text := value.Str(process(t, result, "c").Output); result.Status != journal.Completed || text != want {
				t.Errorf("the resumed System is %s with %s, want %s", result.Status, text, want)
			}
			for _, name := range []string{"a", "b", "c"} {
				if n := process(t, result, name); n.Child == nil || len(n.Child.Nodes) != victimSteps {
					t.Errorf("process %s has no run of its own in the result", name)
				}
			}
			done := work(t, dir)
			if len(done) != 3*victimSteps {
				t.Errorf("%d nodes did their work, not %d", len(done), 3*victimSteps)
			}
			again := 0
			for node, keys := range done {
				switch {
				case told[node] && len(keys) > 1:
					t.Errorf("node %s was told to be completed and ran again", node)
				case len(keys) > 2 || len(keys) == 2 && keys[0] != keys[1]:
					t.Errorf("node %s ran under the keys %q", node, keys)
				case len(keys) == 2:
					again++
				}
			}
			if again > 2 {
				t.Errorf("%d nodes ran twice, and at most two were in flight", again)
			}
			// It is over: a second resumption does nothing.
			if second, err := r.Resume(t.Context(), "run-1"); err == nil && second.Status != journal.Completed {
				t.Errorf("a second resumption is %s", second.Status)
			}
			if twice := work(t, dir); len(strings.Join(flat(twice), "")) != len(strings.Join(flat(done), "")) {
				t.Errorf("a second resumption worked again")
			}
		})
	}
}

func flat(work map[string][]string) []string {
	var out []string
	for _, keys := range work {
		out = append(out, keys...)
	}
	return out
}
