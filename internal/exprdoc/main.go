// Command exprdoc writes the reference of expressions and templates to the file
// it is given.
//
// Input: the tables of package expr, and its grammar, which is read from the
// module. Output: one Markdown page. A test holds the page to be up to date.
//
// The three hardest cases: vertical bars inside of code in tables; examples that
// are templates, whose braces some renderers take for their own; names of which
// the table holds several spellings.
package main

import (
	"fmt"
	"os"
)

//go:generate go run hexdag.dev/hexdag/internal/exprdoc ../../docs/reference/expressions.md ../../lang/expr/grammar.txt

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: exprdoc PAGE GRAMMAR")
		os.Exit(2)
	}
	grammar, err := os.ReadFile(os.Args[2])
	if err == nil {
		err = os.WriteFile(os.Args[1], []byte(page(string(grammar))), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "exprdoc:", err)
		os.Exit(1)
	}
}
