// Command referencegen writes docs/reference from package schema. It runs after
// schemagen, whose table it is built with. It takes the module's root as its
// argument, and knows no flags; a page that no longer exists is removed.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"hexdag.dev/hexdag/schema"
)

func main() {
	root := filepath.Join("..")
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	if err := write(filepath.Join(root, "docs", "reference")); err != nil {
		fmt.Fprintln(os.Stderr, "referencegen:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	pages := schema.Pages()
	old, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range old {
		if _, ok := pages[e.Name()]; ok || !strings.HasSuffix(e.Name(), ".md") {
			continue
		}
		path := filepath.Join(dir, e.Name())
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(string(text), schema.PageHead) {
			continue // another generator's
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}
