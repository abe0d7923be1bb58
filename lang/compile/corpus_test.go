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
// up: raise it with the change that raises the number. The others stand in
// testdata/corpus/differs.txt.
const agreed = 394

const corpus = "../../../shared/corpus"

type corpusCase struct {
	File     string             `json:"file"`
	Expected string             `json:"expected"` // valid, invalid, unknown
	Error    string             `json:"expected_error"`
	API      string             `json:"api"`         // the entry point that judged it
	Named    string             `json:"environment"` // of the documents, picks one
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

// options are those under which a case was judged.
func (c *corpusCase) options() compile.Options {
	return compile.Options{
		Root: corpus, Env: c.Named, Lookup: func(name string) (string, bool) {
			if v := c.Env[name]; v != nil {
				return *v, true
			}
			return "", false
		},
	}
}

// checkCase judges a case as its entry point did: a manifest is checked, one
// with environment variables or a named environment is built, and a
// configuration is also used as one.
func checkCase(c corpusCase) (ds []diag.Diagnostic, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	w, err := compile.New(c.options())
	if err != nil {
		return nil, err
	}
	file := filepath.Join(corpus, c.File)
	if c.API == "build" && (c.Named != "" || len(c.Env) > 0) {
		_, ds, err = w.Build(file, "")
		return ds, err
	}
	ds, err = w.CheckFile(file)
	if err != nil || c.API != "config" {
		return ds, err
	}
	used, err := configured(c)
	return append(ds, used...), err
}

// configured are the findings of a pipeline with the case as its Config.
func configured(c corpusCase) ([]diag.Diagnostic, error) {
	opt := c.options()
	opt.Config = filepath.Join(corpus, c.File)
	opt.ReadFile = func(name string) ([]byte, error) {
		if filepath.Base(name) == "pipeline-with-config.yaml" {
			return []byte("kind: Pipeline\nmetadata: {name: p}\nspec: {nodes: []}\n"), nil
		}
		return os.ReadFile(name)
	}
	w, err := compile.New(opt)
	if err != nil {
		return nil, err
	}
	return w.CheckFile("pipeline-with-config.yaml")
}

// verdict is what findings say of a manifest.
func verdict(ds []diag.Diagnostic) string {
	if diag.HasErrors(ds) {
		return "invalid"
	}
	return "valid"
}

// TestCorpus checks every manifest of the corpus: none may panic or take a
// second, and each has upstream's verdict or stands in differs.txt with the
// decision that justifies the difference. HEXDAG_CORPUS=1 lists the findings of
// those that differ.
func TestCorpus(t *testing.T) {
	differs := readTable(t, "differs.txt")
	judged := readTable(t, "unlabelled.txt")
	agree, total := 0, 0
	var listed []string
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
		got := verdict(ds)
		if c.Expected == "unknown" || c.Expected == "" {
			if want := strings.Fields(judged.take(c.File) + " unjudged")[0]; want != got {
				t.Errorf("%s: %s, but unlabelled.txt says %s\n%s", c.File, got, want, findings(ds))
			}
			continue
		}
		total++
		reason := differs.take(c.File)
		switch {
		case got == c.Expected && reason != "" && !strings.HasPrefix(reason, "for another fault:"):
			t.Errorf("%s is in differs.txt, but agrees", c.File)
		case got == c.Expected:
			agree++
		case reason == "":
			t.Errorf("%s: expected %s %s\n%s", c.File, c.Expected, c.Error, findings(ds))
		default:
			listed = append(listed, fmt.Sprintf("%s: expected %s; %s\n%s", c.File, c.Expected, reason, findings(ds)))
		}
	}
	differs.done(t)
	judged.done(t)
	fmt.Printf("corpus: %d of %d judged manifests have upstream's verdict, the others differ by decision\n", agree, total)
	if agree < agreed {
		t.Errorf("%d manifests agree, %d did before", agree, agreed)
	}
	if os.Getenv("HEXDAG_CORPUS") != "" {
		sort.Strings(listed)
		t.Log("\n" + strings.Join(listed, "\n"))
	}
}
