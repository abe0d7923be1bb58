//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// programs are the paths of what is measured.
type programs struct{ hexc, bare, actionlint string }

// bareSource is a program with one cobra command, which is what any program with
// commands costs at start.
const bareSource = `package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	root := &cobra.Command{Use: "bare"}
	root.AddCommand(&cobra.Command{Use: "version", Run: func(*cobra.Command, []string) { fmt.Println("bare 1") }})
	if root.Execute() != nil {
		os.Exit(1)
	}
}
`

// buildPrograms builds hexc and the bare program of this module's cobra into
// dir, both as the Makefile builds, and actionlint into bin/tools, where it stays.
func buildPrograms(dir string) (programs, error) {
	root, err := output("go", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return programs{}, err
	}
	p := programs{
		hexc:       filepath.Join(dir, "hexc"),
		bare:       filepath.Join(dir, "bare"),
		actionlint: filepath.Join(root, "bin", "tools", "actionlint"),
	}
	os.Setenv("CGO_ENABLED", "0") // as make builds
	if _, err := output("go", "build", "-trimpath", "-tags", "front", "-o", p.hexc, filepath.Join(root, "cmd", "hexc")); err != nil {
		return p, err
	}
	// The bare program has no folder in the module, so it is laid over it.
	source := filepath.Join(dir, "bare.go")
	if err := os.WriteFile(source, []byte(bareSource), 0o600); err != nil {
		return p, err
	}
	overlay := filepath.Join(dir, "overlay.json")
	place := filepath.Join(root, "internal", "bench", "bare", "main.go")
	if err := os.WriteFile(overlay, fmt.Appendf(nil, `{"Replace": {%q: %q}}`, place, source), 0o600); err != nil {
		return p, err
	}
	if _, err := output("go", "build", "-trimpath", "-overlay", overlay, "-o", p.bare, filepath.Dir(place)); err != nil {
		return p, err
	}
	if _, err := os.Stat(p.actionlint); err == nil {
		return p, nil
	}
	cmd := exec.Command("go", "install", actionlint)
	cmd.Env = append(os.Environ(), "GOBIN="+filepath.Dir(p.actionlint), "GOFLAGS=", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return p, fmt.Errorf("actionlint can't be installed: %w\n%s", err, out)
	}
	return p, nil
}

func output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("%s %v: %w\n%s", name, args, err, failed.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}
