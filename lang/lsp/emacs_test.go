package lsp

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestEmacs runs the server in Emacs, as editors/emacs/hexdag.el sets it up:
// testdata/emacs.el edits a manifest. The server is this test program, see
// TestMain, under the name that the configuration calls.
func TestEmacs(t *testing.T) {
	emacs, err := exec.LookPath("emacs")
	if err != nil {
		t.Skip("emacs is not on the PATH: install Emacs 29, or an older one with eglot and yaml-mode, to run this test")
	}
	server, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(server, filepath.Join(root, "bin", "hexdag-lsp")); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	broken := strings.Replace(pipeline, "{{ first.rows }}", "{{ first.rowz }}", 1)
	if err := os.WriteFile(filepath.Join(root, "p.yaml"), []byte(broken), 0o644); err != nil {
		t.Fatal(err)
	}
	abs := func(parts ...string) string {
		path, err := filepath.Abs(filepath.Join(parts...))
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, emacs, "--batch", "-Q", "-l", abs("testdata", "emacs.el"))
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "HEXDAG_LSP_SERVE=1", "HEXDAG_TEST_ROOT="+root, "HEXDAG_TEST_CONFIG="+abs("..", "..", "editors", "emacs", "hexdag.el"),
		"HOME="+root, "PATH="+filepath.Join(root, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 3 {
		t.Skip("this Emacs has no eglot and yaml-mode")
	}
	if err != nil || !strings.Contains(out.String(), "all is well") {
		t.Fatalf("%v\n%s", err, out.String())
	}
}
