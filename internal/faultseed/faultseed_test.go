package faultseed

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"hexdag.dev/hexdag/lang/diag"
)

// programs are valid manifests: those of testdata, the examples, the golden
// archives, and the conformance corpus where it is.
func programs(t *testing.T) []*Program {
	t.Helper()
	var out []*Program
	load := func(path, root string, env map[string]string) {
		p, err := Load(path, root, env)
		if err != nil {
			t.Fatal(err)
		}
		if p != nil {
			out = append(out, p)
		}
	}
	for _, dir := range []string{"testdata", "../../examples"} {
		root, err := filepath.Abs(dir)
		if err != nil {
			t.Fatal(err)
		}
		var files []string
		if err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".yaml" {
				files = append(files, path)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			load(f, root, nil)
		}
	}
	archives, err := filepath.Glob("../../testdata/golden/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		dir, env := t.TempDir(), map[string]string{}
		for _, f := range a.Files {
			path := filepath.Join(dir, f.Name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
			if f.Name == "environment.json" {
				if err := json.Unmarshal(f.Data, &env); err != nil {
					t.Fatal(err)
				}
			}
		}
		load(filepath.Join(dir, "manifest.yaml"), dir, env)
	}
	corpus, err := filepath.Abs("../../../shared/corpus")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"tests", "examples"} {
		f, err := os.Open(filepath.Join(corpus, part, "index.jsonl"))
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var c struct {
				File string             `json:"file"`
				Env  map[string]*string `json:"env_vars"`
			}
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			env := map[string]string{}
			for k, v := range c.Env {
				if v != nil {
					env[k] = *v
				}
			}
			load(filepath.Join(corpus, c.File), corpus, env)
		}
		f.Close()
	}
	return out
}

// TestFaultsAreFound plants faults of every class and holds that at least 98 of
// 100 are found at their place. FAULTS is how many seeds of a class are judged,
// 40 if it is not set, and 0 for all; FAULTS_SHOW is a class whose misses are
// shown.
func TestFaultsAreFound(t *testing.T) {
	limit := 40
	if s := os.Getenv("FAULTS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		limit = n
	}
	all := programs(t)
	show := os.Getenv("FAULTS_SHOW")
	report := Report{}
	for i := range Classes {
		c := &Classes[i]
		type planted struct {
			p *Program
			s *Seed
		}
		var seeds []planted
		for _, p := range all {
			for _, s := range p.Plant(c) {
				seeds = append(seeds, planted{p, s})
			}
		}
		if len(seeds) == 0 {
			t.Errorf("no manifest has a place for %q", c.Name)
		}
		step := 1.0
		if limit > 0 && len(seeds) > limit {
			step = float64(len(seeds)) / float64(limit)
		}
		for k := 0; int(float64(k)*step) < len(seeds); k++ {
			x := seeds[int(float64(k)*step)]
			o, err := x.p.Judge(x.s)
			if err != nil {
				t.Fatal(err)
			}
			report.Add(x.s, o)
			if c.Name == show && (!o.Placed || !o.Suggested) {
				t.Log(miss(x.p, x.s, o))
			}
		}
		if tally := report[c]; tally != nil && tally.Share() < 0.9 {
			t.Errorf("%s: %d of %d are found at their place", c.Name, tally.Placed, tally.Seeds)
		}
	}
	var b strings.Builder
	report.Write(&b)
	fmt.Print(b.String())
	if total := report.Total(); total.Share() < 0.98 {
		t.Errorf("%.2f%% of the faults are found at their place; at least 98%% must be", 100*total.Share())
	}
}

// miss says what the compiler made of a seed.
func miss(p *Program, s *Seed, o Outcome) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s at %d-%d (%q)\n", p.Path, s.Class.Name, s.First, s.Last, s.Right)
	lines := strings.Split(s.Text, "\n")
	for i := max(0, s.First-2); i < min(len(lines), s.Last+1, s.First+6); i++ {
		fmt.Fprintf(&b, "  %4d | %s\n", i+1, lines[i])
	}
	var found []string
	for _, d := range o.Findings {
		found = append(found, fmt.Sprintf("  %s %d %s %s (%s)\n", d.Severity, d.Loc.File.Position(int(d.Loc.Span.Start)).Line, d.Code, d.Message, d.Help))
	}
	sort.Strings(found)
	b.WriteString(strings.Join(found[:min(len(found), 5)], ""))
	return b.String()
}

// TestSeedsDifferByOneFault holds that the valid manifests are valid and that
// no seed is one.
func TestSeedsDifferByOneFault(t *testing.T) {
	for _, p := range programs(t)[:3] {
		ds, err := p.check(p.text)
		if err != nil || diag.HasErrors(ds) {
			t.Errorf("%s has errors: %v %v", p.Path, err, ds)
		}
		for _, s := range p.Seeds() {
			if s.Text == p.text {
				t.Errorf("%s: a seed of %q changes nothing", p.Path, s.Class.Name)
			}
		}
	}
}
