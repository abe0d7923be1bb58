package source_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"hexdag.dev/hexdag/lang/source"
)

func TestReadGivesTheBytes(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []int{0, 1, 4095, 4096, 4097, 70_000} {
		path := filepath.Join(dir, "f")
		want := bytes.Repeat([]byte("x"), n)
		if err := os.WriteFile(path, want, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, buf := range [][]byte{nil, make([]byte, 0, 10), make([]byte, 4096), make([]byte, 1<<17)} {
			got, err := source.Read(path, buf, 1<<20)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes into %d: got %d bytes, %v", n, cap(buf), len(got), err)
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, make([]byte, 101), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := source.Read(path, nil, 101); err != nil {
		t.Errorf("a file of exactly the limit: %v", err)
	}
	var size *source.SizeError
	if _, err := source.Read(path, nil, 100); !errors.As(err, &size) || size.Size != 101 {
		t.Errorf("a file over the limit: %v", err)
	}
	if _, err := source.Read(dir, nil, 100); err == nil {
		t.Error("a folder was read")
	}
	if _, err := source.Read(filepath.Join(dir, "none"), nil, 100); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// Files of /proc say that they are empty and give their text in pieces.
func TestReadFileWithoutSize(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	want, err := os.ReadFile("/proc/self/limits")
	if err != nil {
		t.Skip("needs /proc")
	}
	got, err := source.Read("/proc/self/limits", make([]byte, 0, 16), 1<<20)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %d of %d bytes, %v", len(got), len(want), err)
	}
}
