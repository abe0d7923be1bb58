// Command diagdoc writes the reference of diagnostics to the file it is given.
package main

import (
	"fmt"
	"os"

	"hexdag.dev/hexdag/lang/diag"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: diagdoc FILE")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], []byte(diag.Reference()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "diagdoc:", err)
		os.Exit(1)
	}
}
