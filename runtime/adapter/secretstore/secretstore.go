// Package secretstore holds stores of secrets beside the environment: a file, the
// keyring of the operating system, and several in a row.
//
// A host gives one to runtime.Options.Secrets:
//
//	secrets := secretstore.Chain{port.Environment{}, secretstore.Keyring{}}
//
// Invariants: a text is in no error; a file that others can read is refused.
package secretstore

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/zalando/go-keyring"

	"hexdag.dev/hexdag/runtime/port"
)

// Chain asks several stores, in order, and takes the first that has the secret.
type Chain []port.SecretStore

// Secret is the text behind name.
func (c Chain) Secret(ctx context.Context, name string) (string, error) {
	var errs []error
	for _, s := range c {
		text, err := s.Secret(ctx, name)
		if err == nil {
			return text, nil
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return "", fmt.Errorf("the secret %s is not set: there is no store of secrets", name)
	}
	return "", errors.Join(errs...)
}

// File reads secrets from a file of lines NAME=TEXT. Empty lines and those that
// start with # mean nothing; a text may stand in quotes. It is read once, when the
// first secret is asked for, and must be readable by its owner only.
type File struct {
	Path string

	once    sync.Once
	secrets map[string]string
	err     error
}

// Secret is the text behind name.
func (f *File) Secret(_ context.Context, name string) (string, error) {
	f.once.Do(f.read)
	if f.err != nil {
		return "", f.err
	}
	if text, ok := f.secrets[name]; ok && text != "" {
		return text, nil
	}
	return "", fmt.Errorf("the secret %s is not in the file of secrets", name)
}

func (f *File) read() {
	info, err := os.Stat(f.Path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		f.err = fmt.Errorf("the file of secrets can be read by others; chmod 600 it")
		return
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(f.Path)
	}
	if err != nil {
		f.err = errors.New("the file of secrets cannot be read")
		return
	}
	f.secrets = map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, text, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			f.err = fmt.Errorf("line %d of the file of secrets is not NAME=TEXT", n)
			return
		}
		text = strings.TrimSpace(text)
		if len(text) >= 2 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0] {
			text = text[1 : len(text)-1]
		}
		f.secrets[name] = text
	}
	if lines.Err() != nil {
		f.err = errors.New("the file of secrets has a line that is too long")
	}
}

// Keyring reads secrets from the keyring of the operating system.
type Keyring struct {
	// Service is the name under which they are kept, "" for "hexdag".
	Service string
}

// Secret is the text behind name.
func (k Keyring) Secret(ctx context.Context, name string) (string, error) {
	service := k.Service
	if service == "" {
		service = "hexdag"
	}
	type answer struct {
		text string
		err  error
	}
	// The keyring may ask its user and knows no context.
	done := make(chan answer, 1)
	go func() {
		text, err := keyring.Get(service, name)
		done <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-done:
		switch {
		case errors.Is(a.err, keyring.ErrNotFound) || a.err == nil && a.text == "":
			return "", fmt.Errorf("the secret %s is not in the keyring, under the service %q", name, service)
		case a.err != nil:
			return "", fmt.Errorf("the keyring cannot be used: %s", port.OneLine(a.err.Error()))
		}
		return a.text, nil
	}
}
