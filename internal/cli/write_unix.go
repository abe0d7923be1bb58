//go:build !windows

package cli

import "github.com/google/renameio/v2"

// WriteFile writes a file as a whole or not at all. A file that is there keeps
// its permissions; a new one may be read by everybody.
func WriteFile(path string, data []byte) error {
	return renameio.WriteFile(path, data, 0o644, renameio.WithExistingPermissions())
}
