package runtime_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/journal/sqlite"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

const (
	// crashEnv makes the test's program the one that is killed: "FOLDER GENERATION
	// LAST", where LAST is how many runs there shall be.
	crashEnv   = "HEXDAG_TEST_CRASH"
	crashRuns  = 6  // at a time
	crashNodes = 25 // of each
)

// crashProgram is a chain of effects, of which each adds one, beside one that is on
// its own.
func crashProgram() *ir.Program {
	b := irtest.New("crash").Go("n0", "step", irtest.Attempts(20, 1))
	for i := 1; i < crashNodes; i++ {
		b.Go(fmt.Sprint("n", i), "step", irtest.Attempts(20, 1), irtest.After(fmt.Sprint("n", i-1)))
	}
	return b.Output("end", fmt.Sprint("n", crashNodes-1)).Program()
}

// crashStep writes down that it works: run, node, key, and in which life of the
// process.
type crashStep struct {
	work       *os.File
	generation string
}

func (crashStep) Class() port.Class { return port.Write }

func (s crashStep) Call(_ context.Context, call port.Call, in value.Value) (value.Value, error) {
	if _, err := fmt.Fprintln(s.work, call.RunID, call.Node, call.Key, s.generation); err != nil {
		return value.Null, err
	}
	n, _ := in.AsInt()
	return value.Int(n + 1), nil
}

// crashVictim goes on with every run that is not over, starts those that are
// missing, and sends each a signal now and then. What it prints is acknowledged:
// "node RUN NODE" and "signal RUN ID".
func crashVictim(spec string) {
	must := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(9)
		}
	}
	var dir, generation string
	var last int
	_, err := fmt.Sscan(spec, &dir, &generation, &last)
	must(err)
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "runs.db"))
	must(err)
	work, err := os.OpenFile(filepath.Join(dir, "work"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	must(err)
	p, err := runtime.LoadIR(crashProgram())
	must(err)
	fmt.Println("ready")
	var group sync.WaitGroup
	for i := range last {
		id := fmt.Sprint("run-", i)
		info, _, err := store.Get(ctx, id)
		if err == nil && info.Status.Final() {
			continue
		}
		known := err == nil
		r, err := runtime.New(runtime.Options{
			Journal: store, NewID: func() string { return id },
			Functions: map[string]port.Function{"step": crashStep{work, generation}},
			Observers: []event.Observer{event.ObserverFunc(func(e event.Event) {
				if e.Type == "NodeCompleted" && e.Seq > 0 {
					fmt.Println("node", e.RunID, e.Node)
				}
			})},
		})
		must(err)
		group.Go(func() {
			if known {
				_, err = r.Resume(ctx, id)
			} else {
				_, err = r.Run(ctx, p, value.Int(0))
			}
			must(err)
		})
		group.Go(func() {
			for n := range 3 {
				time.Sleep(3 * time.Millisecond)
				signal := fmt.Sprint(generation, "-", n)
				if _, err := r.Signal(ctx, id, machine.Signal{ID: signal, Key: "news"}); err == nil {
					fmt.Println("signal", id, signal)
				}
			}
		})
	}
	group.Wait()
	must(store.Close())
	os.Exit(0)
}

// TestKilledAtRandomInstants kills a process under load again and again, sometimes
// leaves half a page at the end of the write-ahead log as a torn write does, and
// expects that nothing that was acknowledged is lost and that no effect whose end
// was told happens again. HEXDAG_CRASHES sets how often, HEXDAG_CRASH_SEED when.
func TestKilledAtRandomInstants(t *testing.T) {
	kills, seed := 12, uint64(time.Now().UnixNano())
	if testing.Short() {
		kills = 4
	}
	for name, to := range map[string]any{"HEXDAG_CRASHES": &kills, "HEXDAG_CRASH_SEED": &seed} {
		if s := os.Getenv(name); s != "" {
			if _, err := fmt.Sscan(s, to); err != nil {
				t.Fatal(name, err)
			}
		}
	}
	t.Logf("HEXDAG_CRASH_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	told := map[string]int{} // by "run node": the first life in which it was
	signals := map[string]bool{}
	runs, killed, torn, generation := crashRuns, 0, 0, 0
	for {
		generation++
		// Most lives get something done before they are killed; some are killed while
		// they take up the runs.
		pause, early := time.Duration(random.IntN(40_000))*time.Microsecond, random.IntN(4) == 0
		if killed >= kills {
			pause = time.Minute
		}
		alive, lines := liveOnce(t, fmt.Sprint(dir, " ", generation, " ", runs), pause, early)
		for _, line := range lines {
			kind, what, _ := strings.Cut(line, " ")
			switch kind {
			case "node":
				if _, ok := told[what]; !ok { // a resumed run tells again what it replays
					told[what] = generation
				}
			case "signal":
				signals[what] = true
			}
		}
		if alive && killed >= kills {
			break
		}
		if alive {
			runs += crashRuns // it was done before it could be killed
			continue
		}
		killed++
		if random.IntN(3) == 0 && tear(t, filepath.Join(dir, "runs.db-wal"), random) {
			torn++
		}
	}
	t.Logf("%d kills, %d torn logs, %d runs, %d nodes told, %d signals acknowledged", killed, torn, runs, len(told), len(signals))
	checkCrashed(t, dir, runs, told, signals)
}

// liveOnce lets the victim live for some time after it has acknowledged something,
// or, early, after it is ready; alive tells that it ended by itself. lines is what it
// said.
func liveOnce(t *testing.T, spec string, pause time.Duration, early bool) (alive bool, lines []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+spec)
	var faults strings.Builder
	cmd.Stderr = &faults
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(out)
	if _, err := in.ReadString('\n'); err != nil {
		_ = cmd.Wait()
		t.Fatalf("the process did not get ready: %v %s", err, faults.String())
	}
	kill := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() }) // it may be over
	if early {
		kill.Reset(pause)
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			break // half a line was not said
		}
		if len(lines) == 0 && !early {
			kill.Reset(pause)
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	_, _ = io.Copy(io.Discard, in)
	err = cmd.Wait()
	kill.Stop()
	if err != nil && cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the process failed: %v %s", err, faults.String())
	}
	return err == nil, lines
}

