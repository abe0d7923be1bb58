package outboard

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"hexdag.dev/hexdag/runtime/port"
	"hexdag.dev/hexdag/runtime/subprocess"
)

// Adapters are the names of the adapters that hexc-adapters has, and Schemes the
// function schemes.
var (
	Adapters = []string{"anthropic", "http", "mcp", "ollama", "openai", "postgres", "smtp", "webhook"}
	Schemes  = []string{"http"}
)

// Name is the program's name.
const Name = "hexc-adapters"

// Variable names the program in the environment.
const Variable = "HEXDAG_ADAPTERS"

// Register puts the adapters and schemes of hexc-adapters into a registry. Nothing
// is started before a run needs one.
func Register(r *port.Registry) *Program {
	p := &Program{Find: Find}
	for _, name := range Adapters {
		r.AddAdapter(name, p.Factory(name))
	}
	for _, scheme := range Schemes {
		r.AddHost(scheme, p.Host(scheme))
	}
	return p
}

// Find is the command for hexc-adapters: what HEXDAG_ADAPTERS names, else the
// program beside this one, else the one on PATH.
func Find() (subprocess.Command, error) {
	if path := os.Getenv(Variable); path != "" {
		return subprocess.Command{Path: path}, nil
	}
	name := Name
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if own, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(own), name)
		if info, err := os.Stat(beside); err == nil && !info.IsDir() {
			return subprocess.Command{Path: beside}, nil
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return subprocess.Command{Path: path}, nil
	}
	return subprocess.Command{}, fmt.Errorf("the program %s, which has this adapter, is not there", Name)
}
