package subprocess

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, script string) *Process {
	t.Helper()
	p, err := Start(Command{Path: "/bin/sh", Args: []string{"-c", script}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

func TestOutputOfAProgramThatEnded(t *testing.T) {
	p := start(t, "echo out; echo one >&2; echo two >&2; exit 3")
	<-p.Done()
	if out, _ := io.ReadAll(p.Stdout); string(out) != "out\n" {
		t.Errorf("its output is %q", out)
	}
	if p.Status() != "exit status 3" || p.LastLine() != "two" {
		t.Errorf("it ended with %q, %q", p.Status(), p.LastLine())
	}
}

func TestOnlyTheEndOfStderrIsKept(t *testing.T) {
	p := start(t, "i=0; while [ $i -lt 2000 ]; do echo 0123456789 >&2; i=$((i+1)); done; echo end >&2")
	<-p.Done()
	if got := p.Stderr(); len(got) > MaxStderr || !strings.HasSuffix(got, "end\n") {
		t.Errorf("%d bytes are kept, ending in %q", len(got), got[len(got)-10:])
	}
}

func TestKillTakesChildrenAlong(t *testing.T) {
	file := t.TempDir() + "/alive"
	p := start(t, "(while :; do date >> "+file+"; sleep 0.02; done) & wait")
	for range 200 {
		if _, err := os.Stat(file); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.Kill()
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	if after, _ := os.ReadFile(file); len(after) > len(before)+64 {
		t.Error("a child of the program still runs")
	}
}

// TestAChildThatHoldsThePipes does not keep the end of its parent from being seen.
func TestAChildThatHoldsThePipes(t *testing.T) {
	p := start(t, "sleep 60 & exit 0")
	select {
	case <-p.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the end was not seen")
	}
}

func TestStopIsPatient(t *testing.T) {
	p := start(t, "cat > /dev/null; echo bye")
	p.Stop(10 * time.Second)
	if s := p.Status(); s != "" {
		t.Errorf("it ended with %q", s)
	}
	stubborn := start(t, "trap '' TERM; exec sleep 60 < /dev/null")
	began := time.Now()
	stubborn.Stop(50 * time.Millisecond)
	if time.Since(began) > 10*time.Second {
		t.Error("it was waited for")
	}
}

func TestSecretsAreNotInherited(t *testing.T) {
	got := Environment([]string{"PATH=/bin", "OPENAI_API_KEY=x", "db_password=x", "GITHUB_TOKEN=x", "AWS_SECRET_ACCESS_KEY=x", "PYTHONPATH=p", "SSH_KEY=x", "KEYBOARD=us"})
	if strings.Join(got, " ") != "PATH=/bin PYTHONPATH=p KEYBOARD=us" {
		t.Errorf("got %v", got)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	if _, err := Start(Command{Path: "no-such-program-here"}); err == nil || !strings.Contains(err.Error(), `"no-such-program-here" is not there`) {
		t.Errorf("got %v", err)
	}
}
