package main

import (
	"os"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/expr"
)

// TestPageIsCurrent compares the page in docs with what would be written now.
func TestPageIsCurrent(t *testing.T) {
	grammar, err := os.ReadFile("../../lang/expr/grammar.txt")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/reference/expressions.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != page(string(grammar)) {
		t.Error("docs/reference/expressions.md is not up to date: run `make generate`")
	}
}

// TestTablesAreWhole: every row of a table has as many cells as its head.
func TestTablesAreWhole(t *testing.T) {
	columns := 0
	for i, line := range strings.Split(page(""), "\n") {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if columns == 0 {
			columns = n
		}
		if n != columns {
			t.Errorf("line %d has %d bars, its table %d: %s", i+1, n, columns, line)
		}
	}
}

// TestBoundsAreThose of package expr that the prose names.
func TestBoundsAreThose(t *testing.T) {
	if expr.DefaultMaxSteps != 5_000_000 || expr.DefaultMaxBytes != 256<<20 || expr.DefaultMaxText != 16<<20 || expr.MaxDepth != 400 {
		t.Error("the section on bounds names other numbers")
	}
}
