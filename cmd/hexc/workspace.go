package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/compile"
)

// workspace opens the workspace that the global flags describe.
func workspace(a *cli.App) (*compile.Workspace, error) { return workspaceOver(a, nil) }

// workspaceOver is workspace with another way to read files; nil is the file
// system.
func workspaceOver(a *cli.App, read func(string) ([]byte, error)) (*compile.Workspace, error) {
	for flag, dir := range map[string]string{"--root": a.Root} {
		if dir == "" {
			continue
		}
		info, err := os.Stat(dir)
		if err != nil {
			return nil, cli.Missing(dir, err)
		}
		if !info.IsDir() {
			return nil, cli.Usagef("%s is no folder", dir).Or("%s names the folder that holds the workspace", flag)
		}
	}
	if a.Config != "" {
		if err := cli.File(a.Config); err != nil {
			return nil, err
		}
	}
	opt := compile.Options{
		Root:   root(a),
		Config: a.Config,
		Env:    a.Env,
		Lookup: os.LookupEnv,

		ReadFile: read,
	}
	if read != nil {
		opt.IsFile = func(name string) bool {
			if info, err := os.Stat(name); err == nil {
				return !info.IsDir()
			}
			_, err := read(name) // one that is only there once it is written
			return err == nil
		}
	}
	return compile.New(opt)
}

// root is the workspace's folder: --root, else findRoot.
func root(a *cli.App) string {
	if a.Root != "" {
		return a.Root
	}
	return findRoot()
}

// findRoot is the nearest folder, from the working directory upwards, that has
// a hexdag.yaml or is the root of a repository; else the working directory.
func findRoot() string {
	wd, err := os.Getwd()
	if err != nil {
		return "."
	}
	for dir := wd; ; {
		for _, name := range []string{"hexdag.yaml", ".git"} {
			_, err := os.Lstat(filepath.Join(dir, name))
			if err == nil {
				return dir
			}
			if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
				return wd // not ours to look further
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return wd
		}
		dir = parent
	}
}
