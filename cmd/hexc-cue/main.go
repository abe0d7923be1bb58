// Command hexc-cue judges documents by policies for `hexc check --policy`. It is
// found beside hexc or on PATH and spoken to over its standard input and output;
// see package orgpolicy for the protocol. It is a program of its own because
// linking CUE would cost every start of hexc more than all of its other work.
package main

import (
	"fmt"
	"os"

	"hexdag.dev/hexdag/internal/cueeval"
)

func main() {
	if len(os.Args) != 2 || os.Args[1] != "serve" {
		fmt.Fprintln(os.Stderr, "hexc-cue: this program serves `hexc check --policy FILE`; it is not called by hand")
		os.Exit(2)
	}
	if err := cueeval.Serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "hexc-cue:", err)
		os.Exit(1)
	}
}
