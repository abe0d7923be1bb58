package lsp

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestNeovim runs the server in a real editor: Neovim, without a screen, edits a
// manifest as testdata/neovim.lua says. The server is this test program, see
// TestMain.
func TestNeovim(t *testing.T) {
	nvim, err := exec.LookPath("nvim")
	if err != nil {
		if os.Getenv("HEXDAG_NEOVIM") == "required" {
			t.Fatal("nvim is not on the PATH, and HEXDAG_NEOVIM says that it must be")
		}
		t.Skip("nvim is not on the PATH: install Neovim to run this test")
	}
	server, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(pipeline, "{{ first.rows }}", "{{ first.rowz }}", 1)
	if err := os.WriteFile(filepath.Join(root, "p.yaml"), []byte(broken), 0o644); err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs(filepath.Join("testdata", "neovim.lua"))
	if err != nil {
		t.Fatal(err)
	}
	config, err := filepath.Abs(filepath.Join("..", "..", "editors", "neovim", "lsp", "hexdag.lua"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, nvim, "--headless", "--clean", "-n", "-c", "luafile "+script)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "HEXDAG_TEST_SERVER="+server, "HEXDAG_TEST_ROOT="+root, "HEXDAG_TEST_CONFIG="+config, "HOME="+root, "XDG_STATE_HOME="+root, "XDG_CACHE_HOME="+root)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil || !strings.Contains(out.String(), "all is well") {
		t.Fatalf("%v\n%s", err, out.String())
	}
}
