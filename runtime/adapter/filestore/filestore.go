// Package filestore is a store of one file for each key: the adapter "file_memory"
// of the ports memory and data_store.
//
// # Configuration
//
//	path   the folder, below the working directory; base_path means the same
//
// A file is named after the hash of its key and holds JSON: the key, the value, and
// when it expires. It is replaced as a whole, so that a crash leaves the old value
// or the new one.
//
// Invariants: nothing outside of the working directory is read or written, not even
// through symbolic links; files are readable by their owner only.
package filestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// Name is the adapter's canonical name.
const Name = "file_memory"

// New is the port.Factory of the adapter.
func New(_ context.Context, spec port.Spec) (port.Adapter, error) {
	c := port.ReadConfig(spec)
	path := c.Text("path", "base_path")
	if path == "" {
		c.Faultf("\"path\" is missing: the folder of the files")
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	dir, err := Below(path)
	if err != nil {
		return nil, port.Errorf(port.ClassInvalidInput, "port %q cannot use the folder %q: %s", spec.Port, path, reason(err))
	}
	return &Store{dir: dir, now: time.Now}, nil
}

// Below opens a folder below the working directory, and makes it if it is not there.
func Below(path string) (*os.Root, error) {
	cwd, err := os.OpenRoot(".")
	if err != nil {
		return nil, err
	}
	defer cwd.Close()
	if err := cwd.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	return cwd.OpenRoot(path)
}

func reason(err error) string {
	var e *fs.PathError
	if errors.As(err, &e) {
		err = e.Err
	}
	return port.OneLine(err.Error())
}

// Store keeps values in files. It is safe for concurrent use, also by several
// processes.
type Store struct {
	dir  *os.Root
	now  func() time.Time
	temp atomic.Uint64
}

type document struct {
	Key     string          `json:"key"`
	Value   json.RawMessage `json:"value"`
	Expires int64           `json:"expires,omitempty"` // nanoseconds since 1970
}

// Class is port.Write.
func (s *Store) Class() port.Class { return port.Write }

// Close closes the folder.
func (s *Store) Close(context.Context) error { return s.dir.Close() }

func name(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:]) + ".json"
}

func failure(what string, err error) error {
	return &port.Error{Class: "storage", Retryable: true, Message: fmt.Sprintf("the file store cannot %s: %s", what, reason(err))}
}

// read is the document in a file; nil if there is none or it has expired.
func (s *Store) read(file string) (*document, error) {
	text, err := s.dir.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, failure("read", err)
	}
	var d document
	if err := json.Unmarshal(text, &d); err != nil || d.Value == nil {
		return nil, port.Errorf(port.ClassInvalidOutput, "the file %s of the file store is damaged", file)
	}
	if d.Expires != 0 && s.now().UnixNano() >= d.Expires {
		return nil, nil
	}
	return &d, nil
}

// Get is the value under key.
func (s *Store) Get(_ context.Context, key string) (value.Value, bool, error) {
	if err := port.CheckKey(key); err != nil {
		return value.Null, false, err
	}
	d, err := s.read(name(key))
	if d == nil || err != nil {
		return value.Null, false, err
	}
	v, err := value.ParseJSON(d.Value, value.JSONLimits{})
	if err != nil {
		return value.Null, false, port.Errorf(port.ClassInvalidOutput, "the value under %.40q is damaged", key)
	}
	return v, true, nil
}

// Set puts v under key.
func (s *Store) Set(_ context.Context, key string, v value.Value, ttl time.Duration) error {
	if err := port.CheckKey(key); err != nil {
		return err
	}
	text, err := value.AppendJSON(nil, v)
	if err != nil {
		return port.Errorf(port.ClassInvalidInput, "the value under %.40q has no JSON: %s", key, err)
	}
	d := document{Key: key, Value: text}
	if ttl > 0 {
		d.Expires = s.now().Add(ttl).UnixNano()
	}
	out, err := json.Marshal(d)
	if err != nil {
		return port.Errorf(port.ClassInvalidInput, "the value under %.40q has no JSON: %s", key, err)
	}
	temp := fmt.Sprintf("%s.%d-%s.tmp", name(key), os.Getpid(), strconv.FormatUint(s.temp.Add(1), 36))
	if err := s.dir.WriteFile(temp, out, 0o600); err != nil {
		return failure("write", err)
	}
	if err := s.dir.Rename(temp, name(key)); err != nil {
		return errors.Join(failure("write", err), s.dir.Remove(temp))
	}
	return nil
}

// Delete removes what is under key.
func (s *Store) Delete(_ context.Context, key string) (bool, error) {
	if err := port.CheckKey(key); err != nil {
		return false, err
	}
	d, err := s.read(name(key))
	if err != nil {
		return false, err
	}
	if err := s.dir.Remove(name(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, failure("delete", err)
	}
	return d != nil, nil
}

// Keys are the keys that start with prefix. It reads every file.
func (s *Store) Keys(ctx context.Context, prefix string) ([]string, error) {
	entries, err := fs.ReadDir(s.dir.FS(), ".")
	if err != nil {
		return nil, failure("list", err)
	}
	keys := []string{}
	for _, e := range entries {
		if ctx.Err() != nil {
			return nil, port.AsError(ctx.Err())
		}
		if !strings.HasSuffix(e.Name(), ".json") || len(e.Name()) != 64+5 {
			continue
		}
		d, err := s.read(e.Name())
		if err != nil {
			return nil, err
		}
		if d != nil && strings.HasPrefix(d.Key, prefix) {
			if len(keys) == port.MaxKeys {
				return nil, port.Errorf(port.ClassInvalidOutput, "more than %d keys start with %.40q", port.MaxKeys, prefix)
			}
			keys = append(keys, d.Key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}
