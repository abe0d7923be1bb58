package schema

import (
	"strconv"
	"strings"
	"time"
)

// durationUnits are the units of a duration, longest name first.
var durationUnits = [...]struct {
	name string
	unit time.Duration
}{
	{"ms", time.Millisecond},
	{"s", time.Second},
	{"m", time.Minute},
	{"h", time.Hour},
	{"d", 24 * time.Hour},
	{"w", 7 * 24 * time.Hour},
}

// ParseDuration reads a duration that has units: `30s`, `5m`, `1d12h`, `500ms`,
// `1.5h`. ok is false for other texts, a number without unit included, and for
// durations that do not fit (292 years).
func ParseDuration(s string) (d time.Duration, ok bool) {
	if s == "" {
		return 0, false
	}
	total := 0.0
	for s != "" {
		digits := strings.TrimLeft(s, "0123456789")
		n := len(s) - len(digits)
		if n == 0 {
			return 0, false
		}
		if digits != "" && digits[0] == '.' {
			rest := strings.TrimLeft(digits[1:], "0123456789")
			if len(rest) == len(digits)-1 {
				return 0, false
			}
			n = len(s) - len(rest)
		}
		x, err := strconv.ParseFloat(s[:n], 64)
		if err != nil {
			return 0, false
		}
		s = s[n:]
		found := false
		for _, u := range durationUnits {
			rest, has := strings.CutPrefix(s, u.name)
			if !has {
				continue
			}
			s, found = rest, true
			total += x * float64(u.unit)
			break
		}
		if !found {
			return 0, false
		}
	}
	if total > float64(1<<63-1024) {
		return 0, false
	}
	return time.Duration(total), true
}
