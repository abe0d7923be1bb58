// Command hexc compiles, checks, formats, explains and runs hexDAG manifests.
//
// Each command has a file of its own that turns flags and arguments into calls
// of the packages under lang and runtime and shows what they answer; there is no
// logic of the language here. internal/cli holds what the commands share.
package main

import (
	"os"

	"hexdag.dev/hexdag/internal/cli"
)

func main() {
	if status, done := handOver(os.Args[1:]); done {
		os.Exit(status)
	}
	a := cli.New()
	a.Version = version
	os.Exit(cli.Main(rootCommand(a), a, os.Args[1:]))
}
