package runtime_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/journal/sqlite"
	"hexdag.dev/hexdag/runtime/port"
)

const victimNodes = 30

// victimProgram is a chain of effects; each adds a line to a file.
func victimProgram() *ir.Program {
	b := irtest.New("victim")
	b.Go("n0", "step")
	for i := 1; i < victimNodes; i++ {
		b.Go(fmt.Sprint("n", i), "step", irtest.After(fmt.Sprint("n", i-1)))
	}
	return b.Output("end", fmt.Sprint("n", victimNodes-1)).Program()
}

func victimOptions(dir string, store journal.Store) runtime.Options {
	return runtime.Options{Journal: store, NewID: func() string { return "run-1" }, Functions: map[string]port.Function{
		"step": step{dir},
	}}
}

// step counts in a file how often each node did its work, under which key.
type step struct{ dir string }

func (step) Class() port.Class { return port.Write }

func (s step) Call(_ context.Context, call port.Call, in value.Value) (value.Value, error) {
	f, err := os.OpenFile(filepath.Join(s.dir, "work"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return value.Null, err
	}
	defer f.Close()
	if _, err := fmt.Fprintln(f, call.Node, call.Key); err != nil {
		return value.Null, err
	}
	time.Sleep(time.Millisecond)
	if o, ok := in.Object(); ok { // the input of a process
		in, _ = o.Get("n")
	}
	n, _ := in.AsInt()
	return value.Int(n + 1), nil
}

// victim runs the program in a process that the test kills.
func victim(dir string) {
	store, err := sqlite.Open(context.Background(), filepath.Join(dir, "runs.db"))
	if err != nil {
		panic(err)
	}
	program := victimProgram()
	if os.Getenv(victimSystemEnv) != "" {
		program = victimSystem()
	}
	p, err := runtime.LoadIR(program)
	if err != nil {
		panic(err)
	}
	o := victimOptions(dir, store)
	o.Observers = []event.Observer{event.ObserverFunc(func(e event.Event) {
		if e.Type == "NodeCompleted" {
			fmt.Println(e.Node)
		}
	})}
	r, err := runtime.New(o)
	if err == nil {
		_, err = r.Run(context.Background(), p, value.Int(0))
	}
	if err != nil {
		panic(err)
	}
	os.Exit(0)
}

// TestKilledRunGoesOn kills a process in the middle of a run, again and again,
// and expects that what was done is not done again.
func TestKilledRunGoesOn(t *testing.T) {
	for _, after := range []int{1, 7, 20} {
		t.Run(strconv.Itoa(after), func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "HEXDAG_TEST_VICTIM="+dir)
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
			if len(told) < after || len(told) == victimNodes {
				t.Skipf("the process got to %d nodes before it was killed", len(told))
			}
			before := work(t, dir)

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
			if text := value.Str(result.Output); result.Status != journal.Completed || text != fmt.Sprintf("{'end': %d}", victimNodes) {
				t.Errorf("the resumed run is %s with %s", result.Status, text)
			}
			again := 0
			for node, keys := range work(t, dir) {
				switch {
				case told[node] && len(keys) > 1:
					t.Errorf("node %s was told to be completed and ran again", node)
				case len(keys) > 2 || len(keys) == 2 && keys[0] != keys[1]:
					t.Errorf("node %s ran under the keys %q", node, keys)
				case len(keys) == 2:
					again++
				}
			}
			if again > 1 {
				t.Errorf("%d nodes ran twice, and only one was in flight (before: %d)", again, len(before))
			}
		})
	}
}

// work reads which keys each node worked under.
func work(t *testing.T, dir string) map[string][]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "work"))
	if err != nil {
		t.Fatal(err)
	}
	done := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		node, key, _ := strings.Cut(line, " ")
		done[node] = append(done[node], key)
	}
	return done
}
