package compile_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
)

// agreed is how many corpus manifests have upstream's verdict. It may only go
// up: raise it with the change that raises the number.
const agreed = 390

const corpus = "../../../shared/corpus"

type corpusCase struct {
	File     string             `json:"file"`
	Expected string             `json:"expected"` // valid, invalid, unknown
	Error    string             `json:"expected_error"`
	Env      map[string]*string `json:"env_vars"`
	Observed struct {
		OK *bool `json:"ok"`
	} `json:"observed"`
}

func corpusCases(t *testing.T) []corpusCase {
	t.Helper()
	var all []corpusCase
	for _, part := range []string{"tests", "examples"} {
		f, err := os.Open(filepath.Join(corpus, part, "index.jsonl"))
		if err != nil {
			t.Skipf("the corpus is not there: %v", err)
		}
		defer f.Close()
		sc := bufio.NewScanner(f)
		sc.Buffer(nil, 1<<20)
		for sc.Scan() {
			var c corpusCase
			if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			if c.Expected == "" && c.Observed.OK != nil {
				c.Expected = map[bool]string{true: "valid", false: "invalid"}[*c.Observed.OK]
			}
			all = append(all, c)
		}
		if err := sc.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func checkCase(c corpusCase) (ds []diag.Diagnostic, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	w, err := compile.New(compile.Options{
		Root: corpus, Lookup: func(name string) (string, bool) {
			if v := c.Env[name]; v != nil {
				return *v, true
			}
			return "", false
		},
	})
	if err != nil {
		return nil, err
	}
	return w.CheckFile(filepath.Join(corpus, c.File))
}

// TestCorpus checks every manifest of the corpus: none may panic or take a
// second, and the number of those with upstream's verdict may only go up.
// HEXDAG_CORPUS=1 lists those that differ.
func TestCorpus(t *testing.T) {
	agree, total := 0, 0
	var differ []string
	for _, c := range corpusCases(t) {
		start := time.Now()
		ds, err := checkCase(c)
		if d := time.Since(start); d > time.Second {
			t.Errorf("%s: took %v", c.File, d)
		}
		if err != nil {
			t.Errorf("%s: %v", c.File, err)
			continue
		}
		if c.Expected == "unknown" || c.Expected == "" {
			continue
		}
		total++
		got := "valid"
		if diag.HasErrors(ds) {
			got = "invalid"
		}
		if got == c.Expected {
			agree++
			continue
		}
		line := fmt.Sprintf("%s: expected %s", c.File, c.Expected)
		if c.Error != "" {
			line += " (" + c.Error + ")"
		}
		for _, d := range ds {
			if d.Severity == diag.Error {
				line += fmt.Sprintf("\n\t%s:%d %s %s", d.Loc.File.Path(), d.Loc.File.Position(int(d.Loc.Span.Start)).Line, d.Code, d.Message)
			}
		}
		differ = append(differ, line)
	}
	fmt.Printf("corpus: %d of %d judged manifests have upstream's verdict (386 + 117 checked)\n", agree, total)
	if agree < agreed {
		t.Errorf("%d manifests agree, %d did before", agree, agreed)
	}
	if os.Getenv("HEXDAG_CORPUS") != "" {
		sort.Strings(differ)
		t.Log("\n" + strings.Join(differ, "\n"))
	}
}
