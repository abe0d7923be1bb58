// Command hexc-adapters has the adapters whose libraries are too heavy for hexc.
// hexc starts it when a run needs one and speaks to it over its standard input and
// output; package outboard has the protocol.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"hexdag.dev/hexdag/runtime/adapter/outboard"
	"hexdag.dev/hexdag/runtime/adapter/providers"
	"hexdag.dev/hexdag/runtime/port"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Fprintf(os.Stderr, "%s has the adapters of hexc, which starts it; it takes no arguments\n", outboard.Name)
		os.Exit(2)
	}
	// An interrupt at the terminal is for hexc, which ends this program by the end of
	// its input.
	signal.Ignore(os.Interrupt)
	registry := new(port.Registry)
	providers.Register(registry)
	if err := outboard.Serve(context.Background(), os.Stdin, os.Stdout, registry); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", outboard.Name, err)
		os.Exit(1)
	}
}
