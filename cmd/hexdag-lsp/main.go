// Command hexdag-lsp is the language server of hexDAG on standard input and
// output. `hexc lsp` starts the same server.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"hexdag.dev/hexdag/lang/lsp"
)

func main() {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		version = info.Main.Version[1:]
	}
	for _, arg := range os.Args[1:] {
		switch arg {
		case "--stdio", "-stdio": // what editors add by habit
		case "--version", "-version":
			fmt.Println("hexdag-lsp", version)
			return
		case "--help", "-help", "-h":
			fmt.Println("usage: hexdag-lsp [--stdio]\n\nSpeaks the Language Server Protocol on standard input and output.")
			return
		default:
			fmt.Fprintf(os.Stderr, "hexdag-lsp: unknown argument %q; it speaks the Language Server Protocol on standard input and output\n", arg)
			os.Exit(2)
		}
	}
	os.Exit(lsp.Serve(context.Background(), os.Stdin, os.Stdout, lsp.Options{
		Version: version,
		Lookup:  os.LookupEnv,
		Log:     os.Stderr,
	}))
}