// tear puts half a page behind a write-ahead log.
func tear(t *testing.T, path string, random *rand.Rand) bool {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if os.IsNotExist(err) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	half := make([]byte, 24+random.IntN(4000))
	for i := range half {
		half[i] = byte(random.Uint32())
	}
	if _, err := f.Write(half); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return true
}

func checkCrashed(t *testing.T, dir string, runs int, told map[string]int, signals map[string]bool) {
	t.Helper()
	path := filepath.Join(dir, "runs.db")
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	want := fmt.Sprintf(`"output":{"end":%d}`, crashNodes)
	for i := range runs {
		id := fmt.Sprint("run-", i)
		info, doc, err := store.Get(t.Context(), id)
		if err != nil || info.Status != journal.Completed || !strings.Contains(string(doc), want) {
			t.Errorf("run %s is %s (%v): %s", id, info.Status, err, doc)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "work"))
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	counts := map[string]int{}
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) != 4 {
			t.Fatalf("the line %q is not whole", line)
		}
		what := f[0] + " " + f[1]
		generation, err := strconv.Atoi(f[3])
		if err != nil {
			t.Fatal(err)
		}
		counts[what]++
		if g, ok := told[what]; ok && generation > g {
			t.Errorf("%s was told to have ended in life %d and ran again in life %d", what, g, generation)
		}
		if k, ok := keys[what]; ok && k != f[2] {
			t.Errorf("%s ran under the keys %s and %s", what, k, f[2])
		}
		keys[what] = f[2]
	}
	again := 0
	for _, n := range counts {
		again += n - 1
	}
	if len(counts) != runs*crashNodes {
		t.Errorf("%d of %d effects happened", len(counts), runs*crashNodes)
	}
	t.Logf("%d effects happened, %d of them again after a crash in the middle", len(counts), again)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for what := range signals {
		run, id, _ := strings.Cut(what, " ")
		var n int
		if err := db.QueryRow("SELECT count(*) FROM inbox WHERE run = ? AND id = ?", run, id).Scan(&n); err != nil || n != 1 {
			t.Errorf("the signal %s of %s was acknowledged and is there %d times (%v)", id, run, n, err)
		}
	}
	var sound string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("the store is %s (%v)", sound, err)
	}
}
