package compile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"hexdag.dev/hexdag/lang/expand"
	"hexdag.dev/hexdag/lang/source"
)

// expansion is what the files of the workspace may include.
func (w *Workspace) expansion() expand.Options {
	return expand.Options{Load: w.include, Names: w.names, Lookup: w.opt.Lookup}
}

// resolve is the path in the file system of a file that a manifest names by its
// path relative to the root, symbolic links followed. It must be inside the root.
// A file that only an editor has is at the path that it was given.
func (w *Workspace) resolve(name string) (string, error) {
	clean := path.Clean(name)
	if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") {
		return "", expand.ErrOutside
	}
	full := filepath.Join(w.root, filepath.FromSlash(clean))
	real, err := filepath.EvalSymlinks(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// The folder may still be a link to the outside.
		real = full
		if dir, err := filepath.EvalSymlinks(filepath.Dir(full)); err == nil {
			real = filepath.Join(dir, filepath.Base(full))
		}
	case errors.Is(err, fs.ErrPermission):
		return "", fs.ErrPermission
	case err != nil:
		return "", errors.New("its symbolic links lead nowhere")
	}
	if rel, err := filepath.Rel(w.root, real); err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", expand.ErrOutside
	}
	return real, nil
}

// include reads an included file; see expand.Options.Load.
func (w *Workspace) include(name string) (*source.File, error) {
	real, err := w.resolve(name)
	if err != nil {
		return nil, err
	}
	data, err := w.read(real)
	var large *TooLargeError
	switch {
	case errors.As(err, &large):
		return nil, fmt.Errorf("it is %d bytes long; the limit is %d", large.Size, MaxFile)
	case err != nil:
		return nil, err
	case len(data) > MaxFile:
		return nil, fmt.Errorf("it is %d bytes long; the limit is %d", len(data), MaxFile)
	}
	return source.NewNamed(w.display(real), w.inside(real), data), nil
}

// read reads a file that a manifest names. What is no ordinary file is not
// opened: a pipe would wait for somebody to write.
func (w *Workspace) read(real string) ([]byte, error) {
	if info, err := os.Stat(real); err == nil {
		switch {
		case info.IsDir():
			return nil, expand.ErrDirectory
		case !info.Mode().IsRegular():
			return nil, errors.New("it is no regular file")
		}
	}
	return w.opt.ReadFile(real)
}

// maxNames is how many names of a folder suggestions look at.
const maxNames = 2000

// names lists a folder of the workspace.
func (w *Workspace) names(dir string) []string {
	real, err := w.resolve(dir)
	if err != nil {
		return nil
	}
	f, err := os.Open(real)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(maxNames)
	return names
}
