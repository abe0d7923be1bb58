package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"hexdag.dev/hexdag/internal/discover"
	"hexdag.dev/hexdag/lang/suggest"
)

// Manifests turns path arguments into the files to work on: files as they are,
// folders as the manifests below them, nothing as the working directory. Paths
// are relative to the working directory, with forward slashes, each once, in
// the order of the arguments.
//
// The error is about arguments that make the whole command pointless. What else
// could not be read is reported on Err, and ok is false then: the command goes
// on with the rest and ends with status Usage.
func (a *App) Manifests(args []string) (paths []string, ok bool, err error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	ok = true
	seen := map[string]bool{}
	add := func(path string) {
		if path = Relative(path); !seen[path] {
			seen[path] = true
			paths = append(paths, path)
		}
	}
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, false, Missing(arg, err)
		}
		if !info.IsDir() {
			if err := readable(arg); err != nil {
				return nil, false, err
			}
			add(arg)
			continue
		}
		found := discover.Manifests(arg)
		for _, err := range found.Errors {
			ok = false
			a.Problem(err)
		}
		if len(found.Paths) == 0 {
			a.Note("no manifests under %s: no .yaml or .yml file there declares a hexDAG kind", arg)
		}
		for _, p := range found.Paths {
			add(p)
		}
	}
	return paths, ok, nil
}

// File checks that path is a readable file, for commands that work on one.
func File(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return Missing(path, err)
	}
	if info.IsDir() {
		return Usagef("%s is a folder", path).Or("name one file in it")
	}
	return readable(path)
}

func readable(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// Missing explains why path can't be looked at, and names a neighbour with a
// similar name.
func Missing(path string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	e := Usagef("%s does not exist", path)
	dir, name := filepath.Split(path)
	entries, readErr := os.ReadDir(filepath.Clean(dir + "."))
	if readErr != nil {
		return e.Or("there is no folder %s", filepath.Clean(dir))
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if near := suggest.Best(name, names); near != "" {
		return e.Or("%s", fmt.Sprintf("did you mean %s?", dir+near))
	}
	return e.Or("check the spelling and the working directory")
}

// Relative is path as findings show it: relative to the working directory, with
// forward slashes.
func Relative(path string) string {
	if filepath.IsAbs(path) {
		wd, err := os.Getwd()
		if err != nil {
			return filepath.ToSlash(path)
		}
		rel, err := filepath.Rel(wd, path)
		if err != nil {
			return filepath.ToSlash(path)
		}
		path = rel
	}
	return strings.TrimPrefix(filepath.ToSlash(filepath.Clean(path)), "./")
}
