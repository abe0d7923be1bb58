//go:build unix

package discover

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAPipeIsNotOpened would hang if it were.
func TestAPipeIsNotOpened(t *testing.T) {
	root := tree(t, map[string]string{"a.yaml": manifest})
	if err := syscall.Mkfifo(filepath.Join(root, "pipe.yaml"), 0o644); err != nil {
		t.Skip("this file system has no named pipes: ", err)
	}
	if d := cmp.Diff([]string{"a.yaml"}, found(t, root)); d != "" {
		t.Error(d)
	}
}
