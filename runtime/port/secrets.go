package port

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/value"
)

// Environment is the SecretStore that reads environment variables.
type Environment struct {
	// Lookup stands in for os.LookupEnv if it is not nil.
	Lookup func(name string) (string, bool)
}

// Secret is the value of the environment variable name.
func (e Environment) Secret(_ context.Context, name string) (string, error) {
	lookup := e.Lookup
	if lookup == nil {
		lookup = os.LookupEnv
	}
	if text, ok := lookup(name); ok && text != "" {
		return text, nil
	}
	return "", fmt.Errorf("the secret %s is not set", name)
}

// MinSecret is the length in bytes from which the text of a secret is looked for
// and removed; a shorter one would hide ordinary text everywhere.
const MinSecret = 4

// Secrets resolves the secrets of one run and knows their texts, so that they can
// be removed from everything that leaves the ports. It is safe for concurrent
// use.
type Secrets struct {
	store SecretStore

	mu    sync.RWMutex
	known map[string]string // name → text
	texts []string          // the longest first
}

// NewSecrets resolves from store.
func NewSecrets(store SecretStore) *Secrets {
	return &Secrets{store: store, known: make(map[string]string)}
}

// Resolve is the text of the secret called name.
func (s *Secrets) Resolve(ctx context.Context, name string) (string, error) {
	s.mu.RLock()
	text, ok := s.known[name]
	s.mu.RUnlock()
	if ok {
		return text, nil
	}
	text, err := s.store.Secret(ctx, name)
	if err != nil {
		return "", &Error{Class: ClassInvalidInput, Message: OneLine(err.Error()), Definite: true,
			Help: "set it where the run's secrets come from, by default the environment"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[name] = text
	s.texts = s.texts[:0]
	seen := map[string]bool{}
	for _, t := range s.known {
		// Its parts on lines of their own count too: a key in PEM form.
		for _, part := range append([]string{t}, strings.Split(t, "\n")...) {
			part = strings.TrimSpace(part)
			// Quoted in JSON and in an address it looks otherwise.
			quoted, err := value.AppendJSON(nil, value.String(part))
			if err != nil {
				quoted = []byte(`""`)
			}
			for _, form := range []string{part, string(quoted[1 : len(quoted)-1]), url.QueryEscape(part)} {
				if len(form) >= MinSecret && !seen[form] {
					seen[form] = true
					s.texts = append(s.texts, form)
				}
			}
		}
	}
	sort.Slice(s.texts, func(i, j int) bool {
		if len(s.texts[i]) != len(s.texts[j]) {
			return len(s.texts[i]) > len(s.texts[j])
		}
		return s.texts[i] < s.texts[j]
	})
	return text, nil
}

// redacted stands for a secret's text.
const redacted = "[secret]"

func (s *Secrets) list() []string {
	if s == nil {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return append([]string(nil), s.texts...)
}

// Empty reports whether no secret is known.
func (s *Secrets) Empty() bool {
	if s == nil {
		return true
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.texts) == 0
}

// RedactText is text without the texts of secrets.
func (s *Secrets) RedactText(text string) string {
	if s.Empty() {
		return text
	}
	return redactText(text, s.list())
}

func redactText(text string, secrets []string) string {
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			text = strings.ReplaceAll(text, secret, redacted)
		}
	}
	return text
}

// Redact is v without the texts of secrets, in its keys too. What holds none is
// returned as it is, without a copy.
func (s *Secrets) Redact(v value.Value) value.Value {
	if s.Empty() {
		return v
	}
	secrets := s.list()
	out, _, err := mapTexts(v, func(v value.Value) (value.Value, bool, error) {
		if text, ok := v.AsString(); ok {
			if clean := redactText(text, secrets); clean != text {
				return value.String(clean), true, nil
			}
		}
		return v, false, nil
	})
	if err != nil { // keys and members of sets stay hashable, so this cannot be
		return value.String(redacted)
	}
	return out
}

// Substitute is v with the texts of secrets in place of references to them. The
// result must go nowhere but into an adapter or function.
func (s *Secrets) Substitute(ctx context.Context, v value.Value) (value.Value, error) {
	out, _, err := mapTexts(v, func(v value.Value) (value.Value, bool, error) {
		parts, ok := v.SecretParts()
		if !ok {
			return v, false, nil
		}
		var whole strings.Builder
		for _, p := range parts {
			text := p.Text
			if text == "" {
				var err error
				if text, err = s.Resolve(ctx, p.Secret); err != nil {
					return v, false, err
				}
			}
			whole.WriteString(text)
		}
		return value.String(whole.String()), true, nil
	})
	return out, err
}

// Names are the secrets that v refers to, in order, each once.
func Names(v value.Value) []string {
	var names []string
	seen := map[string]bool{}
	// The function changes nothing, so that there is nothing to fail.
	_, _, _ = mapTexts(v, func(v value.Value) (value.Value, bool, error) {
		parts, _ := v.SecretParts()
		for _, p := range parts {
			if p.Text == "" && !seen[p.Secret] {
				seen[p.Secret] = true
				names = append(names, p.Secret)
			}
		}
		return v, false, nil
	})
	return names
}

// mapTexts replaces the texts and secrets in v, keys included, by what f makes of
// them; f reports whether it changed something. Parts that f leaves alone are
// shared with v.
func mapTexts(v value.Value, f func(value.Value) (value.Value, bool, error)) (out value.Value, changed bool, err error) {
	switch v.Kind() {
	case value.KindString, value.KindSecret:
		return f(v)
	case value.KindList, value.KindTuple, value.KindSet:
		return mapItems(v, f)
	case value.KindObject:
		return mapObject(v, f)
	}
	return v, false, nil
}

func mapItems(v value.Value, f func(value.Value) (value.Value, bool, error)) (value.Value, bool, error) {
	old := v.Items()
	var items []value.Value // nil while nothing changed
	for i, item := range old {
		x, changed, err := mapTexts(item, f)
		if err != nil {
			return value.Null, false, err
		}
		if items == nil && changed {
			items = append(make([]value.Value, 0, len(old)), old[:i]...)
		}
		if items != nil {
			items = append(items, x)
		}
	}
	switch {
	case items == nil:
		return v, false, nil
	case v.Kind() == value.KindTuple:
		return value.Tuple(items), true, nil
	case v.Kind() == value.KindSet:
		set, err := value.Set(items)
		return set, true, err
	}
	return value.List(items), true, nil
}

func mapObject(v value.Value, f func(value.Value) (value.Value, bool, error)) (value.Value, bool, error) {
	old, _ := v.Object()
	var obj *value.Object // nil while nothing changed
	for i := range old.Len() {
		key, item := old.At(i)
		k, keyChanged, err := mapTexts(key, f)
		if err != nil {
			return value.Null, false, err
		}
		x, changed, err := mapTexts(item, f)
		if err != nil {
			return value.Null, false, err
		}
		if obj == nil && (changed || keyChanged) {
			obj = value.NewObject(old.Len())
			for j := range i {
				kj, vj := old.At(j)
				if err := obj.SetKey(kj, vj); err != nil {
					return value.Null, false, err
				}
			}
		}
		if obj != nil {
			if err := obj.SetKey(k, x); err != nil {
				return value.Null, false, err
			}
		}
	}
	if obj == nil {
		return v, false, nil
	}
	return obj.Value(), true, nil
}

// StreamRedactor removes the texts of secrets from a text that comes in parts: it
// holds back the end that could be the start of one. It is used by one goroutine.
type StreamRedactor struct {
	secrets *Secrets
	to      func(string)
	rest    string
}

// RedactStream passes clean parts on to to; Flush must follow the last one.
func (s *Secrets) RedactStream(to func(string)) *StreamRedactor {
	return &StreamRedactor{secrets: s, to: to}
}

// Write takes the next part.
func (r *StreamRedactor) Write(part string) {
	secrets := r.secrets.list()
	if len(secrets) == 0 && r.rest == "" {
		r.to(part)
		return
	}
	text := redactText(r.rest+part, secrets)
	keep := 0
	for _, secret := range secrets {
		for n := min(len(secret)-1, len(text)); n > keep; n-- {
			if strings.HasSuffix(text, secret[:n]) {
				keep = n
				break
			}
		}
	}
	for keep < len(text) && keep > 0 && !utf8.RuneStart(text[len(text)-keep]) {
		keep++
	}
	if out := text[:len(text)-keep]; out != "" {
		r.to(out)
	}
	r.rest = text[len(text)-keep:]
}

// Flush passes on what was held back.
func (r *StreamRedactor) Flush() {
	if r.rest != "" {
		r.to(r.rest)
		r.rest = ""
	}
}
