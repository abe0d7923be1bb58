//go:build schemagen

// Command schemagen turns the CUE files of package schema into the Go table that
// the tools walk.
//
// Input: schema/*.cue. Output: schema/table_gen.go, or, with -check, an exit
// status that says whether it is up to date. The reference documentation is made
// from the table by referencegen.
//
// Invariants: the same CUE gives the same bytes; every definition and field has
// a doc comment; every attribute is one that the table knows; what is read from
// the CUE syntax agrees with what the CUE evaluator makes of it.
//
// The three hardest cases: a disjunction, in which scalars, texts and structures
// become alternatives of one type, and the tolerance for templates must
// disappear from the documentation; rules between fields, which are attributes
// and must only name fields that exist; definitions that embed others, whose own
// fields win wherever the embedding stands.
//
// The build tag keeps the CUE evaluator out of the default build, vet and test:
// it takes a minute to compile. `go generate ./schema` sets the tag, and so do
//
//	go test -tags schemagen ./lang/shape
//
// for the test that lets CUE judge the table checker.
package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail if a generated file is out of date")
	root := flag.String("root", "", "root of the module; default: the nearest folder with a go.mod")
	flag.Parse()
	if err := run(*root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "schemagen:", err)
		os.Exit(1)
	}
}

func run(root string, check bool) error {
	if root == "" {
		var err error
		if root, err = moduleRoot(); err != nil {
			return err
		}
	}
	files, err := Generate(filepath.Join(root, "schema"))
	if err != nil {
		return err
	}
	for name, want := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		got, err := os.ReadFile(path)
		if err == nil && bytes.Equal(got, want) {
			continue
		}
		if check {
			return fmt.Errorf("%s is out of date: run go generate ./schema", name)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, want, 0o666); err != nil {
			return err
		}
	}
	return nil
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod in this folder or above it")
		}
		dir = up
	}
}

// Generate reads the CUE files in dir and returns the generated files, by their
// path under the module's root.
func Generate(dir string) (map[string][]byte, error) {
	m, err := load(dir)
	if err != nil {
		return nil, err
	}
	if err := evaluate(dir, m); err != nil {
		return nil, err
	}
	if m.sum, err = checksum(dir); err != nil {
		return nil, err
	}
	table, err := emit(m)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"schema/table_gen.go": table}, nil
}

// checksum is a hash of the CUE files, by which a test knows without CUE whether
// the table is up to date.
func checksum(dir string) (string, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.cue"))
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s\n%d\n%s", filepath.Base(name), len(text), text)
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}
