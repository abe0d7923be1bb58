package port

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"hexdag.dev/hexdag/lang/value"
)

// Config reads an adapter's configuration key by key and collects what is wrong
// with it. It is used by one goroutine.
type Config struct {
	where string // `port "llm"`
	obj   *value.Object
	known []string
	faults
}

type faults struct{ list []string }

func (f *faults) addf(format string, args ...any) {
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

// ReadConfig starts to read spec's configuration; null counts as {}.
func ReadConfig(spec Spec) *Config {
	c := &Config{where: fmt.Sprintf("port %q", spec.Port)}
	c.obj = c.object("its configuration", spec.Config)
	return c
}

func (c *Config) object(what string, v value.Value) *value.Object {
	if obj, ok := v.Object(); ok {
		return obj
	}
	if !v.IsNull() {
		c.addf("%s must be a mapping, not %s", what, v.TypeName())
	}
	return value.NewObject(0)
}

// Get is the value under the first of the names that is set; null counts as not
// set.
func (c *Config) Get(names ...string) (v value.Value, name string, ok bool) {
	c.known = append(c.known, names...)
	for _, n := range names {
		found, has := c.obj.Get(n)
		if !has || found.IsNull() {
			continue
		}
		if ok {
			c.addf("%q and %q mean the same; give one of them", name, n)
			break
		}
		v, name, ok = found, n, true
	}
	return v, name, ok
}

// Text is the text under the first of names that is set, else "".
func (c *Config) Text(names ...string) string {
	v, name, ok := c.Get(names...)
	if !ok {
		return ""
	}
	s, isText := v.AsString()
	if !isText {
		c.addf("%q must be text, not %s", name, v.TypeName())
	}
	return s
}

// Number is the number under the first of names that is set.
func (c *Config) Number(names ...string) (f float64, ok bool) {
	v, name, ok := c.Get(names...)
	if !ok {
		return 0, false
	}
	f, isNumber := number(v)
	if !isNumber {
		c.addf("%q must be a number, not %s", name, v.TypeName())
	}
	return f, isNumber
}

func number(v value.Value) (float64, bool) {
	if v.Kind() == value.KindBool {
		return 0, false
	}
	if f, ok := v.AsFloat(); ok {
		return f, true
	}
	if i, ok := v.AsInt(); ok {
		return float64(i), true
	}
	if v.Kind() == value.KindDecimal {
		if f, err := value.ToFloat(v); err == nil {
			return f.AsFloat()
		}
	}
	return 0, false
}

// Duration is the duration under the first of names that is set: a number is
// seconds, a text has units (30s, 5m, 1d12h). It is 0 when none is set.
func (c *Config) Duration(names ...string) time.Duration {
	v, name, ok := c.Get(names...)
	if !ok {
		return 0
	}
	d, err := ParseDuration(v)
	if err != nil {
		c.addf("%q %s", name, err)
	}
	return d
}

// Faultf adds something that is wrong with the configuration.
func (c *Config) Faultf(format string, args ...any) { c.addf(format, args...) }

// Err is nil if the configuration has only keys that were read, and all of them
// were right; else one error that tells everything that is wrong.
func (c *Config) Err() error {
	for i := range c.obj.Len() {
		key, _ := c.obj.At(i)
		name, _ := key.AsString()
		if !slices.Contains(c.known, name) {
			known := slices.Clone(c.known)
			slices.Sort(known)
			c.addf("%q is not a setting of this adapter (it has %s)", name, strings.Join(slices.Compact(known), ", "))
		}
	}
	if len(c.list) == 0 {
		return nil
	}
	return &Error{
		Class: ClassInvalidInput, Definite: true,
		Message: fmt.Sprintf("%s is configured wrongly: %s", c.where, strings.Join(c.list, "; ")),
	}
}

// ParseDuration reads a duration as manifests write it: a number of seconds, or
// a text of numbers with the units ms, s, m, h, d, such as "1d12h".
func ParseDuration(v value.Value) (time.Duration, error) {
	if f, ok := number(v); ok {
		return seconds(f)
	}
	s, ok := v.AsString()
	if !ok {
		return 0, fmt.Errorf("must be a number of seconds or a text such as \"1m30s\", not %s", v.TypeName())
	}
	text := strings.TrimSpace(s)
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return seconds(f)
	}
	fault := fmt.Errorf("is %.40q, which is no duration such as \"30s\" or \"1d12h\"", s)
	var total float64
	rest := text
	for rest != "" {
		n := 0
		for n < len(rest) && (rest[n] >= '0' && rest[n] <= '9' || rest[n] == '.') {
			n++
		}
		f, err := strconv.ParseFloat(rest[:n], 64)
		if err != nil {
			return 0, fault
		}
		rest = rest[n:]
		u := 0
		for u < len(rest) && (rest[u] >= 'a' && rest[u] <= 'z') {
			u++
		}
		scale, known := map[string]float64{"ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}[rest[:u]]
		if !known {
			return 0, fault
		}
		total += f * scale
		rest = strings.TrimLeft(rest[u:], " ")
	}
	if text == "" {
		return 0, fault
	}
	return seconds(total)
}

func seconds(f float64) (time.Duration, error) {
	if math.IsNaN(f) || f < 0 || f > math.MaxInt64/1e9 {
		return 0, fmt.Errorf("must be between 0 and 292 years")
	}
	return time.Duration(math.Round(f * 1e9)), nil
}
